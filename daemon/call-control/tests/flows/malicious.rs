//! The code that marks the last call that came as malicious: during the call, after it, and when there is none.

use centrale_call_control::{CallRecord, Outcome};
use centrale_rtp::relay::Side;
use centrale_rtp::sound::Sound;

use crate::bench::{Bench, Leg, OFFICE, Provider, Ua};

const THREAT: &str = "+31612345678";

fn bench() -> (Bench, Provider, Ua, Ua) {
    let (mut bench, provider) = Bench::on_tuesday(OFFICE);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    (bench, provider, anna, bram)
}

/// Somebody outside calls a number of the office's.
fn call_in(bench: &mut Bench, provider: &Provider, number: &str, from: &str) -> Leg {
    let draft = provider.invite_draft(bench, number, from);
    Leg::calling(&provider.ua, bench, &draft)
}

/// A phone dials the code, is answered, hears a beep, and the box hangs up.
#[track_caller]
fn mark(bench: &mut Bench, phone: &Ua) {
    let mut mark = phone.call(bench, "*57");
    mark.expect(bench, 200);
    mark.ack(bench);
    assert!(bench.media.heard().contains(&(Side::Caller, Sound::Next)));
    bench.seconds(2);
    mark.expect_bye(bench);
}

/// The only mark among records, and the call that it names.
#[track_caller]
fn marked(records: &[CallRecord]) -> (&CallRecord, &CallRecord) {
    let mut marks = records.iter().filter(|record| record.marks.is_some());
    let (Some(mark), None) = (marks.next(), marks.next()) else { panic!("{records:?}") };
    let call = records.iter().find(|record| Some(&record.id) == mark.marks.as_ref());
    (mark, call.expect("the marked call is written down too"))
}

#[test]
fn a_007_a_call_can_be_marked_as_malicious_while_it_lasts_on_hold() {
    let (mut bench, provider, _anna, bram) = bench();
    let mut threat = call_in(&mut bench, &provider, "+31201234568", THREAT);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    threat.expect(&mut bench, 200);
    threat.ack(&mut bench);
    mark(&mut bench, &bram);
    threat.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.counted("calls_marked"), 1);
    let records = bench.over();
    let (mark, call) = marked(&records);
    assert_eq!((mark.from.as_str(), mark.to.as_str(), mark.outcome), ("202", "*57", Outcome::Answered));
    assert_eq!((call.from.as_str(), call.answered_by.as_deref()), (THREAT, Some("202")));
}

#[test]
fn a_095_the_code_marks_the_last_call_that_came_when_it_is_over_answered_or_not() {
    let (mut bench, provider, anna, bram) = bench();
    let mut earlier = bram.call(&mut bench, "201");
    let mut ring = anna.rung(&mut bench);
    ring.pick_up(&mut bench);
    earlier.expect(&mut bench, 200);
    earlier.ack(&mut bench);
    earlier.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let mut silent = call_in(&mut bench, &provider, "+31201234567", THREAT);
    let rings = [anna.rung(&mut bench), bram.rung(&mut bench)];
    silent.cancel(&mut bench);
    rings.iter().for_each(|ring| ring.expect_gone(&mut bench));
    silent.expect(&mut bench, 487);
    // What she calls herself afterwards is no call that came to her.
    let call = anna.call(&mut bench, "202");
    bench.given_up(call, &bram);
    mark(&mut bench, &anna);
    let records = bench.over();
    let (_, call) = marked(&records);
    assert_eq!((call.from.as_str(), call.outcome), (THREAT, Outcome::Abandoned));
}

#[test]
fn a_095_a_call_that_a_colleague_took_is_not_marked_and_with_none_the_code_says_so() {
    let (mut bench, provider, anna, bram) = bench();
    let mut call = call_in(&mut bench, &provider, "+31201234567", THREAT);
    let (anna_rings, mut ring) = (anna.rung(&mut bench), bram.rung(&mut bench));
    ring.pick_up(&mut bench);
    anna_rings.expect_gone(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    anna.call(&mut bench, "*57").expect(&mut bench, 404);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    anna.call(&mut bench, "*57").expect(&mut bench, 404);
    assert!(bench.over().iter().all(|record| record.marks.is_none()));
}

#[test]
fn a_095_who_has_a_number_next_cannot_mark_the_calls_of_who_had_it_before() {
    let (mut bench, provider, _anna, bram) = bench();
    let call = call_in(&mut bench, &provider, "+31201234568", THREAT);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    let mut call = call;
    call.expect(&mut bench, 486);
    let (before, after) = OFFICE.split_once("[[person]]\nnumber = \"202\"").unwrap();
    let rest = after.split_once("[[person]]").unwrap().1;
    let without = format!("{before}[[person]]{rest}").replace("to = \"202\"", "to = \"201\"");
    bench.settle(&without.replace(", \"202\"]", "]"));
    bench.settle(OFFICE);
    let bram = bench.phone("202");
    bram.call(&mut bench, "*57").expect(&mut bench, 404);
    bench.over();
}

#[test]
fn a_095_a_password_alone_marks_nothing() {
    let (mut bench, provider, _anna, bram) = bench();
    let mut call = call_in(&mut bench, &provider, "+31201234568", THREAT);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    let elsewhere = Ua { at: "192.168.1.77:5060".parse().unwrap(), ..bram };
    elsewhere.call(&mut bench, "*57").expect(&mut bench, 403);
    assert!(bench.over().iter().all(|record| record.marks.is_none()));
}
