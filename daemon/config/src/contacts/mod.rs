//! Contacts out of a file that another program wrote: CSV as sheets, Outlook and Google write it, or vCard (RFC 6350, and its
//! older forms). What cannot be taken is named with its line, and costs no other contact anything.

mod columns;
mod vcard;
mod write;

use std::collections::BTreeMap;

use centrale_numbering::Plan;
use centrale_numbering::csv::{Records, Separator, text_of};

use crate::rules::{self, Fault};
use crate::{Contact, ContactNumber, Office};

pub use write::write_contacts;

/// What there is to say of a file's lines is kept so often at most; the rest is counted.
const MOST_NAMED: usize = 100;

/// What a file of contacts holds for an office.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadContacts {
    /// Those that can be added.
    pub added: Vec<Contact>,
    /// How many the office has already, each of their numbers included.
    pub known: usize,
    /// What is not taken: the first hundred.
    pub refused: Vec<RefusedLine>,
    /// How much is not taken.
    pub refused_count: usize,
}

/// A line of a file of contacts of which something is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLine {
    /// Where its contact begins in the file, from 1.
    pub line: u32,
    /// What the contact is called, as far as that could be read.
    pub name: String,
    /// Stable word that the page translates.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
    /// Whether the contact itself is taken, without the number that is wrong.
    pub rest_taken: bool,
}

/// A contact as a file has it.
#[derive(Debug, Default)]
struct Raw {
    line: u32,
    name: String,
    company: String,
    numbers: Vec<String>,
    /// Why nothing of it can be read.
    torn: bool,
}

impl Office {
    /// Reads a file of contacts for this office: its plan says what a number means, and who has it already.
    ///
    /// # Errors
    /// A stable word and a sentence when the file is none of contacts at all.
    pub fn read_contacts(&self, file: &[u8]) -> Result<ReadContacts, (&'static str, String)> {
        let text = text_of(file).ok_or(("file-no-text", "the file is no text".to_owned()))?;
        let raw = if vcard::is_vcard(&text) { vcard::contacts(&text) } else { of_csv(&text)? };
        let mut reading = Reading::of(self);
        raw.iter().for_each(|raw| reading.take(raw));
        Ok(reading.read)
    }
}

fn of_csv(text: &str) -> Result<Vec<Raw>, (&'static str, String)> {
    let found = Separator::ALL.into_iter().find_map(|separator| {
        let mut records = Records::of(text, separator);
        let columns = columns::Columns::of(&records.next()?.fields.ok()?)?;
        Some((records, columns))
    });
    let reason = || "no line names a column of names and one of numbers".to_owned();
    let (records, columns) = found.ok_or_else(|| ("columns-unknown", reason()))?;
    Ok(records.map(|record| columns.contact(record)).collect())
}

struct Reading {
    plan: Plan,
    /// Whose each number is.
    owners: BTreeMap<ContactNumber, String>,
    /// The contacts that the office has.
    room: usize,
    read: ReadContacts,
}

impl Reading {
    fn of(office: &Office) -> Self {
        let owned = |contact: &Contact| contact.numbers.iter().map(|one| (one.clone(), contact.name.clone())).collect();
        let owners = office.contacts.iter().flat_map(|contact| -> Vec<_> { owned(contact) }).collect();
        let room = rules::MOST_CONTACTS.saturating_sub(office.contacts.len());
        let plan = Plan::of(office.identity.country, &office.identity.area_code);
        Self { plan, owners, room, read: ReadContacts::default() }
    }

    fn take(&mut self, raw: &Raw) {
        let (name, company) = match self.words(raw) {
            Ok(words) => words,
            Err(fault) => return self.refuse(raw, fault, false),
        };
        let (mut numbers, mut faults, mut known) = (Vec::new(), Vec::new(), 0);
        for text in &raw.numbers {
            match rules::contact_number(&self.plan, text) {
                Err(fault) => faults.push(Fault { reason: format!("{text}: {}", fault.reason), ..fault }),
                Ok(number) if numbers.contains(&number) => {}
                Ok(number) => match self.owners.get(&number) {
                    Some(owner) if *owner == name => known += 1,
                    Some(owner) => {
                        let reason = format!("{number} is already {owner}'s");
                        faults.push(Fault::new("contact-number-taken", reason));
                    }
                    None => numbers.push(number),
                },
            }
        }
        if numbers.is_empty() && faults.is_empty() && known > 0 {
            self.read.known += 1;
            return;
        }
        if known > 0 {
            let reason = format!("{name} is a contact already, with other numbers");
            return self.refuse(raw, Fault::new("contact-known", reason), false);
        }
        // Of a contact with many numbers the first count: which are the usual ones nobody says.
        if let Err(fault) = rules::contact_numbers(numbers.len()) {
            numbers.truncate(rules::MOST_CONTACT_NUMBERS);
            if !numbers.is_empty() || faults.is_empty() {
                faults.push(fault);
            }
        }
        let is_taken = !numbers.is_empty() && self.read.added.len() < self.room;
        if !numbers.is_empty() && !is_taken {
            let reason = format!("an office has at most {} contacts", rules::MOST_CONTACTS);
            faults = vec![Fault::new("contacts-too-many", reason)];
        }
        faults.into_iter().for_each(|fault| self.refuse(raw, fault, is_taken));
        if is_taken {
            self.owners.extend(numbers.iter().map(|number| (number.clone(), name.clone())));
            self.read.added.push(Contact { name, company, numbers });
        }
    }

    /// Who it is. A firm without a person's name is called by its own.
    fn words(&self, raw: &Raw) -> Result<(String, String), Fault> {
        if raw.torn {
            return Err(Fault::new("line-torn", "a quote is out of place"));
        }
        let (name, company) = match (raw.name.trim(), raw.company.trim()) {
            ("", company) => (company, ""),
            (name, company) if name == company => (name, ""),
            words => words,
        };
        Ok((rules::name(name)?, rules::company(company)?))
    }

    fn refuse(&mut self, raw: &Raw, fault: Fault, rest_taken: bool) {
        self.read.refused_count += 1;
        if self.read.refused.len() < MOST_NAMED {
            let named = if raw.name.trim().is_empty() { &raw.company } else { &raw.name };
            let name = named.trim().chars().filter(|sign| !sign.is_control()).take(60).collect();
            let Fault { code, reason: detail } = fault;
            self.read.refused.push(RefusedLine { line: raw.line, name, code, detail, rest_taken });
        }
    }
}

#[cfg(test)]
mod tests;
