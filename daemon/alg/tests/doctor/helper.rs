//! The Linux kernel's SIP helper (nf_conntrack_sip and nf_nat_sip) as it was measured, and the trait of everybody who reads SIP
//! on the way. `recorded.rs` holds it to bytes that the real one changed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use centrale_alg::view::padded_address;
use centrale_sip::flow::Transport;

use crate::network::{Came, Packet};

/// Somebody on the way who reads SIP.
pub(crate) trait Alg {
    /// What the box sends; `outside` is its translated address. Whether the packet goes on.
    fn out(&mut self, packet: &mut Packet, outside: SocketAddr) -> bool;

    /// What comes for the box; `outside` is where it was sent to, `packet.to` where it goes inside.
    fn back(&mut self, packet: &mut Packet, outside: SocketAddr) -> bool;

    /// Answers in the provider's place to what did not go on.
    fn own_answers(&mut self, _packet: &Packet, _from: SocketAddr) -> Vec<Came> {
        Vec::new()
    }
}

/// The helper with its rule.
#[derive(Debug, Clone)]
pub(crate) struct Helper {
    /// On which far port it looks; none: on our port 5060.
    pub(crate) far_port: Option<u16>,
    pub(crate) tcp: bool,
    forced: BTreeMap<SocketAddr, u16>,
    flows: BTreeSet<SocketAddr>,
    /// Switched off while it ran: what flows already is rewritten on.
    mended: bool,
}

impl Helper {
    pub(crate) fn new() -> Self {
        let (forced, flows) = (BTreeMap::new(), BTreeSet::new());
        Self { far_port: Some(5060), tcp: false, forced, flows, mended: false }
    }

    /// Switched off while these flows were going on.
    pub(crate) fn mended_under(flow: SocketAddr) -> Self {
        Self { flows: [flow].into(), mended: true, ..Self::new() }
    }

    pub(crate) fn with_tcp(self) -> Self {
        Self { tcp: true, ..self }
    }

    pub(crate) fn on_source_port(self) -> Self {
        Self { far_port: None, ..self }
    }

    fn looks_at(&self, transport: Transport, near: SocketAddr, far: SocketAddr) -> bool {
        let spoken = transport == Transport::Udp || (transport == Transport::Tcp && self.tcp);
        let known = !self.mended || self.flows.contains(&near);
        spoken && known && self.far_port.map_or_else(|| near.port() == 5060, |port| far.port() == port)
    }
}

impl Alg for Helper {
    fn out(&mut self, packet: &mut Packet, outside: SocketAddr) -> bool {
        if !self.looks_at(packet.transport, packet.from, packet.to) {
            return true;
        }
        let (inside, server) = (packet.from, packet.to);
        if !has_cseq(&packet.text) {
            return false;
        }
        let forced = via_port(&packet.text, inside);
        if let Some(port) = forced {
            self.forced.insert(inside, port);
        }
        let Some(text) = with_description(&packet.text, inside, outside) else { return false };
        if inside.ip() == outside.ip() {
            return true;
        }
        packet.text = rewrite(&text, inside, outside, forced.map(|port| (server, port)));
        true
    }

    fn back(&mut self, packet: &mut Packet, outside: SocketAddr) -> bool {
        if !self.looks_at(packet.transport, packet.to, packet.from) {
            return true;
        }
        let inside = packet.to;
        if !has_cseq(&packet.text) || !description_is_read(&packet.text) {
            return false;
        }
        if inside.ip() != outside.ip() {
            packet.text = restore(&packet.text, outside, inside);
        }
        if let Some(port) = self.forced.get(&inside) {
            packet.to.set_port(*port);
        }
        true
    }
}

fn has_cseq(text: &str) -> bool {
    text.split("\r\n").any(|line| line.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("cseq:")))
}

/// The long name of a header line in lower case.
pub(crate) fn name(line: &str) -> String {
    let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
    match name.as_str() {
        "v" => "via".into(),
        "m" => "contact".into(),
        "f" => "from".into(),
        "t" => "to".into(),
        "l" => "content-length".into(),
        "i" => "call-id".into(),
        _ => name,
    }
}

