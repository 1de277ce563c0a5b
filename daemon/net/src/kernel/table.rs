//! Our table: what is in it, and how an address comes into it and out of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::rule::{Family, Network, Rule};
use super::wire::{APPEND, Attributes, Batch, CREATE, EXCLUSIVE, Kind, octets};
use crate::WebPorts;
use crate::firewall::{Block, TRICKLE};

/// Packets a second, and at once, of an address of which nothing is known. Twice what the doorkeeper hears of a stranger in the
/// office, so that it still hears who floods and blocks it.
const STRANGER: (u64, u32) = (200, 1_000);
/// Datagrams of all of them in the office together, and of all the others: twice what the doorkeeper hears of either, and at once no more than
/// the socket has room for beside those of phones. Each side has its own, so that no flood from the internet keeps out whoever in the office calls
/// for help. Segments of connections are not counted, or whoever begins connections in forged names would keep everybody else's out.
const STRANGERS_IN_OFFICE: (u64, u32) = (4_000, 6_000);
const STRANGERS_ON_INTERNET: (u64, u32) = (1_000, 2_000);
/// The same of each port of an address where a provider or a phone is, and of all its ports together: anybody may send in its name.
/// Twice and more what the doorkeeper hears of a provider's address.
const KNOWN_PORT: (u64, u32) = (2_000, 10_000);
const KNOWN: (u64, u32) = (4_000, 20_000);
/// Addresses that a set holds: as many as are remembered, and as many that are over and not yet swept.
const SIZE: u32 = 131_072;
/// How long an address is remembered for its rate.
const RATE_FOR: Duration = Duration::from_secs(60);

/// `NFT_TABLE_F_OWNER`: the kernel takes the table away with the socket that made it, however the process ended.
const OWNED: u32 = 2;
/// `NFT_SET_TIMEOUT`; with `NFT_SET_EVAL` for what rules write themselves.
const ENDS: u32 = 0x10;
const WRITTEN_BY_RULES: u32 = 0x30;
/// Where packets pass before anything is remembered of them: `NF_INET_PRE_ROUTING`, `NF_IP_PRI_RAW`.
const HOOK: u32 = 0;
const PRIORITY: i32 = -300;
/// What nft(8) calls the types of `ipv4_addr`, `ipv6_addr` and a port after one of them; the kernel does not read it.
const TYPES: [u32; 2] = [7, 8];
const PORT_TYPE: u32 = 13;
/// The same of a family.
const FAMILY_TYPE: u32 = 2;

/// The chains for datagrams of strangers: of all, and of those in the office.
const STRANGERS: &str = "strangers";
const OFFICE: &str = "office";
/// The chain for who comes to the page from afar, and the set of families for which that is open.
const FAR: &str = "far";
const DOOR: &str = "door";

/// Networks that the internet does not carry: private ones (RFC 1918, RFC 4193), those between a provider of the line and its customers
/// (RFC 6598), link-local ones (RFC 3927, RFC 4291 2.5.6) and the machine itself.
pub const PRIVATE_NETWORKS: [(IpAddr, u8); 9] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0)), 10),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
];

/// Of which who shares the line with the box may be a stranger (RFC 6598).
const SHARED: IpAddr = IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0));
/// An office's network around an address of the box is no wider in IPv4, and this wide in IPv6, as the exchange has it.
const OFFICE_PREFIXES: [u8; 2] = [24, 64];

const UDP: u8 = 17;
const TCP: u8 = 6;

/// The sets, each once a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    /// Nothing of these comes in.
    Blocked,
    /// Nothing of these comes in at SIP's ports: anybody may have slandered them, so the page is as open to them as before.
    Unproven,
    /// The page is not reached from these, of which a few packets come in at SIP's ports.
    Pageless,
    /// Nothing from these ports.
    Ports,
    /// A few packets a second of these come in, and from these ports.
    Slow,
    SlowPorts,
    /// A provider or a phone is there.
    Known,
    /// One is there, or was within a day: a phone that starts up leaves first, and fetches its settings then.
    Visitors,
    /// How fast strangers, and slow ones, send.
    Rates,
    Trickles,
    /// How fast others send, in all and from each port.
    KnownRates,
    KnownPortRates,
}

impl Set {
    const ALL: [Self; 12] = [
        Self::Blocked,
        Self::Unproven,
        Self::Pageless,
        Self::Ports,
        Self::Slow,
        Self::SlowPorts,
        Self::Known,
        Self::Visitors,
        Self::Rates,
        Self::Trickles,
        Self::KnownRates,
        Self::KnownPortRates,
    ];

