//! The voice of one user agent: its packets, sent at an even pace, and what it hears.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// One packet of 20 ms (RFC 3551 4.2).
const PACE: Duration = Duration::from_millis(20);
/// A stream without packets for this long belongs to a call that is over.
const FORGOTTEN: Duration = Duration::from_secs(3);

struct Stream {
    socket: UdpSocket,
    to: SocketAddr,
    packets: VecDeque<Vec<u8>>,
    next: Instant,
}

/// Every stream of a user agent, by its port.
pub(crate) struct Voices {
    here: IpAddr,
    streams: BTreeMap<u16, Stream>,
}

impl Voices {
    pub(crate) const fn new(here: IpAddr) -> Self {
        Self { here, streams: BTreeMap::new() }
    }

    /// Speaks these packets from a port, after those before.
    pub(crate) fn speak(&mut self, now: Instant, port: u16, to: SocketAddr, packets: Vec<Vec<u8>>) {
        if !self.streams.contains_key(&port) {
            // A port that somebody holds is a phone without a voice, no more.
            let Ok(socket) = UdpSocket::bind((self.here, port)) else { return };
            if socket.set_nonblocking(true).is_err() {
                return;
            }
            self.streams.insert(port, Stream { socket, to, packets: VecDeque::new(), next: now });
        }
        if let Some(stream) = self.streams.get_mut(&port) {
            stream.to = to;
            stream.next = stream.next.max(now);
            stream.packets.extend(packets);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.streams.values().filter(|stream| !stream.packets.is_empty()).map(|stream| stream.next).min()
    }

    /// Sends what is due; what was heard, with the port it was heard at.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Vec<(u16, Vec<u8>)> {
        let mut heard = Vec::new();
        let mut buffer = [0; 2048];
        for (port, stream) in &mut self.streams {
            while stream.next <= now
                && let Some(packet) = stream.packets.pop_front()
            {
                // The other end may have hung up already.
                let _ = stream.socket.send_to(&packet, stream.to);
                stream.next += PACE;
            }
            while let Ok(length) = stream.socket.recv(&mut buffer) {
                heard.push((*port, buffer[..length].to_vec()));
            }
        }
        self.streams.retain(|_, stream| !stream.packets.is_empty() || now < stream.next + FORGOTTEN);
        heard
    }
}
