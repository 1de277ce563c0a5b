//! What a rule does, one expression after the other. `nft --debug=netlink` writes the same ones down for a line of nft(8).

use std::net::IpAddr;

use super::wire::{Attributes, octets};

/// The verdicts (`NF_DROP`, `NFT_JUMP`, `NFT_GOTO`, `NFT_RETURN`).
const DROP: i32 = 0;
const JUMP: i32 = -3;
const GOTO: i32 = -4;
const RETURN: i32 = -5;

/// The registers: the first of 16 bytes, and the 4 bytes after an IPv4 or an IPv6 address in it.
const FIRST: u32 = 1;
const AFTER_V4: u32 = 9;
const AFTER_V6: u32 = 2;

/// Where a field is: in which header (`NFT_PAYLOAD_NETWORK_HEADER`, `NFT_PAYLOAD_TRANSPORT_HEADER`), from which byte, how long.
type Field = (u32, u32, u32);
const PORT_FROM: Field = (2, 0, 2);
const PORT_TO: Field = (2, 2, 2);
const TCP_FLAGS: Field = (2, 13, 1);
/// Who begins a connection has set the second and not the fifth of TCP's flags (RFC 9293 3.1).
const SYN: u8 = 0x02;
const SYN_OR_ACK: u8 = 0x12;

/// An address of another machine's, to the kernel.
const RTN_UNICAST: u32 = 1;

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    pub(super) const ALL: [Self; 2] = [Self::V4, Self::V6];

    pub(super) const fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// `NFPROTO_IPV4`, `NFPROTO_IPV6`.
    pub(super) const fn protocol(self) -> u8 {
        match self {
            Self::V4 => 2,
            Self::V6 => 10,
        }
    }

    const fn from(self) -> Field {
        match self {
            Self::V4 => (1, 12, 4),
            Self::V6 => (1, 8, 16),
        }
    }

    const fn to(self) -> Field {
        match self {
            Self::V4 => (1, 16, 4),
            Self::V6 => (1, 24, 16),
        }
    }
}

/// A network, by one of its addresses and how many bits of it they share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network(pub(crate) IpAddr, pub(crate) u8);

/// The octet at that place of a mask of so many bits.
fn bits_of(prefix: u8, at: usize) -> u8 {
    let ones = usize::from(prefix).saturating_sub(8 * at).min(8);
    u8::try_from(0xff00_u16 >> ones & 0xff).unwrap_or(u8::MAX)
}

/// The expressions of a rule.
#[derive(Debug, Default, Clone)]
pub(super) struct Rule(pub(super) Vec<Attributes>);

impl Rule {
    /// For packets of that family.
    pub(super) fn of(family: Family) -> Self {
        // NFT_META_NFPROTO
        Self::default().meta(15).equals(&[family.protocol()])
    }

    /// For packets of that transport protocol to that port.
    pub(super) fn at_port(self, protocol: u8, port: u16) -> Self {
        self.carries(protocol).load(PORT_TO, FIRST).equals(&port.to_be_bytes())
    }

    /// For packets of that transport protocol.
    pub(super) fn carries(self, protocol: u8) -> Self {
        // NFT_META_L4PROTO
        self.meta(16).equals(&[protocol])
    }

    pub(super) fn at_address(self, family: Family, address: &[u8]) -> Self {
        self.load(family.to(), FIRST).equals(address)
    }

    /// For this machine, or for many (multicast): not what it forwards or bridges for others.
    pub(super) fn for_nobody_else(self) -> Self {
        // NFTA_FIB_DREG, _RESULT (NFT_FIB_RESULT_ADDRTYPE), _FLAGS (NFTA_FIB_F_DADDR)
        let data = Attributes::default().number(1, FIRST).number(2, 3).number(3, 2);
        self.with("fib", &data).compares(1, &RTN_UNICAST.to_ne_bytes())
    }

    /// That begin a connection.
    pub(super) fn begins(self) -> Self {
        self.load(TCP_FLAGS, FIRST).masked(&[SYN_OR_ACK]).equals(&[SYN])
    }

    /// Whose sender is in that network, or in whichever when its prefix is empty.
    pub(super) fn sent_within(self, network: Network) -> Self {
        self.within(network, Family::from)
    }

    /// Whose receiver is.
    pub(super) fn sent_into(self, network: Network) -> Self {
        self.within(network, Family::to)
    }

    fn within(self, Network(ip, prefix): Network, side: impl Fn(Family) -> Field) -> Self {
        let (family, octets) = (Family::of(ip), octets(ip));
        let mask: Vec<u8> = (0..octets.len()).map(|at| bits_of(prefix, at)).collect();
        let network: Vec<u8> = octets.iter().zip(&mask).map(|(octet, mask)| octet & mask).collect();
        self.load(side(family), FIRST).masked(&mask).equals(&network)
    }

    /// Of a family that is in that set.
    pub(super) fn family_in(self, set: &str) -> Self {
        self.meta(15).lookup(set)
    }

    /// Whose sender is in that set.
    pub(super) fn in_set(self, family: Family, set: &str) -> Self {
        self.load(family.from(), FIRST).lookup(set)
    }

