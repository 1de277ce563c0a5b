//! What a call costs over each provider: by the tariff deck of the one that it leaves by, else the worst case.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use centrale_guard::Quote;
use centrale_numbering::deck::{Deck, Freshness};
use centrale_numbering::{Dialled, Money};

use crate::exchange::Exchange;

/// What each provider asks, by the names of trunks.
pub type Decks = BTreeMap<String, Arc<Deck>>;

/// How long the call is by which providers are compared: a set-up and a minute alone would make the set-up too dear.
const COMPARED: Duration = Duration::from_secs(180);

impl Exchange {
    /// Other prices count from now on. A call that rings or goes on keeps the price that it began with.
    pub(crate) fn handle_decks(&mut self, decks: Decks) {
        self.costs.decks = decks;
        self.check_decks();
    }

    /// The price of a number over a trunk today.
    pub(super) fn quote_at(&self, trunk: &str, meant: &Dialled) -> Quote {
        let deck = self.costs.decks.get(trunk).map(Arc::as_ref);
        Quote::of(self.directory.plan(), meant, deck, self.costs.today)
    }

    /// What a call of three minutes to a number costs over a trunk, where its deck says so today.
    pub(crate) fn price_over(&self, trunk: &str, number: &str) -> Option<Money> {
        let deck = self.costs.decks.get(trunk).filter(|deck| deck.country() == self.directory.country())?;
        let tariff = deck.tariff_on(self.costs.today, &self.directory.plan().normalise(number))?;
        Some(tariff.cost(COMPARED))
    }

    /// The trunks whose decks do not count any more because of their age.
    pub(crate) fn outdated_decks(&self) -> impl Iterator<Item = &String> {
        let today = self.costs.today;
        let old = self.costs.decks.iter().filter(move |(_, deck)| deck.freshness(today) == Freshness::Expired);
        old.map(|(trunk, _)| trunk)
    }
}
