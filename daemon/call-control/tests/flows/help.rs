//! Invariant 1: a call for help from the office is never refused by a rule, a limit, a fault or a full trunk.

use std::time::Duration;

use centrale_call_control::{Input, Outcome};
use centrale_rtp::relay::Side;
use centrale_rtp::sound::{Country, Sound};
use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::{HeaderName, Method};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use crate::bench::{Bench, Draft, Leg, OFFICE, OfficeText, Provider, Ua};

/// Spellings of 112 that `centrale-numbering` knows, as they stand in a Request-URI.
const SPELLINGS: [&str; 16] = [
    "sip:112@192.168.1.10",
    "sip:+112@192.168.1.10",
    "sip:0112@192.168.1.10",
    "sip:9112@192.168.1.10",
    "sip:00112@192.168.1.10",
    "sip:112%23@192.168.1.10",
    "sip:1.1.2@192.168.1.10",
    "sip:%31%31%32@192.168.1.10",
    "sip:%2331%23112@192.168.1.10",
    "sip:*31*112@192.168.1.10",
    "tel:112",
    "tel:112;phone-context=+31",
    "sip:112;phone-context=example.net@192.168.1.10",
    "urn:service:sos",
    "URN:service:SOS.police",
    "sips:112@192.168.1.10",
];

#[derive(Debug, Clone, Copy)]
enum Password {
    Right,
    Wrong,
    Missing,
}

#[derive(Debug, Clone, Copy)]
enum Upstream {
    Works,
    RefusesOurRegistration,
    SaysNothing,
    /// Nothing was said to our REGISTER yet.
    Starting,
}

#[derive(Debug, Clone)]
struct World {
    belgium: bool,
    uri: String,
    number: &'static str,
    password: Password,
    first: Upstream,
    second: Upstream,
    oddity: usize,
    /// Ordinary calls that take every port first.
    crowded: bool,
    refusals: [u16; 2],
}

