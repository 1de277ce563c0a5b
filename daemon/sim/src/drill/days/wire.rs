//! Days on which packets are not as phones send them.

use std::net::SocketAddr;
use std::time::Duration;

use centrale_call_control::incident::Deed;
use centrale_call_control::{Reason, Tried};
use centrale_config::{Change, Date};
use centrale_sip::flow::Transport;

use super::{MINUTE, behind, blocked, chatter, is_there, reaches, within};
use crate::agent::{Agent, Character};
use crate::drill::attacks::at;
use crate::drill::street::{Meddler, Street, character};

pub(super) fn monitored(street: &mut Street, full: bool) -> Vec<String> {
    let watcher = at("192.168.1.240:5060");
    for number in 0..if full { 360 } else { 30 } {
        let options = format!(
            "OPTIONS sip:192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP {watcher};branch=z9hG4bKwatch{number};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:monitor@192.168.1.240>;tag={number}\r\nTo: <sip:192.168.1.10>\r\nCall-ID: {number}@{watcher}\r\nCSeq: 1 OPTIONS\r\n\
             Contact: <sip:monitor@{watcher}>\r\nContent-Length: 0\r\n\r\n"
        );
        street.say(watcher, options);
        street.advance(Duration::from_secs(10));
    }
    blocked(street, |source| source.ip() == watcher.ip()).into_iter().collect()
}

/// What it finds is its owner's to read. From the day after its last one it is a scanner as any.
pub(super) fn scanned(street: &mut Street, full: bool) -> Vec<String> {
    let host = at("192.168.1.66:40000");
    let node = street.add_address(host);
    let mut wrong = Vec::new();
    expect_until(street, host, 7);
    for round in 0..if full { 600 } else { 60_u16 } {
        let from = SocketAddr::new(host.ip(), 41_000 + round);
        street.say(from, scan(from, round));
        if round % 10 == 0 {
            street.tried_at_page(Tried {
                what: Reason::HoneyPath,
                from,
                account: String::new(),
                target: format!("/admin/config{round}.php"),
                device: "scanner".to_owned(),
                deed: Deed::TurnedAway,
                is_at_home: false,
            });
        }
        street.advance(Duration::from_millis(200));
    }
    for guess in 0..40 {
        street.guess(node, "203", &format!("guess-{guess}"));
        street.advance(MINUTE);
    }
    if street.judged() > 20 {
        wrong.push(format!("{} passwords of one person were judged", street.judged()));
    }
    wrong.extend(blocked(street, |source| source.ip() == host.ip()));
    // It is over.
    expect_until(street, host, -1);
    street.say(host, scan(host, 0));
    if blocked(street, |source| source.ip() == host.ip()).is_none() {
        wrong.push("it is not blocked when its week is over".to_owned());
    }
    street.advance(MINUTE);
    wrong
}

/// The office says until when that host looks at the box, in days from today.
fn expect_until(street: &mut Street, host: SocketAddr, days: i32) {
    let until = Date::from_days(street.clock().day.saturating_add_signed(days));
    let scanners = vec![(host.ip().to_string(), until.to_string())];
    street.change(Change::SetScanners { scanners });
}

