//! What a call is reckoned to cost: what is written down for it, and what is held back so that it can be paid whatever comes.

use centrale_numbering::{Class, Country, Dialled, Money, Plan, Price, Risk, Step, Tariff};

/// A price in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// What the call is written down with.
    pub price: Tariff,
    /// What is held back for it: in whole minutes, and with a margin where the price can change under us.
    pub reserve: Tariff,
}

impl Quote {
    /// Of a price from the provider's own list. A quarter more is held back: the dearer price counts when two differ.
    pub fn of_deck(price: Tariff) -> Self {
        let more = |amount: Money| Money::from_ten_thousandths(amount.times(5).ten_thousandths().div_ceil(4));
        Self { price, reserve: Tariff { setup: more(price.setup), minute: more(price.minute), step: Step::Minute } }
    }

    /// Where no list has the number: the price of its range, else the most that its class costs.
    pub fn worst(plan: &Plan, meant: &Dialled) -> Self {
        let price = worst(plan, meant);
        Self { price, reserve: Tariff { step: Step::Minute, ..price } }
    }
}

/// What providers take for connecting a call, at most.
const SETUP: Money = Money::from_cents(8);

fn worst(plan: &Plan, meant: &Dialled) -> Tariff {
    let step = match plan.country() {
        Country::Netherlands => Step::Minute,
        Country::Belgium => Step::Second,
    };
    let per_minute = |cents: u16| Tariff { setup: SETUP, minute: Money::from_cents(cents.into()), step };
    if let Some(range) = plan.risk_range(meant) {
        return per_minute(range.planning_cents_per_minute);
    }
    match plan.rule(meant).and_then(|rule| rule.price) {
        Some(Price::PerMinute(cents)) => per_minute(cents),
        Some(Price::PerCall(cents)) => Tariff { setup: Money::from_cents(cents.into()), minute: Money::ZERO, step },
        None => match meant.class() {
            Class::Internal | Class::Emergency | Class::Helpline | Class::Free => Tariff::FREE,
            Class::Local | Class::National => per_minute(12),
            Class::Mobile => per_minute(35),
            Class::SharedCost => per_minute(30),
            // The dearest that the Belgian decree allows by the minute and by the call.
            Class::PremiumPerMinute => per_minute(200),
            Class::PremiumPerCall => Tariff { setup: Money::from_cents(3_100), minute: Money::ZERO, step },
            Class::International(Risk::Normal) => per_minute(60),
            Class::International(_) | Class::Unknown => per_minute(300),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn worst_of(country: Country, dialled: &str) -> Tariff {
        let plan = Plan::of(country, "");
        Quote::worst(&plan, &plan.normalise(dialled)).price
    }

    #[test]
    fn a_065_a_premium_number_in_no_list_is_reckoned_with_the_most_that_its_range_may_cost() {
        assert_eq!(worst_of(Country::Netherlands, "09001234").minute, Money::from_cents(90));
        assert_eq!(worst_of(Country::Belgium, "090412345").minute, Money::from_cents(200));
        // Nothing is known of enquiries: the dearest of its class.
        assert_eq!(worst_of(Country::Belgium, "1313").minute, Money::from_cents(200));
    }

    #[test]
    fn a_096_a_call_is_written_down_by_the_second_in_belgium_and_by_the_minute_in_the_netherlands() {
        let minute = Duration::from_secs(61);
        let cost = |country, dialled| worst_of(country, dialled).cost(minute).less(SETUP).ten_thousandths();
        assert_eq!(cost(Country::Belgium, "0475123456"), 1_017, "61 seconds at 10 cents");
        assert_eq!(cost(Country::Netherlands, "0612345678"), 1_600, "two minutes at 8 cents");
    }

    #[test]
    fn a_110_a_minute_and_a_second_are_held_back_as_two_minutes_and_a_quarter_more() {
        let price = Tariff { setup: Money::ZERO, minute: Money::from_cents(4), step: Step::Second };
        assert_eq!(Quote::of_deck(price).reserve.cost(Duration::from_secs(61)), Money::from_cents(10));
    }
}
