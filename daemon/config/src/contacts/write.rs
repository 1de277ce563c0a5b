//! Contacts as CSV, which is read back as it was.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::Contact;
use crate::rules::MOST_CONTACT_NUMBERS;

/// Every contact as comma-separated values (RFC 4180), with the line that names the columns. A cell that a spreadsheet would
/// take for a formula has an apostrophe in front, a telephone number has not.
pub fn write_contacts(contacts: &[Contact]) -> String {
    let mut out = String::from("name,company");
    for number in 1..=MOST_CONTACT_NUMBERS {
        let _ = write!(out, ",phone {number}");
    }
    out.push_str("\r\n");
    for contact in contacts {
        let _ = write!(out, "{},{}", cell(&contact.name), cell(&contact.company));
        for at in 0..MOST_CONTACT_NUMBERS {
            let _ = write!(out, ",{}", contact.numbers.get(at).map_or("", |number| number.as_str()));
        }
        out.push_str("\r\n");
    }
    out
}

fn cell(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t']);
    let text = if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    if text.contains([',', ';', '"', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")));
    }
    text
}
