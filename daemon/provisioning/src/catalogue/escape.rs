//! Writing a value into a file so that it stays one value.
//!
//! A template's ending decides the format: `.cfg.jinja` is lines of `key = value`, `.xml.jinja` is XML. Every `{{ }}`
//! goes through here; a template cannot forget to escape. There is no ending without escaping.

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Error, ErrorKind, Output, State, Value};

/// The longest value that is written, in characters. Labels on phones hold far fewer; a certificate is marked safe.
const MAX_CHARACTERS: usize = 512;

/// How the values in a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `key = value`, one per line. There is no way to quote, so what would end the line or change the meaning goes.
    Lines,
    /// XML 1.0 text or attribute value.
    Xml,
}

impl Format {
    /// The format of a template by its name, or `None` for an ending that says nothing.
    pub(super) fn of(name: &str) -> Option<Self> {
        if name.ends_with(".cfg.jinja") {
            Some(Self::Lines)
        } else if name.ends_with(".xml.jinja") {
            Some(Self::Xml)
        } else {
            None
        }
    }

    /// What the phone is told the file is.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Lines => "text/plain; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }

    const fn mark(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Xml => "xml",
        }
    }

    /// The value as it may stand in a file of this format.
    pub(crate) fn escape(self, value: &str) -> String {
        let one_line = one_line(value);
        match self {
            Self::Lines => line_value(&one_line),
            Self::Xml => xml_value(&one_line),
        }
    }
}

/// For [`minijinja::Environment::set_auto_escape_callback`].
pub(super) fn choose(name: &str) -> AutoEscape {
    match Format::of(name) {
        Some(format) => AutoEscape::Custom(format.mark().into()),
        // No such template is ever added; should one be, its values are refused when it is rendered.
        None => AutoEscape::Custom("none".into()),
    }
}

/// For [`minijinja::Environment::set_formatter`].
pub(super) fn write(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let format = match state.auto_escape() {
        AutoEscape::Custom(mark) if mark == Format::Lines.mark() => Format::Lines,
        AutoEscape::Custom(mark) if mark == Format::Xml.mark() => Format::Xml,
        _ => return Err(Error::new(ErrorKind::InvalidOperation, "this file has no known format")),
    };
    let written = match value.kind() {
        ValueKind::Undefined | ValueKind::None => {
            return Err(Error::new(ErrorKind::UndefinedError, "a value is missing"));
        }
        _ if value.is_safe() => value.to_string(),
        _ => format.escape(&value.to_string()),
    };
    out.write_str(&written).map_err(|_| Error::new(ErrorKind::WriteFailure, "out of room"))
}

/// Makes the value fit on a line: what ends or hides a line becomes a blank, blanks at the ends go, and so does what
/// is beyond the longest value.
fn one_line(value: &str) -> String {
    let visible = |character: char| {
        let breaks = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}');
        if breaks { ' ' } else { character }
    };
    value.chars().map(visible).take(MAX_CHARACTERS).collect::<String>().trim().to_owned()
}

/// A Yealink value: `"` delimits in include lines, and `%NULL%` resets a setting, so neither is let through.
fn line_value(value: &str) -> String {
    let resets = value.to_ascii_lowercase().contains("%null%");
    value
        .chars()
        .filter_map(|character| match character {
            '"' => Some('\''),
            '%' if resets => None,
            other => Some(other),
        })
        .collect()
}

/// XML 1.0 section 2.2 (characters) and 2.4 (markup). Control characters went before.
fn xml_value(value: &str) -> String {
    let mut written = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            other => written.push(other),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_start_a_new_line_or_reset_a_setting() {
        let table = [
            ("Anna", "Anna"),
            ("Anna\naccount.1.password = known", "Anna account.1.password = known"),
            ("Anna\r\n#!version", "Anna  #!version"),
            ("An\u{85}na\u{2028}", "An na"),
            ("%NULL%", "NULL"),
            ("%%nULl%%", "nULl"),
            ("100% Jansen", "100% Jansen"),
            ("\"Anna\"", "'Anna'"),
            ("  Anna  ", "Anna"),
        ];
        for (given, expected) in table {
            assert_eq!(Format::Lines.escape(given), expected, "{given:?}");
        }
    }

    #[test]
    fn a_value_cannot_become_markup() {
        let table = [
            ("Anna & Bob", "Anna &amp; Bob"),
            ("</user_realname><user_pass>", "&lt;/user_realname&gt;&lt;user_pass&gt;"),
            ("\" perm=\"RW", "&quot; perm=&quot;RW"),
            ("]]>", "]]&gt;"),
            ("a\0b\u{ffff}c", "a bc"),
            ("Françoise Čapek 张", "Françoise Čapek 张"),
        ];
        for (given, expected) in table {
            assert_eq!(Format::Xml.escape(given), expected, "{given:?}");
        }
    }
}
