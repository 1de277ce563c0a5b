//! Providers with the ways that were seen, or imitated to hunt for false alarms.

use std::net::{IpAddr, SocketAddr};

use centrale_alg::active::Account;
use centrale_sip::flow::Transport;
use rand::{RngExt as _, rngs::StdRng};

use crate::helper::name;
use crate::network::{BOX, PROVIDER, Packet};

/// The ways of a server. The names are those of the truth table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Plain,
    /// Puts private Contacts right.
    NatFix,
    /// Drops the port of From, writes Via's parameters in another order.
    Asterisk,
    /// Ignores rport.
    NoRport,
    /// Never adds received.
    NoReceived,
    /// Copies the host of Via into received.
    CopyReceived,
    /// Writes addresses in their plain form.
    Canonical,
    /// Compact names, other case, other order, folded lines.
    Reorders,
    /// Keeps the newest binding alone.
    OneBinding,
    /// Answers only REGISTER and calls.
    NoOptions,
    /// Refuses everything.
    Forbids,
    Silent,
    /// Loses three of ten.
    Lossy,
    /// Drops calls with odd descriptions itself.
    DropsOddDescriptions,
    /// A session border controller that rewrites on purpose: Contact, its own Record-Route, descriptions.
    BorderController,
}

pub(crate) const WAYS: [Way; 15] = [
    Way::Plain,
    Way::NatFix,
    Way::Asterisk,
    Way::NoRport,
    Way::NoReceived,
    Way::CopyReceived,
    Way::Canonical,
    Way::Reorders,
    Way::OneBinding,
    Way::NoOptions,
    Way::Forbids,
    Way::Silent,
    Way::Lossy,
    Way::DropsOddDescriptions,
    Way::BorderController,
];

/// The office's own number.
pub(crate) const NUMBER: &str = "31201234567";

/// A provider.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) way: Way,
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    /// Whether the doctor has an account here.
    pub(crate) has_account: bool,
    bindings: Vec<String>,
}

impl Server {
    pub(crate) fn new(way: Way) -> Self {
        // The trunk's own.
        let bindings = vec![format!("<sip:31@{BOX}:25060>;expires=300")];
        Self { way, address: PROVIDER, port: 5060, has_account: true, bindings }
    }

    pub(crate) fn account(&self) -> Option<Account> {
        let account = Account { user: "31201234567".into(), username: "office".into(), password: "geheim".into() };
        self.has_account.then_some(account)
    }

    /// The answers to a packet.
    pub(crate) fn answer(&mut self, packet: &Packet, rng: &mut StdRng) -> Vec<Packet> {
        let method = packet.text.split(' ').next().unwrap_or_default().to_owned();
        let lost = self.way == Way::Lossy && packet.transport == Transport::Udp && rng.random_range(0..10) < 3;
        let odd = self.way == Way::DropsOddDescriptions && method == "INVITE" && is_odd(&packet.text);
        let unanswered = self.way == Way::NoOptions && method == "OPTIONS";
        if method == "ACK" || self.way == Way::Silent || lost || odd || unanswered {
            return Vec::new();
        }
        let status = match method.as_str() {
            _ if self.way == Way::Forbids => "403 Forbidden",
            "REGISTER" => "200 OK",
            "INVITE" if packet.text.contains("Max-Forwards: 0\r\n") => "483 Too Many Hops",
            "INVITE" if packet.text.starts_with(&format!("INVITE sip:{NUMBER}@")) => "486 Busy Here",
            "INVITE" => "200 OK",
            "OPTIONS" => "200 OK",
            _ => "481 Call/Transaction Does Not Exist",
        };
        let (to, head) = self.echo(packet);
        let contacts =
            if method == "REGISTER" && self.way != Way::Forbids { self.register(packet) } else { String::new() };
        let body = if status == "200 OK" && method == "INVITE" { self.description() } else { String::new() };
        let length = body.len();
        let text = format!("SIP/2.0 {status}\r\n{head}{contacts}Content-Length: {length}\r\n\r\n{body}");
        vec![Packet { from: packet.to, to, transport: packet.transport, text }]
    }

    /// What a call to the office's own number describes when it is brought back to the office.
    pub(crate) fn looped(&self, packet: &Packet) -> Option<String> {
        let comes = packet.text.starts_with(&format!("INVITE sip:{NUMBER}@"))
            && !matches!(self.way, Way::Silent | Way::Forbids | Way::Lossy);
        let (_, body) = packet.text.split_once("\r\n\r\n")?;
        let body = if self.way == Way::BorderController { self.description() } else { body.to_owned() };
        comes.then_some(body)
    }