/// Splits `192.168.1.50:5060;x` into address, port as written, and the rest.
fn at(text: &str) -> Option<(IpAddr, Option<u16>, &str)> {
    let end = text.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(text.len());
    let address = padded_address(&text[..end])?;
    let rest = &text[end..];
    let Some(port) = rest.strip_prefix(':') else { return Some((address, None, rest)) };
    let digits = port.find(|it: char| !it.is_ascii_digit()).unwrap_or(port.len());
    // A port with a zero in front escapes.
    let port_number = port[..digits].parse().ok().filter(|_| !port.starts_with('0'))?;
    Some((address, Some(port_number), &port[digits..]))
}

/// The port that the top Via names with our own address, when it is not the source's.
fn via_port(text: &str, inside: SocketAddr) -> Option<u16> {
    let line = text.split("\r\n").find(|line| name(line) == "via")?;
    let (_, sent_by) = line.split_once("/UDP ")?;
    let (address, port, _) = at(sent_by)?;
    (address == inside.ip() && port.unwrap_or(5060) != inside.port()).then(|| port.unwrap_or(5060))
}

/// Rewrites the address behind a marker when it is ours.
fn replace_at(line: &str, marker_end: usize, ours: SocketAddr, with: SocketAddr, any_port: bool) -> Option<String> {
    let (address, port, rest) = at(line.get(marker_end..)?)?;
    let same = address == ours.ip() && (any_port || port.unwrap_or(5060) == ours.port());
    let port = if any_port && port.is_some_and(|port| port != ours.port()) { port.unwrap() } else { with.port() };
    same.then(|| format!("{}{}:{port}{rest}", &line[..marker_end], with.ip()))
}

/// Every `sip:` address of a line that is ours.
fn replace_uris(line: &str, ours: SocketAddr, with: SocketAddr, any_port: bool) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(scheme) = rest.find("sip:") {
        let behind = &rest[scheme + 4..];
        let end = behind.find(['>', ',', ' ']).unwrap_or(behind.len());
        let host = behind[..end].find('@').map_or(0, |at| at + 1);
        let uri_end = scheme + 4 + end;
        let uri = &rest[..uri_end];
        out.push_str(&replace_at(uri, scheme + 4 + host, ours, with, any_port).unwrap_or_else(|| uri.to_owned()));
        rest = &rest[uri_end..];
    }
    out + rest
}

/// `server` without a port, or with its own, gets the forced port.
fn force(line: &str, (server, port): (SocketAddr, u16)) -> String {
    replace_uris(line, SocketAddr::new(server.ip(), 5060), SocketAddr::new(server.ip(), port), false)
}

fn rewrite(text: &str, inside: SocketAddr, outside: SocketAddr, forced: Option<(SocketAddr, u16)>) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let is_register = head.starts_with("REGISTER ");
    let mut top = true;
    let lines: Vec<String> = head
        .split("\r\n")
        .enumerate()
        .map(|(index, line)| {
            let name = name(line);
            if index == 0 {
                let line = replace_uris(line, inside, outside, false);
                return forced.map_or(line.clone(), |it| force(&line, it));
            }
            match name.as_str() {
                "via" if std::mem::take(&mut top) => {
                    let marker = ["/UDP ", "/TCP "].iter().find_map(|it| line.find(it)).map(|it| it + 5);
                    marker
                        .and_then(|it| replace_at(line, it, inside, outside, false))
                        .unwrap_or_else(|| line.to_owned())
                }
                "contact" => replace_uris(line, inside, outside, is_register),
                "from" | "to" => {
                    let line = replace_uris(line, inside, outside, false);
                    forced.map_or(line.clone(), |it| force(&line, it))
                }
                _ => line.to_owned(),
            }
        })
        .collect();
    format!("{}\r\n\r\n{body}", lines.join("\r\n"))
}

