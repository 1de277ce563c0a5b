//! Where a provider's servers were that worked, so that an answer of the resolver which leads somewhere else is seen (threats B-35).
//!
//! Whoever makes up the resolver's answer would be sent what the office proves itself with. Providers move seldom, within their own networks,
//! and keep the old place for a while; so while that answers nobody else is asked, and the office is told in any case.

use std::net::IpAddr;

/// Networks of one provider that are remembered.
const MOST: usize = 16;

/// The networks in which servers of one provider worked: /16 of IPv4, /32 of IPv6.
#[derive(Debug, Clone, Default)]
pub struct Servers(Vec<IpAddr>);

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
    /// A server took a registration there, or answered where none is wanted. It was found with these others: the first time all of them are
    /// where the provider is, which may live in several networks.
    pub fn worked(&mut self, at: IpAddr, found: impl IntoIterator<Item = IpAddr>) {
        if self.0.is_empty() {
            found.into_iter().for_each(|ip| self.learn(ip));
        }
        self.learn(at);
    }

    fn learn(&mut self, at: IpAddr) {
        let network = network_of(at);
        if self.0.last() == Some(&network) {
            return;
        }
        self.0.retain(|known| *known != network);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(network);
    }

    /// Whether a server may be asked there before the others were silent.
    pub fn are_at(&self, ip: IpAddr) -> bool {
        self.0.is_empty() || self.0.contains(&network_of(ip))
    }

    /// Where an answer leads. One true address beside a made-up one makes that no truer.
    pub fn judge(&self, found: &[IpAddr]) -> Whereto {
        let mut elsewhere = found.iter().filter(|ip| !self.are_at(**ip)).peekable();
        if elsewhere.peek().is_none() {
            Whereto::Usual
        } else if elsewhere.any(|ip| is_private(ip.to_canonical())) {
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

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            // RFC 6598: between a provider of the line and its customers.
            let is_shared = a == 100 && b & 0xc0 == 64;
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || is_shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(worked: &[&str], found: &[&str]) -> Whereto {
        let mut servers = Servers::default();
        worked.iter().for_each(|ip| servers.worked(ip.parse().unwrap(), []));
        servers.judge(&found.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<_>>())
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
        let mut servers = Servers::default();
        servers.worked(one, [other, one]);
        assert_eq!(servers.judge(&[other]), Whereto::Usual);
        servers.worked(one, [third, one]);
        assert_eq!(servers.judge(&[third, one]), Whereto::Elsewhere);
        assert!(servers.are_at(one) && !servers.are_at(third));
    }

    #[test]
    fn it_remembers_a_bounded_number_of_networks_and_the_latest() {
        let mut servers = Servers::default();
        (0..=255).for_each(|network| servers.worked([11, network, 0, 1].into(), []));
        assert_eq!(servers.0.len(), MOST);
        assert_eq!(servers.judge(&[[11, 255, 9, 9].into()]), Whereto::Usual);
        assert_eq!(servers.judge(&[[11, 0, 0, 1].into()]), Whereto::Elsewhere);
    }
}