/// What makes an ordinary INVITE be refused, or is merely strange.
const ODDITIES: [fn(Draft) -> Draft; 14] = [
    |draft| draft,
    |draft| draft.set("Max-Forwards", "0"),
    |draft| draft.without("Max-Forwards"),
    |draft| draft.set("Max-Forwards", "1"),
    |draft| draft.with("Require", "100rel, nonsense"),
    |draft| draft.with("Session-Expires", "5"),
    |draft| draft.without("Contact"),
    |draft| draft.set("Contact", "*"),
    |draft| draft.body("text/plain", "help".into()),
    |draft| draft.body("application/sdp", "v=1\r\n".into()),
    |draft| draft.body("application/sdp", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n".into()),
    |draft| Draft { body: String::new(), ..draft.without("Content-Type") },
    |draft| draft.set("From", "\"x\" <sip:nobody@elsewhere>;tag=1"),
    |draft| draft.with("Proxy-Require", "privacy").with("Privacy", "id"),
];

fn world() -> impl Strategy<Value = World> {
    let number = prop_oneof![
        (0..SPELLINGS.len(), any::<bool>()).prop_map(|(at, belgium)| (belgium, SPELLINGS[at].to_owned(), "112")),
        Just((true, "sip:100@192.168.1.10".to_owned(), "100")),
        Just((true, "sip:0101@192.168.1.10".to_owned(), "101")),
        Just((true, "tel:+32100".to_owned(), "100")),
        Just((false, "sip:+31112@192.168.1.10".to_owned(), "112")),
    ];
    let password = prop_oneof![Just(Password::Right), Just(Password::Wrong), Just(Password::Missing)];
    let upstream = || {
        prop_oneof![
            Just(Upstream::Works),
            Just(Upstream::RefusesOurRegistration),
            Just(Upstream::SaysNothing),
            Just(Upstream::Starting)
        ]
    };
    let refusal = || prop::sample::select(vec![403u16, 404, 408, 480, 484, 486, 488, 500, 503, 600, 603]);
    let worlds = (number, password, upstream(), upstream(), 0..ODDITIES.len(), any::<bool>(), refusal(), refusal());
    worlds.prop_map(|((belgium, uri, number), password, first, second, oddity, crowded, one, two)| World {
        belgium,
        uri,
        number,
        password,
        first,
        second,
        oddity,
        crowded,
        refusals: [one, two],
    })
}

fn office(world: &World) -> String {
    let office = OfficeText::with_second_trunk();
    if world.belgium { OfficeText::belgian(&office) } else { office }
}

fn prepare(world: &World) -> (Bench, [Provider; 2]) {
    let ports = if world.crowded { (10_000, 10_007) } else { (10_000, 10_199) };
    let mut bench = Bench::switched_off(&office(world), ports);
    let (first, second) = Provider::two(&mut bench);
    for (provider, upstream) in [(&first, world.first), (&second, world.second)] {
        let mut registrar = provider.registrar.borrow_mut();
        match upstream {
            Upstream::Works => {}
            Upstream::RefusesOurRegistration => registrar.at_once = Some((403, String::new())),
            Upstream::SaysNothing | Upstream::Starting => registrar.silent = true,
        }
    }
    bench.find_interfaces();
    if !matches!((world.first, world.second), (Upstream::Starting, _) | (_, Upstream::Starting)) {
        bench.seconds(100);
    }
    if world.crowded {
        crowd(&mut bench);
    }
    (bench, [first, second])
}

/// Ordinary calls until no port is left.
fn crowd(bench: &mut Bench) {
    let (caller, _callee) = (bench.phone("203"), bench.phone("202"));
    for _ in 0..2 {
        let leg = caller.call(bench, "202");
        assert!(bench.take_response(caller.at, |response| response.headers.call_id() == Ok(&leg.call_id)).is_none());
    }
    caller.call(bench, "202").expect(bench, 503);
}

fn call_for_help(bench: &mut Bench, world: &World) -> (Ua, Leg) {
    let mut phone = Ua::usual("201");
    match world.password {
        Password::Right => {}
        Password::Wrong => phone.password = "of last year".into(),
        Password::Missing => phone.user = "somebody".into(),
    }
    let draft = phone.invite_draft(bench, &world.uri);
    let draft = ODDITIES[world.oddity](draft);
    let draft = match world.password {
        Password::Missing => draft,
        // An answer to a challenge of another day: what a phone with an old nonce sends.
        _ => {
            let stranger = phone.invite_draft(bench, "299");
            let mut refused = Leg::calling(&phone, bench, &stranger);
            let challenge = refused.expect(bench, 401);
            phone.proven(bench, &draft, &challenge)
        }
    };
    let leg = Leg::calling(&phone, bench, &draft);
    (phone, leg)
}

/// Takes the next INVITE for help that some provider was sent.
fn asked_provider<'a>(bench: &mut Bench, providers: &'a [Provider; 2]) -> Option<(&'a Provider, Leg)> {
    providers.iter().find_map(|provider| {
        let invite = bench.take_request(provider.ua.at, &Method::INVITE)?;
        Some((provider, Leg::called(&provider.ua, bench, invite)))
    })
}

proptest! {
    #![proptest_config(Config { cases: 256, rng_seed: RngSeed::Fixed(112), failure_persistence: None, ..Config::default() })]

    #[test]
    fn an_emergency_call_from_the_office_reaches_a_provider_and_every_other_provider_when_that_one_refuses(world in world()) {
        let (mut bench, providers) = prepare(&world);
        let (phone, mut call) = call_for_help(&mut bench, &world);
        let mut reached = Vec::new();
        while let Some((provider, ring)) = asked_provider(&mut bench, &providers) {
            let dialled = ring.asked().uri.dialled().unwrap().into_owned();
            prop_assert_eq!(&dialled, world.number, "the canonical number goes out, whatever was dialled");
            prop_assert!(ring.asked().headers.first(&HeaderName::Privacy).is_none());
            reached.push(provider.ua.at);
            prop_assert!(reached.len() <= 2, "each provider is asked once");
            if reached.len() < 2 {
                ring.refuse(&mut bench, world.refusals[0]);
            } else {
                let mut ring = ring;
                ring.respond(&mut bench, 200, Some(&ring.sdp));
                if call.invite.as_ref().unwrap().body.contains("m=audio") {
                    ring.expect_ack(&mut bench);
                }
                let answer = call.expect(&mut bench, 200);
                if call.invite.as_ref().unwrap().body.contains("m=audio") {
                    call.ack(&mut bench);
                } else {
                    prop_assert!(!answer.body.is_empty(), "the provider's offer is passed on");
                    call.ack_with(&mut bench, &phone.sdp());
                    ring.expect_ack(&mut bench);
                }
                ring.hang_up(&mut bench);
                call.expect_bye(&mut bench);
            }
        }
        prop_assert_eq!(reached.len(), 2, "both have an address, so both are asked: {:?}", bench.unread());
        bench.seconds(200);
        let helped: Vec<_> = bench.records.iter().filter(|record| record.emergency).collect();
        prop_assert_eq!(helped.len(), 1);
        prop_assert_eq!((helped[0].to.as_str(), helped[0].outcome), (world.number, Outcome::Answered));
    }
}

