//! The door of SIP: bytes in, events out; requests and responses in, bytes out (RFC 3261 17 and 18, RFC 3581, RFC 6026).
//!
//! In: packets, closed connections, time, and what the transaction user wants sent. Out: [`Event`]s and [`Transmit`]s, drained
//! after every input. It matches, retransmits, absorbs, acknowledges failures and counts; it decides nothing about calls.
//! It may not read a clock, open a socket or keep anything longer than its RFC timer.

#![allow(dead_code, reason = "the types land before the machines")]

mod counters;
mod event;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

pub use counters::Counters;
pub use event::{ClientKey, Event, ServerKey, Transmit};

use crate::flow::{Flow, FlowId, Path, Target};
use crate::message::{Request, Response};

/// What can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// Most server transactions at one time; requests beyond are refused with 503. INVITE has an eighth more, so that a flood
    /// of other requests does not keep a call out.
    pub max_transactions: usize,
    /// Round-trip estimate (RFC 3261 17.1.1.1).
    pub t1: Duration,
    /// Longest interval between retransmissions (RFC 3261 17.1.2.2).
    pub t2: Duration,
    /// Longest time a message stays in the network (RFC 3261 17.1.2.2).
    pub t4: Duration,
    /// Written as Server and User-Agent when given. Off by default: scanners sort their prey by it.
    pub server_header: Option<String>,
}

impl Default for EndpointSettings {
    fn default() -> Self {
        Self {
            max_transactions: 400_000,
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            server_header: None,
        }
    }
}

/// The transactions of one user agent. See the module's opening.
#[derive(Debug)]
pub struct Endpoint {
    settings: EndpointSettings,
    rng: StdRng,
    counters: Counters,
    events: VecDeque<Event>,
    transmits: VecDeque<Transmit>,
    last_key: u64,
}

#[allow(unused_variables, clippy::needless_pass_by_value, reason = "signatures first")]
impl Endpoint {
    /// An endpoint without transactions. Branches and tags come from the seed.
    pub fn new(settings: EndpointSettings, seed: [u8; 32]) -> Self {
        let (rng, counters) = (StdRng::from_seed(seed), Counters::default());
        Self { settings, rng, counters, events: VecDeque::new(), transmits: VecDeque::new(), last_key: 0 }
    }

    /// Takes one UDP datagram, or one message that a stream framer cut out.
    pub fn handle_packet(&mut self, now: Instant, flow: Flow, bytes: Bytes) {}

    /// A connection is gone.
    pub fn handle_flow_closed(&mut self, now: Instant, flow: FlowId) {}

    /// An address could not be reached: connection refused, or no route.
    pub fn handle_target_failed(&mut self, now: Instant, target: Target) {}

    /// Fires every timer that is due.
    pub fn handle_timeout(&mut self, now: Instant) {}

    /// When [`Endpoint::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// Sends a request other than ACK and CANCEL in a new transaction. Writes Via with a fresh branch and `rport`, and Max-Forwards
    /// when missing. Over 1,300 bytes it goes by TCP instead of UDP (RFC 3261 18.1.1), and by UDP after all when TCP fails.
    pub fn send_request(&mut self, now: Instant, request: Request, path: Path, sent_by: SocketAddr) -> ClientKey {
        self.last_key += 1;
        ClientKey(self.last_key)
    }

    /// Sends the ACK for a 2xx, and keeps it to send again whenever that 2xx (told by its To tag) comes again.
    pub fn send_ack(&mut self, now: Instant, key: ClientKey, ack: Request, path: Path, sent_by: SocketAddr) {}

    /// Cancels an INVITE: now, or as soon as a provisional response allows it; not at all once a final one came (RFC 3261 9.1).
    pub fn cancel(&mut self, now: Instant, key: ClientKey) {}

    /// Answers a request. Provisional any number of times, final once. A 2xx to INVITE is sent again until its ACK comes.
    pub fn respond(&mut self, now: Instant, key: ServerKey, response: Response) {}

    /// Answers a request and forgets it (digest challenges): a retransmission will be a new request.
    pub fn respond_stateless(&mut self, key: ServerKey, response: Response) {}

    /// What happened so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }
}
