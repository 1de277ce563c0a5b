//! The doorkeeper, who watches devices, calls and wires, and the office's money, under operations in any order. They may not panic, what
//! they remember is bounded, no cap is exceeded, and who may not be blocked is not: a provider, a registered phone, the address of one.
//! From no address more passwords of an account are judged than a guesser has, a provider's least of all.
#![no_main]

#[path = "knock/money.rs"]
mod money;
#[path = "knock/watch.rs"]
mod watch;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use centrale_guard::knock::{Answer, Doorkeeper, Failure, Kind, Knocker, Reason, Side, Standing, Verdict, thresholds};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

use money::Purse;
use watch::Watchers;

/// The most sources that the caps allow.
const MOST: usize =
    thresholds::SUBNETS * thresholds::SOURCES_IN_SUBNET + thresholds::OFFICE_SUBNETS * thresholds::SOURCES_IN_OFFICE;

fuzz_target!(|operations: &[u8]| {
    let (mut keeper, mut now) = (Doorkeeper::new(7), Instant::now());
    let (mut watchers, mut purse) = (Watchers::new(), Purse::new(now));
    let mut operations = Unstructured::new(operations);
    // The operations end when the bytes do.
    while !operations.is_empty() {
        let done = match operations.int_in_range(0..=7) {
            Ok(0..=1) => watchers.step(&mut now, &mut operations),
            Ok(2..=3) => purse.step(&mut operations),
            _ => step(&mut keeper, &mut now, &mut operations),
        };
        if done.is_err() {
            break;
        }
    }
    let (sources, accounts) = keeper.remembered();
    assert!(sources <= MOST && accounts <= thresholds::ACCOUNTS);
});

fn step(keeper: &mut Doorkeeper, now: &mut Instant, from: &mut Unstructured<'_>) -> Result<()> {
    *now += Duration::from_millis(u64::from(from.arbitrary::<u16>()?) * u64::from(from.arbitrary::<u8>()?));
    let who = knocker(from)?;
    let verdict = match from.int_in_range(0..=5)? {
        0 => {
            let length = from.int_in_range(0..=400)?.min(from.len());
            keeper.packet(*now, &who, from.bytes(length)?)
        }
        1 => {
            let (user, text) = (word(from)?, word(from)?);
            let kinds = [Kind::Register, Kind::Invite(&text), Kind::Help, Kind::Other(&text)];
            keeper.asked(*now, &who, kinds[from.choose_index(kinds.len())?], &user)
        }
        2 => answer(keeper, *now, &who, from)?,
        3 => burst(keeper, *now, &who, many(from, 8_000)?),
        4 => guess(keeper, *now, &who, from.arbitrary()?),
        _ => {
            keeper.proved(*now, &who, &word(from)?);
            Verdict::Pass
        }
    };
    let (flow, source) = (matches!(verdict, Verdict::BlockFlow(..)), matches!(verdict, Verdict::BlockSource(..)));
    match who.standing {
        Standing::Trusted | Standing::Phone | Standing::Expected => assert!(!flow && !source, "{verdict:?}"),
        Standing::Neighbour => assert!(!source, "{verdict:?}"),
        Standing::Stranger => {}
    }
    if let Verdict::BlockFlow(_, lasts) | Verdict::BlockSource(_, lasts) = verdict {
        assert!(lasts <= thresholds::LONGEST_BLOCK);
    }
    Ok(())
}

/// Many packets at once. Who is known is heard up to its own rate, and never blocked for what is above it.
fn burst(keeper: &mut Doorkeeper, now: Instant, who: &Knocker, number: u32) -> Verdict {
    let verdicts = (0..number).map(|_| keeper.packet(now, who, b"REGISTER sip:box SIP/2.0\r\n\r\n"));
    let verdicts: Vec<Verdict> = verdicts.collect();
    if matches!(who.standing, Standing::Trusted | Standing::Phone) {
        let is_heard = |verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::Silence(Reason::Flood));
        assert!(verdicts.iter().all(is_heard));
    }
    verdicts.last().copied().unwrap_or(Verdict::Pass)
}

/// Many passwords of one account at once: whoever tries them, and from wherever, few are judged.
fn guess(keeper: &mut Doorkeeper, now: Instant, who: &Knocker, number: u8) -> Verdict {
    let (mut judged, mut last) = (0, Verdict::Pass);
    for secret in 0..u64::from(number) {
        let secret = 1_000 + secret;
        let answer =
            Answer { account: "201", secret, is_bound: false, is_for_help: false, is_own: false, is_unraised: false };
        last = keeper.answered(now, who, &answer);
        if last == Verdict::Pass {
            judged +=
                usize::from(keeper.failed(now, who, &answer, Failure::Wrong) != Verdict::Uniform(Reason::SameSecret));
        }
    }
    assert!(judged <= thresholds::SECRETS_BEFORE_WAIT, "{judged} judged of {who:?}");
    last
}

fn answer(keeper: &mut Doorkeeper, now: Instant, who: &Knocker, from: &mut Unstructured<'_>) -> Result<Verdict> {
    let (account, secret) = (word(from)?, u64::from(from.arbitrary::<u8>()?));
    let answer = Answer {
        account: &account,
        secret,
        is_bound: from.arbitrary()?,
        is_for_help: from.arbitrary()?,
        is_own: from.arbitrary()?,
        is_unraised: from.arbitrary()?,
    };
    let verdict = keeper.answered(now, who, &answer);
    if verdict != Verdict::Pass {
        return Ok(verdict);
    }
    let failure = if from.ratio(1, 8)? { Failure::Old } else { Failure::Wrong };
    Ok(keeper.failed(now, who, &answer, failure))
}

/// How many of something come at once: few as a rule, and now and then more than there is room for.
fn many(from: &mut Unstructured<'_>, most: u32) -> Result<u32> {
    let few = most.min(8);
    let is_many = from.ratio(1, 32)?;
    from.int_in_range(0..=if is_many { most } else { few })
}

fn knocker(from: &mut Unstructured<'_>) -> Result<Knocker> {
    let (network, host) = (u32::from(from.arbitrary::<u16>()?), u32::from(from.arbitrary::<u8>()?));
    let ip: IpAddr = if from.ratio(1, 4)? {
        Ipv6Addr::from_bits(u128::from(network) << 72 | u128::from(host)).into()
    } else {
        Ipv4Addr::from_bits(network << 8 | host).into()
    };
    let standings = [Standing::Stranger, Standing::Expected, Standing::Neighbour, Standing::Phone, Standing::Trusted];
    let side = if from.arbitrary()? { Side::Office } else { Side::Internet };
    let flow = SocketAddr::new(ip, 5_060 + u16::from(from.arbitrary::<u8>()?));
    let standing = standings[from.choose_index(standings.len())?];
    Ok(Knocker { flow, side, standing, is_really_there: from.arbitrary()?, is_apart: from.arbitrary()? })
}

fn word(from: &mut Unstructured<'_>) -> Result<String> {
    let words = ["201", "202-805ec0aabbcc", "100", "admin", "004685078029", "1437045239", ""];
    Ok(if from.ratio(3, 4)? {
        words[from.choose_index(words.len())?].to_owned()
    } else {
        from.arbitrary::<&str>()?.to_owned()
    })
}