/// One packet of it: of a tool, for a user, with a method, for a call.
fn scan(from: SocketAddr, round: u16) -> String {
    let (method, user) = match round % 4 {
        0 => ("OPTIONS", "100".to_owned()),
        1 => ("REGISTER", (1_000 + round).to_string()),
        2 => (["MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH"][usize::from(round / 4 % 4)], "201".to_owned()),
        _ => ("INVITE", format!("00468507802{:02}", round % 100)),
    };
    let tool = if round.is_multiple_of(4) { "friendly-scanner" } else { "scan" };
    format!(
        "{method} sip:{user}@192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{round};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:{user}@192.168.1.10>;tag={round}\r\nTo: <sip:{user}@192.168.1.10>\r\nCall-ID: {round}@{from}\r\n\
         CSeq: 1 {method}\r\nContact: <sip:{user}@{from}>\r\nUser-Agent: {tool}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A phone speaks TCP, and its messages come in pieces.
pub(super) fn bad_line(street: &mut Street, full: bool) -> Vec<String> {
    street.disturb(30, Duration::from_millis(40));
    let looks = Character { transport: Transport::Tcp, ..character("203", "203", 300) };
    let in_pieces = street.add(looks, at("192.168.1.230:5060"), Agent::talk_on);
    let calls = if full { 200 } else { 20 };
    chatter(street, calls);
    let stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    for round in 0..u32::from(calls) {
        for host in 100..110_u8 {
            let from = SocketAddr::from(([192, 168, 1, host], 5060));
            let ping: &[u8] = if round % 2 == 0 { b"\r\n\r\n" } else { &stun };
            street.say(from, ping.to_vec());
        }
        street.advance(Duration::from_secs(6));
    }
    street.advance(2 * MINUTE);
    let out = is_there(street, in_pieces) && reaches(street, in_pieces, "0201234888");
    let wrong = (!out).then(|| "the phone that speaks TCP does not get out".to_owned());
    wrong.into_iter().chain(blocked(street, |_| true)).collect()
}

/// A home worker's router is a Linux with its helper for SIP. In the office one phone is behind a switch that miscounts, and two behind
/// routers that write their own address over the box's: in proofs, and in what comes back.
pub(super) fn mangled(street: &mut Street, full: bool) -> Vec<String> {
    let home = at("203.0.113.77:5060");
    let at_home = behind(street, "203", "192.168.178.20:5060", home);
    street.meddle(home, HELPER);
    let (miscounted, proof, answer) = (street.phone(4), street.phone(5), street.phone(6));
    for (host, meddler) in [(104, MISCOUNTS), (105, IN_PROOFS), (106, IN_ANSWERS)] {
        street.meddle(SocketAddr::from(([192, 168, 1, host], 5060)), meddler);
    }
    street.advance(5 * MINUTE);
    street.recognise_all();
    street.advance(5 * MINUTE);
    let mut wrong = Vec::new();
    for round in 0..if full { 20 } else { 3 } {
        for who in [at_home, miscounted, proof, answer] {
            if !reaches(street, who, "0201234567") {
                wrong.push(format!("in round {round} {who:?} does not get out"));
            }
            // Only machines dial by the clock.
            let pause = within(street, 60_000);
            street.advance(pause);
        }
        for called in ["203", "205", "206", "207"] {
            street.call(street.phone(0), called, Duration::from_secs(30));
            street.advance(MINUTE);
        }
    }
    let judged = street.judged();
    if judged > 0 {
        wrong.push(format!("{judged} proofs were taken for guesses"));
    }
    for user in ["205", "206", "207"] {
        let is_told = |code: &str| code.starts_with("phone-path-") || code == "phone-messages-healed";
        if !street.told.iter().any(|(_, problem)| problem.subject == user && is_told(&problem.code)) {
            wrong.push(format!("nobody is told of what is on the way to {user}"));
        }
    }
    wrong.extend(blocked(street, |_| true));
    wrong
}

/// `nf_nat_sip`: every address of the phone is the router's, and on the way back the phone's again.
const HELPER: Meddler = [
    |text| counted(&text.replace("192.168.178.20", "203.0.113.77")),
    |text| counted(&text.replace("203.0.113.77", "192.168.178.20")),
];

/// The length of a message with several parts, or of one that had another one before.
const MISCOUNTS: Meddler = [|text| with_length(text, |length| length / 2), str::to_owned];

const IN_PROOFS: Meddler = [|text| text.replace("192.168.1.10\"", "198.51.100.77:5060\""), str::to_owned];

/// What a phone gives back of the box's own question.
const IN_ANSWERS: Meddler = [
    |text| {
        if text.starts_with("SIP/2.0") {
            text.replace("/UDP 192.168.1.10", "/UDP 198.51.100.77")
        } else {
            text.to_owned()
        }
    },
    str::to_owned,
];

/// A message whose length is as long as its body is.
fn counted(text: &str) -> String {
    let body = text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
    with_length(text, |_| body)
}

/// A message with a body that says another length.
fn with_length(text: &str, length: impl Fn(usize) -> usize) -> String {
    let line = |line: &str| match line.strip_prefix("Content-Length: ").and_then(|said| said.parse().ok()) {
        Some(said) if said > 0 => format!("Content-Length: {}", length(said)),
        _ => line.to_owned(),
    };
    text.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}
