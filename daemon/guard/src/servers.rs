//! Where a provider's servers were that worked, so that an answer of the resolver which leads somewhere else is seen (threats B-35).
//!
//! Whoever makes up the resolver's answer would be sent what the office proves itself with. Providers move seldom, within their own networks,
//! and keep the old place for a while; so while that answers nobody else is asked, and the office is told in any case.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use centrale_config::is_private;

/// How long a provider must have worked where it was followed before that is where it usually is. Whoever made up the answer is told of all the while.
const BECOMES_USUAL: Duration = Duration::from_secs(3 * 24 * 3_600);
/// Networks of one provider that are remembered.
const MOST: usize = 16;

/// The networks in which servers of one provider worked: /16 of IPv4, /32 of IPv6.
#[derive(Debug, Clone, Default)]
pub struct Servers {
    usual: Vec<IpAddr>,
    /// Where it was followed, and since when it works there; forgotten once it works in a usual place.
    followed: Vec<(IpAddr, Instant)>,
    /// A network came that is to be kept.
    news: bool,
}

/// What an answer of the resolver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereto {
    /// Where they were before, all of it; or nothing is known.
    Usual,
    /// Part of it, or all, is in a network where none worked before.
    Elsewhere,
    /// The same, and an address of that part is nobody's on the internet.
    Private,
}

impl Servers {
    /// Those of before a restart, the latest last.
    pub fn remembered(networks: impl IntoIterator<Item = IpAddr>) -> Self {
        let mut servers = Self::default();
        networks.into_iter().for_each(|network| servers.learn(network));
        servers.news = false;
        servers
    }

    /// The networks where it usually is, if they are others since this was asked last.
    pub fn take_news(&mut self) -> Option<Vec<IpAddr>> {
        std::mem::take(&mut self.news).then(|| self.usual.clone())
    }

    /// A server took a registration there, or answered where none is wanted. It was found with these others: the first time all of them are
    /// where the provider is, which may live in several networks. Whether a place where it was followed became a usual one.
    pub fn worked(&mut self, now: Instant, at: IpAddr, found: impl IntoIterator<Item = IpAddr>) -> bool {
        if self.usual.is_empty() {
            found.into_iter().for_each(|ip| self.learn(ip));
            self.learn(at);
        }
        let network = network_of(at);
        if self.usual.contains(&network) {
            self.learn(at);
            self.followed.clear();
            return false;
        }
        let since = self.followed.iter().find(|(known, _)| *known == network).map(|(_, since)| *since);
        let becomes = since.is_some_and(|since| now.saturating_duration_since(since) >= BECOMES_USUAL);
        if becomes {
            self.learn(at);
            self.followed.retain(|(known, _)| *known != network);
        } else if since.is_none() && self.followed.len() < MOST {
            self.followed.push((network, now));
        }
        becomes
    }

    fn learn(&mut self, at: IpAddr) {
        let network = network_of(at);
        if self.usual.last() == Some(&network) {
            return;
        }
        self.news |= !self.usual.contains(&network);
        self.usual.retain(|known| *known != network);
        if self.usual.len() >= MOST {
            self.usual.remove(0);
        }
        self.usual.push(network);
    }

    /// Whether that is where the provider usually is; or nothing is known.
    pub fn are_usually_at(&self, ip: IpAddr) -> bool {
        self.usual.is_empty() || self.usual.contains(&network_of(ip))
    }

    /// Whether a server may be asked there before the others were silent: it is usually there, or was followed there.
    pub fn are_at(&self, ip: IpAddr) -> bool {
        let network = network_of(ip);
        self.are_usually_at(ip) || self.followed.iter().any(|(known, _)| *known == network)
    }

    /// Where an answer leads. One true address beside a made-up one makes that no truer.
    pub fn judge(&self, found: &[IpAddr]) -> Whereto {
        let mut elsewhere = found.iter().filter(|ip| !self.are_usually_at(**ip)).peekable();
        if elsewhere.peek().is_none() {
            Whereto::Usual
        } else if elsewhere.any(|ip| is_private(*ip) || ip.to_canonical().is_unspecified()) {
            Whereto::Private
        } else {
            Whereto::Elsewhere
        }
    }
}

fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            [a, b, 0, 0].into()
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            [a, b, 0, 0, 0, 0, 0, 0].into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(worked: &[&str], found: &[&str]) -> Whereto {
        let ips = |all: &[&str]| all.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
        let mut servers = Servers::default();
        if let [first, ..] = ips(worked)[..] {
            servers.worked(Instant::now(), first, ips(worked));
        }
        servers.judge(&ips(found))
    }

    #[test]
    fn b_35_an_answer_that_leads_to_another_network_or_into_a_private_one_is_seen() {
        let known = ["203.0.113.5", "2001:db8:1::5"];
        for (found, expected) in [
            (&["203.0.113.5"][..], Whereto::Usual),
            (&["203.0.200.9"], Whereto::Usual),
            (&["2001:db8:ffff::9"], Whereto::Usual),
            (&["203.0.113.6", "203.0.113.7", "2001:db8:1::6"], Whereto::Usual),
            (&["198.51.100.9", "203.0.113.6"], Whereto::Elsewhere),
            (&["203.0.113.6", "192.168.1.1"], Whereto::Private),
            (&["203.0.113.6", "198.51.100.9", "192.168.1.1"], Whereto::Private),
            (&["::ffff:203.0.113.5"], Whereto::Usual),
            (&["198.51.100.9"], Whereto::Elsewhere),
            (&["2001:db9::5"], Whereto::Elsewhere),
            (&["192.168.1.1"], Whereto::Private),
            (&["198.51.100.9", "127.0.0.1"], Whereto::Private),
            (&["100.64.0.1"], Whereto::Private),
            (&["fd00::1"], Whereto::Private),
        ] {
            assert_eq!(judge(&known, found), expected, "{found:?}");
        }
        assert_eq!(judge(&[], &["192.168.1.1"]), Whereto::Usual, "the first answer is believed");
        assert_eq!(judge(&["10.0.0.1"], &["10.0.7.9"]), Whereto::Usual, "a provider on the line's own network");
    }

    #[test]
    fn b_35_the_first_answer_in_which_one_works_is_believed_as_a_whole_and_no_later_one() {
        let [one, other, third] = [[203, 0, 113, 5], [198, 51, 100, 9], [192, 0, 2, 9]].map(IpAddr::from);
        let (now, mut servers) = (Instant::now(), Servers::default());
        servers.worked(now, one, [other, one]);
        assert_eq!(servers.judge(&[other]), Whereto::Usual);
        servers.worked(now, one, [third, one]);
        assert_eq!(servers.judge(&[third, one]), Whereto::Elsewhere);
        assert!(servers.are_at(one) && !servers.are_at(third));
    }

    #[test]
    fn b_35_where_it_was_followed_is_asked_and_told_until_it_worked_there_for_three_days() {
        let [old, new] = [[203, 0, 113, 5], [198, 51, 100, 9]].map(IpAddr::from);
        let (now, mut servers) = (Instant::now(), Servers::default());
        let days = |days: u32| now + days * BECOMES_USUAL / 3;
        servers.worked(now, old, []);
        for day in 0..3 {
            assert!(!servers.worked(days(day), new, []));
            assert!(servers.are_at(new));
            assert_eq!(servers.judge(&[new]), Whereto::Elsewhere, "day {day}");
        }
        // Back where it was: the time there counts for nothing.
        assert!(!servers.worked(days(3), old, []) && !servers.are_at(new));
        assert!(!servers.worked(days(4), new, []));
        assert!(servers.worked(days(7), new, []));
        assert_eq!(servers.judge(&[old, new]), Whereto::Usual);
    }

    #[test]
    fn b_35_what_is_kept_is_believed_after_a_restart_and_said_once() {
        let [one, other] = [[203, 0, 113, 5], [198, 51, 100, 9]].map(IpAddr::from);
        let (now, mut servers) = (Instant::now(), Servers::default());
        assert_eq!(servers.take_news(), None);
        servers.worked(now, one, []);
        let kept = servers.take_news().unwrap();
        servers.worked(now, one, []);
        assert_eq!(servers.take_news(), None);
        let mut again = Servers::remembered(kept);
        assert_eq!((again.judge(&[one]), again.judge(&[other])), (Whereto::Usual, Whereto::Elsewhere));
        again.worked(now, other, [other]);
        assert_eq!((again.judge(&[other]), again.take_news()), (Whereto::Elsewhere, None));
    }

    #[test]
    fn it_remembers_a_bounded_number_of_networks_and_the_latest() {
        let (now, mut servers) = (Instant::now(), Servers::default());
        let all = (0..=255).map(|network| IpAddr::from([11, network, 0, 1]));
        servers.worked(now, [11, 255, 0, 1].into(), all);
        for network in 0..=255 {
            servers.worked(now, [12, network, 0, 1].into(), []);
        }
        assert_eq!((servers.usual.len(), servers.followed.len()), (MOST, MOST));
        assert_eq!(servers.judge(&[[11, 255, 9, 9].into()]), Whereto::Usual);
        assert_eq!(servers.judge(&[[11, 0, 0, 1].into()]), Whereto::Elsewhere);
    }
}
