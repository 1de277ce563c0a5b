//! Routers in a row between the box and a server, and a run of probes driven through them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active::{Findings, Input, Output, Run, Set, Socket, Target};
use centrale_sip::flow::Transport;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::helper::Alg;
use crate::servers::{NUMBER, Server};

pub(crate) const BOX: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 50));
pub(crate) const PROVIDER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 10));

/// One packet on its way.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) transport: Transport,
    pub(crate) text: String,
}

/// How a router translates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nat {
    /// Not at all.
    None,
    /// Anybody may send to a port that is open (full cone).
    FullCone,
    /// Only who was sent to, from any port (restricted).
    Restricted,
    /// Only who was sent to, from that port (port restricted).
    PortRestricted,
    /// Another port for every destination (symmetric).
    Symmetric,
}

/// A router: translation, and perhaps somebody who reads SIP.
pub(crate) struct Router {
    pub(crate) nat: Nat,
    /// Whether a port is kept when it is free.
    pub(crate) keeps_port: bool,
    pub(crate) wan: IpAddr,
    pub(crate) alg: Option<Box<dyn Alg>>,
    /// (inside, destination for a symmetric one) to the port outside.
    mappings: BTreeMap<(SocketAddr, Option<SocketAddr>), u16>,
    sent_to: Vec<(u16, SocketAddr)>,
    next_port: u16,
}

impl Router {
    pub(crate) fn new(nat: Nat, keeps_port: bool, wan: &str) -> Self {
        let (mappings, sent_to) = (BTreeMap::new(), Vec::new());
        Self { nat, keeps_port, wan: wan.parse().unwrap(), alg: None, mappings, sent_to, next_port: 29_000 }
    }

    pub(crate) fn with(mut self, alg: impl Alg + 'static) -> Self {
        self.alg = Some(Box::new(alg));
        self
    }

    /// Every mapping is forgotten, as after a reboot; ports are given out from another one on.
    pub(crate) fn rebind(&mut self) {
        self.mappings.clear();
        self.next_port = self.next_port.wrapping_add(777).max(20_000);
        self.keeps_port = false;
    }

    fn outside(&mut self, inside: SocketAddr, to: SocketAddr) -> SocketAddr {
        if self.nat == Nat::None {
            return inside;
        }
        let key = (inside, (self.nat == Nat::Symmetric).then_some(to));
        let taken = |port: u16, mappings: &BTreeMap<_, u16>| mappings.values().any(|it| *it == port);
        let known = self.mappings.get(&key).copied();
        let port = known.unwrap_or_else(|| {
            if self.keeps_port && !taken(inside.port(), &self.mappings) {
                return inside.port();
            }
            self.next_port += 13;
            self.next_port
        });
        self.mappings.insert(key, port);
        self.sent_to.push((port, to));
        SocketAddr::new(self.wan, port)
    }

    fn inside(&self, outside: SocketAddr, from: SocketAddr) -> Option<SocketAddr> {
        if self.nat == Nat::None {
            return Some(outside);
        }
        let port = outside.port();
        let mut sent = self.sent_to.iter().filter(|(it, _)| *it == port);
        let lets_in = match self.nat {
            Nat::None | Nat::FullCone => true,
            Nat::Restricted => sent.any(|(_, to)| to.ip() == from.ip()),
            Nat::PortRestricted | Nat::Symmetric => sent.any(|(_, to)| *to == from),
        };
        let found = self.mappings.iter().find(|(_, it)| **it == port).map(|((inside, _), _)| *inside);
        found.filter(|_| lets_in && outside.ip() == self.wan)
    }

    /// Whether the packet goes on.
    pub(crate) fn out(&mut self, packet: &mut Packet) -> bool {
        let outside = self.outside(packet.from, packet.to);
        if packet.transport != Transport::Tls
            && let Some(alg) = &mut self.alg
            && !alg.out(packet, outside)
        {
            return false;
        }
        packet.from = outside;
        true
    }

    pub(crate) fn back(&mut self, packet: &mut Packet) -> bool {
        let outside = packet.to;
        let Some(inside) = self.inside(outside, packet.from) else { return false };
        packet.to = inside;
        if packet.transport != Transport::Tls
            && let Some(alg) = &mut self.alg
        {
            return alg.back(packet, outside);
        }
        true
    }
}

/// Everything between the box and its provider, and the provider.
pub(crate) struct World {
    pub(crate) own: IpAddr,
    pub(crate) routers: Vec<Router>,
    pub(crate) server: Server,
    /// Packets lost, in a hundred.
    pub(crate) loss: u8,
    /// Whether hops quote what dies at them.
    pub(crate) quotes: bool,
    pub(crate) rng: StdRng,
    pub(crate) live_port: u16,
    pub(crate) invites_seen: u32,
}

impl World {
    pub(crate) fn new(routers: Vec<Router>, server: Server) -> Self {
        let rng = StdRng::seed_from_u64(7);
        Self { own: BOX, routers, server, loss: 0, quotes: true, rng, live_port: 25_060, invites_seen: 0 }
    }

    pub(crate) fn quoting(mut self, quotes: bool) -> Self {
        self.quotes = quotes;
        self
    }

