//! What a call costs: a start, a price by the minute, and the step in which time is charged.

use std::time::Duration;

use crate::money::Money;

/// The step in which a call's time is charged. A step that has begun is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// By the second, from answer to hanging up, as Belgian providers charge.
    Second,
    /// By the started minute, as Dutch providers charge.
    Minute,
}

impl Step {
    /// Its length in seconds.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
        }
    }
}

/// The price of one destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tariff {
    /// Paid once, when somebody answers.
    pub setup: Money,
    /// Paid for each minute of talking.
    pub minute: Money,
    /// How time is rounded, always up.
    pub step: Step,
}

impl Tariff {
    /// What costs nothing.
    pub const FREE: Self = Self { setup: Money::ZERO, minute: Money::ZERO, step: Step::Second };

    /// What a call costs that was answered and has lasted so long. A call that was not answered costs nothing, and is not asked
    /// about here.
    pub fn cost(&self, talked: Duration) -> Money {
        let seconds = talked.as_secs() + u64::from(talked.subsec_nanos() > 0);
        self.after_steps(seconds.div_ceil(self.step.seconds()))
    }

    /// How long a call may last within `budget`; `None` when it can last for ever. `Some(0)` when not even the first step
    /// can be paid.
    pub fn longest(&self, budget: Money) -> Option<Duration> {
        let left = budget.ten_thousandths().checked_sub(self.setup.ten_thousandths());
        let Some(left) = left else { return Some(Duration::ZERO) };
        if self.minute == Money::ZERO {
            return None;
        }
        let steps =
            u128::from(left) * 60 / (u128::from(self.minute.ten_thousandths()) * u128::from(self.step.seconds()));
        Some(Duration::from_secs(u64::try_from(steps).unwrap_or(u64::MAX).saturating_mul(self.step.seconds())))
    }

    fn after_steps(&self, steps: u64) -> Money {
        let time = u128::from(self.minute.ten_thousandths()) * u128::from(steps) * u128::from(self.step.seconds());
        self.setup + Money::from_ten_thousandths(u64::try_from(time.div_ceil(60)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NL: Tariff = Tariff { setup: Money::ZERO, minute: Money::from_cents(3), step: Step::Minute };
    const BE: Tariff = Tariff { setup: Money::from_cents(5), minute: Money::from_cents(6), step: Step::Second };

    #[test]
    fn sixty_one_seconds_are_two_minutes_in_the_netherlands_and_sixty_one_seconds_in_belgium() {
        assert_eq!(NL.cost(Duration::from_secs(61)), Money::from_cents(6));
        assert_eq!(BE.cost(Duration::from_secs(61)).ten_thousandths(), 500 + 610);
    }

    #[test]
    fn a_second_that_has_begun_is_paid() {
        assert_eq!(NL.cost(Duration::ZERO), Money::ZERO);
        assert_eq!(NL.cost(Duration::from_millis(1)), Money::from_cents(3));
        assert_eq!(BE.cost(Duration::from_millis(1_001)).ten_thousandths(), 500 + 20);
    }

    #[test]
    fn what_costs_nothing_by_the_minute_lasts_for_ever_once_it_is_paid() {
        let once = Tariff { minute: Money::ZERO, ..BE };
        assert_eq!(once.longest(Money::from_cents(5)), None);
        assert_eq!(once.longest(Money::from_cents(4)), Some(Duration::ZERO));
        assert_eq!(Tariff::FREE.longest(Money::ZERO), None);
    }

    proptest! {
        #[test]
        fn the_longest_call_is_paid_by_the_budget_and_one_step_more_is_not(
            setup in 0..50_000u64, minute in 1..50_000u64, by_minute: bool, budget in 0..10_000_000u64
        ) {
            let money = Money::from_ten_thousandths;
            let step = if by_minute { Step::Minute } else { Step::Second };
            let tariff = Tariff { setup: money(setup), minute: money(minute), step };
            let longest = tariff.longest(money(budget)).unwrap();
            prop_assert!(longest.is_zero() || tariff.cost(longest) <= money(budget));
            prop_assert!(tariff.cost(longest + Duration::from_secs(step.seconds())) > money(budget));
        }
    }
}
