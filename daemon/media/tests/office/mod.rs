//! A little office on the loopback for the media tests: the box's media thread, phones with a socket pair, and events.
//! Nothing sleeps: phones and events are waited for by blocking receives with a generous limit.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a part of several tests, each of which uses its own part"
)]

use centrale_media::Media;
use centrale_rtp::relay::{Command, Event, LegMedia, LegQuality, RelayId, Side};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer than anything on the loopback takes, on the busiest machine.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The one relay of a test.
pub const RELAY: RelayId = RelayId(1);

pub const PHONE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// An address that no phone has, in another network than theirs.
pub const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 9, 9, 9));

/// An even port with a free one above it, both bound.
pub fn socket_pair(ip: IpAddr) -> (UdpSocket, UdpSocket) {
    let mut kept = Vec::new();
    loop {
        let rtp = UdpSocket::bind((ip, 0)).unwrap();
        let port = rtp.local_addr().unwrap().port();
        if port.is_multiple_of(2)
            && let Ok(rtcp) = UdpSocket::bind((ip, port + 1))
        {
            return (rtp, rtcp);
        }
        // Held until a pair is found, so that the next attempt gives another port.
        kept.push(rtp);
    }
}

/// A pair for the box that nobody else takes between now and when the box binds it.
pub fn free_pair(ip: IpAddr) -> SocketAddr {
    static GIVEN: Mutex<Vec<SocketAddr>> = Mutex::new(Vec::new());
    loop {
        let pair = socket_pair(ip).0.local_addr().unwrap();
        let mut given = GIVEN.lock().unwrap();
        if !given.contains(&pair) {
            given.push(pair);
            return pair;
        }
    }
}

/// An address for a leg of the box: another one each time, and other ones in another process. All of 127/8 is local, and a
/// port is taken per address, so that tests that run at the same time never meet.
pub fn box_ip() -> IpAddr {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(127, 20 + high % 100, low, 1 + NEXT.fetch_add(1, Ordering::Relaxed) % 250))
}

/// One of the two telephones, or somebody else with sockets.
pub struct Phone {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
}

impl Phone {
    pub fn at(ip: IpAddr) -> Self {
        let (rtp, rtcp) = socket_pair(ip);
        rtp.set_read_timeout(Some(PATIENCE)).unwrap();
        rtcp.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { rtp, rtcp }
    }

    pub fn address(&self) -> SocketAddr {
        self.rtp.local_addr().unwrap()
    }

    pub fn sends(&self, packet: &[u8], to: SocketAddr) {
        self.rtp.send_to(packet, to).unwrap();
    }

    pub fn sends_rtcp(&self, packet: &[u8], to: SocketAddr) {
        self.rtcp.send_to(packet, above(to)).unwrap();
    }

    /// The next RTP packet and where it came from.
    pub fn hears(&self) -> (Vec<u8>, SocketAddr) {
        received(&self.rtp)
    }

    pub fn hears_rtcp(&self) -> (Vec<u8>, SocketAddr) {
        received(&self.rtcp)
    }

    /// Whether nothing at all has come, now.
    pub fn has_heard_nothing(&self) -> bool {
        self.rtp.set_nonblocking(true).unwrap();
        let heard = self.rtp.recv_from(&mut [0; 2048]);
        self.rtp.set_nonblocking(false).unwrap();
        heard.is_err()
    }
}

fn received(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 2048];
    let (len, from) = socket.recv_from(&mut buffer).expect("a packet within the limit");
    (buffer[..len].to_vec(), from)
}

pub fn above(rtp: SocketAddr) -> SocketAddr {
    SocketAddr::new(rtp.ip(), rtp.port() + 1)
}

/// A leg on `local` for a peer whose SDP names `remote`.
pub fn media(local: SocketAddr, remote: SocketAddr) -> LegMedia {
    LegMedia {
        local,
        remote: Some(remote),
        signalling_peer: remote.ip(),
        neighbours: false,
        srtp_send: None,
        srtp_receive: None,
        clock_rate: 8000,
        expects_audio: true,
    }
}

pub fn rtp(ssrc: u32, sequence: u16) -> Vec<u8> {
    let [high, low] = sequence.to_be_bytes();
    let timestamp = u32::from(sequence) * 160;
    [&[0x80, 8, high, low], &timestamp.to_be_bytes()[..], &ssrc.to_be_bytes(), &[0xd5; 160]].concat()
}

