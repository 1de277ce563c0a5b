//! The virtual network: one box in the middle, and hosts that each reach it over a link of their own.
//!
//! Datagrams get lost, doubled and overtake each other; streams arrive whole and in order but in pieces; connections are
//! refused and break; a router gives a host another port. Everything by one seeded generator, so it replays exactly.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, FlowId, Path, Target, Transport};
use centrale_sip::message::{Frame, StreamFramer};
use rand::RngExt as _;
use rand::rngs::StdRng;

/// A place in the network. The box is [`BOX`]; the others are numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub usize);

/// The box.
pub const BOX: Node = Node(0);

/// The box's own flow for datagrams, and each host's.
pub const DATAGRAMS: FlowId = FlowId(0);

/// How good the way between a host and the box is.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Shortest time a packet takes.
    pub latency: Duration,
    /// Up to this much more, at random: so packets overtake each other.
    pub jitter: Duration,
    /// Datagrams lost of a hundred.
    pub loss: u32,
    /// Datagrams doubled of a hundred.
    pub doubled: u32,
}

/// A host as the network knows it.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its own address.
    pub inside: SocketAddr,
    /// Its address as the box sees it: another one behind a router.
    pub seen: SocketAddr,
    /// The box's address as it sees it.
    pub box_seen: SocketAddr,
    /// The box's own address on the way to it.
    pub box_inside: SocketAddr,
    /// Its way to the box.
    pub link: Link,
    /// Whether it takes connections.
    pub listens: bool,
    /// Whether it is there at all.
    pub up: bool,
}

/// Something that arrives.
#[derive(Debug)]
pub enum Arrival {
    /// One datagram, or one message that was cut out of a stream.
    Packet {
        /// Where.
        at: Node,
        /// How, as that place sees it.
        flow: Flow,
        /// What.
        bytes: Bytes,
    },
    /// A connection is gone.
    Closed {
        /// Where that is noticed.
        at: Node,
        /// The connection as that place names it.
        flow: FlowId,
    },
    /// A connection could not be made.
    Refused {
        /// Where that is noticed.
        at: Node,
        /// To what.
        target: Target,
    },
}

/// What is on its way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moving {
    Datagram { from: Node, to: Node, seen: SocketAddr, bytes: Bytes },
    Piece { connection: u64, to: Node, bytes: Bytes },
    Closed { to: Node, flow: u64 },
    Refused { to: Node, target: Target },
}

/// One stream between the box and a host.
#[derive(Debug)]
struct Connection {
    host: Node,
    transport: Transport,
    /// Each end's address as the other sees it.
    box_end: SocketAddr,
    host_end: SocketAddr,
    framers: [StreamFramer; 2],
    /// When the last piece arrives, so that none overtakes it.
    last: [Instant; 2],
}

/// The virtual network.
#[derive(Debug)]
pub struct Network {
    hosts: BTreeMap<Node, Host>,
    connections: BTreeMap<u64, Connection>,
    next_flow: u64,
    moving: BinaryHeap<Reverse<(Instant, u64, Moving)>>,
    serial: u64,
    rng: StdRng,
    next_port: u16,
}

impl Network {
    /// A network with only the box in it.
    pub const fn new(rng: StdRng) -> Self {
        Self {
            hosts: BTreeMap::new(),
            connections: BTreeMap::new(),
            next_flow: 1,
            moving: BinaryHeap::new(),
            serial: 0,
            rng,
            next_port: 20_000,
        }
    }

    /// Puts a host into it.
    pub fn add(&mut self, node: Node, host: Host) {
        self.hosts.insert(node, host);
    }

    /// Where a host's voice arrives: whose address this is, as itself or as seen.
    pub fn node_at(&self, address: std::net::IpAddr) -> Option<Node> {
        let own = |host: &Host| host.seen.ip() == address;
        self.hosts.iter().find(|(_, host)| own(host)).map(|(node, _)| *node)
    }

    /// Whose packets come from exactly there.
    pub fn node_seen(&self, from: std::net::SocketAddr) -> Option<Node> {
        self.hosts.iter().find(|(_, host)| host.seen == from).map(|(node, _)| *node)
    }

    /// A host.
    pub fn host(&self, node: Node) -> Option<&Host> {
        self.hosts.get(&node)
    }

