//! F8 (section 8): Content-Length is not the length of the body, on a datagram. Strong: one who rewrote the body forgot the
//! number, or the reverse (Linux does, in a multipart body). A broken peer does it in every call, so two calls are asked for.

use bytes::Bytes;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Headers};

use super::Found;
use crate::view::number;

/// `bytes` is the datagram as it came.
pub(super) fn check<'a>(transport: Transport, headers: &'a Headers, body: &Bytes, bytes: &[u8]) -> Option<Found<'a>> {
    // As most messages end.
    if transport != Transport::Udp || (body.is_empty() && bytes.ends_with(b"\r\nContent-Length: 0\r\n\r\n")) {
        return None;
    }
    let length = headers.first(&HeaderName::ContentLength)?;
    let claimed = number(length)?;
    let there = body_length(body, bytes)?;
    (claimed != there).then(|| Found::new(if claimed < there { "a shorter body" } else { "a longer body" }, length))
}

/// The scanner drops what stands behind Content-Length; the datagram still has it.
fn body_length(body: &Bytes, bytes: &[u8]) -> Option<usize> {
    let begins = (body.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize);
    match begins.filter(|begins| !body.is_empty() && begins + body.len() <= bytes.len()) {
        Some(begins) => Some(bytes.len() - begins),
        None if bytes.ends_with(b"\r\n\r\n") || bytes.ends_with(b"\n\n") => Some(0),
        None => Some(bytes.len() - (memchr::memmem::find(bytes, b"\r\n\r\n")? + 4)),
    }
}

#[cfg(test)]
mod tests {
    use centrale_sip::message::scan_datagram;

    use super::*;

    fn is_wrong(length: usize, body: &str) -> bool {
        let bytes =
            Bytes::from(format!("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nContent-Length: {length}\r\n\r\n{body}"));
        let message = scan_datagram(&bytes).unwrap();
        check(Transport::Udp, message.headers(), message.body(), &bytes).is_some()
    }

    #[test]
    fn too_short_and_too_long_are_seen_and_right_is_not() {
        assert!(!is_wrong(0, ""));
        assert!(is_wrong(30, "v=0\r\nContent-Length: 0\r\n\r\n"));
        assert!(!is_wrong(5, "v=0\r\n"));
        assert!(is_wrong(4, "v=0\r\n"));
        assert!(is_wrong(9, "v=0\r\n"));
        assert!(is_wrong(0, "v=0\r\n"));
        assert!(is_wrong(3, ""));
    }
}