pub const BYE: [u8; 8] = [0x81, 203, 0, 1, 0, 0, 0, 7];

/// The box: one media thread and its events.
pub struct Exchange {
    pub media: Media,
    events: Receiver<Event>,
}

impl Exchange {
    pub fn start() -> Self {
        let (sender, events) = channel();
        let media = Media::start(move |event| drop(sender.send(event))).unwrap();
        Self { media, events }
    }

    pub fn opens(&self, side: Side, media: LegMedia) {
        self.media.send(Command::Open { relay: RELAY, side, media });
    }

    /// Opens a side on an address, at a port that nobody holds; returns where.
    pub fn opens_on(&self, side: Side, ip: IpAddr, media: impl Fn(SocketAddr) -> LegMedia) -> SocketAddr {
        loop {
            let port = free_pair(ip);
            self.opens(side, media(port));
            if self.carries_out() {
                return port;
            }
        }
    }

    pub fn changes(&self, side: Side, media: LegMedia) {
        self.media.send(Command::Change { relay: RELAY, side, media });
    }

    /// Returns when everything sent so far is carried out: orders are obeyed in turn, and this one is answered.
    pub fn settles(&self) {
        self.carries_out();
    }

    /// As [`Self::settles`]; whether no port was refused.
    fn carries_out(&self) -> bool {
        let nobody = RelayId(u64::MAX);
        self.media.send(Command::Close { relay: nobody });
        let mut refused = false;
        self.waits_for(|event| match event {
            Event::Closed { relay, .. } => (*relay == nobody).then_some(()),
            Event::PortRefused { .. } => {
                refused = true;
                None
            }
            _ => None,
        });
        !refused
    }

    /// The first event that answers.
    pub fn waits_for<T>(&self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            let event = self.events.recv_timeout(PATIENCE).expect("an event within the limit");
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    /// Ends the media thread with the relay still open; returns its totals.
    pub fn stops(self) -> Option<[LegQuality; 2]> {
        drop(self.media);
        self.events.iter().find_map(|event| match event {
            Event::Closed { relay: RELAY, caller, callee } => Some([caller, callee]),
            _ => None,
        })
    }

    /// Closes the relay and returns the caller's and the callee's totals.
    pub fn closes(&self) -> [LegQuality; 2] {
        self.media.send(Command::Close { relay: RELAY });
        self.waits_for(|event| match event {
            Event::Closed { relay: RELAY, caller, callee } => Some([*caller, *callee]),
            _ => None,
        })
    }
}

/// A call: two phones and the box between them.
pub struct Call {
    pub exchange: Exchange,
    pub caller: Phone,
    pub callee: Phone,
    /// The box's port for the caller.
    pub caller_port: SocketAddr,
    /// The box's port for the callee.
    pub callee_port: SocketAddr,
}

impl Call {
    /// A call whose legs are as `adapt` makes them from the plain ones.
    pub fn with(adapt: impl Fn(Side, LegMedia) -> LegMedia) -> Self {
        Self::between([PHONE, PHONE], [box_ip(), box_ip()], adapt)
    }

    pub fn plain() -> Self {
        Self::with(|_, media| media)
    }

    pub fn between(phones: [IpAddr; 2], boxes: [IpAddr; 2], adapt: impl Fn(Side, LegMedia) -> LegMedia) -> Self {
        let [caller, callee] = phones.map(Phone::at);
        let exchange = Exchange::start();
        let open =
            |side, ip, phone: &Phone| exchange.opens_on(side, ip, |port| adapt(side, media(port, phone.address())));
        let caller_port = open(Side::Caller, boxes[0], &caller);
        let callee_port = open(Side::Callee, boxes[1], &callee);
        Self { exchange, caller, callee, caller_port, callee_port }
    }

    /// The caller sends, and the callee hears exactly that, from the box.
    pub fn is_heard_by_callee(&self, packet: &[u8]) {
        self.caller.sends(packet, self.caller_port);
        assert_eq!(self.callee.hears(), (packet.to_vec(), self.callee_port));
    }

    /// The callee sends, and the caller hears exactly that, from the box.
    pub fn is_heard_by_caller(&self, packet: &[u8]) {
        self.callee.sends(packet, self.callee_port);
        assert_eq!(self.caller.hears(), (packet.to_vec(), self.caller_port));
    }
}