fn nobody_but(bench: &mut Bench, phone: &Ua, dialled: &str) -> Leg {
    let draft = phone.invite_draft(bench, dialled);
    Leg::calling(phone, bench, &draft)
}

#[test]
fn a_silent_provider_costs_less_than_two_seconds_and_both_may_still_answer() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    let mut slow = first.ua.rung(&mut bench);
    bench.seconds(2);
    let ring = second.ua.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    slow.pick_up(&mut bench);
    ring.expect_cancelled(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    slow.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].trunk.as_deref(), records[0].outcome), (Some("provider"), Outcome::Answered));
}

/// Two providers, and a call for help that the first one tries from now on.
fn tried_by_the_first() -> (Bench, [Provider; 2], Leg, Leg) {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    let anna = bench.phone("201");
    let call = nobody_but(&mut bench, &anna, "112");
    let stuck = first.ua.rung(&mut bench);
    stuck.respond(&mut bench, 100, None);
    (bench, [first, second], call, stuck)
}

#[test]
fn a_provider_that_tries_and_never_rings_does_not_keep_help_from_the_next_one() {
    for stuck_answers in [false, true] {
        let (mut bench, [_, second], mut call, mut stuck) = tried_by_the_first();
        bench.seconds(6);
        stuck.respond(&mut bench, 100, None);
        bench.seconds(5);
        bench.quiet();
        bench.seconds(2);
        let mut ring = second.ua.rung(&mut bench);
        ring.ring(&mut bench);
        call.expect(&mut bench, 180);
        bench.seconds(20);
        bench.quiet();
        let (answers, other) = if stuck_answers { (&mut stuck, &ring) } else { (&mut ring, &stuck) };
        answers.pick_up(&mut bench);
        other.expect_cancelled(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        answers.hang_up(&mut bench);
        call.expect_bye(&mut bench);
        let records = bench.over();
        let answered_over = if stuck_answers { "provider" } else { "second" };
        assert_eq!((records[0].outcome, records[0].trunk.as_deref()), (Outcome::Answered, Some(answered_over)));
    }
}

#[test]
fn a_provider_that_rings_within_twelve_seconds_is_the_only_one_that_is_asked_for_help() {
    for progress in [180, 183] {
        let (mut bench, [_, second], mut call, ring) = tried_by_the_first();
        bench.seconds(11);
        ring.respond(&mut bench, progress, None);
        call.expect(&mut bench, 180);
        bench.seconds(120);
        assert!(bench.take_request(second.ua.at, &Method::INVITE).is_none(), "{progress}");
        helped(&mut bench, call, ring, Vec::new());
        bench.over();
    }
}

#[test]
fn no_call_is_given_up_for_help_while_a_provider_that_tries_may_still_ring() {
    let (mut bench, [first, second], mut calls) = calls_over(false);
    let (mut ordinary, mut far) = calls.remove(0);
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    let stuck = first.ua.rung(&mut bench);
    bench.seconds(2);
    stuck.respond(&mut bench, 100, None);
    second.ua.rung(&mut bench).refuse(&mut bench, 503);
    bench.seconds(11);
    bench.quiet();
    bench.seconds(2);
    far.expect_bye(&mut bench);
    let mut ring = second.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    stuck.expect_cancelled(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(3);
    ordinary.expect_bye(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn the_only_provider_goes_on_trying_for_as_long_as_the_caller_waits() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let call = nobody_but(&mut bench, &anna, "112");
    let ring = provider.ua.rung(&mut bench);
    ring.respond(&mut bench, 100, None);
    bench.seconds(170);
    bench.quiet();
    helped(&mut bench, call, ring, Vec::new());
    bench.over();
}

#[test]
fn silent_servers_of_one_provider_do_not_keep_the_next_provider_waiting() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let at = |text: &str| Target::new(Transport::Udp, text.parse().unwrap());
    let servers = ["203.0.113.1:5060", "203.0.113.2:5060", "203.0.113.3:5060"].map(at);
    bench.names.insert("sip.provider.example".into(), servers.to_vec());
    let second = Provider::at(&mut bench, Transport::Udp, Provider::SECOND);
    bench.find_interfaces();
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    let silent = Ua::new("provider", Transport::Udp, "203.0.113.1:5060").rung(&mut bench);
    bench.seconds(2);
    let mut ring = second.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    drop(silent);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
}

#[test]
fn a_full_trunk_gives_up_an_ordinary_call_for_help() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut ordinary, mut far) = bench.connect(&bram, "0612345678", &provider.ua);
    let mut call = nobody_but(&mut bench, &anna, "112");
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    far.expect_bye(&mut bench);
    let mut ring = provider.ua.rung(&mut bench);
    assert_eq!(ring.asked().uri.dialled().as_deref(), Some("112"));
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    // All of that at once; only who was in the ordinary call hears for a moment that it is over.
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Refused(Country::Netherlands))]);
    assert_eq!(bench.trunk("provider").calls, 1);
    bench.quiet();
    bench.seconds(3);
    ordinary.expect_bye(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(bench.exchange.counters().calls_given_up, 1);
    let records = bench.over();
    let outcomes: Vec<_> = records.iter().map(|record| (record.emergency, record.outcome)).collect();
    assert_eq!(outcomes, [(false, Outcome::Lost), (true, Outcome::Answered)]);
    let given_up = &records[0];
    assert_eq!((given_up.trunk.as_deref(), given_up.ended), (Some("provider"), given_up.answered.unwrap()));
}

