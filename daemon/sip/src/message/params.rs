//! Byte classes, `;name=value` parameters, quoted strings and comma lists (RFC 3261 25.1), bounded.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::fault::MAX_PARAMS;

/// Whether a byte may stand in a token.
pub const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// The bytes of a token, in a table: every message asks for hundreds.
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let (one, marks) = (byte as u8, b"-.!%*_+`'~");
        let mut at = 0;
        while at < marks.len() && marks[at] != one {
            at += 1;
        }
        table[byte] = one.is_ascii_alphanumeric() || at < marks.len();
        byte += 1;
    }
    table
};

/// Whether a byte may stand in a value without quotes. Wider than a token: hosts, and the `=` of a base64 branch.
const fn is_plain(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f && !matches!(byte, b'"' | b',' | b';' | b'<' | b'>')
}

/// Whether a byte may stand in a parameter's name: a token, or what a URI's parameter may have besides (RFC 3261 25.1).
const fn is_name(byte: u8) -> bool {
    is_token(byte) || matches!(byte, b'[' | b']' | b'/' | b':' | b'&' | b'$')
}

/// Whether a byte may stand in a URI's parameter as it is. RFC 3261 wants the others escaped.
const fn is_in_uri(byte: u8) -> bool {
    is_plain(byte) && byte.is_ascii() && !matches!(byte, b'?' | b'@')
}

/// Parameters in their order. Names compare without case. A value is kept as written, without its quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Params(Vec<Param>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Param {
    name: Cow<'static, str>,
    value: Option<Box<str>>,
    quoted: bool,
}

/// Parameters that an address or a Via usually has at most.
const USUAL_PARAMS: usize = 4;

/// Names that almost every message holds: they are not copied.
const USUAL: [&str; 9] = ["tag", "branch", "rport", "received", "transport", "expires", "lr", "q", "line"];

fn owned_name(name: &str) -> Cow<'static, str> {
    let usual = USUAL.iter().find(|usual| **usual == name);
    usual.map_or_else(|| Cow::Owned(name.to_owned()), |usual| Cow::Borrowed(*usual))
}

impl Params {
    /// The value of a parameter: `None` when absent, `Some("")` when it has no value.
    pub fn value(&self, name: &str) -> Option<&str> {
        let param = self.0.iter().find(|param| param.name.eq_ignore_ascii_case(name))?;
        Some(param.value.as_deref().unwrap_or_default())
    }

    /// Whether the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Sets or replaces a parameter; `None` writes it without a value. The name must be a token.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let quoted =
            value.is_some_and(|value| value.is_empty() || !value.bytes().all(|byte| is_plain(byte) && byte.is_ascii()));
        let param = Param { name: owned_name(name), value: value.map(Into::into), quoted };
        match self.0.iter_mut().find(|param| param.name.eq_ignore_ascii_case(name)) {
            Some(entry) => *entry = param,
            None => self.0.push(param),
        }
    }

    /// Takes a parameter away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|param| !param.name.eq_ignore_ascii_case(name));
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|param| (&*param.name, param.value.as_deref()))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a header's `;a=b;c="d"` (with optional white space around every separator) to the end of `text`. An empty value
    /// is let pass, since phones send it. `None` when malformed, when a name stands twice, or beyond [`MAX_PARAMS`].
    pub fn parse(text: &str) -> Option<Self> {
        WrittenParams::of(text).map(WrittenParams::kept)
    }

    /// Appends `;name=value` for each, as a header wants it: quoting what cannot stand without.
    pub fn write(&self, out: &mut String) {
        for Param { name, value, quoted } in &self.0 {
            write_param(name, value.as_deref(), *quoted, out);
        }
    }

    /// Appends `;name=value` for each, as a URI wants it: escaping what cannot stand there.
    pub(super) fn write_in_uri(&self, out: &mut String) {
        for param in &self.0 {
            out.push(';');
            write_escaped(&param.name, is_in_uri, out);
            if let Some(value) = &param.value {
                out.push('=');
                write_escaped(value, is_in_uri, out);
            }
        }
    }
}

