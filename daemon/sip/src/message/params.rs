//! Byte classes, `;name=value` parameters, quoted strings and comma lists (RFC 3261 25.1), bounded.

use super::fault::MAX_PARAMS;

/// Whether a byte may stand in a token.
pub const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
}

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
    name: Box<str>,
    value: Option<Box<str>>,
    quoted: bool,
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
        let param = Param { name: name.into(), value: value.map(Into::into), quoted };
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
        let mut params = Self::default();
        let mut rest = trim(text);
        while !rest.is_empty() {
            rest = trim_start(rest.strip_prefix(';')?);
            let end = rest.find([';', '=', ' ', '\t']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let (value, quoted, after) = take_value(trim_start(after))?;
            let is_named = !name.is_empty() && name.bytes().all(is_name);
            if !is_named || params.has(name) || params.0.len() == MAX_PARAMS {
                return None;
            }
            params.0.push(Param { name: name.into(), value, quoted });
            rest = trim_start(after);
        }
        Some(params)
    }

    /// Reads a URI's parameters, in which there are neither quotes nor white space.
    pub(super) fn parse_in_uri(text: &str) -> Option<Self> {
        let clean = text.bytes().all(|byte| is_in_uri(byte) || byte == b';');
        if clean { Self::parse(text) } else { None }
    }

    /// Appends `;name=value` for each, as a header wants it: quoting what cannot stand without.
    pub fn write(&self, out: &mut String) {
        for param in &self.0 {
            out.push(';');
            out.push_str(&param.name);
            if let Some(value) = &param.value {
                out.push('=');
                if param.quoted { write_quoted(value, out) } else { out.push_str(value) }
            }
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

/// Reads what follows a parameter's name: `= value`, `= "value"` or nothing. Value, whether it was quoted, and the rest.
fn take_value(text: &str) -> Option<(Option<Box<str>>, bool, &str)> {
    let Some(text) = text.strip_prefix('=').map(trim_start) else { return Some((None, false, text)) };
    if text.starts_with('"') {
        let (content, rest) = take_quoted(text)?;
        return Some((Some(content.into()), true, rest));
    }
    let (value, rest) = text.split_at(text.find([';', ' ', '\t']).unwrap_or(text.len()));
    value.bytes().all(is_plain).then(|| (Some(value.into()), false, rest))
}

/// Without the white space that may stand around every separator.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

pub(super) fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// Appends text, with `%xx` for every byte that may not stand there.
pub(super) fn write_escaped(text: &str, may_stand: impl Fn(u8) -> bool, out: &mut String) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
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
pub fn take_quoted(text: &str) -> Option<(String, &str)> {
    let mut content = String::new();
    let mut characters = text.char_indices();
    if characters.next()?.1 != '"' {
        return None;
    }
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((content, text.get(at + 1..)?)),
            '\\' => content.push(characters.next()?.1),
            other => content.push(other),
        }
    }
    None
}

/// Splits a value at its top-level commas: not inside quotes or angle brackets (RFC 3261 7.3.1).
pub fn split_commas(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = top_level_comma(current);
        rest = end.and_then(|at| current.get(at + 1..));
        current.get(..end.unwrap_or(current.len())).map(trim)
    })
}

fn top_level_comma(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            // A quote inside brackets is no string: a URI has none, and reading one would hide the commas behind it.
            b'"' if !bracketed => quoted = !quoted,
            b'<' if !quoted => bracketed = true,
            b'>' if !quoted => bracketed = false,
            b',' if !quoted && !bracketed => return Some(at),
            _ => {}
        }
    }
    None
}
