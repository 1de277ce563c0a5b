//! The leading digits of numbers, packed so that a hundred thousand of them are sorted and found quickly.

use std::fmt;

use crate::country::Country;
use crate::plan::Dialled;
use crate::rule::{Form, best_match};

/// Leading digits in E.164, or of a short number that has no leading zero (`s18` for 18xy). At most 15 of them.
///
/// Four bits a digit from the left, each one more than the digit, so that the order is that of the digits and nothing
/// is longer than what it begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(u64);

/// What stands in front of the digits of a short number.
const SHORT: u64 = 0xb;

/// Digits in E.164 at most (ITU-T E.164 6).
const LONGEST: usize = 15;

impl Prefix {
    /// As a tariff deck writes it: `+31`, `0031` or `31`; `0900` inside the country; `18xx` for a short number.
    pub(super) fn read(text: &str, country: Country) -> Option<Self> {
        let separators = |sign: char| sign.is_whitespace() || matches!(sign, '-' | '.' | '(' | ')' | '/' | '\'');
        let signs: String = text.chars().filter(|sign| !separators(*sign)).collect();
        let digits = signs.trim_end_matches(['x', 'X', '*']);
        let any_end = digits.len() < signs.len();
        if let Some(digits) = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
            return Self::of(digits);
        }
        match digits.strip_prefix('0') {
            Some("") => None,
            Some(rest) => Self::of(&format!("{}{rest}", country.calling_code())),
            None if any_end && is_short(digits, signs.len(), country) => Self::of_short(digits),
            None => Self::of(digits),
        }
    }

    /// All digits of a number that can have a price.
    pub(super) fn whole(dialled: &Dialled, country: Country) -> Option<Self> {
        match dialled {
            Dialled::Outside { e164, .. } => Self::of(e164.strip_prefix('+')?),
            Dialled::Short { digits, .. } => match digits.strip_prefix('0') {
                Some(rest) => Self::of(&format!("{}{rest}", country.calling_code())),
                None => Self::of_short(digits),
            },
            Dialled::Emergency(_) | Dialled::Internal { .. } | Dialled::Unknown { .. } => None,
        }
    }

    /// Its first digits; a short number's mark counts as one.
    pub(super) const fn first(self, count: usize) -> Self {
        match count {
            0 => Self(0),
            1..16 => Self(self.0 >> (64 - 4 * count) << (64 - 4 * count)),
            _ => self,
        }
    }

    /// How many digits it has; a short number's mark counts as one.
    pub(super) const fn len(self) -> usize {
        16 - self.0.trailing_zeros() as usize / 4
    }

    fn of(digits: &str) -> Option<Self> {
        if digits.starts_with('0') { None } else { Self::packed(0, 0, digits) }
    }

    fn of_short(digits: &str) -> Option<Self> {
        Self::packed(SHORT << 60, 1, digits)
    }

    fn packed(start: u64, marks: usize, digits: &str) -> Option<Self> {
        if digits.is_empty() || digits.len() > LONGEST {
            return None;
        }
        digits
            .bytes()
            .enumerate()
            .try_fold(start, |packed, (place, digit)| {
                let value = char::from(digit).to_digit(10)?;
                Some(packed | u64::from(value + 1) << (60 - 4 * (place + marks)))
            })
            .map(Self)
    }
}

/// Whether the country has short numbers of a length that begin so, and that a trunk is given.
fn is_short(digits: &str, length: usize, country: Country) -> bool {
    best_match(country.rules(), &format!("{digits:0<length$}")).is_some_and(|rule| rule.form == Form::National)
}

/// `+31` or, for a short number, `18…`.
impl fmt::Display for Prefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nibbles = (0..self.len()).map(|place| self.0 >> (60 - 4 * place) & 0xf);
        let short = self.0 >> 60 == SHORT;
        if !short {
            out.write_str("+")?;
        }
        for nibble in nibbles.skip(usize::from(short)) {
            write!(out, "{}", nibble - 1)?;
        }
        if short { out.write_str("…") } else { Ok(()) }
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        Prefix::read(text, Country::Netherlands).map(|prefix| prefix.to_string())
    }

    #[test]
    fn one_prefix_may_be_written_in_every_way_that_decks_do() {
        for text in ["+31", "0031", "31", " 31 ", "'31", "+3-1", "31x", "31xx", "+31*"] {
            assert_eq!(written(text).as_deref(), Some("+31"), "{text}");
        }
        assert_eq!(written("0900").as_deref(), Some("+31900"));
        assert_eq!(written("0900xxxx").as_deref(), Some("+31900"));
        assert_eq!(written("18xx").as_deref(), Some("18…"));
        assert_eq!(written("1888").as_deref(), Some("+1888"));
        assert_eq!(written("123456789012345").as_deref(), Some("+123456789012345"));
    }

    #[test]
    fn what_is_no_prefix_is_none() {
        for text in ["", "+", "00", "0", "x", "+0", "000", "31a", "3.1E+10", "1234567890123456", "31;32", "３１", "3x1"]
        {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn what_it_begins_with_comes_before_it_and_is_shorter() {
        let prefix = |text| Prefix::read(text, Country::Netherlands).unwrap();
        assert_eq!(prefix("31612").first(2), prefix("31"));
        assert_eq!(prefix("31612").len(), 5);
        assert_eq!(prefix("300").len(), 3);
        assert!(prefix("31") < prefix("310") && prefix("310") < prefix("32"));
        assert_eq!(prefix("123456789012345").first(15).len(), 15);
        assert_eq!(prefix("18xx").first(2).len(), 2);
        assert_eq!(prefix("18xx").len(), 3);
    }
}
