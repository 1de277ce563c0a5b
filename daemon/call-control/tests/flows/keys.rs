//! Keys that somebody presses within a call, as events (RFC 4733) and as INFO, and in which way the other end is told of them.

use std::time::Duration;

use centrale_call_control::{Input, Outcome};
use centrale_rtp::relay::{Event, Key, Press, Side};
use centrale_sip::message::{HeaderName, Method, Request};

use crate::bench::{Bench, Leg, OFFICE, Provider, Ua, audio};
use crate::ended;

const RELAY: &str = "application/dtmf-relay";

/// An office whose provider knows keys as INFO alone.
fn info_trunk() -> (Bench, Provider, Ua) {
    let office = OFFICE.replace("register = true\n", "register = true\ndtmf = \"info\"\n");
    let mut bench = Bench::of(&office);
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    (bench, provider, anna)
}

/// One side presses a key, by INFO. The status that it is answered.
fn presses(bench: &mut Bench, leg: &mut Leg, kind: &str, body: &str) -> u16 {
    let info = leg.draft(bench, "INFO").body(kind, body.into());
    leg.ask(bench, &info).status.code()
}

/// The media thread tells that one end pressed a key as an event.
pub(crate) fn sends_event(bench: &mut Bench, key: char) {
    let (relay, side) = *bench.media.keys.keys().next().expect("somebody's keys are told");
    bench.input(Input::Media(Event::Key { relay, side, key: Key(key) }));
}

/// Anna talks to somebody over a provider that knows keys as INFO alone.
fn talks(bench: &mut Bench, anna: &Ua, provider: &Provider) -> (Leg, Leg) {
    let call = anna.call(bench, "0612345678");
    let mut ring = provider.ua.rung(bench);
    ring.sdp.formats = "8 0";
    bench.picked_up(call, ring)
}

/// Who is talked to is given to Chris.
fn given_to_chris(bench: &mut Bench, mut call: Leg, chris: &Ua) -> Leg {
    assert_eq!(call.refer(bench, &format!("sip:203@{}", crate::bench::BOX)).status.code(), 202);
    call.told(bench);
    let at_chris = chris.rung(bench);
    at_chris.pick_up(bench);
    call.told(bench);
    call.expect_bye(bench);
    at_chris
}

/// What is told by INFO, answered.
fn told(bench: &mut Bench, leg: &mut Leg) -> String {
    let info = leg.expect_request(bench, &Method::INFO);
    leg.respond(bench, 200, None);
    body_of(&info)
}

fn body_of(info: &Request) -> String {
    assert_eq!(info.headers.text(&HeaderName::ContentType).as_deref(), Some(RELAY));
    String::from_utf8(info.body.to_vec()).unwrap()
}

fn sent(bench: &Bench) -> Vec<(Side, char, u128, u8)> {
    let press = |(side, press): &(Side, Press)| {
        assert_eq!(press.clock_rate, 8000);
        (*side, press.key.0, press.lasts.as_millis(), press.payload_type)
    };
    bench.media.presses.iter().map(press).collect()
}

fn formats(body: &bytes::Bytes) -> Vec<u8> {
    audio(body).codecs.iter().map(|codec| codec.payload_type).collect()
}

fn over(mut bench: Bench, mut call: Leg, mut ring: Leg) {
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_key_by_info_becomes_an_event_where_the_other_end_agreed_on_events() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    assert_eq!(presses(&mut bench, &mut call, RELAY, "Signal=5\r\nDuration=160\r\n"), 200);
    assert_eq!(presses(&mut bench, &mut call, "application/dtmf", "#"), 200);
    assert_eq!(presses(&mut bench, &mut ring, RELAY, "Signal= 10\r\nDuration= 90"), 200);
    let told = [(Side::Callee, '5', 160, 101), (Side::Callee, '#', 250, 101), (Side::Caller, '*', 90, 101)];
    assert_eq!(sent(&bench), told);
    bench.quiet();
    over(bench, call, ring);
}

#[test]
fn a_key_by_info_goes_on_as_it_came_to_an_end_that_agreed_on_no_events() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.sdp.formats = "8 0";
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(presses(&mut bench, &mut call, RELAY, "Signal=5\r\nDuration=160\r\n"), 200);
    assert_eq!(told(&mut bench, &mut ring), "Signal=5\r\nDuration=160\r\n");
    assert_eq!(sent(&bench), []);
    over(bench, call, ring);
}

#[test]
fn what_says_it_is_a_key_and_is_none_is_refused_and_counted_and_the_call_lives() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, ring) = bench.connect(&anna, "202", &bram);
    for body in ["", "Signal=\r\n", "Signal=17\r\n", "Signal=5\r\nDuration=-1\r\n", "five"] {
        assert_eq!(presses(&mut bench, &mut call, RELAY, body), 400, "{body:?}");
    }
    assert_eq!(presses(&mut bench, &mut call, "application/dtmf", "12345"), 400);
    assert_eq!((bench.counted("bad_keys"), sent(&bench)), (6, vec![]));
    bench.quiet();
    over(bench, call, ring);
}

