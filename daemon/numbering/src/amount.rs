//! Amounts of euro as people write them, exactly.

use crate::money::Money;

/// Parts of a euro that are counted while an amount is read.
pub(crate) const PARTS: u128 = 1_000_000_000_000;

/// Decimals of [`PARTS`].
const DECIMALS: usize = 12;

/// Digits in front of the point at most.
const MOST_WHOLE: usize = 9;

/// Whether signs may stand between thousands. Where a slip makes a price a thousand times cheaper they may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thousands {
    /// They may: `1.234,56`, `1,234.56`, `1 234,56`.
    Grouped,
    /// They may not.
    Plain,
}

/// How many [`PARTS`] a text is, with a decimal point or comma, and with a sign of the euro or without. What is left over
/// counts as a whole one. `None` when it is no amount, or less than nothing.
pub(crate) fn parts(text: &str, thousands: Thousands) -> Option<u128> {
    let number = without_currency(text);
    let grouped = thousands == Thousands::Grouped;
    let number: String = number.chars().filter(|sign| !grouped || !sign.is_whitespace()).collect();
    let (whole, decimals) = number.rsplit_once(['.', ',']).unwrap_or((&number, ""));
    let mut groups = whole.split(|sign| grouped && matches!(sign, '.' | ','));
    let first = groups.next().unwrap_or_default();
    let whole = groups.try_fold(first.to_owned(), |whole, group| (group.len() == 3).then(|| whole + group))?;
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(&whole) || !digits(decimals) || whole.len() + decimals.len() == 0 || whole.len() > MOST_WHOLE {
        return None;
    }
    let kept = decimals.get(..DECIMALS).unwrap_or(decimals);
    let lost = decimals[kept.len()..].bytes().any(|digit| digit != b'0');
    Some(format!("{whole}{kept:0<DECIMALS$}").parse::<u128>().ok()? + u128::from(lost))
}

fn without_currency(text: &str) -> &str {
    let mut text = text.trim();
    for sign in ["€", "EUR", "eur"] {
        text = text.trim_start_matches(sign).trim_end_matches(sign).trim();
    }
    text
}

impl Money {
    /// An amount of euro as a bill has it, with signs between thousands or without; rounded to the nearest hundredth of a
    /// cent. `None` when it is no amount, or less than nothing.
    pub fn of_bill(text: &str) -> Option<Self> {
        const UNIT: u128 = PARTS / 10_000;
        let rounded = (parts(text, Thousands::Grouped)? + UNIT / 2) / UNIT;
        u64::try_from(rounded).ok().map(Self::from_ten_thousandths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_from_decimals_by_what_comes_last_and_only_where_they_may_be() {
        for text in ["1.234,56", "1,234.56", "1 234,56", "€ 1.234,56", "1\u{a0}234,56 EUR"] {
            assert_eq!(parts(text, Thousands::Grouped), Some(1_234 * PARTS + PARTS * 56 / 100), "{text}");
            assert_eq!(parts(text, Thousands::Plain), None, "{text}");
        }
        for text in ["1,2,3", "12,34.5", "1.2.3,4", "", ".", "€", "-1", "1e3", "١"] {
            assert_eq!(parts(text, Thousands::Grouped), None, "{text}");
        }
    }
}
