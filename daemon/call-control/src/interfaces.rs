//! The box's own addresses, and which of them a peer sees.

use std::net::IpAddr;

use centrale_config::{Network, is_of_an_office};

/// One address of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalAddress {
    /// The address.
    pub ip: IpAddr,
    /// Length of its network's prefix in bits.
    pub prefix: u8,
    /// Whether packets for everywhere else leave from it.
    pub default_route: bool,
}

/// The widest network that is taken for an office's, by the length of its prefix: who shares a wider one are a provider's
/// customers. Of IPv6 also the narrowest (RFC 4291 2.5.1): DHCPv6 gives an address without its network (RFC 8415).
const OFFICE_PREFIX_V4: u8 = 24;
const OFFICE_PREFIX_V6: u8 = 64;

/// All addresses of the box, as the network edge found them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interfaces(Vec<LocalAddress>);

impl Interfaces {
    /// From what was found.
    pub const fn new(addresses: Vec<LocalAddress>) -> Self {
        Self(addresses)
    }

    /// The address from which packets to `remote` leave: the one in its network (longest prefix), else the one with the
    /// default route, else any of the family. `None` when the box has no address of that family.
    pub fn source_for(&self, remote: IpAddr) -> Option<IpAddr> {
        let remote = remote.to_canonical();
        let family = self.0.iter().filter(|local| local.ip.is_ipv4() == remote.is_ipv4());
        let ours = family.clone().find(|local| local.ip == remote);
        let neighbour =
            || family.clone().filter(|local| local.network().contains(remote)).max_by_key(|local| local.prefix);
        let everywhere = || family.clone().find(|local| local.default_route);
        let any = || family.clone().find(|local| !local.ip.is_loopback()).or_else(|| family.clone().next());
        ours.or_else(neighbour).or_else(everywhere).or_else(any).map(|local| local.ip)
    }

    /// Whether an address is the box's own.
    pub(crate) fn is_own(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|local| local.ip == ip.to_canonical())
    }

    /// Whether the box is in that network itself.
    pub(crate) fn has_network(&self, network: Network) -> bool {
        self.0.iter().any(|local| local.network() == network)
    }

    /// The narrowest network of the box itself that an address is in.
    pub(crate) fn network_of(&self, ip: IpAddr) -> Option<Network> {
        let around = self.0.iter().map(LocalAddress::network).filter(|network| network.contains(ip));
        around.max_by_key(Network::prefix)
    }

    /// The networks of the box itself: address and prefix length of each.
    pub(crate) fn networks(&self) -> Vec<(IpAddr, u8)> {
        self.0.iter().map(|local| (local.ip, local.prefix)).collect()
    }

    /// Whether somebody is in a network of the box itself, and sees its address as it is.
    pub(crate) fn is_near(&self, remote: IpAddr) -> bool {
        let remote = remote.to_canonical();
        self.0.iter().any(|local| local.network().contains(remote))
    }

    /// Whether an address belongs to the office's network: private, link-local or the machine itself (RFC 1918, RFC 4193,
    /// RFC 3927), or, as an office may have global addresses, beside one of the box's own.
    pub(crate) fn is_office(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        is_of_an_office(ip) || self.0.iter().any(|local| local.as_of_office().network().contains(ip))
    }
}

impl LocalAddress {
    fn network(&self) -> Network {
        Network::around(self.ip, self.prefix)
    }

    /// With the prefix of the office's network there.
    fn as_of_office(&self) -> Self {
        let prefix = if self.ip.is_ipv4() { self.prefix.max(OFFICE_PREFIX_V4) } else { OFFICE_PREFIX_V6 };
        Self { prefix, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Interfaces {
        let address = |ip: &str, prefix, default_route| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route };
        Interfaces::new(vec![
            address("127.0.0.1", 8, false),
            address("192.168.1.10", 24, true),
            address("10.8.0.1", 16, false),
            address("fd00::1", 64, false),
        ])
    }

    #[test]
    fn a_neighbour_is_answered_from_its_own_network_and_a_stranger_from_the_default_route() {
        let source = |remote: &str| office().source_for(remote.parse().unwrap()).map(|ip| ip.to_string());
        assert_eq!(source("10.8.3.4").as_deref(), Some("10.8.0.1"));
        assert_eq!(source("203.0.113.9").as_deref(), Some("192.168.1.10"));
        assert_eq!(source("127.0.0.5").as_deref(), Some("127.0.0.1"));
        assert_eq!(source("::ffff:10.8.3.4").as_deref(), Some("10.8.0.1"));
        assert_eq!(source("fd00::77").as_deref(), Some("fd00::1"));
    }

    #[test]
    fn the_office_is_every_private_address_and_whoever_is_beside_a_global_one_of_the_box() {
        let address = |ip: &str, prefix| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route: true };
        let global = [address("2001:db8:7:1::10", 128), address("203.0.113.10", 29), address("198.51.100.10", 16)];
        let is_office = |remote: &str| Interfaces::new(global.to_vec()).is_office(remote.parse().unwrap());
        for inside in ["192.168.9.9", "::ffff:10.0.0.1", "fe80::1", "fd12::1", "2001:db8:7:1:a::1", "203.0.113.9"] {
            assert!(is_office(inside), "{inside}");
        }
        assert!(is_office("198.51.100.200"));
        for outside in ["2001:db8:7:2::10", "203.0.113.17", "198.51.101.10", "8.8.8.8"] {
            assert!(!is_office(outside), "{outside}");
        }
    }
}
