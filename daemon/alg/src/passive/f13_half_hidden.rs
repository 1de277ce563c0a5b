//! F13 (section 8): a phone's request says in Via and Contact the address that it comes from, but Call-ID, `a=rtcp` or
//! `a=candidate` still hold another, private one. Medium: a phone that uses STUN, or learns its address from answers, writes so
//! too. It asks for V15. Behind a second router of the office the address that it comes from is a private one as well.
//!
//! A phone that moved keeps the Call-ID of what it began before, so only what begins something is looked at, and a Call-ID
//! counts once.

use std::net::{IpAddr, SocketAddr};

use centrale_sip::message::{HeaderName, Headers};

use super::Found;
use super::f15_media::private_in_attributes;
use crate::view::{ViaView, address, address_in, is_private, text, uri_host};

/// `attributes` is a description that may hold some ([`super::f15_media::may_hold_attributes`]).
pub(super) fn check<'a>(source: SocketAddr, headers: &'a Headers, attributes: Option<&'a [u8]>) -> Option<Found<'a>> {
    let source = source.ip().to_canonical();
    // Most requests name no other address, and nothing more of them is read.
    let left = private_call_id(source, headers).or_else(|| private_in_attributes(source, attributes?))?;
    let via = ViaView::top(headers)?;
    if source.is_loopback() || address(via.host) != Some(source) || headers.to_tag().is_some() {
        return None;
    }
    let contact = text(headers, &HeaderName::Contact)?;
    let says_source = uri_host(contact).and_then(|(host, _)| address(host)) == Some(source);
    says_source.then(|| Found::new("one address throughout", left))
}

fn private_call_id(source: IpAddr, headers: &Headers) -> Option<&str> {
    let call_id = headers.first(&HeaderName::CallId)?;
    let host = call_id.get(memchr::memrchr(b'@', call_id).map_or(0, |at| at + 1)..)?;
    // Every private address begins so.
    host.first().filter(|first| matches!(first, b'0'..=b'9' | b'[' | b':' | b'f' | b'F'))?;
    address_in(host).filter(|host| is_private(*host) && *host != source)?;
    std::str::from_utf8(call_id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_second_router_of_the_office_it_is_seen_as_well_and_a_phone_without_one_is_not() {
        let mut headers = Headers::default();
        headers.push(HeaderName::Via, "SIP/2.0/UDP 192.168.1.40:5060;branch=z9hG4bK1");
        headers.push(HeaderName::Contact, "<sip:201@192.168.1.40:5060>");
        headers.push(HeaderName::CallId, "abc@192.168.7.3");
        let source = "192.168.1.40:5060".parse().unwrap();
        assert!(check(source, &headers, None).is_some());
        headers.push(HeaderName::To, "<sip:202@192.168.1.10>;tag=1");
        assert!(check(source, &headers, None).is_none(), "begun before the phone moved");
        headers.set(HeaderName::To, "<sip:202@192.168.1.10>");
        headers.set(HeaderName::CallId, "abc@192.168.1.40");
        assert!(check(source, &headers, None).is_none());
    }

    #[test]
    fn a_private_call_id_behind_a_public_via_is_a_sign() {
        let mut headers = Headers::default();
        headers.push(HeaderName::Via, "SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK1");
        headers.push(HeaderName::Contact, "<sip:201@203.0.113.9:5060>");
        headers.push(HeaderName::CallId, "abc@192.168.7.3");
        let source = "203.0.113.9:5060".parse().unwrap();
        assert!(check(source, &headers, None).is_some());
        headers.set(HeaderName::CallId, "abc@203.0.113.9");
        assert!(check(source, &headers, None).is_none());
        assert!(check(source, &headers, Some(b"v=0\r\na=rtcp:4001 IN IP4 192.168.7.3\r\n")).is_some());
    }
}