#[test]
fn whoever_talks_to_a_helpline_is_not_given_up_while_somebody_only_chats() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (_, mut chat) = bench.connect(&bram, "0612345678", &provider.ua);
    let (_, _helpline) = bench.connect(&bram, "113", &provider.ua);
    let mut call = nobody_but(&mut bench, &anna, "112");
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    chat.expect_bye(&mut bench);
    provider.ua.rung(&mut bench).pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(bench.exchange.counters().calls_given_up, 1);
}

/// An office with two providers and an ordinary call over the second one, or over both; the far ends of those.
fn calls_over(over_both: bool) -> (Bench, [Provider; 2], Vec<(Leg, Leg)>) {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    let bram = bench.phone("202");
    let call = bram.call(&mut bench, "0612345678");
    first.ua.rung(&mut bench).refuse(&mut bench, 503);
    let mut calls = vec![bench.answered(call, &second.ua)];
    if over_both {
        calls.push(bench.connect(&bram, "0612345679", &first.ua));
    }
    (bench, [first, second], calls)
}

/// Help is answered at that provider, and everybody hangs up, also who has heard that its call is over.
#[track_caller]
fn helped(bench: &mut Bench, mut call: Leg, mut ring: Leg, given_up: Vec<Leg>) {
    assert_eq!(ring.asked().uri.dialled().as_deref(), Some("112"));
    ring.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    bench.seconds(3);
    given_up.into_iter().for_each(|mut ordinary| ordinary.expect_bye(bench));
    ring.hang_up(bench);
    call.expect_bye(bench);
}

#[test]
fn room_is_made_on_a_full_trunk_whatever_another_provider_says_of_the_number() {
    for status in [404, 408, 484, 488] {
        let (mut bench, [first, second], mut calls) = calls_over(false);
        let (ordinary, mut far) = calls.remove(0);
        let anna = bench.phone("201");
        let call = nobody_but(&mut bench, &anna, "112");
        first.ua.rung(&mut bench).refuse(&mut bench, status);
        second.ua.rung(&mut bench).refuse(&mut bench, 503);
        far.expect_bye(&mut bench);
        let ring = second.ua.rung(&mut bench);
        helped(&mut bench, call, ring, vec![ordinary]);
        assert_eq!(bench.exchange.counters().calls_given_up, 1);
        bench.over();
    }
}

