//! One simulated user agent on real sockets.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sim::agent::{Agent, Character, Output, Place};
use centrale_sim::network::{Arrival, DATAGRAMS, Node};
use centrale_sip::flow::{Flow, Transport};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::voice::Voices;

/// An agent has one place; which number it has in a virtual network does not matter here.
const HERE: Node = Node(1);
/// How long somebody lets it ring.
const PATIENCE: Duration = Duration::from_secs(25);
/// Between two wishes to call, seconds: with six who wish, a call begins every few seconds.
const REST: std::ops::Range<u64> = 12..40;

/// A user agent, its sockets and its wishes.
pub(crate) struct Phone {
    agent: Agent,
    socket: UdpSocket,
    here: SocketAddr,
    voices: Voices,
    numbers: Vec<&'static str>,
    own: String,
    next_call: Instant,
    rng: StdRng,
}

impl Phone {
    pub(crate) fn new(
        now: Instant,
        character: Character,
        here: SocketAddr,
        exchange: SocketAddr,
        numbers: Vec<&'static str>,
        seed: u64,
    ) -> std::io::Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let own = character.number.clone();
        let agent =
            Agent::new(now, character, Place { inside: here, box_seen: exchange }, StdRng::seed_from_u64(rng.random()));
        let next_call = now + Duration::from_secs(rng.random_range(4..REST.end));
        let socket = UdpSocket::bind(here)?;
        Ok(Self { agent, socket, here, voices: Voices::new(here.ip()), numbers, own, next_call, rng })
    }

    /// Lives until the process ends.
    pub(crate) fn live(mut self) -> std::io::Result<()> {
        let mut buffer = [0; 65_536];
        loop {
            let now = Instant::now();
            let due = [self.agent.poll_timeout(), self.voices.poll_timeout(), Some(self.next_call)];
            let due = due.into_iter().flatten().min().unwrap_or(self.next_call);
            self.socket.set_read_timeout(Some(due.saturating_duration_since(now).max(Duration::from_millis(1))))?;
            // Refused means that the box is not (or not yet) there: the phone's own timers try again.
            let arrived = self.socket.recv_from(&mut buffer).ok();
            let now = Instant::now();
            if let Some((length, remote)) = arrived {
                let flow = Flow { id: DATAGRAMS, transport: Transport::Udp, local: self.here, remote };
                let bytes = Bytes::copy_from_slice(&buffer[..length]);
                self.agent.handle_arrival(now, Arrival::Packet { at: HERE, flow, bytes });
            }
            self.agent.handle_timeout(now);
            self.wish(now);
            for (port, mut packet) in self.voices.handle_timeout(now) {
                self.agent.hear(port, &mut packet);
            }
            self.drain(now);
        }
    }

    fn wish(&mut self, now: Instant) {
        if self.next_call > now {
            return;
        }
        self.next_call = now + Duration::from_secs(self.rng.random_range(REST));
        let wished = self.numbers[self.rng.random_range(0..self.numbers.len())];
        if self.agent.open_lines() == 0 && wished != self.own {
            self.agent.call(now, wished, PATIENCE);
        }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                // A box that is gone is noticed by the phone's own timers.
                Output::Transmit(transmit) => drop(self.socket.send_to(&transmit.bytes, transmit.path.remote())),
                Output::Voice { port, to, packets } => self.voices.speak(now, port, to, packets),
                Output::Note(_) => {}
            }
        }
        self.agent.take_stories();
    }
}
