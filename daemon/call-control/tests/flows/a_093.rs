//! Requirement A-93: 112, and in Belgium 100 and 101, get out whatever else is refused, and whatever the providers do; and what
//! limits calls limits none to a helpline. Tables, so that no state is left to chance: every state of the caller, the box and the
//! office's money (`blocks.rs`) times every state of both providers.

mod blocks;

use std::time::Duration;

use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, OfficeText, Provider, Ua};
use blocks::{BLOCKS, Block, USUAL};

/// What a provider does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upstream {
    Connected,
    /// It said nothing to our REGISTER yet, in the first second after the start.
    Connecting,
    /// It has said nothing for a minute, but for calls.
    Unreachable,
    RefusesUs,
    /// Every call is answered 503.
    Full,
    /// Nothing comes back any more.
    Silent,
    /// Its name is found only a second after the call.
    NotFound,
}

const UPSTREAMS: [Upstream; 7] = [
    Upstream::Connected,
    Upstream::Connecting,
    Upstream::Unreachable,
    Upstream::RefusesUs,
    Upstream::Full,
    Upstream::Silent,
    Upstream::NotFound,
];

/// What the first and the second provider do.
type Pair = [Upstream; 2];

fn pairs() -> impl Iterator<Item = Pair> {
    UPSTREAMS.into_iter().flat_map(|first| UPSTREAMS.map(|second| [first, second]))
}

const NAMES: [&str; 2] = ["sip.provider.example", "sip.second.example"];
const PLACES: [&str; 2] = [Provider::ADDRESS, Provider::SECOND];

/// With two providers that go by a name, and both want a registration.
fn office(country: &str) -> String {
    let registers = "password = \"second-secret\"\nregister = true";
    let office = OfficeText::with_named_second_trunk().replace("register = false", registers);
    if country == "NL" { office } else { OfficeText::belgian(&office) }
}

/// The resolver knows the providers of which that is true.
fn know(bench: &mut Bench, pair: Pair, which: impl Fn(Upstream) -> bool) {
    for ((name, at), _) in NAMES.into_iter().zip(PLACES).zip(pair).filter(|(_, upstream)| which(*upstream)) {
        bench.names.insert(name.into(), vec![Target::new(Transport::Udp, at.parse().unwrap())]);
    }
}

fn prepare(block: &Block, pair: Pair, country: &str) -> (Bench, [Provider; 2]) {
    let ports = if block.name.contains("port") { (10_000, 10_007) } else { (10_000, 10_199) };
    let mut bench = Bench::switched_off(&(block.office)(office(country)), ports);
    let providers: [Provider; 2] = Provider::two(&mut bench).into();
    bench.names.clear();
    know(&mut bench, pair, |upstream| upstream != Upstream::NotFound);
    for (provider, upstream) in providers.iter().zip(pair) {
        let mut registrar = provider.registrar.borrow_mut();
        registrar.silent = matches!(upstream, Upstream::Connecting | Upstream::Unreachable);
        registrar.at_once = (upstream == Upstream::RefusesUs).then(|| (403, String::new()));
    }
    bench.find_interfaces();
    if pair.contains(&Upstream::Unreachable) {
        bench.seconds(60);
    }
    (block.before)(&mut bench);
    for (provider, upstream) in providers.iter().zip(pair) {
        if upstream == Upstream::Silent {
            bench.lost.insert(provider.ua.at);
        }
    }
    (bench, providers)
}

/// An INVITE with this number that lies at a provider, whatever else lies there.
fn asked_for(bench: &mut Bench, provider: &Ua, number: &str) -> Option<Leg> {
    while let Some(invite) = bench.take_request(provider.at, &Method::INVITE) {
        let leg = Leg::called(provider, bench, invite);
        if leg.asked().uri.dialled().as_deref() == Some(number) {
            return Some(leg);
        }
    }
    None
}

