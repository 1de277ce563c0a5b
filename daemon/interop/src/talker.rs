//! A phone of the office that talks as fast as it is answered, for many calls in a row: what it says is a pattern that comes
//! back from who echoes it, so that one call proves sound both ways, hold, resume, transfer and the end within seconds.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::failure::Tried;
use crate::{Challenge, Credentials, Failure, Place, Result, Subscriber};

/// How long its threads wait for a packet before they look whether it is over.
const LOOK: Duration = Duration::from_millis(100);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How long sound may take to come back, and how much of it counts: more than half a second, for a person who hangs up sooner again
/// and again is taken for a machine that does.
const HEARS: Duration = Duration::from_secs(6);
const PACKETS: usize = 30;

/// A running one.
#[derive(Debug)]
pub(crate) struct Talker {
    user: Credentials,
    server: SocketAddr,
    sip: UdpSocket,
    rtp: UdpSocket,
    answers: Receiver<String>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    sequence: u32,
    /// How often it spoke: each time it says something else, so that what comes back late is not taken for what is said now.
    spoken: u32,
    dialog: Option<Dialog>,
}

#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    /// Calls that were taken by it, and calls that the other end ended.
    taken: Mutex<Option<SocketAddr>>,
    ended: AtomicBool,
}

#[derive(Debug, Clone)]
struct Dialog {
    call_id: String,
    to: String,
    target: String,
    media: SocketAddr,
}

impl Talker {
    /// Starts it at `place` and registers it.
    ///
    /// # Errors
    /// When the box does not take it.
    pub(crate) fn start(place: &Place, subscriber: &Subscriber, server: SocketAddr) -> Result<Talker> {
        let bind = || place.inside(|| UdpSocket::bind((place.address, 0)).tried(|| "take a port".to_owned()));
        let (sip, rtp) = (bind()?, bind()?);
        rtp.set_read_timeout(Some(LOOK)).tried(|| "bound a wait".to_owned())?;
        let (sender, answers) = channel();
        let shared = Arc::new(Shared::default());
        let hears = sip.try_clone().tried(|| "share a socket".to_owned())?;
        hears.set_read_timeout(Some(LOOK)).tried(|| "bound a wait".to_owned())?;
        let (own, media) = (address(&sip)?, address(&rtp)?);
        let (heard, user) = (Arc::clone(&shared), subscriber.user.clone());
        let thread = thread::spawn(move || hear(&hears, &sender, &heard, (&user, own, media)));
        let user = Credentials::new(&subscriber.user, &subscriber.password);
        let mut talker = Talker {
            user,
            server,
            sip,
            rtp,
            answers,
            shared,
            thread: Some(thread),
            sequence: 0,
            spoken: 0,
            dialog: None,
        };
        let (uri, to) = (format!("sip:{}", server.ip()), talker.address_of(&talker.user.user.clone()));
        let call_id = talker.call_id();
        talker.ask("REGISTER", (&uri, &to, &call_id), "Expires: 3600\r\n", "")?;
        Ok(talker)
    }