    fn name(self, family: Family) -> String {
        let name = match self {
            Self::Blocked => "blocked",
            Self::Unproven => "unproven",
            Self::Pageless => "pageless",
            Self::Ports => "blocked_ports",
            Self::Slow => "slow",
            Self::SlowPorts => "slow_ports",
            Self::Known => "known",
            Self::Visitors => "visitors",
            Self::Rates => "rates",
            Self::Trickles => "trickles",
            Self::KnownRates => "known_rates",
            Self::KnownPortRates => "known_port_rates",
        };
        format!("{name}{}", if family == Family::V4 { 4 } else { 6 })
    }

    /// Its name for the family of that address.
    fn of(self, source: IpAddr) -> String {
        self.name(Family::of(source))
    }

    const fn has_port(self) -> bool {
        matches!(self, Self::Ports | Self::SlowPorts | Self::KnownPortRates)
    }

    const fn is_written_by_rules(self) -> bool {
        matches!(self, Self::Rates | Self::Trickles | Self::KnownRates | Self::KnownPortRates)
    }
}

/// Which ports are ours.
#[derive(Debug, Clone)]
pub(crate) struct Ports {
    /// At these addresses alone; at all when there are none.
    pub(crate) bind: Vec<IpAddr>,
    /// UDP and TCP.
    pub(crate) sip: u16,
    /// TLS.
    pub(crate) tls: u16,
    /// TCP, of something else.
    pub(crate) web: WebPorts,
}

/// What changes in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Block(Block),
    /// Every block of an address is over, or of one of its ports.
    Lift(IpAddr, Option<u16>),
    Known(IpAddr, Duration),
    /// Nobody who was known is there any more: at SIP's ports it is a stranger from now on.
    Unknown(IpAddr),
    /// The box is on these networks, in place of those before, and the page is there for them and for those that somebody named.
    Serves {
        own: Vec<Network>,
        named: Vec<Network>,
    },
    /// It is there for everybody, for so long.
    ServesAll(Duration),
}

impl Change {
    /// Whether nobody else makes up for it when the kernel does not.
    pub(super) const fn must_be_made(&self) -> bool {
        !matches!(self, Self::Block(_) | Self::Known(..))
    }
}

/// The table by its name.
#[derive(Debug)]
pub(super) struct Table(String);

impl Table {
    /// Named after the port, so that two boxes of one machine have one each.
    pub(super) fn of(ports: &Ports) -> Self {
        Self(format!("centrale_{}", ports.sip))
    }

    /// Everything that makes it. Fails when there is one of that name already: it is somebody else's.
    pub(super) fn build(&self, batch: &mut Batch, ports: &Ports) {
        batch.push(Kind::NewTable, CREATE | EXCLUSIVE, &Attributes::default().text(1, &self.0).number(2, OWNED));
        for family in Family::ALL {
            Set::ALL.into_iter().for_each(|set| self.build_set(batch, set, family));
        }
        self.build_door(batch);
        let chain = Attributes::default().text(1, &self.0);
        for name in ["knock", "visit", FAR, STRANGERS, OFFICE] {
            batch.push(Kind::NewChain, CREATE, &chain.clone().text(3, name));
        }
        let hook = Attributes::default().number(1, HOOK).bytes(2, &PRIORITY.to_be_bytes());
        batch.push(Kind::NewChain, CREATE, &chain.text(3, "arrive").nested(4, &hook).text(7, "filter"));
        for family in Family::ALL {
            self.build_knock(batch, family);
            self.build_visit(batch, family);
        }
        self.build_rule(batch, OFFICE, Rule::default().beyond_all(STRANGERS_IN_OFFICE).counted_drop());
        self.part_strangers(batch, &[]);
        self.serve(batch, &[]);
        for (protocol, port) in [(UDP, ports.sip), (TCP, ports.sip), (TCP, ports.tls)] {
            for rule in arriving(&ports.bind) {
                self.build_rule(batch, "arrive", rule.at_port(protocol, port).jump("knock"));
            }
        }
        // Where somebody named the addresses to listen on, the page is meant to be there.
        let is_named = !ports.web.bind.iter().all(IpAddr::is_unspecified);
        for port in &ports.web.ports {
            for rule in arriving(&ports.web.bind) {
                if !is_named {
                    self.build_rule(batch, "arrive", rule.clone().at_port(TCP, *port).begins().jump(FAR));
                }
                self.build_rule(batch, "arrive", rule.at_port(TCP, *port).jump("visit"));
            }
        }
    }

    fn build_set(&self, batch: &mut Batch, set: Set, family: Family) {
        let (kind, length) = if family == Family::V4 { (TYPES[0], 4) } else { (TYPES[1], 16) };
        let (kind, length) = if set.has_port() { (kind << 6 | PORT_TYPE, length + 4) } else { (kind, length) };
        let flags = if set.is_written_by_rules() { WRITTEN_BY_RULES } else { ENDS };
        // NFTA_SET_TABLE, _NAME, _FLAGS, _KEY_TYPE, _KEY_LEN, _DESC with NFTA_SET_DESC_SIZE, _ID, _TIMEOUT
        let attributes = Attributes::default().text(1, &self.0).text(2, &set.name(family)).number(3, flags);
        let attributes = attributes.number(4, kind).number(5, length);
        let attributes = attributes.nested(9, &Attributes::default().number(1, SIZE)).number(10, batch.number());
        let timed = if set.is_written_by_rules() { attributes.long(11, millis(RATE_FOR)) } else { attributes };
        batch.push(Kind::NewSet, CREATE, &timed);
    }

