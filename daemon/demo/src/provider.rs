//! The simulated provider on a real socket: it takes the box's registration and its calls, and calls the office.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sim::agent::{Agent, Character, Output, Place};
use centrale_sim::network::{Arrival, DATAGRAMS};
use centrale_sip::flow::{Flow, Transport};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::net::UdpSocket;

use crate::connection::HERE;
use crate::log::Log;
use crate::voice::Voices;
use crate::wish::{PATIENCE, Wishes};

/// Where the office's trunk leads.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(127, 0, 0, 100)), 5080);
/// How long the box may take to register after it is ready.
const REGISTERS_WITHIN: Duration = Duration::from_secs(30);
/// When customers begin to call: there are phones by then.
const OPENS_AFTER: Duration = Duration::from_secs(15);

/// A provider that does not know its customer yet.
pub(crate) struct Provider {
    socket: UdpSocket,
    /// What came while the box was not known.
    first: Option<(SocketAddr, Bytes)>,
    log: Log,
    seed: u64,
}

impl Provider {
    /// Opens its port.
    ///
    /// # Errors
    /// It is taken: another demo runs.
    pub(crate) async fn open(log: Log, seed: u64) -> std::io::Result<Self> {
        let bound = UdpSocket::bind(ADDRESS).await;
        let taken = |cause: std::io::Error| format!("the provider cannot have {ADDRESS} (another demo?): {cause}");
        let socket = bound.map_err(|cause| std::io::Error::new(cause.kind(), taken(cause)))?;
        Ok(Self { socket, first: None, log, seed })
    }

    /// Waits for the box's first packet, its registration: from there comes its SIP, whatever its settings.
    ///
    /// # Errors
    /// It does not come.
    pub(crate) async fn meet_box(&mut self) -> std::io::Result<SocketAddr> {
        let mut buffer = vec![0; 65_536];
        let first = tokio::time::timeout(REGISTERS_WITHIN, self.socket.recv_from(&mut buffer)).await;
        let late = |_| std::io::Error::other("the box does not register at the provider");
        let (length, from) = first.map_err(late)??;
        self.first = Some((from, Bytes::copy_from_slice(&buffer[..length])));
        Ok(from)
    }

    /// Lives until the demo ends.
    pub(crate) async fn live(self) {
        let now = Instant::now();
        let Some((box_seen, first)) = self.first else { return };
        let mut rng = StdRng::seed_from_u64(self.seed);
        let place = Place { inside: ADDRESS, box_seen };
        let agent = Agent::new(now, character(), place, StdRng::from_seed(rng.random()));
        let wishes = Wishes::new(now + OPENS_AFTER, &crate::CALLED, rng);
        let mut office =
            Serving { agent, socket: self.socket, voices: Voices::new(ADDRESS.ip()), wishes, log: self.log };
        office.hear(box_seen, first);
        office.live().await;
    }
}

/// A provider with a customer.
struct Serving {
    agent: Agent,
    socket: UdpSocket,
    voices: Voices,
    wishes: Wishes,
    log: Log,
}

impl Serving {
    async fn live(mut self) {
        let mut buffer = vec![0; 65_536];
        loop {
            self.go_on(Instant::now());
            let due = [self.agent.poll_timeout(), self.voices.poll_timeout()];
            let due = due.into_iter().flatten().fold(self.wishes.next, Instant::min);
            tokio::select! {
                () = tokio::time::sleep_until(due.into()) => {}
                // An error is that of an earlier datagram, to nobody.
                Ok((length, from)) = self.socket.recv_from(&mut buffer) => {
                    self.hear(from, Bytes::copy_from_slice(&buffer[..length]));
                }
            }
        }
    }

    fn hear(&mut self, remote: SocketAddr, bytes: Bytes) {
        let flow = Flow { id: DATAGRAMS, transport: Transport::Udp, local: ADDRESS, remote };
        self.agent.handle_arrival(Instant::now(), Arrival::Packet { at: HERE, flow, bytes });
    }

    fn go_on(&mut self, now: Instant) {
        self.agent.handle_timeout(now);
        for (port, mut packet) in self.voices.handle_timeout(now) {
            self.agent.hear(port, &mut packet);
        }
        if self.wishes.is_due(now) && !self.agent.has_registration() {
            self.wishes.wait(now);
        } else if self.wishes.is_due(now) {
            let wished = self.wishes.draw(now);
            self.log.say(&format!("a customer dials {wished}"));
            self.agent.call(now, wished, PATIENCE);
        }
        while let Some(output) = self.agent.poll_output() {
            match output {
                // A box that is gone is noticed by the provider's own timers.
                Output::Transmit(transmit) => {
                    drop(self.socket.try_send_to(&transmit.bytes, transmit.path.remote()));
                }
                Output::Voice { port, to, packets } => self.voices.speak(now, port, to, packets),
                Output::Note(_) => {}
            }
        }
        self.agent.take_stories();
    }
}

fn character() -> Character {
    Character {
        user_agent: "Simulated provider".into(),
        name: "Customer".into(),
        number: "+31612345678".into(),
        username: "office".into(),
        password: "demo-only-password-trunk".into(),
        transport: Transport::Udp,
        expires: 0,
        late_offer: false,
        long_offer: false,
        old_hold: false,
        srtp: false,
        update: true,
        provider: true,
        challenges_calls: true,
        emergency: &["112"],
    }
}
