//! A middlebox that reads calls, one behaviour at a time, for what the Linux kernel's helper does not do: what it makes of a
//! message, purely, and a thin loop between two sockets. The router hands it the datagrams for port 5060 (nftables `redirect`).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::failure::Tried;
use crate::{Place, Result};

/// How often a loop that hears nothing looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);
/// Datagrams larger than this are lost on a middlebox that keeps no fragments.
const LARGEST: usize = 1_300;

/// What a middlebox does to what leaves the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewriting {
    /// Nothing: it carries datagrams across.
    Nothing,
    /// Its own address in Contact, and nowhere else.
    ContactOnly,
    /// Its own address in the session description, and nowhere else.
    SdpOnly,
    /// Its own address in Via, without `rport`.
    ViaStripped,
    /// Another Call-ID.
    CallIdChanged,
    /// The fields in another order, their names in capitals.
    OrderAndCase,
    /// Another address in the description, whose length it does not count again.
    LengthWrong,
    /// Large messages lost.
    LargeDropped,
    /// Transfers, and calls within a call, lost.
    ReferAndReInviteDropped,
    /// Answers to port 5060, whoever asked.
    PinnedTo5060,
    /// Registrations for a minute.
    ExpiresLowered,
    /// Compact names written out.
    CompactExpanded,
}

impl Rewriting {
    /// What becomes of a message from `inside` that leaves as from `outside`; `None` when it is lost.
    #[must_use]
    pub fn of(self, text: &str, inside: SocketAddr, outside: SocketAddr) -> Option<String> {
        let is_invite = text.starts_with("INVITE ");
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let address = |line: &str| line.replace(&inside.to_string(), &outside.to_string());
        let described = body.replace(&inside.ip().to_string(), &outside.ip().to_string());
        let (head, body) = match self {
            Self::LargeDropped if text.len() > LARGEST => return None,
            Self::ReferAndReInviteDropped if text.starts_with("REFER ") || (is_invite && is_within(head)) => {
                return None;
            }
            Self::ContactOnly => (each(head, |name, line| (name == "contact").then(|| address(line))), body.to_owned()),
            Self::ViaStripped => (
                each(head, |name, line| (name == "via").then(|| address(&line.replace(";rport", "")))),
                body.to_owned(),
            ),
            Self::CallIdChanged => {
                (each(head, |name, line| (name == "call-id").then(|| format!("{line}x"))), body.to_owned())
            }
            Self::ExpiresLowered => {
                (each(head, |name, _| (name == "expires").then(|| "Expires: 60".to_owned())), body.to_owned())
            }
            Self::CompactExpanded => (each(head, written_out), body.to_owned()),
            Self::OrderAndCase => (shuffled(head), body.to_owned()),
            Self::LengthWrong => (head.to_owned(), described),
            Self::SdpOnly => {
                let length = format!("Content-Length: {}", described.len());
                (each(head, |name, _| (name == "content-length").then(|| length.clone())), described)
            }
            Self::Nothing | Self::LargeDropped | Self::ReferAndReInviteDropped | Self::PinnedTo5060 => {
                return Some(text.to_owned());
            }
        };
        Some(format!("{head}\r\n\r\n{body}"))
    }

    /// Where an answer for `inside` goes.
    const fn back(self, mut inside: SocketAddr) -> SocketAddr {
        if matches!(self, Self::PinnedTo5060) {
            inside.set_port(5060);
        }
        inside
    }
}

/// Changes lines of a head by their names in lower case; `None` leaves one as it is.
fn each(head: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    let name = |line: &str| line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    let lines = head.split("\r\n").map(|line| change(&name(line), line).unwrap_or_else(|| line.to_owned()));
    lines.collect::<Vec<_>>().join("\r\n")
}

fn is_within(head: &str) -> bool {
    head.split("\r\n").any(|line| line.to_ascii_lowercase().starts_with("to:") && line.contains(";tag="))
}

fn written_out(name: &str, line: &str) -> Option<String> {
    const LONG: [(&str, &str); 8] = [
        ("v", "Via"),
        ("f", "From"),
        ("t", "To"),
        ("i", "Call-ID"),
        ("m", "Contact"),
        ("k", "Supported"),
        ("c", "Content-Type"),
        ("l", "Content-Length"),
    ];
    let (_, long) = LONG.iter().find(|(compact, _)| *compact == name)?;
    line.split_once(':').map(|(_, value)| format!("{long}:{value}"))
}

fn shuffled(head: &str) -> String {
    let (first, fields) = head.split_once("\r\n").unwrap_or((head, ""));
    let fields: Vec<&str> = fields.split("\r\n").collect();
    let capitals = |line: &str| line.split_once(':').map(|(name, value)| format!("{}:{value}", name.to_uppercase()));
    let rest = fields.iter().rev().map(|line| capitals(line).unwrap_or_else(|| (*line).to_owned()));
    std::iter::once(first.to_owned()).chain(rest).collect::<Vec<_>>().join("\r\n")
}

/// A running middlebox; it ends with this.
#[derive(Debug)]
pub struct Middlebox {
    /// Where the router is to hand it datagrams.
    pub port: u16,
    over: Arc<AtomicBool>,
}

