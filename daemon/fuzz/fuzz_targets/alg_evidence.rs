//! What a peer, a router or a reflector's client sends to the ALG doctor, in parts split by a zero byte: a request of ours and
//! its answer beside the watch, a request that comes, an answer and an ICMP quote in the middle of a run of probes, a question
//! to the reflector. Nothing panics, every bound holds, and the borrowed readings agree with the protocol's own.
#![no_main]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active::{Input, Output, Run, Set, Socket, Target};
use centrale_alg::diagnosis::Path;
use centrale_alg::difference;
use centrale_alg::evidence::KEPT;
use centrale_alg::passive::{Ends, Heard, Watch};
use centrale_alg::reflector::{Limits, Reflector};
use centrale_alg::view::{ViaView, same_host, uri_host};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Headers, Message, scan_datagram};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let parts: Vec<Bytes> = data.splitn(3, |byte| *byte == 0).map(Bytes::copy_from_slice).collect();
    let now = Instant::now();
    for path in [Path::BoxProvider, Path::PhoneBox] {
        watch(path, &parts, now);
    }
    if let Some(bytes) = parts.last() {
        probe(bytes, now);
        reflect(bytes, now);
    }
    if let [sent, came, ..] = &parts[..] {
        let difference = difference::of(sent, came);
        assert!(difference.deeds.is_empty() || sent != came);
    }
});

fn local() -> SocketAddr {
    ([192, 168, 1, 50], 25_060).into()
}

fn remote() -> SocketAddr {
    ([198, 51, 100, 10], 5060).into()
}

fn watch(path: Path, parts: &[Bytes], now: Instant) {
    let mut watch = Watch::new(path, Transport::Udp, 5060);
    let mut sent = None;
    for (round, bytes) in parts.iter().chain(parts).enumerate() {
        let Ok(message) = scan_datagram(bytes) else { continue };
        agrees(message.headers());
        let at = now + Duration::from_secs(round as u64);
        let ends = Ends { public: Some([203, 0, 113, 2].into()), ..Ends::new(local(), remote()) };
        let heard = Heard { ends, transport: Transport::Udp, bytes, at };
        match (message, &sent) {
            (Message::Request(request), _) => {
                watch.request(&heard, &request);
                watch.unanswered(&request, at);
                sent = Some(request);
            }
            (Message::Response(response), Some(request)) => watch.answer(&heard, request, &response),
            (Message::Response(_), None) => {}
        }
    }
    assert!(watch.diagnosis(now).evidence.len() <= KEPT);
}

/// What the protocol reads, the doctor reads in the same way.
fn agrees(headers: &Headers) {
    if let (Ok(via), Some(view)) = (headers.top_via(), ViaView::top(headers)) {
        assert!(same_host(view.host, &via.host.to_string()));
        assert_eq!((view.port, view.branch), (via.port, via.branch()));
        assert_eq!(view.received_address(), via.received().map(|it| it.to_canonical()));
    }
    if let (Ok(from), Some(text)) = (headers.from(), headers.text(&HeaderName::From))
        && let Some(uri) = from.sip()
    {
        let (host, port) = uri_host(&text).expect("what the protocol reads has a host");
        assert!(same_host(host, &uri.host.to_string()) && port == uri.port);
    }
}

/// A run whose every question gets this as its answer and its quote.
fn probe(bytes: &Bytes, mut now: Instant) {
    let target = Target { quotes: true, others: vec![remote()], ..Target::provider(remote(), "sip.example.net") };
    let mut run = Run::new(target.clone(), Set::Full, 1, now);
    let (mut port, mut sent) = (40_000, 0);
    while let Some(wake) = run.timeout_at() {
        while let Some(output) = run.next_output() {
            let mut inputs = Vec::new();
            match output {
                Output::Open { socket, .. } => {
                    port += 1;
                    let local = if socket == Socket::Live { local() } else { (local().ip(), port).into() };
                    inputs.push(Input::Opened { socket, local });
                }
                Output::Send { socket, bytes: question, .. } => {
                    sent += 1;
                    // The token makes it an answer to this question.
                    let token = question.windows(8).position(|it| it == b"Call-ID:").map_or(0, |at| at + 9);
                    let token = question.get(token..token + 16).unwrap_or_default();
                    let answer = Bytes::from([&bytes[..], token].concat());
                    inputs.push(Input::Came { socket, from: remote(), bytes: answer });
                    let payload = bytes.clone();
                    inputs.push(Input::Quoted {
                        socket,
                        hop: [10, 0, 0, 1].into(),
                        payload,
                        length: Some(bytes.len() as u16),
                    });
                }
                Output::Close { .. } | Output::Done => {}
            }
            inputs.into_iter().for_each(|input| run.handle_input(input, now));
        }
        now = wake.max(now);
        run.timeout(now);
    }
    assert!(sent <= 200, "{sent}");
    let diagnosis = run.findings().diagnosis(&target, Some(local().ip()), false, now);
    assert!(diagnosis.evidence.len() <= KEPT);
}

fn reflect(bytes: &Bytes, now: Instant) {
    let mut reflector = Reflector::new(&[7; 32], Limits::default());
    let ticket = reflector.ticket(remote().ip(), 1_000);
    assert!(reflector.reply(bytes, remote(), (now, 1_001)).is_err(), "nobody guesses a cookie");
    let question =
        [format!("OPTIONS sip:r SIP/2.0\r\n{}\r\n", ticket.question(3)).as_bytes(), bytes, b"\r\n\r\n"].concat();
    if let Ok(reply) = reflector.reply(&question, remote(), (now, 1_001)) {
        assert!(reply.len() <= question.len());
        let body = reply.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        assert!(ticket.open(&String::from_utf8_lossy(body)).is_some_and(|echo| echo.is_of(&question)));
    }
    assert_eq!(ticket.open(&String::from_utf8_lossy(bytes)), None);
}
