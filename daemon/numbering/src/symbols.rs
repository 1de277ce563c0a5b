//! From what was typed to the symbols that count: digits, plus, star, hash.
//!
//! Separators, invisible characters and %-escapes fall away here, in one place, so that the emergency test and the plan
//! cannot read the same text in two ways.

/// Where the user part of a SIP or tel URI begins and ends inside `raw`; text that is no URI is taken whole.
pub(crate) fn user_part(raw: &str) -> &str {
    let trimmed = raw.trim().trim_start_matches('<');
    let without_scheme = ["tel:", "sips:", "sip:"]
        .iter()
        .find_map(|scheme| {
            trimmed
                .get(..scheme.len())
                .filter(|start| start.eq_ignore_ascii_case(scheme))
                .map(|_| &trimmed[scheme.len()..])
        })
        .unwrap_or(trimmed);
    let end = without_scheme.find(['@', ';', '?', '>']).unwrap_or(without_scheme.len());
    &without_scheme[..end]
}

/// One symbol that counts, or a character that has no place in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// `0` to `9`, `+`, `*` or `#`.
    Key(u8),
    /// Anything else: a letter, a broken escape.
    Strange,
}

/// The symbols of a user part, in order, separators left out.
pub(crate) fn symbols(user: &str) -> impl Iterator<Item = Symbol> {
    let mut rest = user.chars();
    std::iter::from_fn(move || {
        loop {
            let character = match rest.next()? {
                '%' => match unescape(&mut rest) {
                    Some(character) => character,
                    None => return Some(Symbol::Strange),
                },
                character => character,
            };
            if !is_separator(character) {
                return Some(key(character).map_or(Symbol::Strange, Symbol::Key));
            }
        }
    })
}

/// Decodes the two digits after a percent sign (RFC 3986 2.1). Only ASCII can mean something in a number.
fn unescape(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let high = rest.next()?.to_digit(16)?;
    let low = rest.next()?.to_digit(16)?;
    u8::try_from(high * 16 + low).ok().filter(u8::is_ascii).map(char::from)
}

/// The key on a telephone that a character is. Full-width and Arabic digits are digits, as a pasted contact may hold them.
fn key(character: char) -> Option<u8> {
    const ZEROS: [char; 4] = ['0', '\u{ff10}', '\u{660}', '\u{6f0}'];
    let digit = ZEROS.iter().find_map(|zero| {
        let distance = u32::from(character).checked_sub(u32::from(*zero))?;
        u8::try_from(distance).ok().filter(|digit| *digit < 10)
    });
    match (digit, character) {
        (Some(digit), _) => Some(b'0' + digit),
        (None, '+' | '\u{ff0b}') => Some(b'+'),
        (None, '*') => Some(b'*'),
        (None, '#') => Some(b'#'),
        _ => None,
    }
}

/// Visual separators (RFC 3966 3) and what people and address books put between digits, seen or unseen.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '.' | '(' | ')' | '/' | '\u{ad}' | '\u{2212}' | '\u{feff}')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(raw: &str) -> Option<String> {
        symbols(user_part(raw))
            .map(|symbol| match symbol {
                Symbol::Key(key) => Some(char::from(key)),
                Symbol::Strange => None,
            })
            .collect()
    }

    #[test]
    fn a_uri_and_a_typed_number_read_the_same() {
        for raw in [
            "020 123-45.67",
            "(020)/1234567",
            "sip:0201234567@192.0.2.1:5060;user=phone",
            "SIPS:0201234567@box",
            "tel:020-1234567;phone-context=+31",
            "<tel:0201234567>",
            "%30%32%30%2D1234567",
            "020\u{a0}123\u{200b}4567\u{202c}",
            "\u{ff10}\u{ff12}\u{ff10}1234567",
            "\u{660}\u{662}\u{660}1234567",
        ] {
            assert_eq!(keys(raw).as_deref(), Some("0201234567"), "{raw}");
        }
    }

    #[test]
    fn letters_and_broken_escapes_are_strange() {
        for raw in ["0800-BAKKER", "112%3", "112%zz", "%", "112%2531", "%C3%A9", "anna"] {
            assert_eq!(keys(raw), None, "{raw}");
        }
    }
}