impl Middlebox {
    /// Starts one on a router, whose address in the office is `place`'s, towards `server` from the router's address `outside`.
    ///
    /// # Errors
    /// When it gets no socket there.
    pub fn start(place: &Place, outside: IpAddr, server: SocketAddr, rewriting: Rewriting) -> Result<Middlebox> {
        let over = Arc::new(AtomicBool::new(false));
        let inside = place.inside(|| {
            let socket = UdpSocket::bind((place.address, 0)).tried(|| "open a middlebox".to_owned())?;
            socket.set_read_timeout(Some(LOOK)).tried(|| "open a middlebox".to_owned())?;
            Ok(Arc::new(socket))
        })?;
        let port = inside.local_addr().tried(|| "ask a middlebox for its port".to_owned())?.port();
        let (place, ends) = (place.clone(), Arc::clone(&over));
        // Sockets are made in the network of the thread that makes them.
        thread::spawn(move || place.inside(|| carry(&inside, outside, server, rewriting, &ends)));
        Ok(Middlebox { port, over })
    }
}

impl Drop for Middlebox {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Carries datagrams out, each phone by a socket of its own, and answers back, until it is told to end.
fn carry(
    inside: &Arc<UdpSocket>,
    outside: IpAddr,
    server: SocketAddr,
    rewriting: Rewriting,
    ends: &Arc<AtomicBool>,
) -> Result<()> {
    let mut phones: BTreeMap<SocketAddr, Arc<UdpSocket>> = BTreeMap::new();
    let mut buffer = vec![0; 65_535];
    while !ends.load(Ordering::Relaxed) {
        let Ok((length, from)) = inside.recv_from(&mut buffer) else { continue };
        let socket = match phones.get(&from) {
            Some(socket) => Arc::clone(socket),
            None => {
                // The port is kept where it is free, as most routers do.
                let socket = UdpSocket::bind((outside, from.port())).or_else(|_| UdpSocket::bind((outside, 0)));
                let socket = Arc::new(socket.tried(|| "open a way out".to_owned())?);
                socket
                    .connect(server)
                    .and_then(|()| socket.set_read_timeout(Some(LOOK)))
                    .tried(|| "go out".to_owned())?;
                let (back, inside, ends) = (Arc::clone(&socket), Arc::clone(inside), Arc::clone(ends));
                thread::spawn(move || bring_back(&back, &inside, rewriting.back(from), &ends));
                phones.insert(from, Arc::clone(&socket));
                socket
            }
        };
        let own = socket.local_addr().tried(|| "ask for a port".to_owned())?;
        let changed = std::str::from_utf8(&buffer[..length]).map_or(None, |text| rewriting.of(text, from, own));
        if let Some(text) = changed {
            // An error here is an ICMP message about an earlier datagram.
            let _ = socket.send(text.as_bytes());
        }
    }
    Ok(())
}

fn bring_back(from: &UdpSocket, inside: &UdpSocket, to: SocketAddr, ends: &AtomicBool) {
    let mut buffer = vec![0; 65_535];
    while !ends.load(Ordering::Relaxed) {
        if let Ok(length) = from.recv(&mut buffer) {
            let _ = inside.send_to(&buffer[..length], to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:1@198.51.100.10 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.0.2:5070;branch=z9hG4bK1;rport\r\n\
                          To: <sip:1@198.51.100.10>\r\ni: a\r\nContact: <sip:2@10.20.0.2:5070>\r\nExpires: 300\r\n\
                          Content-Length: 22\r\n\r\nc=IN IP4 10.20.0.2\r\n\r\n";

    fn made(rewriting: Rewriting, text: &str) -> Option<String> {
        rewriting.of(text, "10.20.0.2:5070".parse().unwrap(), "203.0.113.2:5071".parse().unwrap())
    }

    #[test]
    fn each_behaviour_changes_what_it_is_named_after_and_nothing_else() {
        use Rewriting::*;
        let cases = [
            (Nothing, "", ""),
            (ContactOnly, "<sip:2@10.20.0.2:5070>", "<sip:2@203.0.113.2:5071>"),
            (ViaStripped, "UDP 10.20.0.2:5070;branch=z9hG4bK1;rport", "UDP 203.0.113.2:5071;branch=z9hG4bK1"),
            (CompactExpanded, "i: a", "Call-ID: a"),
            (ExpiresLowered, "Expires: 300", "Expires: 60"),
            (LengthWrong, "IP4 10.20.0.2", "IP4 203.0.113.2"),
            (PinnedTo5060, "", ""),
        ];
        for (rewriting, from, to) in cases {
            assert_eq!(made(rewriting, INVITE).unwrap(), INVITE.replace(from, to), "{rewriting:?}");
        }
        let sdp = INVITE.replace("IP4 10.20.0.2", "IP4 203.0.113.2").replace("Length: 22", "Length: 24");
        assert_eq!(made(SdpOnly, INVITE), Some(sdp));
        assert!(
            made(OrderAndCase, INVITE).unwrap().starts_with("INVITE sip:1@198.51.100.10 SIP/2.0\r\nCONTENT-LENGTH: 22")
        );
    }

    #[test]
    fn what_is_lost_is_lost_and_nothing_else() {
        let within = INVITE.replace("To: <sip:1@198.51.100.10>", "To: <sip:1@198.51.100.10>;tag=2");
        assert_eq!(made(Rewriting::ReferAndReInviteDropped, &within), None);
        assert!(made(Rewriting::ReferAndReInviteDropped, INVITE).is_some());
        assert_eq!(made(Rewriting::LargeDropped, &format!("{INVITE}{}", "x".repeat(1_300))), None);
        assert!(made(Rewriting::LargeDropped, INVITE).is_some());
        assert_eq!(Rewriting::PinnedTo5060.back("10.20.0.2:5070".parse().unwrap()).port(), 5060);
    }
}
