//! The phone book that phones ask for: the office's people and shared contacts in the words of each maker.
//!
//! In: the office, once a revision; then the maker's dialect and what was asked in the query. Out: one XML text of bounded size.
//! A book larger than one answer is reached by the search, and on Snom also page by page; in a Yealink's answer the office's
//! own people and groups come before contacts. It may not decide who is
//! allowed to read it: that is the door's, in [`enrolment`](crate::enrolment).

use std::fmt::Write as _;

use bytes::Bytes;
use centrale_config::{Language, Office};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::catalogue::escape::Format;
use crate::recognise::Dialect;

/// Entries in one answer to a Yealink phone, which reads its book at once and turns the pages itself.
const YEALINK_ENTRIES: usize = 1000;
/// Entries in one answer to a Snom phone, which keeps the answer in its small browser.
const SNOM_ENTRIES: usize = 50;
/// Characters of a search that count.
const LONGEST_SEARCH: usize = 64;
/// Characters of a number that are written: E.164 has 15 digits, the rest is room for codes.
const LONGEST_NUMBER: usize = 32;

/// One answer of the phone book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneBook {
    /// For the header of the answer.
    pub content_type: &'static str,
    /// XML, in UTF-8.
    pub body: Bytes,
}

/// The book of one revision of the office: put in order once, and read by all its phones.
#[derive(Debug)]
pub struct Book {
    title: String,
    language: Language,
    /// By name.
    entries: Vec<Entry>,
    /// What a Yealink phone gets that asks for everything, as they all do.
    yealink: Bytes,
}

impl Book {
    /// Puts an office's people, groups and contacts in order. A contact stands there once for each of its numbers.
    pub fn of(office: &Office) -> Self {
        let entries = entries(office);
        let yealink = yealink(entries.iter().collect()).into();
        Self { title: office.identity.name.clone(), language: office.identity.language, entries, yealink }
    }

    /// Answers a phone that asks for the phone book. `url` is the address it asked without the query; `query` is what stood
    /// behind the question mark, as it came: `search=` is looked for in names (case and accents do not count) and numbers,
    /// `from=` begins at an entry, `ask` is answered with a form.
    ///
    /// `None` for phones that have no such book.
    pub fn answer(&self, dialect: Dialect, url: &str, query: &str) -> Option<PhoneBook> {
        let wanted = Wanted::read(query);
        let body = match dialect {
            Dialect::Yealink if wanted.search.is_empty() => self.yealink.clone(),
            Dialect::Yealink => yealink(self.found(&wanted.search)).into(),
            Dialect::Snom if wanted.ask => self.snom_form(url).into(),
            Dialect::Snom => self.snom(url, &wanted).into(),
            Dialect::Linphone => return None,
        };
        Some(PhoneBook { content_type: Format::Xml.content_type(), body })
    }

    /// The entries that a search finds. Every word of the search stands in the name, or the number holds its digits.
    fn found(&self, search: &str) -> Vec<&Entry> {
        let (folded_search, digits) = (folded(search), dialled(search));
        let matches = |entry: &&Entry| {
            folded_search.split_whitespace().all(|word| entry.folded.contains(word))
                || !digits.is_empty() && entry.number.contains(&digits)
        };
        self.entries.iter().filter(matches).collect()
    }

    fn snom(&self, url: &str, wanted: &Wanted) -> String {
        let (words, entries) = (Words::of(self.language), self.found(&wanted.search));
        let mut text = opened("SnomIPPhoneDirectory");
        tag(&mut text, 1, "Title", &self.title);
        tag(&mut text, 1, "Prompt", words.search);
        directory_entries(&mut text, entries.iter().copied().skip(wanted.from).take(SNOM_ENTRIES));
        soft_key(&mut text, "F1", words.search, &format!("{url}?ask=1"));
        let next = wanted.from.saturating_add(SNOM_ENTRIES);
        if next < entries.len() {
            let search: String = form_urlencoded::byte_serialize(wanted.search.as_bytes()).collect();
            soft_key(&mut text, "F2", words.more, &format!("{url}?search={search}&from={next}"));
        }
        text.push_str("</SnomIPPhoneDirectory>\n");
        text
    }

    /// The form in which a Snom phone asks what to look for; it comes back with `search=`.
    fn snom_form(&self, url: &str) -> String {
        let words = Words::of(self.language);
        let mut text = opened("SnomIPPhoneInput");
        tag(&mut text, 1, "Title", &self.title);
        tag(&mut text, 1, "Prompt", words.search);
        tag(&mut text, 1, "URL", url);
        text.push_str("  <InputItem>\n");
        tag(&mut text, 2, "DisplayName", words.search);
        tag(&mut text, 2, "QueryStringParam", "search");
        tag(&mut text, 2, "DefaultValue", "");
        tag(&mut text, 2, "InputFlags", "a");
        text.push_str("  </InputItem>\n</SnomIPPhoneInput>\n");
        text
    }
}

