//! What a rule does, one expression after the other. `nft --debug=netlink` writes the same ones down for a line of nft(8).

use super::wire::Attributes;

/// The verdicts (`NF_DROP`, `NFT_JUMP`, `NFT_RETURN`).
const DROP: i32 = 0;
const JUMP: i32 = -3;
const RETURN: i32 = -5;

/// The registers: the first of 16 bytes, and the 4 bytes after an IPv4 or an IPv6 address in it.
const FIRST: u32 = 1;
const AFTER_V4: u32 = 9;
const AFTER_V6: u32 = 2;

/// Where a field is: in which header (`NFT_PAYLOAD_NETWORK_HEADER`, `NFT_PAYLOAD_TRANSPORT_HEADER`), from which byte, how long.
type Field = (u32, u32, u32);
const PORT_FROM: Field = (2, 0, 2);
const PORT_TO: Field = (2, 2, 2);

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    pub(super) const ALL: [Self; 2] = [Self::V4, Self::V6];

    pub(super) const fn of(ip: std::net::IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// `NFPROTO_IPV4`, `NFPROTO_IPV6`.
    const fn protocol(self) -> u8 {
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

/// The expressions of a rule.
#[derive(Debug, Default)]
pub(super) struct Rule(pub(super) Vec<Attributes>);

impl Rule {
    /// For packets of that family.
    pub(super) fn of(family: Family) -> Self {
        // NFT_META_NFPROTO
        Self::default().meta(15).equals(&[family.protocol()])
    }

    /// For packets of that transport protocol to that port.
    pub(super) fn at_port(self, protocol: u8, port: u16) -> Self {
        // NFT_META_L4PROTO
        self.meta(16).equals(&[protocol]).load(PORT_TO, FIRST).equals(&port.to_be_bytes())
    }

    pub(super) fn at_address(self, family: Family, address: &[u8]) -> Self {
        self.load(family.to(), FIRST).equals(address)
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
        // NFTA_LIMIT_RATE, _UNIT (a second), _BURST, _TYPE (packets), _FLAGS (what is over it)
        let limit = Attributes::default().long(1, rate).long(2, 1).number(3, burst).number(4, 0).number(5, 1);
        // NFTA_DYNSET_SET_NAME, _OP (update), _SREG_KEY, _EXPR
        let update = Attributes::default().text(1, set).number(3, 1).number(4, FIRST);
        self.load(family.from(), FIRST).with("dynset", &update.nested(7, &expression("limit", &limit)))
    }

    pub(super) fn counted_drop(self) -> Self {
        self.with("counter", &Attributes::default()).verdict(DROP, None)
    }

    pub(super) fn jump(self, chain: &str) -> Self {
        self.verdict(JUMP, Some(chain))
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

    fn equals(self, value: &[u8]) -> Self {
        // NFTA_CMP_SREG, _OP (equal), _DATA with NFTA_DATA_VALUE
        let data = Attributes::default().number(1, FIRST).number(2, 0);
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

fn expression(name: &str, data: &Attributes) -> Attributes {
    Attributes::default().text(1, name).nested(2, data)
}
