//! Whatever a peer, a router or a stranger sends: nothing panics, every bound holds, and nobody is proven guilty by noise.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active::{Input, Output, Run, Set, Socket, Target};
use centrale_alg::diagnosis::Path;
use centrale_alg::difference;
use centrale_alg::evidence::KEPT;
use centrale_alg::passive::{Ends, Heard, Watch};
use centrale_alg::reflector::{Limits, Reflector};
use centrale_sip::flow::Transport;
use centrale_sip::message::{Message, scan_datagram};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const ORDINARY: [&str; 3] = [
    "INVITE sip:201@192.168.1.50 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.2:5060;branch=z9hG4bKa;rport\r\nFrom: \"A <b\" <sip:1@x>;tag=1\r\n\
     To: <sip:201@192.168.1.50>;tag=2\r\nCall-ID: a@192.168.1.50\r\nCSeq: 1 INVITE\r\nContact: <sip:1@203.0.113.2:5060>\r\n\
     Content-Type: application/sdp\r\nContent-Length: 98\r\n\r\nv=0\r\no=a 1 1 IN IP4 203.0.113.2\r\ns=-\r\nc=IN IP4 203.0.113.2\r\nt=0 0\r\n\
     m=audio 9 RTP/AVP 8\r\na=rtcp:10 IN IP4 10.0.0.1\r\n",
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.168.1.50:5060;rport=1;received=192.168.1.50;branch=z9hG4bKa\r\nFrom: <sip:1@[::1]:1>;tag=1\r\n\
     To: <sip:2@y>;tag=2\r\nCall-ID: a\r\nCSeq: 1 REGISTER\r\nContact: <sip:1@203.0.113.2>;expires=3, <sip:1@192.168.1.50>\r\nl: 0\r\n\r\n",
    "REGISTER sip:x SIP/2.0\r\nv: SIP / 2.0 / UDP  192.168.001.050 ; branch = z9hG4bKb\r\nf: sip:1@x;tag=1\r\nt: tel:+31\r\ni: a\r\n\
     CSeq: 1 REGISTER\r\nm: *\r\nl: 0\r\n\r\n",
];

/// An ordinary message with some bytes taken out, put in, doubled or cut.
fn damaged(rng: &mut StdRng) -> Bytes {
    let mut bytes = ORDINARY[rng.random_range(0..ORDINARY.len())].as_bytes().to_vec();
    for _ in 0..rng.random_range(0..12) {
        let at = rng.random_range(0..bytes.len().max(1));
        let tricky = b"\r\n;,=:\"<>@[]%\\ .0\xff\0";
        match rng.random_range(0..4) {
            0 if at < bytes.len() => drop(bytes.remove(at)),
            1 => bytes.insert(at.min(bytes.len()), tricky[rng.random_range(0..tricky.len())]),
            2 => bytes.truncate(at.max(20)),
            _ => {
                let end = (at + rng.random_range(1..40)).min(bytes.len());
                let again = bytes[at.min(end)..end].to_vec();
                bytes.extend(again);
            }
        }
    }
    bytes.into()
}

fn local() -> SocketAddr {
    ([192, 168, 1, 50], 5060).into()
}

fn remote() -> SocketAddr {
    ([198, 51, 100, 10], 5060).into()
}

#[test]
fn damaged_messages_never_stop_the_watch_nor_fill_it() {
    let mut rng = StdRng::seed_from_u64(1);
    let begun = Instant::now();
    for path in [Path::BoxProvider, Path::PhoneBox] {
        let mut watch = Watch::new(path, Transport::Udp, 5060);
        let mut sent = None;
        for round in 0..4_000 {
            let (bytes, at) = (damaged(&mut rng), begun + Duration::from_secs(round));
            let ends = Ends { public: Some([203, 0, 113, 2].into()), ..Ends::new(local(), remote()) };
            let heard = Heard { ends, transport: Transport::Udp, bytes: &bytes, at };
            match (scan_datagram(&bytes), &sent) {
                (Ok(Message::Request(request)), _) => {
                    watch.request(&heard, &request);
                    watch.unanswered(&request, at);
                    sent = Some(request);
                }
                (Ok(Message::Response(response)), Some(request)) => watch.answer(&heard, request, &response),
                _ => {}
            }
            assert!(watch.diagnosis(at).evidence.len() <= KEPT);
        }
    }
}

#[test]
fn damaged_answers_and_quotes_never_stop_a_run_nor_lengthen_it() {
    let mut rng = StdRng::seed_from_u64(2);
    for seed in 0..40 {
        let (mut now, mut sent, mut port) = (Instant::now(), 0, 40_000);
        let begun = now;
        let target = Target { quotes: true, others: vec![remote()], ..Target::provider(remote(), "sip.example.net") };
        let mut run = Run::new(target.clone(), Set::Full, seed, now);
        while let Some(wake) = run.timeout_at() {
            while let Some(output) = run.next_output() {
                let mut inputs = Vec::new();
                match output {
                    Output::Open { socket, .. } => {
                        port += 1;
                        let local = if socket == Socket::Live { local() } else { (local().ip(), port).into() };
                        let fails = rng.random_range(0..6) == 0;
                        inputs.push(if fails { Input::Failed { socket } } else { Input::Opened { socket, local } });
                    }
                    Output::Send { socket, bytes, .. } => {
                        sent += 1;
                        // The question itself as its answer, damaged: whatever finds it must bear it.
                        let mut echo = b"SIP/2.0 200 OK\r\n".to_vec();
                        let from = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                        echo.extend_from_slice(&bytes[from..]);
                        let at = rng.random_range(0..echo.len());
                        echo[at] = rng.random();
                        inputs.push(Input::Came { socket, from: remote(), bytes: echo.into() });
                        let (payload, length) = (damaged(&mut rng), Some(rng.random()));
                        inputs.push(Input::Quoted { socket, hop: [10, 0, 0, 1].into(), payload, length });
                    }
                    Output::Close { .. } | Output::Done => {}
                }
                inputs.into_iter().for_each(|input| run.handle_input(input, now));
            }
            now = wake.max(now);
            run.timeout(now);
        }
        assert!(sent <= 200 && now - begun <= Duration::from_secs(60), "{sent} {:?}", now - begun);
        assert!(run.findings().diagnosis(&target, Some(local().ip()), false, now).evidence.len() <= KEPT);
    }
}

#[test]
fn damaged_questions_get_no_answer_that_is_longer_than_they_are() {
    let mut rng = StdRng::seed_from_u64(3);
    let now = Instant::now();
    let mut reflector =
        Reflector::new(&[7; 32], Limits { per_address: usize::MAX, in_all: usize::MAX, ..Limits::default() });
    let ticket = reflector.ticket(remote().ip(), 1_000);
    let mut answered = 0;
    for round in 0..3_000 {
        let noise = damaged(&mut rng);
        let head = format!("OPTIONS sip:r SIP/2.0\r\n{}\r\n", ticket.question(round % 700));
        let question = [head.as_bytes(), &noise, b"\r\n\r\n"].concat();
        if let Ok(reply) = reflector.reply(&question, remote(), (now, 1_001)) {
            answered += 1;
            assert!(reply.len() <= question.len());
            let body = reply.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            assert!(ticket.open(std::str::from_utf8(body).unwrap()).is_some_and(|echo| echo.is_of(&question)));
        }
        assert!(reflector.reply(&noise, remote(), (now, 1_001)).is_err());
        let _ = (difference::of(&question, &noise), difference::of(&noise, &question));
    }
    assert!(answered > 500, "{answered}");
}
