//! RFC 3515 and RFC 5589: a phone hands on a call of its own, blind or after it has asked, and what may come between.

use centrale_call_control::view::{CallState, Direction, LineState};
use centrale_call_control::{CallRecord, Outcome};
use centrale_rtp::relay::Side;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method};
use centrale_sip::sdp::Direction as Way;

use crate::bench::{Bench, Leg, OFFICE, Provider, Ua, audio};

/// An office in which Anna called Bram and talks to him; Chris is there.
fn anna_talks_to_bram() -> (Bench, Leg, Leg, Ua) {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (call, ring) = bench.connect(&anna, "202", &bram);
    bench.quiet();
    (bench, call, ring, chris)
}

/// Somebody from outside talks to Bram, who was called; and how the provider is reached.
pub(crate) fn bram_talks_to_outside() -> (Bench, Leg, Leg, Provider) {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let bram = bench.phone("202");
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    let ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    (bench, call, ring, provider)
}

fn held(bench: &mut Bench, holder: &mut Leg, other: &mut Leg) {
    let hold = holder.sdp.then("sendonly");
    holder.reinvite(bench, Some(&hold));
    other.expect_request(bench, &Method::INVITE);
    other.sdp = other.sdp.then("recvonly");
    other.respond(bench, 200, Some(&other.sdp));
    other.expect_ack(bench);
    holder.expect(bench, 200);
    holder.ack(bench);
}

pub(crate) fn to(number: &str) -> String {
    format!("<sip:{number}@{}>", crate::bench::BOX)
}

/// Both ends of the only call send to where the box listens for them, and the box to where they listen.
#[track_caller]
fn connected(bench: &Bench, caller: &Leg, callee: &Leg, told: [&bytes::Bytes; 2]) {
    for (side, leg, told) in [(Side::Caller, caller, told[0]), (Side::Callee, callee, told[1])] {
        let media = bench.media.leg(side);
        assert_eq!(media.remote, Some((leg.sdp.ip, leg.sdp.port).into()), "{side:?} is sent to where it listens");
        assert_eq!(audio(told).remote, Some(media.local), "{side:?} sends to where we listen");
        assert!(media.expects_audio, "{side:?} is heard");
    }
}

fn of<'a>(records: &'a [CallRecord], from: &str, to: &str) -> &'a CallRecord {
    let record = records.iter().find(|record| (record.from.as_str(), record.to.as_str()) == (from, to));
    record.unwrap_or_else(|| panic!("no call from {from} to {to}: {records:?}"))
}

#[test]
fn a_held_call_is_handed_on_to_a_colleague_and_the_records_say_by_whom() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    held(&mut bench, &mut call, &mut ring);
    assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 202);
    assert_eq!(call.told(&mut bench), "active SIP/2.0 100 Trying");
    let mut at_chris = chris.rung(&mut bench);
    let shown = at_chris.asked().headers.from().unwrap();
    assert_eq!(
        (shown.name.as_str(), shown.uri.dialled().as_deref()),
        ("Bram", Some("202")),
        "Chris sees who it is for"
    );
    let offered = at_chris.asked().body.clone();
    assert_eq!(audio(&offered).direction, Way::SendRecv, "the hold is not handed on");
    at_chris.ring(&mut bench);
    assert_eq!(call.told(&mut bench), "active SIP/2.0 180 Ringing");
    assert_eq!((bench.lamp("201"), bench.lamp("203")), (LineState::Busy, LineState::Ringing));
    at_chris.pick_up(&mut bench);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(&mut bench);
    let told = ring.reconnected(&mut bench).body;
    assert_eq!(audio(&told).direction, Way::SendRecv);
    bench.quiet();
    connected(&bench, &ring, &at_chris, [&told, &offered]);
    assert_eq!(
        (bench.lamp("201"), bench.lamp("202"), bench.lamp("203")),
        (LineState::Idle, LineState::Busy, LineState::Busy)
    );
    bench.seconds(60);
    at_chris.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.exchange.counters().transfers, 1);
    let records = bench.over();
    assert_eq!(records.len(), 2);
    let first = of(&records, "201", "202");
    assert_eq!((first.outcome, first.transferred_by.as_deref()), (Outcome::Answered, None));
    let second = of(&records, "202", "203");
    assert_eq!((second.outcome, second.answered_by.as_deref()), (Outcome::Answered, Some("203")));
    assert_eq!((second.direction, second.transferred_by.as_deref()), (Direction::Internal, Some("201")));
}

