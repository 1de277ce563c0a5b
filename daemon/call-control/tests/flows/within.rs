//! What may be asked within a call, and how a call ends from either side, from both, and from the page.

use centrale_call_control::{Command, Outcome};
use centrale_sip::message::{HeaderName, Method};

use crate::bench::{Bench, Leg, OfficeText, Provider, Ua};
use crate::ended;

fn talking() -> (Bench, Leg, Leg) {
    let mut bench = Bench::new();
    let (anna, bram): (Ua, Ua) = (bench.phone("201"), bench.phone("202"));
    let (call, ring) = bench.connect(&anna, "202", &bram);
    (bench, call, ring)
}

#[test]
fn a_question_within_a_call_is_answered_and_changes_nothing() {
    let (mut bench, mut call, mut ring) = talking();
    for leg in [&mut call, &mut ring] {
        let options = leg.draft(&mut bench, "OPTIONS");
        let answer = leg.ask(&mut bench, &options);
        assert_eq!(answer.status.code(), 200);
        assert!(answer.headers.has_token(&HeaderName::Allow, "UPDATE"));
    }
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn what_is_not_spoken_within_a_call_is_refused_and_the_call_lives() {
    let (mut bench, mut call, mut ring) = talking();
    for (method, status) in [("MESSAGE", 405), ("SUBSCRIBE", 489), ("NOTIFY", 489), ("FROBNICATE", 405)] {
        let request = call.draft(&mut bench, method);
        assert_eq!(call.ask(&mut bench, &request).status.code(), status, "{method}");
    }
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn both_hang_up_at_once() {
    let (mut bench, mut call, mut ring) = talking();
    let crossing = ring.draft(&mut bench, "BYE");
    call.hang_up(&mut bench);
    let theirs = ring.take(&mut bench, &Method::BYE);
    let answer = ring.ask(&mut bench, &crossing);
    assert!([200, 481].contains(&answer.status.code()), "either lets the phone hang up");
    ring.asked = Some(theirs);
    ring.respond(&mut bench, 200, None);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_bye_before_the_answer_ends_the_call_like_a_cancel() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let ring = bram.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    let mut bye = call.draft(&mut bench, "BYE");
    bye.uri = format!("sip:202@{}", crate::bench::BOX);
    assert_eq!(call.ask(&mut bench, &bye).status.code(), 200);
    call.expect(&mut bench, 487);
    ring.expect_cancelled(&mut bench);
    assert_eq!(ended(bench), (Outcome::Abandoned, 487));
}

#[test]
fn an_answer_that_the_caller_never_acknowledges_is_hung_up_on_both_sides() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    bench.seconds(33);
    assert!(bench.resent >= 7, "the 200 was sent again, {} times", bench.resent);
    call.expect_bye(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Lost, 0));
}

#[test]
fn an_old_number_within_a_call_is_refused() {
    let (mut bench, mut call, mut ring) = talking();
    let options = call.draft(&mut bench, "OPTIONS");
    call.ask(&mut bench, &options);
    let old = call.draft(&mut bench, "OPTIONS").set("CSeq", "1 OPTIONS");
    assert_eq!(call.ua.ask(&mut bench, &old).status.code(), 500);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_request_within_no_call_is_told_so() {
    let (mut bench, mut call, mut ring) = talking();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    for method in ["BYE", "INVITE", "UPDATE", "INFO", "OPTIONS"] {
        let request = call.draft(&mut bench, method);
        if method == "INVITE" {
            call.reinvite_with(&mut bench, request);
            call.expect(&mut bench, 481);
        } else {
            assert_eq!(call.ask(&mut bench, &request).status.code(), 481, "{method}");
        }
    }
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn the_page_hangs_up_a_call_that_is_answered_and_one_that_rings() {
    let (mut bench, mut call, mut ring) = talking();
    let id = bench.exchange.snapshot(bench.now).calls[0].id.clone();
    bench.command(Command::HangUp { call: id });
    call.expect_bye(&mut bench);
    ring.expect_bye(&mut bench);
    let mut second = call.ua.call(&mut bench, "202");
    let ring = ring.ua.rung(&mut bench);
    ring.ring(&mut bench);
    second.expect(&mut bench, 180);
    let id = bench.exchange.snapshot(bench.now).calls[0].id.clone();
    bench.command(Command::HangUp { call: id });
    second.expect(&mut bench, 480);
    ring.expect_cancelled(&mut bench);
    bench.command(Command::HangUp { call: "no such call".into() });
    let outcomes: Vec<_> = bench.over().iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Answered, Outcome::Abandoned]);
}

#[test]
fn a_call_ends_when_one_of_its_people_leaves_the_office() {
    let (mut bench, mut call, mut ring) = talking();
    let without_bram = OfficeText::without_trunks().replace("\"201\", \"202\"", "\"201\"");
    let (before, after) = without_bram.split_once("[[person]]\nnumber = \"202\"").unwrap();
    let (_, after) = after.split_once("[[person]]").unwrap();
    bench.settle(&format!("{before}[[person]]{after}"));
    call.expect_bye(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_revision_that_does_not_concern_a_call_leaves_it_alone() {
    let (mut bench, mut call, mut ring) = talking();
    bench.settle(&OfficeText::without_trunks().replace("Chris", "Christine"));
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn b_26_a_change_of_a_call_leads_to_no_other_number_whoever_asks_for_it() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let calling = anna.call(&mut bench, "0612345678");
    let (mut call, mut ring) = bench.answered(calling, &provider.ua);
    for dear in ["09001234", "0053721234567"] {
        for end in [&mut call, &mut ring] {
            let sdp = end.sdp.clone();
            let mut draft = end.draft(&mut bench, "INVITE").sdp(&sdp);
            draft.uri = format!("sip:{dear}@192.168.1.10");
            end.reinvite_with(&mut bench, draft);
            end.expect(&mut bench, 200);
            end.ack(&mut bench);
        }
        bench.seconds(1);
        bench.quiet();
    }
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert!(record.to.ends_with("612345678"), "{record:?}");
}
