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

    /// What a call costs that was answered and has lasted so long. A call that was not answered costs nothing, and is
    /// not asked about here.
    pub fn cost(&self, talked: Duration) -> Money {
        let seconds = talked.as_secs() + u64::from(talked.subsec_nanos() > 0);
        self.after_steps(seconds.div_ceil(self.step.seconds()))
    }

    /// How long a call may last within `budget`; `None` when it can last for ever. `Some(0)` when not even the first
    /// step can be paid.
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

    /// A tariff that is nowhere cheaper than either of two.
    #[must_use]
    pub fn dearer(self, other: Self) -> Self {
        let step = if self.step.seconds() < other.step.seconds() { other.step } else { self.step };
        Self { setup: self.setup.max(other.setup), minute: self.minute.max(other.minute), step }
    }

    /// A quarter more, for what is reserved before a call: a provider that takes another way bills the dearer one.
    #[must_use]
    pub const fn with_margin(self) -> Self {
        Self { setup: self.setup.plus_a_quarter(), minute: self.minute.plus_a_quarter(), ..self }
    }

    /// The same by the started minute, for what is reserved: longer steps are dearer.
    #[must_use]
    pub const fn in_whole_minutes(self) -> Self {
        Self { step: Step::Minute, ..self }
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

    #[test]
    fn a_096_the_same_call_is_charged_by_the_second_in_belgium_and_by_the_started_minute_in_the_netherlands() {
        let second = Tariff { setup: Money::ZERO, ..BE };
        for (talked, minutes, seconds) in
            [(0, 0, 0), (1, 1, 1), (59, 1, 59), (60, 1, 60), (61, 2, 61), (3_600, 60, 3_600)]
        {
            let talked = Duration::from_secs(talked);
            assert_eq!(NL.cost(talked), Money::from_cents(3).times(minutes), "{talked:?}");
            assert_eq!(second.cost(talked).ten_thousandths(), 10 * seconds, "{talked:?}");
        }
    }

    proptest! {
        #[test]
        fn the_dearer_of_two_is_never_cheaper_than_either_and_a_margin_is_at_least_a_quarter(
            setups: (u32, u32), minutes: (u32, u32), steps: (bool, bool), seconds in 0..100_000u64
        ) {
            let tariff = |setup: u32, minute: u32, by_minute: bool| Tariff {
                setup: Money::from_ten_thousandths(setup.into()),
                minute: Money::from_ten_thousandths(minute.into()),
                step: if by_minute { Step::Minute } else { Step::Second },
            };
            let one = tariff(setups.0, minutes.0, steps.0);
            let other = tariff(setups.1, minutes.1, steps.1);
            let cost = |tariff: Tariff| tariff.cost(Duration::from_secs(seconds)).ten_thousandths();
            prop_assert!(cost(one.dearer(other)) >= cost(one).max(cost(other)));
            let (more, one) = (one.with_margin(), one);
            prop_assert!(more.minute.times(4) >= one.minute.times(5) && more.setup.times(4) >= one.setup.times(5));
            prop_assert_eq!(more.step, one.step);
        }

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