#[test]
fn who_was_called_hands_on_as_well_as_who_calls_and_the_new_call_is_held_and_handed_on_like_any_other() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    assert_eq!(ring.refer(&mut bench, &to("203")).status.code(), 202);
    let mut at_chris = chris.rung(&mut bench);
    at_chris.pick_up(&mut bench);
    for _ in 0..2 {
        ring.told(&mut bench);
    }
    ring.expect_bye(&mut bench);
    call.reconnected(&mut bench);
    held(&mut bench, &mut call, &mut at_chris);
    held(&mut bench, &mut at_chris, &mut call);
    assert_eq!(at_chris.refer(&mut bench, &to("202")).status.code(), 202);
    let mut at_bram = ring.ua.rung(&mut bench);
    at_bram.pick_up(&mut bench);
    at_chris.told(&mut bench);
    at_chris.told(&mut bench);
    at_chris.expect_bye(&mut bench);
    call.reconnected(&mut bench);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!(records.len(), 3);
    let last = of(&records, "201", "202");
    assert!(records.iter().any(|record| record.transferred_by.as_deref() == Some("203")), "{last:?}");
}

#[test]
fn a_transferor_that_hangs_up_at_once_leaves_the_other_end_to_the_phone_that_rings() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 202);
    call.told(&mut bench);
    let port = audio(&ring.asked().body).remote.unwrap().port();
    call.hang_up(&mut bench);
    let hold = ring.put_on_hold(&mut bench);
    let elsewhere = audio(&hold.body).remote.unwrap().port();
    assert_ne!(elsewhere, port, "it is told where we listen now");
    bench.seconds(20);
    let at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    bench.quiet();
    assert_eq!(bench.exchange.snapshot(bench.now).calls.len(), 1);
    at_chris.pick_up(&mut bench);
    let told = ring.reconnected(&mut bench);
    let told = audio(&told.body);
    assert_eq!((told.direction, told.remote.unwrap().port()), (Way::SendRecv, elsewhere));
    assert_eq!(audio(&at_chris.asked().body).direction, Way::SendRecv, "the hold is not handed on");
    ring.hang_up(&mut bench);
    let mut at_chris = at_chris;
    at_chris.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!(of(&records, "202", "203").transferred_by.as_deref(), Some("201"));
}

#[test]
fn who_is_left_to_a_phone_that_rings_and_will_not_be_put_on_hold_waits_for_it_all_the_same() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 202);
    call.told(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_request(&mut bench, &Method::INVITE);
    let mut at_chris = chris.rung(&mut bench);
    ring.refuse(&mut bench, 488);
    bench.quiet();
    at_chris.pick_up(&mut bench);
    ring.reconnected(&mut bench);
    at_chris.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(of(&bench.over(), "202", "203").outcome, Outcome::Answered);
}

#[test]
fn a_phone_that_answers_while_who_is_left_to_it_is_put_on_hold_is_connected_after_that() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 202);
    call.told(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_request(&mut bench, &Method::INVITE);
    let mut at_chris = chris.rung(&mut bench);
    at_chris.pick_up(&mut bench);
    ring.respond(&mut bench, 200, Some(&ring.sdp.then("inactive")));
    ring.expect_ack(&mut bench);
    let told = ring.reconnected(&mut bench).body;
    bench.quiet();
    let offered = at_chris.asked().body.clone();
    connected(&bench, &ring, &at_chris, [&told, &offered]);
    at_chris.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_transfer_that_nobody_takes_leaves_the_call_with_who_asked() {
    for (status, told) in [(486, "terminated SIP/2.0 486 Busy Here"), (603, "terminated SIP/2.0 603 Decline")] {
        let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
        assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 202);
        call.told(&mut bench);
        let at_chris = chris.rung(&mut bench);
        at_chris.refuse(&mut bench, status);
        assert_eq!(call.told(&mut bench), told);
        bench.quiet();
        held(&mut bench, &mut call, &mut ring);
        // And it may try somebody else, or the same one again.
        assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 202);
        call.told(&mut bench);
        chris.rung(&mut bench).refuse(&mut bench, status);
        call.told(&mut bench);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        bench.over();
    }
}