#[test]
fn a_provider_that_knows_keys_as_info_is_told_each_key_of_a_phone_once_and_one_after_the_other() {
    let (mut bench, provider, anna) = info_trunk();
    let mut call = anna.call(&mut bench, "0612345678");
    let mut ring = provider.ua.rung(&mut bench);
    assert_eq!(formats(&ring.asked().body), [8, 0], "it is offered no events");
    ring.sdp.formats = "8 0";
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(formats(&answer.body), [8, 0, 101], "and the phone may send them");
    let taken: Vec<_> = bench.media.keys.iter().map(|((_, side), number)| (*side, *number)).collect();
    assert_eq!(taken, [(Side::Caller, 101)]);
    for key in "1*".chars() {
        sends_event(&mut bench, key);
        bench.advance(Duration::from_millis(300));
    }
    let first = ring.expect_request(&mut bench, &Method::INFO);
    assert_eq!(body_of(&first), "Signal=1\r\nDuration=160\r\n");
    assert!(bench.take_request(provider.ua.at, &Method::INFO).is_none(), "the second waits, so that it is not first");
    ring.respond(&mut bench, 200, None);
    assert_eq!(told(&mut bench, &mut ring), "Signal=*\r\nDuration=160\r\n");
    // A phone that sends a key both ways has pressed it once.
    sends_event(&mut bench, '7');
    assert_eq!(presses(&mut bench, &mut call, RELAY, "Signal=7\r\nDuration=100\r\n"), 200);
    assert_eq!(told(&mut bench, &mut ring), "Signal=7\r\nDuration=160\r\n");
    bench.seconds(1);
    assert_eq!(presses(&mut bench, &mut call, RELAY, "Signal=7\r\nDuration=100\r\n"), 200);
    assert_eq!(told(&mut bench, &mut ring), "Signal=7\r\nDuration=100\r\n");
    bench.quiet();
    over(bench, call, ring);
}

#[test]
fn a_phone_that_knows_keys_as_info_alone_is_answered_no_events_and_such_a_provider_is_told_its_keys() {
    let (mut bench, provider, anna) = info_trunk();
    let mut without = anna.sdp();
    without.formats = "8 0";
    let draft = anna.invite_draft(&mut bench, "0612345678").sdp(&without);
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = provider.ua.rung(&mut bench);
    ring.sdp.formats = "8 0";
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(formats(&answer.body), [8, 0], "it offered no events");
    assert!(bench.media.keys.is_empty());
    assert_eq!(presses(&mut bench, &mut call, RELAY, "Signal=5\r\nDuration=160\r\n"), 200);
    assert_eq!(told(&mut bench, &mut ring), "Signal=5\r\nDuration=160\r\n");
    over(bench, call, ring);
}

#[test]
fn a_caller_from_a_provider_that_knows_keys_as_info_is_understood_and_told_keys() {
    let (mut bench, provider, _) = info_trunk();
    let bram = bench.phone("202");
    let mut draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let mut without = provider.ua.sdp();
    without.formats = "8";
    draft = draft.sdp(&without);
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    let ring = bram.rung(&mut bench);
    assert_eq!(formats(&ring.asked().body), [8, 101], "the phone may send its keys as ever");
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(formats(&answer.body), [8, 0]);
    sends_event(&mut bench, '3');
    assert_eq!(told(&mut bench, &mut call), "Signal=3\r\nDuration=160\r\n");
    assert_eq!(presses(&mut bench, &mut call, RELAY, "Signal=4\r\nDuration=100\r\n"), 200);
    assert_eq!(sent(&bench), [(Side::Callee, '4', 100, 101)]);
    over(bench, call, ring);
}

#[test]
fn whoever_talks_to_such_a_provider_now_has_the_keys_told() {
    let (mut bench, provider, anna) = info_trunk();
    let chris = bench.phone("203");
    let (call, mut ring) = talks(&mut bench, &anna, &provider);
    assert_eq!(bench.media.keys.keys().map(|(_, side)| *side).collect::<Vec<_>>(), [Side::Caller]);
    // The customer is given to Chris: his keys are told, and nobody's else.
    let mut at_chris = given_to_chris(&mut bench, call, &chris);
    ring.reconnected(&mut bench);
    assert_eq!(bench.media.keys.len(), 1);
    sends_event(&mut bench, '8');
    assert_eq!(told(&mut bench, &mut ring), "Signal=8\r\nDuration=160\r\n");
    ring.hang_up(&mut bench);
    at_chris.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_key_that_the_provider_wants_proven_after_its_call_was_given_on_is_told_under_the_next_number_of_its_dialog() {
    let challenge = "Proxy-Authenticate: Digest realm=\"provider\", nonce=\"c1\", qop=\"auth\", algorithm=SHA-256\r\n";
    let (mut bench, provider, anna) = info_trunk();
    let chris = bench.phone("203");
    let (call, mut ring) = talks(&mut bench, &anna, &provider);
    sends_event(&mut bench, '1');
    let info = ring.expect_request(&mut bench, &Method::INFO);
    let mut at_chris = given_to_chris(&mut bench, call, &chris);
    let join = ring.reconnected(&mut bench);
    ring.asked = Some(info.clone());
    ring.respond_with(&mut bench, 407, challenge, None);
    let again = ring.expect_request(&mut bench, &Method::INFO);
    assert_eq!(again.body, info.body);
    let numbers = [&info, &join, &again].map(|request| request.headers.cseq().unwrap().number);
    assert_eq!(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2]);
    ring.respond(&mut bench, 200, None);
    ring.hang_up(&mut bench);
    at_chris.expect_bye(&mut bench);
    bench.over();
}

/// Snom's and Yealink's record keys ask the exchange so.
#[test]
fn a_072_a_phone_that_wants_the_call_recorded_is_refused_and_told_and_the_other_end_is_not_asked() {
    let (mut bench, provider, anna) = info_trunk();
    let (mut call, mut ring) = talks(&mut bench, &anna, &provider);
    for wish in ["on", "off"] {
        let info = call.draft(&mut bench, "INFO").with("Record", wish);
        let refusal = call.ask(&mut bench, &info);
        assert_eq!((refusal.status.code(), refusal.reason.as_str()), (403, "Calls Are Not Recorded"));
    }
    bench.quiet();
    assert_eq!((bench.counted("recordings_refused"), bench.media.recording()), (2, None));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}
