//! Tariff decks on their way from the page to the store and to the exchange.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use bytes::Bytes;
use centrale_alerts::News;
use centrale_call_control::Decks;
use centrale_config::{Country, Date, Office};
use centrale_ledger::deck::{Deck, Terms, Vat};
use centrale_store::{DeckRow, Store, StoreError};

use crate::asker::author_name;
use crate::clock;
use crate::desk::Desk;
use crate::edge::{Edge, Wish, blocking};
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// Decks that the box keeps at most: each may be some megabytes in memory.
const MOST_DECKS: usize = 8;
/// VAT on telephony in both countries, in thousandths.
const VAT_PER_MILLE: u16 = 210;

/// A deck that was taken in.
#[derive(Debug, Clone)]
pub(crate) struct TakenDeck {
    /// The host of the provider that it is of.
    pub(crate) host: String,
    pub(crate) deck: Arc<Deck>,
    pub(crate) vat: Vat,
    pub(crate) taken_unix_ms: u64,
}

/// What a file does not say of itself, as it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) valid_from: Date,
    pub(crate) vat_included: bool,
}

/// What the store has of an office's prices.
#[derive(Debug, Default)]
pub(crate) struct KeptDecks {
    /// The decks of its trunks.
    pub(crate) decks: BTreeMap<String, TakenDeck>,
    /// The hosts of those whose trunk is at another provider now: it may be taken back there.
    pub(crate) elsewhere: BTreeMap<String, String>,
}

/// The decks of an office's trunks out of the store. What is of no trunk any more goes. One of another provider than the trunk has
/// now counts as none and stays, as does one that cannot be read any more, after an update or in another country.
pub(crate) fn decks_of(store: &Store, office: &Office) -> Result<KeptDecks, StoreError> {
    let KeptDecks { mut decks, mut elsewhere } = KeptDecks::default();
    for DeckRow { trunk, host, valid_from, vat_per_mille, taken_unix_ms, csv } in store.decks()? {
        match host_of(office, &trunk) {
            None => {
                store.forget_deck(&trunk)?;
                continue;
            }
            Some(now) if now != host => {
                elsewhere.insert(trunk, host);
                continue;
            }
            Some(_) => {}
        }
        let vat = if vat_per_mille == 0 { Vat::Included } else { Vat::Excluded { per_mille: vat_per_mille } };
        let terms = Terms { country: office.identity.country, vat, valid_from: Date::from_days(valid_from) };
        match Deck::read(&csv, &terms) {
            Ok(deck) => {
                decks.insert(trunk, TakenDeck { host, deck: Arc::new(deck), vat, taken_unix_ms });
            }
            Err(refused) => tracing::error!(trunk, faults = refused.count, "a tariff deck cannot be read any more"),
        }
    }
    Ok(KeptDecks { decks, elsewhere })
}

/// The host of a trunk's provider, as the office has it.
fn host_of(office: &Office, trunk: &str) -> Option<String> {
    office.trunks.iter().find(|known| known.name == trunk).map(|trunk| trunk.server.host.clone())
}

impl Edge {
    /// What the exchange starts with: the prices of each provider.
    pub async fn decks(&self) -> Decks {
        priced(&*self.0.desk.lock().await)
    }