#[test]
fn a_transfer_that_rings_too_long_comes_to_nothing() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    call.refer(&mut bench, &to("203"));
    call.told(&mut bench);
    let at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    call.told(&mut bench);
    bench.seconds(61);
    at_chris.expect_cancelled(&mut bench);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 480 Temporarily Unavailable");
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_transferor_that_has_gone_cannot_be_given_back_what_nobody_took() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    call.refer(&mut bench, &to("203"));
    call.told(&mut bench);
    call.hang_up(&mut bench);
    ring.put_on_hold(&mut bench);
    chris.rung(&mut bench).refuse(&mut bench, 486);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!(of(&records, "202", "203").outcome, Outcome::Busy);
}

#[test]
fn who_is_transferred_and_hangs_up_meanwhile_stops_the_phone_that_rings() {
    for transferor_is_gone in [false, true] {
        let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
        call.refer(&mut bench, &to("203"));
        call.told(&mut bench);
        let at_chris = chris.rung(&mut bench);
        at_chris.ring(&mut bench);
        call.told(&mut bench);
        if transferor_is_gone {
            call.hang_up(&mut bench);
            ring.put_on_hold(&mut bench);
        }
        ring.hang_up(&mut bench);
        at_chris.expect_cancelled(&mut bench);
        if !transferor_is_gone {
            call.expect_bye(&mut bench);
        }
        let records = bench.over();
        assert_eq!(of(&records, "202", "203").outcome, Outcome::Abandoned);
    }
}

#[test]
fn a_caller_from_outside_is_handed_on_inside_and_out_again_under_the_number_of_who_did_it() {
    let (mut bench, mut call, mut ring, provider) = bram_talks_to_outside();
    let anna = bench.phone("201");
    assert_eq!(ring.refer(&mut bench, &to("201")).status.code(), 202);
    let at_anna = anna.rung(&mut bench);
    let shown = at_anna.asked().headers.from().unwrap();
    assert_eq!(shown.uri.dialled().as_deref(), Some("+31612345678"));
    assert_eq!(bench.trunk("provider").calls, 1, "the caller is still in one call only");
    at_anna.pick_up(&mut bench);
    ring.told(&mut bench);
    ring.told(&mut bench);
    ring.expect_bye(&mut bench);
    call.reconnected(&mut bench);
    assert_eq!(bench.trunk("provider").calls, 1);

    let mut at_anna = at_anna;
    assert_eq!(at_anna.refer(&mut bench, "<tel:0612345679>").status.code(), 202);
    let mut outside = provider.ua.rung(&mut bench);
    assert_eq!(outside.asked().uri.dialled().as_deref(), Some("+31612345679"));
    let identity = outside.asked().headers.text(&HeaderName::PAssertedIdentity).unwrap().into_owned();
    assert!(identity.contains("+31201234567"), "{identity}");
    assert_eq!(bench.trunk("provider").calls, 2);
    outside.pick_up(&mut bench);
    at_anna.told(&mut bench);
    at_anna.told(&mut bench);
    at_anna.expect_bye(&mut bench);
    call.reconnected(&mut bench);
    bench.quiet();
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Idle, LineState::Idle));
    call.hang_up(&mut bench);
    outside.expect_bye(&mut bench);
    let records = bench.over();
    let last = of(&records, "+31612345678", "+31612345679");
    assert_eq!((last.trunk.as_deref(), last.transferred_by.as_deref()), (Some("provider"), Some("201")));
    assert_eq!(last.outcome, Outcome::Answered);
}

#[test]
fn a_transfer_reaches_only_what_its_sender_could_have_called() {
    let (mut bench, mut call, mut ring, _chris) = anna_talks_to_bram();
    let table = [
        ("112", 403, "Call Help Yourself"),
        ("+18761234567", 403, "Destination Blocked"),
        ("09001234", 403, "Costs Extra, Not Allowed"),
        ("+4930123456", 403, "Not Allowed For You"),
        ("299", 404, "Not Found"),
        ("*8202", 404, "Not Found"),
        ("anna", 404, "Not Found"),
    ];
    for (number, status, reason) in table {
        let response = call.refer(&mut bench, &to(number));
        assert_eq!((response.status.code(), response.reason.as_str()), (status, reason), "{number}");
    }
    assert_eq!(bench.exchange.counters().transfers_refused, 7);
    bench.quiet();
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    let records = bench.over();
    assert!(records.iter().any(|record| record.outcome == Outcome::Blocked), "{records:?}");
}

