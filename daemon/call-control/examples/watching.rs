//! What the doctor's watch costs of the exchange's whole work on the same messages, in one run: phones register and call over a
//! provider; what came in is played again to a fresh exchange, and again to the watches and the healing alone. Time of this
//! thread on a core, so that others on the machine count for nothing.
//!
//! `cargo run --release -p centrale-call-control --example watching [CALLS]`. Ends with 1 when the share is 1 % or more.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads the clock and prints")]
#![allow(clippy::unwrap_used, reason = "a measurement stops where it is surprised")]

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::hint::black_box;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::diagnosis::Path;
use centrale_alg::heal;
use centrale_alg::passive::{Ends, Heard, Watch};
use centrale_call_control::{Exchange, ExchangeSettings, Input, Interfaces, LocalAddress, Output};
use centrale_config::{Secret, Settled, parse_office};
use centrale_rtp::relay::{Command, Event, LegQuality, RelayId};
use centrale_sip::auth::{Challenge, answer};
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_sip::message::{HeaderName, Message, Method, Request, Response, Status, scan_datagram};
use hashbrown::HashMap;

const PROVIDER: &str = "198.51.100.7:5060";
const OWN: &str = "10.0.0.1:5060";
const PHONES: u16 = 20;
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 9 8 0 101\r\n\
                   a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
                   a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
/// Each is measured so often; the least counts.
const TIMES: usize = 7;
/// The watches are so quick that they are asked so often for one measurement: the kernel counts by the tick. So many messages at a
/// time, for the exchange has read each just before.
const REPEATED: u32 = 100;
const AT_A_TIME: usize = 500;

/// What came in.
#[derive(Clone)]
enum Came {
    Packet { from: SocketAddr, bytes: Bytes },
    Closed(RelayId),
    Nothing,
}

/// A message as the watch is shown it.
enum Shown {
    Request(SocketAddr, Bytes, Request),
    Answer(SocketAddr, Bytes, Response, Request),
}

struct Lab {
    exchange: Exchange,
    now: Instant,
    serial: u32,
    came: Vec<(Instant, Came)>,
    shown: Vec<Shown>,
    /// Requests of the box's, by their branch.
    asked: BTreeMap<String, Request>,
    /// What the phones were sent.
    sent: VecDeque<Message>,
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
    exchange
}

fn flow(from: SocketAddr) -> Flow {
    let local = OWN.parse().unwrap();
    Flow { id: FlowId(1), transport: Transport::Udp, local, remote: from }
}

fn input(came: &Came) -> Input {
    match came {
        Came::Packet { from, bytes } => Input::Packet { flow: flow(*from), bytes: bytes.clone() },
        Came::Closed(relay) => {
            let (caller, callee) = (LegQuality::default(), LegQuality::default());
            Input::Media(Event::Closed { relay: *relay, caller, callee })
        }
        Came::Nothing => Input::Timeout,
    }
}

fn branch(message: &Message) -> String {
    message.headers().top_via().ok().and_then(|via| via.branch().map(str::to_owned)).unwrap_or_default()
}

impl Lab {
    fn new(now: Instant) -> Self {
        let (came, shown, asked, sent) = Default::default();
        let mut lab = Self { exchange: exchange(now), now, serial: 0, came, shown, asked, sent };
        lab.drain();
        lab
    }

    fn take(&mut self, came: Came) {
        if let Came::Packet { from, bytes } = &came {
            let shown = match scan_datagram(bytes).unwrap() {
                Message::Request(request) => Shown::Request(*from, bytes.clone(), request),
                Message::Response(response) => {
                    let branch = branch(&Message::Response(response.clone()));
                    Shown::Answer(*from, bytes.clone(), response, self.asked[&branch].clone())
                }
            };
            self.shown.push(shown);
        }
        self.exchange.handle_input(self.now, input(&came));
        self.came.push((self.now, came));
        self.drain();
    }

