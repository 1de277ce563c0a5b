//! Who accepted which text of the rules of use, and when.

use rusqlite::{OptionalExtension, params};

use crate::audit::note;
use crate::values::{signed, unsigned};
use crate::{Act, Store, StoreError};

/// That a user accepted a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Names the text.
    pub version: String,
    /// When, in milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
}

impl Store {
    /// Which text a user accepted last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn accepted_rules(&self, user: u64) -> Result<Option<Acceptance>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = "SELECT version, at_ms FROM acceptances WHERE user = ?1";
            let row = tx.query_row(sql, [signed(user)], |row| {
                Ok(Acceptance { version: row.get(0)?, at_unix_ms: unsigned(row.get(1)?) })
            });
            Ok(row.optional()?)
        })
    }

    /// A user accepts a text. It stands in the log with it, or not at all.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn accept_rules(&self, user: u64, version: &str, act: Act) -> Result<(), StoreError> {
        let version = version.to_owned();
        self.keeper().write(move |tx| {
            let sql = "INSERT INTO acceptances (user, version, at_ms) VALUES (?1, ?2, ?3)
                       ON CONFLICT (user) DO UPDATE SET version = ?2, at_ms = ?3";
            tx.execute(sql, params![signed(user), version, signed(act.at_unix_ms)])?;
            note(tx, act)
        })
    }
}
