//! Healing: a message of a phone that somebody on its way has damaged, where it can still be told what the phone meant. Only
//! what comes from a phone that is bound is given here; who sends what is not healed gets the refusal that it always got.
//!
//! Two things are healed. A datagram's own length tells a wrong Content-Length, when what is there is a whole session
//! description. A phone that says in Via and in Contact that it is where it is heard from, in a private network, is not to be
//! sent sound on the internet: the description's address was written by a router.

use std::net::IpAddr;
use std::ops::Range;

use bytes::Bytes;
use centrale_sip::flow::{Flow, Transport};

use crate::diagnosis::{Deed, Deeds};
use crate::view::{ViaView, address, address_in, is_private, lines, number, uri_host};

/// A message as it was meant, and what was done to it on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healed {
    /// The message.
    pub bytes: Bytes,
    /// [`Deed::ChangesContentLength`], [`Deed::RewritesSdp`], or both.
    pub deeds: Deeds,
}

/// Heals a phone's message; `None` when there is nothing to heal, or nobody can tell what was meant. A message without a
/// body, as most are, costs one search for its end.
pub fn message(flow: &Flow, bytes: &Bytes) -> Option<Healed> {
    if bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    if last_description(bytes).is_some_and(|(head, body)| looks_right(head, body)) {
        return None;
    }
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let body = bytes.get(end..).filter(|body| body.starts_with(b"v=0") && body.ends_with(b"\n"))?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let fields = Fields::of(head)?;
    let is_damaged = flow.transport == Transport::Udp && fields.length_says != body.len();
    let meant = described(flow.remote.ip().to_canonical(), &fields, body);
    let mut deeds = Deeds::NONE;
    if is_damaged {
        deeds.insert(Deed::ChangesContentLength);
    }
    if meant.is_some() {
        deeds.insert(Deed::RewritesSdp);
    }
    if deeds.is_empty() {
        return None;
    }
    let body = meant.unwrap_or_else(|| body.to_vec());
    let (before, behind) = (head.get(..fields.length.start)?, head.get(fields.length.end..)?);
    let bytes = [before.as_bytes(), body.len().to_string().as_bytes(), behind.as_bytes(), &body].concat().into();
    Some(Healed { bytes, deeds })
}

/// A message's head and the session description at its end, found from there: it is shorter than the head.
fn last_description(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let begins = |at: &usize| bytes[*at..].starts_with(b"v=0") && bytes[..*at].ends_with(b"\r\n\r\n");
    memchr::memrchr_iter(b'v', bytes).find(begins).map(|at| bytes.split_at(at))
}

/// Whether a description is counted as long as it is and is for no address of the internet, by the fields as nearly all phones
/// write them. What is written otherwise is looked at closely.
fn looks_right(head: &[u8], body: &[u8]) -> bool {
    let written = lines_from_the_end(head).find_map(|line| line.strip_prefix(b"Content-Length:"));
    written.and_then(|written| number(written.trim_ascii())) == Some(body.len()) && all_private(body)
}

/// The last lines of a head first: Content-Length is among them as a rule.
fn lines_from_the_end(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = head.strip_suffix(b"\r\n\r\n").unwrap_or(head);
    std::iter::from_fn(move || {
        let at = memchr::memrchr(b'\n', rest)?;
        let line = rest.get(at + 1..)?;
        rest = rest.get(..at)?.trim_ascii_end();
        Some(line)
    })
}

/// Whether every address for sound in a description is one that the internet does not carry.
fn all_private(body: &[u8]) -> bool {
    lines(body, b'c').all(|line| {
        let to = line.strip_prefix(b"c=IN IP4 ").and_then(address_in);
        to.is_some_and(|to| is_private(to) || to.is_unspecified())
    })
}

/// What is read of a head.
struct Fields<'a> {
    /// Where the number of Content-Length stands.
    length: Range<usize>,
    length_says: usize,
    via: Option<&'a str>,
    contact: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// `None` when it is not a description that alone is its body, or says its length not once.
    fn of(head: &'a str) -> Option<Self> {
        let (mut length, mut via, mut contact, mut is_description, mut at) = (None, None, None, false, 0);
        for line in head.split_inclusive("\r\n") {
            let begin = at;
            at += line.len();
            let Some((name, value)) = line.split_once(':') else { continue };
            let is = |long: &str, compact: &str| {
                let name = name.trim_end();
                name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(compact)
            };
            match () {
                () if is("content-length", "l") && length.is_some() => return None,
                () if is("content-length", "l") => {
                    let number = value.trim();
                    let first = begin + line.len() - value.trim_start().len();
                    length = Some((first..first + number.len(), number.parse().ok()?));
                }
                () if is("content-type", "c") => {
                    let kind = value.trim().get(..15).unwrap_or_default();
                    is_description = kind.eq_ignore_ascii_case("application/sdp");
                }
                () if is("via", "v") => via = via.or(Some(value.trim())),
                () if is("contact", "m") => contact = contact.or(Some(value.trim())),
                () => {}
            }
        }
        let (length, length_says) = length.filter(|_| is_description)?;
        Some(Self { length, length_says, via, contact })
    }

    /// Whether the phone says of itself that it is there. An answer's Via is ours, so there Contact says it alone.
    fn say(&self, source: IpAddr) -> bool {
        let via = self.via.and_then(ViaView::of).and_then(|via| address(via.host));
        let contact = self.contact.and_then(uri_host).and_then(|(host, _)| address(host));
        contact == Some(source) && (via == Some(source) || via.is_none_or(is_private))
    }
}

