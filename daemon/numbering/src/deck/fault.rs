//! What is wrong with a tariff deck, where, and what to do.

use std::fmt;

use super::columns::Column;
use crate::csv::Torn;

/// More faults than this are only counted.
pub(super) const MOST_LISTED: usize = 50;

/// Text of the file that a fault repeats, in characters.
const MOST_REPEATED: usize = 40;

/// Why a deck was not taken. None of its lines is: without the line of a dear destination, a shorter and cheaper one
/// would fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// The first fifty faults, in the order of their lines.
    pub faults: Vec<Fault>,
    /// How many there are in all.
    pub count: usize,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n");
        write!(out, "the tariff deck was not taken, faults: {}\n{lines}", self.count)
    }
}

/// A fault in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct Fault {
    /// The line of the file, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a line. The text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The file is too large.
    #[error("the file is larger than {} megabytes; leave out what the office never calls", super::MOST_BYTES / 1_000_000)]
    TooLarge,
    /// There are too many rows.
    #[error("the file has more than {} rows; leave out what the office never calls", super::MOST_ROWS)]
    TooMany,
    /// The file is not text.
    #[error("this is not a CSV file; save the sheet as CSV (UTF-8)")]
    NotText,
    /// There are no rows.
    #[error("there are no prices here; the first line names the columns, a line for each destination follows")]
    Empty,
    /// A column that must be there is not.
    #[error("no column is called {0}; name it so in the first line")]
    NoColumn(Column),
    /// Two columns have the same meaning.
    #[error("two columns can be the {0}; leave one of them out")]
    TwoColumns(Column),
    /// The header says of VAT what the office does not.
    #[error("the name of the column says the opposite about VAT; choose what it says")]
    OtherVat,
    /// A row has more or fewer fields than the header.
    #[error("{found} fields where the first line has {expected}; put a field that holds the separator between quotes")]
    Fields {
        /// In this line.
        found: usize,
        /// In the first.
        expected: usize,
    },
    /// Something follows the end of a quoted field.
    #[error("a quote stands in the middle of a quoted field; write two for one")]
    Quote,
    /// A quoted field that does not end.
    #[error("a field begins with a quote and does not end with one; close it")]
    OpenQuote,
    /// Not leading digits.
    #[error("{0:?} is no prefix; write +31, 0031 or 31, or 0900 for a number of this country (as text, not as a sum)")]
    Prefix(String),
    /// Not an amount.
    #[error("{0:?} is no price; write 0.0121 or 0,0121, without a sign for thousands")]
    Amount(String),
    /// Too dear to be true.
    #[error("{0:?} is more than 100 euro; if these are cents, call the column \"price per minute (cent)\"")]
    TooDear(String),
    /// Not a charging step.
    #[error("{0:?} is no step; write second or minute")]
    Step(String),
    /// The same prefix again.
    #[error("{prefix} was in line {first} already; leave one of them out")]
    Twice {
        /// The prefix.
        prefix: super::Prefix,
        /// Where it was first.
        first: u32,
    },
}

impl From<Torn> for Wrong {
    fn from(torn: Torn) -> Self {
        match torn {
            Torn::Quote => Self::Quote,
            Torn::OpenQuote => Self::OpenQuote,
        }
    }
}

impl Wrong {
    pub(super) fn prefix(text: &str) -> Self {
        Self::Prefix(repeated(text))
    }

    pub(super) fn amount(text: &str) -> Self {
        Self::Amount(repeated(text))
    }

    pub(super) fn too_dear(text: &str) -> Self {
        Self::TooDear(repeated(text))
    }

    pub(super) fn step(text: &str) -> Self {
        Self::Step(repeated(text))
    }

    /// A stable name, by which the page finds its own words.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::TooMany => "too-many-rows",
            Self::NotText => "not-text",
            Self::Empty => "empty",
            Self::NoColumn(_) => "no-column",
            Self::TwoColumns(_) => "two-columns",
            Self::OtherVat => "other-vat",
            Self::Fields { .. } => "fields",
            Self::Quote => "quote",
            Self::OpenQuote => "open-quote",
            Self::Prefix(_) => "prefix",
            Self::Amount(_) => "amount",
            Self::TooDear(_) => "too-dear",
            Self::Step(_) => "step",
            Self::Twice { .. } => "twice",
        }
    }
}

/// The beginning of a text, fit to be shown.
fn repeated(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(MOST_REPEATED).collect()
}