/// Parameters as they stand in a text: checked to its end, and read anew by whoever asks for one. Nearly all are never asked
/// for, and a text is moved about at less cost than what was read of it.
#[derive(Clone, Copy)]
pub(super) struct WrittenParams<'a>(&'a str);

impl<'a> WrittenParams<'a> {
    /// As [`Params::parse`] reads them.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        Self::reading(text, |_| {})
    }

    /// The same. Each is shown to who wants one of them anyhow.
    pub(super) fn reading(text: &'a str, mut show: impl FnMut(Written<'a>)) -> Option<Self> {
        let mut names = SmallVec::<[&str; USUAL_PARAMS]>::new();
        for one in written(text) {
            let one = one?;
            if names.iter().any(|known| known.eq_ignore_ascii_case(one.name)) || names.len() == MAX_PARAMS {
                return None;
            }
            names.push(one.name);
            show(one);
        }
        Some(Self(text))
    }

    /// A URI's, in which there are neither quotes nor white space.
    pub(super) fn of_uri(text: &'a str) -> Option<Self> {
        let clean = text.bytes().all(|byte| is_in_uri(byte) || byte == b';');
        if clean { Self::of(text) } else { None }
    }

    /// All of them, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = Written<'a>> {
        written(self.0).flatten()
    }

    pub(super) fn kept(self) -> Params {
        let kept =
            |Written { name, value, quoted }| Param { name: owned_name(name), value: value.map(Into::into), quoted };
        Params(self.iter().map(kept).collect())
    }
}

/// One parameter as it stands in a text, its value without quotes.
pub(super) struct Written<'a> {
    pub(super) name: &'a str,
    pub(super) value: Option<Cow<'a, str>>,
    quoted: bool,
}

impl Written<'_> {
    /// Appends it as a header wants it.
    pub(super) fn write(&self, out: &mut String) {
        write_param(self.name, self.value.as_deref(), self.quoted, out);
    }
}

fn write_param(name: &str, value: Option<&str>, quoted: bool, out: &mut String) {
    out.push(';');
    out.push_str(name);
    if let Some(value) = value {
        out.push('=');
        if quoted { write_quoted(value, out) } else { out.push_str(value) }
    }
}

/// The parameters in a text one after the other, copying nothing that is not escaped. A malformed one is `None`, and the last.
pub(super) fn written(text: &str) -> impl Iterator<Item = Option<Written<'_>>> {
    let mut rest = trim(text);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let read = read_one(rest);
        rest = read.as_ref().map_or("", |(_, after)| after);
        Some(read.map(|(written, _)| written))
    })
}

/// Reads `;name`, `;name=value` or `;name="value"`, and says what follows.
fn read_one(text: &str) -> Option<(Written<'_>, &str)> {
    let (name, after) = split_behind(trim_start(text.strip_prefix(';')?), is_name);
    if name.is_empty() {
        return None;
    }
    let after = trim_start(after);
    let Some(value) = after.strip_prefix('=').map(trim_start) else {
        return ends_param(after).then_some((Written { name, value: None, quoted: false }, after));
    };
    let (value, rest, quoted) = if value.starts_with('"') {
        let (value, rest) = take_quoted(value)?;
        (value, rest, true)
    } else {
        let (value, rest) = split_behind(value, is_plain);
        (Cow::Borrowed(value), rest, false)
    };
    let rest = trim_start(rest);
    ends_param(rest).then_some((Written { name, value: Some(value), quoted }, rest))
}

/// Whether what follows a parameter and its white space is another one, or nothing.
fn ends_param(text: &str) -> bool {
    text.is_empty() || text.starts_with(';')
}

