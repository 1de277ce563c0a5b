//! Whether the time that an answer takes tells a user of the office from one of nobody (T02): what the exchange works before it says the
//! same to both, measured without a network, which would only blur it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::{Input, Output};
use centrale_sip::flow::{Flow, Transport};
use memchr::memmem;

use super::door::between;
use super::street::{Background, Street};
use crate::network::DATAGRAMS;
use crate::scenario::BOX_OUTSIDE;

/// Users that each office is asked for, of its own and of nobody: few enough that each guess is judged.
const USERS: u16 = 6;
/// The most by which who listens to times alone may be better, or worse, than one who tosses a coin. To skip a single hash for users of
/// nobody would show in nearly every pair; what is left between two that do the same is which memory they touch, a hundredth of the time,
/// and any network blurs it.
pub const MOST_AHEAD: f64 = 0.25;
/// The most by which the two answers in the middle may differ, as a part of the longer one: more is work, and no memory.
pub const MOST_LONGER: f64 = 0.1;

/// How often a user of the office took longer than one of nobody, of all pairs: a half says nothing, nought or one says everything.
#[derive(Debug, Clone, Copy)]
pub struct ToldApart {
    /// By the answer to who asks without a password.
    pub asked: f64,
    /// By the answer to a wrong one.
    pub guessed: f64,
    /// How many answers of each kind were timed.
    pub answers: usize,
    /// What the answer to who asks takes in the middle, and that to a wrong password: for a user of the office and for one of nobody.
    pub middle: [(Duration, Duration); 2],
}

impl ToldApart {
    /// Whether neither says anything.
    pub fn says_nothing(self) -> bool {
        self.is_even() && self.longer().into_iter().all(|part| part <= MOST_LONGER)
    }

    /// Whether neither of both is the longer one more often than a coin would have it. A busy machine slows both alike: this holds there
    /// too, and the middles are for a quiet one.
    pub fn is_even(self) -> bool {
        [self.asked, self.guessed].into_iter().all(|share| (share - 0.5).abs() <= MOST_AHEAD)
    }

    /// By how much the two in the middle differ, as a part of the longer one: where one asks, and where one guesses.
    pub fn longer(self) -> [f64; 2] {
        self.middle.map(|(known, unknown)| known.abs_diff(unknown).div_duration_f64(known.max(unknown)))
    }
}

/// So many offices are asked, each by addresses that were never there.
pub fn told_apart(start: Instant, offices: u64) -> ToldApart {
    let mut times = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
    for seed in 0..offices {
        let mut street = Street::open(start, seed, Background::QuietNight, USERS);
        for number in 0..USERS {
            // Who comes second finds everything warm: in every other office that is the other one.
            let known_first = (seed + u64::from(number)).is_multiple_of(2);
            for is_known in [known_first, !known_first] {
                let user = if is_known { 201 + number } else { 601 + number };
                let host = [45, seed as u8, number as u8 * 2 + u8::from(is_known), 7];
                let [asked, guessed] = guess(&mut street, user, SocketAddr::from((host, 5060)));
                times[0][usize::from(is_known)].push(asked);
                times[1][usize::from(is_known)].push(guessed);
                // Who comes in a crowd is not heard at once.
                street.advance(Duration::from_secs(5));
            }
        }
    }
    let [asked, guessed] = times.map(|kinds| kinds.map(sorted));
    let share = |[unknown, known]: &[Vec<Duration>; 2]| share_above(known, unknown);
    let middle = |of: &[Duration]| of.get(of.len() / 2).copied().unwrap_or_default();
    ToldApart {
        asked: share(&asked),
        guessed: share(&guessed),
        answers: guessed[1].len(),
        middle: [&asked, &guessed].map(|[unknown, known]| (middle(known), middle(unknown))),
    }
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort_unstable();
    times
}

