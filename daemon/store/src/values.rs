//! Between Rust's unsigned numbers and SQLite's signed ones, and small keyed values.

use centrale_config::Secret;
use rusqlite::{OptionalExtension, params};

use crate::{Store, StoreError};

/// SQLite has no unsigned integers; a count beyond 2^63 is written as the most it can hold.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What was written was never negative.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Store {
    /// A small value that the daemon remembers, if it was written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.keeper().read(move |tx| {
            Ok(tx.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()?)
        })
    }

    /// Writes a small value. Not for secrets.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.keeper().write(move |tx| {
            tx.execute("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2", params![key, value])?;
            Ok(())
        })
    }

    /// A key of the box, such as that of its certificate in PEM, if it was written.
    ///
    /// # Errors
    /// When the database cannot be read, or the value does not open.
    pub fn secret(&self, name: &str) -> Result<Option<Secret>, StoreError> {
        let (name, seal) = (name.to_owned(), self.seal());
        self.keeper().read(move |tx| {
            let sealed: Option<String> =
                tx.query_row("SELECT sealed FROM secrets WHERE name = ?1", [&name], |row| row.get(0)).optional()?;
            let place = format!("secrets/sealed/{name}");
            let open = |sealed: String| {
                seal.open(&place, &sealed)
                    .ok_or_else(|| StoreError::Damaged(format!("the secret {name} does not open")))
            };
            sealed.map(open).transpose()
        })
    }

    /// Writes a key of the box, encrypted.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_secret(&self, name: &str, secret: &Secret) -> Result<(), StoreError> {
        let sealed = self.seal().close(&format!("secrets/sealed/{name}"), secret.reveal())?;
        let name = name.to_owned();
        self.keeper().write(move |tx| {
            tx.execute(
                "INSERT INTO secrets VALUES (?1, ?2) ON CONFLICT DO UPDATE SET sealed = ?2",
                params![name, sealed],
            )?;
            Ok(())
        })
    }
}
