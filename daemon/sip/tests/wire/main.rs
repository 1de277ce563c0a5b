//! Messages on the wire as phones, providers and attackers send them, beyond RFC 4475's.

mod ipv6;
mod limits;
mod ordinary;
mod properties;
mod streams;
mod written;

use bytes::Bytes;
use centrale_sip::message::{Fault, Message, Request, scan_datagram};

/// A request with the mandatory headers; the lines given replace those of their name and come first.
pub(crate) fn text(start: &str, lines: &[&str]) -> String {
    let usual = [
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        "From: <sip:201@example.com>;tag=1",
        "To: <sip:202@example.com>",
        "Call-ID: 1",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 70",
    ];
    let named = |line: &str| line.split_once(':').map(|(name, _)| name.trim().to_owned());
    let given: Vec<_> = lines.iter().filter_map(|line| named(line)).collect();
    let kept = usual.iter().filter(|line| named(line).is_none_or(|name| !given.contains(&name)));
    let all: Vec<&str> = [start].into_iter().chain(lines.iter().copied()).chain(kept.copied()).collect();
    format!("{}\r\n\r\n", all.join("\r\n"))
}

pub(crate) fn scanned(start: &str, lines: &[&str]) -> Result<Request, Fault> {
    match scan_datagram(&Bytes::from(text(start, lines)))? {
        Message::Request(request) => {
            Message::Request(request.clone()).validate()?;
            Ok(request)
        }
        Message::Response(_) => panic!("the test wrote a request"),
    }
}

pub(crate) fn with(lines: &[&str]) -> Result<Request, Fault> {
    scanned("OPTIONS sip:202@example.com SIP/2.0", lines)
}