/// A REGISTER, and a wrong answer to what it is asked for: how long each was worked on.
fn guess(street: &mut Street, user: u16, from: SocketAddr) -> [Duration; 2] {
    let (asked, challenge) = ask(street, user, from, "");
    let nonce = between(&challenge, b"nonce=\"", b'"').expect("whoever asks is asked for proof");
    let algorithm = between(&challenge, b"algorithm=", b',').unwrap_or_else(|| "MD5".to_owned());
    let wrong = if algorithm == "MD5" { "0".repeat(32) } else { "0".repeat(64) };
    let proof = format!(
        "Authorization: Digest username=\"{user}\", realm=\"office\", nonce=\"{nonce}\", uri=\"sip:{BOX_OUTSIDE}\", \
         response=\"{wrong}\", algorithm={algorithm}, cnonce=\"0a4f113b\", qop=auth, nc=00000001\r\n"
    );
    let (guessed, refusal) = ask(street, user, from, &proof);
    assert!(memmem::find(&refusal, b"SIP/2.0 40").is_some(), "a wrong answer is refused");
    [asked, guessed]
}

fn ask(street: &mut Street, user: u16, from: SocketAddr, proof: &str) -> (Duration, Bytes) {
    let sequence = if proof.is_empty() { 1 } else { 2 };
    // As long as what phones send: who asks with less is answered with less.
    let register = format!(
        "REGISTER sip:{BOX_OUTSIDE} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{user}x{sequence};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:{user}@{BOX_OUTSIDE}>;tag=a{user}\r\nTo: <sip:{user}@{BOX_OUTSIDE}>\r\nCall-ID: {user}a{from}\r\nCSeq: {sequence} REGISTER\r\n\
         Contact: <sip:{user}@{from}>\r\nExpires: 300\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, UPDATE, REFER, MESSAGE\r\n\
         Supported: path, replaces, outbound\r\nUser-Agent: Linphone/5.2.3 (belle-sip/5.2.98)\r\n{proof}Content-Length: 0\r\n\r\n"
    );
    let local = SocketAddr::new(BOX_OUTSIDE.parse().expect("a constant address"), 5060);
    let flow = Flow { id: DATAGRAMS, transport: Transport::Udp, local, remote: from };
    let (now, bytes) = (street.now(), Bytes::from(register));
    let begun = Instant::now();
    street.exchange.handle_input(now, Input::Packet { flow, bytes });
    let mut heard = None;
    while let Some(output) = street.exchange.poll_output() {
        if let Output::Transmit(answer) = output {
            heard.get_or_insert_with(|| (begun.elapsed(), answer.bytes));
        }
    }
    heard.unwrap_or_else(|| panic!("{from} asks for {user} ({sequence}) and hears nothing"))
}

/// Of all pairs of one of each, the share in which the first is the longer one (Mann and Whitney's U): one slow answer weighs no more than
/// any other.
fn share_above(ones: &[Duration], others: &[Duration]) -> f64 {
    let above = |one: &Duration| -> usize {
        // A pair of the same counts half.
        others.iter().map(|other| if one > other { 2 } else { usize::from(one == other) }).sum()
    };
    let halves: usize = ones.iter().map(above).sum();
    halves as f64 / (2 * ones.len() * others.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_always_slower_is_told_apart_and_who_is_as_often_faster_is_not() {
        let times = |millis: &[u64]| millis.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
        let share = |ones: &[u64], others: &[u64]| share_above(&times(ones), &times(others));
        assert!((share(&[5, 6, 7], &[1, 2, 3]) - 1.0).abs() < f64::EPSILON);
        assert!((share(&[1, 4], &[2, 3]) - 0.5).abs() < f64::EPSILON);
        assert!((share(&[1, 1, 900], &[1, 1, 1]) - 2.0 / 3.0).abs() < 0.001, "one slow answer is one of three");
        assert!((share(&[1], &[1]) - 0.5).abs() < f64::EPSILON);
    }
}