fn carries_description(head: &str) -> bool {
    let start = head.split("\r\n").next().unwrap_or_default();
    let cseq = head.split("\r\n").find(|line| name(line) == "cseq").unwrap_or_default();
    let method = if start.starts_with("SIP/") { cseq } else { start };
    ["INVITE", "UPDATE", "PRACK"].iter().any(|it| method.contains(it))
}

fn port_of(media: &str) -> Option<u16> {
    media.split(' ').nth(1)?.parse().ok()
}

/// Whether the helper can read the description; it drops what it cannot.
fn description_is_read(text: &str) -> bool {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let Some(begins) = body.find("v=0").filter(|_| carries_description(head)) else { return true };
    let lines: Vec<&str> = body[begins..].split("\r\n").collect();
    let ports = lines.iter().filter(|line| line.starts_with("m=audio")).filter_map(|line| port_of(line));
    let connection = lines.iter().find_map(|line| line.strip_prefix("c=IN IP4 "));
    let readable = connection.is_some_and(|it| it.parse::<IpAddr>().is_ok());
    readable && ports.into_iter().all(|port| port == 0 || port >= 1024)
}

/// The description rewritten; `None` when the message is dropped.
fn with_description(text: &str, inside: SocketAddr, outside: SocketAddr) -> Option<String> {
    if !description_is_read(text) {
        return None;
    }
    let (head, body) = text.split_once("\r\n\r\n")?;
    let Some(begins) = body.find("v=0").filter(|_| carries_description(head)) else { return Some(text.to_owned()) };
    let length = head.split("\r\n").find(|line| name(line) == "content-length")?;
    let description = &body[begins..];
    let connection = description.split("\r\n").find_map(|line| line.strip_prefix("c=IN IP4 "))?;
    let origin = description.split("\r\n").find_map(|line| line.strip_prefix("o="))?;
    origin.rsplit(' ').next()?.parse::<IpAddr>().ok()?;
    let (ours, theirs) = (inside.ip().to_string(), outside.ip().to_string());
    let held = connection == "0.0.0.0";
    if !held && connection != ours || inside.ip() == outside.ip() {
        return Some(text.to_owned());
    }
    let with = if held { "0.0.0.0" } else { theirs.as_str() };
    let lines = description.split("\r\n").map(|line| match line.as_bytes() {
        [b'o', b'=', ..] => format!("{}{with}", &line[..line.rfind(' ').unwrap() + 1]),
        [b'c', b'=', ..] if line.ends_with(&ours) => format!("c=IN IP4 {theirs}"),
        _ => line.to_owned(),
    });
    let description = lines.collect::<Vec<_>>().join("\r\n");
    let counted = format!("{} {}", &length[..=length.find(':')?], description.len());
    let head = head.replacen(length, &counted, 1);
    Some(format!("{head}\r\n\r\n{}{description}", &body[..begins]))
}

/// The way back: everything that names the outside address names the inside one again.
fn restore(text: &str, outside: SocketAddr, inside: SocketAddr) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut top = true;
    let lines: Vec<String> = head
        .split("\r\n")
        .enumerate()
        .map(|(index, line)| match name(line).as_str() {
            _ if index == 0 => replace_uris(line, outside, inside, false),
            "via" if std::mem::take(&mut top) => restore_via(line, outside, inside),
            "contact" | "from" | "to" => replace_uris(line, outside, inside, false),
            _ => line.to_owned(),
        })
        .collect();
    format!("{}\r\n\r\n{body}", lines.join("\r\n"))
}

fn restore_via(line: &str, outside: SocketAddr, inside: SocketAddr) -> String {
    let marker = ["/UDP ", "/TCP "].iter().find_map(|it| line.find(it)).map(|it| it + 5);
    let Some(restored) = marker.and_then(|it| replace_at(line, it, outside, inside, false)) else {
        return line.to_owned();
    };
    restored
        .replace(&format!("received={}", outside.ip()), &format!("received={}", inside.ip()))
        .replace(&format!("rport={}", outside.port()), &format!("rport={}", inside.port()))
}