    /// Calls a number, which answers.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn call(&mut self, number: &str) -> Result<()> {
        self.shared.ended.store(false, Ordering::Relaxed);
        let (to, call_id) = (self.address_of(number), self.call_id());
        let uri = format!("sip:{number}@{}", self.server.ip());
        let offer = describe(address(&self.rtp)?, "sendrecv");
        let answer = self.ask("INVITE", (&uri, &to, &call_id), "Content-Type: application/sdp\r\n", &offer)?;
        let (to, target) = (field(&answer, "To"), uri_in(&field(&answer, "Contact")));
        let media = described(&answer).ok_or_else(|| unexpected("an answer without sound", &answer))?;
        self.dialog = Some(Dialog { call_id, to, target, media });
        self.acknowledge()
    }

    /// Whether what it says comes back.
    ///
    /// # Errors
    /// When it is in no call.
    pub(crate) fn hears_itself(&mut self) -> Result<bool> {
        let media = self.dialog()?.media;
        self.speak(media)
    }

    /// The same of who took a call.
    ///
    /// # Errors
    /// When it took none.
    pub(crate) fn taker_hears_itself(&mut self) -> Result<bool> {
        let deadline = Instant::now() + ANSWER;
        loop {
            let taken = *self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(media) = taken {
                return self.speak(media);
            }
            if Instant::now() >= deadline {
                return Err(Failure::Unexpected(format!("{} is not rung", self.user.user)));
            }
            // Its thread notes the call. The deadline ends the test, this does not.
            thread::park_timeout(LOOK / 10);
        }
    }

    /// Holds the call, or with `sendrecv` takes it back.
    ///
    /// # Errors
    /// When that is not answered.
    pub(crate) fn describe_as(&mut self, direction: &str) -> Result<()> {
        let Dialog { call_id, to, target, .. } = self.dialog()?.clone();
        let offer = describe(address(&self.rtp)?, direction);
        self.ask("INVITE", (&target, &to, &call_id), "Content-Type: application/sdp\r\n", &offer)?;
        self.acknowledge()
    }

    /// Hands the call on to a colleague, and is told that it is over.
    ///
    /// # Errors
    /// When that is refused.
    pub(crate) fn hand_on(&mut self, colleague: &str) -> Result<()> {
        let Dialog { call_id, to, target, .. } = self.dialog()?.clone();
        let refer = format!("Refer-To: <sip:{colleague}@{}>\r\n", self.server.ip());
        self.ask("REFER", (&target, &to, &call_id), &refer, "").map(drop)
    }

    /// Ends the call.
    ///
    /// # Errors
    /// When that is not answered.
    pub(crate) fn hang_up(&mut self) -> Result<()> {
        let Some(Dialog { call_id, to, target, .. }) = self.dialog.take() else { return Ok(()) };
        self.ask("BYE", (&target, &to, &call_id), "", "").map(drop)
    }

    /// Whether the other end ended the call within a few seconds.
    pub(crate) fn is_let_go(&mut self) -> bool {
        let deadline = Instant::now() + ANSWER;
        while Instant::now() < deadline {
            if self.shared.ended.swap(false, Ordering::Relaxed) {
                *self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner) = None;
                self.dialog = None;
                return true;
            }
            // Its thread notes the end. The deadline ends the test, this does not.
            thread::park_timeout(LOOK / 10);
        }
        false
    }

    /// Forgets the call that it is in, whatever became of it; who is at the other end is told where that can be.
    pub(crate) fn give_up(&mut self) {
        // It is given up because something went wrong: this may too.
        let _ = self.hang_up();
        self.shared.ended.store(false, Ordering::Relaxed);
        *self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn speak(&mut self, media: SocketAddr) -> Result<bool> {
        self.spoken += 1;
        speak(&self.rtp, media, self.spoken)
    }

    fn dialog(&self) -> Result<&Dialog> {
        self.dialog.as_ref().ok_or_else(|| Failure::Unexpected("a phone without a call was used".to_owned()))
    }

    fn address_of(&self, user: &str) -> String {
        format!("<sip:{user}@{}>", self.server.ip())
    }

    fn call_id(&mut self) -> String {
        self.sequence += 1;
        let own = self.sip.local_addr().map_or(0, |own| own.port());
        format!("{}-{own}-{}", self.user.user, self.sequence)
    }

    /// Sends a request until it is answered for good; a challenge is answered once.
    fn ask(&mut self, method: &str, to: (&str, &str, &str), more: &str, body: &str) -> Result<String> {
        let answer = self.exchange(method, to, more, body)?;
        let Some(challenge) = Challenge::find(&answer) else { return accepted(method, answer) };
        if method == "INVITE" {
            self.send("ACK", (to.0, &field(&answer, "To"), to.2), "", "")?;
        }
        let proof = self.user.answer(&challenge, method, to.0);
        let answer = self.exchange(method, to, &format!("{more}Authorization: {proof}\r\n"), body)?;
        accepted(method, answer)
    }

    fn exchange(&mut self, method: &str, to: (&str, &str, &str), more: &str, body: &str) -> Result<String> {
        self.sequence += 1;
        let (number, deadline) = (format!("{} {method}", self.sequence), Instant::now() + ANSWER);
        self.send(method, to, more, body)?;
        while Instant::now() < deadline {
            match self.answers.recv_timeout(Duration::from_millis(500)) {
                Ok(answer) if field(&answer, "CSeq") == number && !answer.starts_with("SIP/2.0 1") => {
                    return Ok(answer);
                }
                Ok(_) => {}
                Err(_) => self.send(method, to, more, body)?,
            }
        }
        Err(Failure::Unexpected(format!("{method} of {} is not answered", self.user.user)))
    }

    fn acknowledge(&mut self) -> Result<()> {
        let Dialog { call_id, to, target, .. } = self.dialog()?.clone();
        self.send("ACK", (&target, &to, &call_id), "", "")
    }

    fn send(&self, method: &str, (uri, to, call_id): (&str, &str, &str), more: &str, body: &str) -> Result<()> {
        let (own, user, sequence, length) = (address(&self.sip)?, &self.user.user, self.sequence, body.len());
        let request = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{call_id}{sequence}{method};rport\r\n\
             Max-Forwards: 70\r\nFrom: {};tag={user}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {sequence} {method}\r\n\
             Contact: <sip:{user}@{own}>\r\nUser-Agent: Talker\r\n{more}Content-Length: {length}\r\n\r\n{body}",
            self.address_of(user)
        );
        self.sip.send_to(request.as_bytes(), self.server).map(drop).tried(|| format!("send {method}"))
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accepted(method: &str, answer: String) -> Result<String> {
    if answer.starts_with("SIP/2.0 2") { Ok(answer) } else { Err(unexpected(method, &answer)) }
}

fn unexpected(what: &str, answer: &str) -> Failure {
    Failure::Unexpected(format!("{what}: {}", answer.lines().next().unwrap_or_default()))
}

fn address(socket: &UdpSocket) -> Result<SocketAddr> {
    socket.local_addr().tried(|| "ask for the own address".to_owned())
}

/// Hands on answers, and answers what is asked: it takes every call, and lets go of each that is ended.
fn hear(sip: &UdpSocket, answers: &Sender<String>, shared: &Shared, us: (&str, SocketAddr, SocketAddr)) {
    let mut room = [0; 65_535];
    while !shared.over.load(Ordering::Relaxed) {
        let Ok((length, from)) = sip.recv_from(&mut room) else { continue };
        let message = String::from_utf8_lossy(&room[..length]).into_owned();
        if message.starts_with("SIP/2.0 ") {
            // Nobody waits for it once the phone is gone.
            let _ = answers.send(message);
            continue;
        }
        match message.split(' ').next() {
            Some("ACK") => continue,
            Some("BYE") => shared.ended.store(true, Ordering::Relaxed),
            Some("INVITE") => {
                *shared.taken.lock().unwrap_or_else(PoisonError::into_inner) = described(&message);
            }
            _ => {}
        }
        let _ = sip.send_to(answer_to(&message, us).as_bytes(), from);
    }
}

fn answer_to(request: &str, (user, own, media): (&str, SocketAddr, SocketAddr)) -> String {
    let is_call = request.starts_with("INVITE ");
    let body = if is_call { describe(media, "sendrecv") } else { String::new() };
    let kind = if is_call { "Content-Type: application/sdp\r\n" } else { "" };
    let vias: Vec<&str> = request.lines().filter(|line| line.starts_with("Via: ")).collect();
    let to = field(request, "To");
    let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={user}") };
    let [from, call_id, number] = ["From", "Call-ID", "CSeq"].map(|name| field(request, name));
    format!(
        "SIP/2.0 200 OK\r\n{}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {number}\r\n\
         Contact: <sip:{user}@{own}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        vias.join("\r\n"),
        body.len()
    )
}

/// Says `what` to there, over and over, until enough of it has come back, or nothing will.
fn speak(rtp: &UdpSocket, media: SocketAddr, what: u32) -> Result<bool> {
    let (deadline, mut heard, mut room) = (Instant::now() + HEARS, 0, [0; 2_048]);
    let words = what.to_be_bytes().repeat(40);
    let synchronization = address(rtp)?.port();
    for number in 0u16.. {
        let mut packet = vec![0x80, 8];
        packet.extend(number.to_be_bytes());
        packet.extend((u32::from(number) * 160).to_be_bytes());
        packet.extend(u32::from(synchronization).to_be_bytes());
        packet.extend(&words);
        // Nobody may listen there yet.
        let _ = rtp.send_to(&packet, media);
        let next = Instant::now() + Duration::from_millis(20);
        while let Some(left) = next.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            rtp.set_read_timeout(Some(left)).tried(|| "bound a wait".to_owned())?;
            let Ok((length, _)) = rtp.recv_from(&mut room) else { continue };
            heard += usize::from(room[..length].get(12..) == Some(&words[..]));
        }
        if heard >= PACKETS || Instant::now() >= deadline {
            break;
        }
    }
    Ok(heard >= PACKETS)
}

fn describe(media: SocketAddr, direction: &str) -> String {
    let (ip, port) = (media.ip(), media.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n\
         a=rtpmap:8 PCMA/8000\r\na={direction}\r\n"
    )
}

/// The address and port of a description's sound.
pub(crate) fn described(message: &str) -> Option<SocketAddr> {
    let after = |begin: &str| message.lines().find_map(|line| line.strip_prefix(begin));
    let port = after("m=audio ")?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(after("c=IN IP4 ")?.trim().parse().ok()?, port))
}

fn field(message: &str, name: &str) -> String {
    let value = message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_default().to_owned()
}

fn uri_in(value: &str) -> String {
    value.split(['<', '>']).nth(1).unwrap_or(value).to_owned()
}
