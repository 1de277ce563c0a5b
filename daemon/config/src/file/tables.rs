//! TOML tables whose values know their line, and a reader that notices every key that nobody asked for.

use std::cell::RefCell;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Refusal;
use crate::rules::Fault;
use crate::whole::Table;

/// Where faults are gathered, with the text that turns an offset into a line.
pub(super) struct Refusals<'t> {
    text: &'t str,
    found: RefCell<Vec<Refusal>>,
}

impl<'t> Refusals<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, found: RefCell::new(Vec::new()) }
    }

    /// Notes a fault at an offset in the text.
    pub(super) fn add(&self, at: usize, key: String, fault: Fault) {
        let (line, column) = self.position(at);
        self.found.borrow_mut().push(Refusal { line, column, key, code: fault.code, reason: fault.reason });
    }

    /// Line and column of an offset, from 1.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Everything that was found, in the order of the lines.
    pub(super) fn into_sorted(self) -> Vec<Refusal> {
        let mut found = self.found.into_inner();
        found.sort();
        found
    }
}

/// One entry of the file: a table, read key by key.
pub(super) struct Entry<'a, 't> {
    table: &'a DeTable<'t>,
    which: Table,
    /// Offset of its header or brace.
    pub(super) at: usize,
    refusals: &'a Refusals<'t>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a, 't> Entry<'a, 't> {
    pub(super) const fn new(table: &'a DeTable<'t>, which: Table, at: usize, refusals: &'a Refusals<'t>) -> Self {
        Self { table, which, at, refusals, asked: RefCell::new(Vec::new()) }
    }

    /// Notes a fault at a key, or at the entry when the key is not there.
    pub(super) fn refuse(&self, key: &'static str, fault: Fault) {
        self.refusals.add(self.offset(key), format!("{}.{key}", self.which.name()), fault);
    }

    /// Where a key's value stands, or the entry when the key is not there.
    pub(super) fn offset(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.at, |value| value.span().start)
    }

    /// Whether a key is there at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The text of a key that must be there.
    pub(super) fn required(&self, key: &'static str) -> Option<&'a str> {
        if self.table.get(key).is_none() {
            self.refuse(key, Fault::new("key-missing", "this key is needed"));
        }
        self.optional(key)
    }

    /// The text of a key that may be left out.
    pub(super) fn optional(&self, key: &'static str) -> Option<&'a str> {
        let value = self.value(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.refuse(key, wrong_type("a text in quotes", value));
        }
        text
    }

    /// A key that is true or false and may be left out.
    pub(super) fn optional_bool(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.refuse(key, wrong_type("true or false", value));
        }
        flag
    }

    /// A small whole number that may be left out; `Some(None)` is a number that is not small.
    pub(super) fn optional_small(&self, key: &'static str) -> Option<Option<u16>> {
        let value = self.value(key)?;
        let number = value.as_integer();
        if number.is_none() {
            self.refuse(key, wrong_type("a number", value));
        }
        number.map(|number| u16::from_str_radix(number.as_str(), number.radix()).ok())
    }

    /// A whole number that may be left out; `Some(None)` is one that is no count.
    pub(super) fn optional_count(&self, key: &'static str) -> Option<Option<u32>> {
        let value = self.value(key)?;
        let number = value.as_integer();
        if number.is_none() {
            self.refuse(key, wrong_type("a number", value));
        }
        number.map(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
    }

    /// A table that may be left out, to be read and finished like an entry.
    pub(super) fn table(&self, key: &'static str) -> Option<Self> {
        let value = self.value(key)?;
        let table = value.as_table();
        if table.is_none() {
            self.refuse(key, wrong_type("a table in braces", value));
        }
        Some(Self::new(table?, self.which, self.offset(key), self.refusals))
    }

    /// The tables of a list, each to be read and finished like an entry; what is no table is refused and left out.
    pub(super) fn tables(&self, key: &'static str) -> Option<Vec<Self>> {
        self.list(key, "a list of tables", |item| {
            Some(Self::new(item.get_ref().as_table()?, self.which, item.span().start, self.refusals))
        })
    }

    /// The texts of a list; what is no text is refused and left out.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<&'a str>> {
        self.list(key, "a list of texts", |item| item.get_ref().as_str())
    }

    /// The texts of a list that must be there.
    pub(super) fn required_texts(&self, key: &'static str) -> Option<Vec<&'a str>> {
        if self.table.get(key).is_none() {
            self.refuse(key, Fault::new("key-missing", "this key is needed"));
        }
        self.texts(key)
    }

    /// The items of a list as `read` takes them; what it does not take is refused and left out.
    fn list<T>(
        &self,
        key: &'static str,
        wanted: &'static str,
        read: impl Fn(&'a toml::Spanned<DeValue<'t>>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.value(key)?;
        let Some(list) = value.as_array() else {
            self.refuse(key, wrong_type(wanted, value));
            return None;
        };
        let take = |item: &'a toml::Spanned<DeValue<'t>>| {
            let taken = read(item);
            if taken.is_none() {
                self.refuse(key, wrong_type(wanted, item.get_ref()));
            }
            taken
        };
        Some(list.iter().filter_map(take).collect())
    }

    /// Applies a rule; a value that breaks it is noted and gone.
    pub(super) fn check<T>(&self, key: &'static str, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.refuse(key, fault)).ok()
    }

    /// Refuses every key that was not asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.into_inner();
        for (key, _) in self.table.iter().filter(|(key, _)| !asked.contains(&key.get_ref().as_ref())) {
            let name = format!("{}.{}", self.which.name(), shown(key.get_ref()));
            let reason = format!("unknown key; known are {}", asked.join(", "));
            self.refusals.add(key.span().start, name, Fault::new("key-unknown", reason));
        }
    }

    fn value(&self, key: &'static str) -> Option<&'a DeValue<'t>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key).map(toml::Spanned::get_ref)
    }
}

/// A file's own word in a refusal, cut to a length that fits a line.
pub(super) fn shown(word: &str) -> String {
    word.chars().filter(|character| !character.is_control()).take(40).collect()
}

fn wrong_type(wanted: &str, value: &DeValue<'_>) -> Fault {
    Fault::new("wrong-type", format!("{wanted} is wanted here, not a TOML {}", value.type_str()))
}

/// The entries of a `[[table]]`, or the one entry of a `[table]` where a list is wanted, which is refused.
pub(super) fn entries<'a, 't>(
    root: &'a DeTable<'t>,
    which: Table,
    refusals: &'a Refusals<'t>,
) -> Vec<(&'a DeTable<'t>, Range<usize>)> {
    let name = which.name();
    let Some(value) = root.get(name) else { return Vec::new() };
    let refuse = |at: usize| {
        refusals.add(at, name.to_owned(), Fault::new("wrong-type", format!("write [[{name}]] above each entry")));
    };
    let Some(list) = value.get_ref().as_array() else {
        refuse(value.span().start);
        return Vec::new();
    };
    let table = |item: &'a toml::Spanned<DeValue<'t>>| {
        let table = item.get_ref().as_table();
        if table.is_none() {
            refuse(item.span().start);
        }
        table.map(|table| (table, item.span()))
    };
    list.iter().filter_map(table).collect()
}
