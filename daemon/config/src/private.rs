//! Addresses that the internet does not carry.

use std::net::IpAddr;

/// Whether no router of the internet brings anybody to an address: private networks (RFC 1918, RFC 4193), those between a provider
/// of the line, or of a tunnel, and its customers (RFC 6598), link-local addresses (RFC 3927, RFC 4291 2.5.6) and loopback. An IPv4 address
/// within IPv6 (RFC 4291 2.5.5.2) is one of IPv4.
pub fn is_private(ip: IpAddr) -> bool {
    is_of_an_office(ip) || is_shared(ip)
}

/// The same without those of RFC 6598: who has one may be a stranger on the same line.
pub fn is_of_an_office(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback(),
    }
}

fn is_shared(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            a == 100 && b & 0xc0 == 64
        }
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_the_internet_does_not_carry_are_told_from_those_of_an_office() {
        for (ip, private, office) in [
            ("10.0.0.1", true, true),
            ("172.31.255.255", true, true),
            ("::ffff:192.168.1.1", true, true),
            ("169.254.1.1", true, true),
            ("127.0.0.1", true, true),
            ("fd00::1", true, true),
            ("fe80::1", true, true),
            ("::1", true, true),
            ("100.64.0.1", true, false),
            ("::ffff:100.127.255.255", true, false),
            ("100.63.255.255", false, false),
            ("100.128.0.0", false, false),
            ("172.32.0.0", false, false),
            ("203.0.113.1", false, false),
            ("2001:db8::1", false, false),
            ("0.0.0.0", false, false),
        ] {
            let ip = ip.parse().unwrap();
            assert_eq!((is_private(ip), is_of_an_office(ip)), (private, office), "{ip}");
        }
    }
}
