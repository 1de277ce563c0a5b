//! Which MAC address the kernel sees behind an IP address: a phone's claim is held against it.

use std::net::IpAddr;

/// The MAC address of a neighbour in an attached network; `None` when the kernel does not know it (a routed address, the machine
/// itself, or one that has not been spoken to).
///
/// IPv4 from proc(5) /proc/net/arp. IPv6 from an interface identifier made of the MAC (RFC 4291 appendix A), which is what desk
/// phones use; a random one tells nothing.
pub fn neighbour(ip: IpAddr) -> Option<[u8; 6]> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => in_arp_table(&std::fs::read_to_string("/proc/net/arp").ok()?, &ip.to_string()),
        IpAddr::V6(ip) => in_interface_identifier(ip.octets()),
    }
}

fn in_arp_table(table: &str, ip: &str) -> Option<[u8; 6]> {
    let fields = table.lines().skip(1).map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let entry = fields.into_iter().find(|fields| fields.first() == Some(&ip))?;
    // Flags 0x2: the entry is complete.
    let complete = u32::from_str_radix(entry.get(2)?.trim_start_matches("0x"), 16).ok()? & 2 != 0;
    let mut octets = [0u8; 6];
    let mut parts = entry.get(3)?.split(':');
    for octet in &mut octets {
        *octet = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    (complete && octets != [0; 6]).then_some(octets)
}

fn in_interface_identifier(ip: [u8; 16]) -> Option<[u8; 6]> {
    match ip[8..] {
        [a, b, c, 0xff, 0xfe, d, e, f] => Some([a ^ 2, b, c, d, e, f]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "IP address       HW type     Flags       HW address            Mask     Device\n\
        192.168.1.20     0x1         0x2         80:5e:c0:aa:bb:cc     *        eth0\n\
        192.168.1.21     0x1         0x0         00:00:00:00:00:00     *        eth0\n";

    #[test]
    fn a_complete_entry_tells_the_mac_and_an_incomplete_one_nothing() {
        assert_eq!(in_arp_table(TABLE, "192.168.1.20"), Some([0x80, 0x5e, 0xc0, 0xaa, 0xbb, 0xcc]));
        assert_eq!(in_arp_table(TABLE, "192.168.1.21"), None);
        assert_eq!(in_arp_table(TABLE, "192.168.1.2"), None);
    }

    #[test]
    fn an_ipv6_address_made_of_a_mac_tells_it() {
        assert_eq!(neighbour("fe80::825e:c0ff:feaa:bbcc".parse().unwrap()), Some([0x80, 0x5e, 0xc0, 0xaa, 0xbb, 0xcc]));
        assert_eq!(neighbour("2001:db8::1".parse().unwrap()), None);
    }
}
