//! A call that rings at somebody else's phone is taken: with the code, with a key's Replaces, and only while it rings.

use centrale_call_control::Outcome;
use centrale_call_control::view::LineState;
use centrale_rtp::relay::Side;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method};
use centrale_sip::sdp::Direction;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use crate::bench::{Bench, Leg, Ua, attribute, audio};
use crate::ended;

/// Chris calls Bram, whose phone rings; Anna is there.
fn bram_rings() -> (Bench, Ua, Leg, Leg) {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let mut call = chris.call(&mut bench, "202");
    let at_bram = bram.rung(&mut bench);
    at_bram.ring(&mut bench);
    call.expect(&mut bench, 180);
    (bench, anna, call, at_bram)
}

/// Both ends of a call that was picked up talk to each other, and the phone that rang is silent.
#[track_caller]
fn connected(bench: &mut Bench, caller: &mut Leg, picker: &mut Leg, rang: &Leg) {
    let to_picker = picker.expect(bench, 200);
    picker.ack(bench);
    let to_caller = caller.expect(bench, 200);
    caller.ack(bench);
    rang.expect_cancelled(bench);
    bench.quiet();
    for (side, leg, told) in [(Side::Caller, &*caller, to_caller), (Side::Callee, &*picker, to_picker)] {
        let media = bench.media.leg(side);
        assert_eq!(media.remote, Some((leg.sdp.ip, leg.sdp.port).into()), "{side:?} is sent to where it listens");
        assert_eq!(audio(&told.body).remote, Some(media.local), "{side:?} sends to where we listen");
    }
}

#[track_caller]
fn refused(bench: &mut Bench, ua: &Ua, dialled: &str, status: u16, reason: &str) {
    let mut attempt = ua.call(bench, dialled);
    let response = attempt.expect(bench, status);
    assert_eq!(response.reason, reason);
}

#[test]
fn a_colleagues_ringing_call_is_taken_with_the_code_and_the_record_says_by_whom() {
    let (mut bench, anna, mut call, at_bram) = bram_rings();
    let mut pickup = anna.call(&mut bench, "*8202");
    connected(&mut bench, &mut call, &mut pickup, &at_bram);
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Busy, LineState::Idle));
    bench.seconds(120);
    pickup.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!(records.len(), 1, "the pickup is no call of its own");
    let record = &records[0];
    assert_eq!((record.from.as_str(), record.to.as_str()), ("203", "202"));
    assert_eq!((record.answered_by.as_deref(), record.outcome), (Some("201"), Outcome::Answered));
}

