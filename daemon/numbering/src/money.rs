//! Amounts of money, whole hundredths of a cent: a minute is sold for `0.0121` euro, and a float would not add up.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// An amount in ten-thousandths of a euro (0.01 cent), VAT as its source says; 0 to some 1.8 quadrillion euro, where
/// sums stop instead of beginning anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(u64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The most there can be.
    pub const MOST: Self = Self(u64::MAX);

    /// Of ten-thousandths of a euro.
    pub const fn from_ten_thousandths(amount: u64) -> Self {
        Self(amount)
    }

    /// Of whole cents.
    pub const fn from_cents(cents: u32) -> Self {
        Self(cents as u64 * 100)
    }

    /// In ten-thousandths of a euro.
    pub const fn ten_thousandths(self) -> u64 {
        self.0
    }

    /// In cents, what is left over counted as a whole one: nothing is ever shown as cheaper than it is.
    pub const fn cents_up(self) -> u64 {
        self.0.div_ceil(100)
    }

    /// This many times, up to the most there can be.
    pub const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// A quarter more, what is left over counted as a whole hundredth of a cent.
    #[must_use]
    pub const fn plus_a_quarter(self) -> Self {
        Self(self.0.saturating_add(self.0.div_ceil(4)))
    }

    /// What is left of it after `other`, at least nothing.
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::add)
    }
}

/// In euro with a point and two to four decimals, as in files: `1.20`, `0.0121`.
impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (euro, rest) = (self.0 / 10_000, self.0 % 10_000);
        match (rest % 100, rest % 10) {
            (0, _) => write!(out, "{euro}.{:02}", rest / 100),
            (_, 0) => write!(out, "{euro}.{:03}", rest / 10),
            _ => write!(out, "{euro}.{rest:04}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_in_euro_without_what_says_nothing() {
        for (amount, written) in [(0, "0.00"), (12_000, "1.20"), (121, "0.0121"), (150, "0.015"), (99, "0.0099")] {
            assert_eq!(Money::from_ten_thousandths(amount).to_string(), written);
        }
    }

    #[test]
    fn a_part_of_a_cent_is_a_cent_to_who_pays() {
        assert_eq!(Money::from_ten_thousandths(101).cents_up(), 2);
        assert_eq!(Money::from_cents(2).cents_up(), 2);
    }

    #[test]
    fn sums_stop_at_the_most_there_can_be() {
        let most = Money::from_ten_thousandths(u64::MAX);
        assert_eq!(most + Money::from_cents(1), most);
        assert_eq!(most.times(3), most);
        assert_eq!(Money::ZERO.less(most), Money::ZERO);
    }
}
