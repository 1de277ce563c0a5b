//! What a deck has prices for, as who takes it in is told.

use std::collections::BTreeSet;

use super::{Deck, Prefix};
use crate::plan::Dialled;
use crate::rule::{Class, Form, Rule, best_match, matches};
use crate::tables::country_code;

/// Whether the numbers of a class have a price. Told by some numbers of each of its ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Each of them.
    All,
    /// Some of them.
    Some,
    /// None of those that were looked at: they cost the worst case.
    None,
}

impl Deck {
    /// Whether the numbers of a class in the deck's own country have a price, whatever the day; `None` where the country
    /// has no such numbers.
    pub fn coverage(&self, class: Class) -> Option<Coverage> {
        // The town hall's 14xyz is an ordinary number that every deck has a row of its own for, or none.
        let counts = |rule: &&Rule| rule.form == Form::E164 || !matches!(class, Class::National | Class::Mobile);
        let rules = self.country.rules().iter().filter(|rule| rule.class == class).filter(counts);
        let (mut priced, mut unpriced) = (false, false);
        for number in rules.flat_map(|rule| self.samples(rule)) {
            let has_row = self.row(&number).is_some();
            priced |= has_row;
            unpriced |= !has_row;
        }
        match (priced, unpriced) {
            (true, false) => Some(Coverage::All),
            (true, true) => Some(Coverage::Some),
            (false, true) => Some(Coverage::None),
            (false, false) => None,
        }
    }

    /// How many countries other than its own have rows.
    pub fn countries(&self) -> usize {
        let code_of = |prefix: Prefix| {
            let text = prefix.to_string();
            text.strip_prefix('+').map(|digits| country_code(digits).to_owned())
        };
        let codes: BTreeSet<String> = self.rows.iter().filter_map(|row| code_of(row.prefix)).collect();
        codes.iter().filter(|code| !code.is_empty() && *code != self.country.calling_code()).count()
    }

    /// Numbers of a range: one in each area; else wherever any digit may stand, each of the ten does in one of them.
    fn samples(&self, rule: &'static Rule) -> Vec<Dialled> {
        let (country, class) = (self.country, rule.class);
        let digits: Vec<String> = if rule.geographic {
            country.area_codes().iter().filter_map(|area| in_area(rule, area.digits)).collect()
        } else {
            rule.patterns.iter().flat_map(|pattern| ('0'..='9').map(|digit| sample(pattern, digit))).collect()
        };
        let is_of_rule = |digits: &String| best_match(country.rules(), digits).is_some_and(|best| best.id == rule.id);
        let meant = |digits: String| match (rule.form, digits.strip_prefix('0')) {
            (Form::E164, Some(rest)) => Dialled::Outside { e164: format!("+{}{rest}", country.calling_code()), class },
            _ => Dialled::Short { digits, class },
        };
        digits.into_iter().filter(is_of_rule).map(meant).collect()
    }
}

/// A number of a range in an area.
fn in_area(rule: &Rule, area: &str) -> Option<String> {
    let numbers = (area.len()..15).map(|length| format!("{area:2<length$}"));
    numbers.into_iter().find(|number| rule.patterns.iter().any(|pattern| matches(pattern, number)))
}

/// A number that fits a pattern, with that digit wherever it may stand, and the first of a set that it is not in.
fn sample(pattern: &str, digit: char) -> String {
    let (mut sample, mut rest) = (String::new(), pattern);
    while let Some(place) = rest.chars().next() {
        let end = rest.find(']').filter(|_| place == '[').map_or(place.len_utf8(), |end| end + 1);
        let (part, after) = rest.split_at(end);
        rest = after;
        match place {
            'x' => sample.push(digit),
            '[' if matches(part, digit.encode_utf8(&mut [0; 4])) => sample.push(digit),
            '[' => sample.extend(part.chars().nth(1)),
            '…' => {}
            literal => sample.push(literal),
        }
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deck::{Terms, Vat};
    use crate::{Country, Date};

    fn deck(country: Country, rows: &str) -> Deck {
        let terms = Terms { country, vat: Vat::Included, valid_from: Date::from_days(20_000) };
        Deck::read(format!("prefix;price\n{rows}").as_bytes(), &terms).unwrap()
    }

    #[test]
    fn every_class_says_whether_its_numbers_have_a_price() {
        use Class::{Mobile, National, PremiumPerCall, PremiumPerMinute, SharedCost};
        for (country, rows, expected) in [
            (Country::Netherlands, "31;0,02", [(National, Coverage::All), (Mobile, Coverage::All)]),
            (Country::Netherlands, "3120;0,02\n061;0,05", [(National, Coverage::Some), (Mobile, Coverage::Some)]),
            (Country::Netherlands, "3162;0,05", [(National, Coverage::None), (Mobile, Coverage::Some)]),
            (
                Country::Netherlands,
                "31;0,02\n0900;1\n084;0,1",
                [(PremiumPerMinute, Coverage::Some), (SharedCost, Coverage::Some)],
            ),
            (
                Country::Belgium,
                "32;0,02\n0905;2",
                [(PremiumPerCall, Coverage::Some), (PremiumPerMinute, Coverage::None)],
            ),
        ] {
            let deck = deck(country, rows);
            for (class, coverage) in expected {
                assert_eq!(deck.coverage(class), Some(coverage), "{country} {rows} {class:?}");
            }
        }
    }

    #[test]
    fn a_class_that_a_country_does_not_have_is_not_spoken_of() {
        assert_eq!(deck(Country::Netherlands, "31;1").coverage(Class::PremiumPerCall), None);
        assert_eq!(deck(Country::Belgium, "32;1").coverage(Class::PremiumPerCall), Some(Coverage::None));
    }

    #[test]
    fn countries_are_counted_once_and_not_the_offices_own() {
        assert_eq!(deck(Country::Netherlands, "31;1\n49;1\n4915;1\n1;1\n1876;1\n18xx;1\n32;1").countries(), 3);
    }

    #[test]
    fn a_sample_fits_its_pattern() {
        for pattern in ["0900xxxx", "0[1-57]xxxxxxxx", "06[1-58]xxxxxxx", "16xx…", "112"] {
            for digit in '0'..='9' {
                assert!(matches(pattern, &sample(pattern, digit)), "{pattern} {digit}");
            }
        }
    }
}