#[test]
fn a_colleague_without_a_phone_is_told_as_unreachable_at_once() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 480);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_refer_that_is_malformed_or_asks_for_more_is_refused() {
    let (mut bench, mut call, mut ring, _chris) = anna_talks_to_bram();
    let good = to("203");
    let draft = call.draft(&mut bench, "REFER");
    assert_eq!(call.refer_with(&mut bench, &draft).status.code(), 400);
    for bad in ["<sip:203", "<sip:203@box;method=BYE>", "<sip:203@box?Replaces=x>", &format!("{good}, {good}")] {
        assert_eq!(call.refer(&mut bench, bad).status.code(), 400, "{bad}");
    }
    let draft = call.draft(&mut bench, "REFER").with("Refer-To", &good).with("Require", "multiple-refer, replaces");
    let response = call.refer_with(&mut bench, &draft);
    assert_eq!(response.status.code(), 420);
    assert_eq!(response.headers.text(&HeaderName::Unsupported).as_deref(), Some("multiple-refer"));
    assert_eq!(bench.exchange.counters().transfers_refused, 6);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn nobody_is_called_for_a_refer_without_proof_from_a_provider_or_out_of_a_call() {
    let (mut bench, mut call, mut ring, _provider) = bram_talks_to_outside();
    let anna = bench.phone("201");
    assert_eq!(call.refer(&mut bench, &to("201")).status.code(), 403);
    let draft = ring.draft(&mut bench, "REFER").with("Refer-To", to("201"));
    assert_eq!(ring.ask(&mut bench, &draft).status.code(), 401);
    // Anna knows what the dialog is called, and even sends from there.
    let stranger = Ua { user: "201".into(), password: anna.password.clone(), ..ring.ua.clone() };
    let draft = ring.draft(&mut bench, "REFER").with("Refer-To", to("201"));
    assert_eq!(stranger.ask_proven(&mut bench, &draft).status.code(), 403);
    assert_eq!(bench.exchange.counters().not_theirs, 1);
    let draft = anna.draft(&mut bench, "REFER", &format!("sip:{}", crate::bench::BOX), &to("202"));
    assert_eq!(anna.ask(&mut bench, &draft.with("Refer-To", to("202"))).status.code(), 403);
    assert_eq!(bench.exchange.counters().transfers_refused, 3);
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn one_transfer_at_a_time_however_many_are_asked_for() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    let ports = bench.media.ports_in_use().len();
    assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 202);
    for _ in 0..50 {
        assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 491);
        assert_eq!(ring.refer(&mut bench, &to("203")).status.code(), 491);
    }
    assert_eq!(bench.media.ports_in_use().len(), ports + 2);
    call.told(&mut bench);
    let at_chris = chris.rung(&mut bench);
    bench.quiet();
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    at_chris.expect_gone(&mut bench);
    bench.over();
}

#[test]
fn a_transfer_that_goes_round_in_circles_goes_round_only_as_often_as_somebody_asks() {
    let (mut bench, call, ring, _chris) = anna_talks_to_bram();
    let (mut from, mut stays) = (call, ring);
    for _ in 0..5 {
        // To oneself: the same phone is called, and answers.
        let own = from.ua.clone();
        assert_eq!(from.refer(&mut bench, &to(&own.user)).status.code(), 202);
        let again = own.rung(&mut bench);
        again.pick_up(&mut bench);
        from.told(&mut bench);
        from.told(&mut bench);
        from.expect_bye(&mut bench);
        stays.reconnected(&mut bench);
        bench.quiet();
        from = again;
    }
    from.hang_up(&mut bench);
    stays.expect_bye(&mut bench);
    assert_eq!(bench.over().len(), 6);
}

