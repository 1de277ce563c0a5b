//! What the watch beside a path costs on ordinary messages, beside the scanner's own work on the same messages in the same
//! run: nanoseconds a message, and the ratio.
//!
//! `cargo run --release -p centrale-alg --example watch_cost [ROUNDS]`; few rounds are for an instruction counter. The
//! exchange's whole work on a message is several times the scanner's.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads the clock and prints")]
#![allow(clippy::unwrap_used, reason = "a measurement stops where it is surprised")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::diagnosis::{Interference, Path};
use centrale_alg::heal;
use centrale_alg::passive::{Ends, Heard, Watch};
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_sip::message::{Message, Request, scan_datagram};

fn main() {
    let answers = [
        ("200 to REGISTER", "REGISTER", "Contact: <sip:31@192.168.1.50:25060>;expires=300\r\n", ""),
        ("200 to OPTIONS", "OPTIONS", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\nServer: sbc\r\n", ""),
        ("200 to INVITE", "INVITE", "Contact: <sip:sbc@198.51.100.10>\r\nContent-Type: application/sdp\r\n", SDP),
    ];
    println!("{:<18} {:>8} {:>8} {:>7}", "message", "scan ns", "watch ns", "ratio");
    for (name, method, lines, body) in answers {
        let (sent, bytes) = exchange(method, lines, body);
        let scan = cost(|| drop(black_box(scanned(&bytes))));
        let Message::Response(came) = scanned(&bytes) else { unreachable!() };
        let mut watch = Watch::new(Path::BoxProvider, Transport::Udp, 5060);
        let ends = Ends::new("192.168.1.50:25060".parse().unwrap(), "198.51.100.10:5060".parse().unwrap());
        let heard = Heard { ends, transport: Transport::Udp, bytes: &bytes, at: Instant::now() };
        let watched = cost(|| watch.answer(black_box(&heard), black_box(&sent), black_box(&came)));
        assert_eq!(watch.diagnosis(heard.at).interference, Interference::None);
        println!("{name:<18} {scan:>8.0} {watched:>8.0} {:>6.1}%", 100.0 * watched / scan);
    }
    phones();
}

/// Requests of a phone of the office: looked at for healing, and watched.
fn phones() {
    let own = SDP.replace("198.51.100.20", "192.168.1.20");
    let requests = [
        ("phone's REGISTER", "REGISTER", "Expires: 300\r\n", ""),
        ("phone's INVITE", "INVITE", "Content-Type: application/sdp\r\n", own.as_str()),
    ];
    let remote = "192.168.1.20:5060".parse().unwrap();
    let local = "192.168.1.10:5060".parse().unwrap();
    let flow = Flow { id: FlowId(1), transport: Transport::Udp, local, remote };
    for (name, method, lines, body) in requests {
        let text = format!(
            "{method} sip:202@192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.20:5060;branch=z9hG4bK5f2a91c3d4;rport\r\n\
             From: <sip:201@192.168.1.10>;tag=8a7c\r\nTo: <sip:202@192.168.1.10>\r\nCall-ID: 5f2a91c3d4b8e7@192.168.1.20\r\n\
             CSeq: 7 {method}\r\nContact: <sip:201@192.168.1.20:5060>\r\nMax-Forwards: 70\r\n{lines}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let bytes = Bytes::from(text);
        let scan = cost(|| drop(black_box(scanned(&bytes))));
        let Message::Request(request) = scanned(&bytes) else { unreachable!() };
        let mut watch = Watch::new(Path::PhoneBox, Transport::Udp, 5060);
        let heard = Heard {
            ends: Ends { near: true, ..Ends::new(local, remote) },
            transport: Transport::Udp,
            bytes: &bytes,
            at: Instant::now(),
        };
        let watched = cost(|| {
            assert!(heal::message(black_box(&flow), black_box(&bytes)).is_none());
            watch.request(black_box(&heard), black_box(&request));
        });
        assert_eq!(watch.diagnosis(heard.at).interference, Interference::None);
        println!("{name:<18} {scan:>8.0} {watched:>8.0} {:>6.1}%", 100.0 * watched / scan);
    }
}

const SDP: &str = "v=0\r\no=sbc 77 1 IN IP4 198.51.100.20\r\ns=-\r\nc=IN IP4 198.51.100.20\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 0 101\r\n\
                   a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n";

fn exchange(method: &str, lines: &str, body: &str) -> (Request, Bytes) {
    let fields = |via: &str, tag: &str| {
        format!(
            "Via: SIP/2.0/UDP 192.168.1.50:25060;branch=z9hG4bK5f2a91c3d4{via}\r\nFrom: <sip:31201234567@sip.example.net>;tag=8a7c\r\n\
             To: <sip:31207654321@sip.example.net>{tag}\r\nCall-ID: 5f2a91c3d4b8e7@box\r\nCSeq: 7 {method}\r\n"
        )
    };
    let contact = "Contact: <sip:31@192.168.1.50:25060>\r\n";
    let sent = format!(
        "{method} sip:sip.example.net SIP/2.0\r\n{}{contact}Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        fields(";rport", "")
    );
    let Message::Request(sent) = scanned(&sent.into()) else { unreachable!() };
    let head = fields(";rport=25060;received=203.0.113.2", ";tag=s1");
    let came = format!("SIP/2.0 200 OK\r\n{head}{lines}Content-Length: {}\r\n\r\n{body}", body.len());
    (sent, came.into())
}

fn scanned(bytes: &Bytes) -> Message {
    let message = scan_datagram(bytes).unwrap();
    message.validate().unwrap();
    message
}

/// Nanoseconds a round: the best of many.
fn cost(mut work: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    let rounds: u32 = std::env::args().nth(1).map_or(20_000, |rounds| rounds.parse().unwrap());
    for _ in 0..15 {
        let begun = Instant::now();
        (0..rounds).for_each(|_| work());
        best = best.min(begun.elapsed());
    }
    best.as_secs_f64() * 1e9 / f64::from(rounds)
}
