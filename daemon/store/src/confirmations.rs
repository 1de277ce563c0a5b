//! Who of those that are told by mail showed that mail arrives there: each by a code that was mailed, and is good once.
//!
//! Who is to be told stands in the office; a row here is what is known of an address. It stays for a month after its contact
//! went, so that one who comes back within it need not show it again.

use centrale_config::Secret;
use rusqlite::{OptionalExtension, Row, params};

use crate::mails::put_with_room;
use crate::passwords::{quick_hash, tidied};
use crate::values::{signed, unsigned};
use crate::{NewMail, Store, StoreError, random};

/// For so long a mailed code is good, in milliseconds.
pub const CONFIRMATION_CODE_MS: u64 = 7 * 24 * 3_600_000;
/// For so long a confirmation is young, in milliseconds: ninety days.
pub const CONFIRMED_FOR_MS: u64 = 90 * 24 * 3_600_000;
/// For so long an address is known whose contact went, in milliseconds.
const KEPT_MS: u64 = 30 * 24 * 3_600_000;

/// What is known of an address. Times are milliseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The address.
    pub address: String,
    /// When its reader last typed a code that was mailed there; `None` for one who never did.
    pub confirmed_unix_ms: Option<u64>,
    /// When a code was mailed last.
    pub asked_unix_ms: Option<u64>,
    /// When its contact went; `None` for one that is there.
    pub left_unix_ms: Option<u64>,
}

impl Store {
    /// What is known of each address, by address.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn confirmations(&self) -> Result<Vec<Confirmation>, StoreError> {
        self.keeper().read(|tx| {
            let sql = "SELECT address, confirmed_ms, asked_ms, left_ms FROM confirmations ORDER BY address";
            let mut all = tx.prepare_cached(sql)?;
            let rows = all.query_map([], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Mails a new code to an address that is to be told; the one before it is void. `letter` writes the mail with the code.
    ///
    /// # Errors
    /// When the database cannot be written, or there is no randomness; then neither is kept.
    pub fn ask_confirmation(
        &self,
        address: &str,
        now_unix_ms: u64,
        letter: impl FnOnce(&Secret) -> NewMail,
    ) -> Result<(), StoreError> {
        let code = random::setup_code()?;
        let (address, hash, mail) = (address.to_owned(), quick_hash(code.reveal()), letter(&code));
        let (seal, ends) = (self.seal(), now_unix_ms.saturating_add(CONFIRMATION_CODE_MS));
        self.keeper().write(move |tx| {
            tx.execute(
                "INSERT INTO confirmations (address, asked_ms, code_hash, code_ends_ms) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (address) DO UPDATE SET asked_ms = ?2, code_hash = ?3, code_ends_ms = ?4, left_ms = NULL",
                params![address, signed(now_unix_ms), hash, signed(ends)],
            )?;
            put_with_room(tx, &seal, vec![mail])
        })
    }

    /// Takes a code that was mailed: its address is confirmed, and the code void. The address; `None` for a wrong code, and for
    /// one whose time is over or whose contact went.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn confirm_by_code(&self, code: &str, now_unix_ms: u64) -> Result<Option<String>, StoreError> {
        let (hash, now) = (quick_hash(&tidied(code)), signed(now_unix_ms));
        self.keeper().write(move |tx| {
            let sql = "UPDATE confirmations SET confirmed_ms = ?2, code_hash = NULL, code_ends_ms = NULL
                WHERE code_hash = ?1 AND code_ends_ms > ?2 AND left_ms IS NULL RETURNING address";
            Ok(tx.query_row(sql, params![hash, now], |row| row.get(0)).optional()?)
        })
    }

    /// A contact went: its code is void, and `mail` is the last one there, if there is one to send.
    ///
    /// # Errors
    /// When the database cannot be written; then neither is kept.
    pub fn contact_left(&self, address: &str, now_unix_ms: u64, mail: Option<NewMail>) -> Result<(), StoreError> {
        let (seal, address, now) = (self.seal(), address.to_owned(), signed(now_unix_ms));
        self.keeper().write(move |tx| {
            let sql = "UPDATE confirmations SET left_ms = ?2, code_hash = NULL, code_ends_ms = NULL, asked_ms = NULL
                WHERE address = ?1";
            tx.execute(sql, params![address, now])?;
            let old = signed(now_unix_ms.saturating_sub(KEPT_MS));
            tx.execute("DELETE FROM confirmations WHERE left_ms < ?1", [old])?;
            put_with_room(tx, &seal, mail.into_iter().collect())
        })
    }

    /// A contact is there again whose address is known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn contact_returned(&self, address: &str) -> Result<(), StoreError> {
        let address = address.to_owned();
        self.keeper().write(move |tx| {
            tx.execute("UPDATE confirmations SET left_ms = NULL WHERE address = ?1", [address])?;
            Ok(())
        })
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<Confirmation> {
    let ms = |index: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(unsigned));
    Ok(Confirmation { address: row.get(0)?, confirmed_unix_ms: ms(1)?, asked_unix_ms: ms(2)?, left_unix_ms: ms(3)? })
}
