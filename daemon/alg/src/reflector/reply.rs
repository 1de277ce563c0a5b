//! The form of an answer: the fields that a client and a router on the way know it by, exactly as they arrived, and a body that
//! neither of them has anything to read in.

/// Bytes of what stands between an answer's head and its body.
pub(super) const LENGTH: usize = "Content-Length: 65535\r\n\r\n".len();

/// The fields that an answer repeats, by their long and their compact names (RFC 3261 8.2.6.2).
const REPEATED: [&[u8]; 9] = [b"via", b"v", b"from", b"f", b"to", b"t", b"call-id", b"i", b"cseq"];

/// The answer up to its Content-Length; `None` when this is no request.
pub(super) fn head(bytes: &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")?;
    let mut lines = memchr::memmem::find_iter(bytes.get(..end)?, b"\r\n").map(|at| at + 2);
    let first = lines.next()?;
    let start = bytes.get(..first - 2)?;
    if start.starts_with(b"SIP/") || !start.ends_with(b" SIP/2.0") {
        return None;
    }
    // A call is refused, so that no router believes that one has begun.
    let status: &[u8] =
        if start.starts_with(b"INVITE ") { b"SIP/2.0 488 Not Acceptable Here\r\n" } else { b"SIP/2.0 200 OK\r\n" };
    let mut head = status.to_vec();
    let (mut begin, mut repeats) = (first, false);
    for next in lines.chain([end + 2]) {
        let line = bytes.get(begin..next)?;
        begin = next;
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            repeats = is_repeated(line);
        }
        if repeats {
            head.extend_from_slice(line);
        }
    }
    head.extend_from_slice(b"Content-Type: text/plain\r\n");
    Some(head)
}

fn is_repeated(line: &[u8]) -> bool {
    let name = line.get(..memchr::memchr(b':', line).unwrap_or(0)).unwrap_or_default().trim_ascii();
    REPEATED.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Head and body together.
pub(super) fn whole(head: &[u8], body: &str) -> Vec<u8> {
    [head, format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body.as_bytes()].concat()
}

/// An answer as it came: its head up to its Content-Length, and its body.
pub(super) fn split(answer: &[u8]) -> Option<(&[u8], &str)> {
    let end = memchr::memmem::find(answer, b"\r\n\r\n")?;
    let head = answer.get(..end + 2)?;
    let length = memchr::memmem::rfind(head, b"Content-Length:").unwrap_or(head.len());
    Some((head.get(..length)?, std::str::from_utf8(answer.get(end + 4..)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_repeats_what_a_client_knows_it_by_as_it_arrived() {
        let asked = b"INVITE sip:r SIP/2.0\r\nX-Other: 1\r\nv:  SIP/2.0/UDP a\r\n ;branch=z9hG4bK1\r\nTo: <sip:r>\r\nCSEQ: 1 INVITE\r\n\r\nv=0\r\n";
        let head = head(asked).unwrap();
        assert_eq!(
            String::from_utf8(head.clone()).unwrap(),
            "SIP/2.0 488 Not Acceptable Here\r\nv:  SIP/2.0/UDP a\r\n ;branch=z9hG4bK1\r\nTo: <sip:r>\r\nCSEQ: 1 INVITE\r\nContent-Type: text/plain\r\n"
        );
        assert_eq!(split(&whole(&head, "body")), Some((&head[..], "body")));
    }

    #[test]
    fn what_is_no_request_has_no_answer() {
        for bytes in [&b""[..], b"\r\n\r\n", b"SIP/2.0 200 OK\r\nVia: a\r\n\r\n", b"OPTIONS sip:r\r\nVia: a\r\n\r\n"] {
            assert_eq!(head(bytes), None);
        }
    }
}
