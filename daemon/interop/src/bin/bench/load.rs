//! Phones that register, with what desk phones say: each unit is a REGISTER, its 401, the REGISTER with digest, its 200.
//!
//! One thread, a fixed schedule: a unit starts when its time has come, whatever became of the ones before, so
//! that both servers get the same offered load. A unit that is not answered begins anew after half a second, as a phone
//! would send again, and is counted once: the kernel drops packets when a busy machine takes a core away for a while.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use centrale_interop::{Challenge, Credentials};
use nix::sys::socket::{setsockopt, sockopt};

/// How long a unit may take before it begins anew (T1: RFC 3261 17.1.1.1).
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it begins at most.
const ATTEMPTS: u8 = 20;
/// Room for answers that come while requests are sent; the kernel grants what it allows.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Addresses that the phones share: from a single one a server that bounds what each address may send takes no such load.
const PLACES: u8 = 16;

/// The office's phones, each at one of a few addresses.
#[derive(Debug)]
pub(crate) struct Phones {
    places: Vec<Place>,
    server: SocketAddr,
    credentials: Vec<Credentials>,
    /// Units begun since the start, so that no branch and no Call-ID comes twice.
    begun: usize,
}

/// An address of phones.
#[derive(Debug)]
struct Place {
    socket: UdpSocket,
    own: SocketAddr,
}

/// What became of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Units that ended with 200.
    pub(crate) registered: usize,
    /// Units that ended with another answer, or with none.
    pub(crate) failed: usize,
    /// Times that a unit had to begin anew.
    pub(crate) again: usize,
}

/// One REGISTER on its way.
#[derive(Debug, Clone, Copy)]
struct Unit {
    /// Its number since the start; the phone that it belongs to follows from it.
    number: usize,
    /// How often it began.
    attempt: u8,
    /// Which address the phone registers.
    contact: usize,
}

/// A load under way.
#[derive(Debug)]
struct Progress {
    /// Number of its first unit.
    first: usize,
    contact: usize,
    /// Which of its units are over.
    over: Vec<bool>,
    outcome: Outcome,
}

impl Progress {
    fn new(first: usize, units: usize, contact: usize) -> Progress {
        Progress { first, contact, over: vec![false; units], outcome: Outcome::default() }
    }

    /// Ends a unit, once.
    fn end(&mut self, number: usize, registered: bool) {
        let Some(over) = self.over.get_mut(number - self.first).filter(|over| !**over) else { return };
        *over = true;
        let count = if registered { &mut self.outcome.registered } else { &mut self.outcome.failed };
        *count += 1;
    }

    fn is_over(&self, number: usize) -> bool {
        number.checked_sub(self.first).and_then(|index| self.over.get(index)).is_none_or(|over| *over)
    }

    fn done(&self) -> bool {
        self.outcome.registered + self.outcome.failed == self.over.len()
    }
}

/// A load to offer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Units each second.
    pub(crate) per_second: u32,
    /// Units in all.
    pub(crate) units: usize,
    /// Which of its addresses a phone registers: each number is a binding of its own.
    pub(crate) contact: usize,
}

fn place(at: IpAddr) -> io::Result<Place> {
    let socket = UdpSocket::bind((at, 0))?;
    setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER)?;
    socket.set_nonblocking(true)?;
    let own = socket.local_addr()?;
    Ok(Place { socket, own })
}

impl Phones {
    /// Phones with these `credentials` for the server at `server`, which need not be up yet.
    pub(crate) fn new(server: SocketAddr, credentials: Vec<Credentials>) -> io::Result<Phones> {
        let places = (2..2 + PLACES).map(|host| place(IpAddr::from([127, 0, 0, host])));
        let places = places.collect::<io::Result<Vec<Place>>>()?;
        Ok(Phones { places, server, credentials, begun: 0 })
    }

    fn phone_of(&self, number: usize) -> usize {
        number % self.credentials.len()
    }