    /// Via, From, To, Call-ID and CSeq as this server gives them back, and where the answer goes.
    fn echo(&self, packet: &Packet) -> (SocketAddr, String) {
        let lines: Vec<&str> = packet.text.split("\r\n").collect();
        let field = |wanted: &str| {
            let line = lines.iter().find(|line| name(line) == wanted).copied().unwrap_or_default();
            line.split_once(':').map_or("", |(_, value)| value.trim()).to_owned()
        };
        let (via, mut to) = self.via(&field("via"), packet);
        if packet.transport != Transport::Udp {
            to = packet.from;
        }
        let (mut from, to_field) = (field("from"), field("to"));
        match self.way {
            Way::Asterisk => from = without_port(&from),
            Way::Canonical => from = canonical(&from),
            _ => {}
        }
        let tag = if to_field.contains(";tag=") { "" } else { ";tag=s1" };
        let (call_id, cseq) = (field("call-id"), field("cseq"));
        let head = match self.way {
            Way::Reorders => format!(
                "t: {to_field}{tag}\r\ncall-id: {call_id}\r\ni-note: x\r\nCSEQ:  {cseq}\r\nf: {from}\r\nv: {via}\r\n"
            ),
            _ => format!("Via: {via}\r\nFrom: {from}\r\nTo: {to_field}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n"),
        };
        (to, head)
    }

    fn via(&self, via: &str, packet: &Packet) -> (String, SocketAddr) {
        let (sent_by, params) = via.split_once(';').unwrap_or((via, ""));
        let address = sent_by.rsplit(' ').next().unwrap_or_default();
        let host = match address.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or_default().to_owned(),
            None => address.split(':').next().unwrap_or_default().to_owned(),
        };
        let port = address.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(5060);
        let source = packet.from;
        let asked = params.split(';').any(|it| it == "rport");
        let filled: Vec<String> =
            params
                .split(';')
                .map(|it| {
                    if it == "rport" && self.way != Way::NoRport {
                        format!("rport={}", source.port())
                    } else {
                        it.into()
                    }
                })
                .collect();
        let received = match self.way {
            Way::NoReceived => None,
            Way::CopyReceived => Some(host),
            _ if asked || host != source.ip().to_string() => Some(source.ip().to_string()),
            _ => None,
        };
        let mut parts = filled;
        parts.extend(received.map(|it| format!("received={it}")));
        if matches!(self.way, Way::Asterisk | Way::Reorders) {
            parts.reverse();
        }
        let to = if asked && self.way != Way::NoRport { source } else { SocketAddr::new(source.ip(), port) };
        (format!("{sent_by};{}", parts.join(";")), to)
    }

    /// What the far end of a call describes: sound from another machine, as with most providers.
    pub(crate) fn description(&self) -> String {
        let (family, media) = if self.address.is_ipv4() { ("IP4", "198.51.100.20") } else { ("IP6", "2001:db8:5::20") };
        format!(
            "v=0\r\no=sbc 77 1 IN {family} {media}\r\ns=-\r\nc=IN {family} {media}\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n"
        )
    }

    fn register(&mut self, packet: &Packet) -> String {
        for line in packet.text.split("\r\n").filter(|line| name(line) == "contact") {
            let value = line.split_once(':').map_or("", |(_, value)| value.trim());
            let is_kept = !value.contains("expires=0");
            let value = match self.way {
                Way::NatFix | Way::BorderController => format!("<sip:31201234567@{}>;expires=60", packet.from),
                _ => value.to_owned(),
            };
            let address = value.split('>').next().unwrap_or_default().to_owned();
            self.bindings.retain(|kept| !kept.starts_with(&address));
            if is_kept && self.way == Way::OneBinding {
                self.bindings.clear();
            }
            if is_kept {
                self.bindings.push(value);
            }
        }
        self.bindings.iter().map(|value| format!("Contact: {value}\r\n")).collect()
    }
}

fn is_odd(text: &str) -> bool {
    ["m=audio 9 ", "m=audio 1023 ", "c=IN IP6", ".invalid"].iter().any(|it| text.contains(it))
}

fn without_port(from: &str) -> String {
    let Some(at) = from.find('@') else { return from.to_owned() };
    let (before, behind) = from.split_at(at);
    let end = behind.find('>').unwrap_or(behind.len());
    let host = behind[..end].split(':').next().unwrap_or_default();
    format!("{before}{host}{}", &behind[end..])
}

fn canonical(from: &str) -> String {
    let Some(at) = from.find('@') else { return from.to_owned() };
    let end = from[at..].find([':', '>']).map_or(from.len(), |end| at + end);
    let plain = centrale_alg::view::padded_address(&from[at + 1..end]);
    plain.map_or_else(|| from.to_owned(), |plain| format!("{}@{plain}{}", &from[..at], &from[end..]))
}
