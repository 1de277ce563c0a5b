//! Requirement A-93: 112, and in Belgium 100 and 101, get out whatever else is refused, and whatever the providers do.
//! A table, so that no state is left to chance: every state of the caller and the box times every state of the providers.

use centrale_call_control::{Command, Input, Pressed, Stop};
use centrale_sip::flow::Transport;
use centrale_sip::message::Method;

use crate::bench::{Bench, Draft, Leg, OfficeText, Provider, TUESDAY, Ua};
use crate::knock::{attacker, try_password};

/// What the caller or the box is in.
struct Block {
    name: &'static str,
    /// Changes the office file.
    office: fn(String) -> String,
    /// What happened before.
    before: fn(&mut Bench),
    /// Who calls.
    caller: fn() -> Ua,
    /// What is strange about the INVITE.
    draft: fn(Draft) -> Draft,
}

const USUAL: Block = Block {
    name: "a phone that nobody registered",
    office: |office| office,
    before: |_| {},
    caller: || Ua::usual("203"),
    draft: |draft| draft,
};

const BLOCKS: [Block; 22] = [
    USUAL,
    Block { name: "a phone in order", before: |bench| drop(bench.phone("203")), ..USUAL },
    Block { name: "a wrong password", caller: || Ua { password: "of last year".into(), ..Ua::usual("203") }, ..USUAL },
    Block { name: "an unknown extension", caller: || Ua::new("299", Transport::Udp, "192.168.1.199:5060"), ..USUAL },
    Block { name: "a person who may call inside alone", office: |office| permit(&office, "inside"), ..USUAL },
    Block { name: "who shows no number", draft: |draft| draft.with("Privacy", "id").set("From", HIDDEN), ..USUAL },
    Block { name: "no Contact", draft: |draft| draft.without("Contact"), ..USUAL },
    Block { name: "no hop left", draft: |draft| draft.set("Max-Forwards", "0"), ..USUAL },
    Block { name: "an unknown extension of SIP required", draft: |draft| draft.with("Require", "nonsense"), ..USUAL },
    Block { name: "an unreadable body", draft: |draft| draft.body("text/plain", "help".into()), ..USUAL },
    Block { name: "a broken Replaces", draft: |draft| draft.with("Replaces", ";;"), ..USUAL },
    Block {
        name: "blocked callers, and withheld ones refused",
        office: |office| {
            let key = "language = \"nl\"\n";
            office.replace(key, &format!("{key}blocked_callers = [\"+31612345678\"]\nrefuse_withheld = true\n"))
        },
        ..USUAL
    },
    Block {
        name: "a line that carries one call, and carries it",
        office: |office| office.replace("language = \"nl\"\n", "language = \"nl\"\nline_kbit = 100\n"),
        before: |bench| outside(bench, 1),
        ..USUAL
    },
    Block { name: "every channel of the account taken", before: |bench| outside(bench, 2), ..USUAL },
    Block { name: "every media port taken", before: take_every_port, ..USUAL },
    Block { name: "its own line rings", before: |bench| ring(bench, "203"), ..USUAL },
    Block { name: "it calls already", before: |bench| ring(bench, "202"), caller: || Ua::usual("201"), ..USUAL },
    Block { name: "an address that tried many passwords", before: guess, ..USUAL },
    Block { name: "every call out stopped", before: |bench| stop(bench, &["outgoing", "abroad"]), ..USUAL },
    Block {
        name: "a person who was isolated",
        before: |bench| {
            bench.phone("203");
            stop(bench, &["person/203"]);
        },
        ..USUAL
    },
    Block {
        name: "the money of another call burns",
        office: |office| office.replace("name = \"Bram\"\n", "name = \"Bram\"\npremium = true\n"),
        before: burn,
        ..USUAL
    },
    Block {
        name: "a wrong password while many networks guess",
        before: besiege,
        caller: || Ua { password: "of last year".into(), ..Ua::usual("203") },
        ..USUAL
    },
];

const HIDDEN: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1";

/// What the first provider does. The second one works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upstream {
    Connected,
    /// It said nothing to our REGISTER yet, in the first second after the start.
    Connecting,
    Unreachable,
    RefusesUs,
    /// Every call is answered 503.
    Full,
    /// Nothing comes back any more.
    Silent,
}

const UPSTREAMS: [Upstream; 6] = [
    Upstream::Connected,
    Upstream::Connecting,
    Upstream::Unreachable,
    Upstream::RefusesUs,
    Upstream::Full,
    Upstream::Silent,
];

fn permit(office: &str, calls: &str) -> String {
    let key = "number = \"203\"\n";
    office.replace(key, &format!("{key}calls = \"{calls}\"\n"))
}

/// Ordinary calls to outside that stay as they are.
fn outside(bench: &mut Bench, calls: usize) {
    let bram = bench.phone("202");
    for _ in 0..calls {
        bram.call(bench, "0612345678");
    }
}

fn ring(bench: &mut Bench, whom: &str) {
    let anna = bench.phone("201");
    bench.phone(whom);
    anna.call(bench, whom);
}