    /// Who knocks: first what a bad neighbour of a good phone sends, then of the good ones no more than how fast they send.
    fn build_knock(&self, batch: &mut Batch, family: Family) {
        let name = |set: Set| set.name(family);
        let trickle = |rule: Rule| rule.beyond(family, &name(Set::Trickles), TRICKLE).counted_drop();
        let from = || Rule::of(family);
        let known = || from().in_set(family, &name(Set::Known));
        for rule in [
            trickle(from().in_ports(family, &name(Set::SlowPorts))),
            from().in_ports(family, &name(Set::Ports)).counted_drop(),
            known().beyond_ports(family, &name(Set::KnownPortRates), KNOWN_PORT).counted_drop(),
            known().beyond(family, &name(Set::KnownRates), KNOWN).counted_drop(),
            known().leave(),
            trickle(from().in_set(family, &name(Set::Slow))),
            from().in_set(family, &name(Set::Blocked)).counted_drop(),
            from().in_set(family, &name(Set::Unproven)).counted_drop(),
            from().beyond(family, &name(Set::Rates), STRANGER).counted_drop(),
            from().carries(UDP).go_on_in(STRANGERS),
        ] {
            self.build_rule(batch, "knock", rule);
        }
    }

    /// Datagrams of strangers in the networks of an office, which are those of the box among them, are counted apart from all others.
    fn part_strangers(&self, batch: &mut Batch, own: &[Network]) {
        batch.push(Kind::DeleteRule, 0, &Attributes::default().text(1, &self.0).text(2, STRANGERS));
        let private = PRIVATE_NETWORKS.iter().filter(|(ip, _)| *ip != SHARED).map(|(ip, prefix)| Network(*ip, *prefix));
        let own = own.iter().map(|Network(ip, prefix)| match ip {
            IpAddr::V4(_) => Network(*ip, (*prefix).max(OFFICE_PREFIXES[0])),
            IpAddr::V6(_) => Network(*ip, OFFICE_PREFIXES[1]),
        });
        for network in private.chain(own) {
            let from = Rule::of(Family::of(network.0)).sent_within(network);
            self.build_rule(batch, STRANGERS, from.go_on_in(OFFICE));
        }
        self.build_rule(batch, STRANGERS, Rule::default().beyond_all(STRANGERS_ON_INTERNET).counted_drop());
    }

    /// Who comes to the page: nobody from where it is not to be reached, which is nowhere in the office. An administrator there whose machine
    /// is slowed down at SIP's ports, or whose phone's port is blocked, still sees the page.
    fn build_visit(&self, batch: &mut Batch, family: Family) {
        let in_set = |set: Set| Rule::of(family).in_set(family, &set.name(family));
        let closed = [Set::Blocked, Set::Pageless].map(|set| in_set(set).counted_drop());
        for rule in [in_set(Set::Known).leave()].into_iter().chain(closed) {
            self.build_rule(batch, "visit", rule);
        }
    }

    /// Families for which the page is there for everybody: one set for both.
    fn build_door(&self, batch: &mut Batch) {
        let attributes =
            Attributes::default().text(1, &self.0).text(2, DOOR).number(3, ENDS).number(4, FAMILY_TYPE).number(5, 1);
        batch.push(Kind::NewSet, CREATE, &attributes.number(10, batch.number()));
    }

    /// Who begins a connection to the page from the internet, at an address of the box on the internet, gets no answer at all; there
    /// may be no page. Only ports of ours come here, so that whatever else runs on the machine, and who administers it, is left alone.
    fn serve(&self, batch: &mut Batch, networks: &[Network]) {
        let chain = Attributes::default().text(1, &self.0).text(2, FAR);
        batch.push(Kind::DeleteRule, 0, &chain);
        let of = |network: Network| Rule::of(Family::of(network.0));
        let private = PRIVATE_NETWORKS.map(|(ip, prefix)| Network(ip, prefix));
        let near = private.iter().flat_map(|one| [of(*one).sent_into(*one), of(*one).sent_within(*one)]);
        let served = networks.iter().map(|one| of(*one).sent_within(*one));
        let visitors = Family::ALL.map(|family| Rule::of(family).in_set(family, &Set::Visitors.name(family)));
        for rule in near.chain(served).chain(visitors).chain([Rule::default().family_in(DOOR)]) {
            self.build_rule(batch, FAR, rule.leave());
        }
        self.build_rule(batch, FAR, Rule::default().counted_drop());
    }

