//! RFC 5359 2.1: hold and resume, from both sides, and what else a re-INVITE may bring.

use centrale_call_control::Outcome;
use centrale_call_control::view::CallState;
use centrale_rtp::relay::Side;
use centrale_sip::message::{HeaderName, Method, Response};
use centrale_sip::sdp::Direction;

use crate::bench::{Bench, Draft, Leg, Ua, audio};
use crate::ended;

fn talking() -> (Bench, Leg, Leg) {
    let mut bench = Bench::new();
    let (anna, bram): (Ua, Ua) = (bench.phone("201"), bench.phone("202"));
    let (call, ring) = bench.connect(&anna, "202", &bram);
    bench.quiet();
    (bench, call, ring)
}

fn state(bench: &Bench) -> CallState {
    bench.exchange.snapshot(bench.now).calls[0].state
}

/// One side holds, the other side answers, the holder takes back.
#[track_caller]
fn hold_and_resume(bench: &mut Bench, holder: &mut Leg, held: &mut Leg) {
    let hold = holder.sdp.then("sendonly");
    holder.reinvite(bench, Some(&hold));
    let offer = held.expect_request(bench, &Method::INVITE);
    assert_eq!(audio(&offer.body).direction, Direction::SendOnly);
    held.respond(bench, 200, Some(&held.sdp.then("recvonly")));
    held.expect_ack(bench);
    let answer = holder.expect(bench, 200);
    assert_eq!(audio(&answer.body).direction, Direction::RecvOnly);
    holder.ack(bench);
    assert_eq!(state(bench), CallState::Held);

    let resume = hold.then("sendrecv");
    holder.reinvite(bench, Some(&resume));
    let offer = held.expect_request(bench, &Method::INVITE);
    assert_eq!(audio(&offer.body).direction, Direction::SendRecv);
    held.respond(bench, 200, Some(&held.sdp.then("sendrecv")));
    held.expect_ack(bench);
    holder.expect(bench, 200);
    holder.ack(bench);
    assert_eq!(state(bench), CallState::Talking);
    bench.quiet();
}

