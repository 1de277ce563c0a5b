//! What nf_tables is told, byte by byte: netlink(7), `linux/netfilter/nfnetlink.h`, `linux/netfilter/nf_tables.h`.

use std::net::IpAddr;

/// A message's head: its length, type, flags, number and sender (struct nlmsghdr), family, version and resource (struct nfgenmsg).
const HEAD: usize = 20;
/// `NFNL_SUBSYS_NFTABLES`.
const SUBSYSTEM: u16 = 10;
/// `NFNL_MSG_BATCH_BEGIN` and `NFNL_MSG_BATCH_END`.
const BATCH: (u16, u16) = (0x10, 0x11);
/// `NFPROTO_INET`: one table for both families.
const INET: u8 = 1;

/// `NLM_F_REQUEST`, and what a message adds to it.
const REQUEST: u16 = 0x001;
/// Answer also when all went well.
const ACK: u16 = 0x004;
/// Fail when it is there already.
pub(super) const EXCLUSIVE: u16 = 0x200;
/// Make it when it is not there.
pub(super) const CREATE: u16 = 0x400;
/// After the others.
pub(super) const APPEND: u16 = 0x800;

/// `NLA_F_NESTED`.
const NESTED: u16 = 0x8000;
/// `NFTA_LIST_ELEM`.
const LIST_ELEMENT: u16 = 1;

/// What a message is about (enum nf_tables_msg_types).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NewTable = 0,
    NewChain = 3,
    NewRule = 6,
    DeleteRule = 8,
    NewSet = 9,
    NewElement = 12,
    DeleteElement = 14,
}

/// Attributes of a message, or of one of its attributes.
#[derive(Debug, Default, Clone)]
pub(super) struct Attributes(Vec<u8>);

impl Attributes {
    pub(super) fn bytes(mut self, kind: u16, value: &[u8]) -> Self {
        let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    pub(super) fn text(self, kind: u16, text: &str) -> Self {
        self.bytes(kind, &[text.as_bytes(), b"\0"].concat())
    }

    pub(super) fn number(self, kind: u16, number: u32) -> Self {
        self.bytes(kind, &number.to_be_bytes())
    }

    pub(super) fn long(self, kind: u16, number: u64) -> Self {
        self.bytes(kind, &number.to_be_bytes())
    }

    pub(super) fn nested(self, kind: u16, inner: &Self) -> Self {
        self.bytes(kind | NESTED, &inner.0)
    }

    pub(super) fn list(self, kind: u16, elements: &[Self]) -> Self {
        let list = elements.iter().fold(Self::default(), |list, element| list.nested(LIST_ELEMENT, element));
        self.nested(kind, &list)
    }
}

/// Messages that take effect together or not at all.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where the last message begins.
    last: usize,
    number: u32,
}

impl Batch {
    /// An empty one whose messages are numbered after `number`.
    pub(super) fn after(number: u32) -> Self {
        let mut batch = Self { bytes: Vec::new(), last: 0, number };
        batch.append(BATCH.0, 0, (0, SUBSYSTEM), &Attributes::default());
        batch
    }

    /// The number of the last message.
    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn push(&mut self, kind: Kind, flags: u16, attributes: &Attributes) {
        self.append(SUBSYSTEM << 8 | kind as u16, flags, (INET, 0), attributes);
    }

    fn append(&mut self, kind: u16, flags: u16, (family, resource): (u8, u16), attributes: &Attributes) {
        self.number = self.number.wrapping_add(1);
        self.last = self.bytes.len();
        let length = u32::try_from(HEAD + attributes.0.len()).unwrap_or(u32::MAX);
        self.bytes.extend(length.to_ne_bytes());
        self.bytes.extend(kind.to_ne_bytes());
        self.bytes.extend((REQUEST | flags).to_ne_bytes());
        self.bytes.extend(self.number.to_ne_bytes());
        self.bytes.extend([0; 4]);
        self.bytes.extend([family, 0]);
        self.bytes.extend(resource.to_be_bytes());
        self.bytes.extend(&attributes.0);
    }

    /// The bytes to send, the number of the message that is answered when all went well, and the number of the last one.
    pub(super) fn finish(mut self) -> (Vec<u8>, u32, u32) {
        let answered = self.number;
        if let Some(flags) = self.bytes.get_mut(self.last + 6..self.last + 8) {
            flags.copy_from_slice(&(u16::from_ne_bytes([flags[0], flags[1]]) | ACK).to_ne_bytes());
        }
        self.append(BATCH.1, 0, (0, SUBSYSTEM), &Attributes::default());
        (self.bytes, answered, self.number)
    }
}

/// An address as it stands in a packet.
pub(super) fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}
