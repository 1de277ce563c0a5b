//! Until when somebody works on the telephones, so that calls that do not work alarm nobody.

use rusqlite::OptionalExtension;

use crate::{Store, StoreError};

const KEY: &str = "maintenance-until";

impl Store {
    /// Until when, in milliseconds since 1970 UTC; zero when nobody ever did.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn maintenance_until(&self) -> Result<u64, StoreError> {
        self.keeper().read(|tx| {
            let sql = "SELECT value FROM meta WHERE key = ?1";
            let until: Option<String> = tx.query_row(sql, [KEY], |row| row.get(0)).optional()?;
            Ok(until.and_then(|until| until.parse().ok()).unwrap_or(0))
        })
    }

    /// Somebody works on the telephones until then; zero when it is over.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_maintenance(&self, until_unix_ms: u64) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
            tx.execute(sql, (KEY, until_unix_ms.to_string()))?;
            Ok(())
        })
    }
}
