//! The voice of one user agent: RTP at an even pace, silence of G.711 A-law, so that lamps and quality are real.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// One packet of 20 ms (RFC 3551 4.2).
const PACE: Duration = Duration::from_millis(20);
/// Packets in the second that is asked for at a time.
const SECOND: u16 = 50;
/// A stream that was not asked on for this long belongs to a call that is over.
const FORGOTTEN: Duration = Duration::from_secs(3);
/// Samples in a packet, and A-law's code for silence.
const SAMPLES: usize = 160;
const SILENCE: u8 = 0xd5;

struct Stream {
    socket: UdpSocket,
    to: SocketAddr,
    left: u16,
    sequence: u16,
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

    /// Speaks for one second from a port.
    pub(crate) fn speak(&mut self, now: Instant, port: u16, to: SocketAddr) {
        if let Some(stream) = self.streams.get_mut(&port) {
            (stream.to, stream.left) = (to, SECOND);
            stream.next = stream.next.max(now);
            return;
        }
        // A port that somebody holds is a phone without a voice, no more.
        let Ok(socket) = UdpSocket::bind((self.here, port)) else { return };
        if socket.set_nonblocking(true).is_ok() {
            self.streams.insert(port, Stream { socket, to, left: SECOND, sequence: 0, next: now });
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.streams.values().filter(|stream| stream.left > 0).map(|stream| stream.next).min()
    }

    /// Sends what is due; the ports at which a second's worth of voice was heard.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Vec<u16> {
        let mut heard = Vec::new();
        let mut buffer = [0; 2048];
        for (port, stream) in &mut self.streams {
            while stream.left > 0 && stream.next <= now {
                stream.send(*port);
            }
            let mut packets = 0;
            while stream.socket.recv(&mut buffer).is_ok() {
                packets += 1;
            }
            if packets > 0 {
                heard.push(*port);
            }
        }
        self.streams.retain(|_, stream| stream.left > 0 || now < stream.next + FORGOTTEN);
        heard
    }
}

impl Stream {
    fn send(&mut self, port: u16) {
        let mut packet = [SILENCE; 12 + SAMPLES];
        packet[..2].copy_from_slice(&[0x80, 8]);
        packet[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        let timestamp = u32::from(self.sequence).wrapping_mul(SAMPLES as u32);
        packet[4..8].copy_from_slice(&timestamp.to_be_bytes());
        packet[8..12].copy_from_slice(&u32::from(port).to_be_bytes());
        // The other end may have hung up already.
        let _ = self.socket.send_to(&packet, self.to);
        self.sequence = self.sequence.wrapping_add(1);
        self.left -= 1;
        self.next += PACE;
    }
}
