//! Tariff decks: what each provider asks, as its file; and the one of before, as long as a change of it can be taken back.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::deeds::{PRICES, is_open_at, note};
use crate::values::{signed, unsigned};
use crate::{Deed, Store, StoreError};

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

const COLUMNS: &str = "trunk, host, valid_from, vat_per_mille, taken_ms, csv";

impl Store {
    /// Makes a deck, or none, the one of a trunk, in somebody's name: it is told, and can be taken back ([`Deed::PricesChanged`]).
    /// When this returns, no power cut takes it away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn change_deck(
        &self,
        trunk: &str,
        deck: Option<DeckRow>,
        who: &str,
        now_unix_ms: u64,
    ) -> Result<(), StoreError> {
        let (trunk, who) = (trunk.to_owned(), who.to_owned());
        self.keeper().write(move |tx| {
            keep_former(tx, &trunk, now_unix_ms)?;
            tx.execute("DELETE FROM decks WHERE trunk = ?1", [&trunk])?;
            if let Some(DeckRow { host, valid_from, vat_per_mille, taken_unix_ms, csv, .. }) = deck {
                let sql = format!("INSERT INTO decks ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
                tx.execute(&sql, params![trunk, host, valid_from, vat_per_mille, signed(taken_unix_ms), csv])?;
            }
            note(tx, Deed::PricesChanged { trunk }, &who, now_unix_ms)?;
            Ok(())
        })
    }

    /// Forgets the deck of a trunk that is no more, or is another provider's.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_deck(&self, trunk: &str) -> Result<(), StoreError> {
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
            let mut all = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM decks ORDER BY trunk"))?;
            let rows = all.query_map((), read_deck)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// Keeps what a trunk has now, unless there is one of before the first change that can still be taken back: one a trunk, so that
/// many changes fill no disk.
fn keep_former(tx: &Transaction<'_>, trunk: &str, now_unix_ms: u64) -> Result<(), StoreError> {
    let open = is_open_at(now_unix_ms);
    let over =
        format!("DELETE FROM former_decks WHERE trunk NOT IN (SELECT subject FROM undos WHERE deed = ?1 AND {open})");
    tx.execute(&over, [PRICES])?;
    let kept = "SELECT EXISTS (SELECT 1 FROM former_decks WHERE trunk = ?1)";
    if tx.query_row(kept, [trunk], |row| row.get(0))? {
        return Ok(());
    }
    let columns = COLUMNS.replacen("trunk, ", "", 1);
    let none = "INSERT INTO former_decks (trunk) VALUES (?1)";
    let copied = format!("INSERT INTO former_decks ({COLUMNS}) SELECT trunk, {columns} FROM decks WHERE trunk = ?1");
    if tx.execute(&copied, [trunk])? == 0 {
        tx.execute(none, [trunk])?;
    }
    Ok(())
}

/// Gives a trunk the deck back that it had, or none.
pub(crate) fn restore_former(tx: &Transaction<'_>, trunk: &str) -> Result<(), StoreError> {
    let known = "SELECT csv IS NOT NULL FROM former_decks WHERE trunk = ?1";
    let Some(had_one) = tx.query_row(known, [trunk], |row| row.get::<_, bool>(0)).optional()? else { return Ok(()) };
    tx.execute("DELETE FROM decks WHERE trunk = ?1", [trunk])?;
    if had_one {
        let sql = format!("INSERT INTO decks ({COLUMNS}) SELECT {COLUMNS} FROM former_decks WHERE trunk = ?1");
        tx.execute(&sql, [trunk])?;
    }
    tx.execute("DELETE FROM former_decks WHERE trunk = ?1", [trunk])?;
    Ok(())
}

fn read_deck(row: &Row<'_>) -> rusqlite::Result<DeckRow> {
    Ok(DeckRow {
        trunk: row.get(0)?,
        host: row.get(1)?,
        valid_from: row.get(2)?,
        vat_per_mille: row.get(3)?,
        taken_unix_ms: unsigned(row.get(4)?),
        csv: row.get(5)?,
    })
}
