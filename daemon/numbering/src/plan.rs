//! The plan of one office: from a dialled text to the number it means.

use crate::country::Country;
use crate::emergency::is_emergency;
use crate::rule::{Class, Form, Policy, Risk, Rule, best_match};
use crate::tables::{AreaCode, RISK_RANGES, RiskRange, country_code};
use crate::typed::{Identity, Typed};

/// Longest number in E.164, without its plus (ITU-T E.164 6).
const LONGEST: usize = 15;

/// Shortest number abroad that is in use, country code included (Niue, St Helena: three and four).
const SHORTEST_ABROAD: usize = 7;

/// What a dialled text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialled {
    /// An emergency. This fixed text goes to the trunk, never what was dialled.
    Emergency(&'static str),
    /// Two to six digits that mean nothing outside: a colleague, if the office has that number.
    Internal {
        /// The digits.
        digits: String,
    },
    /// A number that exists only inside the country and is sent as it is dialled: `113`, `14020`, `08001234`.
    Short {
        /// The digits, with the leading zero where there is one.
        digits: String,
        /// What it is.
        class: Class,
    },
    /// A number in E.164.
    Outside {
        /// The number with its plus.
        e164: String,
        /// What it is.
        class: Class,
    },
    /// No number that a trunk may be given.
    Unknown {
        /// Why not.
        reason: Reason,
    },
}

/// Why a dialled text is no number that can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// Nothing was dialled.
    #[error("nothing was dialled")]
    Empty,
    /// A letter, or a sign that no telephone has.
    #[error("not a telephone number")]
    NotANumber,
    /// More digits than a number can have.
    #[error("too long for a telephone number")]
    TooLong,
    /// Fewer digits than any number there has.
    #[error("too short for a telephone number")]
    TooShort,
    /// Neither the national plan nor the list of countries has it.
    #[error("no such number in the plan")]
    Unassigned,
    /// A prefix that chooses another carrier: it would evade the trunk's prices.
    #[error("choosing a carrier is not possible here")]
    CarrierSelect,
    /// A service of a mobile carrier, for its own customers.
    #[error("a carrier's own service")]
    CarrierService,
    /// A code for text messages.
    #[error("a number for text messages only")]
    MessageCode,
    /// Begins with a star or a hash: a code for the exchange, if it has one.
    #[error("a code that this exchange does not have")]
    FeatureCode,
}

impl Dialled {
    /// The canonical text, which normalises to itself; `None` when there is no number.
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Emergency(number) => Some(number),
            Self::Internal { digits } | Self::Short { digits, .. } => Some(digits),
            Self::Outside { e164, .. } => Some(e164),
            Self::Unknown { .. } => None,
        }
    }

    /// The class; [`Class::Unknown`] when there is no number.
    pub const fn class(&self) -> Class {
        match self {
            Self::Emergency(_) => Class::Emergency,
            Self::Internal { .. } => Class::Internal,
            Self::Short { class, .. } | Self::Outside { class, .. } => *class,
            Self::Unknown { .. } => Class::Unknown,
        }
    }
}

/// The number plan as seen from one office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    country: Country,
    area: Option<&'static AreaCode>,
}

impl Plan {
    /// The plan of an office in `country` with the area code `area_code` (`020`). An empty or unassigned area code
    /// means that numbers without one are not completed.
    pub fn of(country: Country, area_code: &str) -> Self {
        Self { country, area: country.area_codes().iter().find(|area| area.digits == area_code) }
    }

    /// The country.
    pub const fn country(&self) -> Country {
        self.country
    }

    /// What `dialled` means: as a person types it or a phone sends it, in a URI or not. Emergencies are found first.
    ///
    /// A number with neither `+`, `00` nor `0` in front is, in this order: a short code, a number in the office's own
    /// area, a national number whose zero was left out, a number with the own country code in front, an internal
    /// number.
    pub fn normalise(&self, dialled: &str) -> Dialled {
        if let Some(number) = is_emergency(self.country, dialled) {
            return Dialled::Emergency(number);
        }
        match Typed::read(dialled) {
            Ok(typed) => self.place(typed).unwrap_or_else(|reason| Dialled::Unknown { reason }),
            Err(reason) => Dialled::Unknown { reason },
        }
    }

    /// What the caller asked about the own number with a code in front of the number, if anything.
    pub fn identity(&self, dialled: &str) -> Option<Identity> {
        Typed::read(dialled).ok().and_then(|typed| typed.identity)
    }

    /// Whether a number is one that nothing may block: help, and the helplines.
    pub fn never_blocks(&self, dialled: &Dialled) -> bool {
        self.rule(dialled).is_some_and(|rule| rule.never_block)
    }

