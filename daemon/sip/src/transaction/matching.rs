//! How a message finds its transaction (RFC 3261 17.1.3 and 17.2.3), also when its sender is as old as RFC 2543.
//!
//! A transaction is found by a 128-bit keyed fingerprint of what the RFC compares, not by the texts themselves: 16 bytes
//! instead of some 150, and nobody who does not know the seed can aim for a collision.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::net::IpAddr;

use rand::Rng;

use crate::message::{HeaderName, Headers, Host, Method, Request, Via};

/// What is compared instead of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u128);

impl Fingerprint {
    /// For hash tables.
    pub(crate) const fn short(self) -> u64 {
        self.0 as u64
    }
}

/// Makes fingerprints. Two SipHashes, each begun with secret words.
#[derive(Debug)]
pub(crate) struct Fingerprinter([[u64; 2]; 2]);

impl Fingerprinter {
    pub(crate) fn new(rng: &mut impl Rng) -> Self {
        let mut word = || rng.next_u64();
        Self([[word(), word()], [word(), word()]])
    }

    fn print(&self, parts: &[&[u8]]) -> Fingerprint {
        let mut text = Vec::with_capacity(parts.iter().map(|part| part.len() + size_of::<usize>()).sum());
        for part in parts {
            // With its length, so that no two lists of parts run into the same bytes.
            text.extend_from_slice(&part.len().to_ne_bytes());
            text.extend_from_slice(part);
        }
        let half = |secret: &[u64; 2]| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(secret[0]);
            hasher.write_u64(secret[1]);
            hasher.write(&text);
            hasher.finish()
        };
        Fingerprint(u128::from(half(&self.0[0])) << 64 | u128::from(half(&self.0[1])))
    }

    /// Of a request of ours: its branch and its method (17.1.3).
    pub(crate) fn client(&self, branch: &str, method: &Method) -> Fingerprint {
        self.print(&[b"client", branch.as_bytes(), method.as_str().as_bytes()])
    }

    /// Of a request of a peer's, as if it had this method: branch, sent-by and method (17.2.3). `via` is as it came. An ACK looks for its
    /// INVITE, and so does a CANCEL that asks with INVITE.
    pub(crate) fn server(&self, request: &Request, via: &Via, method: &Method) -> Fingerprint {
        let method = if *method == Method::ACK { &Method::INVITE } else { method };
        let method = method.as_str().as_bytes();
        let host = octets(&via.host);
        let port = via.port.unwrap_or_default().to_be_bytes();
        match via.transaction_branch() {
            Some(branch) => self.print(&[b"server", branch.as_bytes(), &host, &port, method]),
            None => {
                let (uri, parts) = (request.uri.to_string(), Parts::of(&request.headers));
                let via = via.to_string();
                let (call, from, number) = (parts.call_id, parts.from_tag.as_bytes(), parts.number);
                self.print(&[b"2543", uri.as_bytes(), from, call, &number, via.as_bytes(), method])
            }
        }
    }

    /// What stays the same when one request comes over two ways (8.2.2.2). `None` when it is within a dialog.
    pub(crate) fn merged(&self, request: &Request) -> Option<Fingerprint> {
        let parts = Parts::of(&request.headers);
        if !parts.to_tag.is_empty() {
            return None;
        }
        let (call, from, method) = (parts.call_id, parts.from_tag.as_bytes(), request.method.as_str());
        Some(self.print(&[b"merged", call, from, &parts.number, method.as_bytes()]))
    }

    /// Of a dialog and the number of its INVITE: how the ACK for a 2xx finds it (13.3.1.4).
    pub(crate) fn dialog(&self, headers: &Headers) -> Fingerprint {
        let parts = Parts::of(headers);
        let (call, from, to) = (parts.call_id, parts.from_tag.as_bytes(), parts.to_tag.as_bytes());
        self.print(&[b"dialog", call, from, to, &parts.number])
    }

    /// A To tag that is the same whenever the same request comes (8.2.7).
    pub(crate) fn stateless_tag(&self, headers: &Headers) -> String {
        let parts = Parts::of(headers);
        let call = parts.call_id;
        let mut tag = String::new();
        let print = self.print(&[b"tag", call, parts.from_tag.as_bytes(), &parts.number]).short();
        write!(tag, "{print:016x}").expect("writing to a String cannot fail");
        tag
    }
}

/// A name or an address, as no other is.
fn octets(host: &Host) -> Cow<'_, [u8]> {
    match host {
        Host::Name(name) => Cow::Borrowed(name.as_bytes()),
        Host::Ip(IpAddr::V4(ip)) => Cow::Owned([b"4:", &ip.octets()[..]].concat()),
        Host::Ip(IpAddr::V6(ip)) => Cow::Owned([b"6:", &ip.octets()[..]].concat()),
    }
}

/// The texts that identify a request beyond its branch. What cannot be read counts as empty.
struct Parts<'a> {
    call_id: &'a [u8],
    from_tag: Cow<'a, str>,
    to_tag: Cow<'a, str>,
    number: [u8; 4],
}

impl<'a> Parts<'a> {
    fn of(headers: &'a Headers) -> Self {
        Self {
            call_id: headers.first(&HeaderName::CallId).map_or(b"", |id| id),
            from_tag: headers.from_tag().unwrap_or_default(),
            to_tag: headers.to_tag().unwrap_or_default(),
            number: headers.cseq_number().unwrap_or_default().to_be_bytes(),
        }
    }
}
