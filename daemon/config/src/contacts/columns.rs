//! What the columns of a CSV are, by the names that people and their programs give them.

use std::borrow::Cow;

use centrale_numbering::csv::{Record, plain};

use super::Raw;

const NAMES: &[&str] = &["name", "naam", "nom", "fullname", "displayname", "contact", "volledigenaam", "nomcomplet"];
const FIRST_NAMES: &[&str] = &["firstname", "givenname", "voornaam", "prenom"];
const MIDDLE_NAMES: &[&str] = &["middlename", "tussenvoegsel", "additionalname"];
const LAST_NAMES: &[&str] = &["lastname", "familyname", "surname", "achternaam", "nomdefamille"];
const COMPANIES: &[&str] = &[
    "company",
    "companyname",
    "organization",
    "organisation",
    "organizationname",
    "organization1name",
    "bedrijf",
    "bedrijfsnaam",
    "firma",
    "societe",
    "entreprise",
];
/// A column of numbers has one of these in its name, and none of the others: `Phone 1 - Value`, `Mobile Phone`, `Telefoon`.
const NUMBERS: &[&str] = &["phone", "tel", "mobile", "mobiel", "gsm", "number", "nummer", "numero", "portable"];
const NO_NUMBERS: &[&str] =
    &["fax", "label", "type", "account", "klant", "client", "house", "huis", "postal", "btw", "tva", "vat"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    First,
    Middle,
    Last,
    Company,
    Number,
    Other,
}

/// What each column of a file is.
pub(super) struct Columns(Vec<Column>);

impl Columns {
    /// Read from the line that names them; `None` when there is nobody to call in them.
    pub(super) fn of(fields: &[Cow<'_, str>]) -> Option<Self> {
        let columns: Vec<Column> = fields.iter().map(|field| column(field)).collect();
        let names_somebody = columns.iter().any(|one| !matches!(one, Column::Number | Column::Other));
        (names_somebody && columns.contains(&Column::Number)).then_some(Self(columns))
    }

    pub(super) fn contact(&self, record: Record<'_>) -> Raw {
        let mut raw = Raw { line: record.line, ..Raw::default() };
        let Ok(fields) = record.fields else { return Raw { torn: true, ..raw } };
        let mut parts: [String; 3] = Default::default();
        for (column, field) in self.0.iter().zip(&fields) {
            let text = field.trim();
            match column {
                Column::Name if raw.name.is_empty() => text.clone_into(&mut raw.name),
                Column::Company if raw.company.is_empty() => text.clone_into(&mut raw.company),
                Column::First => text.clone_into(&mut parts[0]),
                Column::Middle => text.clone_into(&mut parts[1]),
                Column::Last => text.clone_into(&mut parts[2]),
                // Several in one cell are written so by Google.
                Column::Number => {
                    let numbers = text.split(":::").map(without_sheets_mark).filter(|number| !number.is_empty());
                    raw.numbers.extend(numbers.map(str::to_owned));
                }
                _ => {}
            }
        }
        if raw.name.is_empty() {
            raw.name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        }
        raw
    }
}

/// A number without the apostrophe that keeps a sheet from reckoning with it.
fn without_sheets_mark(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('\'').unwrap_or(text).trim()
}

fn column(field: &str) -> Column {
    let name: String = field.chars().filter_map(plain).collect();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match name.as_str() {
        name if NAMES.contains(&name) => Column::Name,
        name if FIRST_NAMES.contains(&name) => Column::First,
        name if MIDDLE_NAMES.contains(&name) => Column::Middle,
        name if LAST_NAMES.contains(&name) => Column::Last,
        name if COMPANIES.contains(&name) => Column::Company,
        _ if has(NUMBERS) && !has(NO_NUMBERS) => Column::Number,
        _ => Column::Other,
    }
}
