//! Bytes classes and `;name=value` parameters (RFC 3261 25.1), bounded.

use super::fault::MAX_PARAMS;

/// Whether a byte may stand in a token.
pub const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
}

/// Parameters in their order. Names compare without case. A value is kept as written, without its quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Params(Vec<(Box<str>, Option<Box<str>>)>);

impl Params {
    /// The value of a parameter: `None` when absent, `Some("")` when it has no value.
    pub fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.as_deref().unwrap_or_default())
    }

    /// Whether the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Sets or replaces a parameter; `None` writes it without a value.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(Into::into);
        match self.0.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name.into(), value)),
        }
    }

    /// Takes a parameter away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_deref()))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads `;a=b;c` (with optional white space around every separator) to the end of `text`. `None` when malformed,
    /// when one stands twice, or beyond [`MAX_PARAMS`].
    pub fn parse(text: &str) -> Option<Self> {
        let mut params = Self::default();
        let mut rest = text.trim_matches([' ', '\t']);
        while !rest.is_empty() {
            rest = rest.strip_prefix(';')?.trim_start_matches([' ', '\t']);
            let end = rest.find([';', '=', ' ', '\t']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() || params.has(name) || params.0.len() == MAX_PARAMS {
                return None;
            }
            let after = after.trim_start_matches([' ', '\t']);
            let (value, after) = match after.strip_prefix('=') {
                Some(after) => {
                    let (value, after) = take_value(after.trim_start_matches([' ', '\t']))?;
                    (Some(value), after)
                }
                None => (None, after),
            };
            params.0.push((name.into(), value));
            rest = after.trim_start_matches([' ', '\t']);
        }
        Some(params)
    }

    /// Appends `;name=value` for each, quoting what is no token.
    pub fn write(&self, out: &mut String) {
        for (name, value) in self.iter() {
            out.push(';');
            out.push_str(name);
            if let Some(value) = value {
                out.push('=');
                write_value(value, out);
            }
        }
    }
}

fn write_value(value: &str, out: &mut String) {
    let plain = |byte: u8| is_token(byte) || matches!(byte, b'[' | b']' | b':' | b'/' | b'?' | b'&' | b'$' | b'@');
    if !value.is_empty() && value.bytes().all(plain) {
        out.push_str(value);
    } else {
        write_quoted(value, out);
    }
}

/// Appends `"text"` with quotes and backslashes escaped.
pub fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
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

fn take_value(text: &str) -> Option<(Box<str>, &str)> {
    if text.starts_with('"') {
        let (content, rest) = take_quoted(text)?;
        return Some((content.into(), rest));
    }
    let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
    let (value, rest) = text.split_at(end);
    if value.is_empty() || value.contains(['"', ',', '<', '>', '=']) && !value.ends_with('=') {
        None
    } else {
        Some((value.into(), rest))
    }
}

/// Splits a value at its top-level commas: not inside quotes or angle brackets (RFC 3261 7.3.1).
pub fn split_commas(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = top_level_comma(current);
        match end {
            Some(at) => rest = current.get(at + 1..),
            None => rest = None,
        }
        current.get(..end.unwrap_or(current.len())).map(|part| part.trim_matches([' ', '\t']))
    })
}

fn top_level_comma(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => bracketed = true,
            b'>' if !quoted => bracketed = false,
            b',' if !quoted && !bracketed => return Some(at),
            _ => {}
        }
    }
    None
}
