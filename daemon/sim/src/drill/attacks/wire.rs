//! What is wrong with the bytes: voice from strangers, torn messages, commands in texts.

use std::net::SocketAddr;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::{MINUTE, at};
use crate::agent::{Agent, Character};
use crate::drill::street::{Street, character};

/// The source of voice that nobody of the office is.
const FOREIGN: u32 = 0x0bad_cafe;

/// From the internet and from the office, as soon as the call is made and while it lasts.
pub(super) fn inject_voice(street: &mut Street, full: bool) -> Vec<String> {
    street.call(street.phone(0), "0201234333", MINUTE);
    for number in 0..if full { 1_000_u16 } else { 200 } {
        for from in ["203.0.113.50:4000", "192.168.1.249:4000"] {
            street.spray(at(from), &voice(number));
        }
        street.advance(Duration::from_millis(40));
    }
    street.advance(2 * MINUTE);
    let mut reached = Vec::new();
    if street.stories().any(|(_, story)| story.heard.contains_key(&FOREIGN)) {
        reached.push("a stranger was heard".to_owned());
    }
    if street.strayed > 0 {
        reached.push(format!("{} packets of the call went to a stranger", street.strayed));
    }
    let is_heard =
        street.stories().any(|(node, story)| node == street.phone(0) && story.heard.values().sum::<u64>() > 0);
    if !is_heard {
        reached.push("nobody was heard in the call itself".to_owned());
    }
    reached
}

/// One packet of PCMA.
fn voice(number: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend(number.to_be_bytes());
    packet.extend((u32::from(number) * 160).to_be_bytes());
    packet.extend(FOREIGN.to_be_bytes());
    packet.resize(172, 0x55);
    packet
}

const WHOLE: &str = "INVITE sip:204@192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.248:5060;branch=z9hG4bKabc;rport\r\n\
    Max-Forwards: 70\r\nFrom: \"Noise\" <sip:201@192.168.1.10>;tag=77\r\nTo: <sip:204@192.168.1.10>\r\nCall-ID: noise@there\r\n\
    CSeq: 1 INVITE\r\nContact: <sip:201@192.168.1.248:5060>\r\nContent-Type: application/sdp\r\nContent-Length: 129\r\n\r\n\
    v=0\r\no=- 1 1 IN IP4 192.168.1.248\r\ns=-\r\nc=IN IP4 192.168.1.248\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n";

/// Torn, each in another way: whoever panics at one ends the run.
pub(super) fn noise(street: &mut Street, full: bool) -> Vec<String> {
    let mut rng = StdRng::seed_from_u64(street.lot());
    let senders =
        ["192.168.1.248:5060", "203.0.113.48:5060", "192.168.1.103:5060", "192.168.1.104:5099", "198.18.0.10:5060"];
    for _ in 0..if full { 2_000 } else { 200 } {
        for from in senders {
            street.say(at(from), torn(&mut rng));
        }
        street.advance(Duration::from_millis(20));
    }
    // Whoever talks on a busy day ends that before.
    street.advance(6 * MINUTE);
    street.call(street.phone(3), "0201234444", MINUTE);
    street.advance(2 * MINUTE);
    let out = street.answered().any(|(dialled, _)| dialled.ends_with("201234444"));
    (!out).then(|| "a phone in whose name it came cannot call".to_owned()).into_iter().collect()
}

fn torn(rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = WHOLE.as_bytes().to_vec();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..6) {
            0 => bytes.truncate(at.max(1)),
            1 => bytes[at] = rng.random(),
            2 => bytes.splice(at..at, std::iter::repeat_n(b'9', 300)).for_each(drop),
            3 => bytes.splice(at..at, *b"\r\n\r\n").for_each(drop),
            4 => {
                let line = b"Via: SIP/2.0/UDP 1.2.3.4:99999;branch=\r\n".repeat(rng.random_range(1..90));
                bytes.splice(at..at, line).for_each(drop);
            }
            _ => bytes.splice(at..at, [0, 0xff, 0xfe, b'"', b'<']).for_each(drop),
        }
    }
    bytes
}

/// What reaches the provider, and what is said of who called, holds digits and names and no more.
pub(super) fn injection(street: &mut Street, _: bool) -> Vec<String> {
    const TEXTS: [&str; 10] = [
        "a'or'3=3--",
        "100&SIP/trunk/00212612345678",
        "$(id)",
        "%00",
        "201;DROP TABLE calls",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "0201234567\r\nVia: x",
        "{{7*7}}",
        "0201234567,,,,00212612345678",
    ];
    for (host, text) in (220..).zip(TEXTS) {
        let named = Character {
            name: text.replace(['\r', '\n', '"'], ""),
            user_agent: "Simulated <b>'--".to_owned(),
            ..character("206", "206", 300)
        };
        let node = street.add(named, SocketAddr::from(([192, 168, 1, host], 5060)), Agent::talk_on);
        street.advance(Duration::from_secs(5));
        for dialled in [text, "204", "0201234555"] {
            street.call(node, dialled, Duration::from_secs(20));
            street.advance(Duration::from_secs(30));
        }
    }
    let provider = street.provider();
    let out = street.stories().filter(|(node, story)| *node == provider && !story.outgoing);
    let strange = |text: &&str| !text.chars().all(|letter| letter.is_ascii_digit() || letter == '+');
    let reached =
        out.flat_map(|(_, story)| story.callers.iter().chain([&story.dialled]).map(String::as_str).filter(strange));
    reached.map(|text| format!("{text} reached the provider")).collect()
}
