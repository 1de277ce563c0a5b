//! The box rings whoever is to know something at once: what is said, the 1 that ends it, and that no stop holds it and help is never
//! in its way.

use centrale_call_control::{AlertCall, AlertEnd, Command, Input, Outcome, Pressed, Stop};
use centrale_rtp::relay::{Event, Key, RelayId, Side};
use centrale_rtp::sound::{Sentence, Sound, Tongue, Voice};
use centrale_sip::message::{HeaderName, Method, NameAddr};

use crate::bench::{Bench, Leg, OFFICE, Provider};

const OWNER: &str = "+31612345678";

fn voice() -> Voice {
    Sentence::say(&[Sentence::Greeting, Sentence::Inside, Sentence::PressWhenHeard], Tongue::Dutch)
}

fn order(bench: &mut Bench, id: u64, number: &str) {
    bench.command(Command::Alert(AlertCall { id, number: number.into(), voice: voice() }));
}

/// The box rings the owner, who picks up.
#[track_caller]
fn answered(bench: &mut Bench, provider: &Provider) -> Leg {
    order(bench, 7, OWNER);
    let ring = provider.ua.rung(bench);
    ring.ring(bench);
    ring.pick_up(bench);
    ring
}

fn press(bench: &mut Bench, relay: RelayId, key: char) {
    bench.input(Input::Media(Event::Key { relay, side: Side::Callee, key: Key(key) }));
}

#[test]
fn it_rings_under_the_main_number_says_what_happened_and_a_one_ends_it() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let mut ring = answered(&mut bench, &provider);
    assert_eq!(ring.asked().uri.dialled().as_deref(), Some(OWNER));
    let from: NameAddr = ring.asked().headers.from().unwrap();
    assert_eq!(from.uri.dialled().as_deref(), Some("+31201234567"));
    let (said, _) = bench.media.played.last().expect("something is said").clone();
    assert!(said.codes().ends_with(voice().codes()), "after a silence for who takes a moment to listen");
    let relay = bench.media.relay();
    assert!(bench.media.keys.contains_key(&(relay, Side::Callee)));
    // Nothing but a 1 counts.
    press(&mut bench, relay, '2');
    assert_eq!(bench.alerted, []);
    press(&mut bench, relay, '1');
    assert_eq!(bench.media.heard(), [(Side::Callee, Sound::Done)]);
    bench.seconds(2);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.alerted, [(7, AlertEnd::Heard)]);
    let records = bench.over();
    assert_eq!((&*records[0].from, &*records[0].to, records[0].outcome), ("+31201234567", OWNER, Outcome::Answered));
    assert!(records[0].price.is_some_and(|price| price.cents_up() > 0), "it stands there what it cost");
}

#[test]
fn a_one_that_comes_as_info_counts_too() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let mut ring = answered(&mut bench, &provider);
    let info = ring.draft(&mut bench, "INFO").body("application/dtmf-relay", "Signal=1\r\nDuration=160\r\n".into());
    assert_eq!(ring.ask(&mut bench, &info).status.code(), 200);
    bench.seconds(2);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.alerted, [(7, AlertEnd::Heard)]);
    bench.over();
}

#[test]
fn a_mailbox_that_answers_hears_it_three_times_and_is_hung_up_on() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let mut ring = answered(&mut bench, &provider);
    bench.seconds(60);
    assert_eq!(bench.media.played.len(), 3);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.alerted, [(7, AlertEnd::NotConfirmed)]);
    bench.over();
}

#[test]
fn who_hangs_up_without_a_one_has_not_heard_it() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let mut ring = answered(&mut bench, &provider);
    ring.hang_up(&mut bench);
    assert_eq!(bench.alerted, [(7, AlertEnd::NotConfirmed)]);
    bench.over();
}

#[test]
fn busy_and_nobody_there_are_told_apart_from_no_way() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    order(&mut bench, 1, OWNER);
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    assert_eq!(bench.alerted, [(1, AlertEnd::NoAnswer)]);
    order(&mut bench, 2, OWNER);
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    bench.seconds(46);
    ring.expect_cancelled(&mut bench);
    assert_eq!(bench.alerted[1..], [(2, AlertEnd::NoAnswer)]);
    order(&mut bench, 3, OWNER);
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    assert_eq!(bench.alerted[2..], [(3, AlertEnd::NotMade)]);
    bench.over();
}

#[test]
fn numbers_that_are_dear_the_offices_own_or_help_are_not_rung_whoever_orders_it() {
    let mut bench = Bench::new();
    let _provider = Provider::new(&mut bench);
    bench.seconds(5);
    for (id, number) in ["+31201234568", "+319001234567", "112", "+4915112345678", "201", ""].into_iter().enumerate() {
        order(&mut bench, id as u64, number);
        bench.quiet();
        assert_eq!(bench.alerted.last(), Some(&(id as u64, AlertEnd::NotMade)), "{number}");
    }
    bench.over();
}

#[test]
fn it_is_made_while_calls_out_are_stopped_and_the_stop_does_not_end_it() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let stop = |bench: &mut Bench| {
        let pressed = Pressed { by: "admin".into(), at_unix_ms: 1_795_860_000_000 };
        bench.command(Command::Stop { stop: Stop::of_word("outgoing").unwrap(), pressed });
    };
    stop(&mut bench);
    let mut ring = answered(&mut bench, &provider);
    stop(&mut bench);
    bench.quiet();
    let relay = bench.media.relay();
    press(&mut bench, relay, '1');
    bench.seconds(2);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.alerted, [(7, AlertEnd::Heard)]);
    bench.over();
}