    /// When the next thing arrives.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.moving.peek().map(|Reverse((at, _, _))| *at)
    }

    /// Turns a host off or on. What was connected to it breaks, which the box notices after a while.
    pub fn set_up(&mut self, now: Instant, node: Node, up: bool) {
        if let Some(host) = self.hosts.get_mut(&node) {
            host.up = up;
        }
        if !up {
            let notice = Duration::from_millis(self.rng.random_range(1_000..30_000));
            self.break_connections(now + notice, node, false);
        }
    }

    /// A router forgets a host's port and gives it another; its connections hang in the air and break.
    pub fn rebind(&mut self, now: Instant, node: Node) {
        self.next_port += 1;
        let port = self.next_port;
        if let Some(host) = self.hosts.get_mut(&node) {
            host.seen.set_port(port);
        }
        self.break_connections(now, node, true);
    }

    /// Breaks a host's connections for both ends.
    pub fn break_connections(&mut self, at: Instant, node: Node, both: bool) {
        let flows: Vec<u64> =
            self.connections.iter().filter(|(_, one)| one.host == node).map(|(flow, _)| *flow).collect();
        for flow in flows {
            self.connections.remove(&flow);
            self.put(at, Moving::Closed { to: BOX, flow });
            if both {
                self.put(at, Moving::Closed { to: node, flow });
            }
        }
    }

    /// Takes what somebody sends.
    pub fn send(&mut self, now: Instant, from: Node, transmit: &Transmit) {
        match transmit.path.transport() {
            Transport::Udp => self.send_datagram(now, from, transmit.path.remote(), &transmit.bytes),
            _ => self.send_stream(now, from, transmit),
        }
    }

    fn put(&mut self, at: Instant, moving: Moving) {
        self.serial += 1;
        self.moving.push(Reverse((at, self.serial, moving)));
    }

    fn host_of(&self, from: Node, remote: SocketAddr) -> Option<Node> {
        if from != BOX {
            return Some(from);
        }
        self.hosts.iter().find(|(_, host)| host.seen == remote).map(|(node, _)| *node)
    }

    fn send_datagram(&mut self, now: Instant, from: Node, remote: SocketAddr, bytes: &Bytes) {
        let Some(node) = self.host_of(from, remote) else { return };
        let Some(host) = self.hosts.get(&node) else { return };
        if from != BOX && remote != host.box_seen || !host.up {
            return;
        }
        let (link, seen) = (host.link, host.seen);
        let to = if from == BOX { node } else { BOX };
        let copies = 1 + u32::from(self.rng.random_ratio(link.doubled, 100));
        for _ in 0..copies {
            if self.rng.random_ratio(link.loss, 100) {
                continue;
            }
            let at = now + self.delay(link);
            self.put(at, Moving::Datagram { from, to, seen, bytes: bytes.clone() });
        }
    }

    fn delay(&mut self, link: Link) -> Duration {
        let jitter = u64::try_from(link.jitter.as_micros()).unwrap_or(0);
        link.latency + Duration::from_micros(self.rng.random_range(0..=jitter))
    }

    fn send_stream(&mut self, now: Instant, from: Node, transmit: &Transmit) {
        let open = match transmit.path {
            Path::Flow(flow) => self.connections.contains_key(&flow.id.0).then_some(flow.id.0),
            Path::Target(target) => self.connection_to(from, target).or_else(|| self.connect(now, from, target)),
        };
        match (open, transmit.path) {
            (Some(connection), _) => self.write(now, from, connection, &transmit.bytes),
            // A closed one was, or will be, told; saying it again does no harm.
            (None, Path::Flow(flow)) => self.put(now, Moving::Closed { to: from, flow: flow.id.0 }),
            (None, Path::Target(_)) => {}
        }
    }

    fn connection_to(&self, from: Node, target: Target) -> Option<u64> {
        let fits = |one: &Connection| {
            let ends = if from == BOX { one.host_end == target.remote } else { one.host == from };
            ends && one.transport == target.transport
        };
        self.connections.iter().find(|(_, one)| fits(one)).map(|(flow, _)| *flow)
    }

    fn connect(&mut self, now: Instant, from: Node, target: Target) -> Option<u64> {
        let node = self.host_of(from, target.remote);
        let host = node.and_then(|node| self.hosts.get(&node)).cloned();
        let reachable = host.as_ref().is_some_and(|host| host.up && (from != BOX || host.listens));
        // A router swallows what nobody inside asked for; a host says no.
        let swallowed = from == BOX && host.as_ref().is_some_and(|host| host.seen != host.inside || !host.up);
        if swallowed {
            return None;
        }
        let (Some(node), Some(host)) = (node.filter(|_| reachable), host) else {
            let latency = Duration::from_millis(self.rng.random_range(1..50));
            self.put(now + latency, Moving::Refused { to: from, target });
            return None;
        };
        self.next_port += 1;
        let mut host_end = host.seen;
        if from != BOX {
            host_end.set_port(self.next_port);
        }
        let flow = self.next_flow;
        self.next_flow += 1;
        let connection = Connection {
            host: node,
            transport: target.transport,
            box_end: host.box_seen,
            host_end,
            framers: [StreamFramer::default(), StreamFramer::default()],
            last: [now, now],
        };
        self.connections.insert(flow, connection);
        Some(flow)
    }

    /// Cuts the bytes where the generator says, as TCP may.
    fn write(&mut self, now: Instant, from: Node, flow: u64, bytes: &Bytes) {
        let Some(host) = self.connections.get(&flow).map(|connection| connection.host) else { return };
        let Some(link) = self.hosts.get(&host).map(|host| host.link) else { return };
        let to = if from == BOX { host } else { BOX };
        let mut rest = bytes.clone();
        while !rest.is_empty() {
            let piece = rest.split_to(self.rng.random_range(1..=rest.len()));
            let arrives = now + self.delay(link);
            let Some(connection) = self.connections.get_mut(&flow) else { return };
            let last = &mut connection.last[usize::from(to == BOX)];
            *last = arrives.max(*last + Duration::from_micros(1));
            let at = *last;
            self.put(at, Moving::Piece { connection: flow, to, bytes: piece });
        }
    }

    /// What arrives by `now`, one thing at a time. `None` when nothing more does.
    pub fn poll_arrival(&mut self, now: Instant) -> Option<Vec<Arrival>> {
        if self.poll_timeout().is_none_or(|at| at > now) {
            return None;
        }
        let Reverse((_, _, moving)) = self.moving.pop()?;
        Some(match moving {
            Moving::Datagram { from, to, seen, bytes } => {
                self.datagram_arrives(from, to, seen, bytes).into_iter().collect()
            }
            Moving::Piece { connection, to, bytes } => self.piece_arrives(connection, to, &bytes),
            Moving::Closed { to, flow } => vec![Arrival::Closed { at: to, flow: FlowId(flow) }],
            Moving::Refused { to, target } => vec![Arrival::Refused { at: to, target }],
        })
    }

    fn datagram_arrives(&self, from: Node, to: Node, seen: SocketAddr, bytes: Bytes) -> Option<Arrival> {
        let host = self.hosts.get(if to == BOX { &from } else { &to })?;
        // What was sent to a port that the router has given up since does not arrive.
        if !host.up || to != BOX && host.seen != seen {
            return None;
        }
        let (local, remote) = if to == BOX { (host.box_inside, seen) } else { (host.inside, host.box_seen) };
        Some(Arrival::Packet { at: to, flow: Flow { id: DATAGRAMS, transport: Transport::Udp, local, remote }, bytes })
    }

    fn piece_arrives(&mut self, flow: u64, to: Node, bytes: &Bytes) -> Vec<Arrival> {
        let Some(connection) = self.connections.get_mut(&flow) else { return Vec::new() };
        let Some(host) = self.hosts.get(&connection.host).filter(|host| host.up) else { return Vec::new() };
        let (local, remote) =
            if to == BOX { (host.box_inside, connection.host_end) } else { (host.inside, connection.box_end) };
        let framer = &mut connection.framers[usize::from(to == BOX)];
        framer.push(bytes);
        let mut arrivals = Vec::new();
        while let Ok(Some(frame)) = framer.next_frame() {
            if let Frame::Message(bytes) = frame {
                let flow = Flow { id: FlowId(flow), transport: connection.transport, local, remote };
                arrivals.push(Arrival::Packet { at: to, flow, bytes });
            }
        }
        arrivals
    }
}
