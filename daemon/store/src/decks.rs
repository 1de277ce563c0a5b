//! Tariff decks: what each provider asks, as its file.

use rusqlite::params;

use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// A deck; what its file means is the number plan's to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeckRow {
    /// The name of the trunk that it is of.
    pub trunk: String,
    /// The host of the provider that it is of: another one has other prices.
    pub host: String,
    /// The day from which it counts, in days since 1 January 1970.
    pub valid_from: u32,
    /// What is added to its prices for VAT, in thousandths; 0 when it is in them.
    pub vat_per_mille: u16,
    /// When it was taken in.
    pub taken_unix_ms: u64,
    /// The file.
    pub csv: Vec<u8>,
}

impl Store {
    /// Keeps a deck in place of the one that the trunk had. When this returns, no power cut takes it away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_deck(&self, deck: DeckRow) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            let DeckRow { trunk, host, valid_from, vat_per_mille, taken_unix_ms, csv } = &deck;
            tx.execute(
                "INSERT OR REPLACE INTO decks (trunk, host, valid_from, vat_per_mille, taken_ms, csv)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![trunk, host, valid_from, vat_per_mille, signed(*taken_unix_ms), csv],
            )?;
            Ok(())
        })
    }

    /// Forgets the deck of a trunk, if it has one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remove_deck(&self, trunk: &str) -> Result<(), StoreError> {
        let trunk = trunk.to_owned();
        self.keeper().write(move |tx| {
            tx.execute("DELETE FROM decks WHERE trunk = ?1", [trunk])?;
            Ok(())
        })
    }

    /// Every deck, by the names of trunks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn decks(&self) -> Result<Vec<DeckRow>, StoreError> {
        self.keeper().read(|tx| {
            let mut all = tx.prepare_cached(
                "SELECT trunk, host, valid_from, vat_per_mille, taken_ms, csv FROM decks ORDER BY trunk",
            )?;
            let rows = all.query_map((), |row| {
                Ok(DeckRow {
                    trunk: row.get(0)?,
                    host: row.get(1)?,
                    valid_from: row.get(2)?,
                    vat_per_mille: row.get(3)?,
                    taken_unix_ms: unsigned(row.get(4)?),
                    csv: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