/// The description with the phone's own address, when it holds one of the internet.
fn described(source: IpAddr, fields: &Fields<'_>, body: &[u8]) -> Option<Vec<u8>> {
    if !is_private(source) || source.is_loopback() || !source.is_ipv4() {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let public = |line: &str| {
        let host = line.strip_prefix("c=IN IP4 ")?.trim_end().split('/').next()?;
        address(host).filter(|it| !is_private(*it) && !it.is_unspecified() && !it.is_multicast())
    };
    text.lines().find_map(public).filter(|_| fields.say(source))?;
    let lines = text.split_inclusive('\n').map(|line| match public(line) {
        Some(_) => format!("c=IN IP4 {source}\r\n"),
        None => line.to_owned(),
    });
    Some(lines.collect::<String>().into_bytes())
}

#[cfg(test)]
mod tests {
    use centrale_sip::flow::FlowId;

    use super::*;

    const PHONE: &str = "192.168.1.20";

    fn flow(transport: Transport, remote: &str) -> Flow {
        let local = "192.168.1.10:5060".parse().unwrap();
        Flow { id: FlowId(1), transport, local, remote: format!("{remote}:5060").parse().unwrap() }
    }

    fn invite(own: &str, sound: &str, length: Option<usize>) -> Bytes {
        let body =
            format!("v=0\r\no=- 1 1 IN IP4 {sound}\r\ns=-\r\nc=IN IP4 {sound}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n");
        let length = length.unwrap_or(body.len());
        Bytes::from(format!(
            "INVITE sip:202@192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP {own}:5060;branch=z9hG4bK1\r\n\
             Contact: <sip:201@{own}:5060>\r\nc: application/sdp\r\nl:  {length} \r\n\r\n{body}"
        ))
    }

    fn healed(remote: &str, bytes: &Bytes) -> Option<(Vec<Deed>, String)> {
        let healed = message(&flow(Transport::Udp, remote), bytes)?;
        Some((healed.deeds.iter().collect(), String::from_utf8(healed.bytes.to_vec()).unwrap()))
    }

    #[test]
    fn what_nobody_damaged_is_left_as_it_is() {
        assert_eq!(healed(PHONE, &invite(PHONE, PHONE, None)), None);
        assert_eq!(healed(PHONE, &Bytes::from_static(b"OPTIONS sip:a SIP/2.0\r\nl: 9\r\n\r\n")), None);
        assert_eq!(healed("203.0.113.9", &invite("203.0.113.9", "203.0.113.9", None)), None, "a phone at home");
        assert_eq!(healed(PHONE, &invite(PHONE, "0.0.0.0", None)), None, "on hold");
        assert_eq!(
            healed(PHONE, &invite(PHONE, "10.0.0.9", None)),
            None,
            "its sound may come from elsewhere in the office"
        );
    }

    #[test]
    fn a_wrong_length_is_told_by_the_datagram() {
        let right = String::from_utf8(invite(PHONE, PHONE, None).to_vec()).unwrap();
        for wrong in [0, 20, 400] {
            let (deeds, text) = healed(PHONE, &invite(PHONE, PHONE, Some(wrong))).unwrap();
            assert_eq!(deeds, [Deed::ChangesContentLength]);
            assert_eq!(text, right);
        }
        let on_a_stream = flow(Transport::Tcp, PHONE);
        assert_eq!(message(&on_a_stream, &invite(PHONE, PHONE, Some(20))), None, "a stream has no length of its own");
        let torn = invite(PHONE, PHONE, Some(400));
        assert_eq!(healed(PHONE, &torn.slice(..torn.len() - 9)), None, "nobody knows what is missing");
    }

    #[test]
    fn sound_for_the_internet_goes_to_the_phone_in_the_office_that_is_heard() {
        let (deeds, text) = healed(PHONE, &invite(PHONE, "203.0.113.2", None)).unwrap();
        assert_eq!(deeds, [Deed::RewritesSdp]);
        assert!(text.contains("\r\nc=IN IP4 192.168.1.20\r\n") && text.contains("\r\nl:  92 \r\n"), "{text}");
        assert_eq!(text.split_once("\r\n\r\n").unwrap().1.len(), 92);
        assert_eq!(
            healed(PHONE, &invite("203.0.113.2", "203.0.113.2", None)),
            None,
            "it says itself that it is elsewhere"
        );
    }
}
