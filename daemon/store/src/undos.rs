//! Changes that a thief would make, told by mail with a code that takes them back within a day.
//!
//! A row is a span of revisions, from the one before the change to the one after it, or a deed (`deeds`), which no revision holds.
//! Up to which revision was told stands in `meta`: a change that was made while nothing ran is told at the next start.

use centrale_config::{Office, Secret};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::deeds::{Deed, read_deed};
use crate::mails::put_with_room;
use crate::passwords::{quick_hash, tidied};
use crate::revisions::{Author, KEPT_REVISIONS, current, insert};
use crate::values::{signed, unsigned};
use crate::{NewMail, Store, StoreError, random};

/// For so long a change can be taken back, in milliseconds.
pub const UNDO_MS: u64 = 24 * 3_600_000;
/// Rows that are kept once they cannot be taken back any more.
const MOST_ROWS: i64 = 200;
/// Up to which revision was told.
const TOLD: &str = "told-revision";

/// A change that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// Its number.
    pub number: u64,
    /// The revision before it.
    pub before: u64,
    /// The revision after it.
    pub after: u64,
    /// Who made it.
    pub who: String,
    /// When it was told, in milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
    /// The revision by which it was taken back.
    pub taken_back: Option<u64>,
    /// What was done, where it is no change of the office; then there are no revisions.
    pub deed: Option<Deed>,
}

impl Undo {
    /// Whether it can still be taken back.
    pub const fn is_open(&self, now_unix_ms: u64) -> bool {
        self.taken_back.is_none() && now_unix_ms < self.at_unix_ms.saturating_add(UNDO_MS)
    }
}

impl Store {
    /// The last revision that was told, or found to be nothing to tell, and the current one. The first time both are the same.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn untold_revisions(&self) -> Result<(u64, u64), StoreError> {
        self.keeper().write(|tx| {
            let current = current(tx)?;
            let sql = "SELECT value FROM meta WHERE key = ?1";
            let told: Option<String> = tx.query_row(sql, [TOLD], |row| row.get(0)).optional()?;
            match told.and_then(|told| told.parse().ok()) {
                Some(told) => Ok((told, current)),
                None => told_up_to(tx, current).map(|()| (current, current)),
            }
        })
    }

    /// There is nothing to tell up to a revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn told_up_to(&self, revision: u64) -> Result<(), StoreError> {
        self.keeper().write(move |tx| told_up_to(tx, revision))
    }

    /// Tells the change from one revision to another, with a code that takes it back. `letters` writes the mails with it.
    ///
    /// # Errors
    /// When the database cannot be written, or there is no randomness; then nothing was told.
    pub fn tell_change(
        &self,
        (before, after): (u64, u64),
        who: &str,
        now_unix_ms: u64,
        letters: impl FnOnce(&Secret) -> Vec<NewMail>,
    ) -> Result<(), StoreError> {
        let code = random::user_code()?;
        let (seal, mails, hash, who) = (self.seal(), letters(&code), quick_hash(code.reveal()), who.to_owned());
        self.keeper().write(move |tx| {
            let sql = "INSERT INTO undos (before_revision, after_revision, who, at_ms, code_hash) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.execute(sql, params![signed(before), signed(after), who, signed(now_unix_ms), hash])?;
            forget_oldest(tx, now_unix_ms)?;
            told_up_to(tx, after)?;
            put_with_room(tx, &seal, mails)
        })
    }

    /// Changes that were told, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn undos(&self) -> Result<Vec<Undo>, StoreError> {
        self.keeper().read(|tx| {
            let mut all = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM undos ORDER BY number DESC"))?;
            let rows = all.query_map([], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The change that a mailed code takes back, as long as it can be.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn undo_by_code(&self, code: &str, now_unix_ms: u64) -> Result<Option<Undo>, StoreError> {
        let hash = quick_hash(&tidied(code));
        self.keeper().read(move |tx| {
            let found = tx.query_row(&format!("SELECT {COLUMNS} FROM undos WHERE code_hash = ?1"), [hash], row);
            Ok(found.optional()?.filter(|undo| undo.is_open(now_unix_ms)))
        })
    }

    /// Makes `office`, in which a change is taken back, the next revision, as [`Store::commit`], and notes that it was. What is
    /// taken back cannot be taken back in turn.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn take_back(&self, undo: u64, office: &Office, previous: u64, author: Author) -> Result<u64, StoreError> {
        let (seal, office) = (self.seal(), office.clone());
        self.keeper().write(move |tx| {
            let number = insert(tx, &seal, &office, previous, &author, KEPT_REVISIONS)?;
            tx.execute("UPDATE undos SET taken_back = ?2 WHERE number = ?1", [signed(undo), signed(number)])?;
            Ok(number)
        })
    }
}

pub(crate) const COLUMNS: &str =
    "number, before_revision, after_revision, who, at_ms, taken_back, deed, subject, user, role, person, ends_ms";

/// Lets go of the rows that are too many, but of none that can still be taken back; the last one was just added.
pub(crate) fn forget_oldest(tx: &Transaction<'_>, now_unix_ms: u64) -> Result<(), StoreError> {
    // One from a time that is far ahead was noted before the clock was set back.
    let sql = "DELETE FROM undos WHERE number <= last_insert_rowid() - ?1 AND abs(at_ms - ?2) >= ?3";
    tx.execute(sql, params![MOST_ROWS, signed(now_unix_ms), signed(UNDO_MS)])?;
    Ok(())
}

fn told_up_to(tx: &Transaction<'_>, revision: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
    tx.execute(sql, params![TOLD, revision.to_string()])?;
    Ok(())
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<Undo> {
    Ok(Undo {
        number: unsigned(row.get(0)?),
        before: unsigned(row.get(1)?),
        after: unsigned(row.get(2)?),
        who: row.get(3)?,
        at_unix_ms: unsigned(row.get(4)?),
        taken_back: row.get::<_, Option<i64>>(5)?.map(unsigned),
        deed: read_deed(row)?,
    })
}