    /// Registers the phones one after the other, and again, as `load` says.
    pub(crate) fn register(&mut self, load: Load) -> io::Result<Outcome> {
        let mut progress = Progress::new(self.begun, load.units, load.contact);
        self.begun += load.units;
        let interval = Duration::from_secs(1) / load.per_second;
        let mut due = Instant::now();
        let mut next = progress.first;
        let mut waiting: VecDeque<(Instant, Unit)> = VecDeque::new();
        while !progress.done() {
            let now = Instant::now();
            while next < self.begun && due <= now {
                let unit = Unit { number: next, attempt: 1, contact: load.contact };
                self.send(unit, 1, "")?;
                waiting.push_back((now, unit));
                next += 1;
                due += interval;
            }
            self.begin_anew(now, &mut waiting, &mut progress)?;
            let until = if next < self.begun { due } else { now + PATIENCE / 10 };
            self.handle_answers(until, &mut progress)?;
        }
        Ok(progress.outcome)
    }

    /// Begins those units anew that have waited long enough; they wait in the order in which they began.
    fn begin_anew(
        &self,
        now: Instant,
        waiting: &mut VecDeque<(Instant, Unit)>,
        progress: &mut Progress,
    ) -> io::Result<()> {
        while let Some((_, unit)) = waiting.pop_front_if(|(began, _)| *began + PATIENCE <= now) {
            if progress.is_over(unit.number) {
                continue;
            }
            if unit.attempt == ATTEMPTS {
                progress.end(unit.number, false);
                continue;
            }
            let unit = Unit { attempt: unit.attempt + 1, ..unit };
            progress.outcome.again += 1;
            self.send(unit, 1, "")?;
            waiting.push_back((now, unit));
        }
        Ok(())
    }

    /// Waits until `until` for answers, and handles all that are there; false when none came.
    ///
    /// It looks again and again and never sleeps: what it costs to wake a sleeper is charged to whoever sends to it, and
    /// would be the larger part of what the server is said to cost.
    fn handle_answers(&self, until: Instant, progress: &mut Progress) -> io::Result<bool> {
        let mut buffer = [0; 2048];
        let mut any = false;
        loop {
            let mut came = false;
            for Place { socket, .. } in &self.places {
                match socket.recv(&mut buffer) {
                    Ok(length) => {
                        self.handle_answer(&String::from_utf8_lossy(&buffer[..length]), progress)?;
                        came = true;
                    }
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                    Err(_) => std::hint::spin_loop(),
                }
            }
            any |= came;
            if !came && (any || Instant::now() >= until) {
                return Ok(any);
            }
        }
    }

    fn handle_answer(&self, answer: &str, progress: &mut Progress) -> io::Result<()> {
        let Some((number, step, attempt)) = which(answer) else { return Ok(()) };
        if progress.is_over(number) {
            return Ok(());
        }
        match (answer.get(8..11), step, Challenge::find(answer)) {
            (Some("100"), ..) => {}
            (Some("401"), 1, Some(challenge)) => {
                let credentials = &self.credentials[self.phone_of(number)];
                let value = credentials.answer(&challenge, "REGISTER", &format!("sip:{}", self.server));
                let unit = Unit { number, attempt, contact: progress.contact };
                self.send(unit, 2, &format!("Authorization: {value}\r\n"))?;
            }
            (Some("200"), 2, _) => progress.end(number, true),
            _ => progress.end(number, false),
        }
        Ok(())
    }

