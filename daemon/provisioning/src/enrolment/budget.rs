//! What one source may ask in vain before its questions are no longer looked at. Each source has its own budget, so who
//! floods the box keeps nobody else waiting; an empty one fills again by itself.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// How many sources are kept apart. Those beyond share one place, so that many sources gain nothing.
const MAX_SOURCES: usize = 1024;

/// Whether a router stands between the box and a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is on a network of the box.
    OnLink,
    /// It is elsewhere.
    Routed,
}

/// A token bucket for each source.
#[derive(Debug)]
pub struct Budgets {
    most: u32,
    each: Duration,
    /// When each source's budget is full again; a source that is not here has a full one.
    full_at: BTreeMap<IpAddr, Instant>,
}

impl Budgets {
    /// Budgets of `most` questions, at least 1, that come back one after each `each`.
    pub const fn new(most: u32, each: Duration) -> Self {
        Self { most, each, full_at: BTreeMap::new() }
    }

    /// Whether this source has nothing left.
    pub fn is_spent(&self, now: Instant, source: IpAddr, reach: Reach) -> bool {
        self.full_at.get(&self.place(source, reach)).is_some_and(|full_at| self.is_empty(now, *full_at))
    }

    /// Takes one from a source's budget, if there is one. Says whether it was the last.
    pub fn spend(&mut self, now: Instant, source: IpAddr, reach: Reach) -> bool {
        self.full_at.retain(|_, full_at| now < *full_at);
        let place = self.place(source, reach);
        let full_at = self.full_at.get(&place).copied().unwrap_or(now);
        if self.is_empty(now, full_at) {
            return false;
        }
        let full_at = full_at + self.each;
        self.full_at.insert(place, full_at);
        self.is_empty(now, full_at)
    }

    fn is_empty(&self, now: Instant, full_at: Instant) -> bool {
        full_at.saturating_duration_since(now) > self.each * (self.most - 1)
    }

    /// Where a source is counted. A network of IPv6 elsewhere is one source (RFC 6177), where it is the box's own all phones
    /// are on it; those that come too late are one source too.
    fn place(&self, source: IpAddr, reach: Reach) -> IpAddr {
        let network = match source.to_canonical() {
            IpAddr::V6(ip) if reach == Reach::Routed && !ip.is_unicast_link_local() => {
                IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64))
            }
            whole => whole,
        };
        let full = self.full_at.len() >= MAX_SOURCES && !self.full_at.contains_key(&network);
        if full { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { network }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test begins time, and fails by panic")]
mod tests {
    use super::Reach::{OnLink, Routed};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn here(last: u8) -> IpAddr {
        IpAddr::from([192, 168, 1, last])
    }

    #[test]
    fn a_budget_is_spent_once_and_comes_back_one_by_one() {
        let now = Instant::now();
        let mut budgets = Budgets::new(3, SECOND);
        assert_eq!([(); 5].map(|()| budgets.spend(now, here(1), OnLink)), [false, false, true, false, false]);
        assert!(budgets.is_spent(now, here(1), OnLink));
        assert!(!budgets.is_spent(now, here(2), OnLink), "another's is whole");
        assert!(budgets.is_spent(now + SECOND / 2, here(1), OnLink));
        assert!(budgets.spend(now + SECOND, here(1), OnLink), "one came back, and is the last again");
        let later = now + 10 * SECOND;
        assert_eq!(
            [(); 4].map(|()| budgets.spend(later, here(1), OnLink)),
            [false, false, true, false],
            "no more than all"
        );
    }

    #[test]
    fn a_network_of_ipv6_behind_a_router_is_one_source_and_one_of_ours_is_many() {
        let now = Instant::now();
        let table = [
            ("fd00::1:2:3:4", "fd00::9:9:9:9", Routed, true),
            ("fd00::1:2:3:4", "fd00:0:0:1::9", Routed, false),
            ("fd00::1:2:3:4", "fd00::9:9:9:9", OnLink, false),
            ("2001:db8::1", "2001:db8::2", OnLink, false),
            // Never routed (RFC 4291 2.5.6), whatever is said.
            ("fe80::1", "fe80::2", Routed, false),
            ("::ffff:192.168.1.1", "192.168.1.1", Routed, true),
        ];
        for (one, other, reach, same) in table {
            let mut budgets = Budgets::new(1, SECOND);
            budgets.spend(now, one.parse().unwrap(), reach);
            assert!(budgets.is_spent(now, one.parse().unwrap(), reach), "{one} {reach:?}");
            assert_eq!(budgets.is_spent(now, other.parse().unwrap(), reach), same, "{one} {other} {reach:?}");
        }
    }

    #[test]
    fn those_that_come_too_late_share_one_place() {
        let now = Instant::now();
        let mut budgets = Budgets::new(1, SECOND);
        for number in 0..=u32::try_from(MAX_SOURCES).unwrap() {
            budgets.spend(now, IpAddr::from(std::net::Ipv4Addr::from_bits(0x0a00_0000 + number)), OnLink);
        }
        let late = "10.200.0.1".parse().unwrap();
        assert!(budgets.is_spent(now, late, OnLink), "of the ones that came too late one has spent it");
        assert!(!budgets.is_spent(now + SECOND, late, OnLink));
    }
}
