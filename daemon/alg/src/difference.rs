//! What was done to a message, from the two of it: byte for byte, where nobody on the way has anything to change (a router's
//! quote, the reflector's echo). The deeds are told by the fields that differ.

use crate::diagnosis::{Deed, Deeds};

/// The first line that differs, and all that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference<'a> {
    /// What was done.
    pub deeds: Deeds,
    /// The first line that was changed, as it was sent.
    pub expected: &'a [u8],
    /// And as it came.
    pub came: &'a [u8],
}

/// Compares what was sent with what was seen of it further on, which may be cut at its end.
pub fn of<'a>(sent: &'a [u8], came: &'a [u8]) -> Difference<'a> {
    let mut difference = Difference { deeds: Deeds::NONE, expected: b"", came: b"" };
    let sent_lines: Vec<&[u8]> = lines(sent).collect();
    let mut came_lines: Vec<&[u8]> = lines(came).collect();
    let whole = came.ends_with(b"\n") && memchr::memmem::find(came, b"\r\n\r\n").is_some();
    if !whole {
        // The last line of a quote is cut.
        came_lines.pop();
    }
    for (index, line) in came_lines.iter().enumerate() {
        let name = name_of(line, index);
        let mut same =
            sent_lines.iter().enumerate().filter(|(at, it)| same_name(&name_of(it, *at), &name)).map(|(_, it)| *it);
        let first = same.clone().next();
        // Who changes a body and counts it again has changed the body.
        let is_right_length = whole && deed_of(&name) == Deed::ChangesContentLength && is_length(line, came);
        if !same.any(|it| value_of(it).eq(value_of(line))) && !is_right_length {
            note(&mut difference, deed_of(&name), first.unwrap_or_default(), line);
        }
    }
    for (index, line) in sent_lines.iter().enumerate().filter(|_| whole) {
        let name = name_of(line, index);
        if !came_lines.iter().enumerate().any(|(at, it)| same_name(&name_of(it, at), &name)) {
            note(&mut difference, deed_of(&name), line, b"");
        }
    }
    let prefix = sent.len().min(came.len());
    if difference.deeds.is_empty() && (sent.get(..prefix) != came.get(..prefix) || (whole && sent.len() != came.len()))
    {
        let first = came_lines.iter().zip(&sent_lines).find(|(one, two)| one != two);
        let (line, expected) = first.map_or((&b""[..], &b""[..]), |(line, expected)| (line, expected));
        note(&mut difference, Deed::Reformats, expected, line);
    }
    difference
}

/// Whether a Content-Length is that of the message that it stands in.
fn is_length(line: &[u8], message: &[u8]) -> bool {
    let body = memchr::memmem::find(message, b"\r\n\r\n").map(|end| message.len() - end - 4);
    let says = line.splitn(2, |byte| *byte == b':').nth(1).and_then(|value| std::str::from_utf8(value).ok());
    says.and_then(|says| says.trim().parse().ok()) == body
}

fn note<'a>(difference: &mut Difference<'a>, deed: Deed, expected: &'a [u8], came: &'a [u8]) {
    if difference.deeds.is_empty() {
        (difference.expected, difference.came) = (expected, came);
    }
    difference.deeds.insert(deed);
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// What a line is: the start line, a header by its long name in lower case, or a line of a description by its letter.
fn name_of(line: &[u8], index: usize) -> Name {
    if index == 0 {
        return Name::Start;
    }
    if line.get(1) == Some(&b'=') {
        return Name::Description(line[0]);
    }
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii();
    let long = match name.to_ascii_lowercase().as_slice() {
        b"v" => b"via".to_vec(),
        b"f" => b"from".to_vec(),
        b"t" => b"to".to_vec(),
        b"i" => b"call-id".to_vec(),
        b"m" => b"contact".to_vec(),
        b"l" => b"content-length".to_vec(),
        b"c" => b"content-type".to_vec(),
        b"k" => b"supported".to_vec(),
        other => other.to_vec(),
    };
    Name::Field(long)
}

#[derive(Debug, PartialEq, Eq)]
enum Name {
    Start,
    Field(Vec<u8>),
    Description(u8),
}

fn same_name(one: &Name, two: &Name) -> bool {
    one == two
}

/// A line's value in its words: spaces do not count here.
fn value_of(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let value = match line.iter().position(|byte| *byte == b':') {
        Some(colon) if line.get(1) != Some(&b'=') && !line.starts_with(b"SIP/") => &line[colon + 1..],
        _ => line,
    };
    value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

fn deed_of(name: &Name) -> Deed {
    match name {
        Name::Start => Deed::RewritesRequestUri,
        Name::Description(_) => Deed::RewritesSdp,
        Name::Field(field) => match field.as_slice() {
            b"via" => Deed::RewritesVia,
            b"contact" => Deed::RewritesContact,
            b"from" | b"to" => Deed::RewritesParties,
            b"call-id" => Deed::RewritesCallId,
            b"content-length" => Deed::ChangesContentLength,
            b"expires" => Deed::LowersExpires,
            _ => Deed::RewritesOther,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &[u8] = b"INVITE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.50:5060\r\nCall-ID: a\r\nContent-Length: 5\r\n\r\nv=0\r\n";

    fn done(came: &[u8]) -> Vec<Deed> {
        of(SENT, came).deeds.iter().collect()
    }

    #[test]
    fn what_is_the_same_up_to_its_cut_was_not_changed() {
        assert_eq!(done(SENT), []);
        assert_eq!(done(&SENT[..40]), []);
        assert_eq!(done(&SENT[..8]), []);
        assert_eq!(done(&SENT[..SENT.len() - 1]), []);
    }

    #[test]
    fn each_field_names_its_deed() {
        let changed = |from: &str, to: &str| {
            let text = String::from_utf8(SENT.to_vec()).unwrap().replace(from, to);
            done(text.as_bytes())
        };
        assert_eq!(changed("192.168.1.50", "203.0.113.2"), [Deed::RewritesVia]);
        assert_eq!(changed("Call-ID: a", "Call-ID: b"), [Deed::RewritesCallId]);
        assert_eq!(changed("Content-Length: 5", "Content-Length: 7"), [Deed::ChangesContentLength]);
        assert_eq!(changed("v=0", "v=1"), [Deed::RewritesSdp]);
        assert_eq!(changed("sip:x@y", "sip:x@z"), [Deed::RewritesRequestUri]);
    }

    #[test]
    fn a_body_that_was_counted_again_is_no_wrong_length() {
        let longer = String::from_utf8(SENT.to_vec()).unwrap().replace("v=0", "v=00").replace("Length: 5", "Length: 6");
        assert_eq!(done(longer.as_bytes()), [Deed::RewritesSdp]);
    }

    #[test]
    fn order_case_and_form_are_told_from_meaning() {
        let other = b"INVITE sip:x@y SIP/2.0\r\ni: a\r\nVIA:  SIP/2.0/UDP 192.168.1.50:5060\r\nContent-Length: 5\r\n\r\nv=0\r\n";
        assert_eq!(done(other), [Deed::Reformats]);
    }
}
