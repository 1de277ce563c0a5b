//! How long a caller waits until it rings, and how much of that is the server's between him and the provider.
//!
//! A caller and a provider in this process, each a thread on the load's core. The provider says that it rings and then that it
//! is busy. What is measured is the time from the caller's first INVITE to the 180, less the time that the provider took
//! itself: with the box a challenge is in it, as it is for every phone; the proxy asks for none. A fixed schedule, whatever
//! became of the calls before.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use centrale_interop::{Centraled, Challenge, Credentials, Installed, Kamailio, Place, Subscriber, Trunk};

use crate::servers::{Kind, on_server_core};

/// Calls per second, and how many are measured. Fewer in all than the box has media ports for in a minute, for so long it uses
/// none of them again.
pub(crate) const RATES: [(u32, usize); 3] = [(1, 20), (10, 100), (50, 500)];
/// A call that does not ring for this long is lost, and the run does not count.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest packet.
const LONGEST: usize = 4096;

/// Microseconds that a server adds, at one rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Added {
    pub(crate) median: f64,
    pub(crate) p99: f64,
}

/// How long the provider had each call, by the number that was called.
type Held = Arc<Mutex<HashMap<String, Duration>>>;

/// A server between a caller and a provider, for as long as it is measured.
enum Server {
    Kamailio(Kamailio),
    Box(Centraled),
}

/// Measures one server at every rate.
pub(crate) fn post_dial_delay(kind: Kind) -> crate::Result<Vec<Added>> {
    let place = Place::here();
    let provider = UdpSocket::bind((place.address, 0))?;
    let to = provider.local_addr()?;
    let held = Held::default();
    let (told, answers) = (Arc::clone(&held), provider.try_clone()?);
    // It ends with the program: nobody joins it.
    thread::spawn(move || serve(&answers, &told));
    let caller = Subscriber::new("201");
    let server = start(kind, &place, &caller, to)?;
    let address = match &server {
        Server::Kamailio(kamailio) => kamailio.address(),
        Server::Box(centraled) => centraled.address(),
    };
    let mut phone = Caller::new(address, Credentials::new(&caller.user, &caller.password))?;
    phone.wait_until_it_rings(&held)?;
    RATES.into_iter().map(|(per_second, calls)| phone.dial(per_second, calls, &held)).collect()
}

fn start(kind: Kind, place: &Place, caller: &Subscriber, to: SocketAddr) -> crate::Result<Server> {
    let (server, _) = match kind {
        Kind::Kamailio | Kind::Shipped => on_server_core(|| Kamailio::start_proxy(place, to).map(Server::Kamailio))?,
        Kind::Box => {
            let subscriber = Subscriber::new("office");
            let number = "+31201234567";
            let trunk = Trunk::usual(to, subscriber, number);
            let installed = Installed::new(place, std::slice::from_ref(caller), Some(&trunk), "warn")?;
            on_server_core(|| installed.start().map(Server::Box))?
        }
    };
    Ok(server)
}

/// The provider: takes registrations and questions, says of each call that it rings and then that it is busy.
fn serve(socket: &UdpSocket, held: &Held) {
    let mut buffer = [0; LONGEST];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        let came = Instant::now();
        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let answers: &[&str] = match request.split(' ').next() {
            Some("REGISTER" | "OPTIONS") => &["200 OK"],
            Some("INVITE") => &["180 Ringing", "486 Busy Here"],
            _ => &[],
        };
        for answer in answers {
            // The caller notices when it does not come.
            let _ = socket.send_to(respond(&request, answer).as_bytes(), from);
            if answer.starts_with("180") {
                held.lock().expect("no holder panics").entry(number_in(&request)).or_insert(came.elapsed());
            }
        }
    }
}

