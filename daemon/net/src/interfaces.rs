//! The box's own addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

/// One address of the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAddress {
    /// The interface's name.
    pub interface: String,
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
        found.push(FoundAddress {
            default_route: default.contains(&interface.interface_name),
            multicast: interface.flags.contains(InterfaceFlags::IFF_MULTICAST),
            prefix: prefix_of(mask),
            interface: interface.interface_name,
            ip,
        });
    }
    found
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

    #[test]
    fn the_machine_knows_its_own_loopback_address() {
        let found = addresses();
        let loopback = found.iter().find(|address| address.ip == IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
        assert_eq!((loopback.prefix, loopback.default_route), (8, false));
    }
}