#[test]
fn room_is_made_within_two_seconds_while_another_provider_says_nothing() {
    for silent_first in [true, false] {
        let (mut bench, [first, second], mut calls) = calls_over(true);
        let anna = bench.phone("201");
        let call = nobody_but(&mut bench, &anna, "112");
        let (silent, full) = if silent_first { (first, second) } else { (second, first) };
        let (ordinary, mut far) = calls.remove(usize::from(!silent_first));
        if silent_first {
            let asked = silent.ua.rung(&mut bench);
            bench.seconds(2);
            full.ua.rung(&mut bench).refuse(&mut bench, 503);
            drop(asked);
        } else {
            full.ua.rung(&mut bench).refuse(&mut bench, 503);
            drop(silent.ua.rung(&mut bench));
            bench.seconds(2);
        }
        far.expect_bye(&mut bench);
        let mut ring = full.ua.rung(&mut bench);
        ring.pick_up(&mut bench);
        let mut call = call;
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        bench.seconds(40);
        let mut ordinary = ordinary;
        ordinary.expect_bye(&mut bench);
        ring.hang_up(&mut bench);
        call.expect_bye(&mut bench);
        assert_eq!(bench.exchange.counters().calls_given_up, 1);
        let (mut other, mut its_far) = calls.remove(0);
        other.hang_up(&mut bench);
        its_far.expect_bye(&mut bench);
    }
}

#[test]
fn providers_that_are_all_full_are_asked_again_when_the_calls_that_made_room_are_over_there() {
    let (mut bench, [first, second], calls) = calls_over(true);
    let anna = bench.phone("201");
    let call = nobody_but(&mut bench, &anna, "112");
    first.ua.rung(&mut bench).refuse(&mut bench, 503);
    second.ua.rung(&mut bench).refuse(&mut bench, 486);
    // One call on each is given up, and each is asked at once, beside its BYE.
    first.ua.rung(&mut bench).refuse(&mut bench, 503);
    second.ua.rung(&mut bench).refuse(&mut bench, 486);
    let mut given_up = Vec::new();
    for (ordinary, mut far) in calls {
        far.expect_bye(&mut bench);
        given_up.push(ordinary);
    }
    assert_eq!(bench.exchange.counters().calls_given_up, 2);
    bench.quiet();
    bench.advance(Duration::from_millis(250));
    first.ua.rung(&mut bench).refuse(&mut bench, 503);
    let ring = second.ua.rung(&mut bench);
    helped(&mut bench, call, ring, given_up);
    bench.over();
}

#[test]
fn who_calls_for_help_learns_within_seconds_that_a_provider_stays_full_and_a_bounded_number_of_calls_is_given_up() {
    let office = OFFICE.replace("register = true\n", "register = true\nchannels = 5\n");
    let mut bench = Bench::of(&office);
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut calls: Vec<_> = (0..4).map(|_| bench.connect(&bram, "0612345678", &provider.ua)).collect();
    let mut call = nobody_but(&mut bench, &anna, "112");
    let mut asked = 0;
    for _ in 0..50 {
        while let Some(invite) = bench.take_request(provider.ua.at, &Method::INVITE) {
            asked += 1;
            Leg::called(&provider.ua, &mut bench, invite).refuse(&mut bench, 503);
        }
        bench.advance(Duration::from_millis(100));
    }
    call.expect(&mut bench, 503);
    assert_eq!((asked, bench.exchange.counters().calls_given_up), (7, 2));
    for (mut ordinary, mut far) in calls.drain(2..) {
        far.expect_bye(&mut bench);
        ordinary.expect_bye(&mut bench);
    }
    for (mut ordinary, mut far) in calls {
        ordinary.hang_up(&mut bench);
        far.expect_bye(&mut bench);
    }
    bench.over();
}

#[test]
fn who_gives_up_calling_for_help_while_room_is_made_is_let_go() {
    let (mut bench, [first, second], calls) = calls_over(true);
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    for _ in 0..2 {
        first.ua.rung(&mut bench).refuse(&mut bench, 503);
        second.ua.rung(&mut bench).refuse(&mut bench, 503);
    }
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    bench.seconds(10);
    for (mut ordinary, mut far) in calls {
        far.expect_bye(&mut bench);
        ordinary.expect_bye(&mut bench);
    }
    bench.over();
}

#[test]
fn when_every_provider_refuses_and_nothing_can_be_given_up_the_caller_learns_it_at_once() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    call.expect(&mut bench, 503);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].emergency), (Outcome::Unreachable, true));
}

