//! Where a provider sends from besides the servers that its name leads to: addresses, and small ranges of them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::Network;
use crate::network::bits_of;
use crate::private::is_private;

/// The widest ranges: what one provider's exchanges stand in. Wider, strangers stand in it too.
const WIDEST_V4: u8 = 24;
const WIDEST_V6: u8 = 48;

/// An address or a range of addresses from which a provider calls, in canonical form: no bit is set behind the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceRange(Network);

/// Why a provider cannot call from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Neither an address nor a range.
    #[error("an address or a range is written as 192.0.2.1, 192.0.2.0/28 or 2001:db8::/56")]
    Malformed,
    /// A range in which more stand than one provider.
    #[error("the widest range that may be named is a /24, or a /48 of IPv6")]
    TooWide,
    /// Not an address of the internet: what is at home there is the office itself, or nobody.
    #[error("only addresses of the internet can be named: this one is of a private network, or of none")]
    NotPublic,
}

impl SourceRange {
    /// The address, when it is a single one.
    pub const fn address(&self) -> Option<IpAddr> {
        let first = self.0.first();
        if self.0.prefix() == bits_of(first) { Some(first) } else { None }
    }

    /// Whether that address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }
}

/// Whether it is routed on the internet, by the special-purpose registries (RFC 6890). Addresses of documentation count as if
/// they were: they are nobody's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, ..] = v4.octets();
            !is_private(address) && (1..224).contains(&first)
        }
        IpAddr::V6(v6) => v6.segments()[0] & 0xe000 == 0x2000,
    }
}

impl FromStr for SourceRange {
    type Err = SourceError;
    fn from_str(text: &str) -> Result<Self, SourceError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u8>().map_err(|_| SourceError::Malformed)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| SourceError::Malformed)?;
        let widest = if address.is_ipv4() { WIDEST_V4 } else { WIDEST_V6 };
        let length = length.unwrap_or(bits_of(address));
        if length > bits_of(address) {
            return Err(SourceError::Malformed);
        }
        let network = Network::around(address, length);
        if !is_public(network.first()) {
            return Err(SourceError::NotPublic);
        }
        if length < widest { Err(SourceError::TooWide) } else { Ok(Self(network)) }
    }
}

impl fmt::Display for SourceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(address) => write!(f, "{address}"),
            None => self.0.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_a_range_is_read_and_written_in_one_form_and_holds_what_is_in_it() {
        for (typed, written, within, outside) in [
            ("203.0.113.9", "203.0.113.9", "203.0.113.9", "203.0.113.10"),
            ("203.0.113.9/32", "203.0.113.9", "::ffff:203.0.113.9", "2001:db8::9"),
            ("203.0.113.77/28", "203.0.113.64/28", "203.0.113.79", "203.0.113.80"),
            ("203.0.113.0/24", "203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("2001:DB8::1", "2001:db8::1", "2001:db8::1", "2001:db8::2"),
            ("2001:db8:0:77::/48", "2001:db8::/48", "2001:db8:0:ffff::1", "2001:db8:1::1"),
        ] {
            let range: SourceRange = typed.parse().unwrap();
            assert_eq!((range.to_string().as_str(), written.parse()), (written, Ok(range)), "{typed}");
            assert!(range.contains(within.parse().unwrap()), "{typed} {within}");
            assert!(!range.contains(outside.parse().unwrap()), "{typed} {outside}");
        }
    }

    #[test]
    fn a_range_that_is_too_wide_or_not_on_the_internet_is_refused() {
        for (typed, why) in [
            ("", SourceError::Malformed),
            ("sip.example.net", SourceError::Malformed),
            ("203.0.113.9:5060", SourceError::Malformed),
            ("203.0.113.0/33", SourceError::Malformed),
            ("203.0.113.0/-1", SourceError::Malformed),
            ("203.0.113.0/24/24", SourceError::Malformed),
            ("2001:db8::/129", SourceError::Malformed),
            ("203.0.113.0/23", SourceError::TooWide),
            ("2001:db8::/47", SourceError::TooWide),
            ("0.0.0.0/0", SourceError::NotPublic),
            ("::/0", SourceError::NotPublic),
            ("10.1.2.3", SourceError::NotPublic),
            ("172.16.0.0/24", SourceError::NotPublic),
            ("192.168.1.10", SourceError::NotPublic),
            ("100.64.0.1", SourceError::NotPublic),
            ("127.0.0.1", SourceError::NotPublic),
            ("169.254.1.1", SourceError::NotPublic),
            ("224.0.0.1", SourceError::NotPublic),
            ("255.255.255.255", SourceError::NotPublic),
            ("fd00::/48", SourceError::NotPublic),
            ("fe80::1", SourceError::NotPublic),
            ("::1", SourceError::NotPublic),
            ("::ffff:203.0.113.9", SourceError::NotPublic),
        ] {
            assert_eq!(typed.parse::<SourceRange>(), Err(why), "{typed}");
        }
    }
}