#[test]
fn who_wants_no_news_gets_none() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    let draft = call.draft(&mut bench, "REFER").with("Refer-To", to("203")).with("Refer-Sub", "false");
    let draft = draft.with("Supported", "norefersub");
    let response = call.refer_with(&mut bench, &draft);
    assert_eq!(response.status.code(), 202);
    assert_eq!(response.headers.text(&HeaderName::other("Refer-Sub")).as_deref(), Some("false"));
    let mut at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    bench.quiet();
    at_chris.pick_up(&mut bench);
    call.expect_bye(&mut bench);
    ring.reconnected(&mut bench);
    at_chris.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn an_end_that_changes_something_at_that_moment_is_told_a_little_later() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    call.refer(&mut bench, &to("203"));
    let mut at_chris = chris.rung(&mut bench);
    at_chris.pick_up(&mut bench);
    call.told(&mut bench);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.refuse(&mut bench, 491);
    let hold = at_chris.sdp.then("sendonly");
    at_chris.reinvite(&mut bench, Some(&hold));
    at_chris.expect(&mut bench, 491);
    bench.seconds(5);
    ring.reconnected(&mut bench);
    held(&mut bench, &mut at_chris, &mut ring);
    assert_eq!(bench.exchange.snapshot(bench.now).calls[0].state, CallState::Held);
    at_chris.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn an_end_that_cannot_be_connected_ends_the_call_for_both() {
    for status in [488, 481, 408] {
        let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
        call.refer(&mut bench, &to("203"));
        let mut at_chris = chris.rung(&mut bench);
        at_chris.pick_up(&mut bench);
        call.told(&mut bench);
        call.told(&mut bench);
        call.expect_bye(&mut bench);
        ring.expect_request(&mut bench, &Method::INVITE);
        ring.refuse(&mut bench, status);
        at_chris.expect_bye(&mut bench);
        if status == 488 {
            ring.expect_bye(&mut bench);
        }
        let records = bench.over();
        assert_eq!(of(&records, "202", "203").outcome, Outcome::Lost);
    }
}