fn respond(request: &str, status: &str) -> String {
    let mut response = format!("SIP/2.0 {status}\r\n");
    for line in request.lines() {
        let kept = ["Via:", "From:", "Call-ID:", "CSeq:", "Contact:", "Record-Route:"];
        if kept.iter().any(|name| line.starts_with(name)) {
            response += &format!("{line}\r\n");
        } else if line.starts_with("To:") {
            response += &format!("{line}{}\r\n", if line.contains(";tag=") { "" } else { ";tag=p" });
        }
    }
    response + "Content-Length: 0\r\n\r\n"
}

/// The last six digits that a request is for: the same however the number is written.
fn number_in(request: &str) -> String {
    let user = request.split_once("sip:").and_then(|(_, rest)| rest.split('@').next()).unwrap_or_default();
    user.get(user.len().saturating_sub(6)..).unwrap_or_default().to_owned()
}

struct Caller {
    socket: UdpSocket,
    own: SocketAddr,
    server: SocketAddr,
    credentials: Credentials,
    /// Calls begun since the start, so that no number is called twice.
    begun: usize,
}

impl Caller {
    fn new(server: SocketAddr, credentials: Credentials) -> io::Result<Caller> {
        let socket = UdpSocket::bind((server.ip(), 0))?;
        let own = socket.local_addr()?;
        Ok(Caller { socket, own, server, credentials, begun: 0 })
    }

    /// Calls until a call gets through: the server may not be ready yet, nor its provider known.
    fn wait_until_it_rings(&mut self, held: &Held) -> crate::Result<()> {
        let deadline = Instant::now() + 4 * PATIENCE;
        loop {
            match self.register().and_then(|()| self.dial(1, 1, held)) {
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => {}
                Ok(_) => return Ok(()),
            }
        }
    }

    /// As every phone does: who only dials, and never the same number, is taken for a scanner.
    fn register(&self) -> crate::Result<()> {
        let uri = format!("sip:{}", self.server);
        let to = format!("<sip:201@{}>", self.server);
        let mut proof = String::new();
        for step in [1, 2] {
            let more = format!("Contact: <sip:201@{}>\r\nExpires: 3600\r\n{proof}Content-Length: 0\r\n\r\n", self.own);
            self.send("REGISTER", &uri, self.begun, step, &to, &more)?;
            let answer = self.answer_until(Instant::now() + PATIENCE / 10)?.ok_or("no answer to a REGISTER")?;
            match (answer.get(8..11), Challenge::find(&answer)) {
                (Some("200"), _) => return Ok(()),
                (Some("401"), Some(challenge)) => {
                    proof = format!("Authorization: {}\r\n", self.credentials.answer(&challenge, "REGISTER", &uri));
                }
                _ => break,
            }
        }
        Err("the caller could not register".into())
    }

    fn dial(&mut self, per_second: u32, calls: usize, held: &Held) -> crate::Result<Added> {
        let first = self.begun;
        self.begun += calls;
        let (start, pace) = (Instant::now(), Duration::from_secs(1) / per_second);
        let mut begun: Vec<Instant> = Vec::new();
        let mut rang: HashMap<usize, Instant> = HashMap::new();
        let mut over = 0;
        while over < calls {
            let due = start + pace * u32::try_from(begun.len())?;
            let now = Instant::now();
            if begun.len() < calls && now >= due {
                self.invite(first + begun.len(), 1, "")?;
                begun.push(now);
                continue;
            }
            if begun.last().is_some_and(|last| *last + PATIENCE < now) {
                return Err(format!("{} of {calls} calls did not come to an end", calls - over).into());
            }
            let until = if begun.len() < calls { due } else { now + PATIENCE };
            let Some(answer) = self.answer_until(until)? else { continue };
            let came = Instant::now();
            let Some(at) = index_of(&answer).and_then(|index| index.checked_sub(first)).filter(|at| *at < calls) else {
                continue;
            };
            match answer.get(8..11) {
                Some("180") => drop(rang.entry(at).or_insert(came)),
                Some("401") => {
                    self.acknowledge(first + at, 1, &answer)?;
                    let challenge = Challenge::find(&answer).ok_or("a 401 that asks for nothing")?;
                    let uri = self.uri(first + at);
                    let proof = self.credentials.answer(&challenge, "INVITE", &uri);
                    self.invite(first + at, 2, &format!("Authorization: {proof}\r\n"))?;
                }
                Some("486") => {
                    let step = if answer.contains("CSeq: 2 ") { 2 } else { 1 };
                    self.acknowledge(first + at, step, &answer)?;
                    over += 1;
                }
                Some("100") => {}
                _ => {
                    return Err(format!("a call ended otherwise: {}", answer.lines().next().unwrap_or_default()).into());
                }
            }
        }
        let held = held.lock().expect("no holder panics");
        let added = begun.iter().enumerate().map(|(at, begun)| {
            let theirs = held.get(&format!("{:06}", first + at)).ok_or("the provider had no such call")?;
            let waited = rang.get(&at).ok_or("a call that never rang")?.duration_since(*begun);
            Ok(waited.saturating_sub(*theirs).as_secs_f64() * 1e6)
        });
        let mut added: Vec<f64> = added.collect::<crate::Result<_>>()?;
        added.sort_by(f64::total_cmp);
        let at = |percent: usize| added[(added.len() * percent / 100).min(added.len() - 1)];
        Ok(Added { median: at(50), p99: at(99) })
    }

