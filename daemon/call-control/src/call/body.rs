//! The session description in a message's body, also where it is one part of several (RFC 5621).

use bytes::Bytes;
use centrale_sip::message::{HeaderName, Headers, Status};
use centrale_sip::sdp::{CONTENT_TYPE, Session};

/// Most parts of a body that are looked at.
const MOST_PARTS: usize = 16;

/// The description: none when the body is empty, or the refusal.
pub(crate) fn description_in(headers: &Headers, body: &Bytes) -> Result<Option<Session>, Status> {
    if body.is_empty() {
        return Ok(None);
    }
    let kind = headers.text(&HeaderName::ContentType).unwrap_or_default();
    if is_kind(&kind, CONTENT_TYPE) {
        return Session::parse(body).map(Some).map_err(|_| Status::BAD_REQUEST);
    }
    let boundary = boundary(&kind).ok_or(Status::UNSUPPORTED_MEDIA_TYPE)?;
    let part = sdp_part(body, &boundary).ok_or(Status::UNSUPPORTED_MEDIA_TYPE)?;
    Session::parse(part).map(Some).map_err(|_| Status::BAD_REQUEST)
}

/// Whether Accept names the media type. Without Accept the usual one is meant, be it a session description (RFC 3261 20.1) or
/// that of an event package (RFC 6665 3.1.3); an empty one, which would take nothing at all, is read as none.
pub(crate) fn takes(headers: &Headers, kind: &str) -> bool {
    let accepted = headers.items(&HeaderName::Accept);
    let family = kind.split_once('/').map(|(family, _)| format!("{family}/*")).unwrap_or_default();
    let names = |item: &String| [kind, "*/*", &family].iter().any(|one| is_kind(item, one));
    accepted.is_empty() || accepted.iter().any(names)
}

fn is_kind(value: &str, kind: &str) -> bool {
    value.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(kind))
}

/// The line that separates the parts of a `multipart/…` body (RFC 2046 5.1.1).
fn boundary(kind: &str) -> Option<String> {
    let (name, params) = kind.split_once(';')?;
    let is_multipart = name.trim().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
    let named = |param: &str| {
        let (name, value) = param.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    };
    let boundary = params.split(';').find_map(named)?;
    (is_multipart && !boundary.is_empty()).then(|| format!("--{boundary}"))
}

fn sdp_part<'a>(body: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let mut rest = after(body, boundary.as_bytes())?;
    for _ in 0..MOST_PARTS {
        let end = find(rest, boundary.as_bytes());
        let part = end.map_or(rest, |end| &rest[..end]);
        if let Some(sdp) = content(part) {
            return Some(sdp);
        }
        rest = after(rest, boundary.as_bytes())?;
    }
    None
}

/// What is behind the head of a part, when the part is a session description.
fn content(part: &[u8]) -> Option<&[u8]> {
    let head_end = find(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&part[..head_end]);
    let is_sdp = head.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
        (name.trim().eq_ignore_ascii_case("content-type") || name.trim().eq_ignore_ascii_case("c"))
            && is_kind(value, CONTENT_TYPE)
    });
    is_sdp.then(|| &part[head_end + 4..])
}

fn after<'a>(bytes: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    find(bytes, what).map(|at| &bytes[at + what.len()..])
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &'static str, body: &str) -> Result<Option<Session>, Status> {
        let mut headers = Headers::default();
        headers.push(HeaderName::ContentType, kind);
        description_in(&headers, &Bytes::copy_from_slice(body.as_bytes()))
    }

    const SDP: &str =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";

    #[test]
    fn the_description_is_found_alone_and_among_other_parts() {
        let alone = read("Application/SDP; charset=utf-8", SDP).unwrap();
        assert!(alone.is_some());
        let second = format!(
            "preamble\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n--x--\r\n"
        );
        assert_eq!(read("multipart/mixed; boundary=x", &second), Ok(alone));
        assert_eq!(read("text/plain", ""), Ok(None));
    }

    #[test]
    fn a_body_without_one_is_refused_and_never_harmful() {
        for (kind, body) in [
            ("text/plain", "hello"),
            ("multipart/mixed", "--x\r\n\r\n"),
            ("multipart/mixed; boundary=x", "--x"),
            ("multipart/mixed; boundary=\"\"", SDP),
            ("multipart/mixed; boundary=x", "--x\r\nContent-Type: text/plain\r\n\r\n--x--x--x--x"),
            ("m\u{fc}ltipart/mixed; boundary=x", "--x"),
        ] {
            assert_eq!(read(kind, body), Err(Status::UNSUPPORTED_MEDIA_TYPE), "{kind}");
        }
        assert_eq!(read("application/sdp", "v=1\r\n"), Err(Status::BAD_REQUEST));
    }
}
