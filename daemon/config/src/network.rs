//! Networks of addresses (RFC 4632, RFC 4291 2.3), such as `192.168.1.0/24`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::TextError;

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    /// Its first address.
    first: IpAddr,
    /// How many bits are the same.
    prefix: u8,
}

impl Network {
    /// The network around an address in which so many bits are the same; no narrower than that one address.
    pub fn around(ip: IpAddr, prefix: u8) -> Self {
        let prefix = prefix.min(bits_of(ip));
        let first = match ip {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V4((ip.to_bits() & mask).into())
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6((ip.to_bits() & mask).into())
            }
        };
        Self { first, prefix }
    }

    /// Its first address.
    pub const fn first(&self) -> IpAddr {
        self.first
    }

    /// How many bits are the same in it.
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether an address is in it. An IPv4 address within IPv6 (RFC 4291 2.5.5.2) is one of IPv4.
    pub fn contains(&self, ip: IpAddr) -> bool {
        Self::around(ip.to_canonical(), self.prefix) == *self
    }
}

/// How many bits such an address has.
pub(crate) const fn bits_of(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Network {
    type Err = TextError;

    /// Reads an address with the number of bits behind a slash, or an address alone. Bits behind those do not matter.
    fn from_str(text: &str) -> Result<Self, TextError> {
        let (ip, prefix) = text.trim().split_once('/').map_or((text.trim(), None), |(ip, bits)| (ip, Some(bits)));
        let ip = ip.parse::<IpAddr>().map_err(|_| TextError::Network)?.to_canonical();
        let is_number = |bits: &str| !bits.is_empty() && bits.bytes().all(|digit| digit.is_ascii_digit());
        let prefix = match prefix {
            None => bits_of(ip),
            Some(bits) if is_number(bits) => bits.parse().map_err(|_| TextError::Network)?,
            Some(_) => return Err(TextError::Network),
        };
        if prefix > bits_of(ip) { Err(TextError::Network) } else { Ok(Self::around(ip, prefix)) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_is_read_as_people_write_it_and_written_one_way() {
        for (text, written) in [
            ("192.168.1.0/24", "192.168.1.0/24"),
            (" 192.168.1.77/24 ", "192.168.1.0/24"),
            ("10.0.0.1", "10.0.0.1/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:db8:7:1::9/64", "2001:db8:7:1::/64"),
            ("::1", "::1/128"),
            ("::ffff:10.0.0.1/24", "10.0.0.0/24"),
        ] {
            assert_eq!(network(text).to_string(), written);
        }
        for wrong in
            ["", "office", "192.168.1.0/33", "192.168.1.0/", "192.168.1.0/+8", "192.168.1/24", "::/129", "::/999"]
        {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn around_an_address_it_is_no_wider_than_everything_and_no_narrower_than_one_address() {
        assert_eq!(Network::around(Ipv4Addr::LOCALHOST.into(), 0).to_string(), "0.0.0.0/0");
        assert_eq!(Network::around(Ipv4Addr::LOCALHOST.into(), 99).to_string(), "127.0.0.1/32");
    }

    #[test]
    fn an_address_is_in_its_network_and_in_no_other() {
        for (net, inside, outside) in [
            ("192.168.1.0/24", "192.168.1.255", "192.168.2.0"),
            ("192.168.1.0/24", "::ffff:192.168.1.9", "::c0a8:109"),
            ("10.1.2.3/32", "10.1.2.3", "10.1.2.2"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("2001:db8:7:1::/64", "2001:db8:7:1:ffff::", "2001:db8:7:2::"),
        ] {
            assert!(network(net).contains(inside.parse().unwrap()), "{net} {inside}");
            assert!(!network(net).contains(outside.parse().unwrap()), "{net} {outside}");
        }
    }
}
