//! What is heard before the answer: it costs nothing, so it does not last.

use centrale_call_control::{Cause, Outcome};
use centrale_rtp::relay::Side;

use crate::bench::{Bench, Leg, Provider, audio};

/// Anna calls outside, and the provider lets her hear something before anybody answers.
fn hears_early(bench: &mut Bench, dialled: &str) -> (Leg, Leg) {
    let provider = Provider::new(bench);
    let anna = bench.phone("201");
    let mut call = if dialled == "112" {
        let draft = anna.invite_draft(bench, dialled);
        Leg::calling(&anna, bench, &draft)
    } else {
        anna.call(bench, dialled)
    };
    let ring = provider.ua.rung(bench);
    ring.respond(bench, 183, Some(&ring.sdp));
    let progress = call.expect(bench, 183);
    assert_eq!(audio(&progress.body).remote.unwrap().ip().to_string(), crate::bench::BOX);
    assert!(bench.media.leg(Side::Callee).expects_audio);
    (call, ring)
}

#[test]
fn b_026_what_is_heard_before_the_answer_ends_after_a_minute_however_often_it_is_said_anew() {
    let mut bench = Bench::new();
    let (mut call, ring) = hears_early(&mut bench, "0612345678");
    for _ in 0..5 {
        bench.seconds(11);
        ring.respond(&mut bench, 183, Some(&ring.sdp));
    }
    bench.seconds(6);
    call.expect(&mut bench, 480);
    ring.expect_cancelled(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].cause, records[0].status), (Outcome::NoAnswer, Cause::NoAnswer, 480));
}

#[test]
fn who_answers_within_that_minute_talks_on() {
    let mut bench = Bench::new();
    let (mut call, mut ring) = hears_early(&mut bench, "0612345678");
    bench.seconds(59);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(120);
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.over()[0].cause, Cause::CallerHungUp);
}

#[test]
fn what_help_lets_hear_before_it_answers_is_not_cut_off() {
    let mut bench = Bench::new();
    let (mut call, ring) = hears_early(&mut bench, "112");
    bench.seconds(600);
    bench.quiet();
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    ring.expect_cancelled(&mut bench);
    bench.over();
}

#[test]
fn what_a_helpline_lets_hear_before_it_answers_is_not_cut_off_after_a_minute() {
    let mut bench = Bench::new();
    let (mut call, mut ring) = hears_early(&mut bench, "113");
    bench.seconds(100);
    bench.quiet();
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_call_that_only_rings_outside_rings_for_three_minutes() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    bench.seconds(180);
    bench.quiet();
    bench.seconds(2);
    call.expect(&mut bench, 480);
    ring.expect_cancelled(&mut bench);
    bench.over();
}
