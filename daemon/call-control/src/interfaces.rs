//! The box's own addresses, and which of them a peer sees.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
            || family.clone().filter(|local| shares_network(local, remote)).max_by_key(|local| local.prefix);
        let everywhere = || family.clone().find(|local| local.default_route);
        let any = || family.clone().find(|local| !local.ip.is_loopback()).or_else(|| family.clone().next());
        ours.or_else(neighbour).or_else(everywhere).or_else(any).map(|local| local.ip)
    }

    /// Whether somebody is in a network of the box itself, and sees its address as it is.
    pub(crate) fn is_near(&self, remote: IpAddr) -> bool {
        let remote = remote.to_canonical();
        self.0.iter().any(|local| shares_network(local, remote))
    }
}

fn shares_network(local: &LocalAddress, remote: IpAddr) -> bool {
    let (one, two, width) = match (local.ip, remote) {
        (IpAddr::V4(one), IpAddr::V4(two)) => (bits4(one), bits4(two), 32),
        (IpAddr::V6(one), IpAddr::V6(two)) => (bits6(one), bits6(two), 128),
        _ => return false,
    };
    let shift = width - u32::from(local.prefix).min(width);
    one.checked_shr(shift) == two.checked_shr(shift)
}

fn bits4(ip: Ipv4Addr) -> u128 {
    u128::from(ip.to_bits())
}

const fn bits6(ip: Ipv6Addr) -> u128 {
    ip.to_bits()
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
}
