//! Whom a run asks, and how much of it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use centrale_sip::flow::Transport;

use crate::diagnosis::Path;

/// How much a run asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Set {
    /// V0, V1 and V3 on the trunk's own socket: five OPTIONS that disturb nothing (5.4).
    Harmless,
    /// All that sends no INVITE which a server would see.
    WithoutInvites,
    /// All of it, on throw-away ports.
    Full,
}

/// An account whose bindings V6 may touch, and over which V14 may call: one for tests, or the trunk's own while nobody calls.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user of the address of record.
    pub user: Box<str>,
    /// The digest's user name.
    pub username: Box<str>,
    /// The digest's password.
    pub password: Box<str>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("user", &self.user).field("password", &"…").finish_non_exhaustive()
    }
}

/// Whom a run asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A provider, or a phone that is far away (V15).
    pub path: Path,
    /// The far end's UDP address.
    pub udp: SocketAddr,
    /// Other UDP ports at which the same server may be, three at the most.
    pub others: Vec<SocketAddr>,
    /// Its TCP address.
    pub tcp: Option<SocketAddr>,
    /// Its TLS address.
    pub tls: Option<SocketAddr>,
    /// The domain of the Request-URI.
    pub domain: Box<str>,
    /// Whether the far end is in a network that we are connected to.
    pub near: bool,
    /// A private address outside every connected network ([`canary`]).
    pub canary: Ipv4Addr,
    /// For V6 and V14.
    pub account: Option<Account>,
    /// The office's own number as the provider wants it dialled, for V14; whoever asks says when it comes ([`Input::Looped`]).
    ///
    /// [`Input::Looped`]: super::Input::Looped
    pub number: Option<Box<str>>,
    /// What the trunk's own socket speaks; `None` where it cannot be asked from, since what is sent there goes another way.
    pub live: Option<Transport>,
    /// What stands in Via in place of our own address, on a path that hides it.
    pub sent_by: Option<Box<str>>,
    /// Whether the edge can set an IP TTL and read ICMP quotes.
    pub quotes: bool,
}

impl Target {
    /// A provider that is known by its UDP address and domain only.
    pub fn provider(udp: SocketAddr, domain: &str) -> Self {
        Self {
            path: Path::BoxProvider,
            udp,
            others: Vec::new(),
            tcp: None,
            tls: None,
            domain: domain.into(),
            near: false,
            canary: canary(&[]),
            account: None,
            number: None,
            live: Some(Transport::Udp),
            sent_by: None,
            quotes: false,
        }
    }

    /// A phone behind a router of its own, at the address that its packets come from.
    pub fn phone(udp: SocketAddr) -> Self {
        Self { path: Path::PhoneBox, ..Self::provider(udp, &udp.ip().to_string()) }
    }
}

/// A private address that no connected network holds. `connected`: address and prefix length of each.
pub fn canary(connected: &[(IpAddr, u8)]) -> Ipv4Addr {
    const CANDIDATES: [Ipv4Addr; 4] = [
        Ipv4Addr::new(10, 255, 77, 77),
        Ipv4Addr::new(172, 31, 77, 77),
        Ipv4Addr::new(192, 168, 77, 77),
        Ipv4Addr::new(172, 16, 77, 77),
    ];
    let holds = |net: &(IpAddr, u8), candidate: Ipv4Addr| {
        let IpAddr::V4(address) = net.0 else { return false };
        let mask = u32::MAX.checked_shl(32 - u32::from(net.1.min(32))).unwrap_or(0);
        address.to_bits() & mask == candidate.to_bits() & mask
    };
    let free = CANDIDATES.into_iter().find(|candidate| !connected.iter().any(|net| holds(net, *candidate)));
    free.unwrap_or(CANDIDATES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canary_is_in_no_network_of_ours() {
        assert_eq!(canary(&[]), Ipv4Addr::new(10, 255, 77, 77));
        assert_eq!(canary(&[("10.0.0.5".parse().unwrap(), 8)]), Ipv4Addr::new(172, 31, 77, 77));
        assert_eq!(canary(&[("10.0.0.5".parse().unwrap(), 24)]), Ipv4Addr::new(10, 255, 77, 77));
    }

    #[test]
    fn a_password_is_not_printed() {
        let account = Account { user: "31".into(), username: "office".into(), password: "geheim".into() };
        assert!(!format!("{account:?}").contains("geheim"));
    }
}
