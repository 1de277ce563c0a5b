//! A provider's tariff deck: what each destination costs, by its leading digits.
//!
//! In: the bytes of a CSV file, and what the file does not say ([`Terms`]). Out: a deck that finds the price of a
//! number, or all that is wrong with the file. The file is RFC 4180, with commas, semicolons or tabs; its first line
//! names the columns, in English, Dutch or French. Needed are the prefix (`+31`, `0031`, `31`, `0900`, `18xx`) and the
//! price of a minute; the set-up is nothing where it is not said, the step what the country has.
//!
//! A row prices only numbers of the kind it was written for: `31` prices no 0900 number, `44` none behind 4470, `1`
//! none in the Caribbean. Such a number needs a row of its own, or it costs the worst case.

mod columns;
mod coverage;
mod fault;
mod prefix;
mod price;
mod reading;
mod terms;

pub use columns::Column;
pub use coverage::Coverage;
pub use fault::{Fault, Refused, Wrong};
pub use prefix::Prefix;
pub use terms::{Terms, Vat};

use crate::country::Country;
use crate::date::Date;
use crate::plan::{Dialled, Plan};
use crate::rule::{Class, best_match, fixed_start, matches};
use crate::tables::country_code;
use crate::tariff::Tariff;

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 8_000_000;

/// The most rows of one deck.
pub const MOST_ROWS: usize = 100_000;

/// For how many days a deck counts, the first one included.
pub const DAYS_VALID: u32 = 45;

/// A tariff deck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deck {
    country: Country,
    valid_from: Date,
    /// In order of their prefixes, each once.
    rows: Vec<Row>,
    unread: Vec<String>,
}

/// One row of a deck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// With what its numbers begin.
    pub prefix: Prefix,
    /// What it is called there; may be empty. At most 100 characters.
    pub destination: Box<str>,
    /// What a call costs, VAT included.
    pub tariff: Tariff,
}

/// Whether a deck counts on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Its day has not come.
    NotYet,
    /// It counts.
    Fresh {
        /// This day and those after it on which it does.
        days_left: u32,
    },
    /// It is too old: the worst case counts until a new one is taken in.
    Expired,
}

impl Deck {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// What is wrong with it, line by line. One fault refuses the whole file: without the row of a dear destination a
    /// shorter, cheaper one would fit.
    pub fn read(file: &[u8], terms: &Terms) -> Result<Self, Refused> {
        reading::read(file, terms)
    }

    /// The rows, in order of their prefixes.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The day from which it counts.
    pub const fn valid_from(&self) -> Date {
        self.valid_from
    }

    /// The names of the columns that were not read.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Whether it counts on a day.
    pub const fn freshness(&self, today: Date) -> Freshness {
        match today.days_after(self.valid_from) {
            None => Freshness::NotYet,
            Some(age) if age < DAYS_VALID => Freshness::Fresh { days_left: DAYS_VALID - age },
            Some(_) => Freshness::Expired,
        }
    }

    /// The country whose `0900` it means.
    pub const fn country(&self) -> Country {
        self.country
    }

    /// What a call to a normalised number costs on a day; `None` when no row was written for it, or when the deck does not
    /// count then: too old, or not valid yet.
    pub fn tariff_on(&self, today: Date, dialled: &Dialled) -> Option<Tariff> {
        matches!(self.freshness(today), Freshness::Fresh { .. }).then(|| self.row(dialled))?.map(|row| row.tariff)
    }

    /// The row with the longest prefix that was written for a normalised number.
    pub fn row(&self, dialled: &Dialled) -> Option<&Row> {
        let number = Prefix::whole(dialled, self.country)?;
        let least = self.least_digits(dialled);
        (least..=number.len()).rev().find_map(|count| self.exactly(number.first(count)))
    }

    fn exactly(&self, prefix: Prefix) -> Option<&Row> {
        self.rows.binary_search_by_key(&prefix, |row| row.prefix).ok().map(|found| &self.rows[found])
    }

    /// How many digits a row must have to be about this kind of number, and not about the cheaper ones around it.
    fn least_digits(&self, dialled: &Dialled) -> usize {
        let plan = Plan::of(self.country, "");
        let code = self.country.calling_code().len();
        match (dialled, dialled.class()) {
            (_, Class::Local | Class::National | Class::Mobile) if matches!(dialled, Dialled::Outside { .. }) => code,
            (Dialled::Outside { e164, .. }, Class::International(_) | Class::Free) => {
                let digits = e164.trim_start_matches('+');
                plan.risk_range(dialled).map_or(country_code(digits).len(), |range| range.prefix.len())
            }
            (Dialled::Outside { e164, .. }, _) => {
                let national = e164.get(code + 1..).map_or_else(String::new, |rest| format!("0{rest}"));
                code + self.range_start(&national) - 1
            }
            (Dialled::Short { digits, .. }, _) if digits.starts_with('0') => code + self.range_start(digits) - 1,
            (Dialled::Short { digits, .. }, _) => 1 + self.range_start(digits),
            _ => usize::MAX,
        }
    }

    /// How many digits the range of a number has in common, as they are dialled; at least one.
    fn range_start(&self, national: &str) -> usize {
        let patterns = best_match(self.country.rules(), national).into_iter().flat_map(|rule| rule.patterns);
        let fitting = patterns.filter(|pattern| matches(pattern, national));
        fitting.map(|pattern| fixed_start(pattern).len()).max().unwrap_or(national.len()).max(1)
    }
}

#[cfg(test)]
mod tests;
