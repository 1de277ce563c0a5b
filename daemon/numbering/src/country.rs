//! The countries whose number plan is built in.

use std::fmt;
use std::str::FromStr;

use crate::rule::{Rule, matches};
use crate::tables::{AreaCode, BELGIAN_AREAS, BELGIAN_RULES, DUTCH_AREAS, DUTCH_RULES};

/// The countries whose number plan is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Country {
    /// The Netherlands, +31.
    Netherlands,
    /// Belgium, +32.
    Belgium,
}

/// A country code other than `NL` or `BE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the country is NL or BE")]
pub struct UnknownCountry;

impl Country {
    /// Every country there is a plan for.
    pub const ALL: [Self; 2] = [Self::Netherlands, Self::Belgium];

    /// The ISO 3166 code, `NL` or `BE`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Netherlands => "NL",
            Self::Belgium => "BE",
        }
    }

    /// The E.164 country code, without the plus.
    pub const fn calling_code(self) -> &'static str {
        match self {
            Self::Netherlands => "31",
            Self::Belgium => "32",
        }
    }

    /// The assigned area codes, in order of their digits.
    pub const fn area_codes(self) -> &'static [AreaCode] {
        match self {
            Self::Netherlands => DUTCH_AREAS,
            Self::Belgium => BELGIAN_AREAS,
        }
    }

    /// The ranges of the national plan.
    pub const fn rules(self) -> &'static [Rule] {
        match self {
            Self::Netherlands => DUTCH_RULES,
            Self::Belgium => BELGIAN_RULES,
        }
    }

    /// Whether an internal number would hide a short code of this country, and which one.
    ///
    /// The emergency and help numbers of both countries count in either: a Dutch office whose extension is 100 would
    /// not be able to open a branch in Belgium, and visitors dial what they know.
    pub fn hidden_by_extension(self, digits: &str) -> Option<&'static str> {
        const EVERYWHERE: &[&str] = &["100", "101", "102", "103", "105", "106", "107", "108", "110", "112", "116xxx"];
        let here: &[&str] = match self {
            Self::Netherlands => &["113", "144", "140xx", "140xxx", "18xx"],
            Self::Belgium => &["1722", "1733"],
        };
        EVERYWHERE.iter().chain(here).find(|pattern| matches(pattern, digits)).copied()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|country| country.code() == text).ok_or(UnknownCountry)
    }
}