    fn answer_until(&self, until: Instant) -> io::Result<Option<String>> {
        let mut buffer = [0; LONGEST];
        let wait = until.saturating_duration_since(Instant::now()).max(Duration::from_micros(50));
        self.socket.set_read_timeout(Some(wait))?;
        match self.socket.recv(&mut buffer) {
            Ok(length) => Ok(Some(String::from_utf8_lossy(&buffer[..length]).into_owned())),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn uri(&self, call: usize) -> String {
        format!("sip:0301{call:06}@{}", self.server)
    }

    fn invite(&self, call: usize, step: u8, authorization: &str) -> io::Result<()> {
        let (own, ip) = (self.own, self.own.ip());
        let body = format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {} RTP/AVP 8\r\n",
            own.port() & !1
        );
        let more = format!(
            "Contact: <sip:201@{own}>\r\n{authorization}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let to = format!("<{}>", self.uri(call));
        self.send("INVITE", &self.uri(call), call, step, &to, &more)
    }

    /// Acknowledges a refusal (RFC 3261 17.1.1.3).
    fn acknowledge(&self, call: usize, step: u8, answer: &str) -> io::Result<()> {
        let to = answer.lines().find_map(|line| line.strip_prefix("To: ")).unwrap_or_default();
        self.send("ACK", &self.uri(call), call, step, to, "Content-Length: 0\r\n\r\n")
    }

    fn send(&self, method: &str, uri: &str, call: usize, step: u8, to: &str, more: &str) -> io::Result<()> {
        let (own, server) = (self.own, self.server);
        let request = format!(
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK-{call}-{step}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:201@{server}>;tag={call}\r\n\
             To: {to}\r\n\
             Call-ID: dial-{call}@{own}\r\n\
             CSeq: {step} {method}\r\n\
             {more}"
        );
        self.socket.send_to(request.as_bytes(), server).map(drop)
    }
}

/// The call that an answer belongs to.
fn index_of(answer: &str) -> Option<usize> {
    answer.split("Call-ID: dial-").nth(1)?.split('@').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_in_every_spelling_and_an_answer_finds_its_call() {
        let numbers = ["INVITE sip:0301000017@h SIP/2.0", "INVITE sip:+31301000017@h SIP/2.0"].map(number_in);
        assert_eq!(numbers, ["000017", "000017"]);
        let answer = respond("INVITE sip:x@h SIP/2.0\r\nTo: <sip:x@h>\r\nCall-ID: dial-17@h\r\n\r\n", "180 Ringing");
        assert!(answer.contains("To: <sip:x@h>;tag=p\r\n"), "{answer}");
        assert_eq!((index_of(&answer), index_of("SIP/2.0 200 OK\r\n\r\n")), (Some(17), None));
    }
}
