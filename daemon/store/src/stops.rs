//! Who stopped calls, and who let them go again: only added to, never changed.

use rusqlite::Row;

use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Lines that are given at once.
const MOST: usize = 200;

/// A stop was pressed, or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopRow {
    /// What is stopped, in the guard's own word.
    pub stop: String,
    /// Whether it was pressed; else it was taken back.
    pub is_on: bool,
    /// By whom.
    pub who: String,
    /// The network address that it was asked from; empty for what the box pressed by itself.
    pub source: String,
    /// When, in milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
}

impl Store {
    /// Writes down that a stop was pressed or taken back. When this returns, no power cut takes it away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note_stop(&self, row: &StopRow) -> Result<(), StoreError> {
        let StopRow { stop, is_on, who, source, at_unix_ms } = row.clone();
        self.keeper().write(move |tx| {
            let sql = "INSERT INTO stops (stop, is_on, who, source, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.execute(sql, (stop, is_on, who, source, signed(at_unix_ms)))?;
            Ok(())
        })
    }

    /// What was pressed and taken back, the newest first; two hundred at most.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn stops(&self) -> Result<Vec<StopRow>, StoreError> {
        self.select_stops(&format!("ORDER BY sequence DESC LIMIT {MOST}"))
    }

    /// The stops that are on, each with who pressed it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn stops_in_force(&self) -> Result<Vec<StopRow>, StoreError> {
        self.select_stops(
            "WHERE is_on AND sequence IN (SELECT max(sequence) FROM stops GROUP BY stop) ORDER BY sequence",
        )
    }

    fn select_stops(&self, which: &str) -> Result<Vec<StopRow>, StoreError> {
        let sql = format!("SELECT stop, is_on, who, source, at_ms FROM stops {which}");
        self.keeper().read(move |tx| {
            let mut all = tx.prepare_cached(&sql)?;
            let rows = all.query_map((), row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<StopRow> {
    Ok(StopRow {
        stop: row.get(0)?,
        is_on: row.get(1)?,
        who: row.get(2)?,
        source: row.get(3)?,
        at_unix_ms: unsigned(row.get(4)?),
    })
}