#[test]
fn a_call_over_tls_is_handed_on_to_a_phone_in_clear() {
    let mut bench = Bench::new();
    let anna = bench.phone_at("201", Transport::Tls, "192.168.1.101:40001");
    let (bram, chris) = (bench.phone("202"), bench.phone("203"));
    let (mut call, mut ring) = {
        let mut call = bram.call(&mut bench, "201");
        let mut ring = anna.rung(&mut bench);
        ring.sdp = ring.sdp.clone().secured(1);
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        (call, ring)
    };
    call.refer(&mut bench, &to("203"));
    let mut at_chris = chris.rung(&mut bench);
    at_chris.pick_up(&mut bench);
    call.told(&mut bench);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    let told = ring.reconnected(&mut bench).body;
    assert!(audio(&told).profile.is_secure());
    let keys = |side| bench.media.leg(side).srtp_send.is_some();
    assert_eq!((keys(Side::Caller), keys(Side::Callee)), (true, false));
    at_chris.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_transfer_that_rings_is_picked_up_by_another_colleague() {
    let (mut bench, mut call, mut ring, _chris) = anna_talks_to_bram();
    let other = bench.phone_at("203", Transport::Udp, "192.168.1.153:5060");
    call.refer(&mut bench, &to("203"));
    call.told(&mut bench);
    let (at_chris, at_other) = (Ua::usual("203").rung(&mut bench), other.rung(&mut bench));
    let anna_again = bench.phone_at("201", Transport::Udp, "192.168.1.151:5060");
    let mut pickup = anna_again.call(&mut bench, "*8203");
    let answer = pickup.expect(&mut bench, 200);
    pickup.ack(&mut bench);
    assert_eq!(audio(&answer.body).direction, Way::SendRecv);
    at_chris.expect_gone(&mut bench);
    at_other.expect_gone(&mut bench);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(&mut bench);
    ring.reconnected(&mut bench);
    ring.hang_up(&mut bench);
    pickup.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_call_without_a_free_port_is_not_handed_on_and_goes_on() {
    let mut bench = Bench::with_ports(OFFICE, (10_000, 10_003));
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let _chris = bench.phone("203");
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    assert_eq!(call.refer(&mut bench, &to("203")).status.code(), 503);
    held(&mut bench, &mut call, &mut ring);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_person_who_is_removed_meanwhile_is_not_connected_any_more() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    call.refer(&mut bench, &to("203"));
    call.told(&mut bench);
    let at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    call.told(&mut bench);
    bench.settle(
        &OFFICE.replace("[[person]]\nnumber = \"203\"\nname = \"Chris\"\nsip_password = \"chris-secret-203\"\n", ""),
    );
    at_chris.expect_cancelled(&mut bench);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 480 Temporarily Unavailable");
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

/// Anna talks to Bram, whom she holds, and has called Chris to ask.
fn anna_asks_chris() -> (Bench, [Leg; 4]) {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    held(&mut bench, &mut call, &mut ring);
    let (asking, at_chris) = bench.connect(&call.ua.clone(), "203", &chris);
    bench.quiet();
    (bench, [call, ring, asking, at_chris])
}

/// The transferor has been told, and both its calls are over.
#[track_caller]
fn handed_on(bench: &mut Bench, asked: &mut Leg, other: &mut Leg) {
    assert_eq!(asked.told(bench), "terminated SIP/2.0 200 OK");
    asked.expect_bye(bench);
    other.expect_bye(bench);
}

#[test]
fn whom_anna_asked_first_gets_the_call_whichever_of_her_calls_she_hands_on() {
    for the_other_way in [false, true] {
        let (mut bench, [mut call, mut ring, mut asking, mut at_chris]) = anna_asks_chris();
        let ports = bench.media.ports_in_use().len();
        if the_other_way {
            let named = format!("<sip:202@{}?{}>", crate::bench::BOX, call.as_replaces());
            assert_eq!(asking.refer(&mut bench, &named).status.code(), 202);
            handed_on(&mut bench, &mut asking, &mut call);
        } else {
            let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
            assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
            handed_on(&mut bench, &mut call, &mut asking);
        }
        let (first, second) = if the_other_way { (&mut ring, &mut at_chris) } else { (&mut at_chris, &mut ring) };
        let told_first = first.reconnected(&mut bench).body;
        let told_second = second.reconnected(&mut bench).body;
        bench.quiet();
        assert_eq!(bench.media.ports_in_use().len(), ports - 2);
        if the_other_way {
            connected(&bench, &at_chris, &ring, [&told_second, &told_first]);
        } else {
            connected(&bench, &ring, &at_chris, [&told_second, &told_first]);
        }
        assert_eq!(
            (bench.lamp("201"), bench.lamp("202"), bench.lamp("203")),
            (LineState::Idle, LineState::Busy, LineState::Busy)
        );
        assert_eq!(bench.exchange.snapshot(bench.now).calls[0].state, CallState::Talking);
        held(&mut bench, &mut at_chris, &mut ring);
        ring.hang_up(&mut bench);
        at_chris.expect_bye(&mut bench);
        let records = bench.over();
        let (from, to) = if the_other_way { ("203", "202") } else { ("202", "203") };
        let joined = of(&records, from, to);
        assert_eq!((joined.transferred_by.as_deref(), joined.outcome), (Some("201"), Outcome::Answered));
        assert_eq!(joined.answered_by.as_deref(), Some(to));
        assert_eq!(records.len(), 2);
    }
}

#[test]
fn a_caller_from_outside_is_handed_on_to_who_was_asked_and_called_by_outside_too() {
    let (mut bench, mut call, mut ring, provider) = bram_talks_to_outside();
    let bram = ring.ua.clone();
    let asking = bram.call(&mut bench, "0612345679");
    let (mut asking, mut outside) = bench.answered(asking, &provider.ua);
    let named = format!("<sip:0612345679@{}?{}>", crate::bench::BOX, asking.as_replaces());
    assert_eq!(ring.refer(&mut bench, &named).status.code(), 202);
    handed_on(&mut bench, &mut ring, &mut asking);
    outside.reconnected(&mut bench);
    call.reconnected(&mut bench);
    bench.quiet();
    assert_eq!(bench.lamp("202"), LineState::Idle);
    assert_eq!(bench.trunk("provider").calls, 2, "each end is a call to the provider");
    outside.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    let records = bench.over();
    let joined = of(&records, "+31612345678", "+31612345679");
    assert_eq!((joined.trunk.as_deref(), joined.transferred_by.as_deref()), (Some("provider"), Some("202")));
}

#[test]
fn nobody_elses_call_is_taken_by_naming_it() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let chris = bench.phone("203");
    let second_of_chris = bench.phone_at("203", Transport::Udp, "192.168.1.153:5060");
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    let theirs = chris.call(&mut bench, "203");
    let (mut theirs, mut other) = bench.answered(theirs, &second_of_chris);
    let named = |leg: &Leg| format!("<sip:203@{}?{}>", crate::bench::BOX, leg.as_replaces());
    // Chris's call, either end of it, the other end of her own, her own own, and one that is not there.
    for name in [
        named(&theirs),
        named(&other),
        named(&ring),
        named(&call),
        "<sip:203@box?Replaces=none%3Bto-tag%3Da%3Bfrom-tag%3Db>".to_owned(),
    ] {
        assert_eq!(call.refer(&mut bench, &name).status.code(), 481, "{name}");
    }
    assert_eq!(bench.exchange.counters().transfers_refused, 5);
    bench.quiet();
    held(&mut bench, &mut call, &mut ring);
    held(&mut bench, &mut theirs, &mut other);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    theirs.hang_up(&mut bench);
    other.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn who_was_asked_and_has_not_answered_is_not_given_the_call() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    let mut asking = call.ua.clone().call(&mut bench, "203");
    let at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    asking.expect(&mut bench, 180);
    let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
    let response = call.refer(&mut bench, &named);
    assert_eq!((response.status.code(), response.reason.as_str()), (403, "Not Answered Yet"));
    asking.cancel(&mut bench);
    asking.expect(&mut bench, 487);
    at_chris.expect_cancelled(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn an_end_that_hangs_up_while_it_is_connected_ends_it_for_the_other_one() {
    for target_goes in [false, true] {
        let (mut bench, [mut call, mut ring, mut asking, mut at_chris]) = anna_asks_chris();
        let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
        call.refer(&mut bench, &named);
        handed_on(&mut bench, &mut call, &mut asking);
        let invite = at_chris.expect_request(&mut bench, &Method::INVITE);
        let (goes, stays) = if target_goes { (&mut at_chris, &mut ring) } else { (&mut ring, &mut at_chris) };
        goes.hang_up(&mut bench);
        stays.expect_bye(&mut bench);
        // The answer crosses the end: it is acknowledged all the same.
        at_chris.asked = Some(invite);
        at_chris.respond(&mut bench, 200, Some(&at_chris.sdp));
        at_chris.expect_ack(&mut bench);
        bench.over();
    }
}

/// Anna talks to Bram and has called Chris to ask, in a call that the box refreshes for her soon.
fn anna_is_refreshed_while_she_asks(allow: &str) -> (Bench, [Leg; 4]) {
    let (mut bench, call, ring, chris) = anna_talks_to_bram();
    let anna = call.ua.clone();
    let draft = anna.invite_draft(&mut bench, "203").with("Session-Expires", "90;refresher=uas").set("Allow", allow);
    let mut asking = anna.call_with(&mut bench, &draft);
    let at_chris = chris.rung(&mut bench);
    at_chris.pick_up(&mut bench);
    asking.expect(&mut bench, 200);
    asking.ack(&mut bench);
    bench.seconds(46);
    (bench, [call, ring, asking, at_chris])
}

/// Bram and Chris are connected and stay so, whatever Anna's phone still says.
#[track_caller]
fn bram_and_chris_talk_on(bench: &mut Bench, ring: &mut Leg, at_chris: &mut Leg) {
    bench.seconds(40);
    bench.quiet();
    let media = bench.media.leg(Side::Caller);
    assert_eq!(media.remote, Some((ring.sdp.ip, ring.sdp.port).into()), "Bram is sent to where he listens");
    held(bench, at_chris, ring);
    at_chris.hang_up(bench);
    ring.expect_bye(bench);
}

#[test]
fn a_refresh_that_the_transferor_answers_too_late_does_not_touch_whom_it_connected() {
    let update = "INVITE, ACK, CANCEL, BYE, UPDATE";
    let reinvite = "INVITE, ACK, CANCEL, BYE";
    for (allow, status) in [(update, 200), (update, 481), (reinvite, 200), (reinvite, 481)] {
        let (mut bench, [mut call, mut ring, mut asking, mut at_chris]) = anna_is_refreshed_while_she_asks(allow);
        let method = if allow == update { Method::UPDATE } else { Method::INVITE };
        let refresh = asking.expect_request(&mut bench, &method);
        let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
        assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
        handed_on(&mut bench, &mut call, &mut asking);
        at_chris.reconnected(&mut bench);
        ring.reconnected(&mut bench);
        asking.asked = Some(refresh);
        let moved = crate::bench::Sdp { port: 30_000, ..asking.sdp.then("sendrecv") };
        asking.respond(&mut bench, status, Some(&moved).filter(|_| method == Method::INVITE));
        if method == Method::INVITE {
            asking.expect_ack(&mut bench);
        }
        bram_and_chris_talk_on(&mut bench, &mut ring, &mut at_chris);
        bench.over();
    }
}

#[test]
fn a_refresh_that_the_transferor_never_answers_does_not_end_the_call_of_whom_it_connected() {
    let (mut bench, [mut call, mut ring, mut asking, mut at_chris]) =
        anna_is_refreshed_while_she_asks("INVITE, UPDATE");
    asking.expect_request(&mut bench, &Method::UPDATE);
    let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
    assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
    handed_on(&mut bench, &mut call, &mut asking);
    at_chris.reconnected(&mut bench);
    ring.reconnected(&mut bench);
    bram_and_chris_talk_on(&mut bench, &mut ring, &mut at_chris);
    bench.over();
}

#[test]
fn an_info_that_the_transferor_no_longer_takes_does_not_end_the_call_of_whom_it_connected() {
    let (mut bench, [mut call, mut ring, mut asking, mut at_chris]) = anna_asks_chris();
    let info = at_chris.draft(&mut bench, "INFO").body("application/media_control+xml", "<x/>".into());
    assert_eq!(at_chris.ask(&mut bench, &info).status.code(), 200);
    let info = asking.expect_request(&mut bench, &Method::INFO);
    let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
    assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
    handed_on(&mut bench, &mut call, &mut asking);
    at_chris.reconnected(&mut bench);
    ring.reconnected(&mut bench);
    asking.asked = Some(info);
    asking.respond(&mut bench, 481, None);
    bram_and_chris_talk_on(&mut bench, &mut ring, &mut at_chris);
    bench.over();
}

#[test]
fn an_acknowledgement_that_the_transferor_owes_does_not_end_the_call_of_whom_it_connected() {
    let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
    let mut asking = call.ua.clone().call(&mut bench, "203");
    let mut at_chris = chris.rung(&mut bench);
    at_chris.pick_up(&mut bench);
    asking.expect(&mut bench, 200);
    let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
    assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
    handed_on(&mut bench, &mut call, &mut asking);
    at_chris.reconnected(&mut bench);
    ring.reconnected(&mut bench);
    bram_and_chris_talk_on(&mut bench, &mut ring, &mut at_chris);
    bench.over();
}

#[test]
fn who_is_transferred_is_sent_no_second_invite_before_it_answered_the_first() {
    for status in [200, 488] {
        let (mut bench, mut call, mut ring, chris) = anna_talks_to_bram();
        call.refer(&mut bench, &to("203"));
        call.told(&mut bench);
        let mut at_chris = chris.rung(&mut bench);
        let hold = call.sdp.then("sendonly");
        call.reinvite(&mut bench, Some(&hold));
        ring.expect_request(&mut bench, &Method::INVITE);
        at_chris.pick_up(&mut bench);
        call.told(&mut bench);
        call.expect(&mut bench, 487);
        call.expect_bye(&mut bench);
        bench.seconds(5);
        bench.quiet();
        ring.sdp = ring.sdp.then("recvonly");
        ring.respond(&mut bench, status, Some(&ring.sdp).filter(|_| status == 200));
        ring.expect_ack(&mut bench);
        let told = ring.reconnected(&mut bench).body;
        assert_eq!(audio(&told).direction, Way::SendRecv);
        bench.seconds(10);
        bench.quiet();
        held(&mut bench, &mut at_chris, &mut ring);
        at_chris.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        bench.over();
    }
}
