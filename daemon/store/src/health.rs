//! The token with which a program that watches the box asks how it is. It opens nothing else, and only its hash is kept.

use centrale_config::Secret;
use rusqlite::{OptionalExtension, Transaction};

use crate::passwords::quick_hash;
use crate::{Store, StoreError, generate_token};

/// In `meta`: when it was made, and the hash in hexadecimal.
const KEY: &str = "health-token";

impl Store {
    /// Makes a new token, in place of the one before. Nobody sees it again.
    ///
    /// # Errors
    /// When the database cannot be written, or there is no randomness.
    pub fn new_health_token(&self, now_unix_ms: u64) -> Result<Secret, StoreError> {
        let token = generate_token()?;
        let value = format!("{now_unix_ms} {}", hash_of(&token));
        self.keeper().write(move |tx| {
            let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
            tx.execute(sql, (KEY, value))?;
            Ok(())
        })?;
        Ok(token)
    }

    /// When the token was made, in milliseconds since 1970 UTC; `None` when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn health_token_made(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.keeper().read(kept)?.map(|(made, _)| made))
    }

    /// Whether this is the token.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_health_token(&self, token: &Secret) -> Result<bool, StoreError> {
        // Hashes are compared: how long that takes says nothing of the token.
        Ok(self.keeper().read(kept)?.is_some_and(|(_, hash)| hash == hash_of(token)))
    }

    /// Takes the token away; whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn drop_health_token(&self) -> Result<bool, StoreError> {
        self.keeper().write(|tx| Ok(tx.execute("DELETE FROM meta WHERE key = ?1", [KEY])? == 1))
    }
}

fn hash_of(token: &Secret) -> String {
    quick_hash(token.reveal()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn kept(tx: &Transaction<'_>) -> Result<Option<(u64, String)>, StoreError> {
    let sql = "SELECT value FROM meta WHERE key = ?1";
    let value: Option<String> = tx.query_row(sql, [KEY], |row| row.get(0)).optional()?;
    Ok(value.and_then(|value| value.split_once(' ').map(|(made, hash)| (made.parse().unwrap_or(0), hash.to_owned()))))
}