/// How long it takes until a provider takes a call to that number, as those do.
fn taken(bench: &mut Bench, providers: &[Provider; 2], pair: Pair, number: &str) -> Option<Duration> {
    let began = bench.now;
    for tenth in 0..50 {
        if tenth == 9 {
            know(bench, pair, |_| true);
        }
        for (provider, upstream) in providers.iter().zip(pair) {
            while let Some(asked) = asked_for(bench, &provider.ua, number) {
                let has_room = upstream != Upstream::Full || bench.exchange.counters().calls_given_up > 0;
                if has_room {
                    asked.ring(bench);
                    return Some(bench.now - began);
                }
                asked.refuse(bench, 503);
            }
        }
        bench.advance(Duration::from_millis(100));
    }
    None
}

/// Within which time help is reached in that state of the providers, if it is.
fn promised(pair: Pair) -> Option<Duration> {
    let takes = |upstream: &&Upstream| !matches!(upstream, Upstream::Full | Upstream::Silent);
    let mut takers = pair.iter().filter(takes).peekable();
    takers.peek()?;
    let found_late = takers.all(|upstream| *upstream == Upstream::NotFound);
    // A name that was not found is asked for once a second.
    Some(Duration::from_secs(if found_late { 3 } else { 2 }))
}

/// Every state times every other one, for one number.
fn reaches_help(country: &str, number: &str) {
    for (block, pair) in BLOCKS.iter().flat_map(|block| pairs().map(move |pair| (block, pair))) {
        let Some(promised) = promised(pair) else { continue };
        let state = format!("{number} in {country}: {}, {pair:?}", block.name);
        let (mut bench, providers) = prepare(block, pair, country);
        let caller = (block.caller)();
        let draft = (block.draft)(caller.invite_draft(&mut bench, number));
        Leg::calling(&caller, &mut bench, &draft);
        let taken = taken(&mut bench, &providers, pair, number).unwrap_or_else(|| bench.fail(&state));
        assert!(taken <= promised, "{state}: {taken:?}");
    }
}

#[test]
fn a_093_112_reaches_a_provider_in_time_in_every_state_of_the_caller_the_box_and_both_providers() {
    reaches_help("NL", "112");
}

#[test]
fn a_093_112_does_so_in_belgium() {
    reaches_help("BE", "112");
}

#[test]
fn a_093_100_does_so_in_belgium() {
    reaches_help("BE", "100");
}

#[test]
fn a_093_101_does_so_in_belgium() {
    reaches_help("BE", "101");
}

#[test]
fn a_093_each_state_that_refuses_calls_refuses_one_and_ends_no_call_for_help() {
    // Another provider would take what is refused at one.
    let alone = [Upstream::Connected, Upstream::NotFound];
    for block in BLOCKS.iter() {
        let (mut bench, providers) = prepare(block, alone, "NL");
        if let Some((number, status)) = block.refuses {
            let chris = bench.phone("203");
            let call = chris.call(&mut bench, number);
            let refused = bench.take_response(chris.at, move |one| one.headers.call_id() == Ok(&call.call_id));
            let refused = refused.unwrap_or_else(|| bench.fail(&format!("{} refuses {number}", block.name)));
            assert_eq!(refused.status.code(), status, "{}", block.name);
        }
        let caller = (block.caller)();
        let draft = (block.draft)(caller.invite_draft(&mut bench, "112"));
        let mut call = Leg::calling(&caller, &mut bench, &draft);
        let asked = providers.iter().find_map(|provider| asked_for(&mut bench, &provider.ua, "112"));
        let asked = asked.unwrap_or_else(|| bench.fail(block.name));
        if !draft.body.starts_with("v=0") {
            // The provider makes the offer: `help.rs` has that.
            continue;
        }
        asked.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        bench.seconds(20);
        let burnt = bench.exchange.counters().fuses_burnt;
        bench.seconds(700);
        assert!(bench.take_request(caller.at, &Method::BYE).is_none(), "{}", block.name);
        assert_eq!(bench.exchange.counters().fuses_burnt, burnt, "{}", block.name);
    }
}