fn take_every_port(bench: &mut Bench) {
    let bram = bench.phone("202");
    bench.phone("201");
    for _ in 0..2 {
        bram.call(bench, "201");
    }
    bram.call(bench, "201").expect(bench, 503);
}

fn stop(bench: &mut Bench, words: &[&str]) {
    for word in words {
        let pressed = Pressed { by: "admin".into(), at_unix_ms: 0 };
        bench.command(Command::Stop { stop: Stop::of_word(word).unwrap(), pressed });
    }
}

/// A call that costs extra, a second before its longest time is over: its fuse burns while help is called.
fn burn(bench: &mut Bench) {
    bench.input(Input::Clock(TUESDAY));
    let bram = bench.phone("202");
    let providers = [Provider::ADDRESS, Provider::SECOND].map(|at| Ua::new("provider", Transport::Udp, at));
    // One of them is a number in each country.
    let asked = ["09001234", "090012345"].iter().find_map(|number| {
        let call = bram.call(bench, number);
        let asked = providers.iter().find_map(|provider| asked_for(bench, provider, number))?;
        Some((call, asked))
    });
    let (mut call, ring) = asked.expect("a provider is asked");
    ring.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    bench.seconds(598);
}

/// Guesses from more networks than are held apart: the office is under attack.
fn besiege(bench: &mut Bench) {
    for host in 0..20 {
        let guesser = attacker(&format!("192.0.{host}.9:5060"), &(300 + host).to_string());
        try_password(&guesser, bench, "guess");
        bench.seconds(5);
    }
    assert!(bench.has_problem("office-under-attack", ""));
}

fn guess(bench: &mut Bench) {
    for guess in 0..60 {
        let guesser = Ua { password: format!("guess-{guess}"), ..Ua::usual("203") };
        let draft = guesser.register_draft(bench, 3600);
        guesser.send(bench, &draft);
        let call_id = draft.field("Call-ID").to_owned();
        let ours = move |response: &centrale_sip::message::Response| response.headers.call_id() == Ok(&call_id);
        let Some(challenge) = bench.take_response(guesser.at, ours).filter(|one| one.status.code() == 401) else {
            return;
        };
        let again = guesser.proven(bench, &draft, &challenge);
        guesser.send(bench, &again);
    }
}

fn office(country: &str) -> String {
    let office = OfficeText::with_second_trunk();
    if country == "NL" { office } else { OfficeText::belgian(&office) }
}

fn prepare(block: &Block, upstream: Upstream, country: &str) -> (Bench, [Provider; 2]) {
    let ports = if block.name.contains("port") { (10_000, 10_007) } else { (10_000, 10_199) };
    let mut bench = Bench::switched_off(&(block.office)(office(country)), ports);
    let (first, second) = Provider::two(&mut bench);
    match upstream {
        Upstream::Connecting | Upstream::Unreachable => first.registrar.borrow_mut().silent = true,
        Upstream::RefusesUs => first.registrar.borrow_mut().at_once = Some((403, String::new())),
        Upstream::Connected | Upstream::Full | Upstream::Silent => {}
    }
    bench.find_interfaces();
    if upstream == Upstream::Unreachable {
        bench.seconds(60);
    }
    (block.before)(&mut bench);
    if upstream == Upstream::Silent {
        bench.lost.insert(first.ua.at);
    }
    (bench, [first, second])
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

#[test]
fn a_093_help_reaches_a_provider_within_two_seconds_in_every_state_of_the_caller_the_box_and_the_providers() {
    let numbers = [("NL", "112"), ("BE", "112"), ("BE", "100"), ("BE", "101")];
    for (block, upstream) in BLOCKS.iter().flat_map(|block| UPSTREAMS.map(|upstream| (block, upstream))) {
        for (country, number) in numbers {
            let state = format!("{number} in {country}: {}, {upstream:?}", block.name);
            let (mut bench, [first, second]) = prepare(block, upstream, country);
            let caller = (block.caller)();
            let draft = (block.draft)(caller.invite_draft(&mut bench, number));
            Leg::calling(&caller, &mut bench, &draft);
            let asked = match upstream {
                Upstream::Silent => {
                    bench.seconds(2);
                    asked_for(&mut bench, &second.ua, number)
                }
                Upstream::Full => {
                    let refused = asked_for(&mut bench, &first.ua, number).expect(&state);
                    refused.refuse(&mut bench, 503);
                    asked_for(&mut bench, &second.ua, number)
                }
                _ => asked_for(&mut bench, &first.ua, number).or_else(|| asked_for(&mut bench, &second.ua, number)),
            };
            let asked = asked.unwrap_or_else(|| bench.fail(&state));
            asked.ring(&mut bench);
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
    let leaves_calls =
        |block: &&Block| !["stopped", "line that carries", "burns"].iter().any(|one| block.name.contains(one));
    let blocks = BLOCKS.iter().filter(leaves_calls);
    for (block, bad) in blocks.flat_map(|block| BOTH_BAD.map(|bad| (block, bad))) {
        let state = format!("{}, {bad:?}", block.name);
        let ports = if block.name.contains("port") { (10_000, 10_015) } else { (10_000, 10_199) };
        let mut bench = Bench::switched_off(&(block.office)(office("NL")), ports);
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