/// Splits before the first byte for which `ends` holds, which must be one of ASCII.
pub(crate) fn split_before(text: &str, ends: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| byte.is_ascii() && ends(byte)).unwrap_or(text.len()))
}

/// Splits behind the first bytes for which `goes_on` holds. It holds for the bytes of other than ASCII all, or for none.
fn split_behind(text: &str, goes_on: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| !goes_on(byte)).unwrap_or(text.len()))
}

/// Splits at the first occurrence of a byte of ASCII, which goes with neither side. It is looked for byte by byte: as a rule
/// it is among the first ten.
pub(super) fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|one| one == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Without the white space that may stand around every separator.
pub(super) fn trim(text: &str) -> &str {
    trim_end(trim_start(text))
}

pub(super) fn trim_start(text: &str) -> &str {
    let blanks = text.bytes().take_while(|byte| is_blank(*byte)).count();
    text.get(blanks..).unwrap_or(text)
}

pub(super) fn trim_end(text: &str) -> &str {
    let blanks = text.bytes().rev().take_while(|byte| is_blank(*byte)).count();
    text.get(..text.len() - blanks).unwrap_or(text)
}

/// Appends text, with `%xx` for every byte that may not stand there.
pub(super) fn write_escaped(text: &str, may_stand: impl Fn(u8) -> bool, out: &mut String) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    if text.bytes().all(|byte| byte.is_ascii() && may_stand(byte)) {
        return out.push_str(text);
    }
    for byte in text.bytes() {
        if byte.is_ascii() && may_stand(byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}

/// Appends `"text"` with quotes, backslashes and control characters escaped. A line end, which nothing can carry, becomes a
/// space.
pub fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '\r' | '\n' => out.push(' '),
            '"' | '\\' | '\0'..' ' | '\x7f' => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Reads a quoted string at the start of `text` (which begins with the quote): its content and what follows.
pub fn take_quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let text = text.strip_prefix('"')?;
    let (end, is_escaped) = closing_quote(text.as_bytes())?;
    let (content, rest) = (text.get(..end)?, text.get(end + 1..)?);
    Some((if is_escaped { without_escapes(content).into() } else { content.into() }, rest))
}

/// Where the quote stands that ends a string of which this is the inside and what follows, and whether anything is escaped
/// before it.
fn closing_quote(text: &[u8]) -> Option<(usize, bool)> {
    let (mut at, mut is_escaped) = (0, false);
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some((at, is_escaped));
        }
        (at, is_escaped) = (at + 2, true);
    }
}

fn without_escapes(content: &str) -> String {
    let mut characters = content.chars();
    let mut clean = String::with_capacity(content.len());
    while let Some(character) = characters.next() {
        clean.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    clean
}

/// Splits a value at its top-level commas: not inside quotes or angle brackets (RFC 3261 7.3.1).
pub fn split_commas(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (item, behind) = before_comma(rest?);
        rest = behind.get(1..);
        Some(trim(item))
    })
}

/// Splits a value before its first top-level comma, or at its end.
pub(crate) fn before_comma(text: &str) -> (&str, &str) {
    text.split_at(top_level_comma(text.as_bytes()).unwrap_or(text.len()))
}

fn top_level_comma(text: &[u8]) -> Option<usize> {
    // Most values have none at all, and before the first of others there is as a rule nothing that could hide it.
    let first = memchr::memchr(b',', text)?;
    let Some(mut at) = memchr::memchr2(b'"', b'<', &text[..first]) else { return Some(first) };
    loop {
        at += memchr::memchr3(b',', b'"', b'<', text.get(at..)?)?;
        match text[at] {
            b',' => return Some(at),
            b'"' => at += closing_quote(text.get(at + 1..)?)?.0 + 2,
            // A quote inside brackets is no string: a URI has none, and reading one would hide the commas behind it.
            _ => at += memchr::memchr(b'>', text.get(at..)?)? + 1,
        }
    }
}
