//! Several phones ring for one call: the first to answer has it, and every other one stops ringing.

use centrale_call_control::Outcome;
use centrale_call_control::view::LineState;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method};

use crate::bench::{Bench, Sdp, audio};
use crate::ended;

#[test]
fn the_first_to_pick_up_has_the_call_and_the_others_stop_ringing() {
    let mut bench = Bench::new();
    let (chris, anna, bram) = (bench.phone("203"), bench.phone("201"), bench.phone("202"));
    let cordless = bench.phone_at("202", Transport::Udp, "192.168.1.152:5060");
    let mut call = chris.call(&mut bench, "250");
    let (at_anna, at_bram, mut at_cordless) = (anna.rung(&mut bench), bram.rung(&mut bench), cordless.rung(&mut bench));
    at_anna.ring(&mut bench);
    at_bram.ring(&mut bench);
    call.expect(&mut bench, 180);
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Ringing, LineState::Ringing));

    at_cordless.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    at_anna.expect_cancelled(&mut bench);
    at_bram.expect_cancelled(&mut bench);
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Idle, LineState::Busy));

    at_cordless.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].to.as_str(), records[0].answered_by.as_deref()), ("250", Some("202")));
}

#[test]
fn a_phone_that_picks_up_a_moment_too_late_is_hung_up_and_the_call_goes_on() {
    let mut bench = Bench::new();
    let (chris, anna, bram) = (bench.phone("203"), bench.phone("201"), bench.phone("202"));
    let mut call = chris.call(&mut bench, "250");
    let (mut at_anna, mut at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    at_anna.ring(&mut bench);
    call.expect(&mut bench, 180);
    at_bram.pick_up(&mut bench);
    at_anna.take(&mut bench, &Method::CANCEL);
    at_anna.pick_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(40);
    bench.quiet();
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_answers_too_late_with_an_offer_is_given_an_answer_that_takes_none_of_it() {
    let mut bench = Bench::new();
    let (chris, anna, bram) = (bench.phone("203"), bench.phone("201"), bench.phone("202"));
    let draft = chris.invite_draft(&mut bench, "250").without_body();
    let mut call = chris.call_with(&mut bench, &draft);
    let (mut at_anna, mut at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    at_anna.ring(&mut bench);
    call.expect(&mut bench, 180);
    at_bram.respond(&mut bench, 200, Some(&bram.sdp()));
    at_anna.take(&mut bench, &Method::CANCEL);
    at_anna.respond(&mut bench, 200, Some(&anna.sdp()));
    assert!(audio(&at_anna.expect_ack(&mut bench).body).refused);
    at_anna.expect_bye(&mut bench);
    call.expect(&mut bench, 200);
    call.ack_with(&mut bench, &chris.sdp());
    assert!(!audio(&at_bram.expect_ack(&mut bench).body).refused);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_answers_after_the_call_is_over_is_hung_up() {
    let mut bench = Bench::new();
    let (chris, anna, bram) = (bench.phone("203"), bench.phone("201"), bench.phone("202"));
    let mut call = chris.call(&mut bench, "250");
    let (mut at_anna, mut at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    bench.seconds(10);
    at_anna.pick_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_decline_on_one_phone_stops_the_persons_other_phones_and_nobody_elses() {
    let mut bench = Bench::new();
    let (chris, anna, bram) = (bench.phone("203"), bench.phone("201"), bench.phone("202"));
    let cordless = bench.phone_at("202", Transport::Udp, "192.168.1.152:5060");
    let mut call = chris.call(&mut bench, "250");
    let (at_anna, at_bram, at_cordless) = (anna.rung(&mut bench), bram.rung(&mut bench), cordless.rung(&mut bench));
    at_anna.ring(&mut bench);
    at_cordless.ring(&mut bench);
    call.expect(&mut bench, 180);
    at_bram.refuse(&mut bench, 603);
    at_cordless.expect_cancelled(&mut bench);
    bench.quiet();
    at_anna.refuse(&mut bench, 486);
    call.expect(&mut bench, 603);
    assert_eq!(ended(bench), (Outcome::Refused, 603));
}

#[test]
fn a_declined_phone_that_picks_up_all_the_same_does_not_take_the_call_away_from_the_others() {
    let mut bench = Bench::new();
    let (chris, anna, bram) = (bench.phone("203"), bench.phone("201"), bench.phone("202"));
    let cordless = bench.phone_at("202", Transport::Udp, "192.168.1.152:5060");
    let mut call = chris.call(&mut bench, "250");
    let (mut at_anna, at_bram, mut at_cordless) =
        (anna.rung(&mut bench), bram.rung(&mut bench), cordless.rung(&mut bench));
    at_cordless.ring(&mut bench);
    call.expect(&mut bench, 180);
    at_bram.refuse(&mut bench, 603);
    at_cordless.take(&mut bench, &Method::CANCEL);
    at_cordless.pick_up(&mut bench);
    at_cordless.expect_bye(&mut bench);
    at_anna.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn busy_on_one_phone_lets_the_others_ring_on() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let cordless = bench.phone_at("202", Transport::Udp, "192.168.1.152:5060");
    let mut call = anna.call(&mut bench, "202");
    let (at_bram, at_cordless) = (bram.rung(&mut bench), cordless.rung(&mut bench));
    at_bram.refuse(&mut bench, 486);
    bench.quiet();
    at_cordless.refuse(&mut bench, 480);
    call.expect(&mut bench, 486);
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn who_calls_the_own_group_does_not_ring_the_phone_in_the_hand() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "250");
    let ring = bram.rung(&mut bench);
    bench.quiet();
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn two_lines_of_one_phone_can_call_each_other() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let bram = bench.phone_at("202", Transport::Udp, &anna.at.to_string());
    let mut call = anna.call(&mut bench, "202");
    let ring = bram.rung(&mut bench);
    assert_eq!(ring.asked().uri.dialled().as_deref(), Some("202"));
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn one_contact_that_two_people_registered_rings_once() {
    let mut bench = Bench::new();
    let (chris, anna) = (bench.phone("203"), bench.phone("201"));
    let bram = crate::bench::Ua { user: "202".into(), password: "bram-secret-202".into(), ..anna.clone() };
    let draft = bram.register_draft(&mut bench, 600).set("Contact", anna.contact());
    assert_eq!(bram.ask_proven(&mut bench, &draft).status.code(), 200);
    let mut call = chris.call(&mut bench, "250");
    let ring = anna.rung(&mut bench);
    bench.quiet();
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn the_caller_hears_early_media_and_the_answer_says_the_same() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.respond(&mut bench, 183, Some(&bram.sdp()));
    let early = call.expect(&mut bench, 183);
    let heard = crate::bench::audio(&early.body);
    assert_eq!(bench.media.leg(centrale_rtp::relay::Side::Caller).local, heard.remote.unwrap());
    assert!(bench.media.leg(centrale_rtp::relay::Side::Callee).remote.is_some());
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    assert_eq!(answer.body, early.body);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn an_answer_without_a_description_means_the_one_that_came_early() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.respond(&mut bench, 183, Some(&bram.sdp()));
    let early = call.expect(&mut bench, 183);
    ring.respond(&mut bench, 200, None);
    ring.expect_ack(&mut bench);
    assert_eq!(call.expect(&mut bench, 200).body, early.body);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn early_media_of_one_phone_of_several_is_not_heard_and_the_others_may_still_answer() {
    let mut bench = Bench::new();
    let (chris, anna, bram) = (bench.phone("203"), bench.phone("201"), bench.phone("202"));
    let mut call = chris.call(&mut bench, "250");
    let (at_anna, mut at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    at_anna.respond(&mut bench, 183, Some(&anna.sdp()));
    assert!(call.expect(&mut bench, 180).body.is_empty());
    at_bram.pick_up(&mut bench);
    at_anna.expect_cancelled(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let heard = bench.media.leg(centrale_rtp::relay::Side::Callee).remote;
    assert_eq!(heard, Some((bram.at.ip(), bram.sdp().port).into()));
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn an_answer_without_anything_that_can_be_heard_ends_the_call() {
    let nothing_in_common = |sdp: Sdp| Sdp { formats: "99", ..sdp };
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.respond(&mut bench, 200, Some(&nothing_in_common(bram.sdp())));
    ring.expect_ack(&mut bench);
    ring.expect_bye(&mut bench);
    call.expect(&mut bench, 488);
    assert_eq!(bench.exchange.counters().bad_descriptions, 1);
    assert_eq!(ended(bench), (Outcome::Lost, 488));
}

#[test]
fn an_answer_that_makes_no_dialog_does_not_leave_the_caller_hanging() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let ring = bram.rung(&mut bench);
    // Without a tag in To there is nothing to send an ACK to.
    let text = bram.response_text(ring.asked(), 200, None, "", &bram.sdp().to_string());
    bench.packet(bram.transport, bram.at, &text);
    assert!(ring.asked().headers.first(&HeaderName::From).is_some());
    call.expect(&mut bench, 502);
    assert_eq!(ended(bench), (Outcome::Unreachable, 502));
}
