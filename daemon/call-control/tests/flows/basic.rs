//! RFC 3665: one phone calls another.

use centrale_call_control::view::LineState;
use centrale_call_control::{Outcome, view};
use centrale_rtp::relay::Side;
use centrale_sip::message::HeaderName;

use crate::bench::{Bench, audio};
use crate::ended;

#[test]
fn two_phones_talk_and_one_hangs_up() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Busy, LineState::Ringing));

    let mut ring = bram.rung(&mut bench);
    let invite = ring.asked().clone();
    assert_eq!(invite.headers.from().unwrap().name, "Anna");
    assert_eq!(invite.headers.from().unwrap().uri.dialled().as_deref(), Some("201"));
    let offered = audio(&invite.body).remote.unwrap();
    assert_eq!(offered.ip().to_string(), crate::bench::BOX, "media is anchored at the box");
    ring.ring(&mut bench);
    assert!(call.expect(&mut bench, 180).headers.to().unwrap().tag().is_some());

    bench.seconds(5);
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let answered = audio(&answer.body).remote.unwrap();
    assert_eq!(bench.media.leg(Side::Caller).local.port(), answered.port());
    assert_eq!(bench.media.leg(Side::Callee).local.port(), offered.port());
    assert_eq!(bench.media.leg(Side::Caller).remote, audio(&anna.sdp().to_string().into()).remote);
    assert_eq!(bench.media.leg(Side::Callee).remote, audio(&bram.sdp().to_string().into()).remote);
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Busy, LineState::Busy));

    bench.seconds(60);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Idle, LineState::Idle));

    let records = bench.over();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!((record.from.as_str(), record.to.as_str()), ("201", "202"));
    assert_eq!((record.answered_by.as_deref(), record.outcome), (Some("202"), Outcome::Answered));
    assert_eq!((record.direction, record.status, record.emergency), (view::Direction::Internal, 0, false));
    let rang = record.answered.unwrap() - record.started;
    assert_eq!((rang.as_secs(), (record.ended - record.started).as_secs()), (5, 65));
    assert_eq!(record.caller_quality.packets, 50, "what the media thread measured is in the record");
}

#[test]
fn nobody_answers_for_a_minute() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let ring = bram.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    bench.seconds(59);
    bench.quiet();
    bench.seconds(2);
    ring.expect_cancelled(&mut bench);
    call.expect(&mut bench, 480);
    assert_eq!(ended(bench), (Outcome::NoAnswer, 480));
}

#[test]
fn the_refusal_of_the_only_phone_is_the_callers() {
    let table = [
        (486, 486, Outcome::Busy),
        (600, 600, Outcome::Busy),
        (603, 603, Outcome::Refused),
        (480, 480, Outcome::NoAnswer),
        (403, 403, Outcome::Refused),
        (488, 488, Outcome::Refused),
        // What is between the phone and us is none of the caller's business.
        (302, 480, Outcome::Refused),
        (401, 480, Outcome::Refused),
    ];
    for (said, told, outcome) in table {
        let mut bench = Bench::new();
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let mut call = anna.call(&mut bench, "202");
        bram.rung(&mut bench).refuse(&mut bench, said);
        call.expect(&mut bench, told);
        assert_eq!(ended(bench), (outcome, told), "{said}");
    }
}

#[test]
fn a_phone_that_says_nothing_at_all_is_given_up() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    bench.lost.insert(bram.at);
    let mut call = anna.call(&mut bench, "202");
    bench.seconds(33);
    call.expect(&mut bench, 480);
    assert_eq!(ended(bench), (Outcome::Unreachable, 480));
}

#[test]
fn the_caller_gives_up_while_it_rings() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let call = anna.call(&mut bench, "202");
    bench.given_up(call, &bram);
    assert_eq!(ended(bench), (Outcome::Abandoned, 487));
}

#[test]
fn the_caller_gives_up_before_the_phone_said_anything() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let ring = bram.rung(&mut bench);
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    bench.quiet();
    // Only now may the CANCEL go (RFC 3261 9.1).
    ring.ring(&mut bench);
    ring.expect_cancelled(&mut bench);
    assert_eq!(ended(bench), (Outcome::Abandoned, 487));
}

#[test]
fn a_phone_that_picks_up_while_the_cancel_is_on_its_way_is_hung_up() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    ring.take(&mut bench, &centrale_sip::message::Method::CANCEL);
    ring.pick_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Abandoned, 487));
}

#[test]
fn who_has_no_phone_and_who_does_not_exist() {
    let table =
        [("202", 480, Outcome::Unreachable), ("299", 404, Outcome::Refused), ("250", 480, Outcome::Unreachable)];
    for (dialled, told, outcome) in table {
        let mut bench = Bench::new();
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, dialled);
        call.expect(&mut bench, told);
        assert_eq!(ended(bench), (outcome, told), "{dialled}");
    }
}

#[test]
fn a_person_reaches_their_own_other_phone() {
    let mut bench = Bench::new();
    let desk = bench.phone("201");
    let cordless = bench.phone_at("201", centrale_sip::flow::Transport::Udp, "192.168.1.151:5060");
    let (mut call, mut ring) = bench.connect(&desk, "201", &cordless);
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_call_without_proof_is_challenged_and_leaves_nothing_behind() {
    let mut bench = Bench::new();
    let (anna, _bram) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202");
    let mut call = crate::bench::Leg::calling(&anna, &mut bench, &draft);
    let challenge = call.expect(&mut bench, 401);
    assert!(challenge.headers.first(&HeaderName::WwwAuthenticate).is_some());
    assert!(bench.over().is_empty());
}
