//! Every address of which something is remembered: bounded, and the least lately heard of a network goes first, so that a flood
//! from one network does not wash away what is known of another.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use super::bucket::Bucket;
use super::evidence::{Knocker, Side};
use super::recent::Recent;
use super::source::Source;
use super::thresholds as most;

/// A network of a side: /24 of IPv4, /56 of IPv6.
type Subnet = (Side, IpAddr);

/// One network.
#[derive(Debug, Default)]
pub(super) struct Network {
    /// Its sources that were blocked.
    pub(super) blocked: Recent,
    pub(super) bucket: Bucket,
    /// Each with when it was heard.
    sources: BTreeMap<IpAddr, (u64, Source)>,
    heard: u64,
    /// Its place in the order of networks.
    place: u64,
}

/// All networks.
#[derive(Debug, Default)]
pub(super) struct Sources {
    networks: BTreeMap<Subnet, Network>,
    /// By when they were heard.
    order: BTreeSet<(Side, u64, IpAddr)>,
    counts: [usize; 2],
    clock: u64,
    /// The last place in the order.
    last: u64,
}

impl Sources {
    /// The network of a source; made when it is new.
    pub(super) fn network(&mut self, who: &Knocker) -> &mut Network {
        let (side, ip) = (who.side, network_of(who.source()));
        self.clock += 1;
        let place = self.networks.get(&(side, ip)).map(|network| network.place);
        // Who was heard last stays so: an office is one network as a rule.
        if place != Some(self.last) {
            match place {
                Some(place) => drop(self.order.remove(&(side, place, ip))),
                None => self.make_room(side),
            }
            self.last = self.clock;
            self.order.insert((side, self.last, ip));
        }
        let network = self.networks.entry((side, ip)).or_default();
        (network.heard, network.place) = (self.clock, self.last);
        network
    }

    fn make_room(&mut self, side: Side) {
        let (at, room) = if side == Side::Office { (0, most::OFFICE_SUBNETS) } else { (1, most::SUBNETS) };
        if self.counts[at] < room {
            self.counts[at] += 1;
            return;
        }
        let first = (side, 0, IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let oldest = self.order.range(first..).next().copied().filter(|(of, ..)| *of == side);
        if let Some(oldest) = oldest {
            self.order.remove(&oldest);
            self.networks.remove(&(oldest.0, oldest.2));
        }
    }

    /// A source; made when it is new.
    pub(super) fn source(&mut self, who: &Knocker) -> &mut Source {
        let (ip, side) = (who.source(), who.side);
        let network = self.network(who);
        let clock = network.heard;
        let room = if side == Side::Office { most::SOURCES_IN_OFFICE } else { most::SOURCES_IN_SUBNET };
        if network.sources.len() >= room && !network.sources.contains_key(&ip) {
            let oldest = network.sources.iter().min_by_key(|(_, (heard, _))| *heard).map(|(ip, _)| *ip);
            oldest.and_then(|oldest| network.sources.remove(&oldest));
        }
        let (heard, source) = network.sources.entry(ip).or_default();
        *heard = clock;
        source
    }

    /// A source, when something is remembered of it.
    pub(super) fn known(&self, who: &Knocker) -> Option<&Source> {
        let ip = who.source();
        let network = self.networks.get(&(who.side, network_of(ip)))?;
        network.sources.get(&ip).map(|(_, source)| source)
    }

    /// Forgets every block of a source, also among those of its network, where it has the name `hashed`.
    pub(super) fn lift(&mut self, ip: IpAddr, hashed: u64) {
        for side in [Side::Office, Side::Internet] {
            let Some(network) = self.networks.get_mut(&(side, network_of(ip))) else { continue };
            network.blocked.remove(hashed);
            if let Some((_, source)) = network.sources.get_mut(&ip) {
                source.lift();
            }
        }
    }

    /// Nothing is held against what comes from an address next, but for what was wrong.
    pub(super) fn pardon(&mut self, ip: IpAddr) {
        for side in [Side::Office, Side::Internet] {
            let network = self.networks.get_mut(&(side, network_of(ip)));
            if let Some((_, source)) = network.and_then(|network| network.sources.get_mut(&ip)) {
                source.pardon();
            }
        }
    }

    /// Those sources that are blocked, whole or at a port.
    pub(super) fn blocked(&self) -> impl Iterator<Item = IpAddr> {
        let sources = self.networks.values().flat_map(|network| &network.sources);
        sources.filter(|(_, (_, source))| source.has_block()).map(|(ip, _)| *ip)
    }

    /// Sources that are remembered.
    pub(super) fn len(&self) -> usize {
        self.networks.values().map(|network| network.sources.len()).sum()
    }
}

impl Network {
    /// Whether many of its sources were blocked today.
    pub(super) fn is_bad(&self, now: Instant) -> bool {
        self.blocked.count(now, most::GOOD_FOR) >= most::BLOCKED_IN_SUBNET
    }
}

/// The network of an address: /24 of IPv4, /56 of IPv6.
fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & !0xff).into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !((1 << 72) - 1)).into(),
    }
}

/// The most that one who asks for a network is given for nothing, of which he takes any address: /24 of IPv4, /48 of IPv6.
/// And how many bits the addresses of it share.
pub(crate) fn holding_of(ip: IpAddr) -> (IpAddr, u8) {
    match ip {
        IpAddr::V4(_) => (network_of(ip), 24),
        IpAddr::V6(ip) => (Ipv6Addr::from_bits(ip.to_bits() & !((1 << 80) - 1)).into(), 48),
    }
}
