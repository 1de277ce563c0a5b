//! The ladder (threats B5): each rung with its reason, what it does, and how it is undone. The lower rungs end by themselves, the
//! upper ones by somebody's word.

use std::net::IpAddr;

use centrale_call_control::{ALLOWED_ONCE_FOR, Cap, Command, Input, Pressed, Proof, Stop};
use centrale_sip::flow::Transport;

use crate::bench::{Bench, Leg, OFFICE, Provider, TUESDAY, Ua};
use crate::knock::{ATTACKERS, attacker, try_password};

const RIGHT: &str = "anna-secret-201";

/// Whose password is tried, and where.
#[derive(Debug, Clone, Copy)]
enum Who {
    Outside,
    Office,
    /// At the address of a phone, over another flow.
    BesidePhone,
}

impl Who {
    fn at(self, user: &str) -> Ua {
        match self {
            Self::Outside => attacker(ATTACKERS[0], user),
            Self::Office => attacker(ATTACKERS[1], user),
            Self::BesidePhone => attacker("192.168.1.102:40000", user),
        }
    }

    /// What the right password is answered with there: 200, 401 because nobody looks at it, or nothing.
    fn right(self, bench: &mut Bench) -> Option<u16> {
        try_password(&self.at("201"), bench, RIGHT)
    }
}

/// How a rung is left.
#[derive(Debug, Clone, Copy)]
enum Undone {
    /// Nobody does anything for so many seconds.
    After(u64),
    /// Somebody lifts it on the page.
    ByLift,
}

/// How many wrong passwords lead there, at which accounts, who sends them, its reason, what the right password is answered with then,
/// how long it blocks and what, and how it is undone.
type Rung = (Who, usize, &'static [&'static str], &'static str, Option<u16>, Option<(u64, bool)>, Undone);

const HOUR: u64 = 3_600;
const RUNGS: &[Rung] = &[
    // Noted: nothing is different.
    (Who::Office, 1, &["201"], "wrong-secret", Some(200), None, Undone::After(0)),
    // Not judged for half a minute, and told as nobody can tell it from a wrong one.
    (Who::Office, 3, &["201"], "guessing", Some(401), None, Undone::After(31)),
    (Who::Outside, 3, &["201"], "guessing", Some(401), None, Undone::After(31)),
    // Not answered for half a minute.
    (Who::Outside, 4, &["202", "203", "204", "205"], "spraying", None, None, Undone::After(31)),
    // One flow is blocked, where a phone is: by itself for an hour, or until somebody lifts it.
    (Who::BesidePhone, 20, &["201"], "guessing", None, Some((HOUR, true)), Undone::ByLift),
    (Who::BesidePhone, 20, &["201"], "guessing", None, Some((HOUR, true)), Undone::After(HOUR + 1)),
    // An address is blocked.
    (Who::Office, 20, &["201"], "guessing", None, Some((HOUR, false)), Undone::ByLift),
    (Who::Outside, 20, &["201"], "guessing", None, Some((HOUR, false)), Undone::ByLift),
    (Who::Outside, 20, &["201"], "guessing", None, Some((HOUR, false)), Undone::After(HOUR + 1)),
];

#[test]
fn b_5_each_rung_at_the_door_has_its_reason_and_is_undone_by_time_or_by_a_word() {
    for rung in RUNGS {
        let (who, guesses, accounts, reason, right, block, undone) = *rung;
        let mut bench = Bench::new();
        bench.phone("202");
        for guess in 0..guesses {
            let user = accounts[guess % accounts.len()];
            try_password(&who.at(user), &mut bench, &format!("guess {guess}"));
        }
        assert!(bench.counted(&format!("knock-{reason}")) > 0, "{rung:?}");
        let last = bench.blocks.last().map(|block| (block.lasts.as_secs(), block.port.is_some()));
        assert_eq!(last, block, "{rung:?}");
        assert!(bench.blocks.iter().all(|block| block.reason == reason), "{rung:?}: {:?}", bench.blocks);
        assert_eq!(who.right(&mut bench), right, "{rung:?}");
        match undone {
            Undone::After(seconds) => bench.seconds(seconds),
            Undone::ByLift => {
                let source: IpAddr = who.at("201").at.ip();
                bench.command(Command::Lift(source));
            }
        }
        assert_eq!(who.right(&mut bench), Some(200), "{rung:?}");
    }
}

