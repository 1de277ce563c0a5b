//! The box's own addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::{InterfaceFlags, if_nametoindex};
use nix::sys::socket::SockaddrStorage;

/// One address of the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAddress {
    /// The interface's name.
    pub interface: String,
    /// The interface's number in the system; another one when it comes back after it was removed.
    pub index: u32,
    /// The address.
    pub ip: IpAddr,
    /// Length of its network's prefix in bits.
    pub prefix: u8,
    /// Whether the default route leaves by this interface.
    pub default_route: bool,
    /// Whether the interface can do multicast.
    pub multicast: bool,
}

/// Every address of every interface that is up, IPv6 link-local ones left out. Empty when the system does not tell.
pub fn addresses() -> Vec<FoundAddress> {
    let default = default_interfaces();
    let mut found = Vec::new();
    for interface in getifaddrs().into_iter().flatten() {
        let ip = interface.address.as_ref().and_then(ip_of);
        let mask = interface.netmask.as_ref().and_then(ip_of);
        let (Some(ip), Some(mask)) = (ip, mask) else { continue };
        let link_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        if link_local || !interface.flags.contains(InterfaceFlags::IFF_UP) {
            continue;
        }
        // It may be gone by now.
        let Ok(index) = if_nametoindex(interface.interface_name.as_str()) else { continue };
        found.push(FoundAddress {
            default_route: default.contains(&interface.interface_name),
            multicast: interface.flags.contains(InterfaceFlags::IFF_MULTICAST),
            prefix: prefix_of(mask),
            interface: interface.interface_name,
            index,
            ip,
        });
    }
    found
}

/// Whether an address is on a network that the box is on itself, so that the neighbour table can tell who has it.
pub fn is_attached(ip: IpAddr) -> bool {
    is_attached_by(&addresses(), ip)
}

fn is_attached_by(found: &[FoundAddress], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    // Link-local addresses (RFC 3927, RFC 4291 2.5.6) are never routed.
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    link_local || found.iter().any(|address| address.has_on_its_network(ip))
}

/// The address under which a peer on an interface's own network knows the box, for what was sent to a group there: on the
/// peer's network if the interface is on several.
pub(crate) fn towards(found: &[FoundAddress], index: u32, peer: IpAddr) -> Option<IpAddr> {
    let mut here = found.iter().filter(|address| address.index == index && address.ip.is_ipv4() == peer.is_ipv4());
    next_to(found, index, peer).or_else(|| here.next().map(|address| address.ip))
}

/// The address that an interface has on a peer's network, if it has one.
pub(crate) fn next_to(found: &[FoundAddress], index: u32, peer: IpAddr) -> Option<IpAddr> {
    let mut here = found.iter().filter(|address| address.index == index);
    here.find(|address| address.has_on_its_network(peer)).map(|address| address.ip)
}

impl FoundAddress {
    fn has_on_its_network(&self, peer: IpAddr) -> bool {
        let (own, peer, width) = match (self.ip, peer) {
            (IpAddr::V4(own), IpAddr::V4(peer)) => (own.to_bits().into(), peer.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(peer)) => (own.to_bits(), peer.to_bits(), 128_u32),
            _ => return false,
        };
        (own ^ peer).checked_shr(width.saturating_sub(self.prefix.into())).unwrap_or(0) == 0
    }
}

fn ip_of(storage: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
}

fn prefix_of(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    };
    u8::try_from(ones).unwrap_or(128)
}

/// The gateway of the IPv4 default route; of several, the one with the lowest metric.
pub fn gateway() -> Option<IpAddr> {
    gateway_in(&std::fs::read_to_string("/proc/net/route").ok()?)
}

