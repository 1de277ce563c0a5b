//! The prices of a deck, exactly.

use super::fault::Wrong;
use super::terms::Vat;
use crate::amount::{PARTS, Thousands, parts};
use crate::money::Money;

/// Dearer than this a minute or a call is not a price but a mistake in the column, in euro.
const MOST_EURO: u128 = 100;

/// In which money a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Euro,
    Cent,
}

/// A price with VAT, from a text with a decimal point or comma. What is left over counts as a whole hundredth of a
/// cent.
pub(super) fn read(text: &str, unit: Unit, vat: Vat) -> Result<Money, Wrong> {
    let parts = parts(text, Thousands::Plain).ok_or_else(|| Wrong::amount(text))?;
    let euro = match unit {
        Unit::Euro => parts,
        Unit::Cent => parts.div_ceil(100),
    };
    if euro > MOST_EURO * PARTS {
        return Err(Wrong::too_dear(text));
    }
    let with_vat = (euro * (1_000 + u128::from(vat.added_per_mille()))).div_ceil(1_000);
    Ok(Money::from_ten_thousandths(u64::try_from(with_vat.div_ceil(PARTS / 10_000)).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro(text: &str) -> Result<u64, Wrong> {
        read(text, Unit::Euro, Vat::Included).map(Money::ten_thousandths)
    }

    #[test]
    fn a_price_has_a_point_or_a_comma_and_is_never_rounded_down() {
        for (text, price) in [
            ("0.0121", 121),
            ("0,0121", 121),
            ("€ 1,20", 12_000),
            ("1.2 EUR", 12_000),
            ("EUR 3", 30_000),
            (".5", 5_000),
            ("5,", 50_000),
            ("0.00001", 1),
            ("0.01210000000000000000000000001", 122),
            ("0.0121000000000000000000000000", 121),
            ("0", 0),
            ("100", 1_000_000),
        ] {
            assert_eq!(euro(text), Ok(price), "{text}");
        }
    }

    #[test]
    fn cents_and_vat_are_worked_in() {
        assert_eq!(read("1.21", Unit::Cent, Vat::Included).map(Money::ten_thousandths), Ok(121));
        assert_eq!(read("0.01", Unit::Euro, Vat::Excluded { per_mille: 210 }).map(Money::ten_thousandths), Ok(121));
        assert_eq!(read("0,001", Unit::Euro, Vat::Excluded { per_mille: 210 }).map(Money::ten_thousandths), Ok(13));
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in ["", ".", "€", "-1", "1.2.3", "1.234,56", "1 2", "free", "1e3", "0x1", "١", "9999999999"] {
            assert_eq!(euro(text), Err(Wrong::amount(text)), "{text}");
        }
        assert_eq!(euro("100.01"), Err(Wrong::too_dear("100.01")));
        assert!(read("121", Unit::Cent, Vat::Included).is_ok());
    }
}
