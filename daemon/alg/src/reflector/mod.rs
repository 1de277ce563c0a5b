//! The reflector's words: what `centraled reflector` is asked on an ordinary SIP port, and what it answers.
//!
//! The question is an ordinary SIP request with a cookie in it. The answer holds the bytes as they arrived, in a form that
//! nobody on the way can recognise and repair, sealed, with where they came from. An answer is never longer than its
//! question: a long message is asked for in slices, each question a message of the same kind. The cookie is handed out over
//! TLS and is good for one address, so nobody can have an answer sent to somebody else.

mod path;
mod reply;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac};
use thiserror::Error;

pub use path::{Kind, Message, Progress, Proof};

/// The header field of a question.
pub const QUESTION: &str = "X-Centrale-Reflect";
/// The header field that fills a question up: the answer may be as long as the question, no longer.
pub const FILL: &str = "X-Centrale-Fill";
/// What stands in [`QUESTION`] when a ticket is asked for, over TLS.
pub const TICKET: &str = "ticket";
/// A cookie is good for so long, in seconds.
pub const COOKIE_SECONDS: u64 = 600;
/// What is put over every byte, so that nothing on the way reads an address in it.
const MASK: u8 = 0x55;
/// Bytes of a seal.
const SEAL: usize = 16;

/// What the reflector allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Answers to one address in [`Limits::window`].
    pub per_address: usize,
    /// Answers to all addresses in it.
    pub in_all: usize,
    /// That window.
    pub window: Duration,
    /// The largest question that is read, in bytes.
    pub largest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_address: 120, in_all: 2_000, window: Duration::from_secs(60), largest: 4_096 }
    }
}

/// Why there is no answer. Nothing is sent to who gets none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No question, or one that cannot be read.
    #[error("not a question for a reflector")]
    NoQuestion,
    /// Made up, for another address, or too old.
    #[error("the cookie is not good")]
    Cookie,
    /// Too many.
    #[error("too many questions")]
    TooMany,
    /// The question has no room for an answer.
    #[error("the question is too short for an answer")]
    TooShort,
    /// Too large.
    #[error("the question is too large")]
    TooLarge,
}

impl Refusal {
    /// All of them, in the order of their counts.
    pub const ALL: [Self; 5] = [Self::NoQuestion, Self::Cookie, Self::TooMany, Self::TooShort, Self::TooLarge];
}

/// What a client gets over TLS: the cookie to be sent in clear, and the key that its answers are sealed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// In the question, as text.
    pub cookie: String,
    /// Never sent in clear.
    key: [u8; 32],
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket(…)")
    }
}

impl Ticket {
    /// As it is handed over in TLS.
    pub fn to_text(&self) -> String {
        format!("{}.{}", self.cookie, URL_SAFE_NO_PAD.encode(self.key))
    }

    /// Reads what was handed over.
    pub fn parse(text: &str) -> Option<Self> {
        let (cookie, key) = text.split_once('.')?;
        let key = URL_SAFE_NO_PAD.decode(key).ok()?.try_into().ok()?;
        Some(Self { cookie: cookie.to_owned(), key })
    }

    /// The header line of a question. `begin`: from which byte on the slice is wanted.
    pub fn question(&self, begin: usize) -> String {
        format!("{QUESTION}: {};from={begin:04}", self.cookie)
    }

    /// Reads an answer's body: opened, when the seal is right.
    pub fn open(&self, body: &str) -> Option<Echo> {
        let (text, seal) = body.trim_end().rsplit_once(' ')?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
        let seal = URL_SAFE_NO_PAD.decode(seal).ok().filter(|seal| seal.len() == SEAL)?;
        let right = hmac::sign(&key, text.as_bytes());
        let differs = right.as_ref()[..SEAL].iter().zip(&seal).fold(0, |sum, (one, two)| sum | (one ^ two));
        if differs != 0 { None } else { Echo::parse(text) }
    }
}

/// What a reflector saw: a slice of the message, where it came from, how long it was in all, and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// Where the message came from.
    pub source: SocketAddr,
    /// Bytes in all.
    pub length: usize,
    /// The first byte of the slice.
    pub begin: usize,
    /// The first eight bytes of the SHA-256 of the whole message.
    pub digest: u64,
    /// The same of the answer's own head as it left, up to its Content-Length.
    pub head: u64,
    /// The slice.
    pub slice: Vec<u8>,
}

