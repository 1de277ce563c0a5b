//! Contacts as CSV, which is read back as it was.

use std::borrow::Cow;

use centrale_numbering::csv::{Separator, write_row};

use crate::Contact;
use crate::rules::MOST_CONTACT_NUMBERS;

/// Every contact as comma-separated values (RFC 4180), with the line that names the columns. A cell that a spreadsheet would
/// take for a formula has an apostrophe in front, a telephone number has not.
pub fn write_contacts(contacts: &[Contact]) -> String {
    let mut out = String::new();
    let phones: Vec<_> = (1..=MOST_CONTACT_NUMBERS).map(|number| format!("phone {number}")).collect();
    write_row(&mut out, Separator::Comma, ["name", "company"].into_iter().chain(phones.iter().map(String::as_str)));
    for Contact { name, company, numbers } in contacts {
        let (name, company) = (no_number(name), no_number(company));
        let numbers = (0..MOST_CONTACT_NUMBERS).map(|at| numbers.get(at).map_or("", |number| number.as_str()));
        write_row(&mut out, Separator::Comma, [&*name, &*company].into_iter().chain(numbers));
    }
    out
}

/// A name of a plus and digits is no telephone number.
fn no_number(name: &str) -> Cow<'_, str> {
    if name.starts_with('+') { Cow::Owned(format!("'{name}")) } else { Cow::Borrowed(name) }
}