    fn drain(&mut self) {
        let mut next = VecDeque::new();
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let message = scan_datagram(&transmit.bytes).unwrap();
                    if transmit.path.remote() != PROVIDER.parse().unwrap() {
                        self.sent.push_back(message);
                    } else if let Message::Request(request) = message {
                        self.asked.insert(branch(&Message::Request(request.clone())), request.clone());
                        next.extend(provider(&request));
                    }
                }
                Output::Media(Command::Close { relay }) => next.push_back(Came::Closed(relay)),
                _ => {}
            }
        }
        next.into_iter().for_each(|came| self.take(came));
    }

    fn answered(&mut self) -> Response {
        let answers = std::mem::take(&mut self.sent).into_iter().filter_map(|message| match message {
            Message::Response(response) if response.status.code() > 100 => Some(response),
            _ => None,
        });
        answers.last().expect("an answer")
    }

    /// A phone asks, and again with its proof where it is asked for one.
    fn ask(
        &mut self,
        phone: u16,
        (method, uri, call): (&str, &str, &str),
        to: &str,
        more: &str,
        body: &str,
    ) -> Option<Response> {
        let user = (200 + phone).to_string();
        let from: SocketAddr = format!("10.0.0.{}:5060", 20 + phone).parse().unwrap();
        let mut proof = String::new();
        loop {
            self.serial += 1;
            let serial = self.serial;
            let text = format!(
                "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{serial};rport\r\nMax-Forwards: 70\r\n\
                 From: \"Anna\" <sip:{user}@10.0.0.1>;tag=f{user}\r\nTo: {to}\r\nCall-ID: {call}@{}\r\n\
                 CSeq: {serial} {method}\r\nContact: <sip:{user}@{from}>\r\nUser-Agent: Yealink SIP-T54W 96.86.0.20\r\n\
                 Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE\r\n\
                 {more}{proof}Content-Length: {}\r\n\r\n{body}",
                from.ip(),
                body.len()
            );
            self.take(Came::Packet { from, bytes: text.into() });
            if method == "ACK" {
                return None;
            }
            let answer_to = self.answered();
            let offered = answer_to.headers.all(&HeaderName::WwwAuthenticate).map(|value| &value[..]);
            let Some(challenge) = Challenge::choose(offered) else { return Some(answer_to) };
            let secret = (user.as_str(), format!("a-password-of-{user}"));
            let value = answer(&challenge, (secret.0, &secret.1), (method, uri), 1, &serial.to_string());
            proof = format!("Authorization: {value}\r\n");
        }
    }

    fn register(&mut self, phone: u16) {
        let aor = format!("<sip:{}@10.0.0.1>", 200 + phone);
        let call = format!("r{phone}");
        let answer = self.ask(phone, ("REGISTER", "sip:10.0.0.1", &call), &aor, "Expires: 3600\r\n", "").unwrap();
        assert_eq!(answer.status.code(), 200);
    }

    fn call(&mut self, phone: u16, number: usize) {
        let (uri, call) = ("sip:0301234567@10.0.0.1", format!("c{number}"));
        let kind = "Content-Type: application/sdp\r\n";
        let sdp = SDP.replace("10.0.0.9", &format!("10.0.0.{}", 20 + phone));
        let answer = self.ask(phone, ("INVITE", uri, &call), &format!("<{uri}>"), kind, &sdp).unwrap();
        assert_eq!(answer.status.code(), 200, "{answer:?}");
        let to = answer.headers.text(&HeaderName::To).unwrap().into_owned();
        self.ask(phone, ("ACK", uri, &call), &to, "", "");
        let answer = self.ask(phone, ("BYE", uri, &call), &to, "", "").unwrap();
        assert_eq!(answer.status.code(), 200);
    }

    /// Time goes by, so that what is remembered of transactions is forgotten.
    fn rest(&mut self) {
        let until = self.now + Duration::from_secs(70);
        while let Some(at) = self.exchange.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.take(Came::Nothing);
        }
        self.now = until;
    }
}

/// What the provider says to a request.
fn provider(request: &Request) -> Vec<Came> {
    let statuses: &[Status] = match request.method {
        Method::ACK => &[],
        Method::INVITE => &[Status::TRYING, Status::RINGING, Status::OK],
        _ => &[Status::OK],
    };
    let via = request.headers.text(&HeaderName::Via).unwrap().replacen(";rport", ";received=203.0.113.2;rport=5060", 1);
    let answer = |status: &Status| {
        let mut answer = request.response(*status);
        answer.headers.set(HeaderName::Via, via.clone());
        if answer.headers.to_tag().is_none() && *status != Status::TRYING {
            let to = request.headers.text(&HeaderName::To).unwrap();
            answer.headers.set(HeaderName::To, format!("{to};tag=provider"));
        }
        let own = request.headers.text(&HeaderName::Contact).filter(|_| request.method == Method::REGISTER);
        let contact = own.map_or_else(|| format!("<sip:p@{PROVIDER}>"), |own| own.into_owned() + ";expires=600");
        answer.headers.set(HeaderName::Contact, contact);
        if request.method == Method::INVITE && *status == Status::OK {
            answer.headers.set(HeaderName::ContentType, "application/sdp");
            answer.body = SDP.replace("10.0.0.9", "198.51.100.20").into();
        }
        Came::Packet { from: PROVIDER.parse().unwrap(), bytes: answer.to_bytes() }
    };
    statuses.iter().map(answer).collect()
}

