//! What a deck's file does not say of itself.

use crate::country::Country;
use crate::date::Date;

/// What the office says of a deck when it takes it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Where the office is: whose `0900` the deck means, and how calls are charged where it does not say.
    pub country: Country,
    /// Whether VAT is in the prices.
    pub vat: Vat,
    /// The day from which the prices count.
    pub valid_from: Date,
}

/// Whether VAT is in a deck's prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vat {
    /// It is.
    Included,
    /// It is not, and is added.
    Excluded {
        /// The rate in thousandths: 210 for 21 %.
        per_mille: u16,
    },
}

impl Vat {
    pub(super) const fn added_per_mille(self) -> u16 {
        match self {
            Self::Included => 0,
            Self::Excluded { per_mille } => per_mille,
        }
    }
}
