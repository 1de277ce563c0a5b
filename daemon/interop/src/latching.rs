//! A provider that sends sound back to where it comes from, but only to whom it takes to be behind a router that translates
//! addresses: whose Via does not name the address that the packet came from. Its sound is at another address than its
//! signalling. It echoes what it hears. Behind a router that rewrites Via it takes the office for one without a router.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::failure::Tried;
use crate::talker::described;
use crate::{Failure, Place, Result};

/// How long the threads wait for a packet before they look whether it is over.
const LOOK: Duration = Duration::from_millis(100);

/// A running one.
#[derive(Debug)]
pub(crate) struct LatchingProvider {
    over: Arc<AtomicBool>,
    desk: Arc<Mutex<Desk>>,
    threads: Vec<JoinHandle<()>>,
}

impl LatchingProvider {
    /// Starts it at `place`: signalling on these UDP `ports` there, of which it names 5060 as its own, sound on `media`, an
    /// address of the same host.
    ///
    /// # Errors
    /// When a port is taken.
    pub(crate) fn start(place: &Place, media: SocketAddr, ports: &[u16]) -> Result<LatchingProvider> {
        let bind = |address| {
            let socket = place.inside(|| UdpSocket::bind(address).tried(|| format!("take {address}")))?;
            socket.set_read_timeout(Some(LOOK)).tried(|| "bound a wait".to_owned())?;
            Ok(socket)
        };
        let at = |port| SocketAddr::new(place.address, port);
        let rtp = bind(media)?;
        let sips = ports.iter().map(|port| bind(at(*port))).collect::<Result<Vec<_>>>()?;
        let over = Arc::new(AtomicBool::new(false));
        let desk = Arc::new(Mutex::new(Desk::new(at(5060), media)));
        let answered = sips.into_iter().map(|sip| answer_datagrams(sip, Arc::clone(&desk), Arc::clone(&over)));
        let mut threads: Vec<_> = answered.collect();
        let (stops, desk_of_sound) = (Arc::clone(&over), Arc::clone(&desk));
        let sound = thread::spawn(move || {
            let mut room = [0; 65_535];
            while !stops.load(Ordering::Relaxed) {
                if let Ok((length, from)) = rtp.recv_from(&mut room) {
                    let to = lock(&desk_of_sound).echoes_to(from);
                    let _ = to.map(|to| rtp.send_to(&room[..length], to));
                }
            }
        });
        threads.push(sound);
        Ok(LatchingProvider { over, desk, threads })
    }

    /// Calls that ended here.
    pub(crate) fn ended(&self) -> u32 {
        lock(&self.desk).ended
    }

    /// Whether so many have, within a few seconds.
    pub(crate) fn has_ended(&self, calls: u32) -> bool {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.ended() < calls && Instant::now() < deadline {
            thread::park_timeout(LOOK / 10);
        }
        self.ended() >= calls
    }

    /// Ends the last call.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn hang_up(&self) -> Result<()> {
        let mut desk = lock(&self.desk);
        let bye = desk.bye().ok_or_else(|| Failure::Unexpected("there is no call to end".to_owned()))?;
        let (socket, to) = desk.way.as_ref().ok_or_else(|| Failure::Unexpected("nobody called".to_owned()))?;
        socket.send_to(bye.as_bytes(), to).map(drop).tried(|| "send BYE".to_owned())
    }
}

fn answer_datagrams(sip: UdpSocket, desk: Arc<Mutex<Desk>>, over: Arc<AtomicBool>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut room = [0; 65_535];
        while !over.load(Ordering::Relaxed) {
            if let Ok((length, from)) = sip.recv_from(&mut room) {
                let text = String::from_utf8_lossy(&room[..length]).into_owned();
                let mut desk = lock(&desk);
                if text.starts_with("INVITE ") {
                    desk.way = sip.try_clone().ok().map(|socket| (socket, from));
                }
                let answer = desk.answer(&text, from);
                let _ = answer.map(|answer| sip.send_to(answer.as_bytes(), from));
            }
        }
    })
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for LatchingProvider {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[derive(Debug)]
struct Desk {
    address: SocketAddr,
    media: SocketAddr,
    /// Where the caller says that it wants to hear.
    sends_to: Option<SocketAddr>,
    latches: bool,
    /// What the last caller wrote, for a BYE of ours, and how it is reached.
    invite: String,
    way: Option<(UdpSocket, SocketAddr)>,
    ended: u32,
}

impl Desk {
    fn new(address: SocketAddr, media: SocketAddr) -> Desk {
        let (invite, way) = (String::new(), None);
        Desk { address, media, sends_to: None, latches: true, invite, way, ended: 0 }
    }

    fn echoes_to(&self, from: SocketAddr) -> Option<SocketAddr> {
        if self.latches { Some(from) } else { self.sends_to }
    }

    /// The end of the last call, as from its callee.
    fn bye(&mut self) -> Option<String> {
        let field = |name: &str| self.invite.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let target = field("Contact")?.split(['<', '>']).nth(1)?;
        let (from, call) = (field("From")?, field("Call-ID")?);
        let to = field("To")?.split(";tag=").next()?;
        let transport = field("Via")?.split([' ', '/']).nth(2)?;
        Some(format!(
            "BYE {target} SIP/2.0\r\nVia: SIP/2.0/{transport} {};branch=z9hG4bKbye{call}\r\nMax-Forwards: 70\r\n\
             From: {to};tag=provider\r\nTo: {from}\r\nCall-ID: {call}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
            self.address
        ))
    }

    fn answer(&mut self, request: &str, from: SocketAddr) -> Option<String> {
        let (head, body) = request.split_once("\r\n\r\n")?;
        let method = head.split(' ').next()?;
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (mut status, mut more, mut sdp) = ("200 OK", String::new(), String::new());
        match method {
            "ACK" => return None,
            _ if method.starts_with("SIP/") => return None,
            "BYE" => self.ended += 1,
            "REGISTER" => more = format!("Contact: {};expires=600\r\n", field("Contact").unwrap_or_default()),
            "INVITE" if field("Max-Forwards") == Some("0") => status = "483 Too Many Hops",
            "INVITE" => {
                self.invite = request.to_owned();
                let via = field("Via")?.split_once(' ')?.1;
                let host = via.split([';', ':']).next()?;
                self.latches = host.parse::<IpAddr>().ok() != Some(from.ip());
                self.sends_to = described(body);
                more = format!("Contact: <sip:p@{}>\r\nContent-Type: application/sdp\r\n", self.address);
                let (ip, port) = (self.media.ip(), self.media.port());
                sdp = format!(
                    "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n\
                     a=rtpmap:101 telephone-event/8000\r\n"
                );
            }
            _ => {}
        }
        let seen = format!(";rport={};received={}", from.port(), from.ip());
        let via = field("Via")?.replacen(";rport", &seen, 1);
        let to = field("To")?;
        let tag = if to.contains(";tag=") { "" } else { ";tag=provider" };
        let [from, call, cseq] = ["From", "Call-ID", "CSeq"].map(|name| field(name).unwrap_or_default());
        let length = sdp.len();
        Some(format!(
            "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call}\r\nCSeq: {cseq}\r\n{more}\
             Content-Length: {length}\r\n\r\n{sdp}"
        ))
    }
}