    /// The range of the national plan that a normalised number is in.
    pub fn rule(&self, dialled: &Dialled) -> Option<&'static Rule> {
        match dialled {
            Dialled::Emergency(digits) => best_match(self.country.rules(), digits),
            Dialled::Short { digits, .. } => best_match(self.country.rules(), digits),
            Dialled::Outside { e164, .. } => {
                let national = e164.strip_prefix('+')?.strip_prefix(self.country.calling_code())?;
                best_match(self.country.rules(), &format!("0{national}"))
            }
            Dialled::Internal { .. } | Dialled::Unknown { .. } => None,
        }
    }

    /// The area that a geographic number of the country belongs to: it is for use there. `None` for every other number. Those
    /// of the country among them (mobile, company and internet telephony, free) may be used wherever somebody is.
    pub fn zone_of(&self, dialled: &Dialled) -> Option<&'static AreaCode> {
        let Dialled::Outside { e164, .. } = dialled else { return None };
        self.rule(dialled).filter(|rule| rule.geographic)?;
        let national = format!("0{}", e164.strip_prefix('+')?.strip_prefix(self.country.calling_code())?);
        let areas = self.country.area_codes().iter().filter(|area| national.starts_with(area.digits));
        areas.max_by_key(|area| area.digits.len())
    }

    /// The area in which the office is, if somebody said.
    pub const fn area(&self) -> Option<&'static AreaCode> {
        self.area
    }

    /// The range abroad that a normalised number is in, when it is one that needs care.
    pub fn risk_range(&self, dialled: &Dialled) -> Option<&'static RiskRange> {
        match dialled {
            Dialled::Outside { e164, class: Class::International(_) } => risk_range(e164.strip_prefix('+')?),
            _ => None,
        }
    }

    /// What is done with a call to it when the office has decided nothing.
    pub fn default_policy(&self, dialled: &Dialled) -> Policy {
        match dialled {
            Dialled::Emergency(_) => Policy::Bypass,
            Dialled::Internal { .. } => Policy::Allow,
            Dialled::Unknown { .. } => Policy::Block,
            Dialled::Outside { class: Class::International(Risk::Critical), .. } => Policy::Block,
            Dialled::Outside { class: Class::International(_), .. } => Policy::Ask,
            Dialled::Outside { class: Class::Free, .. } => Policy::Allow,
            Dialled::Short { .. } | Dialled::Outside { .. } => {
                self.rule(dialled).map_or(Policy::Block, |rule| rule.policy)
            }
        }
    }

    fn place(&self, typed: Typed) -> Result<Dialled, Reason> {
        let Typed { digits, international, context, .. } = typed;
        if international {
            return self.international(&digits);
        }
        match context {
            // The number is local to another country or area: what is classed and sent is that one, in full.
            Some(context) if context != self.country.calling_code() => {
                self.international(&(context + digits.strip_prefix('0').unwrap_or(&digits)))
            }
            _ if digits.starts_with('0') => self.national(&digits),
            // It says that it is whole within the country: its area is not left out, even where that would be cheaper.
            Some(_) => self.whole_in_country(&digits),
            None => self.bare(&digits),
        }
    }

    /// A number that says it is in the country, without its zero; with the country's code again where that makes more
    /// sense.
    fn whole_in_country(&self, digits: &str) -> Result<Dialled, Reason> {
        let full = format!("0{digits}");
        let is_short = best_match(self.country.rules(), digits).is_some();
        match best_match(self.country.rules(), &full) {
            Some(rule) if !is_short && (!rule.geographic || self.is_plausible(&full)) => self.fill(rule, &full),
            _ => self.bare(digits),
        }
    }

    fn international(&self, digits: &str) -> Result<Dialled, Reason> {
        if let Some(rest) = digits.strip_prefix(self.country.calling_code()) {
            return self.own_country(rest);
        }
        let digits = without_neighbours_zero(digits);
        match digits.len() {
            0..SHORTEST_ABROAD => return Err(Reason::TooShort),
            SHORTEST_ABROAD..=LONGEST => {}
            _ => return Err(Reason::TooLong),
        }
        if country_code(&digits).is_empty() {
            return Err(Reason::Unassigned);
        }
        Ok(Dialled::Outside { class: class_abroad(&digits)?, e164: format!("+{digits}") })
    }

    /// A number in the own country, written from abroad: `rest` follows the country code.
    fn own_country(&self, rest: &str) -> Result<Dialled, Reason> {
        let help =
            best_match(self.country.rules(), rest).filter(|rule| rule.never_block && rule.form == Form::National);
        match help {
            Some(rule) => Ok(Dialled::Short { digits: rest.to_owned(), class: rule.class }),
            None => self.national(&format!("0{}", rest.strip_prefix('0').unwrap_or(rest))),
        }
    }

    /// A number with its leading zero.
    fn national(&self, digits: &str) -> Result<Dialled, Reason> {
        let rule = best_match(self.country.rules(), digits).ok_or(match digits.len() {
            0..=LONGEST => Reason::Unassigned,
            _ => Reason::TooLong,
        })?;
        self.fill(rule, digits)
    }

    fn fill(&self, rule: &Rule, digits: &str) -> Result<Dialled, Reason> {
        let in_own_area = rule.geographic && self.area.is_some_and(|area| digits.starts_with(area.digits));
        let class = if in_own_area { Class::Local } else { rule.class };
        match rule.form {
            Form::National => Ok(Dialled::Short { digits: digits.to_owned(), class }),
            Form::E164 => {
                let e164 = format!("+{}{}", self.country.calling_code(), digits.strip_prefix('0').unwrap_or(digits));
                if e164.len() > LONGEST + 1 { Err(Reason::TooLong) } else { Ok(Dialled::Outside { e164, class }) }
            }
            Form::CarrierSelect => Err(Reason::CarrierSelect),
            Form::CarrierService => Err(Reason::CarrierService),
            Form::MessageCode => Err(Reason::MessageCode),
        }
    }

    /// A number with nothing in front that would say where it belongs.
    fn bare(&self, digits: &str) -> Result<Dialled, Reason> {
        if let Some(rule) = best_match(self.country.rules(), digits) {
            return self.fill(rule, digits);
        }
        let in_own_area = self.area.map(|area| format!("{}{digits}", area.digits));
        let completed = in_own_area.filter(|full| self.is_plausible(full)).or_else(|| {
            let full = format!("0{digits}");
            self.is_plausible(&full).then_some(full)
        });
        if let Some(full) = completed {
            return self.national(&full);
        }
        if let Some(rest) = digits.strip_prefix(self.country.calling_code())
            && let Ok(found @ (Dialled::Outside { .. } | Dialled::Short { .. })) = self.own_country(rest)
        {
            return Ok(found);
        }
        match digits.len() {
            2..=6 => Ok(Dialled::Internal { digits: digits.to_owned() }),
            0..2 => Err(Reason::TooShort),
            7..=LONGEST => Err(Reason::Unassigned),
            _ => Err(Reason::TooLong),
        }
    }

    /// Whether a number that was completed by a guess is one that somebody has: mobile, or in an assigned area with a
    /// subscriber's number that does not begin with 0 or 1. A guess never leads to a number that costs extra.
    fn is_plausible(&self, digits: &str) -> bool {
        let Some(rule) = best_match(self.country.rules(), digits) else { return false };
        let subscriber = || {
            let area = self.country.area_codes().iter().find(|area| digits.starts_with(area.digits))?;
            digits.as_bytes().get(area.digits.len())
        };
        rule.class == Class::Mobile
            || rule.geographic && subscriber().is_some_and(|first| (b'2'..=b'9').contains(first))
    }
}

