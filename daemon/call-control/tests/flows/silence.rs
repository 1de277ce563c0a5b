//! Calls in which nobody is heard any more.

use std::time::Duration;

use centrale_call_control::{Cause, Input, Outcome};
use centrale_rtp::relay::{Event, LegQuality, RelayId, Side};

use crate::bench::{Bench, Leg, Provider};

/// The media threads heard nothing from a side for as long as they wait before they say so.
fn falls_silent(bench: &mut Bench, relay: RelayId, side: Side) {
    bench.input(Input::Media(Event::Silent { relay, side, duration: Duration::from_secs(20) }));
}

/// Packets came from each side, so many in all.
fn is_heard(bench: &mut Bench, relay: RelayId, packets: [u64; 2]) {
    let [caller, callee] = packets.map(|packets| LegQuality { packets, ..LegQuality::default() });
    bench.input(Input::Media(Event::Quality { relay, caller, callee }));
}

fn talking() -> (Bench, Leg, Leg, RelayId) {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let call = anna.call(&mut bench, "0612345678");
    let (call, ring) = bench.answered(call, &provider.ua);
    let relay = bench.media.relay();
    is_heard(&mut bench, relay, [50, 50]);
    bench.seconds(100);
    (bench, call, ring, relay)
}

#[test]
fn a_019_a_call_in_which_both_ends_say_nothing_for_a_minute_is_ended_and_its_record_says_why() {
    let (mut bench, mut call, mut ring, relay) = talking();
    falls_silent(&mut bench, relay, Side::Caller);
    bench.seconds(5);
    falls_silent(&mut bench, relay, Side::Callee);
    bench.seconds(39);
    bench.quiet();
    bench.seconds(1);
    call.expect_bye(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].cause), (Outcome::Lost, Cause::Silence));
}

#[test]
fn a_call_in_which_one_end_is_heard_goes_on_and_the_other_end_may_come_back() {
    let (mut bench, mut call, mut ring, relay) = talking();
    falls_silent(&mut bench, relay, Side::Caller);
    bench.seconds(200);
    falls_silent(&mut bench, relay, Side::Callee);
    bench.seconds(30);
    is_heard(&mut bench, relay, [50, 51]);
    bench.seconds(100);
    bench.quiet();
    is_heard(&mut bench, relay, [51, 51]);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.over()[0].cause, Cause::CallerHungUp);
}

#[test]
fn who_hangs_up_after_hearing_nothing_for_a_minute_has_that_on_the_record() {
    let (mut bench, mut call, mut ring, relay) = talking();
    falls_silent(&mut bench, relay, Side::Callee);
    bench.seconds(41);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].cause), (Outcome::Answered, Cause::HeardNothing));
    // Who said nothing and hangs up simply hangs up.
    let (mut bench, mut call, mut ring, relay) = talking();
    falls_silent(&mut bench, relay, Side::Caller);
    bench.seconds(41);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.over()[0].cause, Cause::CallerHungUp);
}

#[test]
fn who_is_on_hold_may_say_nothing_for_as_long_as_it_lasts() {
    let (mut bench, mut call, mut ring, relay) = talking();
    falls_silent(&mut bench, relay, Side::Caller);
    falls_silent(&mut bench, relay, Side::Callee);
    let hold = call.sdp.then("sendonly");
    call.reinvite(&mut bench, Some(&hold));
    ring.expect_request(&mut bench, &centrale_sip::message::Method::INVITE);
    let held = ring.sdp.then("recvonly");
    ring.respond(&mut bench, 200, Some(&held));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(300);
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.over()[0].cause, Cause::CallerHungUp);
}

#[test]
fn a_silent_call_for_help_is_never_ended() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let draft = anna.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let relay = bench.media.relay();
    falls_silent(&mut bench, relay, Side::Caller);
    falls_silent(&mut bench, relay, Side::Callee);
    bench.seconds(300);
    bench.quiet();
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(bench.over()[0].cause, Cause::HeardNothing);
}