fn office() -> Settled {
    let mut text = String::from(
        "[office]\nname = \"Watching\"\ncountry = \"NL\"\narea_code = \"020\"\nlanguage = \"nl\"\ntime_zone = \"Europe/Amsterdam\"\n",
    );
    for number in 200..200 + PHONES {
        writeln!(
            text,
            "[[person]]\nnumber = \"{number}\"\nname = \"P{number}\"\nsip_password = \"a-password-of-{number}\""
        )
        .unwrap();
    }
    write!(
        text,
        "[[trunk]]\nname = \"provider\"\nserver = \"{PROVIDER}\"\ntransport = \"udp\"\nusername = \"office\"\npassword = \"secret\"\n\
         register = true\nnumbers = [\"+31201234567\"]\n"
    )
    .unwrap();
    let draft = parse_office(&text, &|_, _| None).expect("a valid office");
    Settled::new(1, Arc::new(draft.settle(None, &mut || Secret::new("generated"))), Vec::new())
}

/// Nanoseconds that this thread has had a core (proc(5), `schedstat`).
fn on_core() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn least(mut work: impl FnMut()) -> f64 {
    let once = |_| {
        let begun = on_core();
        work();
        on_core() - begun
    };
    let least = (0..TIMES).map(once).min().unwrap();
    f64::from(u32::try_from(least / 1_000).unwrap())
}

/// The watches and the healing, as the exchange asks them: one for each place, and one for the provider.
fn watch_all(shown: &[Shown], at: Instant) {
    let [provider, own]: [SocketAddr; 2] = [PROVIDER, OWN].map(|text| text.parse().unwrap());
    let mut watches: HashMap<SocketAddr, Watch> = HashMap::new();
    for shown in shown {
        let (Shown::Request(from, bytes, ..) | Shown::Answer(from, bytes, ..)) = shown;
        let path = if *from == provider { Path::BoxProvider } else { Path::PhoneBox };
        let watch = watches.entry(*from).or_insert_with(|| Watch::new(path, Transport::Udp, 5060));
        let ends = Ends { near: *from != provider, ..Ends::new(own, *from) };
        let heard = Heard { ends, transport: Transport::Udp, bytes, at };
        if path == Path::PhoneBox {
            let flow = Flow { id: FlowId(1), transport: Transport::Udp, local: own, remote: *from };
            assert!(heal::message(black_box(&flow), black_box(bytes)).is_none());
        }
        match shown {
            Shown::Request(.., request) => watch.request(black_box(&heard), black_box(request)),
            Shown::Answer(.., came, sent) => watch.answer(black_box(&heard), black_box(sent), black_box(came)),
        }
    }
    black_box(&watches);
}

fn main() -> ExitCode {
    let calls: usize = std::env::args().nth(1).map_or(2_000, |calls| calls.parse().unwrap());
    let begun = Instant::now();
    let mut lab = Lab::new(begun);
    for number in 0..calls {
        let phone = u16::try_from(number).unwrap_or_default() % PHONES;
        if number % 4 < 2 {
            lab.register(phone);
        }
        if number >= usize::from(PHONES) {
            lab.call(phone, number);
        }
        if number % 50 == 49 {
            lab.rest();
        }
    }
    let Lab { came, shown, .. } = lab;
    let whole = least(|| {
        let mut exchange = exchange(begun);
        while exchange.poll_output().is_some() {}
        for (now, came) in &came {
            exchange.handle_input(*now, input(came));
            while let Some(output) = exchange.poll_output() {
                drop(black_box(output));
            }
        }
    });
    let watch = |messages| (0..REPEATED).for_each(|_| watch_all(messages, begun));
    let watched = least(|| shown.chunks(AT_A_TIME).for_each(watch)) / f64::from(REPEATED);
    let (messages, share) = (shown.len(), 100.0 * watched / whole);
    let each = |microseconds: f64| 1_000.0 * microseconds / f64::from(u32::try_from(messages).unwrap());
    println!(
        "{messages} messages: the exchange {:.0} ns each, of which the watch {:.0} ns: {share:.2} %",
        each(whole),
        each(watched)
    );
    if share < 1.0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