#[test]
fn a_127_help_waits_until_a_provider_is_found() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    let targets = bench.names.remove("sip.provider.example").unwrap();
    bench.find_interfaces();
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    bench.seconds(3);
    bench.quiet();
    bench.names.insert("sip.provider.example".into(), targets);
    bench.seconds(2);
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(crate::ended(bench), (Outcome::Answered, 0));
}

#[test]
fn help_does_not_wait_for_ever_for_a_provider_that_is_nowhere() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    bench.names.clear();
    bench.find_interfaces();
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    bench.seconds(9);
    bench.quiet();
    bench.seconds(2);
    call.expect(&mut bench, 503);
    assert_eq!(crate::ended(bench), (Outcome::Unreachable, 503));
}

/// An office whose first provider is there, and whose second one goes by a name that nobody has found yet.
fn second_not_found() -> (Bench, [Provider; 2]) {
    let mut bench = Bench::switched_off(&OfficeText::with_named_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    (bench, [first, second])
}

/// The resolver knows the second provider now.
fn know_second(bench: &mut Bench) {
    let at = Target::new(Transport::Udp, Provider::SECOND.parse().unwrap());
    bench.names.insert("sip.second.example".into(), vec![at]);
}

#[test]
fn a_second_provider_that_is_found_only_once_help_was_called_is_asked_when_the_first_fails() {
    for (silent, late_answer) in [(false, false), (false, true), (true, false), (true, true)] {
        let (mut bench, [first, second]) = second_not_found();
        bench.resolver_answers = !late_answer;
        if late_answer {
            bench.seconds(60);
        }
        let anna = bench.phone("201");
        let mut call = nobody_but(&mut bench, &anna, "112");
        let asked = first.ua.rung(&mut bench);
        if !silent {
            asked.refuse(&mut bench, 503);
        }
        bench.advance(Duration::from_millis(900));
        bench.quiet();
        know_second(&mut bench);
        if late_answer {
            let targets = bench.names["sip.second.example"].clone();
            bench.input(Input::Resolved { trunk: "second".into(), targets });
        }
        bench.seconds(1);
        let mut ring = second.ua.rung(&mut bench);
        assert_eq!(ring.asked().uri.dialled().as_deref(), Some("112"));
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        bench.seconds(40);
        ring.hang_up(&mut bench);
        call.expect_bye(&mut bench);
        let records = bench.over();
        assert_eq!((records[0].outcome, records[0].trunk.as_deref()), (Outcome::Answered, Some("second")));
    }
}

#[test]
fn no_call_is_given_up_for_help_while_another_provider_may_be_found_at_once() {
    for found in [true, false] {
        let (mut bench, [first, second]) = second_not_found();
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let (mut ordinary, mut far) = bench.connect(&bram, "0612345678", &first.ua);
        let call = nobody_but(&mut bench, &anna, "112");
        first.ua.rung(&mut bench).refuse(&mut bench, 486);
        bench.advance(Duration::from_millis(900));
        bench.quiet();
        if found {
            know_second(&mut bench);
            bench.seconds(1);
            let ring = second.ua.rung(&mut bench);
            helped(&mut bench, call, ring, Vec::new());
            ordinary.hang_up(&mut bench);
            far.expect_bye(&mut bench);
        } else {
            bench.seconds(2);
            first.ua.rung(&mut bench).refuse(&mut bench, 486);
            far.expect_bye(&mut bench);
            let ring = first.ua.rung(&mut bench);
            helped(&mut bench, call, ring, vec![ordinary]);
        }
        assert_eq!(bench.exchange.counters().calls_given_up, u64::from(!found));
        bench.over();
    }
}

#[test]
fn who_calls_for_help_learns_after_ten_seconds_that_no_other_provider_was_found() {
    let (mut bench, [first, _]) = second_not_found();
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    first.ua.rung(&mut bench).refuse(&mut bench, 503);
    bench.seconds(9);
    bench.quiet();
    bench.seconds(2);
    call.expect(&mut bench, 503);
    assert_eq!(crate::ended(bench), (Outcome::Unreachable, 503));
}

#[test]
fn a_provider_that_is_found_while_another_one_rings_for_help_is_left_alone() {
    let (mut bench, [first, second]) = second_not_found();
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    let mut ring = first.ua.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    know_second(&mut bench);
    bench.seconds(20);
    assert!(bench.take_request(second.ua.at, &Method::INVITE).is_none());
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_call_for_help_that_waits_for_a_provider_does_not_go_back_to_the_one_that_it_came_from() {
    let office = OfficeText::with_named_second_trunk().replace("sip.provider.example", "192.168.1.20:5060");
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let [other, second] =
        ["192.168.1.20:5060", Provider::SECOND].map(|at| Provider::at(&mut bench, Transport::Udp, at));
    bench.find_interfaces();
    let draft = other.invite_draft(&mut bench, "112", "201");
    let mut call = Leg::calling(&other.ua, &mut bench, &draft);
    bench.seconds(1);
    know_second(&mut bench);
    bench.seconds(2);
    second.ua.rung(&mut bench).refuse(&mut bench, 503);
    assert!(bench.take_request(other.ua.at, &Method::INVITE).is_none());
    call.expect(&mut bench, 503);
    bench.over();
}

#[test]
fn help_rings_for_as_long_as_the_caller_waits() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = nobody_but(&mut bench, &anna, "112");
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    bench.seconds(3600);
    bench.quiet();
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    ring.expect_cancelled(&mut bench);
    bench.over();
}

#[test]
fn a_port_that_another_program_holds_does_not_end_a_call_for_help() {
    let mut bench = Bench::with_ports(OFFICE, (10_000, 10_019));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    bench.media.refused.extend((10_000..10_018).step_by(2));
    let mut call = nobody_but(&mut bench, &anna, "112");
    let mut rung = 0;
    let mut last = None;
    while let Some(invite) = bench.take_request(provider.ua.at, &Method::INVITE) {
        if let Some(before) = last.take() {
            let before: Leg = before;
            before.expect_gone(&mut bench);
        }
        last = Some(Leg::called(&provider.ua, &mut bench, invite));
        rung += 1;
    }
    let mut ring = last.unwrap();
    assert!(rung >= 1);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_wrong_number_that_looks_like_help_gets_no_privilege() {
    for dialled in ["1129", "sip:112112@192.168.1.10", "urn:service:counseling", "911"] {
        let mut bench = Bench::new();
        let anna = bench.phone("201");
        let draft = anna.invite_draft(&mut bench, dialled);
        Leg::calling(&anna, &mut bench, &draft).expect(&mut bench, 401);
        bench.over();
    }
}

#[test]
fn a_call_for_help_that_came_from_a_provider_does_not_go_in_circles() {
    // Two boxes in one building, each the other's trunk.
    let office = OFFICE.replace("sip.provider.example", "192.168.1.20:5060");
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let other = Provider::at(&mut bench, Transport::Udp, "192.168.1.20:5060");
    bench.find_interfaces();
    let draft = other.invite_draft(&mut bench, "112", "201");
    let mut call = Leg::calling(&other.ua, &mut bench, &draft);
    call.expect(&mut bench, 503);
    bench.over();
}

#[test]
fn who_calls_for_help_unregistered_keeps_the_connection_while_it_rings() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let phone = Ua { password: "wrong".into(), ..Ua::new("201", Transport::Tls, "192.168.1.150:40000") };
    let call = nobody_but(&mut bench, &phone, "112");
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    assert!(bench.is_kept(&phone));
    drop(call);
}

#[test]
fn b_38_a_flood_of_calls_for_help_from_one_phone_is_placed_call_by_call_and_makes_no_story_of_itself() {
    let mut bench = Bench::with_ports(OFFICE, (10_000, 11_999));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let before = (bench.problems(), bench.incidents.len());
    let calls: Vec<(Leg, Leg)> = (0..200)
        .map(|_| {
            let draft = anna.invite_draft(&mut bench, "112");
            let mut call = Leg::calling(&anna, &mut bench, &draft);
            let ring = provider.ua.rung(&mut bench);
            ring.ring(&mut bench);
            call.expect(&mut bench, 180);
            (call, ring)
        })
        .collect();
    assert_eq!((bench.problems(), bench.incidents.len()), before, "nobody is told two hundred things");
    assert!(!bench.is_blocking());
    for (mut call, ring) in calls {
        call.cancel(&mut bench);
        call.expect(&mut bench, 487);
        ring.expect_cancelled(&mut bench);
    }
    assert_eq!(bench.over().iter().filter(|record| record.to == "112").count(), 200);
}
