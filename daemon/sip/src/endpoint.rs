//! The door of SIP: bytes in, events out; requests and responses in, bytes out (RFC 3261 17 and 18, RFC 3581, RFC 6026).
//!
//! In: packets, closed connections, time, and what the transaction user wants sent. Out: [`Event`]s and [`Transmit`]s, drained
//! after every input. It matches, retransmits, absorbs, acknowledges refusals and counts; it decides nothing about calls.
//! It may not read a clock, open a socket or keep anything longer than its timer.

mod client;
mod counters;
mod event;
mod refusal;
mod server;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

pub use counters::Counters;
pub use event::{ClientKey, Event, ServerKey, Transmit};

use crate::flow::{Flow, FlowId, Path, Target, Transport};
use crate::message::{Message, is_keep_alive, scan_datagram, scan_framed};
use crate::transaction::machine::{Alarm, Input, Machine};
use crate::transaction::matching::Fingerprinter;
use crate::transaction::queue::TimerQueue;
use crate::transaction::table::{Index, Table};
use crate::transaction::timer::TimerValues;
use client::Client;
use server::Server;

/// What can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// Most transactions of each side at one time, at most 3,000,000. A peer's request beyond is refused with 503; INVITE has
    /// an eighth more, so that a flood of other requests does not keep a call out, and a few last seats beyond that are the
    /// user's to give (`crowded` of [`Event::Request`]). Requests of ours that a call needs are not limited.
    pub max_transactions: usize,
    /// Round-trip estimate (RFC 3261 17.1.1.1), at least 1 ms.
    pub t1: Duration,
    /// Longest interval between retransmissions (RFC 3261 17.1.2.2), at least T1.
    pub t2: Duration,
    /// Longest time a message stays in the network (RFC 3261 17.1.2.2), at least T1.
    pub t4: Duration,
    /// Written as Server and User-Agent when given. Off by default: scanners sort their prey by it.
    pub server_header: Option<String>,
}

impl Default for EndpointSettings {
    fn default() -> Self {
        let TimerValues { t1, t2, t4 } = TimerValues::default();
        // 10,000 REGISTER a second, each remembered for Timer J's 32 s, and a quarter to spare.
        Self { max_transactions: 400_000, t1, t2, t4, server_header: None }
    }
}

impl EndpointSettings {
    fn timer_values(&self) -> TimerValues {
        let t1 = self.t1.max(Duration::from_millis(1));
        TimerValues { t1, t2: self.t2.max(t1), t4: self.t4.max(t1) }
    }
}

/// Whose timer or connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Client(u64),
    Server(u64),
}

/// The transactions of one user agent. See the module's opening.
#[derive(Debug)]
pub struct Endpoint {
    settings: EndpointSettings,
    values: TimerValues,
    rng: StdRng,
    prints: Fingerprinter,
    counters: Counters,
    events: VecDeque<Event>,
    transmits: VecDeque<Transmit>,
    timers: TimerQueue<Owner>,
    clients: Table<Client>,
    client_index: Index,
    servers: Table<Server>,
    server_index: Index,
    merged_index: Index,
    dialog_index: Index,
    /// Who depends on which connection, in order, so that all of one are found without a search.
    by_flow: BTreeSet<(FlowId, Owner)>,
    by_target: BTreeSet<((Transport, SocketAddr), u64)>,
    /// Whether what cannot be taken is left without an answer.
    quiet: bool,
}

impl Endpoint {
    /// An endpoint without transactions. Branches, tags and the secret of its tables come from the seed.
    pub fn new(settings: EndpointSettings, seed: [u8; 32]) -> Self {
        let mut rng = StdRng::from_seed(seed);
        let prints = Fingerprinter::new(&mut rng);
        Self {
            values: settings.timer_values(),
            settings,
            rng,
            prints,
            counters: Counters::default(),
            events: VecDeque::new(),
            transmits: VecDeque::new(),
            timers: TimerQueue::new(),
            clients: Table::new(),
            client_index: Index::default(),
            servers: Table::new(),
            server_index: Index::default(),
            merged_index: Index::default(),
            dialog_index: Index::default(),
            by_flow: BTreeSet::new(),
            by_target: BTreeSet::new(),
            quiet: false,
        }
    }