#[test]
fn who_picks_up_is_shown_who_calls() {
    let (mut bench, anna, mut call, at_bram) = bram_rings();
    let mut pickup = anna.call(&mut bench, "*8202");
    let answer = pickup.expect(&mut bench, 200);
    let shown = answer.headers.text(&HeaderName::PAssertedIdentity).unwrap_or_default().into_owned();
    assert_eq!(shown, format!("\"Chris\" <sip:203@{}>", crate::bench::BOX));
    pickup.ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    at_bram.expect_cancelled(&mut bench);
    call.hang_up(&mut bench);
    pickup.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_picked_up_call_is_held_and_resumed_like_any_other() {
    let (mut bench, anna, mut call, at_bram) = bram_rings();
    let mut pickup = anna.call(&mut bench, "*8202");
    connected(&mut bench, &mut call, &mut pickup, &at_bram);
    for (direction, answer) in [("sendonly", "recvonly"), ("sendrecv", "sendrecv")] {
        let offer = pickup.sdp.then(direction);
        pickup.reinvite(&mut bench, Some(&offer));
        let asked = call.expect_request(&mut bench, &Method::INVITE);
        assert_eq!(audio(&asked.body).direction == Direction::SendOnly, direction == "sendonly");
        call.respond(&mut bench, 200, Some(&call.sdp.then(answer)));
        call.expect_ack(&mut bench);
        pickup.expect(&mut bench, 200);
        pickup.ack(&mut bench);
    }
    call.hang_up(&mut bench);
    pickup.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_call_over_tls_is_picked_up_from_a_phone_in_clear() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let chris = bench.phone_at("203", Transport::Tls, "192.168.1.103:40003");
    let draft = chris.invite_draft(&mut bench, "202").sdp(&chris.sdp().secured(1));
    let mut call = chris.call_with(&mut bench, &draft);
    let at_bram = bram.rung(&mut bench);
    at_bram.ring(&mut bench);
    call.expect(&mut bench, 180);
    let mut pickup = anna.call(&mut bench, "*8202");
    let answer = pickup.expect(&mut bench, 200);
    assert!(audio(&answer.body).crypto.is_empty());
    pickup.ack(&mut bench);
    let answer = call.expect(&mut bench, 200);
    assert!(audio(&answer.body).profile.is_secure());
    call.ack(&mut bench);
    at_bram.expect_cancelled(&mut bench);
    let keys = |side| bench.media.leg(side).srtp_send.is_some();
    assert_eq!((keys(Side::Caller), keys(Side::Callee)), (true, false));
    call.hang_up(&mut bench);
    pickup.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn the_oldest_call_of_the_own_groups_is_taken_with_the_code_alone() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let outside = bench.phone_at("203", Transport::Udp, "192.168.1.153:5060");
    let mut first = chris.call(&mut bench, "250");
    let (first_at_anna, first_at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    let mut second = outside.call(&mut bench, "250");
    let (second_at_anna, second_at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));

    let mut pickup = bram.call(&mut bench, "*8");
    pickup.expect(&mut bench, 200);
    pickup.ack(&mut bench);
    first.expect(&mut bench, 200);
    first.ack(&mut bench);
    first_at_anna.ring(&mut bench);
    first_at_anna.expect_cancelled(&mut bench);
    first_at_bram.ring(&mut bench);
    first_at_bram.expect_cancelled(&mut bench);
    bench.quiet();

    second.cancel(&mut bench);
    second.expect(&mut bench, 487);
    second_at_anna.expect_gone(&mut bench);
    second_at_bram.expect_gone(&mut bench);
    pickup.hang_up(&mut bench);
    first.expect_bye(&mut bench);
    let records = bench.over();
    let answered = records.iter().find(|record| record.outcome == Outcome::Answered).unwrap();
    assert_eq!((answered.to.as_str(), answered.answered_by.as_deref()), ("250", Some("202")));
}

#[test]
fn who_belongs_to_no_group_or_means_a_colleagues_own_call_takes_nothing_with_the_code_alone() {
    let (mut bench, anna, mut call, at_bram) = bram_rings();
    refused(&mut bench, &anna, "*8", 480, "Nothing Rings There");
    let chris = Ua { at: "192.168.1.153:5060".parse().unwrap(), ..Ua::usual("203") };
    chris.register(&mut bench);
    refused(&mut bench, &chris, "*8", 480, "Nothing Rings There");
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    at_bram.expect_cancelled(&mut bench);
    bench.over();
}

#[test]
fn nothing_that_does_not_ring_is_taken_and_each_refusal_is_counted_and_leaves_no_record() {
    let (mut bench, anna, mut call, mut at_bram) = bram_rings();
    refused(&mut bench, &anna, "*8203", 480, "Nothing Rings There");
    refused(&mut bench, &anna, "*8299", 404, "No Such Number");
    let chris = Ua { at: "192.168.1.153:5060".parse().unwrap(), ..Ua::usual("203") };
    chris.register(&mut bench);
    refused(&mut bench, &chris, "*8202", 480, "Nothing Rings There");
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    refused(&mut bench, &anna, "*8202", 480, "Nothing Rings There");
    assert_eq!(bench.exchange.counters().pickups_refused, 4);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    assert_eq!(bench.over().len(), 1);
}

#[test]
fn without_a_codec_in_common_the_call_rings_on() {
    let (mut bench, anna, mut call, mut at_bram) = bram_rings();
    let mut only_g729 = anna.sdp();
    only_g729.formats = "18";
    let draft = anna.invite_draft(&mut bench, "*8202").sdp(&only_g729);
    let mut attempt = anna.call_with(&mut bench, &draft);
    attempt.expect(&mut bench, 488);
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!(records[0].answered_by.as_deref(), Some("202"));
}

#[test]
fn a_phone_that_answers_in_the_same_moment_as_the_pickup_is_hung_up() {
    let (mut bench, anna, mut call, mut at_bram) = bram_rings();
    let mut pickup = anna.call(&mut bench, "*8202");
    pickup.expect(&mut bench, 200);
    pickup.ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    at_bram.take(&mut bench, &Method::CANCEL);
    at_bram.pick_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    bench.seconds(40);
    bench.quiet();
    pickup.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn who_picks_up_and_is_never_heard_of_again_loses_the_call() {
    let (mut bench, anna, mut call, at_bram) = bram_rings();
    let mut pickup = anna.call(&mut bench, "*8202");
    pickup.expect(&mut bench, 200);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    at_bram.expect_cancelled(&mut bench);
    bench.seconds(33);
    call.expect_bye(&mut bench);
    pickup.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Lost, 0));
}

