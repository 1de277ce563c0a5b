//! Calls in which nobody is heard any more.

use std::time::Duration;

use centrale_call_control::{Cause, Input, Outcome};
use centrale_rtp::relay::{Event, LegQuality, RelayId, Side};
use centrale_sip::flow::Transport;
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, OFFICE, Provider};

/// The media thread heard nothing from a side for as long as it waits before it says so.
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
    ring.expect_request(&mut bench, &Method::INVITE);
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

/// Anna and Bram are in a room together, and nothing of Bram was heard for a minute but a second.
fn bram_falls_silent(bench: &mut Bench) -> (Leg, Leg) {
    let calls = ["201", "202"].map(|number| {
        let phone = bench.phone(number);
        let mut call = phone.call(bench, "600");
        call.expect(bench, 200);
        call.ack(bench);
        call
    });
    let [anna, bram] = bench.media.meeting.keys().copied().collect::<Vec<_>>()[..] else { panic!("two meet") };
    for relay in [anna, bram] {
        is_heard(bench, relay, [50, 0]);
    }
    bench.seconds(100);
    falls_silent(bench, bram, Side::Caller);
    bench.seconds(39);
    bench.quiet();
    calls.into()
}

fn with_room() -> Bench {
    Bench::of(&format!("{OFFICE}[[conference]]\nnumber = \"600\"\nname = \"Board\"\n"))
}

#[test]
fn a_phone_in_a_room_that_lost_its_power_gives_its_seat_back_once_it_does_not_answer() {
    let mut bench = with_room();
    let (mut anna, bram) = bram_falls_silent(&mut bench);
    bench.lost.insert(bram.ua.at);
    bench.seconds(34);
    assert_eq!(bench.media.meeting.len(), 1, "its seat is somebody else's");
    anna.hang_up(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].cause), (Outcome::Lost, Cause::Silence));
}

#[test]
fn who_only_listens_in_a_room_is_asked_each_minute_whether_it_is_there_and_stays() {
    let mut bench = with_room();
    let (mut anna, mut bram) = bram_falls_silent(&mut bench);
    for _ in 0..5 {
        bench.seconds(1);
        bram.expect_request(&mut bench, &Method::UPDATE);
        bram.respond(&mut bench, 200, None);
        bench.seconds(59);
        bench.quiet();
    }
    assert_eq!(bench.media.meeting.len(), 2);
    let [_, relay] = bench.media.meeting.keys().copied().collect::<Vec<_>>()[..] else { panic!("two meet") };
    is_heard(&mut bench, relay, [51, 0]);
    bench.seconds(200);
    bench.quiet();
    anna.hang_up(&mut bench);
    bram.hang_up(&mut bench);
    assert_eq!(bench.over()[0].cause, Cause::CallerHungUp);
}

#[test]
fn a_silent_phone_in_a_room_whose_connection_is_gone_is_not_waited_for() {
    let mut bench = with_room();
    let bram = bench.phone_at("202", Transport::Tcp, "192.168.1.102:40001");
    let mut call = bram.call(&mut bench, "600");
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let relay = bench.media.relay();
    bench.break_connection(Transport::Tcp, bram.at);
    bench.seconds(20);
    falls_silent(&mut bench, relay, Side::Caller);
    bench.seconds(40);
    assert!(bench.media.meeting.is_empty());
    assert_eq!(bench.over()[0].cause, Cause::Silence);
}
