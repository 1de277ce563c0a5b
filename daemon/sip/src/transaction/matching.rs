//! How a message finds its transaction (RFC 3261 17.1.3 and 17.2.3), also when its sender is as old as RFC 2543.
//!
//! A transaction is found by a 128-bit keyed fingerprint of what the RFC compares, not by the texts themselves: 16 bytes
//! instead of some 150, and nobody who does not know the seed can aim for a collision.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::net::IpAddr;

use rand::Rng;
use smallvec::SmallVec;

use crate::message::{Checked, HeaderName, Headers, Method, Request, WrittenHost};

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

    /// Of a request of a peer's, as if it had this method: branch, sent-by and method (17.2.3), as it came. An ACK looks for its
    /// INVITE, and so does a CANCEL that asks with INVITE.
    pub(crate) fn server(&self, request: &Request, checked: &Checked<'_>, method: &Method) -> Fingerprint {
        let method = if *method == Method::ACK { &Method::INVITE } else { method };
        let method = method.as_str().as_bytes();
        let (host, port) = checked.via.sent_by();
        let (host, port) = (octets(host), port.unwrap_or_default().to_be_bytes());
        match checked.via.transaction_branch() {
            Some(branch) => self.print(&[b"server", branch.as_bytes(), &host, &port, method]),
            None => {
                let (uri, parts) = (request.uri.to_string(), Parts::of_checked(checked));
                let (call, from, number) = (parts.call_id, parts.from_tag.as_bytes(), parts.number);
                self.print(&[b"2543", uri.as_bytes(), from, call, &number, checked.via.text.as_bytes(), method])
            }
        }
    }

    /// What stays the same when one request comes over two ways (8.2.2.2). `None` when it is within a dialog.
    pub(crate) fn merged(&self, checked: &Checked<'_>) -> Option<Fingerprint> {
        if checked.to_tag.is_some() {
            return None;
        }
        let Parts { call_id, from_tag, number, .. } = Parts::of_checked(checked);
        let method = checked.cseq.method.as_str();
        Some(self.print(&[b"merged", call_id, from_tag.as_bytes(), &number, method.as_bytes()]))
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

/// A name or an address, as no other is: no name has a colon.
fn octets(host: &WrittenHost<'_>) -> SmallVec<[u8; 32]> {
    let address = |family: &[u8], octets: &[u8]| {
        let mut named = SmallVec::from_slice(family);
        named.extend_from_slice(octets);
        named
    };
    match host {
        WrittenHost::Name(name) => name.bytes().map(|byte| byte.to_ascii_lowercase()).collect(),
        WrittenHost::Ip(IpAddr::V4(ip)) => address(b"4:", &ip.octets()),
        WrittenHost::Ip(IpAddr::V6(ip)) => address(b"6:", &ip.octets()),
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
    fn of_checked(checked: &'a Checked<'_>) -> Self {
        let text = |tag: &'a Option<Cow<'_, str>>| Cow::Borrowed(tag.as_deref().unwrap_or_default());
        Self {
            call_id: checked.call_id.as_bytes(),
            from_tag: text(&checked.from_tag),
            to_tag: text(&checked.to_tag),
            number: checked.cseq.number.to_be_bytes(),
        }
    }

    fn of(headers: &'a Headers) -> Self {
        Self {
            call_id: headers.first(&HeaderName::CallId).map_or(b"", |id| id),
            from_tag: headers.from_tag().unwrap_or_default(),
            to_tag: headers.to_tag().unwrap_or_default(),
            number: headers.cseq_number().unwrap_or_default().to_be_bytes(),
        }
    }
}
