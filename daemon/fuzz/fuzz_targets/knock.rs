//! The doorkeeper, and who watches devices and calls, under operations in any order. They may not panic, what they remember is bounded, and
//! who may not be blocked is not: a provider, a registered phone, the address of one.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use centrale_guard::knock::{Answer, Doorkeeper, Failure, Kind, Knocker, Reason, Side, Standing, Verdict, thresholds};
use centrale_guard::{Baits, Hot, Place, Presence, Reject, Servers, Sighting, Wire};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

/// The most sources that the caps allow.
const MOST: usize =
    thresholds::SUBNETS * thresholds::SOURCES_IN_SUBNET + thresholds::OFFICE_SUBNETS * thresholds::SOURCES_IN_OFFICE;

fuzz_target!(|operations: &[u8]| {
    let (mut keeper, mut now) = (Doorkeeper::new(7), Instant::now());
    let mut watchers = Watchers::default();
    let mut operations = Unstructured::new(operations);
    // The operations end when the bytes do.
    while !operations.is_empty() {
        let is_done = if operations.ratio(1, 4).unwrap_or(false) {
            watchers.step(&mut now, &mut operations).is_err()
        } else {
            step(&mut keeper, &mut now, &mut operations).is_err()
        };
        if is_done {
            break;
        }
    }
    let (sources, accounts) = keeper.remembered();
    assert!(sources <= MOST && accounts <= thresholds::ACCOUNTS);
});

/// Who watches devices, callers, callees and providers.
#[derive(Default)]
struct Watchers {
    presence: Presence,
    baits: Baits,
    hot: Hot,
    servers: Servers,
}

impl Watchers {
    fn step(&mut self, now: &mut Instant, from: &mut Unstructured<'_>) -> Result<()> {
        *now += Duration::from_secs(u64::from(from.arbitrary::<u16>()?));
        let who = knocker(from)?;
        match from.int_in_range(0..=4)? {
            0 => {
                let place = if from.arbitrary()? { Place::Office } else { Place::outside(who.source()) };
                let name = word(from)?;
                let seen = Sighting::of("Linphone/5", Some(&name), place);
                let is_home: bool = from.arbitrary()?;
                let connection = who.is_really_there.then_some(u64::from(who.flow.port()));
                let wire = Wire { remote: who.flow, connection };
                let odd = self.presence.heard(*now, "201", &seen, wire, |_| is_home);
                assert!(odd.is_none() || !is_home, "a device that is at home everywhere is nobody's concern");
                assert!(self.presence.len() <= 8);
            }
            1 => self.baits.rang(*now, &word(from)?, &word(from)?, Duration::from_secs(from.int_in_range(0..=20)?)),
            2 => {
                let number = word(from)?;
                let refused = self.baits.call(*now, &number).err();
                assert!(refused.is_none_or(|reject| [Reject::RANG_ONCE, Reject::BAIT].contains(&reject)));
            }
            3 => {
                let rejects = [Reject::IN_A_ROW, Reject::ONE_AT_A_TIME, Reject::OUT_OF_REACH];
                let reject = rejects[from.choose_index(rejects.len())?];
                let is_hot = self.hot.refused(*now, "201", &word(from)?, reject);
                assert!(!is_hot || reject != Reject::OUT_OF_REACH);
                if is_hot && from.arbitrary()? {
                    self.hot.held("201");
                }
            }
            _ => {
                self.servers.worked(*now, who.source(), []);
                let is_usual = self.servers.judge(&[who.source()]) == centrale_guard::Whereto::Usual;
                assert!(!is_usual || self.servers.are_at(who.source()), "a usual place is asked at once");
            }
        }
        Ok(())
    }
}

fn step(keeper: &mut Doorkeeper, now: &mut Instant, from: &mut Unstructured<'_>) -> Result<()> {
    *now += Duration::from_millis(u64::from(from.arbitrary::<u16>()?) * u64::from(from.arbitrary::<u8>()?));
    let who = knocker(from)?;
    let verdict = match from.int_in_range(0..=4)? {
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
        3 => burst(keeper, *now, &who, from.arbitrary()?),
        _ => {
            keeper.proved(*now, &who, &word(from)?);
            Verdict::Pass
        }
    };
    let (flow, source) = (matches!(verdict, Verdict::BlockFlow(..)), matches!(verdict, Verdict::BlockSource(..)));
    match who.standing {
        Standing::Trusted | Standing::Phone => assert!(!flow && !source, "{verdict:?}"),
        Standing::Neighbour => assert!(!source, "{verdict:?}"),
        Standing::Stranger => {}
    }
    if let Verdict::BlockFlow(_, lasts) | Verdict::BlockSource(_, lasts) = verdict {
        assert!(lasts <= thresholds::LONGEST_BLOCK);
    }
    Ok(())
}

/// Many packets at once. Who is known is heard up to its own rate, and never blocked for what is above it.
fn burst(keeper: &mut Doorkeeper, now: Instant, who: &Knocker, number: u16) -> Verdict {
    let verdicts = (0..number).map(|_| keeper.packet(now, who, b"REGISTER sip:box SIP/2.0\r\n\r\n"));
    let verdicts: Vec<Verdict> = verdicts.collect();
    if matches!(who.standing, Standing::Trusted | Standing::Phone) {
        let is_heard = |verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::Silence(Reason::Flood));
        assert!(verdicts.iter().all(is_heard));
    }
    verdicts.last().copied().unwrap_or(Verdict::Pass)
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

fn knocker(from: &mut Unstructured<'_>) -> Result<Knocker> {
    let (network, host) = (u32::from(from.arbitrary::<u16>()?), u32::from(from.arbitrary::<u8>()?));
    let ip: IpAddr = if from.ratio(1, 4)? {
        Ipv6Addr::from_bits(u128::from(network) << 72 | u128::from(host)).into()
    } else {
        Ipv4Addr::from_bits(network << 8 | host).into()
    };
    let standings = [Standing::Stranger, Standing::Stranger, Standing::Neighbour, Standing::Phone, Standing::Trusted];
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