/// Drops what zeros were written after +31 or +32: one is dialled inside the country.
fn without_neighbours_zero(digits: &str) -> String {
    Country::ALL
        .iter()
        .find_map(|country| {
            let code = country.calling_code();
            digits.strip_prefix(code).map(|rest| format!("{code}{}", rest.trim_start_matches('0')))
        })
        .unwrap_or_else(|| digits.to_owned())
}

/// The class of a number in another country.
fn class_abroad(digits: &str) -> Result<Class, Reason> {
    // International freephone: +800 and eight digits (ITU-T E.169.1).
    match digits.strip_prefix("800") {
        Some(rest) if rest.len() == 8 => Ok(Class::Free),
        Some(_) => Err(Reason::Unassigned),
        None => Ok(Class::International(risk_range(digits).map_or(Risk::Normal, |range| range.risk))),
    }
}

/// The range with the longest prefix that fits. A zero after the country code is dropped by some carriers and dialled
/// by others: of the two numbers it may be, the more dangerous one counts.
fn risk_range(digits: &str) -> Option<&'static RiskRange> {
    let longest = |digits: &str| {
        RISK_RANGES.iter().filter(|range| digits.starts_with(range.prefix)).max_by_key(|range| range.prefix.len())
    };
    let (code, rest) = digits.split_at(country_code(digits).len());
    let without_zero = longest(&format!("{code}{}", rest.trim_start_matches('0')));
    longest(digits).into_iter().chain(without_zero).max_by_key(|range| (range.risk, range.planning_cents_per_minute))
}

#[cfg(test)]
mod published;
#[cfg(test)]
mod requirements;
#[cfg(test)]
mod spellings;
#[cfg(test)]
mod tests;
