//! A provider that sends sound back to where it comes from, but only to whom it takes to be behind a router that translates
//! addresses: whose Via does not name the address that the packet came from. Its sound is at another address than its
//! signalling. It echoes what it hears. Behind a router that rewrites Via it takes the office for one without a router.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::failure::Tried;
use crate::{Place, Result};

/// How long the threads wait for a packet before they look whether it is over.
const LOOK: Duration = Duration::from_millis(100);

/// A running one.
#[derive(Debug)]
pub(crate) struct LatchingProvider {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl LatchingProvider {
    /// Starts it at `place`: signalling on port 5060 there, sound on `media`, an address of the same host.
    ///
    /// # Errors
    /// When a port is taken.
    pub(crate) fn start(place: &Place, media: SocketAddr) -> Result<LatchingProvider> {
        let address = SocketAddr::new(place.address, 5060);
        let bind = |address| place.inside(|| UdpSocket::bind(address).tried(|| format!("take {address}")));
        let (sip, rtp) = (bind(address)?, bind(media)?);
        for socket in [&sip, &rtp] {
            socket.set_read_timeout(Some(LOOK)).tried(|| "bound a wait".to_owned())?;
        }
        let (over, desk) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Desk::new(address, media))));
        let (stops, writes) = (Arc::clone(&over), Arc::clone(&desk));
        let signalling = thread::spawn(move || {
            let mut room = [0; 65_535];
            while !stops.load(Ordering::Relaxed) {
                if let Ok((length, from)) = sip.recv_from(&mut room) {
                    let answer = lock(&writes).answer(&String::from_utf8_lossy(&room[..length]), from);
                    let _ = answer.map(|answer| sip.send_to(answer.as_bytes(), from));
                }
            }
        });
        let stops = Arc::clone(&over);
        let sound = thread::spawn(move || {
            let mut room = [0; 65_535];
            while !stops.load(Ordering::Relaxed) {
                if let Ok((length, from)) = rtp.recv_from(&mut room) {
                    let to = lock(&desk).echoes_to(from);
                    let _ = to.map(|to| rtp.send_to(&room[..length], to));
                }
            }
        });
        Ok(LatchingProvider { over, threads: vec![signalling, sound] })
    }
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
}

impl Desk {
    fn new(address: SocketAddr, media: SocketAddr) -> Desk {
        Desk { address, media, sends_to: None, latches: true }
    }

    fn echoes_to(&self, from: SocketAddr) -> Option<SocketAddr> {
        if self.latches { Some(from) } else { self.sends_to }
    }

    fn answer(&mut self, request: &str, from: SocketAddr) -> Option<String> {
        let (head, body) = request.split_once("\r\n\r\n")?;
        let method = head.split(' ').next()?;
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (mut status, mut more, mut sdp) = ("200 OK", String::new(), String::new());
        match method {
            "ACK" => return None,
            "REGISTER" => more = format!("Contact: {};expires=600\r\n", field("Contact").unwrap_or_default()),
            "INVITE" if field("Max-Forwards") == Some("0") => status = "483 Too Many Hops",
            "INVITE" => {
                let via = field("Via")?.split_once("UDP ")?.1;
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

/// The address and port of a description's sound.
fn described(body: &str) -> Option<SocketAddr> {
    let after = |begin: &str| body.lines().find_map(|line| line.strip_prefix(begin));
    let port = after("m=audio ")?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(after("c=IN IP4 ")?.trim().parse().ok()?, port))
}
