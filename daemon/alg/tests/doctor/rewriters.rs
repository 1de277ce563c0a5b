//! Rewriters that the Linux kernel is not: one deed each, as other makers' boxes were seen or documented to do it.

use std::net::SocketAddr;

use centrale_sip::flow::Transport;

use crate::helper::{Alg, name};
use crate::network::{Came, Packet};

/// What a rewriter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deeds {
    ContactOnly,
    SdpOnly,
    ViaStripped,
    CallIdChanged,
    OrderAndCase,
    ContentLengthWrong,
    LargeDropped,
    ReferAndReInviteDropped,
    PinnedTo5060,
    ExpiresLowered,
    CompactExpanded,
    /// Our own private address wherever it stands, and not back again.
    OneWay,
    /// Any private address.
    AnyPrivate,
    /// Only what comes in.
    Inbound,
    /// A proxy in the router.
    Proxy,
    /// INVITE only.
    InviteOnly,
}

pub(crate) const ALL: [Deeds; 16] = [
    Deeds::ContactOnly,
    Deeds::SdpOnly,
    Deeds::ViaStripped,
    Deeds::CallIdChanged,
    Deeds::OrderAndCase,
    Deeds::ContentLengthWrong,
    Deeds::LargeDropped,
    Deeds::ReferAndReInviteDropped,
    Deeds::PinnedTo5060,
    Deeds::ExpiresLowered,
    Deeds::CompactExpanded,
    Deeds::OneWay,
    Deeds::AnyPrivate,
    Deeds::Inbound,
    Deeds::Proxy,
    Deeds::InviteOnly,
];

/// A router's program with one deed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rewriter(pub(crate) Deeds);

impl Alg for Rewriter {
    fn out(&mut self, packet: &mut Packet, outside: SocketAddr) -> bool {
        if packet.transport != Transport::Udp {
            return true;
        }
        let (ours, theirs) = (packet.from.to_string(), outside.to_string());
        let (own, wan) = (packet.from.ip().to_string(), outside.ip().to_string());
        let text = packet.text.clone();
        let is_invite = text.starts_with("INVITE");
        packet.text = match self.0 {
            Deeds::ContactOnly => each(&text, |line, name| (name == "contact").then(|| line.replace(&ours, &theirs))),
            Deeds::SdpOnly | Deeds::ContentLengthWrong => {
                let (head, body) = text.split_once("\r\n\r\n").unwrap();
                let changed = body.replace(&own, &wan);
                let head = match self.0 {
                    Deeds::SdpOnly => with_length(head, changed.len()),
                    _ => head.to_owned(),
                };
                format!("{head}\r\n\r\n{changed}")
            }
            Deeds::ViaStripped => {
                each(&text, |line, name| (name == "via").then(|| line.replace(";rport", "").replace(&ours, &theirs)))
            }
            Deeds::CallIdChanged => {
                each(&text, |line, name| (name == "call-id").then(|| format!("{}x", line.replace(&wan, &own))))
            }
            Deeds::OrderAndCase => {
                let (head, body) = text.split_once("\r\n\r\n").unwrap();
                let mut lines: Vec<String> = head.split("\r\n").map(str::to_owned).collect();
                lines[1..].reverse();
                for line in &mut lines[1..] {
                    let colon = line.find(':').unwrap();
                    *line = line[..colon].to_ascii_uppercase() + &line[colon..];
                }
                format!("{}\r\n\r\n{body}", lines.join("\r\n"))
            }
            Deeds::LargeDropped if text.len() > 1_300 => return false,
            Deeds::ReferAndReInviteDropped if text.starts_with("REFER") || (is_invite && within(&text)) => {
                return false;
            }
            Deeds::ExpiresLowered => each(&text, |_, name| (name == "expires").then(|| "Expires: 60".to_owned())),
            Deeds::CompactExpanded => each(&text, |line, name| {
                let (written, value) = line.split_once(':')?;
                (written.len() == 1).then(|| format!("{}:{value}", long(name)))
            }),
            Deeds::OneWay => text.replace(&ours, &theirs),
            Deeds::AnyPrivate => {
                let port = packet.from.port();
                let canary = format!("10.255.77.77:{port}");
                text.replace(&ours, &theirs).replace(&canary, &theirs)
            }
            Deeds::InviteOnly if is_invite => text.replace(&ours, &theirs),
            Deeds::Proxy if text.starts_with("OPTIONS") => return false,
            _ => text,
        };
        true
    }

    fn back(&mut self, packet: &mut Packet, outside: SocketAddr) -> bool {
        if packet.transport != Transport::Udp {
            return true;
        }
        match self.0 {
            Deeds::PinnedTo5060 => packet.to.set_port(5060),
            Deeds::Inbound => {
                let canary = format!("10.255.77.77:{}", packet.to.port());
                packet.text =
                    packet.text.replace(&canary, &packet.to.to_string()).replace(&outside.to_string(), "0.0.0.0:1");
            }
            _ => {}
        }
        true
    }

    fn own_answers(&mut self, packet: &Packet, from: SocketAddr) -> Vec<Came> {
        if self.0 != Deeds::Proxy || !packet.text.starts_with("OPTIONS") {
            return Vec::new();
        }
        let lines: Vec<&str> = packet.text.split("\r\n").collect();
        let kept = lines.iter().filter(|line| ["via", "from", "to", "call-id", "cseq"].contains(&name(line).as_str()));
        let head: String = kept.map(|line| format!("{line}\r\n")).collect();
        vec![Came::Answer { to: from, text: format!("SIP/2.0 200 OK\r\n{head}Content-Length: 0\r\n\r\n") }]
    }
}

/// Changes lines of the head; `None` leaves one as it is.
fn each(text: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let lines = head.split("\r\n").map(|line| change(line, &name(line)).unwrap_or_else(|| line.to_owned()));
    format!("{}\r\n\r\n{body}", lines.collect::<Vec<_>>().join("\r\n"))
}

fn with_length(head: &str, length: usize) -> String {
    let lines = head.split("\r\n").map(|line| match name(line).as_str() {
        "content-length" => format!("Content-Length: {length}"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

fn within(text: &str) -> bool {
    text.split("\r\n").any(|line| name(line) == "to" && line.contains(";tag="))
}

fn long(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