#[test]
fn either_side_holds_and_resumes() {
    let (mut bench, mut call, mut ring) = talking();
    let ports = bench.media.ports_in_use();
    hold_and_resume(&mut bench, &mut call, &mut ring);
    hold_and_resume(&mut bench, &mut ring, &mut call);
    hold_and_resume(&mut bench, &mut call, &mut ring);
    assert_eq!(bench.media.ports_in_use(), ports);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn silence_is_expected_of_who_is_on_hold() {
    let (mut bench, mut call, mut ring) = talking();
    assert!(bench.media.leg(Side::Callee).expects_audio);
    let hold = call.sdp.then("inactive");
    call.reinvite(&mut bench, Some(&hold));
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp.then("inactive")));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert!(!bench.media.leg(Side::Callee).expects_audio && !bench.media.leg(Side::Caller).expects_audio);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_refused_hold_leaves_the_call_as_it_was() {
    let (mut bench, mut call, mut ring) = talking();
    let hold = call.sdp.then("sendonly");
    call.reinvite(&mut bench, Some(&hold));
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.refuse(&mut bench, 488);
    call.expect(&mut bench, 488);
    assert_eq!(state(&bench), CallState::Talking);
    assert!(bench.media.leg(Side::Caller).expects_audio);
    hold_and_resume(&mut bench, &mut call, &mut ring);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn when_both_hold_at_once_both_are_told_to_try_again() {
    let (mut bench, mut call, mut ring) = talking();
    let (hold, other) = (call.sdp.then("sendonly"), ring.sdp.then("sendonly"));
    call.reinvite(&mut bench, Some(&hold));
    ring.reinvite(&mut bench, Some(&other));
    ring.expect(&mut bench, 491);
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.refuse(&mut bench, 491);
    call.expect(&mut bench, 491);
    hold_and_resume(&mut bench, &mut ring, &mut call);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

/// Told to come again, and when.
#[track_caller]
fn told_to_wait(refused: &Response) {
    let pause = refused.headers.number(&HeaderName::RetryAfter).unwrap();
    assert_eq!((refused.status.code(), pause.is_some_and(|seconds| seconds <= 10)), (500, true), "{pause:?}");
}

/// The change of that side which is under way is answered.
#[track_caller]
fn change_is_taken(bench: &mut Bench, call: &mut Leg, change: Draft, method: &str) {
    call.invite = Some(change);
    if method == "INVITE" {
        call.expect(bench, 200);
        call.ack(bench);
    } else {
        assert_eq!(call.take_answer(bench).status.code(), 200);
    }
}

#[test]
fn who_changes_again_before_the_first_change_is_answered_is_told_when_to_come_again() {
    for first in ["INVITE", "UPDATE"] {
        for second in ["INVITE", "UPDATE"] {
            let (mut bench, mut call, mut ring) = talking();
            let hold = call.sdp.then("sendonly");
            let change = call.draft(&mut bench, first).sdp(&hold);
            call.reinvite_with(&mut bench, change.clone());
            ring.expect_request(&mut bench, &Method::INVITE);
            let again = call.draft(&mut bench, second).sdp(&hold.then("sendrecv"));
            call.reinvite_with(&mut bench, again);
            if second == "INVITE" {
                told_to_wait(&call.expect(&mut bench, 500));
            } else {
                told_to_wait(&call.take_answer(&mut bench));
            }
            // The other side has changed nothing, and knows what that means.
            ring.reinvite(&mut bench, Some(&ring.sdp.then("sendonly")));
            ring.expect(&mut bench, 491);
            ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
            ring.expect_ack(&mut bench);
            change_is_taken(&mut bench, &mut call, change, first);
            assert_eq!(state(&bench), CallState::Held);
            call.hang_up(&mut bench);
            ring.expect_bye(&mut bench);
            assert_eq!(ended(bench), (Outcome::Answered, 0));
        }
    }
}

#[test]
fn who_changes_its_call_before_that_is_answered_is_told_when_to_come_again() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    let update = call.draft(&mut bench, "UPDATE").sdp(&call.sdp.then("sendonly"));
    told_to_wait(&call.ask(&mut bench, &update));
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_refresh_may_come_while_a_hold_is_under_way_but_no_two_updates_at_once() {
    for (first, status) in [("INVITE", 200), ("UPDATE", 500)] {
        let (mut bench, mut call, mut ring) = talking();
        let hold = call.sdp.then("sendonly");
        let change = call.draft(&mut bench, first).sdp(&hold);
        call.reinvite_with(&mut bench, change.clone());
        ring.expect_request(&mut bench, &Method::INVITE);
        let refresh = call.draft(&mut bench, "UPDATE").with("Supported", "timer").with("Session-Expires", "1800");
        assert_eq!(call.ask(&mut bench, &refresh).status.code(), status);
        ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
        ring.expect_ack(&mut bench);
        change_is_taken(&mut bench, &mut call, change, first);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        assert_eq!(ended(bench), (Outcome::Answered, 0));
    }
}

#[test]
fn a_reinvite_that_changes_nothing_is_answered_without_disturbing_the_other_side() {
    let (mut bench, mut call, mut ring) = talking();
    let same = call.sdp.clone();
    for _ in 0..20 {
        call.reinvite(&mut bench, Some(&same));
        assert_eq!(audio(&call.expect(&mut bench, 200).body).direction, Direction::SendRecv);
        call.ack(&mut bench);
    }
    bench.quiet();
    assert_eq!(bench.exchange.holdings().invites, 0);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_call_that_leaves_the_offer_to_the_called_side_gets_its_answer_through() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").without_body();
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    assert!(ring.asked().body.is_empty());
    ring.respond(&mut bench, 200, Some(&bram.sdp()));
    let offer = call.expect(&mut bench, 200);
    bench.quiet();
    call.ack_with(&mut bench, &anna.sdp());
    let answer = ring.expect_ack(&mut bench);
    assert_eq!(audio(&answer.body).remote.unwrap().port(), bench.media.leg(Side::Callee).local.port());
    assert_eq!(audio(&offer.body).remote.unwrap().port(), bench.media.leg(Side::Caller).local.port());
    assert_eq!(bench.media.leg(Side::Caller).remote, audio(&anna.sdp().to_string().into()).remote);
    hold_and_resume(&mut bench, &mut ring, &mut call);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_late_answer_that_never_comes_ends_the_call_on_both_sides() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").without_body();
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.respond(&mut bench, 200, Some(&bram.sdp()));
    call.expect(&mut bench, 200);
    bench.seconds(33);
    assert!(audio(&ring.expect_ack(&mut bench).body).refused, "its offer is answered all the same");
    ring.expect_bye(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Lost, 0));
}

#[test]
fn a_reinvite_without_an_offer_asks_the_other_side_for_one() {
    let (mut bench, mut call, mut ring) = talking();
    call.reinvite(&mut bench, None);
    assert!(ring.expect_request(&mut bench, &Method::INVITE).body.is_empty());
    let moved = crate::bench::Sdp { port: 30_000, ..ring.sdp.then("sendrecv") };
    ring.respond(&mut bench, 200, Some(&moved));
    call.expect(&mut bench, 200);
    call.ack_with(&mut bench, &call.sdp.then("sendrecv"));
    ring.expect_ack(&mut bench);
    assert_eq!(bench.media.leg(Side::Callee).remote.unwrap().port(), 30_000);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_moves_its_media_is_followed() {
    let (mut bench, mut call, mut ring) = talking();
    let moved = crate::bench::Sdp { ip: "192.168.1.77".parse().unwrap(), ..call.sdp.then("sendrecv") };
    let update = call.draft(&mut bench, "UPDATE").sdp(&moved);
    call.cseq += 1;
    call.ua.send(&mut bench, &update);
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    let id = call.call_id.clone();
    let answer = bench.take_response(call.ua.at, |response| response.headers.call_id() == Ok(&id)).unwrap();
    assert_eq!((answer.status.code(), audio(&answer.body).direction), (200, Direction::SendRecv));
    assert_eq!(bench.media.leg(Side::Caller).remote.unwrap().ip().to_string(), "192.168.1.77");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_call_that_ends_while_a_hold_is_under_way_ends_for_everybody() {
    let (mut bench, mut call, mut ring) = talking();
    let hold = call.sdp.then("sendonly");
    call.reinvite(&mut bench, Some(&hold));
    let reinvite = ring.expect_request(&mut bench, &Method::INVITE);
    ring.hang_up(&mut bench);
    call.expect(&mut bench, 487);
    call.expect_bye(&mut bench);
    // The answer to the re-INVITE crossed the BYE: it is acknowledged all the same, or it comes for half a minute.
    ring.asked = Some(reinvite);
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}
