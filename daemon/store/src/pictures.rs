//! Pictures that the office names by their SHA-256.

use centrale_config::Sha256Pin;
use rusqlite::{OptionalExtension, params};

use crate::{Store, StoreError};

/// Pictures that are kept: of those chosen last, the office in force has one, and earlier revisions may have others.
const KEPT_PICTURES: u32 = 20;

impl Store {
    /// Keeps a picture, before the office names it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_picture(&self, sha256: Sha256Pin, png: Vec<u8>) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            tx.execute(
                "INSERT OR REPLACE INTO pictures (sha256, png) VALUES (?1, ?2)",
                params![sha256.to_string(), png],
            )?;
            tx.execute(
                "DELETE FROM pictures WHERE number NOT IN (SELECT number FROM pictures ORDER BY number DESC LIMIT ?1)",
                [KEPT_PICTURES],
            )?;
            Ok(())
        })
    }

    /// A picture, if the box has it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn picture(&self, sha256: Sha256Pin) -> Result<Option<Vec<u8>>, StoreError> {
        self.keeper().read(move |tx| {
            let known = "SELECT png FROM pictures WHERE sha256 = ?1";
            Ok(tx.query_row(known, [sha256.to_string()], |row| row.get(0)).optional()?)
        })
    }
}
