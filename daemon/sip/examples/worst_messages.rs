//! What the worst datagrams cost, beside an ordinary INVITE measured in the same run: nanoseconds a byte, and the ratio.
//!
//! `cargo run --release -p centrale-sip --example worst_messages`. The limits in `message::fault` and `sdp::fault` keep the
//! last column small; a change that makes a column grow has made the work of a message depend on more than its length.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads the clock and prints")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::auth::{Challenge, Credentials};
use centrale_sip::message::{HeaderName, Message, scan_datagram};
use centrale_sip::sdp::{AudioView, Session};

const SDP: &str = "v=0\r\no=- 20005 20005 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio 11782 RTP/AVP 9 8 0 101\r\n\
                   a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";

fn main() {
    let ordinary =
        invite(&["Contact: <sip:201@10.0.0.5:5060>", "Supported: timer, replaces", "User-Agent: phone"], SDP);
    let base = cost(&ordinary);
    println!("{:<34} {:>7} {:>9} {:>8}", "message", "bytes", "ns/byte", "ratio");
    println!("{:<34} {:>7} {base:>9.1} {:>8.1}", "ordinary INVITE", ordinary.len(), 1.0);
    for (name, bytes) in worst() {
        let cost = cost(&bytes);
        println!("{name:<34} {:>7} {cost:>9.1} {:>8.1}", bytes.len(), cost / base);
    }
}

/// Nanoseconds a byte for everything that is done before anybody decides about the message: the best of many rounds.
fn cost(bytes: &Bytes) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..30 {
        let rounds = (200_000 / bytes.len()).max(1);
        let begun = Instant::now();
        for _ in 0..rounds {
            read(bytes);
        }
        best = best.min(begun.elapsed() / u32::try_from(rounds).unwrap_or(u32::MAX));
    }
    best.as_secs_f64() * 1e9 / bytes.len() as f64
}

fn read(bytes: &Bytes) {
    let Ok(message) = scan_datagram(bytes) else { return };
    let _ = black_box(message.validate());
    if let Message::Request(request) = &message {
        let headers = &request.headers;
        black_box((headers.has_token(&HeaderName::Supported, "timer"), headers.items(&HeaderName::Require)));
        let text = headers.text(&HeaderName::Authorization).unwrap_or_default();
        black_box((Credentials::parse(&text), Challenge::parse(&text)));
        if let Ok(session) = Session::parse(&request.body) {
            black_box(AudioView::of(&session));
        }
    }
}

/// An INVITE with these header lines besides the mandatory ones.
fn invite(lines: &[&str], body: &str) -> Bytes {
    let usual = "INVITE sip:202@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK776asdhds;rport\r\n\
                 From: \"Anna\" <sip:201@example.com>;tag=1928301774\r\nTo: <sip:202@example.com>\r\nCall-ID: a84b4c76e66710\r\n\
                 CSeq: 314159 INVITE\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n";
    let more: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("{usual}{more}\r\n{body}").into()
}

/// One case for each thing that is counted, repeated or searched.
fn worst() -> Vec<(&'static str, Bytes)> {
    let value = |piece: &str| piece.repeat(8_000 / piece.len());
    let with = |line: String| invite(&[&line], "");
    let many = |line: &str, count: usize| invite(&vec![line; count], "");
    let params: String = (0..64).map(|index| format!(";p{index}")).collect();
    let contacts = vec![format!("<sip:h>{params}"); 25].join(",");
    let formats: Vec<String> = (64..128).map(|number| number.to_string()).collect();
    let media = format!("m=audio 4000 RTP/SAVP {}\r\n", formats.join(" "));
    let head = "v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nt=0 0\r\n";
    vec![
        ("64 KiB of body", invite(&[], &"x".repeat(65_000))),
        ("headers without meaning", many("X: y", 118)),
        ("headers of compact names", many("k: y", 118)),
        ("a long name without colon", with("x".repeat(8_000))),
        ("folds of one character", with(format!("Subject: x{}", "\r\n x".repeat(3_500)))),
        ("commas", with(format!("Contact: {}", value(",")))),
        ("commas in Require", with(format!("Require: {}", value("a,")))),
        ("quotes", with(format!("Contact: {}", value("\"")))),
        ("escapes in quotes", with(format!("Contact: \"{}\" <sip:h>", value("\\\\")))),
        ("Vias on one line", with(format!("Via: {}", vec!["SIP/2.0/UDP h;branch=z9hG4bK1"; 63].join(",")))),
        ("addresses on one line", with(format!("Route: {}", vec!["<sip:h;lr>"; 64].join(",")))),
        ("parameters of parameters", with(format!("Contact: {contacts}"))),
        ("escapes in a user part", with(format!("Contact: <sip:{}@h>", value("%41")))),
        ("fields of a digest", with(format!("Authorization: Digest {}", value("a=b,")))),
        ("descriptions without end", invite(&[], &format!("{head}{}", "a=x\r\n".repeat(500)))),
        ("formats and maps", invite(&[], &format!("{head}{media}{}", "a=rtpmap:1 x/8000\r\n".repeat(490)))),
        ("keys that are none", invite(&[], &format!("{head}{media}{}", "a=crypto:1 AES_CM\r\n".repeat(490)))),
        ("streams", invite(&[], &format!("{head}{}", media.repeat(16)))),
    ]
}