    /// Whose sender and port are in that set.
    pub(super) fn in_ports(self, family: Family, set: &str) -> Self {
        let after = if family == Family::V4 { AFTER_V4 } else { AFTER_V6 };
        self.load(family.from(), FIRST).load(PORT_FROM, after).lookup(set)
    }

    /// Of which the sender sends more than so many a second, and so many at once; remembered in that set.
    pub(super) fn beyond(self, family: Family, set: &str, (rate, burst): (u64, u32)) -> Self {
        self.load(family.from(), FIRST).limited(set, (rate, burst))
    }

    /// The same of each of the sender's ports.
    pub(super) fn beyond_ports(self, family: Family, set: &str, rate: (u64, u32)) -> Self {
        let after = if family == Family::V4 { AFTER_V4 } else { AFTER_V6 };
        self.load(family.from(), FIRST).load(PORT_FROM, after).limited(set, rate)
    }

    /// Of which all senders together send more than so many a second, and so many at once.
    pub(super) fn beyond_all(self, rate: (u64, u32)) -> Self {
        self.with("limit", &over(rate))
    }

    fn limited(self, set: &str, rate: (u64, u32)) -> Self {
        let limit = over(rate);
        // NFTA_DYNSET_SET_NAME, _OP (update), _SREG_KEY, _EXPR
        let update = Attributes::default().text(1, set).number(3, 1).number(4, FIRST);
        self.with("dynset", &update.nested(7, &expression("limit", &limit)))
    }

    pub(super) fn counted_drop(self) -> Self {
        self.with("counter", &Attributes::default()).verdict(DROP, None)
    }

    pub(super) fn jump(self, chain: &str) -> Self {
        self.verdict(JUMP, Some(chain))
    }

    /// As [`Self::jump`], and none of this chain's rules come after it.
    pub(super) fn go_on_in(self, chain: &str) -> Self {
        self.verdict(GOTO, Some(chain))
    }

    pub(super) fn leave(self) -> Self {
        self.verdict(RETURN, None)
    }

    fn with(mut self, name: &str, data: &Attributes) -> Self {
        self.0.push(expression(name, data));
        self
    }

    fn meta(self, key: u32) -> Self {
        self.with("meta", &Attributes::default().number(1, FIRST).number(2, key))
    }

    fn load(self, (base, offset, length): Field, register: u32) -> Self {
        let data = Attributes::default().number(1, register).number(2, base).number(3, offset).number(4, length);
        self.with("payload", &data)
    }

    fn masked(self, mask: &[u8]) -> Self {
        // NFTA_BITWISE_SREG, _DREG, _LEN, _MASK, _XOR, both of them with NFTA_DATA_VALUE
        let length = u32::try_from(mask.len()).unwrap_or(0);
        let value = |bytes: &[u8]| Attributes::default().bytes(1, bytes);
        let data = Attributes::default().number(1, FIRST).number(2, FIRST).number(3, length);
        self.with("bitwise", &data.nested(4, &value(mask)).nested(5, &value(&vec![0; mask.len()])))
    }

    fn equals(self, value: &[u8]) -> Self {
        self.compares(0, value)
    }

    /// `NFT_CMP_EQ`, `NFT_CMP_NEQ`.
    fn compares(self, operation: u32, value: &[u8]) -> Self {
        // NFTA_CMP_SREG, _OP, _DATA with NFTA_DATA_VALUE
        let data = Attributes::default().number(1, FIRST).number(2, operation);
        self.with("cmp", &data.nested(3, &Attributes::default().bytes(1, value)))
    }

    fn lookup(self, set: &str) -> Self {
        self.with("lookup", &Attributes::default().text(1, set).number(2, FIRST))
    }

    fn verdict(self, code: i32, chain: Option<&str>) -> Self {
        // NFTA_VERDICT_CODE, _CHAIN in NFTA_DATA_VERDICT in NFTA_IMMEDIATE_DATA; register 0 is the verdict
        let verdict = Attributes::default().bytes(1, &code.to_be_bytes());
        let verdict = chain.iter().fold(verdict, |verdict, chain| verdict.text(2, chain));
        let data = Attributes::default().nested(2, &verdict);
        self.with("immediate", &Attributes::default().number(1, 0).nested(2, &data))
    }
}

fn over((rate, burst): (u64, u32)) -> Attributes {
    // NFTA_LIMIT_RATE, _UNIT (a second), _BURST, _TYPE (packets), _FLAGS (what is over it)
    Attributes::default().long(1, rate).long(2, 1).number(3, burst).number(4, 0).number(5, 1)
}

fn expression(name: &str, data: &Attributes) -> Attributes {
    Attributes::default().text(1, name).nested(2, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_so_many_bits_of_a_mask() {
        let mask = |prefix: u8| [0, 1, 2, 3].map(|at| bits_of(prefix, at));
        assert_eq!(mask(0), [0; 4]);
        assert_eq!(mask(10), [0xff, 0xc0, 0, 0]);
        assert_eq!(mask(24), [0xff, 0xff, 0xff, 0]);
        assert_eq!(mask(32), [0xff; 4]);
        assert_eq!(mask(128), [0xff; 4]);
    }
}