#[test]
fn it_yields_to_a_call_for_help_and_is_not_made_during_one() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut ring = answered(&mut bench, &provider);
    let draft = anna.invite_draft(&mut bench, "112");
    let call = Leg::calling(&anna, &mut bench, &draft);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.alerted, [(7, AlertEnd::NotMade)]);
    let (mut call, mut helper) = bench.answered(call, &provider.ua);
    order(&mut bench, 8, OWNER);
    bench.quiet();
    assert_eq!(bench.alerted[1..], [(8, AlertEnd::NotMade)]);
    call.hang_up(&mut bench);
    helper.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn help_is_asked_for_again_where_the_provider_still_counts_the_call_that_yielded() {
    let mut bench = Bench::of(&OFFICE.replace("register = true\n", "register = true\nchannels = 1\n"));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    order(&mut bench, 7, OWNER);
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    let draft = anna.invite_draft(&mut bench, "112");
    let call = Leg::calling(&anna, &mut bench, &draft);
    ring.expect_cancelled(&mut bench);
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    bench.seconds(1);
    let (mut call, mut helper) = bench.answered(call, &provider.ua);
    assert_eq!(bench.alerted, [(7, AlertEnd::NotMade)]);
    call.hang_up(&mut bench);
    helper.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_network_that_fails_after_it_rang_is_no_answer() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    for (id, status) in [(1, 408), (2, 500), (3, 504)] {
        order(&mut bench, id, OWNER);
        let ring = provider.ua.rung(&mut bench);
        ring.ring(&mut bench);
        ring.refuse(&mut bench, status);
        assert_eq!(bench.alerted.last(), Some(&(id, AlertEnd::NoAnswer)), "{status}");
    }
    bench.over();
}

#[test]
fn it_is_not_made_on_a_line_that_carries_no_more_and_breaks_up_no_call() {
    let line = "language = \"nl\"\nline_kbit = 100\n";
    let mut bench = Bench::of(&OFFICE.replace("language = \"nl\"\n", line));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let (mut call, mut far) = bench.connect(&anna, "0301234567", &provider.ua);
    order(&mut bench, 1, OWNER);
    bench.quiet();
    assert_eq!(bench.alerted, [(1, AlertEnd::NotMade)]);
    call.hang_up(&mut bench);
    far.expect_bye(&mut bench);
    order(&mut bench, 2, OWNER);
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    assert_eq!(bench.alerted[1..], [(2, AlertEnd::NoAnswer)]);
    bench.over();
}

#[test]
fn a_phone_that_sends_it_on_to_the_office_does_not_have_it_confirmed_there() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    order(&mut bench, 7, OWNER);
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    let office = "+31201234567";
    let sent_on = [("+31201234567", None), ("+31301112223", Some("Diversion")), ("+31301112223", Some("History-Info"))];
    for (caller, header) in sent_on {
        let draft = provider.invite_draft(&mut bench, office, caller);
        let draft = match header {
            Some(header) => draft.with(header, "<sip:0612345678@sip.provider.example;cause=302>;index=1".to_owned()),
            None => draft,
        };
        Leg::calling(&provider.ua, &mut bench, &draft).expect(&mut bench, 486);
        assert!(bench.take_request(anna.at, &Method::INVITE).is_none(), "{caller} {header:?}");
    }
    // Somebody else calls as ever.
    let draft = provider.invite_draft(&mut bench, office, "+31301112223");
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    let rung = anna.rung(&mut bench);
    rung.ring(&mut bench);
    call.expect(&mut bench, 180);
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    rung.expect_cancelled(&mut bench);
    ring.refuse(&mut bench, 486);
    assert_eq!(bench.alerted, [(7, AlertEnd::NoAnswer)]);
    bench.over();
}

#[test]
fn it_leaves_the_last_channel_to_whoever_calls_back_after_a_call_for_help() {
    let mut bench = Bench::of(&OFFICE.replace("register = true\n", "register = true\nchannels = 1\n"));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let draft = anna.invite_draft(&mut bench, "112");
    let call = Leg::calling(&anna, &mut bench, &draft);
    let (mut call, mut helper) = bench.answered(call, &provider.ua);
    call.hang_up(&mut bench);
    helper.expect_bye(&mut bench);
    order(&mut bench, 1, OWNER);
    bench.quiet();
    assert_eq!(bench.alerted, [(1, AlertEnd::NotMade)]);
    bench.seconds(3_601);
    order(&mut bench, 2, OWNER);
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    assert_eq!(bench.alerted[1..], [(2, AlertEnd::NoAnswer)]);
    bench.over();
}

#[test]
fn who_answered_may_change_its_sound_and_is_not_handed_on() {
    let mut bench = Bench::of(OFFICE);
    let provider = Provider::new(&mut bench);
    let mut ring = answered(&mut bench, &provider);
    let held = provider.ua.sdp().then("sendonly");
    ring.reinvite(&mut bench, Some(&held));
    ring.expect(&mut bench, 200);
    ring.ack(&mut bench);
    assert!(ring.refer(&mut bench, "sip:0612345679@192.168.1.10").status.code() >= 400);
    let bye = |bench: &mut Bench, ring: &mut Leg| {
        ring.expect_request(bench, &Method::BYE).headers.text(&HeaderName::Reason).is_none()
    };
    bench.seconds(60);
    assert!(bye(&mut bench, &mut ring));
    ring.respond(&mut bench, 200, None);
    assert_eq!(bench.alerted, [(7, AlertEnd::NotConfirmed)]);
    bench.over();
}