    /// Whom the doctor asks here.
    pub(crate) fn target(&self) -> Target {
        let at = |port| SocketAddr::new(self.server.address, port);
        Target {
            others: vec![at(5080)],
            tcp: Some(at(5060)),
            tls: Some(at(5061)),
            account: self.server.account(),
            number: self.server.has_account.then(|| NUMBER.into()),
            quotes: self.quotes,
            ..Target::provider(at(self.server.port), &self.server.address.to_string())
        }
    }

    fn lost(&mut self, transport: Transport) -> bool {
        let loss = u32::from(self.loss);
        transport == Transport::Udp && self.rng.random_range(0..100) < loss
    }

    /// What comes back for a packet of the box: answers with where they arrive, or the quote of a hop.
    pub(crate) fn send(&mut self, mut packet: Packet, ttl: Option<u8>) -> Vec<Came> {
        let (sent_from, mut hops) = (packet.from, 0);
        if self.lost(packet.transport) {
            return Vec::new();
        }
        for index in 0..=self.routers.len() {
            hops += 1;
            if ttl == Some(hops)
                && let Some(alg) = self.routers.get_mut(index).and_then(|router| router.alg.as_mut())
            {
                // A proxy takes the packet for itself before its time is over.
                let own_answers = alg.own_answers(&packet, sent_from);
                if !own_answers.is_empty() {
                    return own_answers;
                }
            }
            if ttl == Some(hops) {
                // The hop sees the packet before it changes anything itself.
                let hop = IpAddr::V4(Ipv4Addr::new(10, 0, 0, hops));
                let quote = Came::Quote { hop, payload: packet.text.into_bytes() };
                return if self.quotes { vec![quote] } else { Vec::new() };
            }
            let Some(router) = self.routers.get_mut(index) else { break };
            if !router.out(&mut packet) {
                return router.alg.as_mut().map(|alg| alg.own_answers(&packet, sent_from)).unwrap_or_default();
            }
        }
        if packet.text.starts_with("INVITE") {
            self.invites_seen += 1;
        }
        let looped = self.server.looped(&packet);
        let answers = self.server.answer(&packet, &mut self.rng);
        let mut came: Vec<Came> = looped.into_iter().map(|body| Came::Looped { body }).collect();
        for mut answer in answers {
            if self.lost(answer.transport) {
                continue;
            }
            if self.routers.iter_mut().rev().all(|router| router.back(&mut answer)) {
                came.push(Came::Answer { to: answer.to, text: answer.text });
            }
        }
        came
    }

    /// Drives a run to its end. Time is made up.
    pub(crate) fn run(&mut self, target: Target, set: Set, seed: u64, begun: Instant) -> (Findings, Duration) {
        let mut run = Run::new(target, set, seed, begun);
        let mut now = begun;
        let mut ports: BTreeMap<SocketAddr, Socket> = BTreeMap::new();
        let mut locals: BTreeMap<Socket, SocketAddr> = BTreeMap::new();
        let mut coming: Vec<(Instant, Input)> = Vec::new();
        let mut next_port = 40_000 + u16::try_from(seed % 10_000).unwrap();
        loop {
            while let Some(output) = run.next_output() {
                match output {
                    Output::Open { socket, .. } => {
                        next_port += 1;
                        let port = if socket == Socket::Live { self.live_port } else { next_port };
                        let local = SocketAddr::new(self.own, port);
                        ports.insert(local, socket);
                        locals.insert(socket, local);
                        coming.push((now, Input::Opened { socket, local }));
                    }
                    Output::Send { socket, to, bytes, ttl } => {
                        let text = String::from_utf8(bytes.to_vec()).unwrap();
                        let packet = Packet { from: locals[&socket], to, transport: socket.transport(), text };
                        let from = to;
                        for came in self.send(packet, ttl) {
                            let input = match came {
                                Came::Answer { to, text } => ports.get(&to).map(|socket| Input::Came {
                                    socket: *socket,
                                    from,
                                    bytes: Bytes::from(text),
                                }),
                                Came::Looped { body } => Some(Input::Looped { body: body.into() }),
                                Came::Quote { hop, payload } => {
                                    Some(Input::Quoted { socket, hop, payload: payload.into(), length: None })
                                }
                            };
                            coming.extend(input.map(|input| (now + Duration::from_millis(40), input)));
                        }
                    }
                    Output::Close { .. } => {}
                    Output::Done => return (run.findings(), now - begun),
                }
            }
            let next = coming.iter().map(|(at, _)| *at).min();
            let wake = run.timeout_at().unwrap();
            now = next.map_or(wake, |at| at.min(wake));
            match coming.iter().position(|(at, _)| *at <= now) {
                Some(at) => {
                    let (_, input) = coming.remove(at);
                    run.handle_input(input, now);
                }
                None => run.timeout(now),
            }
        }
    }
}

/// What comes back.
#[derive(Debug, Clone)]
pub(crate) enum Came {
    Answer {
        to: SocketAddr,
        text: String,
    },
    Quote {
        hop: IpAddr,
        payload: Vec<u8>,
    },
    /// A call to the office's own number.
    Looped {
        body: String,
    },
}
