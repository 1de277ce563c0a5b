//! Passkeys of users (W3C Web Authentication): what an authenticator proves that it has the private half of. Nothing of them is
//! a secret. What they sign is judged at the edge.

use centrale_config::Secret;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::factors::{forget_codes_without_factor, fresh_codes, give_codes};
use crate::users::{Decided, USER_COLUMNS, read_user};
use crate::values::{signed, unsigned};
use crate::{AccessRefused, Store, StoreError, UserRow, random};

/// Most characters of what a user calls a passkey.
pub const LONGEST_PASSKEY_NAME: usize = 40;

/// Passkeys of a user: more devices than anybody has.
const MOST_PASSKEYS: i64 = 16;

const COLUMNS: &str = "passkeys.number, user, credential, public_key, rp_id, passkeys.name AS passkey_name, counter,
     created_ms, used_ms";

/// What an authenticator made for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// How the authenticator and the browser name it: at most 1023 bytes.
    pub credential: Vec<u8>,
    /// Its public key, as the authenticator wrote it (COSE_Key, RFC 9052 7).
    pub public_key: Vec<u8>,
    /// The name of the box at which it was made, and at which alone it works.
    pub rp_id: String,
    /// What its user calls it: 1 to [`LONGEST_PASSKEY_NAME`] characters.
    pub name: String,
    /// How often it had signed; zero of an authenticator that does not count.
    pub counter: u32,
}

/// A passkey of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRow {
    /// Names it on the page, and is never another's.
    pub number: u64,
    /// Whose it is.
    pub user: u64,
    /// What was made.
    pub made: NewPasskey,
    /// When, in milliseconds since 1970 UTC.
    pub created_unix_ms: u64,
    /// When it proved last who uses it, likewise.
    pub used_unix_ms: Option<u64>,
}

impl Store {
    /// What an authenticator knows a user by: 32 random bytes, which say nothing, and stay. Two boxes have the same name on their
    /// networks, so a number would be taken for another's.
    ///
    /// # Errors
    /// [`AccessRefused::NoSuchUser`].
    pub fn passkey_handle(&self, user: u64) -> Result<Vec<u8>, AccessRefused> {
        let fresh = random::bytes::<32>()?;
        self.keeper().write(move |tx| -> Decided<Vec<u8>> {
            tx.execute(
                "INSERT OR IGNORE INTO passkey_handles (user, handle) SELECT number, ?2 FROM users WHERE number = ?1",
                params![signed(user), fresh],
            )?;
            Ok(handle_of(tx, user)?.ok_or(AccessRefused::NoSuchUser))
        })?
    }