impl Echo {
    /// Whether the whole message arrived as `sent`. One answer is enough for a yes; slices show what a no is about.
    pub fn is_of(&self, sent: &[u8]) -> bool {
        self.length == sent.len() && self.digest == digest_of(sent)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split(' ');
        if fields.next() != Some("1") {
            return None;
        }
        let mut source = unmask(fields.next()?)?;
        let port = source.split_off(source.len().checked_sub(2)?);
        let address: IpAddr = match source.len() {
            4 => <[u8; 4]>::try_from(source).ok()?.into(),
            16 => <[u8; 16]>::try_from(source).ok()?.into(),
            _ => return None,
        };
        let port = u16::from_be_bytes(port.try_into().ok()?);
        let (length, begin) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let digest = u64::from_str_radix(fields.next()?, 16).ok()?;
        let head = u64::from_str_radix(fields.next()?, 16).ok()?;
        let slice = unmask(fields.next()?)?;
        fields.next().is_none().then_some(Self {
            source: SocketAddr::new(address, port),
            length,
            begin,
            digest,
            head,
            slice,
        })
    }
}

fn digest_of(bytes: &[u8]) -> u64 {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn mask(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes.iter().map(|byte| byte ^ MASK).collect::<Vec<_>>())
}

fn unmask(text: &str) -> Option<Vec<u8>> {
    Some(URL_SAFE_NO_PAD.decode(text).ok()?.iter().map(|byte| byte ^ MASK).collect())
}

/// The reflecting end, without its sockets.
#[derive(Debug)]
pub struct Reflector {
    key: hmac::Key,
    limits: Limits,
    answered: VecDeque<(Instant, IpAddr)>,
}

impl Reflector {
    /// A reflector with its key, which is drawn when it starts.
    pub fn new(key: &[u8; 32], limits: Limits) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), limits, answered: VecDeque::new() }
    }

    /// A ticket for the address that asks over TLS. `seconds`: of any clock that only goes forward.
    pub fn ticket(&self, client: IpAddr, seconds: u64) -> Ticket {
        let mut cookie = seconds.to_be_bytes().to_vec();
        cookie.extend_from_slice(&self.sign(b"cookie", seconds, client)[..SEAL]);
        Ticket { cookie: URL_SAFE_NO_PAD.encode(cookie), key: self.sign(b"answer", seconds, client) }
    }

    fn sign(&self, purpose: &[u8], seconds: u64, client: IpAddr) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(purpose);
        context.update(&seconds.to_be_bytes());
        context.update(client.to_canonical().to_string().as_bytes());
        context.sign().as_ref().try_into().unwrap_or([0; 32])
    }

    /// A ticket for who asks for one over TLS, as the whole answer to its request. Counted as an answer is.
    ///
    /// # Errors
    /// A [`Refusal`]; then nothing is sent.
    pub fn hand_over(
        &mut self,
        bytes: &[u8],
        source: SocketAddr,
        (now, seconds): (Instant, u64),
    ) -> Result<Vec<u8>, Refusal> {
        let (asked, _) = question(bytes).ok_or(Refusal::NoQuestion)?;
        let head = reply::head(bytes).filter(|_| asked == TICKET).ok_or(Refusal::NoQuestion)?;
        self.count(source.ip(), now)?;
        Ok(reply::whole(&head, &self.ticket(source.ip(), seconds).to_text()))
    }

    /// The whole answer to a message: never longer than it. `seconds` as in [`Reflector::ticket`].
    ///
    /// # Errors
    /// A [`Refusal`]; then nothing is sent.
    pub fn reply(
        &mut self,
        bytes: &[u8],
        source: SocketAddr,
        (now, seconds): (Instant, u64),
    ) -> Result<Vec<u8>, Refusal> {
        if bytes.len() > self.limits.largest {
            return Err(Refusal::TooLarge);
        }
        let head = reply::head(bytes).ok_or(Refusal::NoQuestion)?;
        let body = self.answer(bytes, source, &head, (now, seconds))?;
        Ok(reply::whole(&head, &body))
    }

    fn answer(
        &mut self,
        bytes: &[u8],
        source: SocketAddr,
        head: &[u8],
        (now, seconds): (Instant, u64),
    ) -> Result<String, Refusal> {
        let (cookie, begin) = question(bytes).ok_or(Refusal::NoQuestion)?;
        let key = self.check(cookie, source.ip(), seconds).ok_or(Refusal::Cookie)?;
        let address = match source.ip().to_canonical() {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        let address = mask(&[&address[..], &source.port().to_be_bytes()].concat());
        let begin = begin.min(bytes.len());
        let digests = format!("{:016x} {:016x}", digest_of(bytes), digest_of(head));
        let overhead = head.len() + reply::LENGTH;
        let head = format!("1 {address} {} {begin} {digests} ", bytes.len());
        // A space and the seal, in base64, stand behind the slice.
        let around = overhead + head.len() + 1 + (SEAL * 4).div_ceil(3);
        let room = bytes.len().checked_sub(around).ok_or(Refusal::TooShort)? / 4 * 3;
        if room == 0 {
            return Err(Refusal::TooShort);
        }
        self.count(source.ip(), now)?;
        let end = (begin + room).min(bytes.len());
        let text = head + &mask(&bytes[begin..end]);
        let seal = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), text.as_bytes());
        Ok(format!("{text} {}", URL_SAFE_NO_PAD.encode(&seal.as_ref()[..SEAL])))
    }

    /// The key of the answers, when the cookie is good.
    fn check(&self, cookie: &str, client: IpAddr, seconds: u64) -> Option<[u8; 32]> {
        let bytes = URL_SAFE_NO_PAD.decode(cookie).ok().filter(|it| it.len() == 8 + SEAL)?;
        let (issued, seal) = bytes.split_at(8);
        let issued = u64::from_be_bytes(issued.try_into().ok()?);
        let right = self.sign(b"cookie", issued, client);
        let differs = right[..SEAL].iter().zip(seal).fold(0, |sum, (one, two)| sum | (one ^ two));
        let fresh = seconds.checked_sub(issued).is_some_and(|age| age < COOKIE_SECONDS);
        (differs == 0 && fresh).then(|| self.sign(b"answer", issued, client))
    }

    fn count(&mut self, client: IpAddr, now: Instant) -> Result<(), Refusal> {
        let client = client.to_canonical();
        let old = |at: Instant| now.saturating_duration_since(at) >= self.limits.window;
        while self.answered.front().is_some_and(|(at, _)| old(*at)) {
            self.answered.pop_front();
        }
        let of_client = self.answered.iter().filter(|(_, it)| *it == client).count();
        if of_client >= self.limits.per_address || self.answered.len() >= self.limits.in_all {
            return Err(Refusal::TooMany);
        }
        self.answered.push_back((now, client));
        Ok(())
    }
}