/// The same in the text of the routing table (proc(5)): addresses are in hexadecimal, in the order of the machine.
fn gateway_in(routes: &str) -> Option<IpAddr> {
    let gateway = |line: &str| {
        let fields: Vec<_> = line.split_ascii_whitespace().collect();
        let is_default = *fields.get(1)? == "00000000" && *fields.get(7)? == "00000000";
        let address = u32::from_str_radix(fields.get(2)?, 16).ok().filter(|address| is_default && *address != 0)?;
        Some((fields.get(6)?.parse::<u32>().ok()?, IpAddr::from(address.to_ne_bytes())))
    };
    routes.lines().filter_map(gateway).min().map(|(_, address)| address)
}

/// The interfaces of the default routes (proc(5): /proc/net/route and /proc/net/ipv6_route).
fn default_interfaces() -> Vec<String> {
    let v4 = std::fs::read_to_string("/proc/net/route").unwrap_or_default();
    let v6 = std::fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    let v4 = v4.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (name, destination, mask) = (fields.next()?, fields.next()?, fields.nth(5)?);
        (destination == "00000000" && mask == "00000000" && name != "lo").then(|| name.to_owned())
    });
    let any6 = "0".repeat(32);
    let v6 = v6.lines().filter_map(|line| {
        let fields: Vec<_> = line.split_ascii_whitespace().collect();
        let name = *fields.get(9)?;
        (fields.first()? == &any6 && fields.get(1)? == &"00" && name != "lo").then(|| name.to_owned())
    });
    v4.chain(v6).collect()
}

/// The addresses to listen on for "every address of that family".
pub(crate) const ANY: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];

#[cfg(test)]
mod tests {
    use super::*;

    fn address(index: u32, ip: &str, prefix: u8) -> FoundAddress {
        FoundAddress {
            interface: format!("eth{index}"),
            index,
            ip: ip.parse().unwrap(),
            prefix,
            default_route: false,
            multicast: true,
        }
    }

    #[test]
    fn an_address_of_a_network_of_ours_is_attached_and_one_of_nobodys_is_not() {
        let found = [address(1, "127.0.0.1", 8), address(2, "192.168.1.2", 24), address(2, "2001:db8:1::2", 64)];
        for (ip, attached) in [
            ("127.0.0.9", true),
            ("192.168.1.77", true),
            ("::ffff:192.168.1.77", true),
            ("192.168.2.77", false),
            ("169.254.3.4", true),
            ("fe80::1", true),
            ("2001:db8:1::3", true),
            ("2001:db8:2::3", false),
        ] {
            assert_eq!(is_attached_by(&found, ip.parse().unwrap()), attached, "{ip}");
        }
    }

    #[test]
    fn the_machine_knows_its_own_loopback_address() {
        let found = addresses();
        let loopback = found.iter().find(|address| address.ip == IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
        assert_eq!((loopback.prefix, loopback.default_route), (8, false));
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_gateway_is_that_of_the_default_route_that_is_used() {
        let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        let routes = "wlan0\t00000000\tFE01A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
                      eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
                      ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n\
                      eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n";
        assert_eq!(gateway_in(&format!("{head}{routes}")).map(|ip| ip.to_string()).as_deref(), Some("192.168.1.1"));
        assert_eq!(gateway_in(head), None);
        assert_eq!(gateway_in("torn 00000000"), None);
    }

    #[test]
    fn of_several_addresses_on_a_wire_the_one_on_the_peers_network_is_told() {
        let found = [
            address(2, "10.0.0.1", 8),
            address(3, "192.168.1.1", 24),
            address(3, "10.20.0.1", 16),
            address(3, "2001:db8::1", 64),
        ];
        let towards = |index, peer: &str| towards(&found, index, peer.parse().unwrap()).map(|ip| ip.to_string());
        assert_eq!(towards(3, "10.20.9.9").as_deref(), Some("10.20.0.1"));
        assert_eq!(towards(3, "172.16.0.1").as_deref(), Some("192.168.1.1"), "a peer from nowhere is told the first");
        assert_eq!(towards(2, "10.20.9.9").as_deref(), Some("10.0.0.1"));
        assert_eq!(towards(3, "2001:db8::7").as_deref(), Some("2001:db8::1"));
        assert_eq!(towards(4, "10.20.9.9"), None);
    }
}
