//! What a range of numbers is: its class, what it may cost, and what is done with it unless the office decides
//! otherwise.

/// What a number is worth to who calls it, and to who abuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A colleague, if the office has that number.
    Internal,
    /// Police, fire, ambulance. Passes always.
    Emergency,
    /// Help that is never refused although it is no emergency number: 113, 144, 116xxx, the poison centre.
    Helpline,
    /// Free for who calls.
    Free,
    /// A fixed number in the office's own area.
    Local,
    /// A fixed, company or internet telephony number at the ordinary rate.
    National,
    /// A mobile number.
    Mobile,
    /// More than the ordinary rate, shared with who is called.
    SharedCost,
    /// A premium by the minute.
    PremiumPerMinute,
    /// A premium by the call: a limit on the length does not help.
    PremiumPerCall,
    /// Abroad.
    International(Risk),
    /// In the plan, but neither its purpose nor its price is known. Never cheap and never allowed by default.
    Unknown,
}

impl Class {
    /// Whether it is a fixed or mobile number in the office's own country.
    pub const fn is_ordinary(self) -> bool {
        matches!(self, Self::Local | Self::National | Self::Mobile)
    }

    /// Whether a number inside the country costs more than the ordinary rate.
    pub const fn costs_extra(self) -> bool {
        matches!(self, Self::SharedCost | Self::PremiumPerMinute | Self::PremiumPerCall)
    }
}

/// How attractive a destination abroad is to who steals calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// Not in any report.
    Normal,
    /// Seen in reports, with much honest traffic.
    Elevated,
    /// Often abused.
    High,
    /// Hardly ever called by an office, often by thieves.
    Critical,
}

/// What is done with a call when the office has decided nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Never refused, delayed or counted.
    Bypass,
    /// No extra step.
    Allow,
    /// Needs an allowance, a code, or an administrator's word.
    Ask,
    /// Refused until an administrator opens it.
    Block,
}

/// A planning price, VAT included. The provider's tariff deck overrides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Price {
    /// Nothing.
    Free,
    /// Cents a minute.
    PerMinute(u16),
    /// Cents a call.
    PerCall(u16),
}

/// How a number is given to a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// In E.164.
    E164,
    /// As it is dialled inside the country: it does not exist outside.
    National,
    /// Not at all.
    CarrierSelect,
    /// Not at all.
    CarrierService,
    /// Not at all.
    MessageCode,
}

/// One range of a national plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable name, for example `nl.0900`.
    pub id: &'static str,
    pub(crate) patterns: &'static [&'static str],
    pub(crate) form: Form,
    /// What it is. A geographic range is [`Class::National`] here; the plan of an office knows which of it is local.
    pub class: Class,
    /// What is done with it by default.
    pub policy: Policy,
    /// What it may cost, where that is known.
    pub price: Option<Price>,
    /// Whether the law keeps every number of the range at or below that price. Elsewhere who holds a premium number
    /// sets its price, and the prefix says nothing.
    pub price_is_limit: bool,
    /// Whether it is never refused by any limit or lock.
    pub never_block: bool,
    pub(crate) geographic: bool,
}

