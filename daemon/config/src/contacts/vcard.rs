//! vCards: who is in them and how to call them (RFC 6350; RFC 2426 and vCard 2.1 as phones and Outlook still write them).

use std::borrow::Cow;

use centrale_numbering::csv::text_of;

use super::Raw;

pub(super) fn is_vcard(text: &str) -> bool {
    text.trim_start().get(..11).is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCARD"))
}

/// Each card, in the order of the file. One that does not end counts up to where the next begins.
pub(super) fn contacts(text: &str) -> Vec<Raw> {
    let mut cards: Vec<Raw> = Vec::new();
    let mut open = false;
    for (line, content) in unfolded(text) {
        let Some(property) = Property::of(&content) else { continue };
        match property.name.as_str() {
            "BEGIN" => {
                cards.push(Raw { line, ..Raw::default() });
                open = true;
            }
            "END" => open = false,
            name => {
                if let Some(card) = cards.last_mut().filter(|_| open) {
                    put(card, name, &property);
                }
            }
        }
    }
    cards
}

fn put(card: &mut Raw, name: &str, property: &Property<'_>) {
    let value = property.text();
    match name {
        "FN" => card.name = plain(&value),
        // Family name, given name, additional names (RFC 6350 6.2.2).
        "N" if card.name.is_empty() => {
            let parts = split(&value);
            let [family, given, middle] = [0, 1, 2].map(|at| parts.get(at).cloned().unwrap_or_default());
            card.name =
                [given, middle, family].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        }
        "ORG" => card.company = split(&value).into_iter().next().unwrap_or_default(),
        "TEL" if !property.has("FAX") => {
            let number = plain(&value);
            let number = number.strip_prefix("tel:").unwrap_or(&number);
            card.numbers.push(number.split(";ext=").next().unwrap_or(number).to_owned());
        }
        _ => {}
    }
}

/// The lines of a file with what was folded put together again (RFC 6350 3.2), and soft ends of quoted-printable lines.
fn unfolded(text: &str) -> Vec<(u32, String)> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for (at, line) in (1..).zip(text.lines()) {
        let before = lines.last_mut().map(|(_, before)| before);
        match (line.strip_prefix([' ', '\t']), before) {
            // A space after a soft end is of the text, not of a fold.
            (_, Some(before)) if before.ends_with('=') && is_quoted_printable(before) => {
                before.pop();
                before.push_str(line);
            }
            (Some(more), Some(before)) => before.push_str(more),
            _ => lines.push((at, line.to_owned())),
        }
    }
    lines
}

fn is_quoted_printable(line: &str) -> bool {
    line.split_once(':').is_some_and(|(head, _)| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"))
}

struct Property<'a> {
    /// In capitals, without its group.
    name: String,
    head: String,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (head, value) = line.split_once(':')?;
        let head = head.to_ascii_uppercase();
        let name = head.split(';').next()?.rsplit('.').next()?.trim().to_owned();
        Some(Self { name, head, value })
    }

    fn has(&self, word: &str) -> bool {
        self.head.split([';', '=', ',', '"']).skip(1).any(|one| one == word)
    }

    fn text(&self) -> String {
        if self.has("QUOTED-PRINTABLE") { decoded(self.value) } else { self.value.to_owned() }
    }
}

/// A value of which `\,`, `\;`, `\\` and `\n` are what they stand for (RFC 6350 3.4).
fn plain(value: &str) -> String {
    split_at(value, |_| false).concat()
}

fn split(value: &str) -> Vec<String> {
    split_at(value, |sign| sign == ';')
}

fn split_at(value: &str, is_end: impl Fn(char) -> bool) -> Vec<String> {
    let (mut parts, mut signs) = (vec![String::new()], value.trim().chars());
    while let Some(sign) = signs.next() {
        let sign = match sign {
            '\\' => match signs.next() {
                Some('n' | 'N') | None => ' ',
                Some(escaped) => escaped,
            },
            end if is_end(end) => {
                parts.push(String::new());
                continue;
            }
            sign => sign,
        };
        if let Some(part) = parts.last_mut() {
            part.push(sign);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// Quoted-printable (RFC 2045 6.7); what is none of it stays as it is. Its letters are read as those of a file are, whatever
/// set is named.
fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = value.get(at + 1..at + 3).filter(|_| *byte == b'=');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    text_of(&out).map_or_else(|| String::from_utf8_lossy(&out).into_owned(), Cow::into_owned)
}
