//! The states of who calls for help, of the box and of the office's money: one row each, for every table of A-93.

use centrale_call_control::{Command, Input, Pressed, Stop};
use centrale_guard::{Civil, Kept};
use centrale_sip::flow::Transport;

use super::asked_for;
use crate::bench::{Bench, Draft, Provider, TUESDAY, Ua};
use crate::knock::{attacker, try_password};

/// What the caller or the box is in.
pub(super) struct Block {
    pub(super) name: &'static str,
    /// Changes the office file.
    pub(super) office: fn(String) -> String,
    /// What happened before.
    pub(super) before: fn(&mut Bench),
    /// Who calls.
    pub(super) caller: fn() -> Ua,
    /// What is strange about the INVITE.
    pub(super) draft: fn(Draft) -> Draft,
    /// An ordinary call of 203 that it keeps from being made, and the answer.
    pub(super) refuses: Option<(&'static str, u16)>,
    /// Whether it holds calls by who may, by what is spent, stopped or taken: nothing of that holds a helpline either.
    pub(super) is_limit: bool,
    /// Whether ordinary calls that go on before it go on in it.
    pub(super) leaves_calls: bool,
}

pub(super) const USUAL: Block = Block {
    name: "a phone that nobody registered",
    office: |office| office,
    before: |_| {},
    caller: || Ua::usual("203"),
    draft: |draft| draft,
    refuses: None,
    is_limit: false,
    leaves_calls: true,
};

/// Who may call numbers that cost extra, and of whom or of whose office nothing is left to spend.
const SPENT: Block = Block {
    office: |office| chris(&office, "premium = true"),
    refuses: Some(("09001234", 403)),
    is_limit: true,
    ..USUAL
};

pub(super) const BLOCKS: [Block; 37] = [
    USUAL,
    Block { name: "a phone in order", before: |bench| drop(bench.phone("203")), ..USUAL },
    Block { name: "a wrong password", caller: || Ua { password: "of last year".into(), ..Ua::usual("203") }, ..USUAL },
    Block { name: "an unknown extension", caller: || Ua::new("299", Transport::Udp, "192.168.1.199:5060"), ..USUAL },
    Block {
        name: "a person who may call inside alone",
        office: |office| chris(&office, "calls = \"inside\""),
        refuses: Some(("0301234567", 403)),
        is_limit: true,
        ..USUAL
    },
    Block { name: "a person who may not call abroad", refuses: Some(("004930123456", 403)), is_limit: true, ..USUAL },
    Block {
        name: "a person who may call nothing that costs extra",
        refuses: Some(("09001234", 403)),
        is_limit: true,
        ..USUAL
    },
    Block { name: "nothing left for one call", before: |bench| spend(bench, "call"), refuses: None, ..SPENT },
    Block {
        name: "nothing left for calls of that person",
        before: |bench| spend(bench, "per-call/203"),
        refuses: None,
        ..SPENT
    },
    Block { name: "nothing left for that person", before: |bench| spend(bench, "person/203"), ..SPENT },
    Block { name: "nothing left for the hour", before: |bench| spend(bench, "hour"), ..SPENT },
    Block { name: "nothing left for the day", before: |bench| spend(bench, "day"), ..SPENT },
    Block { name: "nothing left for the night", before: |bench| spend(bench, "night"), ..SPENT },
    Block { name: "nothing left for the weekend", before: |bench| spend(bench, "weekend"), ..SPENT },
    Block { name: "nothing left for the month", before: |bench| spend(bench, "month"), ..SPENT },
    Block {
        name: "nothing left for ordinary calls of that person",
        before: |bench| spend(bench, "ordinary-person/203"),
        refuses: Some(("0612345678", 403)),
        ..SPENT
    },
    Block {
        name: "nothing left for ordinary calls",
        before: |bench| spend(bench, "ordinary-day"),
        refuses: Some(("0612345678", 403)),
        ..SPENT
    },
    Block {
        name: "nothing left for a country never called",
        before: |bench| spend(bench, "new-country/49"),
        refuses: Some(("004930123456", 403)),
        ..SPENT
    },
    Block {
        name: "a disk that refuses",
        before: |bench| bench.input(Input::Written(false)),
        refuses: Some(("09001234", 503)),
        ..SPENT
    },
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
        before: |bench| outside(bench, "202", 1),
        refuses: Some(("0301234567", 503)),
        is_limit: true,
        leaves_calls: false,
        ..USUAL
    },
    Block {
        name: "every channel of the account taken",
        before: |bench| outside(bench, "202", 2),
        refuses: Some(("0301234567", 486)),
        is_limit: true,
        ..USUAL
    },
    Block {
        name: "every channel of the number taken",
        office: |office| {
            office.replace("register = true\n", "register = true\nchannels = 9\nchannels_per_number = 1\n")
        },
        before: |bench| outside(bench, "201", 1),
        refuses: Some(("0301234567", 486)),
        is_limit: true,
        ..USUAL
    },
    Block { name: "every media port taken", before: take_every_port, ..USUAL },
    Block { name: "its own line rings", before: |bench| ring(bench, "203"), ..USUAL },
    Block { name: "it calls already", before: |bench| ring(bench, "202"), caller: || Ua::usual("201"), ..USUAL },
    Block { name: "an address that tried many passwords", before: guess, ..USUAL },
    Block {
        name: "every call out stopped",
        before: |bench| stop(bench, &["outgoing", "abroad"]),
        refuses: Some(("0301234567", 403)),
        is_limit: true,
        leaves_calls: false,
        ..USUAL
    },
    Block {
        name: "a person who was isolated",
        before: |bench| {
            bench.phone("203");
            stop(bench, &["person/203"]);
        },
        refuses: Some(("0301234567", 403)),
        is_limit: true,
        ..USUAL
    },
    Block {
        name: "the money of another call burns",
        office: |office| office.replace("name = \"Bram\"\n", "name = \"Bram\"\npremium = true\n"),
        before: burn,
        is_limit: true,
        leaves_calls: false,
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

/// That person has one line more.
fn chris(office: &str, line: &str) -> String {
    let key = "number = \"203\"\n";
    office.replace(key, &format!("{key}{line}\n"))
}

/// Saturday night, when every cap of the office counts.
const SATURDAY: Civil = Civil { day: 20_785, minute: 1_300 };

/// A cap is spent over and over.
fn spend(bench: &mut Bench, name: &str) {
    bench.input(Input::Clock(SATURDAY));
    let window = match name {
        "month" => 56 * 12 + 10,
        "weekend" => u64::from(SATURDAY.day) - 1,
        "hour" => 0,
        _ => SATURDAY.day.into(),
    };
    bench.input(Input::Kept(vec![Kept { name: name.to_owned(), window, amount: u64::MAX / 4 }]));
}

/// Ordinary calls to outside that stay as they are.
fn outside(bench: &mut Bench, whose: &str, calls: usize) {
    let phone = bench.phone(whose);
    for _ in 0..calls {
        phone.call(bench, "0612345678");
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
    // No provider takes it where none of them works.
    let Some((mut call, ring)) = asked else { return };
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