    /// The passkeys of a user, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn passkeys_of(&self, user: u64) -> Result<Vec<PasskeyRow>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = format!("SELECT {COLUMNS} FROM passkeys WHERE user = ?1 ORDER BY number");
            let mut all = tx.prepare_cached(&sql)?;
            let rows = all.query_map([signed(user)], read_passkey)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The passkey that an authenticator names, with whose it is and what the authenticator knows that user by.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn passkey(&self, credential: Vec<u8>) -> Result<Option<(PasskeyRow, UserRow, Vec<u8>)>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = format!(
                "SELECT {COLUMNS}, handle FROM passkeys JOIN passkey_handles USING (user) WHERE credential = ?1"
            );
            let known = |row: &Row<'_>| Ok((read_passkey(row)?, row.get("handle")?));
            let Some((passkey, handle)) = tx.query_row(&sql, [credential], known).optional()? else { return Ok(None) };
            let sql = format!("SELECT {USER_COLUMNS} FROM users WHERE number = ?1");
            let user = tx.query_row(&sql, [signed(passkey.user)], read_user)?;
            Ok(Some((passkey, user, handle)))
        })
    }

    /// Keeps a passkey of a user. Returns codes for a day without it, each good once, where the user has none yet. The caller has
    /// proven who asks.
    ///
    /// # Errors
    /// [`AccessRefused::PasskeyKnown`], [`AccessRefused::TooManyPasskeys`], [`AccessRefused::NameWrong`],
    /// [`AccessRefused::NoSuchUser`].
    pub fn put_passkey(&self, user: u64, made: NewPasskey, now_unix_ms: u64) -> Result<Vec<Secret>, AccessRefused> {
        let NewPasskey { credential, public_key, rp_id, name, counter } = made;
        let name = name.trim().to_owned();
        let visible = !name.is_empty() && !name.chars().any(char::is_control);
        if !visible || name.chars().count() > LONGEST_PASSKEY_NAME {
            return Err(AccessRefused::NameWrong);
        }
        let codes = fresh_codes()?;
        self.keeper().write(move |tx| -> Decided<Vec<Secret>> {
            if handle_of(tx, user)?.is_none() {
                return Ok(Err(AccessRefused::NoSuchUser));
            }
            let known = "SELECT EXISTS (SELECT 1 FROM passkeys WHERE credential = ?1)";
            if tx.query_row(known, [&credential], |row| row.get::<_, bool>(0))? {
                return Ok(Err(AccessRefused::PasskeyKnown));
            }
            let count = "SELECT count(*) FROM passkeys WHERE user = ?1";
            if tx.query_row(count, [signed(user)], |row| row.get::<_, i64>(0))? >= MOST_PASSKEYS {
                return Ok(Err(AccessRefused::TooManyPasskeys));
            }
            tx.execute(
                "INSERT INTO passkeys (user, credential, public_key, rp_id, name, counter, created_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![signed(user), credential, public_key, rp_id, name, counter, signed(now_unix_ms)],
            )?;
            give_codes(tx, user, codes, now_unix_ms).map(Ok)
        })?
    }

    /// Notes that a passkey proved who uses it, as often as its authenticator counts. Whether that is more often than before: if
    /// not, there are two of it. Zero of who never counted says nothing.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn use_passkey(&self, number: u64, counter: u32, now_unix_ms: u64) -> Result<bool, StoreError> {
        self.keeper().write(move |tx| {
            let sql = "UPDATE passkeys SET counter = ?2, used_ms = ?3
                       WHERE number = ?1 AND (counter < ?2 OR (counter = 0 AND ?2 = 0))";
            Ok(tx.execute(sql, params![signed(number), counter, signed(now_unix_ms)])? == 1)
        })
    }

    /// Takes a passkey of a user away, and the codes for a day without it with the last second factor. Every session that it began is
    /// over, but for the one that asks, which has just proven who it is. What it was called; `None` when there is none of that number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn drop_passkey(&self, user: u64, number: u64, asking: u64) -> Result<Option<String>, StoreError> {
        self.keeper().write(move |tx| {
            tx.execute(
                "UPDATE sessions SET passkey = NULL WHERE number = ?1 AND user = ?2 AND passkey = ?3",
                [signed(asking), signed(user), signed(number)],
            )?;
            let sql = "DELETE FROM passkeys WHERE user = ?1 AND number = ?2 RETURNING name";
            let gone = tx.query_row(sql, [signed(user), signed(number)], |row| row.get(0)).optional()?;
            forget_codes_without_factor(tx, user)?;
            Ok(gone)
        })
    }
}

fn handle_of(tx: &Transaction<'_>, user: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT handle FROM passkey_handles WHERE user = ?1";
    Ok(tx.query_row(sql, [signed(user)], |row| row.get(0)).optional()?)
}

fn read_passkey(row: &Row<'_>) -> rusqlite::Result<PasskeyRow> {
    Ok(PasskeyRow {
        number: unsigned(row.get("number")?),
        user: unsigned(row.get("user")?),
        made: NewPasskey {
            credential: row.get("credential")?,
            public_key: row.get("public_key")?,
            rp_id: row.get("rp_id")?,
            name: row.get("passkey_name")?,
            counter: row.get("counter")?,
        },
        created_unix_ms: unsigned(row.get("created_ms")?),
        used_unix_ms: row.get::<_, Option<i64>>("used_ms")?.map(unsigned),
    })
}
