//! What a REGISTER and a call cost when many phones are registered and many calls are going on, beside few of them, in the
//! same run: microseconds, the ratio, and the memory that each binding and each call holds.
//!
//! `cargo run --release -p centrale-call-control --example growth`. A ratio well above 1 says that something looks at every
//! binding, or at every call, where it should look at one.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads the clock and prints")]
#![allow(clippy::unwrap_used, reason = "a measurement stops where it is surprised")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::{Exchange, ExchangeSettings, Input, Interfaces, LocalAddress, Output};
use centrale_config::{Secret, Settled, parse_office};
use centrale_rtp::relay::{Command, Event, LegQuality};
use centrale_sip::auth::{Challenge, answer};
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_sip::message::{HeaderName, Message, Request, Response, scan_datagram};

/// People in the office: every internal number there is.
const PEOPLE: u32 = 500;
/// Phones a person has at the most.
const PHONES_EACH: u32 = 10;
const FEW: u32 = 100;
const MANY: u32 = PEOPLE * PHONES_EACH;
const FEW_CALLS: u32 = 10;
const MANY_CALLS: u32 = 2_000;
/// Measured REGISTERs and calls a round; the best round counts.
const ROUND: u32 = 100;
const ROUNDS: u32 = 12;
/// Every transaction is forgotten after this long.
const FORGOTTEN: Duration = Duration::from_secs(70);

/// A box with its phones, on a clock of its own.
struct Lab {
    exchange: Exchange,
    now: Instant,
    serial: u64,
    sent: Vec<Message>,
}

impl Lab {
    fn new() -> Self {
        let now = Instant::now();
        let settings = ExchangeSettings {
            sip_port: 5060,
            sip_tls_port: 5061,
            rtp_ports: (10_000, 60_000),
            realm: "office".into(),
            named: Vec::new(),
        };
        let mut exchange = Exchange::new(now, settings, Arc::new(office()), [7; 32]);
        let address = LocalAddress { ip: "10.0.0.1".parse().unwrap(), prefix: 8, default_route: true };
        exchange.handle_input(now, Input::Interfaces(Interfaces::new(vec![address])));
        let mut lab = Self { exchange, now, serial: 0, sent: Vec::new() };
        lab.drain();
        lab
    }

