//! F15 (section 8): a phone's session description says a public address in c= and private ones in `a=candidate` or
//! `a=rtcp`. Medium: Linux rewrites the one and leaves the others; a phone that uses STUN writes so too.

use super::Found;
use crate::view::{address, is_private, line};

pub(super) fn check(body: &[u8]) -> Option<Found<'_>> {
    let line = line(body, b'c')?;
    let public = line.rsplit(' ').next().and_then(address).is_some_and(|it| !is_private(it) && !it.is_unspecified());
    public.then(|| private_in_attributes(body)).flatten().map(|left| Found::new(line, left))
}

/// The first `a=rtcp` or host candidate that is private.
pub(super) fn private_in_attributes(body: &[u8]) -> Option<&str> {
    let mut rest = body;
    while let Some(at) = memchr::memmem::find(rest, b"\na=") {
        rest = rest.get(at + 1..)?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = std::str::from_utf8(rest.get(..end)?.trim_ascii_end()).unwrap_or_default();
        let candidate = line.starts_with("a=candidate:") && line.contains("typ host");
        if (candidate || line.starts_with("a=rtcp:")) && line.split(' ').filter_map(address).any(is_private) {
            return Some(line);
        }
    }
    None
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
        assert!(check(body("203.0.113.2").as_bytes()).is_some());
        assert!(check(body("192.168.1.50").as_bytes()).is_none());
        assert!(check(b"v=0\r\nc=IN IP4 203.0.113.2\r\na=rtcp:4001 IN IP4 203.0.113.2\r\n").is_none());
    }
}
