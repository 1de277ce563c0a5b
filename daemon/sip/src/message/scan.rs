//! The bounded scanner: bytes to start line, header fields and body. It looks at structure only; values are read when asked
//! for. One pass over the head, one slice per field, a copy only for folded lines.

use std::ops::Range;

use bytes::Bytes;

use super::fault::{Fault, MAX_HEAD, MAX_HEADERS, MAX_MESSAGE, MAX_VALUE};
use super::headers::{Headers, parse_number};
use super::name::HeaderName;
use super::params::is_token;
use super::uri::Uri;
use super::{Message, Method, Request, Response, Status};

/// Header fields that most messages do not exceed.
const USUAL_FIELDS: usize = 16;

/// Whether a datagram only keeps a NAT's door open: line ends, spaces or NULs, as phones send them every half minute. It is
/// no message, and no fault either.
pub fn is_keep_alive(bytes: &[u8]) -> bool {
    bytes.len() <= 32 && bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' ' | 0))
}

/// Reads one datagram. Bytes beyond Content-Length are dropped (RFC 3261 18.3). A Content-Length that is no number or more
/// than there is leaves the whole rest as the body, and [`Message::validate`] refuses it: such a request is answered 400.
///
/// # Errors
/// The first structural [`Fault`].
pub fn scan_datagram(bytes: &Bytes) -> Result<Message, Fault> {
    let (mut message, head) = scan_head(bytes)?;
    let available = bytes.len() - head;
    let length = content_length(message.headers()).ok().flatten().map_or(available, |length| length.min(available));
    *message.body_mut() = if length == 0 { Bytes::new() } else { bytes.slice(head..head + length) };
    Ok(message)
}

/// Reads one message that a stream framer cut out: Content-Length has been seen to agree.
///
/// # Errors
/// The first structural [`Fault`].
pub fn scan_framed(bytes: &Bytes) -> Result<Message, Fault> {
    let (mut message, head) = scan_head(bytes)?;
    *message.body_mut() = bytes.slice(head..);
    Ok(message)
}

/// Content-Length, every occurrence of which must be the same number.
pub(super) fn content_length(headers: &Headers) -> Result<Option<usize>, Fault> {
    let mut length = None;
    for value in headers.all(&HeaderName::ContentLength) {
        let text = std::str::from_utf8(value).map_err(|_| Fault::ContentLength)?;
        let number = parse_number(text).ok_or(Fault::ContentLength)? as usize;
        if length.is_some_and(|before| before != number) {
            return Err(Fault::ContentLength);
        }
        length = Some(number);
    }
    Ok(length)
}

fn scan_head(bytes: &Bytes) -> Result<(Message, usize), Fault> {
    if bytes.len() > MAX_MESSAGE {
        return Err(Fault::TooLarge);
    }
    // Keep-alive line ends may stand before a message (RFC 3261 7.5).
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).ok_or(Fault::Truncated)?;
    let mut lines = Lines { bytes, at: start };
    let first = lines.next_line()?;
    let mut message = start_line(bytes, first)?;
    while let Some(field) = lines.next_field()? {
        let headers = message.headers_mut();
        if headers.len() == MAX_HEADERS {
            return Err(Fault::HeaderLimit);
        }
        let (name, value) = match &field {
            Field::Line(line) => split_field(&bytes[line.clone()], |part| bytes.slice_ref(part))?,
            Field::Folded(text) => split_field(text, Bytes::copy_from_slice)?,
        };
        headers.push(name, value);
    }
    Ok((message, lines.at))
}

/// One header field: where it stands, or its text when it was folded.
enum Field {
    Line(Range<usize>),
    Folded(Vec<u8>),
}