/// What a query asks for. What it says otherwise is passed over.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    search: String,
    from: usize,
    ask: bool,
}

impl Wanted {
    fn read(query: &str) -> Self {
        let mut wanted = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                // A phone that does not know the mark sends it as it stands.
                "search" if value != "#SEARCH" => wanted.search = value.chars().take(LONGEST_SEARCH).collect(),
                "from" => wanted.from = value.parse().unwrap_or(0),
                "ask" => wanted.ask = true,
                _ => {}
            }
        }
        wanted
    }
}

#[derive(Debug)]
struct Entry {
    name: String,
    number: String,
    /// What it is sorted by and looked for in.
    folded: String,
    /// Whether it is a person, a group or a room of the office, and no contact.
    own: bool,
}

fn entries(office: &Office) -> Vec<Entry> {
    let people = office.people.iter().map(|person| (person.name.clone(), person.number.as_str(), true));
    let groups = office.ring_groups.iter().map(|group| (group.name.clone(), group.number.as_str(), true));
    let rooms = office.conferences.iter().map(|room| (room.name.clone(), room.number.as_str(), true));
    let contacts = office.contacts.iter().flat_map(|contact| {
        let label = contact.label();
        contact.numbers.iter().map(move |number| (label.to_string(), number.as_str(), false))
    });
    let entry = |(name, number, own): (String, &str, bool)| {
        let folded = folded(&name);
        Entry { name, number: dialled(number), folded, own }
    };
    let all = people.chain(groups).chain(rooms).chain(contacts).map(entry);
    let mut entries: Vec<Entry> = all.filter(|entry| !entry.number.is_empty()).collect();
    entries
        .sort_by(|one, other| (&one.folded, &one.name, &one.number).cmp(&(&other.folded, &other.name, &other.number)));
    entries
}

/// A text without case and accents.
fn folded(text: &str) -> String {
    text.nfd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase).collect()
}

/// A number as a phone can dial it: without spaces, dashes and what else people write in numbers.
fn dialled(text: &str) -> String {
    let dials = |character: &char| character.is_ascii_digit() || matches!(character, '+' | '*' | '#');
    text.chars().filter(dials).take(LONGEST_NUMBER).collect()
}

fn escaped(text: &str) -> String {
    Format::Xml.escape(text)
}

/// Contacts fill what the office's own people and groups leave free, so that no list of contacts hides a colleague.
fn yealink(mut entries: Vec<&Entry>) -> String {
    let mut room = YEALINK_ENTRIES.saturating_sub(entries.iter().filter(|entry| entry.own).count());
    entries.retain(|entry| {
        let fits = entry.own || room > 0;
        room -= usize::from(fits && !entry.own);
        fits
    });
    let mut text = opened("YealinkIPPhoneDirectory");
    directory_entries(&mut text, entries.into_iter().take(YEALINK_ENTRIES));
    text.push_str("</YealinkIPPhoneDirectory>\n");
    text
}

fn opened(root: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>\n")
}

fn directory_entries<'a>(text: &mut String, entries: impl Iterator<Item = &'a Entry>) {
    for entry in entries {
        text.push_str("  <DirectoryEntry>\n");
        tag(text, 2, "Name", &entry.name);
        tag(text, 2, "Telephone", &entry.number);
        text.push_str("  </DirectoryEntry>\n");
    }
}

fn soft_key(text: &mut String, key: &str, label: &str, url: &str) {
    text.push_str("  <SoftKeyItem>\n");
    tag(text, 2, "Name", key);
    tag(text, 2, "Label", label);
    tag(text, 2, "URL", url);
    text.push_str("  </SoftKeyItem>\n");
}

fn tag(text: &mut String, depth: usize, name: &str, value: &str) {
    let indent = 2 * depth;
    writeln!(text, "{:indent$}<{name}>{}</{name}>", "", escaped(value)).expect("a String can be written to");
}

/// What stands on a Snom phone's keys under the book.
struct Words {
    search: &'static str,
    more: &'static str,
}

impl Words {
    const fn of(language: Language) -> Self {
        match language {
            Language::Dutch => Self { search: "Zoeken", more: "Verder" },
            Language::French => Self { search: "Chercher", more: "Suite" },
            Language::English => Self { search: "Search", more: "More" },
            Language::German => Self { search: "Suchen", more: "Weiter" },
        }
    }
}
