//! Phones that register: each unit is a REGISTER, its 401, the REGISTER with digest, its 200.
//!
//! One socket, one thread, a fixed schedule: a unit starts when its time has come, whatever became of the ones before, so
//! that both servers get the same offered load. Nothing is sent twice; a packet that gets lost is counted.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};

use crate::digest::{Challenge, Credentials};

/// How long the answers to the last unit are waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Room for answers that come while requests are sent; the kernel grants what it allows.
const RECEIVE_BUFFER: usize = 4 << 20;

/// The office's phones, behind one socket.
#[derive(Debug)]
pub(crate) struct Phones {
    socket: UdpSocket,
    server: SocketAddr,
    credentials: Vec<Credentials>,
    /// Units begun since the start, so that no branch and no Call-ID comes twice.
    begun: usize,
}

/// What became of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Units that ended with 200.
    pub(crate) registered: usize,
    /// Units that ended with another answer, or with none.
    pub(crate) failed: usize,
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

impl Phones {
    /// Phones with these `credentials` for the server at `server`, which need not be up yet.
    pub(crate) fn new(server: SocketAddr, credentials: Vec<Credentials>) -> io::Result<Phones> {
        let socket = UdpSocket::bind((server.ip(), 0))?;
        setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER)?;
        Ok(Phones { socket, server, credentials, begun: 0 })
    }

    /// Registers the phones one after the other, and again, as `load` says.
    pub(crate) fn register(&mut self, load: Load) -> io::Result<Outcome> {
        let first = self.begun;
        self.begun += load.units;
        let interval = Duration::from_secs(1) / load.per_second;
        let start = Instant::now();
        let mut outcome = Outcome::default();
        let mut sent = 0;
        let mut last_answer = start;
        while outcome.registered + outcome.failed < load.units {
            let now = Instant::now();
            while sent < load.units && start + interval * u32::try_from(sent).unwrap_or(u32::MAX) <= now {
                self.send(first + sent, 1, load.contact, "")?;
                sent += 1;
            }
            let next = start + interval * u32::try_from(sent).unwrap_or(u32::MAX);
            let until = if sent < load.units { next } else { last_answer + PATIENCE };
            let wait = until.saturating_duration_since(now);
            if sent == load.units && wait.is_zero() {
                outcome.failed = load.units - outcome.registered;
                break;
            }
            if self.handle_answers(wait.max(Duration::from_micros(50)), first, load.contact, &mut outcome)? {
                last_answer = Instant::now();
            }
        }
        Ok(outcome)
    }

    /// Waits up to `wait` for answers, and handles all that are there; false when none came.
    fn handle_answers(&self, wait: Duration, first: usize, contact: usize, outcome: &mut Outcome) -> io::Result<bool> {
        let mut buffer = [0; 2048];
        self.socket.set_read_timeout(Some(wait))?;
        let mut any = false;
        loop {
            match self.socket.recv(&mut buffer) {
                Ok(length) => {
                    self.handle_answer(&String::from_utf8_lossy(&buffer[..length]), first, contact, outcome)?;
                }
                Err(error) if is_nothing_there(&error) => break,
                Err(error) => return Err(error),
            }
            if !any {
                any = true;
                self.socket.set_nonblocking(true)?;
            }
        }
        if any {
            self.socket.set_nonblocking(false)?;
        }
        Ok(any)
    }

    fn handle_answer(&self, answer: &str, first: usize, contact: usize, outcome: &mut Outcome) -> io::Result<()> {
        // An answer to an earlier load is too late to count.
        let Some((unit, step)) = which(answer).filter(|(unit, _)| *unit >= first) else { return Ok(()) };
        match (answer.get(8..11), step, Challenge::find(answer)) {
            (Some("100"), ..) => {}
            (Some("401"), 1, Some(challenge)) => {
                let credentials = &self.credentials[unit % self.credentials.len()];
                let value = credentials.answer(&challenge, &format!("sip:{}", self.server));
                self.send(unit, 2, contact, &format!("Authorization: {value}\r\n"))?;
            }
            (Some("200"), 2, _) => outcome.registered += 1,
            _ => outcome.failed += 1,
        }
        Ok(())
    }

    fn send(&self, unit: usize, step: u8, contact: usize, authorization: &str) -> io::Result<()> {
        let user = &self.credentials[unit % self.credentials.len()].user;
        let (server, own) = (self.server, self.socket.local_addr()?);
        let request = format!(
            "REGISTER sip:{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK-{unit}-{step}-\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{user}@{server}>;tag={unit}\r\n\
             To: <sip:{user}@{server}>\r\n\
             Call-ID: {unit}@{own}\r\n\
             CSeq: {step} REGISTER\r\n\
             Contact: <sip:{user}@{own};line={contact}>\r\n\
             Expires: 3600\r\n\
             User-Agent: bench\r\n\
             {authorization}\
             Content-Length: 0\r\n\r\n"
        );
        match self.socket.send_to(request.as_bytes(), server) {
            // The server is not up yet: an earlier packet came back as an ICMP error.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
            other => other.map(drop),
        }
    }

    /// Registers one phone as soon as the server answers at all; returns how long that took from `start`.
    pub(crate) fn first_answer(&mut self, start: Instant) -> io::Result<Duration> {
        loop {
            let unit = self.begun;
            self.begun += 1;
            let mut outcome = Outcome::default();
            self.send(unit, 1, 0, "")?;
            // Nobody may be there yet, so ask again soon. Who has answered once gets time for the second step.
            let mut patience = Duration::from_millis(2);
            while self.handle_answers(patience, unit, 0, &mut outcome)? && outcome.failed == 0 {
                if outcome.registered > 0 {
                    return Ok(start.elapsed());
                }
                patience = Duration::from_millis(500);
            }
            if start.elapsed() > Duration::from_secs(20) {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the server answered no REGISTER within 20 s"));
            }
        }
    }
}

fn is_nothing_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::ConnectionRefused)
}

/// Unit and step of an answer, by the branch of its Via.
fn which(answer: &str) -> Option<(usize, u8)> {
    let branch = answer.split("branch=z9hG4bK-").nth(1)?;
    let mut numbers = branch.split('-');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_finds_its_unit_and_step() {
        let answer =
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5;rport=5;branch=z9hG4bK-17-2-;received=1.1.1.1\r\n\r\n";
        assert_eq!(which(answer), Some((17, 2)));
        assert_eq!(which("SIP/2.0 200 OK\r\n\r\n"), None);
    }
}