    fn drain(&mut self) {
        self.sent.clear();
        let mut closed = Vec::new();
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Transmit(transmit) => self.sent.push(scan_datagram(&transmit.bytes).unwrap()),
                Output::Media(Command::Close { relay }) => closed.push(relay),
                _ => {}
            }
        }
        for relay in closed {
            let (caller, callee) = (LegQuality::default(), LegQuality::default());
            self.exchange.handle_input(self.now, Input::Media(Event::Closed { relay, caller, callee }));
            while self.exchange.poll_output().is_some() {}
        }
    }

    fn packet(&mut self, phone: u32, text: String) {
        let flow = Flow {
            id: FlowId(1),
            transport: Transport::Udp,
            local: "10.0.0.1:5060".parse().unwrap(),
            remote: address(phone).parse().unwrap(),
        };
        self.exchange.handle_input(self.now, Input::Packet { flow, bytes: Bytes::from(text) });
        self.drain();
    }

    /// Lets time pass, without counting it as work.
    fn rest(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(at) = self.exchange.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.exchange.handle_input(self.now, Input::Timeout);
            self.drain();
        }
        self.now = until;
    }

    fn response(&self) -> Response {
        let response = self.sent.iter().rev().find_map(|message| match message {
            Message::Response(response) if response.status.code() > 100 => Some(response.clone()),
            _ => None,
        });
        response.expect("an answer")
    }

    fn invite(&self) -> Request {
        let invite = self.sent.iter().find_map(|message| match message {
            Message::Request(request) => Some(request.clone()),
            Message::Response(_) => None,
        });
        invite.expect("a phone rings")
    }

    /// Sends a request, and again with the answer to the challenge.
    fn ask(&mut self, phone: u32, method: &str, uri: &str, more: &str, body: &str) {
        self.serial += 1;
        let (user, serial) = (number(phone), self.serial);
        let text = |cseq: u32, proof: &str| {
            let at = address(phone);
            let to = if method == "REGISTER" { format!("sip:{user}@10.0.0.1") } else { uri.to_owned() };
            format!(
                "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{serial}-{cseq};rport\r\n\
                 Max-Forwards: 70\r\nFrom: <sip:{user}@10.0.0.1>;tag=f{serial}\r\nTo: <{to}>\r\nCall-ID: c{serial}\r\n\
                 CSeq: {cseq} {method}\r\nContact: <sip:{user}@{at}>\r\n{more}{proof}Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        self.packet(phone, text(1, ""));
        let challenge = self.response();
        let offered = challenge.headers.all(&HeaderName::WwwAuthenticate).map(|value| &value[..]);
        let challenge = Challenge::choose(offered).unwrap();
        let proof = answer(&challenge, (&user, &password(&user)), (method, uri), 1, &serial.to_string());
        self.packet(phone, text(2, &format!("Authorization: {proof}\r\n")));
    }

    fn register(&mut self, phone: u32) {
        self.ask(phone, "REGISTER", "sip:10.0.0.1", "Expires: 3600\r\n", "");
        assert_eq!(self.response().status.code(), 200);
    }

    /// The phone calls a person with one phone; it rings there.
    fn call(&mut self, phone: u32, person: u32) -> Request {
        let sdp = "v=0\r\no=- 1 1 IN IP4 10.9.9.9\r\ns=-\r\nc=IN IP4 10.9.9.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
        let uri = format!("sip:{}@10.0.0.1", number(person));
        self.ask(phone, "INVITE", &uri, "Content-Type: application/sdp\r\n", sdp);
        self.invite()
    }

    fn refuse(&mut self, phone: u32, invite: &Request) {
        let mut text = String::from("SIP/2.0 486 Busy Here\r\n");
        for (name, value) in invite.headers.iter() {
            let (name, value) = (String::from_utf8_lossy(name.as_bytes()), String::from_utf8_lossy(value));
            let kept = ["Via", "From", "To", "Call-ID", "CSeq"].iter().any(|kept| kept.eq_ignore_ascii_case(&name));
            let tag = if name.eq_ignore_ascii_case("To") { ";tag=callee" } else { "" };
            if kept {
                write!(text, "{name}: {value}{tag}\r\n").unwrap();
            }
        }
        self.packet(phone, format!("{text}Content-Length: 0\r\n\r\n"));
    }

    /// Seconds a REGISTER takes, both round trips.
    fn cost_of_register(&mut self, phones: u32) -> f64 {
        best(|| {
            let begun = Instant::now();
            (0..ROUND).for_each(|one| self.register(one % phones));
            let took = begun.elapsed();
            self.rest(FORGOTTEN);
            took
        })
    }

    /// Seconds a call takes that is refused.
    fn cost_of_call(&mut self) -> f64 {
        best(|| {
            let begun = Instant::now();
            for _ in 0..ROUND {
                let invite = self.call(0, 1);
                self.refuse(1, &invite);
            }
            begun.elapsed()
        })
    }
}

fn best(mut round: impl FnMut() -> Duration) -> f64 {
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default().as_secs_f64() / f64::from(ROUND)
}

/// The first phone of every person comes before the second of any.
fn number(phone: u32) -> String {
    (200 + phone % PEOPLE).to_string()
}

fn address(phone: u32) -> String {
    format!("10.{}.{}.{}:5060", 1 + phone / PEOPLE, phone % PEOPLE / 200, 1 + phone % PEOPLE % 200)
}

fn password(user: &str) -> String {
    format!("a-password-of-{user}")
}

fn office() -> Settled {
    let mut text = String::from(
        "[office]\nname = \"Growth\"\ncountry = \"NL\"\narea_code = \"020\"\nlanguage = \"nl\"\ntime_zone = \"Europe/Amsterdam\"\n",
    );
    for number in 200..200 + PEOPLE {
        let password = password(&number.to_string());
        writeln!(text, "[[person]]\nnumber = \"{number}\"\nname = \"P{number}\"\nsip_password = \"{password}\"")
            .unwrap();
    }
    let draft = parse_office(&text, &|_, _| None).expect("a valid office");
    Settled::new(1, Arc::new(draft.settle(None, &mut || Secret::new("generated"))), Vec::new())
}

/// Resident memory of this process in bytes.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() * 1024.0
}

fn tell(what: &str, few: f64, many: f64) {
    println!("{what:<44} {:>8.1} us {:>8.1} us   x {:.2}", few * 1e6, many * 1e6, many / few);
}

fn main() {
    let mut lab = Lab::new();
    (0..FEW).for_each(|phone| lab.register(phone));
    lab.rest(FORGOTTEN);
    let few = lab.cost_of_register(FEW);
    let before = resident();
    for phone in FEW..MANY {
        lab.register(phone);
        // So that what transactions hold for their half minute is not counted as bindings.
        if phone % 500 == 0 {
            lab.rest(FORGOTTEN);
        }
    }
    lab.rest(FORGOTTEN);
    let binding = (resident() - before) / f64::from(MANY - FEW);
    tell(&format!("REGISTER at {FEW} and {MANY} bindings"), few, lab.cost_of_register(FEW));

    let mut lab = Lab::new();
    (0..FEW).for_each(|phone| lab.register(phone));
    lab.rest(FORGOTTEN);
    for _ in 0..FEW_CALLS {
        lab.call(2, 3);
    }
    let few = lab.cost_of_call();
    let before = resident();
    for _ in FEW_CALLS..MANY_CALLS {
        lab.call(2, 3);
    }
    let call = (resident() - before) / f64::from(MANY_CALLS - FEW_CALLS);
    tell(&format!("a call beside {FEW_CALLS} and {MANY_CALLS} calls"), few, lab.cost_of_call());
    println!("memory: {binding:.0} bytes a binding, {call:.0} bytes a call that rings");
}