#[test]
fn a_093_a_helpline_is_reached_in_every_state_of_a_limit_where_a_provider_works() {
    let numbers = [("NL", "113"), ("NL", "116000"), ("BE", "116000"), ("BE", "107")];
    let limits = || BLOCKS.iter().filter(|block| block.is_limit).chain([&USUAL]);
    let works = |pair: &Pair| pair.contains(&Upstream::Connected);
    for (block, pair) in limits().flat_map(|block| pairs().filter(works).map(move |pair| (block, pair))) {
        for (country, number) in numbers {
            let state = format!("{number} in {country}: {}, {pair:?}", block.name);
            let (mut bench, providers) = prepare(block, pair, country);
            bench.phone("203").call(&mut bench, number);
            let taken = taken(&mut bench, &providers, pair, number).unwrap_or_else(|| bench.fail(&state));
            assert!(taken <= Duration::from_secs(3), "{state}: {taken:?}");
        }
    }
}

/// What both providers say to a call for help, where none of them has a channel for it, or one that has none is not there.
#[derive(Debug, Clone, Copy)]
enum Bad {
    Says(u16),
    Silent,
}

/// The first provider's word and the second's. At least one is full, and an ordinary call is there.
const BOTH_BAD: [[Bad; 2]; 6] = [
    [Bad::Says(404), Bad::Says(503)],
    [Bad::Says(503), Bad::Says(404)],
    [Bad::Says(488), Bad::Says(486)],
    [Bad::Says(503), Bad::Says(503)],
    [Bad::Silent, Bad::Says(503)],
    [Bad::Says(503), Bad::Silent],
];

/// The office's own calls at both providers: one rings at the second, then one at the first.
fn call_over_both(bench: &mut Bench, [first, second]: &[Provider; 2]) {
    let bram = bench.phone("202");
    bram.call(bench, "0612345678");
    asked_for(bench, &first.ua, "+31612345678").expect("the first is asked first").refuse(bench, 503);
    asked_for(bench, &second.ua, "+31612345678").expect("then the second").ring(bench);
    bram.call(bench, "0612345679");
    asked_for(bench, &first.ua, "+31612345679").expect("the first has room").ring(bench);
}

#[test]
fn a_093_help_gets_a_channel_in_every_state_of_the_caller_where_no_provider_has_one() {
    // Where calls out are stopped or do not fit on the line, and after ten minutes, no call is left to be given up.
    let blocks = BLOCKS.iter().filter(|block| block.leaves_calls);
    for (block, bad) in blocks.flat_map(|block| BOTH_BAD.map(|bad| (block, bad))) {
        let state = format!("{}, {bad:?}", block.name);
        let ports = if block.name.contains("port") { (10_000, 10_015) } else { (10_000, 10_199) };
        let mut bench = Bench::switched_off(&(block.office)(OfficeText::with_second_trunk()), ports);
        let providers: [Provider; 2] = Provider::two(&mut bench).into();
        bench.find_interfaces();
        call_over_both(&mut bench, &providers);
        (block.before)(&mut bench);
        let caller = (block.caller)();
        let draft = (block.draft)(caller.invite_draft(&mut bench, "112"));
        Leg::calling(&caller, &mut bench, &draft);
        let mut refusals = 0;
        let asked = (0..30).find_map(|_| {
            for (provider, bad) in providers.iter().zip(bad) {
                let Bad::Says(status) = bad else { continue };
                let Some(asked) = asked_for(&mut bench, &provider.ua, "112") else { continue };
                if bench.exchange.counters().calls_given_up > 0 && matches!(status, 486 | 503) {
                    return Some(asked);
                }
                refusals += 1;
                asked.refuse(&mut bench, status);
            }
            bench.advance(std::time::Duration::from_millis(100));
            None
        });
        let asked = asked.unwrap_or_else(|| bench.fail(&state));
        assert!(refusals <= 2, "{state}: each is asked once before room is made");
        asked.ring(&mut bench);
    }
}