/// The Replaces header that a phone makes of a NOTIFY.
fn replaces(body: &str) -> String {
    let dialog = body.lines().find(|line| line.contains(" call-id=")).expect("the dialog may be replaced");
    let value = |name| attribute(dialog, name).unwrap();
    format!("{};to-tag={};from-tag={}", value("call-id"), value("local-tag"), value("remote-tag"))
}

/// As [`bram_rings`], and Anna's key for him has told her phone how to take the call.
fn bram_rings_and_anna_sees_it() -> (Bench, Ua, Leg, Leg, String) {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let mut watch = anna.watch(&mut bench, "202");
    let mut call = chris.call(&mut bench, "202");
    let at_bram = bram.rung(&mut bench);
    at_bram.ring(&mut bench);
    call.expect(&mut bench, 180);
    let (_, body) = watch.expect(&mut bench);
    // What comes later is not looked at.
    watch.refresh(&mut bench, 0);
    watch.expect(&mut bench);
    (bench, anna, call, at_bram, replaces(&body))
}

#[test]
fn a_key_takes_the_call_that_it_shows_whichever_way_round_the_phone_writes_the_tags() {
    for swapped in [false, true] {
        let (mut bench, anna, mut call, at_bram, mut header) = bram_rings_and_anna_sees_it();
        if swapped {
            header = header.replace("to-tag", "x").replace("from-tag", "to-tag").replace(";x", ";from-tag");
        }
        let draft = anna.invite_draft(&mut bench, "203").with("Replaces", header).with("Require", "replaces");
        let mut pickup = anna.call_with(&mut bench, &draft);
        connected(&mut bench, &mut call, &mut pickup, &at_bram);
        call.hang_up(&mut bench);
        pickup.expect_bye(&mut bench);
        let records = bench.over();
        assert_eq!(records[0].answered_by.as_deref(), Some("201"));
    }
}

#[test]
fn an_answered_call_is_replaced_by_nobody() {
    let (mut bench, anna, mut call, mut at_bram, header) = bram_rings_and_anna_sees_it();
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    for early_only in ["", ";early-only"] {
        let draft = anna.invite_draft(&mut bench, "202").with("Replaces", format!("{header}{early_only}"));
        let mut attempt = anna.call_with(&mut bench, &draft);
        attempt.expect(&mut bench, 486);
    }
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    let draft = anna.invite_draft(&mut bench, "202").with("Replaces", header);
    let mut attempt = anna.call_with(&mut bench, &draft);
    attempt.expect(&mut bench, 481);
    bench.over();
}

#[test]
fn a_replaces_that_names_nothing_is_refused_and_never_rings_anybody() {
    let (mut bench, anna, mut call, at_bram, header) = bram_rings_and_anna_sees_it();
    let (call_id, _) = header.split_once(';').unwrap();
    let others = format!("{call_id};to-tag=201;from-tag=elsewhere");
    for (value, status) in
        [("no-call;to-tag=202;from-tag=caller", 481), (others.as_str(), 481), ("no-tags", 400), ("", 400)]
    {
        let draft = anna.invite_draft(&mut bench, "202").with("Replaces", value);
        let mut attempt = anna.call_with(&mut bench, &draft);
        attempt.expect(&mut bench, status);
    }
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    at_bram.expect_cancelled(&mut bench);
    bench.over();
}

#[test]
fn a_call_for_help_is_a_call_for_help_whatever_it_replaces() {
    let (mut bench, anna, mut call, at_bram, header) = bram_rings_and_anna_sees_it();
    for value in [header.as_str(), "malformed"] {
        let draft = anna.invite_draft(&mut bench, "112").with("Replaces", value);
        let before = bench.exchange.counters().emergency_calls;
        anna.send(&mut bench, &draft);
        assert_eq!(bench.exchange.counters().emergency_calls, before + 1);
    }
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
}

proptest! {
    #![proptest_config(Config { cases: 64, rng_seed: RngSeed::Fixed(3891), failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_replaces_header_that_was_not_told_takes_a_call(header in "[ -~]{0,60}", tags in "[a-z0-9]{1,8}") {
        for value in [header.clone(), format!("{tags};to-tag=202;from-tag=caller"), format!("{header};to-tag={tags}")] {
            let (mut bench, anna, mut call, mut at_bram) = bram_rings();
            let draft = anna.invite_draft(&mut bench, "202").with("Replaces", value);
            let status = anna.ask_proven(&mut bench, &draft).status.code();
            prop_assert!(matches!(status, 400 | 481), "{}", status);
            at_bram.pick_up(&mut bench);
            call.expect(&mut bench, 200);
            call.ack(&mut bench);
            call.hang_up(&mut bench);
            at_bram.expect_bye(&mut bench);
        }
    }
}