struct Lines<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl Lines<'_> {
    /// The range of the next line without its end. CRLF, and a bare LF as lenient peers send it.
    fn next_line(&mut self) -> Result<Range<usize>, Fault> {
        let head = &self.bytes[..self.bytes.len().min(MAX_HEAD)];
        let rest = head.get(self.at..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'\n', rest) else {
            return Err(if head.len() < self.bytes.len() { Fault::TooLarge } else { Fault::Truncated });
        };
        let start = self.at;
        self.at += length + 1;
        let end = if length > 0 && rest[length - 1] == b'\r' { start + length - 1 } else { start + length };
        Ok(start..end)
    }

    /// The same, of a line that may not have a CR but at its end.
    fn next_field_line(&mut self) -> Result<Range<usize>, Fault> {
        let start = self.at;
        let rest = self.bytes.get(start..self.bytes.len().min(MAX_HEAD)).unwrap_or_default();
        match memchr::memchr2(b'\r', b'\n', rest) {
            Some(length) if rest[length..].starts_with(b"\r\n") => {
                self.at += length + 2;
                Ok(start..start + length)
            }
            Some(length) if rest[length] == b'\n' => {
                self.at += length + 1;
                Ok(start..start + length)
            }
            _ => self.next_line().and(Err(Fault::HeaderLine)),
        }
    }

    /// The next header field, unfolded; `None` at the empty line.
    fn next_field(&mut self) -> Result<Option<Field>, Fault> {
        let first = self.next_field_line()?;
        if first.is_empty() {
            return Ok(None);
        }
        let mut folded: Option<Vec<u8>> = None;
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t')) {
            let more = self.next_field_line()?;
            let text = folded.get_or_insert_with(|| self.bytes[first.clone()].to_vec());
            text.push(b' ');
            text.extend_from_slice(self.bytes[more].trim_ascii());
        }
        Ok(Some(folded.map_or(Field::Line(first), Field::Folded)))
    }
}

/// Name and value of a field; `keep` makes what is kept of it.
fn split_field(field: &[u8], keep: impl Fn(&[u8]) -> Bytes) -> Result<(HeaderName, Bytes), Fault> {
    let length = field.iter().position(|&byte| !is_token(byte)).ok_or(Fault::HeaderLine)?;
    let (name, rest) = field.split_at(length);
    let value = rest.trim_ascii_start().strip_prefix(b":").ok_or(Fault::HeaderLine)?.trim_ascii();
    if name.is_empty() || name.len() > 128 {
        return Err(Fault::HeaderLine);
    }
    if value.len() > MAX_VALUE {
        return Err(Fault::HeaderLimit);
    }
    let value = if value.is_empty() { Bytes::new() } else { keep(value) };
    Ok((HeaderName::known(name).unwrap_or_else(|| HeaderName::Other(keep(name))), value))
}

fn start_line(bytes: &Bytes, range: Range<usize>) -> Result<Message, Fault> {
    let line = &bytes[range];
    if line.len() > MAX_VALUE || line.contains(&0) {
        return Err(Fault::StartLine);
    }
    if let Some((prefix, rest)) = line.split_first_chunk::<4>()
        && prefix.eq_ignore_ascii_case(b"SIP/")
    {
        return status_line(rest);
    }
    let space = memchr::memchr(b' ', line).ok_or(Fault::StartLine)?;
    let method = Method::parse(&line[..space]).ok_or(Fault::StartLine)?;
    let rest = &line[space + 1..];
    // The version has no space in it: the last " SIP/" begins it, whatever a broken URI holds.
    let version_at = rest.windows(5).rposition(|five| five.eq_ignore_ascii_case(b" SIP/")).ok_or(Fault::StartLine)?;
    let (uri, version) = (&rest[..version_at], &rest[version_at + 5..]);
    let uri = std::str::from_utf8(uri).ok().filter(|_| version.trim_ascii() == version).and_then(Uri::parse);
    Ok(Message::Request(Request {
        method,
        uri: uri.unwrap_or(Uri::Malformed),
        version_supported: version.trim_ascii() == b"2.0",
        headers: Headers::with_room(USUAL_FIELDS),
        body: Bytes::new(),
    }))
}

fn status_line(rest: &[u8]) -> Result<Message, Fault> {
    let rest = rest.strip_prefix(b"2.0 ").ok_or(Fault::Version)?;
    let (code, reason) = rest.split_at(rest.len().min(3));
    let well_formed = reason.is_empty() || reason.starts_with(b" ");
    let number = std::str::from_utf8(code).ok().filter(|code| code.len() == 3).and_then(parse_number);
    let status = number.and_then(|number| u16::try_from(number).ok()).and_then(Status::new);
    let status = status.filter(|_| well_formed).ok_or(Fault::StartLine)?;
    let reason = String::from_utf8_lossy(reason.trim_ascii()).into_owned();
    Ok(Message::Response(Response { status, reason, headers: Headers::with_room(USUAL_FIELDS), body: Bytes::new() }))
}