    /// Takes one UDP datagram, or one message that a stream framer cut out.
    pub fn handle_packet(&mut self, now: Instant, flow: Flow, bytes: Bytes) {
        if is_keep_alive(&bytes) {
            self.counters.keep_alives += 1;
            return;
        }
        let scanned = if flow.transport == Transport::Udp { scan_datagram(&bytes) } else { scan_framed(&bytes) };
        match scanned {
            Err(fault) => self.refuse_unread(fault, flow, &bytes),
            Ok(Message::Request(request)) => self.handle_request(now, flow, request, bytes),
            Ok(Message::Response(response)) => self.handle_response(now, flow, response, bytes),
        }
        self.prune();
    }

    /// The same for a packet of who is not to learn that anybody is here: what cannot be taken is counted, and not answered.
    pub fn handle_packet_quietly(&mut self, now: Instant, flow: Flow, bytes: Bytes) {
        self.quiet = true;
        self.handle_packet(now, flow, bytes);
        self.quiet = false;
    }

    /// A connection is gone. Requests of ours on it have failed; answers to requests that came over it go to a new one.
    pub fn handle_flow_closed(&mut self, now: Instant, flow: FlowId) {
        let range = (flow, Owner::Client(0))..=(flow, Owner::Server(u64::MAX));
        let owners: Vec<Owner> = self.by_flow.range(range).map(|(_, owner)| *owner).collect();
        for owner in owners {
            match owner {
                Owner::Client(key) => self.fail_client(now, key),
                Owner::Server(key) => self.detach_server(flow, key),
            }
        }
        self.prune();
    }

    /// An address could not be reached: connection refused, or no route. Requests of ours to it have failed.
    pub fn handle_target_failed(&mut self, now: Instant, target: Target) {
        let place = (target.transport, target.remote);
        let keys: Vec<u64> = self.by_target.range((place, 0)..=(place, u64::MAX)).map(|(_, key)| *key).collect();
        for key in keys {
            self.fail_client(now, key);
        }
        self.prune();
    }

    /// Fires every timer that is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(entry) = self.timers.pop_due(now) {
            let alarm = Alarm { timer: entry.timer, at: entry.at };
            match entry.owner {
                Owner::Client(key) => self.handle_client_alarm(now, key, alarm),
                Owner::Server(key) => self.handle_server_alarm(now, key, alarm),
            }
        }
        self.prune();
    }

    /// When [`Endpoint::handle_timeout`] wants to be called next. May be now.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next_at()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// What happened so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Number of transactions that are remembered: requests of ours, and requests of peers.
    pub fn transactions(&self) -> (usize, usize) {
        (self.clients.len(), self.servers.len())
    }

    fn transmit(&mut self, path: Path, bytes: Bytes) {
        self.transmits.push_back(Transmit { path, bytes });
    }

    /// So that `poll_timeout` never names the time of a transaction that is over.
    fn prune(&mut self) {
        let (clients, servers) = (&self.clients, &self.servers);
        self.timers.prune(|entry| {
            let machine = match entry.owner {
                Owner::Client(key) => clients.at(key).map(|client| &client.machine),
                Owner::Server(key) => servers.at(key).map(|server| &server.machine),
            };
            machine.is_some_and(|machine| machine.has(Alarm { timer: entry.timer, at: entry.at }))
        });
    }
}

/// Lets a machine take an input and queues the timers it sets.
struct Clock<'a> {
    now: Instant,
    values: &'a TimerValues,
    timers: &'a mut TimerQueue<Owner>,
    owner: Owner,
}

impl Clock<'_> {
    fn run<T>(self, machine: &mut Machine, change: impl FnOnce(&mut Machine, Instant, &TimerValues) -> T) -> T {
        let before: [Option<Alarm>; 2] = {
            let mut alarms = machine.alarms();
            [alarms.next(), alarms.next()]
        };
        let result = change(machine, self.now, self.values);
        for alarm in machine.alarms().filter(|alarm| !before.contains(&Some(*alarm))) {
            self.timers.set(alarm.at, self.owner, alarm.timer);
        }
        result
    }

    fn set_all(self, machine: &Machine) {
        for alarm in machine.alarms() {
            self.timers.set(alarm.at, self.owner, alarm.timer);
        }
    }
}

/// What a status means to a machine.
const fn input_of(status: crate::message::Status) -> Input {
    if status.is_provisional() {
        Input::Provisional
    } else if status.is_success() {
        Input::Success
    } else {
        Input::Failure
    }
}