/// Where the question's name stands: some routers write all names in capitals.
fn question_at(bytes: &[u8]) -> Option<usize> {
    let is_here = |at: &usize| {
        let name = bytes.get(at + 2..at + 2 + QUESTION.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(QUESTION.as_bytes()))
    };
    memchr::memmem::find_iter(bytes, b"\r\n").find(is_here).map(|at| at + 2)
}

/// Cookie and first byte of a question.
fn question(bytes: &[u8]) -> Option<(&str, usize)> {
    let rest = bytes.get(question_at(bytes)? + QUESTION.len()..)?;
    let end = memchr::memchr2(b'\r', b'\n', rest)?;
    let value = std::str::from_utf8(rest.get(..end)?).ok()?.trim_start().strip_prefix(':')?.trim();
    let (cookie, params) = value.split_once(';').unwrap_or((value, ""));
    let begin = params.split(';').find_map(|it| it.strip_prefix("from="));
    Some((cookie.trim(), begin.map_or(Some(0), |it| it.parse().ok())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "203.0.113.2:25060";

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn asked(ticket: &Ticket, begin: usize, size: usize) -> String {
        let head =
            format!("OPTIONS sip:r SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.50:25060\r\n{}\r\n", ticket.question(begin));
        let fill = "x".repeat(size.saturating_sub(head.len() + FILL.len() + 6));
        format!("{head}{FILL}: {fill}\r\n\r\n")
    }

    fn body_of(reply: &[u8]) -> String {
        String::from_utf8(reply.to_vec()).unwrap().split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    fn reflector() -> Reflector {
        Reflector::new(&[7; 32], Limits { per_address: 3, ..Limits::default() })
    }

    fn handed_over(reflector: &Reflector) -> Ticket {
        let ticket = reflector.ticket(at(CLIENT).ip(), 1_000);
        Ticket::parse(&ticket.to_text()).unwrap()
    }

    #[test]
    fn what_arrived_comes_back_byte_for_byte_and_no_longer_than_it_was() {
        let (mut reflector, now) = (reflector(), Instant::now());
        let ticket = handed_over(&reflector);
        let mut message = Vec::new();
        for begin in [0, 300, 600] {
            let sent = asked(&ticket, begin, 1_000);
            let reply = reflector.reply(sent.as_bytes(), at(CLIENT), (now, 1_001)).unwrap();
            assert!(reply.len() <= sent.len());
            let echo = ticket.open(&body_of(&reply)).unwrap();
            assert!(echo.is_of(sent.as_bytes()) && echo.source == at(CLIENT) && echo.begin == begin);
            assert!(sent.as_bytes()[begin..].starts_with(&echo.slice));
            message.extend(echo.slice);
        }
        assert!(message.len() > 900);
    }

    #[test]
    fn a_message_that_was_changed_on_the_way_is_told() {
        let (mut reflector, now) = (reflector(), Instant::now());
        let ticket = handed_over(&reflector);
        let sent = asked(&ticket, 0, 1_000);
        let arrived = sent.replace("192.168.1.50", "203.0.113.2");
        let body = body_of(&reflector.reply(arrived.as_bytes(), at(CLIENT), (now, 1_001)).unwrap());
        let echo = ticket.open(&body).unwrap();
        assert!(!echo.is_of(sent.as_bytes()) && echo.is_of(arrived.as_bytes()));
        let difference = crate::difference::of(sent.as_bytes(), &echo.slice);
        assert!(difference.deeds.has(crate::diagnosis::Deed::RewritesVia));
        assert!(!body.contains("203.0.113.2"), "nothing that somebody could put back");
    }

    #[test]
    fn a_cookie_is_good_for_one_address_and_ten_minutes() {
        let (mut reflector, now) = (reflector(), Instant::now());
        let ticket = handed_over(&reflector);
        let sent = asked(&ticket, 0, 1_000);
        let mut answer = |source, seconds| reflector.reply(sent.as_bytes(), at(source), (now, seconds));
        assert_eq!(answer("203.0.113.3:25060", 1_001), Err(Refusal::Cookie));
        assert_eq!(answer(CLIENT, 1_600), Err(Refusal::Cookie));
        assert_eq!(answer(CLIENT, 999), Err(Refusal::Cookie));
        assert!(answer(CLIENT, 1_599).is_ok());
        let forged = sent.replace(&ticket.cookie, &reflector.ticket(at("192.0.2.1:1").ip(), 1_000).cookie);
        assert_eq!(reflector.reply(forged.as_bytes(), at(CLIENT), (now, 1_001)), Err(Refusal::Cookie));
    }

    #[test]
    fn who_asks_too_often_too_shortly_or_nothing_gets_no_answer() {
        let (mut reflector, now) = (reflector(), Instant::now());
        let ticket = handed_over(&reflector);
        let (long, short, huge) = (asked(&ticket, 0, 1_000), asked(&ticket, 0, 150), asked(&ticket, 0, 5_000));
        let mut answer = |text: &str, now| reflector.reply(text.as_bytes(), at(CLIENT), (now, 1_001)).err();
        assert_eq!(answer(&short, now), Some(Refusal::TooShort));
        assert_eq!(answer(&huge, now), Some(Refusal::TooLarge));
        assert_eq!(answer("OPTIONS sip:r SIP/2.0\r\n\r\n", now), Some(Refusal::NoQuestion));
        for _ in 0..3 {
            assert_eq!(answer(&long, now), None);
        }
        assert_eq!(answer(&long, now), Some(Refusal::TooMany));
        assert_eq!(answer(&long, now + Duration::from_secs(60)), None);
    }

    #[test]
    fn a_ticket_is_handed_over_to_who_asks_for_one_and_counted() {
        let (mut reflector, now) = (reflector(), Instant::now());
        let asks = |word: &str| format!("OPTIONS sip:r SIP/2.0\r\n{QUESTION}: {word}\r\n\r\n");
        let mut hand_over = |text: &str| reflector.hand_over(text.as_bytes(), at(CLIENT), (now, 1_000));
        assert_eq!(hand_over(&asks("money")), Err(Refusal::NoQuestion));
        let given = hand_over(&asks(TICKET)).unwrap();
        assert!(Ticket::parse(&body_of(&given)).is_some());
        assert!(hand_over(&asks(TICKET)).is_ok() && hand_over(&asks(TICKET)).is_ok());
        assert_eq!(hand_over(&asks(TICKET)), Err(Refusal::TooMany));
    }

    #[test]
    fn an_answer_is_no_question_so_two_reflectors_never_talk_to_each_other() {
        let (mut reflector, now) = (reflector(), Instant::now());
        let ticket = handed_over(&reflector);
        let answer = asked(&ticket, 0, 1_000).replace("OPTIONS sip:r SIP/2.0", "SIP/2.0 200 OK");
        assert_eq!(reflector.reply(answer.as_bytes(), at(CLIENT), (now, 1_001)), Err(Refusal::NoQuestion));
    }

    #[test]
    fn an_answer_with_a_wrong_seal_is_no_answer() {
        let (mut reflector, now) = (reflector(), Instant::now());
        let ticket = handed_over(&reflector);
        let body = body_of(&reflector.reply(asked(&ticket, 0, 1_000).as_bytes(), at(CLIENT), (now, 1_001)).unwrap());
        assert_eq!(ticket.open(&body.replacen("1 ", "2 ", 1)), None);
        assert_eq!(ticket.open(""), None);
        assert_eq!(reflector.ticket(at(CLIENT).ip(), 1_001).open(&body), None, "another ticket's");
        assert!(!format!("{ticket:?}").contains(&ticket.cookie));
    }
}