impl Rule {
    /// A range that is sent as dialled.
    pub(crate) const fn short(
        id: &'static str,
        patterns: &'static [&'static str],
        class: Class,
        policy: Policy,
    ) -> Self {
        Self::new(id, patterns, Form::National, class, policy)
    }

    /// A range that is sent in E.164.
    pub(crate) const fn e164(
        id: &'static str,
        patterns: &'static [&'static str],
        class: Class,
        policy: Policy,
    ) -> Self {
        Self::new(id, patterns, Form::E164, class, policy)
    }

    /// A range of fixed numbers in the country's areas.
    pub(crate) const fn geographic(id: &'static str, patterns: &'static [&'static str]) -> Self {
        Self { geographic: true, ..Self::new(id, patterns, Form::E164, Class::National, Policy::Allow) }
    }

    /// A range that no trunk is given.
    pub(crate) const fn not_sent(id: &'static str, patterns: &'static [&'static str], form: Form) -> Self {
        Self::new(id, patterns, form, Class::Unknown, Policy::Block)
    }

    /// A help number: never refused.
    pub(crate) const fn help(id: &'static str, patterns: &'static [&'static str], form: Form) -> Self {
        Self { never_block: true, ..Self::new(id, patterns, form, Class::Helpline, Policy::Allow) }
    }

    /// An emergency number.
    pub(crate) const fn emergency(id: &'static str, patterns: &'static [&'static str]) -> Self {
        Self { never_block: true, ..Self::new(id, patterns, Form::National, Class::Emergency, Policy::Bypass) }
    }

    /// The same with a planning price.
    pub(crate) const fn at(self, price: Price) -> Self {
        Self { price: Some(price), ..self }
    }

    /// The same with a price that the law does not let it pass.
    pub(crate) const fn at_most(self, price: Price) -> Self {
        Self { price: Some(price), price_is_limit: true, ..self }
    }

    const fn new(
        id: &'static str,
        patterns: &'static [&'static str],
        form: Form,
        class: Class,
        policy: Policy,
    ) -> Self {
        Self {
            id,
            patterns,
            form,
            class,
            policy,
            price: None,
            price_is_limit: false,
            never_block: false,
            geographic: false,
        }
    }
}

/// The rule that fits `digits` most exactly: the one with the most fixed places.
pub(crate) fn best_match(rules: &'static [Rule], digits: &str) -> Option<&'static Rule> {
    let fit = |rule: &&Rule| {
        rule.patterns.iter().filter(|pattern| matches(pattern, digits)).map(|pattern| fixed_places(pattern)).max()
    };
    rules
        .iter()
        .filter_map(|rule| fit(&rule).map(|places| (places, rule)))
        .max_by_key(|(places, _)| *places)
        .map(|(_, rule)| rule)
}

/// Whether `digits` fit `pattern`: a digit stands for itself, `x` for any digit, `[125-8]` for one of a set, and `…` at
/// the end for any further digits.
pub(crate) fn matches(pattern: &str, digits: &str) -> bool {
    let mut rest = digits.bytes();
    let mut places = pattern.chars();
    while let Some(place) = places.next() {
        if place == '…' {
            return rest.all(|digit| digit.is_ascii_digit());
        }
        let Some(digit) = rest.next().filter(u8::is_ascii_digit) else { return false };
        let fits = match place {
            'x' => true,
            '[' => in_set(&mut places, digit),
            literal => literal == char::from(digit),
        };
        if !fits {
            return false;
        }
    }
    rest.next().is_none()
}

/// Reads a set up to its closing bracket and says whether `digit` is in it.
fn in_set(places: &mut std::str::Chars<'_>, digit: u8) -> bool {
    let digit = char::from(digit);
    let (mut found, mut last, mut range) = (false, '\0', false);
    for place in places.by_ref() {
        match place {
            ']' => break,
            '-' => range = true,
            _ if range => {
                found |= (last..=place).contains(&digit);
                range = false;
            }
            _ => {
                found |= place == digit;
                last = place;
            }
        }
    }
    found
}

/// The digits that every number of `pattern` begins with: `0900` of `0900xxxx`.
pub(crate) fn fixed_start(pattern: &str) -> &str {
    let end = pattern.find(|place: char| !place.is_ascii_digit()).unwrap_or(pattern.len());
    &pattern[..end]
}

fn fixed_places(pattern: &str) -> usize {
    let mut in_brackets = false;
    pattern
        .chars()
        .filter(|place| match place {
            '[' => {
                in_brackets = true;
                true
            }
            ']' => {
                in_brackets = false;
                false
            }
            _ => !in_brackets && place.is_ascii_digit(),
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_reads_literals_sets_and_tails() {
        assert!(matches("0[1-57]x", "058"));
        assert!(matches("0[1-57]x", "071"));
        assert!(!matches("0[1-57]x", "061"));
        assert!(!matches("0[1-57]x", "0711"));
        assert!(!matches("0[1-57]x", "07"));
        assert!(matches("16xx…", "1600"));
        assert!(matches("16xx…", "16000201234567"));
        assert!(!matches("16xx…", "160"));
    }

    #[test]
    fn more_fixed_places_win_whatever_the_order() {
        static RULES: [Rule; 2] = [
            Rule::short("wide", &["0900xxxx"], Class::PremiumPerMinute, Policy::Ask),
            Rule::help("exact", &["09008844"], Form::National),
        ];
        assert_eq!(best_match(&RULES, "09008844").map(|rule| rule.id), Some("exact"));
        assert_eq!(best_match(&RULES, "09008845").map(|rule| rule.id), Some("wide"));
        assert_eq!(best_match(&RULES, "09018845"), None);
    }
}