    /// Makes a file the deck of a trunk, whole or not at all.
    pub(crate) async fn take_deck(&self, trunk: String, asked: Asked, file: Bytes) -> Result<TakenDeck, Refused> {
        let Asked { valid_from, vat_included } = asked;
        let vat = if vat_included { Vat::Included } else { Vat::Excluded { per_mille: VAT_PER_MILLE } };
        let (host, country) = self.may_take_deck(&*self.0.desk.lock().await, &trunk)?;
        let terms = Terms { country, vat, valid_from };
        // A large file takes a moment, in which nobody waits for the desk.
        let (deck, file) = blocking(move || Ok((Deck::read(&file, &terms), file))).await?;
        let taken_unix_ms = clock::unix_ms();
        let taken = TakenDeck { host: host.clone(), deck: Arc::new(deck?), vat, taken_unix_ms };
        // What is wrong in the file is told before anybody types a password.
        must_be_proved()?;

        let mut desk = self.0.desk.lock().await;
        if self.may_take_deck(&desk, &trunk)? != (host.clone(), country) {
            return Err(StoreError::Stale { current: desk.revision }.into());
        }
        let vat_per_mille = if vat_included { 0 } else { VAT_PER_MILLE };
        let (valid_from, csv) = (valid_from.days(), file.to_vec());
        let row = DeckRow { trunk: trunk.clone(), host, valid_from, vat_per_mille, taken_unix_ms, csv };
        self.change_deck(&trunk, Some(row)).await?;
        tracing::info!(trunk, rows = taken.deck.rows().len(), "a tariff deck was taken in");
        desk.decks.insert(trunk, taken.clone());
        self.wish(Wish::Decks(priced(&desk))).await;
        Ok(taken)
    }

    /// The provider and the country that a deck of that trunk is of.
    fn may_take_deck(&self, desk: &Desk, trunk: &str) -> Result<(String, Country), Refused> {
        let host = host_of(&desk.office, trunk).ok_or_else(Refused::not_found)?;
        if !desk.decks.contains_key(trunk) && desk.decks.len() >= MOST_DECKS {
            let detail = format!("the box keeps {MOST_DECKS} decks at most: take one away first");
            return Err(Refused::new(StatusCode::CONFLICT, "deck-too-many", detail));
        }
        Ok((host, desk.office.identity.country))
    }

    /// Takes the deck of a trunk away, if it has one.
    pub(crate) async fn remove_deck(&self, trunk: String) -> Result<(), Refused> {
        let mut desk = self.0.desk.lock().await;
        if desk.decks.contains_key(&trunk) {
            self.change_deck(&trunk, None).await?;
            desk.decks.remove(&trunk);
            self.wish(Wish::Decks(priced(&desk))).await;
        }
        Ok(())
    }

    /// Writes another deck of a trunk down, or that it has none, and has it told.
    async fn change_deck(&self, trunk: &str, deck: Option<DeckRow>) -> Result<(), Refused> {
        let (store, trunk, who) = (self.0.store.clone(), trunk.to_owned(), author_name());
        blocking(move || store.change_deck(&trunk, deck, &who, clock::unix_ms())).await?;
        self.wish(Wish::News(News::Deed)).await;
        Ok(())
    }

    /// The office is another one: a provider may be gone, or the country may have changed, whose `0900` a deck means.
    pub(crate) async fn settle_decks(&self, desk: &mut Desk) {
        let country = desk.office.identity.country;
        let fits = |(name, taken): (&String, &TakenDeck)| {
            host_of(&desk.office, name).as_ref() == Some(&taken.host) && taken.deck.country() == country
        };
        let is_back = |(name, host): (&String, &String)| host_of(&desk.office, name).as_ref() == Some(host);
        let is_gone = |name: &String| host_of(&desk.office, name).is_none();
        let is_other = desk.elsewhere.iter().any(is_back) || desk.elsewhere.keys().any(is_gone);
        if is_other || !desk.decks.iter().all(fits) {
            self.read_decks(desk).await;
        }
    }

    /// Takes over which decks the store has, and tells the exchange.
    pub(crate) async fn read_decks(&self, desk: &mut Desk) {
        let (store, office) = (self.0.store.clone(), Arc::clone(&desk.office));
        match blocking(move || decks_of(&store, &office)).await {
            Ok(kept) => (desk.decks, desk.elsewhere) = (kept.decks, kept.elsewhere),
            Err(error) => {
                tracing::error!(%error, "the tariff decks could not be read anew");
                desk.decks.clear();
            }
        }
        self.wish(Wish::Decks(priced(desk))).await;
    }
}

fn priced(desk: &Desk) -> Decks {
    desk.decks.iter().map(|(trunk, taken)| (trunk.clone(), Arc::clone(&taken.deck))).collect()
}
