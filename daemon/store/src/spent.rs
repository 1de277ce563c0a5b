//! What is spent, so that a restart gives nobody a second allowance.

use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// One line of what is kept; what its numbers mean is the ledger's to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpentRow {
    /// Names it; a later row with the same name takes its place.
    pub name: String,
    /// Which day, month or minute it is of.
    pub window: u64,
    /// How much.
    pub amount: u64,
}

impl Store {
    /// Keeps these lines. When this returns, no power cut takes them away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_spent(&self, rows: &[SpentRow]) -> Result<(), StoreError> {
        let rows = rows.to_vec();
        self.keeper().write(move |tx| {
            let mut put =
                tx.prepare_cached("INSERT OR REPLACE INTO spent (name, window, amount) VALUES (?1, ?2, ?3)")?;
            for row in &rows {
                put.execute((&row.name, signed(row.window), signed(row.amount)))?;
            }
            Ok(())
        })
    }

    /// Every line that was kept, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn spent(&self) -> Result<Vec<SpentRow>, StoreError> {
        self.keeper().read(|tx| {
            let mut all = tx.prepare_cached("SELECT name, window, amount FROM spent ORDER BY name")?;
            let rows = all.query_map((), |row| {
                Ok(SpentRow { name: row.get(0)?, window: unsigned(row.get(1)?), amount: unsigned(row.get(2)?) })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
