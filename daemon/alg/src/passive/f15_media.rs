//! F15 (section 8): a phone's session description says in c= a public address, or the one it is heard from, and another, private
//! one in `a=candidate` or `a=rtcp`. Medium: Linux rewrites the one and leaves the others. A phone that uses STUN names the
//! address of c= among its candidates (RFC 8445 5.1.2), and so does one with two interfaces.

use std::net::IpAddr;

use super::Found;
use crate::view::{address, is_private, line};

/// `source`: where the description was heard from.
pub(super) fn check(source: IpAddr, body: &[u8]) -> Option<Found<'_>> {
    let line = line(body, b'c')?;
    let said = line.rsplit(' ').next().and_then(address)?;
    let is_of_a_router = said == source.to_canonical() || !is_private(said);
    let told = is_of_a_router && !said.is_unspecified() && !said.is_loopback();
    told.then(|| private_in_attributes(said, body)).flatten().map(|left| Found::new(line, left))
}

/// The first `a=rtcp` or host candidate that is private and not `said`; no candidate when one of them names that address.
pub(super) fn private_in_attributes(said: IpAddr, body: &[u8]) -> Option<&str> {
    let (mut rest, mut left, mut names_said) = (body, None, false);
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (line, behind) = rest.split_at(end);
        rest = behind.get(1..).unwrap_or_default();
        let is_rtcp = line.starts_with(b"a=rtcp:");
        if !is_rtcp && !line.starts_with(b"a=candidate:") {
            continue;
        }
        let line = std::str::from_utf8(line.trim_ascii_end()).unwrap_or_default();
        let other = || line.split(' ').filter_map(address).any(|it| is_private(it) && it != said);
        if is_rtcp {
            if other() {
                return Some(line);
            }
            continue;
        }
        names_said |= line.split(' ').filter_map(address).any(|it| it == said);
        left = left.or_else(|| (line.contains("typ host") && other()).then_some(line));
    }
    left.filter(|_| !names_said)
}

/// Whether there is anything for F13 and F15 to look at in a description: most hold neither `a=rtcp` nor `a=candidate`. Both are told
/// by the letter c, which stands in few other places.
pub(super) fn may_hold_attributes(body: &[u8]) -> bool {
    memchr::memchr_iter(b'c', body).any(|at| body[..at].ends_with(b"a=") || body[..at].ends_with(b"a=rt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_beside_private_candidates_is_a_sign() {
        let body = |c: &str| {
            format!(
                "v=0\r\nc=IN IP4 {c}\r\nm=audio 40000 RTP/AVP 8\r\na=candidate:1 1 UDP 2130706431 192.168.1.50 40000 typ host\r\n"
            )
        };
        let check = |body: &str| check("192.168.1.40".parse().unwrap(), body.as_bytes()).is_some();
        assert!(check(&body("203.0.113.2")));
        assert!(check(&body("192.168.1.40")), "of the second router, from which it is heard");
        assert!(!check(&body("192.168.1.50")));
        assert!(!check("v=0\r\nc=IN IP4 203.0.113.2\r\na=rtcp:4001 IN IP4 203.0.113.2\r\n"));
    }

    #[test]
    fn a_phone_that_knows_the_address_itself_names_it_among_its_candidates() {
        let own = "a=candidate:1 1 UDP 1 192.168.7.3 4000 typ host\r\n";
        let learned = "a=candidate:2 1 UDP 1 203.0.113.2 4000 typ srflx raddr 192.168.7.3 rport 4000\r\n";
        let source = "203.0.113.2".parse().unwrap();
        assert!(check(source, format!("v=0\r\nc=IN IP4 203.0.113.2\r\n{own}").as_bytes()).is_some());
        assert!(check(source, format!("v=0\r\nc=IN IP4 203.0.113.2\r\n{own}{learned}").as_bytes()).is_none());
    }
}
