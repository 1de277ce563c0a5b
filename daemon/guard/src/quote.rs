//! What a call is reckoned to cost: what is written down for it, and what is held back so that it can be paid whatever comes.

use centrale_numbering::{Dialled, Plan, Tariff};

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
        Self { price, reserve: price.with_margin().in_whole_minutes() }
    }

    /// Where no list has the number: the most that a call to it can cost.
    pub fn worst(plan: &Plan, meant: &Dialled) -> Self {
        let price = plan.worst_case(meant);
        Self { price, reserve: price.in_whole_minutes() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use centrale_numbering::{Country, Money, Step};

    use super::*;

    fn worst_of(country: Country, dialled: &str) -> Tariff {
        let plan = Plan::of(country, "");
        Quote::worst(&plan, &plan.normalise(dialled)).price
    }

    #[test]
    fn a_065_a_premium_number_in_no_list_is_reckoned_with_the_most_that_its_range_may_cost() {
        // Its holder sets the price: the dearest of its class counts, which is that of 0906.
        assert_eq!(worst_of(Country::Netherlands, "09001234").minute, Money::from_cents(100));
        assert_eq!(worst_of(Country::Belgium, "090412345").minute, Money::from_cents(200));
        // Nothing is known of enquiries: the dearest of its class.
        assert_eq!(worst_of(Country::Belgium, "1313").minute, Money::from_cents(200));
    }

    #[test]
    fn a_096_a_call_is_written_down_by_the_second_in_belgium_and_by_the_minute_in_the_netherlands() {
        let minute = Duration::from_secs(61);
        let cost = |country, dialled| worst_of(country, dialled).cost(minute).ten_thousandths();
        assert_eq!(cost(Country::Belgium, "0475123456"), 1_017, "61 seconds at 10 cents");
        assert_eq!(cost(Country::Netherlands, "0612345678"), 1_600, "two minutes at 8 cents");
    }

    #[test]
    fn a_110_a_minute_and_a_second_are_held_back_as_two_minutes_and_a_quarter_more() {
        let price = Tariff { setup: Money::ZERO, minute: Money::from_cents(4), step: Step::Second };
        assert_eq!(Quote::of_deck(price).reserve.cost(Duration::from_secs(61)), Money::from_cents(10));
    }
}
