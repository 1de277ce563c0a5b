//! A provider that sends sound back to where it comes from, but only to whom it takes to be behind a router that translates
//! addresses. Its sound is at another address than its signalling. It echoes what it hears. Behind a router that rewrites what it
//! goes by, it takes the office for one without a router. An edge may stand before it, which says where it was asked from.

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

/// By what it tells that there is a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GoesBy {
    /// The caller's Via does not name the address that it asked from.
    Via,
    /// The caller's description names a private address.
    Description,
}

/// A running one.
#[derive(Debug)]
pub(crate) struct LatchingProvider {
    over: Arc<AtomicBool>,
    desk: Arc<Mutex<Desk>>,
    threads: Vec<JoinHandle<()>>,
}

impl LatchingProvider {
    /// Starts it at `place`: signalling on these UDP `ports` there, of which it names the first as its own, sound on `media`, an
    /// address of the same host.
    ///
    /// # Errors
    /// When a port is taken.
    pub(crate) fn start(place: &Place, media: SocketAddr, ports: &[u16], goes_by: GoesBy) -> Result<LatchingProvider> {
        Self::start_apart(place, ports, goes_by, (&place.with_address(media.ip()), media))
    }

    /// The same, whose sound is at another host's port, which it gives the second address.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn start_apart(
        place: &Place,
        ports: &[u16],
        goes_by: GoesBy,
        (sound, media): (&Place, SocketAddr),
    ) -> Result<LatchingProvider> {
        let bind = |place: &Place, port| {
            let address = SocketAddr::new(place.address, port);
            let socket = place.inside(|| UdpSocket::bind(address).tried(|| format!("take {address}")))?;
            socket.set_read_timeout(Some(LOOK)).tried(|| "bound a wait".to_owned())?;
            Ok(socket)
        };
        let at = |port| SocketAddr::new(place.address, port);
        let rtp = bind(sound, media.port())?;
        let sips = ports.iter().map(|port| bind(place, *port)).collect::<Result<Vec<_>>>()?;
        let over = Arc::new(AtomicBool::new(false));
        let desk = Arc::new(Mutex::new(Desk::new(at(ports.first().copied().unwrap_or(5060)), media, goes_by)));
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
                let answer = desk.answer(&text, from);
                // A question that is no call is no way to the caller.
                if text.starts_with("INVITE ") && answer.as_ref().is_some_and(|it| it.starts_with("SIP/2.0 200")) {
                    desk.way = sip.try_clone().ok().map(|socket| (socket, from));
                }
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
    goes_by: GoesBy,
    /// Where the caller says that it wants to hear.
    sends_to: Option<SocketAddr>,
    latches: bool,
    /// What the last caller wrote, for a BYE of ours, and how it is reached.
    invite: String,
    /// The edge that it came over, as its first INVITE says.
    route: String,
    way: Option<(UdpSocket, SocketAddr)>,
    ended: u32,
}

impl Desk {
    fn new(address: SocketAddr, media: SocketAddr, goes_by: GoesBy) -> Desk {
        let (invite, route, way) = (String::new(), String::new(), None);
        Desk { address, media, goes_by, sends_to: None, latches: true, invite, route, way, ended: 0 }
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
        let route = self.route.replace("Record-Route:", "Route:");
        Some(format!(
            "BYE {target} SIP/2.0\r\nVia: SIP/2.0/{transport} {};branch=z9hG4bKbye{call}\r\n{route}Max-Forwards: 70\r\n\
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
                if !field("To")?.contains(";tag=") {
                    self.route = lines(head, "Record-Route");
                }
                self.sends_to = described(body);
                self.latches = match self.goes_by {
                    GoesBy::Via => !names_itself(head, from.ip())?,
                    GoesBy::Description => self.sends_to.is_some_and(|to| is_private(to.ip())),
                };
                more = format!("Contact: <sip:p@{}>\r\nContent-Type: application/sdp\r\n", self.address);
                let (ip, port) = (self.media.ip(), self.media.port());
                // What is echoed is under the caller's own key.
                let key = body.lines().find(|line| line.starts_with("a=crypto:")).filter(|_| body.contains("RTP/SAVP"));
                let (profile, key) = key.map_or(("RTP/AVP", String::new()), |key| ("RTP/SAVP", format!("{key}\r\n")));
                sdp = format!(
                    "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} {profile} 8 101\r\n\
                     a=rtpmap:101 telephone-event/8000\r\n{key}"
                );
            }
            _ => {}
        }
        let seen = format!(";rport={};received={}", from.port(), from.ip());
        let vias = lines(head, "Via").replacen(";rport\r\n", &format!("{seen}\r\n"), 1).replacen(
            ";rport;",
            &format!("{seen};"),
            1,
        );
        let route = lines(head, "Record-Route");
        let to = field("To")?;
        let tag = if to.contains(";tag=") { "" } else { ";tag=provider" };
        let [from, call, cseq] = ["From", "Call-ID", "CSeq"].map(|name| field(name).unwrap_or_default());
        let length = sdp.len();
        Some(format!(
            "SIP/2.0 {status}\r\n{vias}{route}From: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call}\r\nCSeq: {cseq}\r\n{more}\
             Content-Length: {length}\r\n\r\n{sdp}"
        ))
    }
}

/// All lines of that name, as they stand.
fn lines(message: &str, name: &str) -> String {
    let named = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
    message.lines().take_while(|line| !line.is_empty()).filter(named).flat_map(|line| [line, "\r\n"]).collect()
}

/// Whether the caller's own Via, the last one, names the address that it asked from: as the edge before us says, or else as the
/// packet came.
fn names_itself(head: &str, from: IpAddr) -> Option<bool> {
    let vias = lines(head, "Via");
    let (sent_by, params) = vias.lines().last()?.split_once(' ')?.1.split_once(' ')?.1.split_once(';')?;
    let received = params.split(';').find_map(|param| param.strip_prefix("received=")?.parse().ok());
    let host = sent_by.split(':').next()?;
    Some(host.parse::<IpAddr>().ok() == Some(received.unwrap_or(from)))
}

const fn is_private(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.is_private())
}
