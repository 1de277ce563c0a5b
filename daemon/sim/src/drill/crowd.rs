//! More sources than anybody has memory for, each asking and guessing once: what the doorkeeper remembers of them stays bounded, and
//! who was blocked before them stays so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use centrale_guard::knock::{Answer, Doorkeeper, Failure, Kind, Knocker, Side, Standing, Verdict, thresholds};

/// The most sources that are remembered, by the caps.
pub const MOST_SOURCES: usize =
    thresholds::SUBNETS * thresholds::SOURCES_IN_SUBNET + thresholds::OFFICE_SUBNETS * thresholds::SOURCES_IN_OFFICE;

/// What is left of a crowd.
#[derive(Debug, Clone, Copy)]
pub struct Remembered {
    /// Sources.
    pub sources: usize,
    /// Accounts.
    pub accounts: usize,
    /// Whether somebody who was blocked before is blocked after.
    pub is_blocked: bool,
}

/// So many distinct sources come, one after the other.
pub fn crowd(start: Instant, sources: u64) -> Remembered {
    let (mut keeper, mut now) = (Doorkeeper::new(7), start);
    let bad = knocker(IpAddr::from([203, 0, 113, 9]));
    for secret in 0..20 {
        guess(&mut keeper, now, &bad, "201", secret);
    }
    for number in 0..sources {
        let who = knocker(address(number));
        if number % 64 == 0 {
            now += Duration::from_millis(1);
            // Whoever goes on is not forgotten for those who come once.
            keeper.packet(now, &bad, b"OPTIONS sip:x SIP/2.0\r\n\r\n");
        }
        keeper.packet(now, &who, b"REGISTER sip:x SIP/2.0\r\n\r\n");
        keeper.asked(now, &who, Kind::Register, "1234567");
        if number % 4 == 0 {
            guess(&mut keeper, now, &who, &number.to_string(), number);
        }
    }
    let (sources, accounts) = keeper.remembered();
    let is_blocked = keeper.packet(now, &bad, b"OPTIONS sip:x SIP/2.0\r\n\r\n").is_silent();
    Remembered { sources, accounts, is_blocked }
}

fn guess(keeper: &mut Doorkeeper, now: Instant, who: &Knocker, account: &str, secret: u64) {
    let answer = Answer { account, secret, is_bound: false, is_for_help: false, is_own: false, is_unraised: false };
    if keeper.answered(now, who, &answer) == Verdict::Pass {
        keeper.failed(now, who, &answer, Failure::Wrong);
    }
}

/// Every other one over IPv6, and spread over networks; none twice.
fn address(number: u64) -> IpAddr {
    let mixed = u32::try_from(number).unwrap_or_default().wrapping_mul(2_654_435_761);
    if number.is_multiple_of(2) {
        Ipv4Addr::from_bits(mixed).into()
    } else {
        Ipv6Addr::from_bits(0x2001_0db8 << 96 | u128::from(mixed) << 56 | u128::from(number)).into()
    }
}

fn knocker(ip: IpAddr) -> Knocker {
    let flow = SocketAddr::new(ip, 5060);
    Knocker { flow, side: Side::Internet, standing: Standing::Stranger, is_really_there: false, is_apart: false }
}
