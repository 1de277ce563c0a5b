//! How trunks go round a router that changes calls.

use crate::{Store, StoreError};

/// The way of one trunk; what its words mean is the exchange's to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayRow {
    /// The trunk's name.
    pub trunk: String,
    /// The server that it is worth something for.
    pub server: String,
    /// By what it goes.
    pub step: String,
    /// Where the provider saw the office, for a way that hides it.
    pub public: Option<String>,
}

impl Store {
    /// Keeps the way of a trunk, in place of the one before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_way(&self, row: &WayRow) -> Result<(), StoreError> {
        let WayRow { trunk, server, step, public } = row.clone();
        self.keeper().write(move |tx| {
            let sql = "INSERT OR REPLACE INTO ways (trunk, server, step, public) VALUES (?1, ?2, ?3, ?4)";
            tx.execute(sql, (trunk, server, step, public))?;
            Ok(())
        })
    }

    /// Forgets the way of a trunk.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_way(&self, trunk: &str) -> Result<(), StoreError> {
        let trunk = trunk.to_owned();
        self.keeper().write(move |tx| {
            tx.execute("DELETE FROM ways WHERE trunk = ?1", [trunk])?;
            Ok(())
        })
    }

    /// Every way that is kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ways(&self) -> Result<Vec<WayRow>, StoreError> {
        self.keeper().read(|tx| {
            let mut all = tx.prepare_cached("SELECT trunk, server, step, public FROM ways ORDER BY trunk")?;
            let rows = all.query_map((), |row| {
                Ok(WayRow { trunk: row.get(0)?, server: row.get(1)?, step: row.get(2)?, public: row.get(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
