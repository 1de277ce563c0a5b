//! SRTP and address families are each leg's own affair.

use centrale_call_control::Outcome;
use centrale_rtp::relay::Side;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method};
use centrale_sip::sdp::{Profile, Session};

use crate::bench::{BOX_V6, Bench, Leg, Provider, Sdp, Ua, audio};
use crate::ended;

fn over_tls(bench: &mut Bench, number: &str) -> Ua {
    bench.phone_at(number, Transport::Tls, &format!("192.168.1.1{}:40000", &number[1..]))
}

#[test]
fn a_081_keys_are_offered_where_signalling_is_under_tls_and_only_there() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), over_tls(&mut bench, "202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    let offer = audio(&ring.asked().body);
    assert_eq!((offer.profile, offer.crypto.len()), (Profile::Savp, 2));
    ring.respond(&mut bench, 200, Some(&bram.sdp().secured(1)));
    ring.expect_ack(&mut bench);
    let answer = audio(&call.expect(&mut bench, 200).body);
    call.ack(&mut bench);
    assert_eq!((answer.profile, answer.crypto.len()), (Profile::Avp, 0));
    assert!(bench.media.leg(Side::Caller).srtp_send.is_none());
    let leg = bench.media.leg(Side::Callee);
    assert_eq!(leg.srtp_send.unwrap().key, offer.crypto[0].key, "we send with the key we offered");
    let theirs = audio(&bram.sdp().secured(1).to_string().into());
    assert_eq!(leg.srtp_receive.unwrap().key, theirs.crypto[0].key);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn an_encrypted_caller_is_answered_with_one_key_of_ours_under_its_own_tag() {
    let mut bench = Bench::new();
    let (anna, bram) = (over_tls(&mut bench, "201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").sdp(&anna.sdp().secured(7));
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    assert_eq!(audio(&ring.asked().body).profile, Profile::Avp);
    ring.pick_up(&mut bench);
    let answer = audio(&call.expect(&mut bench, 200).body);
    call.ack(&mut bench);
    assert_eq!((answer.profile, answer.crypto.len(), answer.crypto[0].tag), (Profile::Savp, 1, 7));
    assert_eq!(bench.media.leg(Side::Caller).srtp_send.unwrap().key, answer.crypto[0].key);

    // A refresh that changes nothing is answered with that one key again.
    call.reinvite(&mut bench, Some(&anna.sdp().secured(7)));
    let again = audio(&call.expect(&mut bench, 200).body);
    call.ack(&mut bench);
    assert_eq!(again.crypto, answer.crypto);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_held_encrypted_call_answers_its_refresh_with_an_answer_and_no_offer() {
    let mut bench = Bench::new();
    let (anna, bram) = (over_tls(&mut bench, "201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").sdp(&anna.sdp().secured(7));
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    // The other side's hold was our offer to this one; what was offered has two keys.
    ring.reinvite(&mut bench, Some(&bram.sdp().then("sendonly")));
    call.expect_request(&mut bench, &centrale_sip::message::Method::INVITE);
    let held = anna.sdp().secured(1).then("recvonly");
    call.respond(&mut bench, 200, Some(&held));
    call.expect_ack(&mut bench);
    ring.expect(&mut bench, 200);
    ring.ack(&mut bench);
    call.reinvite(&mut bench, Some(&held));
    let answer = audio(&call.expect(&mut bench, 200).body);
    call.ack(&mut bench);
    assert_eq!((answer.crypto.len(), answer.direction), (1, centrale_sip::sdp::Direction::SendOnly));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_cannot_encrypt_is_rung_again_in_clear() {
    for refusal in [488, 415, 606] {
        let mut bench = Bench::new();
        let (anna, bram) = (bench.phone("201"), over_tls(&mut bench, "202"));
        let mut call = anna.call(&mut bench, "202");
        bram.rung(&mut bench).refuse(&mut bench, refusal);
        let mut ring = bram.rung(&mut bench);
        let offer = audio(&ring.asked().body);
        assert_eq!((offer.profile, offer.crypto.len()), (Profile::Avp, 0));
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        assert_eq!(ended(bench), (Outcome::Answered, 0));
    }
}

/// A phone without TLS.
fn in_clear(bench: &mut Bench, number: &str, transport: Transport) -> Ua {
    bench.phone_at(number, transport, &format!("192.168.1.1{}:5060", &number[1..]))
}

#[test]
fn a_phone_that_sends_its_keys_in_clear_is_told_why_it_cannot_call_and_so_is_the_office() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut bench = Bench::new();
        let (anna, bram) = (in_clear(&mut bench, "201", transport), bench.phone("202"));
        let draft = anna.invite_draft(&mut bench, "202").sdp(&anna.sdp().secured(1));
        let mut call = anna.call_with(&mut bench, &draft);
        let refusal = call.expect(&mut bench, 488);
        let warning = refusal.headers.text(&HeaderName::other("Warning")).unwrap().into_owned();
        assert_eq!(warning, "399 centrale \"keys over signalling in clear\"");
        assert_eq!(bench.exchange.counters().keys_in_clear, 1);
        assert!(bench.has_problem("phone-keys-in-clear", "201"));

        // It is mended.
        let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
        assert!(!bench.has_problem("phone-keys-in-clear", "201"));
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        bench.over();
    }
}

#[test]
fn a_key_beside_an_offer_in_clear_is_answered_without_one() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let optional = Sdp { profile: "RTP/AVP", ..anna.sdp().secured(1) };
    let draft = anna.invite_draft(&mut bench, "202").sdp(&optional);
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    let answer = audio(&call.expect(&mut bench, 200).body);
    call.ack(&mut bench);
    assert_eq!((answer.profile, answer.crypto.len()), (Profile::Avp, 0));
    let leg = bench.media.leg(Side::Caller);
    assert!(leg.srtp_send.is_none() && leg.srtp_receive.is_none());
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn of_an_encrypted_stream_and_one_in_clear_the_latter_is_taken_over_signalling_in_clear() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let both = Sdp { also_in_clear: Some(anna.sdp().port + 2), ..anna.sdp().secured(1) };
    let draft = anna.invite_draft(&mut bench, "202").sdp(&both);
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let session = Session::parse(&answer.body).unwrap();
    assert_eq!(session.media.iter().map(|media| media.port == 0).collect::<Vec<_>>(), [true, false]);
    assert_eq!(bench.media.leg(Side::Caller).remote.unwrap().port(), anna.sdp().port + 2);

    // The same offer again is a refresh, and nobody else's business.
    call.reinvite(&mut bench, Some(&both));
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn keys_in_clear_within_a_call_change_nothing_in_it() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.reinvite(&mut bench, Some(&anna.sdp().secured(1)));
    let refusal = call.expect(&mut bench, 488);
    assert!(refusal.headers.first(&HeaderName::other("Warning")).is_some());
    assert!(bench.has_problem("phone-keys-in-clear", "201"));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_puts_keys_into_a_late_offer_in_clear_gets_none_of_ours() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").without_body();
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.respond(&mut bench, 200, Some(&bram.sdp().secured(1)));
    assert!(audio(&ring.expect_ack(&mut bench).body).refused);
    call.expect(&mut bench, 488);
    ring.expect_bye(&mut bench);
    assert!(bench.has_problem("phone-keys-in-clear", "202"));
    assert_eq!(ended(bench), (Outcome::Lost, 488));
}

#[test]
fn help_is_called_even_by_a_phone_that_sends_its_keys_in_clear() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let provider = Provider::new(&mut bench).ua;
    let draft = anna.invite_draft(&mut bench, "112").sdp(&anna.sdp().secured(1));
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    let mut out = provider.rung(&mut bench);
    assert!(out.asked().body.is_empty(), "the provider makes the offer");
    out.respond(&mut bench, 200, Some(&provider.sdp()));
    let offer = audio(&call.expect(&mut bench, 200).body);
    assert_eq!((offer.profile, offer.crypto.len()), (Profile::Avp, 0));
    call.ack_with(&mut bench, &anna.sdp());
    out.expect_ack(&mut bench);
    call.hang_up(&mut bench);
    out.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn an_encrypted_call_whose_phone_comes_back_without_tls_goes_on_in_clear() {
    let mut bench = Bench::new();
    let (anna, bram) = (over_tls(&mut bench, "201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").without("Supported").without("Allow");
    let mut call = anna.call_with(&mut bench, &draft.sdp(&anna.sdp().secured(7)));
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.break_connection(Transport::Tls, anna.at);
    call.ua = Ua::new("201", Transport::Udp, "192.168.1.101:5060");
    call.ua.register(&mut bench);

    // Neither the hold of the other end nor our own refresh carries a key now.
    ring.reinvite(&mut bench, Some(&bram.sdp().then("sendonly")));
    let hold = call.expect_request(&mut bench, &Method::INVITE);
    assert_eq!((audio(&hold.body).profile, audio(&hold.body).crypto.len()), (Profile::Avp, 0));
    call.respond(&mut bench, 488, None);
    call.expect_ack(&mut bench);
    ring.expect(&mut bench, 488);
    bench.seconds(901);
    let refresh = call.expect_request(&mut bench, &Method::INVITE);
    assert_eq!((audio(&refresh.body).profile, audio(&refresh.body).crypto.len()), (Profile::Avp, 0));
    call.respond(&mut bench, 200, Some(&call.ua.sdp()));
    call.expect_ack(&mut bench);
    assert!(bench.media.leg(Side::Caller).srtp_send.is_none());
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.pick_up(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn encryption_that_we_do_not_know_is_refused() {
    let mut bench = Bench::new();
    let (anna, _bram) = (over_tls(&mut bench, "201"), bench.phone("202"));
    let mut sdp = anna.sdp().secured(1);
    sdp.crypto = vec!["a=crypto:1 AEAD_AES_256_GCM inline:AAAA".into()];
    let draft = anna.invite_draft(&mut bench, "202").sdp(&sdp);
    let mut call = anna.call_with(&mut bench, &draft);
    call.expect(&mut bench, 488);
    assert!(bench.over().is_empty());
}

#[test]
fn a_phone_on_ipv6_talks_to_one_on_ipv4() {
    let mut bench = Bench::new();
    let six = bench.phone_at("201", Transport::Udp, "[fd00::101]:5060");
    let four = bench.phone("202");
    let (mut call, mut ring): (Leg, Leg) = {
        let mut call = six.call(&mut bench, "202");
        let ring = four.rung(&mut bench);
        assert_eq!(audio(&ring.asked().body).remote.unwrap().ip().to_string(), crate::bench::BOX);
        ring.pick_up(&mut bench);
        let answer = call.expect(&mut bench, 200);
        assert_eq!(audio(&answer.body).remote.unwrap().ip().to_string(), BOX_V6);
        call.ack(&mut bench);
        (call, ring)
    };
    assert_eq!(bench.media.leg(Side::Caller).local.ip().to_string(), BOX_V6);
    assert_eq!(bench.media.leg(Side::Callee).local.ip().to_string(), crate::bench::BOX);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_group_on_both_families_is_reached_through_one_port_on_every_address() {
    let mut bench = Bench::new();
    let caller = bench.phone("203");
    let (four, six) = (bench.phone("201"), bench.phone_at("202", Transport::Udp, "[fd00::102]:5060"));
    let mut call = caller.call(&mut bench, "250");
    let (at_four, mut at_six) = (four.rung(&mut bench), six.rung(&mut bench));
    assert!(bench.media.leg(Side::Callee).local.ip().is_unspecified());
    let told = |ring: &Leg| audio(&ring.asked().body).remote.unwrap();
    assert_eq!([told(&at_four).ip().to_string(), told(&at_six).ip().to_string()], [crate::bench::BOX, BOX_V6]);
    assert_eq!(told(&at_four).port(), told(&at_six).port());
    at_six.pick_up(&mut bench);
    at_four.ring(&mut bench);
    at_four.expect_cancelled(&mut bench);
    let answer = audio(&call.expect(&mut bench, 200).body);
    call.ack(&mut bench);
    assert_eq!(answer.remote.unwrap().ip().to_string(), crate::bench::BOX);
    assert_eq!(bench.media.leg(Side::Callee).remote.unwrap().ip(), at_six.ua.at.ip());
    call.hang_up(&mut bench);
    at_six.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

/// Anna, over TLS, calls somebody over TLS, and they talk.
fn talk_over_tls(bench: &mut Bench, anna: &Ua, dialled: &str, other: &Ua) -> (Leg, Leg) {
    let draft = anna.invite_draft(bench, dialled).sdp(&anna.sdp().secured(1));
    let mut call = anna.call_with(bench, &draft);
    let ring = answer_over_tls(bench, other);
    call.expect(bench, 200);
    call.ack(bench);
    call.sdp = call.sdp.secured(1);
    (call, ring)
}

fn answer_over_tls(bench: &mut Bench, ua: &Ua) -> Leg {
    let mut ring = ua.rung(bench);
    ring.sdp = ring.sdp.secured(1);
    ring.respond(bench, 200, Some(&ring.sdp));
    ring.expect_ack(bench);
    ring
}

/// The keys of ours that an offer or answer names, by suite.
fn keys(body: &bytes::Bytes) -> Vec<[u8; 16]> {
    audio(body).crypto.iter().map(|crypto| crypto.key).collect()
}

fn sent_with(bench: &Bench, side: Side) -> Option<[u8; 16]> {
    bench.media.leg(side).srtp_send.map(|key| key.key)
}

#[test]
fn who_is_handed_on_is_sent_to_under_new_keys_as_soon_as_it_has_taken_them() {
    let mut bench = Bench::new();
    let [anna, bram, chris] = ["201", "202", "203"].map(|number| over_tls(&mut bench, number));
    let (mut call, mut ring) = talk_over_tls(&mut bench, &anna, "202", &bram);
    let before = keys(&ring.asked().body);
    assert_eq!(sent_with(&bench, Side::Callee), Some(before[0]));
    assert_eq!(call.refer(&mut bench, &format!("<sip:203@{}>", crate::bench::BOX)).status.code(), 202);
    call.told(&mut bench);
    let mut at_chris = answer_over_tls(&mut bench, &chris);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    let told = ring.expect_request(&mut bench, &Method::INVITE);
    let fresh = keys(&told.body);
    assert_eq!(fresh.len(), 2);
    assert!(fresh.iter().all(|key| !before.contains(key)), "both keys are new");
    assert_ne!(sent_with(&bench, Side::Caller), Some(fresh[0]), "it does not know them yet");
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    assert_eq!(sent_with(&bench, Side::Caller), Some(fresh[0]));
    assert_eq!(
        sent_with(&bench, Side::Callee),
        Some(keys(&at_chris.asked().body)[0]),
        "who was called just now keeps its own"
    );

    // A refresh says the same again.
    ring.reinvite(&mut bench, Some(&ring.sdp.clone()));
    let again = ring.expect(&mut bench, 200);
    ring.ack(&mut bench);
    assert_eq!(keys(&again.body), [fresh[0]]);
    at_chris.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.over().len(), 2);
}

#[test]
fn who_stays_and_hears_somebody_else_is_sent_to_under_its_old_keys_until_it_has_taken_the_new() {
    let mut bench = Bench::new();
    let [anna, bram, chris] = ["201", "202", "203"].map(|number| over_tls(&mut bench, number));
    let (mut call, mut ring) = talk_over_tls(&mut bench, &anna, "202", &bram);
    let at_bram = keys(&ring.asked().body);
    let held = call.sdp.then("sendonly");
    call.reinvite(&mut bench, Some(&held));
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let (mut asking, mut at_chris) = talk_over_tls(&mut bench, &anna, "203", &chris);
    let before = keys(&at_chris.asked().body);
    let named = format!("<sip:203@{}?{}>", crate::bench::BOX, asking.as_replaces());
    assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    asking.expect_bye(&mut bench);

    let mut last = Vec::new();
    for refusals in 0..3 {
        let offered = keys(&at_chris.expect_request(&mut bench, &Method::INVITE).body);
        assert!(offered.iter().all(|key| !before.contains(key) && !last.contains(key)));
        assert_eq!(sent_with(&bench, Side::Callee), Some(before[0]), "it has not taken them yet");
        last = offered;
        if refusals < 2 {
            at_chris.refuse(&mut bench, 491);
            assert_eq!(sent_with(&bench, Side::Callee), Some(before[0]), "and did not");
            bench.seconds(4);
        }
    }
    at_chris.respond(&mut bench, 200, Some(&at_chris.sdp));
    at_chris.expect_ack(&mut bench);
    assert_eq!(sent_with(&bench, Side::Callee), Some(last[0]));
    let told = ring.expect_request(&mut bench, &Method::INVITE).body;
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    assert!(!keys(&told).contains(&at_bram[0]));
    assert_eq!(sent_with(&bench, Side::Caller), Some(keys(&told)[0]));
    ring.hang_up(&mut bench);
    at_chris.expect_bye(&mut bench);
    assert_eq!(bench.over().len(), 2);
}
