//! What a registration costs the exchange: a REGISTER without proof and its 401, the same with digest and its 200, as the
//! phones of an office send them again and again.
//!
//! `cargo run --release -p centrale-call-control --example registering [REGISTRATIONS]` prints the time of this thread on a
//! core for each. Time depends on the machine and on who else works on it; instructions hardly do:
//! `valgrind --tool=callgrind --toggle-collect='registering::play' target/release/examples/registering 2000`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads the clock and prints")]
#![allow(clippy::unwrap_used, reason = "a measurement stops where it is surprised")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::{Exchange, ExchangeSettings, Input, Interfaces, LocalAddress, Output};
use centrale_config::{Secret, Settled, parse_office};
use centrale_sip::auth::{Challenge, answer};
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_sip::message::{HeaderName, Message, scan_datagram};

const BOX: &str = "10.0.0.1:5060";
const PHONES: u32 = 200;
/// Between two registrations, by the clock of the exchange.
const APART: Duration = Duration::from_millis(5);

fn main() {
    let registrations: u32 = std::env::args().nth(1).map_or(20_000, |number| number.parse().unwrap());
    let now = Instant::now();
    let mut exchange = exchange(now);
    // Each phone is news once. What is measured is that it comes again, with the nonce that it was given then.
    let challenges: Vec<Challenge> = (0..PHONES).map(|serial| first_time(&mut exchange, now, serial)).collect();
    let again = PHONES..PHONES + registrations;
    let packets: Vec<[Bytes; 2]> = again.map(|serial| packets(serial, &challenges)).collect();
    let begun = on_core();
    play(&mut exchange, now, &packets);
    let spent = f64::from(u32::try_from((on_core() - begun) / u64::from(registrations)).unwrap());
    assert_eq!(exchange.counters().registrations, u64::from(PHONES + registrations));
    println!("{:.1} us a registration", spent / 1_000.0);
}

/// Lets the exchange take them all. Whoever counts instructions counts those of this.
#[inline(never)]
fn play(exchange: &mut Exchange, begun: Instant, packets: &[[Bytes; 2]]) {
    let mut now = begun;
    for (serial, packets) in (PHONES..).zip(packets) {
        now += APART;
        if exchange.poll_timeout().is_some_and(|due| due <= now) {
            exchange.handle_input(now, Input::Timeout);
            while exchange.poll_output().is_some() {}
        }
        for packet in packets {
            exchange.handle_input(now, Input::Packet { flow: flow(serial), bytes: packet.clone() });
            while let Some(output) = exchange.poll_output() {
                drop(std::hint::black_box(output));
            }
        }
    }
}

fn first_time(exchange: &mut Exchange, now: Instant, serial: u32) -> Challenge {
    let [asking, _] = [request(serial, 1, ""), Bytes::new()];
    let refused = answer_to(exchange, now, serial, asking);
    let offered = refused.headers().all(&HeaderName::WwwAuthenticate).map(|value| &value[..]);
    let challenge = Challenge::choose(offered).unwrap();
    let granted = answer_to(exchange, now, serial, request(serial, 2, &proof(serial, &challenge)));
    assert!(matches!(granted, Message::Response(response) if response.status.code() == 200));
    challenge
}

fn answer_to(exchange: &mut Exchange, now: Instant, serial: u32, bytes: Bytes) -> Message {
    exchange.handle_input(now, Input::Packet { flow: flow(serial), bytes });
    let mut answer = None;
    while let Some(output) = exchange.poll_output() {
        if let Output::Transmit(transmit) = output {
            answer = Some(scan_datagram(&transmit.bytes).unwrap());
        }
    }
    answer.expect("an answer")
}

fn packets(serial: u32, challenges: &[Challenge]) -> [Bytes; 2] {
    let challenge = &challenges[usize::try_from(serial % PHONES).unwrap()];
    [request(serial, 1, ""), request(serial, 2, &proof(serial, challenge))]
}

fn proof(serial: u32, challenge: &Challenge) -> String {
    let user = (200 + serial % PHONES).to_string();
    let secret = format!("a-password-of-{user}");
    let asked = ("REGISTER", "sip:10.0.0.1");
    let value = answer(challenge, (&user, &secret), asked, 1 + serial / PHONES, &serial.to_string());
    format!("Authorization: {value}\r\n")
}

/// As a desk phone writes it.
fn request(serial: u32, step: u32, proof: &str) -> Bytes {
    let (user, from) = (200 + serial % PHONES, flow(serial).remote);
    let text = format!(
        "REGISTER sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{serial}-{step};rport\r\n\
         From: \"Anna\" <sip:{user}@10.0.0.1>;tag=f{serial}\r\nTo: \"Anna\" <sip:{user}@10.0.0.1>\r\n\
         Call-ID: r{user}@{}\r\nCSeq: {} REGISTER\r\nContact: <sip:{user}@{from}>\r\n{proof}\
         Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE\r\n\
         Max-Forwards: 70\r\nUser-Agent: Yealink SIP-T54W 96.86.0.20\r\nExpires: 3600\r\n\
         Allow-Events: talk,hold,conference,refer,check-sync\r\nContent-Length: 0\r\n\r\n",
        from.ip(),
        2 * serial + step,
    );
    text.into()
}

fn flow(serial: u32) -> Flow {
    let remote = SocketAddr::from(([10, 0, 0, u8::try_from(2 + serial % PHONES).unwrap()], 5060));
    Flow { id: FlowId(1), transport: Transport::Udp, local: BOX.parse().unwrap(), remote }
}

fn exchange(now: Instant) -> Exchange {
    let settings = ExchangeSettings {
        sip_port: 5060,
        sip_tls_port: 5061,
        rtp_ports: (10_000, 60_000),
        realm: "office".into(),
        named: Vec::new(),
    };
    let mut exchange = Exchange::new(now, settings, Arc::new(office()), [7; 32]);
    let address = LocalAddress { ip: "10.0.0.1".parse().unwrap(), prefix: 24, default_route: true };
    exchange.handle_input(now, Input::Interfaces(Interfaces::new(vec![address])));
    while exchange.poll_output().is_some() {}
    exchange
}

fn office() -> Settled {
    let mut text = String::from(
        "[office]\nname = \"Registering\"\ncountry = \"NL\"\narea_code = \"020\"\nlanguage = \"nl\"\n\
         time_zone = \"Europe/Amsterdam\"\n",
    );
    for number in 200..200 + PHONES {
        let person = format!("number = \"{number}\"\nname = \"P{number}\"\nsip_password = \"a-password-of-{number}\"");
        writeln!(text, "[[person]]\n{person}").unwrap();
    }
    let draft = parse_office(&text, &|_, _| None).expect("a valid office");
    Settled::new(1, Arc::new(draft.settle(None, &mut || Secret::new("generated"))), Vec::new())
}

/// Nanoseconds that this thread has had a core (proc(5), `schedstat`).
fn on_core() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}