    fn send(&self, unit: Unit, step: u8, authorization: &str) -> io::Result<()> {
        let Unit { number, attempt, contact } = unit;
        let phone = self.phone_of(number);
        let user = &self.credentials[phone].user;
        let Place { socket, own } = &self.places[phone % self.places.len()];
        let server = self.server;
        let sequence = 2 * u32::from(attempt) + u32::from(step);
        let request = format!(
            "REGISTER sip:{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK-{number}-{step}-{attempt}-\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{user}@{server}>;tag={number}\r\n\
             To: <sip:{user}@{server}>\r\n\
             Call-ID: {number}@{own}\r\n\
             CSeq: {sequence} REGISTER\r\n\
             Contact: <sip:{user}@{own};line={contact}>\r\n\
             Expires: 3600\r\n\
             User-Agent: bench\r\n\
             Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE, MESSAGE\r\n\
             Allow-Events: talk,hold,conference,refer,check-sync\r\n\
             {authorization}\
             Content-Length: 0\r\n\r\n"
        );
        socket.send_to(request.as_bytes(), server).map(drop)
    }

    /// Registers one phone as soon as the server answers at all; returns how long that took from `start`.
    pub(crate) fn first_answer(&mut self, start: Instant) -> io::Result<Duration> {
        loop {
            let unit = Unit { number: self.begun, attempt: 1, contact: 0 };
            let mut progress = Progress::new(self.begun, 1, 0);
            self.begun += 1;
            self.send(unit, 1, "")?;
            // Nobody may be there yet, so ask again soon. Who has answered once gets time for the second step.
            let mut patience = Duration::from_millis(2);
            while !progress.done() && self.handle_answers(Instant::now() + patience, &mut progress)? {
                patience = Duration::from_millis(500);
            }
            if progress.outcome.registered > 0 {
                return Ok(start.elapsed());
            }
            if start.elapsed() > Duration::from_secs(20) {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the server answered no REGISTER within 20 s"));
            }
        }
    }
}

/// Number, step and attempt of the unit that an answer belongs to, by the branch of its Via.
fn which(answer: &str) -> Option<(usize, u8, u8)> {
    let branch = answer.split("branch=z9hG4bK-").nth(1)?;
    let mut numbers = branch.split('-');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_finds_its_unit() {
        let via = "Via: SIP/2.0/UDP 127.0.0.1:5;rport=5;branch=z9hG4bK-17-2-1-;received=1.1.1.1";
        assert_eq!(which(&format!("SIP/2.0 200 OK\r\n{via}\r\n\r\n")), Some((17, 2, 1)));
        assert_eq!(which("SIP/2.0 200 OK\r\n\r\n"), None);
    }

    #[test]
    fn a_unit_ends_once_and_late_answers_change_nothing() {
        let mut progress = Progress::new(10, 2, 0);
        progress.end(10, true);
        progress.end(10, false);
        assert_eq!(progress.outcome, Outcome { registered: 1, failed: 0, again: 0 });
        assert!(progress.is_over(10) && progress.is_over(9) && !progress.is_over(11) && !progress.done());
    }

    /// A server in this process that swallows the first packet of all, and answers the rest as a registrar does.
    #[test]
    fn what_got_lost_is_sent_again_and_counted_once() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let registrar = std::thread::spawn(move || {
            let mut buffer = [0; 2048];
            server.recv(&mut buffer).unwrap();
            for _ in 0..4 {
                let (length, from) = server.recv_from(&mut buffer).unwrap();
                let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
                let via = request.lines().find(|line| line.starts_with("Via:")).unwrap();
                let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"";
                let answer = match request.contains("Authorization:") {
                    true => format!("SIP/2.0 200 OK\r\n{via}\r\n\r\n"),
                    false => format!("SIP/2.0 401 Unauthorized\r\n{via}\r\n{challenge}\r\n\r\n"),
                };
                server.send_to(answer.as_bytes(), from).unwrap();
            }
        });
        let mut phones = Phones::new(address, vec![Credentials::new("201", "pw")]).unwrap();
        let outcome = phones.register(Load { per_second: 1000, units: 2, contact: 0 }).unwrap();
        registrar.join().unwrap();
        assert_eq!(outcome, Outcome { registered: 2, failed: 0, again: 1 });
    }
}