#[test]
fn b_5_what_no_phone_sends_is_blocked_at_its_first_packet_for_a_day_where_its_sender_is_really_there_and_each_time_for_longer()
 {
    let scanner = "OPTIONS sip:100@192.168.1.10 SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n";
    for (transport, first) in [(Transport::Udp, HOUR / 6), (Transport::Tcp, 24 * HOUR)] {
        let mut bench = Bench::new();
        let source = ATTACKERS[0].parse().unwrap();
        for longer in [1, 4, 16] {
            bench.packet(transport, source, scanner);
            let block = bench.blocks.last().unwrap();
            let lasts = (first * longer).min(7 * 24 * HOUR);
            assert_eq!((block.reason, block.lasts.as_secs()), ("scanner", lasts), "{transport:?}");
            bench.command(Command::Lift(source.ip()));
        }
    }
}

/// What refuses Anna's call, and whose word lets it pass.
type Refusal = (&'static str, &'static str, fn(&mut Bench, &Provider), fn(&mut Bench));

const DEAR: &str = "09001234";
const PARIS: &str = "0033145678901";

fn stop(word: &str) -> Stop {
    Stop::of_word(word).unwrap()
}

fn press(bench: &mut Bench, word: &str) {
    let pressed = Pressed { by: "admin".into(), at_unix_ms: 1_795_860_000_000 };
    bench.command(Command::Stop { stop: stop(word), pressed });
}

const REFUSALS: &[Refusal] = &[
    // A call that is not allowed: once, by a word.
    (
        PARIS,
        "out-of-reach",
        |_, _| (),
        |bench| {
            let until = bench.now + ALLOWED_ONCE_FOR;
            bench.command(Command::AllowOnce { person: "201".into(), number: "+33145678901".into(), until });
        },
    ),
    // One person's dear calls are held.
    (
        DEAR,
        "paid-held",
        |bench, _| press(bench, "paid/201"),
        |bench| {
            bench.command(Command::Release { stop: stop("paid/201") });
        },
    ),
    // The amount of a day is spent.
    (DEAR, "spent-person", spend, |bench| {
        bench.command(Command::Raise { cap: Cap::Person, to_cents: 10_000, hours: 1, proof: Proof::SecondFactor });
    }),
    // Everything is stopped.
    (
        "0612345678",
        "calls-stopped",
        |bench, _| press(bench, "outgoing"),
        |bench| {
            bench.command(Command::Release { stop: stop("outgoing") });
        },
    ),
    (
        "0612345678",
        "person-isolated",
        |bench, _| press(bench, "person/201"),
        |bench| {
            bench.command(Command::Release { stop: stop("person/201") });
        },
    ),
];

/// Anna talks until there is no more.
fn spend(bench: &mut Bench, provider: &Provider) {
    let anna = Ua::usual("201");
    let calling = anna.call(bench, DEAR);
    let (mut call, mut ring) = bench.answered(calling, &provider.ua);
    bench.seconds(500);
    call.hang_up(bench);
    ring.expect_bye(bench);
    let calling = anna.call(bench, DEAR);
    let (mut call, mut ring) = bench.answered(calling, &provider.ua);
    bench.seconds(100);
    ring.expect_bye(bench);
    bench.seconds(3);
    call.expect_bye(bench);
}

#[test]
fn b_5_each_rung_of_a_call_has_its_reason_and_is_undone_by_a_word() {
    for (dialled, reason, climb, undo) in REFUSALS {
        let office = OFFICE.replace("name = \"Anna\"\n", "name = \"Anna\"\npremium = true\n");
        let mut bench = Bench::switched_off(&office, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        bench.find_interfaces();
        bench.input(Input::Clock(TUESDAY));
        let anna = bench.phone("201");
        climb(&mut bench, &provider);
        anna.call(&mut bench, dialled).expect(&mut bench, 403);
        assert_eq!(bench.records.last().unwrap().reason, Some(*reason));
        // Help and colleagues are on no rung.
        let draft = anna.invite_draft(&mut bench, "112");
        let help = Leg::calling(&anna, &mut bench, &draft);
        let (mut help, mut helper) = bench.answered(help, &provider.ua);
        help.hang_up(&mut bench);
        helper.expect_bye(&mut bench);
        undo(&mut bench);
        let calling = anna.call(&mut bench, dialled);
        let (mut call, mut ring) = bench.answered(calling, &provider.ua);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
}
