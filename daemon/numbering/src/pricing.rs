//! The price of a call: the tariff deck where one counts, else the worst case.

use crate::date::Date;
use crate::deck::{Deck, Freshness};
use crate::plan::{Dialled, Plan};
use crate::tariff::Tariff;

impl Plan {
    /// What a call to a normalised number is charged at. A deck that is too old, not yet valid, or without a row for
    /// it, counts as none.
    pub fn tariff(&self, dialled: &Dialled, deck: Option<&Deck>, today: Date) -> Tariff {
        known(dialled, deck, today).unwrap_or_else(|| self.worst_case(dialled))
    }

    /// What is reserved for a call before it begins, in whole minutes: the dearest of the providers that it may take,
    /// where one that has a deck may bill a quarter more than it says, and one that has none the worst case.
    pub fn reservation<'a>(
        &self,
        dialled: &Dialled,
        decks: impl IntoIterator<Item = Option<&'a Deck>>,
        today: Date,
    ) -> Tariff {
        let of = |deck| known(dialled, deck, today).map_or_else(|| self.worst_case(dialled), Tariff::with_margin);
        let dearest = decks.into_iter().map(of).reduce(Tariff::dearer);
        dearest.unwrap_or_else(|| self.worst_case(dialled)).in_whole_minutes()
    }
}

/// What a deck that counts today says.
fn known(dialled: &Dialled, deck: Option<&Deck>, today: Date) -> Option<Tariff> {
    deck.filter(|deck| matches!(deck.freshness(today), Freshness::Fresh { .. })).and_then(|deck| deck.tariff(dialled))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Country;
    use crate::deck::{Terms, Vat};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn deck(rows: &str) -> Deck {
        with_header("prefix;price per minute", rows)
    }

    fn with_header(header: &str, rows: &str) -> Deck {
        let terms = Terms { country: Country::Netherlands, vat: Vat::Included, valid_from: day("2026-11-01") };
        Deck::read(format!("{header}\n{rows}").as_bytes(), &terms).unwrap()
    }

    fn cents(tariff: Tariff, seconds: u64) -> u64 {
        tariff.cost(Duration::from_secs(seconds)).cents_up()
    }

    #[test]
    fn a_038_a_deck_that_has_expired_prices_at_the_worst_case() {
        let plan = Plan::of(Country::Netherlands, "");
        let deck = deck("31;0,02\n31900;0,45");
        for dialled in ["030 2345678", "0900 1234"] {
            let number = plan.normalise(dialled);
            let priced = |today| plan.tariff(&number, Some(&deck), day(today));
            assert_eq!(priced("2026-11-30"), deck.tariff(&number).unwrap(), "{dialled}");
            assert_eq!(priced("2026-12-16"), plan.worst_case(&number), "{dialled}");
            assert_eq!(priced("2026-10-31"), plan.worst_case(&number), "{dialled}");
            assert_eq!(plan.reservation(&number, [Some(&deck)], day("2026-12-16")), plan.worst_case(&number));
        }
    }

    #[test]
    fn a_112_a_deck_counts_for_forty_five_days() {
        let deck = deck("31;0,02");
        for (today, freshness) in [
            ("2026-10-31", Freshness::NotYet),
            ("2026-11-01", Freshness::Fresh { days_left: 45 }),
            ("2026-12-15", Freshness::Fresh { days_left: 1 }),
            ("2026-12-16", Freshness::Expired),
            ("2030-01-01", Freshness::Expired),
        ] {
            assert_eq!(deck.freshness(day(today)), freshness, "{today}");
        }
    }

    #[test]
    fn a_110_a_reservation_is_a_quarter_more_than_the_deck_in_whole_minutes_at_the_dearest_provider() {
        let plan = Plan::of(Country::Netherlands, "");
        let today = day("2026-11-02");
        let number = plan.normalise("+49 30 1234567");
        let (cheap, dear) = (deck("49;0,04"), deck("49;0,08"));
        assert_eq!(cents(plan.tariff(&number, Some(&cheap), today), 61), 8);
        assert_eq!(cents(plan.reservation(&number, [Some(&cheap)], today), 61), 10);
        assert_eq!(cents(plan.reservation(&number, [Some(&cheap), Some(&dear)], today), 61), 20);
        assert_eq!(plan.reservation(&number, [Some(&cheap), None], today), plan.worst_case(&number));
        assert_eq!(plan.reservation(&number, [], today), plan.worst_case(&number));
        // Also where a minute and a second are charged as 61 seconds, and with a deck that says so.
        let belgian = Plan::of(Country::Belgium, "");
        assert_eq!(cents(belgian.reservation(&belgian.normalise("078 12 34 56"), [], today), 61), 20);
        let by_second = with_header("prefix;price;step", "49;0,04;second");
        assert_eq!(cents(plan.reservation(&number, [Some(&by_second)], today), 61), 10);
    }
}
