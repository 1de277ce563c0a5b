//! In which networks providers' servers worked.

use std::net::IpAddr;

use rusqlite::Row;

use crate::{Store, StoreError};

/// The networks of one trunk; what they mean is the exchange's to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServersRow {
    /// The trunk's name.
    pub trunk: String,
    /// The server that they are worth something for.
    pub server: String,
    /// An address of each.
    pub networks: Vec<IpAddr>,
}

impl Store {
    /// Keeps the networks of a trunk, in place of those before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_servers(&self, row: &ServersRow) -> Result<(), StoreError> {
        let ServersRow { trunk, server, networks } = row.clone();
        let networks = networks.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ");
        self.keeper().write(move |tx| {
            let sql = "INSERT OR REPLACE INTO servers (trunk, server, networks) VALUES (?1, ?2, ?3)";
            tx.execute(sql, (trunk, server, networks))?;
            Ok(())
        })
    }

    /// Those of every trunk.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn servers(&self) -> Result<Vec<ServersRow>, StoreError> {
        self.keeper().read(|tx| {
            let mut all = tx.prepare_cached("SELECT trunk, server, networks FROM servers ORDER BY trunk")?;
            let row = |row: &Row<'_>| {
                let networks: String = row.get("networks")?;
                // What cannot be read is nothing: it is learnt anew.
                let networks = networks.split(' ').filter_map(|network| network.parse().ok()).collect();
                Ok(ServersRow { trunk: row.get("trunk")?, server: row.get("server")?, networks })
            };
            let rows = all.query_map((), row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