    fn build_rule(&self, batch: &mut Batch, chain: &str, Rule(expressions): Rule) {
        let attributes = Attributes::default().text(1, &self.0).text(2, chain).list(4, &expressions);
        batch.push(Kind::NewRule, CREATE | APPEND, &attributes);
    }

    /// One change. It never fails for what is there already, or is not there any more.
    pub(super) fn change(&self, batch: &mut Batch, change: &Change) {
        match *change {
            Change::Block(Block { source, port, lasts, trickles, page }) => {
                let (set, others): (_, &[Set]) = match (port.is_some(), trickles) {
                    (false, false) if page => (Set::Blocked, &[Set::Slow]),
                    (false, false) => (Set::Unproven, &[Set::Slow]),
                    (false, true) => (Set::Slow, &[Set::Blocked, Set::Unproven]),
                    (true, false) => (Set::Ports, &[Set::SlowPorts]),
                    (true, true) => (Set::SlowPorts, &[Set::Ports]),
                };
                others.iter().for_each(|other| self.remove(batch, *other, source, port));
                self.put(batch, set, source, port, lasts);
                if set == Set::Slow && page {
                    self.put(batch, Set::Pageless, source, None, lasts);
                }
            }
            Change::Lift(source, None) => {
                [Set::Blocked, Set::Unproven, Set::Pageless, Set::Slow]
                    .into_iter()
                    .for_each(|set| self.remove(batch, set, source, None));
            }
            Change::Lift(source, port) => {
                [Set::Ports, Set::SlowPorts].into_iter().for_each(|set| self.remove(batch, set, source, port));
            }
            Change::Known(source, lasts) => {
                [Set::Known, Set::Visitors].into_iter().for_each(|set| self.put(batch, set, source, None, lasts));
            }
            Change::Unknown(source) => self.remove(batch, Set::Known, source, None),
            Change::Serves { ref own, ref named } => {
                self.part_strangers(batch, own);
                self.serve(batch, &[own.as_slice(), named].concat());
            }
            Change::ServesAll(lasts) => Family::ALL.into_iter().for_each(|family| {
                let key = [family.protocol()];
                self.write(batch, Kind::NewElement, (DOOR, &key), Some(RATE_FOR));
                self.write(batch, Kind::DeleteElement, (DOOR, &key), None);
                self.write(batch, Kind::NewElement, (DOOR, &key), Some(lasts));
            }),
        }
    }

    /// Kernels before 6.12 keep the old end of what is there, so it goes first.
    fn put(&self, batch: &mut Batch, set: Set, source: IpAddr, port: Option<u16>, lasts: Duration) {
        self.remove(batch, set, source, port);
        self.write(batch, Kind::NewElement, (&set.of(source), &key_of(set, source, port)), Some(lasts));
    }

    /// What is not there cannot be removed, so it is put there first.
    fn remove(&self, batch: &mut Batch, set: Set, source: IpAddr, port: Option<u16>) {
        let (set, key) = (set.of(source), key_of(set, source, port));
        self.write(batch, Kind::NewElement, (&set, &key), Some(RATE_FOR));
        self.write(batch, Kind::DeleteElement, (&set, &key), None);
    }

    fn write(&self, batch: &mut Batch, kind: Kind, (set, key): (&str, &[u8]), lasts: Option<Duration>) {
        // NFTA_SET_ELEM_KEY with NFTA_DATA_VALUE, _TIMEOUT
        let element = Attributes::default().nested(1, &Attributes::default().bytes(1, key));
        let element = lasts.iter().fold(element, |element, lasts| element.long(4, millis(*lasts).max(1)));
        let elements = Attributes::default().text(1, &self.0).text(2, set).list(3, &[element]);
        batch.push(kind, if kind == Kind::NewElement { CREATE } else { 0 }, &elements);
    }
}

/// What stands in a set for an address, or for a port of it.
fn key_of(set: Set, source: IpAddr, port: Option<u16>) -> Vec<u8> {
    let mut key = octets(source);
    if set.has_port() {
        key.extend(port.unwrap_or_default().to_be_bytes());
        key.extend([0, 0]);
    }
    key
}

/// A rule for each of our addresses, or one for all: the same port of other machines, to which this one leads, is theirs.
fn arriving(bind: &[IpAddr]) -> Vec<Rule> {
    if bind.iter().all(IpAddr::is_unspecified) {
        return vec![Rule::default().for_nobody_else()];
    }
    let one = |ip: &IpAddr| match Family::of(*ip) {
        family if ip.is_unspecified() => Rule::of(family).for_nobody_else(),
        family => Rule::of(family).at_address(family, &octets(*ip)),
    };
    bind.iter().map(one).collect()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
