//! What a call is reckoned to cost: what is written down for it, and what is held back so that it can be paid whatever comes.

use centrale_numbering::deck::Deck;
use centrale_numbering::{Date, Dialled, Plan, Tariff};

/// A price in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// What the call is written down with.
    pub price: Tariff,
    /// What is held back for it: in whole minutes, and with a margin where the price can change under us.
    pub reserve: Tariff,
}

impl Quote {
    /// By the deck of the provider that the call leaves by, where that has a row for the number and counts on this day:
    /// a quarter more is held back then, as the dearer price counts when two differ. Else the most that a call
    /// to the number can cost.
    pub fn of(plan: &Plan, meant: &Dialled, deck: Option<&Deck>, today: Date) -> Self {
        let known = deck.filter(|deck| deck.country() == plan.country());
        let known = known.and_then(|deck| deck.tariff_on(today, meant));
        let of_deck = |price: Tariff| Self { price, reserve: price.with_margin().in_whole_minutes() };
        known.map_or_else(|| Self::worst(plan, meant), of_deck)
    }

    /// The most that a call to the number can cost.
    pub fn worst(plan: &Plan, meant: &Dialled) -> Self {
        let price = plan.worst_case(meant);
        Self { price, reserve: price.in_whole_minutes() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use centrale_numbering::deck::{Terms, Vat};
    use centrale_numbering::{Country, Money};

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// What the deck of November says on a day.
    fn quoted(country: Country, deck: Option<&str>, today: &str, dialled: &str) -> Quote {
        let terms = Terms { country, vat: Vat::Included, valid_from: day("2026-11-01") };
        let deck = deck.map(|deck| Deck::read(deck.as_bytes(), &terms).unwrap());
        let plan = Plan::of(country, "");
        Quote::of(&plan, &plan.normalise(dialled), deck.as_ref(), day(today))
    }

    fn worst_of(country: Country, dialled: &str) -> Tariff {
        quoted(country, None, "2026-11-02", dialled).price
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
        let by_deck = |country| quoted(country, Some("prefix;price\n49;0,06"), "2026-11-02", "+493012345678").price;
        assert_eq!(by_deck(Country::Belgium).cost(minute).ten_thousandths(), 610);
        assert_eq!(by_deck(Country::Netherlands).cost(minute).ten_thousandths(), 1_200);
    }

    #[test]
    fn a_038_a_deck_that_has_expired_or_has_no_row_prices_at_the_worst_case() {
        let deck = Some("prefix;price\n31;0,02\n31900;0,45");
        for dialled in ["030 2345678", "0900 1234"] {
            let quote = |today| quoted(Country::Netherlands, deck, today, dialled);
            let worst = quoted(Country::Netherlands, None, "2026-11-30", dialled);
            assert!(quote("2026-12-15").price.minute < worst.price.minute, "{dialled}");
            assert_eq!(quote("2026-12-16"), worst, "{dialled}");
            assert_eq!(quote("2026-10-31"), worst, "{dialled}");
        }
        let germany = "+49 30 1234567";
        let worst = quoted(Country::Netherlands, None, "2026-11-02", germany);
        assert_eq!(quoted(Country::Netherlands, deck, "2026-11-02", germany), worst);
    }

    #[test]
    fn a_110_a_minute_and_a_second_are_held_back_as_two_minutes_and_a_quarter_more() {
        let cost = |country, deck, dialled| {
            quoted(country, deck, "2026-11-02", dialled).reserve.cost(Duration::from_secs(61)).cents_up()
        };
        for deck in ["prefix;price\n49;0,04", "prefix;price;step\n49;0,04;second"] {
            for country in [Country::Netherlands, Country::Belgium] {
                assert_eq!(cost(country, Some(deck), "+493012345678"), 10, "{deck}");
            }
        }
        // The worst case needs no margin; also where time is charged by the second it is in whole minutes.
        assert_eq!(cost(Country::Belgium, None, "078 12 34 56"), 20);
    }

    #[test]
    fn a_deck_of_another_country_counts_as_none() {
        let terms = Terms { country: Country::Belgium, vat: Vat::Included, valid_from: day("2026-11-01") };
        let deck = Deck::read(b"prefix;price\n0900;0,10", &terms).unwrap();
        let plan = Plan::of(Country::Netherlands, "");
        let meant = plan.normalise("09001234");
        let quote = Quote::of(&plan, &meant, Some(&deck), day("2026-11-02"));
        assert_eq!(quote.price, plan.worst_case(&meant));
    }
}
