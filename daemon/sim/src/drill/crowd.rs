//! More sources than anybody has memory for, no faster than strangers are heard, each asking once and many guessing: what the doorkeeper
//! remembers of them is as much as it has room for and no more, who was blocked before them stays so, and the office's phones stay known.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use centrale_guard::knock::{Answer, Doorkeeper, Failure, Kind, Knocker, Reason, Side, Standing, Verdict, thresholds};

/// The most sources that are remembered, by the caps.
pub const MOST_SOURCES: usize =
    thresholds::SUBNETS * thresholds::SOURCES_IN_SUBNET + thresholds::OFFICE_SUBNETS * thresholds::SOURCES_IN_OFFICE;

/// Hosts of a network that come one after the other, more than are remembered of it.
const HOSTS: u64 = 2 * thresholds::SOURCES_IN_SUBNET as u64;
/// The same in the office.
const OFFICE_HOSTS: u64 = 2 * thresholds::SOURCES_IN_OFFICE as u64;
/// One of so many of the office guesses, each at an account of its own.
const GUESSES: u64 = 8;
/// Between two strangers on the internet: all together they may send a packet every 2 ms ([`thresholds::RATE_OF_BOX`]).
const PAUSE: Duration = Duration::from_millis(3);

/// What is left of a crowd.
#[derive(Debug, Clone, Copy)]
pub struct Remembered {
    /// Sources.
    pub sources: usize,
    /// Accounts.
    pub accounts: usize,
    /// Of the crowd, those that were not heard: too many came at once.
    pub unheard: u64,
    /// Whether somebody who was blocked before is blocked after.
    pub is_blocked: bool,
    /// Whether a phone of the office, and one at home, are still known where they are, and judged.
    pub are_known: bool,
}

impl Remembered {
    /// Whether every place is taken and none too many, and what was known before is known after.
    pub const fn is_as_it_should(&self) -> bool {
        let is_full = self.sources == MOST_SOURCES && self.accounts == thresholds::ACCOUNTS;
        is_full && self.unheard == 0 && self.is_blocked && self.are_known
    }
}

/// So many distinct sources come, one after the other, every fourth of them in the office. A million leaves every place taken.
pub fn crowd(start: Instant, sources: u64) -> Remembered {
    let (mut keeper, mut now) = (Doorkeeper::new(7), start);
    let bad = knocker(IpAddr::from([203, 0, 113, 9]), Side::Internet);
    for secret in 0..20 {
        guess(&mut keeper, now, &bad, "201", secret);
    }
    let phones = [("201", [192, 168, 1, 101], Side::Office), ("202", [198, 51, 100, 7], Side::Internet)];
    let phones = phones.map(|(account, ip, side)| (account, knocker(ip.into(), side)));
    for (account, phone) in &phones {
        keeper.proved(now, phone, account);
    }
    let mut unheard = 0;
    for number in 0..sources {
        let (round, turn) = (number / 4, number % 4);
        let who = if turn == 3 { of_the_office(round) } else { of_the_internet(round * 3 + turn) };
        if who.side == Side::Internet {
            now += PAUSE;
        }
        unheard += u64::from(keeper.packet(now, &who, REGISTER).is_silent());
        keeper.asked(now, &who, Kind::Register, "1234567");
        if turn != 3 || round.is_multiple_of(GUESSES) {
            guess(&mut keeper, now, &who, &format!("{number}"), number);
        }
        if number.is_multiple_of(HOSTS) {
            // Whose network goes on is not forgotten for those who come once.
            let beside = 1 + (number / HOSTS) % (thresholds::SOURCES_IN_SUBNET as u64 - 1);
            now += PAUSE;
            keeper.packet(now, &knocker(IpAddr::from([203, 0, 113, 9 + beside as u8]), Side::Internet), REGISTER);
        }
    }
    let (sources, accounts) = keeper.remembered();
    let is_blocked = keeper.packet(now, &bad, REGISTER).reason() == Some(Reason::Blocked);
    let is_judged = |(account, phone): &(&str, Knocker)| {
        let answer = answer(account, 7);
        keeper.is_at_home(now, phone, &answer) && keeper.answered(now, phone, &answer) == Verdict::Pass
    };
    let are_known = phones.iter().map(is_judged).fold(true, |all, is_it| all & is_it);
    Remembered { sources, accounts, unheard, is_blocked, are_known }
}

const REGISTER: &[u8] = b"REGISTER sip:x SIP/2.0\r\n\r\n";

const fn answer(account: &str, secret: u64) -> Answer<'_> {
    Answer { account, secret, is_bound: false, is_for_help: false, is_own: false, is_unraised: false }
}

fn guess(keeper: &mut Doorkeeper, now: Instant, who: &Knocker, account: &str, secret: u64) {
    let answer = answer(account, secret);
    if keeper.answered(now, who, &answer) == Verdict::Pass {
        keeper.failed(now, who, &answer, Failure::Wrong);
    }
}

/// Every other network over IPv6 (/56); none twice.
fn of_the_internet(number: u64) -> Knocker {
    let (network, host) = (number / HOSTS, number % HOSTS);
    let ip = if network.is_multiple_of(2) {
        Ipv4Addr::from_bits(0x0b00_0000 + (network << 8 | host) as u32).into()
    } else {
        Ipv6Addr::from_bits(0x2001_0db8 << 96 | u128::from(network) << 72 | u128::from(host)).into()
    };
    knocker(ip, Side::Internet)
}

/// Over IPv6: there are more hosts in a network of it than are remembered.
fn of_the_office(number: u64) -> Knocker {
    let (network, host) = (number / OFFICE_HOSTS, number % OFFICE_HOSTS);
    let ip = Ipv6Addr::from_bits(0xfd00_0000 << 96 | u128::from(network) << 72 | u128::from(host));
    knocker(ip.into(), Side::Office)
}

fn knocker(ip: IpAddr, side: Side) -> Knocker {
    let flow = SocketAddr::new(ip, 5060);
    Knocker { flow, side, standing: Standing::Stranger, is_really_there: false, is_apart: false }
}
