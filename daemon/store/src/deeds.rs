//! What a thief would do that no revision of the office holds: another log-in, one that may do more, a raised cap. It is told and
//! taken back as changes of the office are (`undos`), and taking it back only ever narrows: it gives nobody anything again.

use centrale_config::Secret;
use rusqlite::{Row, Transaction, params};

use crate::mails::put_with_room;
use crate::passwords::quick_hash;
use crate::undos::{COLUMNS, forget_oldest, row};
use crate::users::{Decided, change, remove_user, user_where};
use crate::values::{signed, unsigned};
use crate::{AccessRefused, NewMail, Role, Standing, Store, StoreError, Undo, random};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Somebody may log in who could not.
    UserAdded {
        /// The user's number.
        user: u64,
        /// The name.
        name: String,
    },
    /// A user may do more, or for longer.
    UserRaised {
        /// The user's number.
        user: u64,
        /// The name.
        name: String,
        /// What the user was before.
        before: Standing,
    },
    /// A cap on money is higher for a time.
    CapRaised {
        /// The stable word of the cap.
        cap: String,
    },
}

impl Standing {
    /// Whether who stands so may do what somebody else may not. An auditor changes nothing, and reads what nobody but an owner
    /// does.
    pub fn is_above(&self, other: &Self) -> bool {
        let rank = |role| match role {
            Role::Owner => 3,
            Role::Installer => 2,
            Role::Reception => 1,
            Role::Person | Role::Auditor => 0,
        };
        let end = |standing: &Self| standing.ends_unix_ms.unwrap_or(u64::MAX);
        let is_other = self.role != other.role || self.person != other.person;
        let reads_more = self.role == Role::Auditor && !matches!(other.role, Role::Owner | Role::Auditor);
        let is_lower = rank(self.role) < rank(other.role) && !reads_more;
        !is_lower && (is_other || end(self) > end(other))
    }
}

impl Store {
    /// Notes a deed that is to be told, and can be taken back from now on. Returns its number in the list of [`Store::undos`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note_deed(&self, deed: Deed, who: &str, now_unix_ms: u64) -> Result<u64, StoreError> {
        let who = who.to_owned();
        self.keeper().write(move |tx| {
            let (word, subject, user, before) = match deed {
                Deed::UserAdded { user, name } => ("user-added", name, Some(user), None),
                Deed::UserRaised { user, name, before } => ("user-raised", name, Some(user), Some(before)),
                Deed::CapRaised { cap } => ("cap-raised", cap, None, None),
            };
            let (role, person, ends) = match before {
                Some(Standing { role, person, ends_unix_ms }) => (Some(role.word()), person, ends_unix_ms),
                None => (None, None, None),
            };
            let sql = "INSERT INTO undos (before_revision, after_revision, who, at_ms, deed, subject, user, role, person, ends_ms)
                       VALUES (0, 0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let ends = ends.map(signed);
            tx.execute(sql, params![who, signed(now_unix_ms), word, subject, user.map(signed), role, person, ends])?;
            forget_oldest(tx)?;
            Ok(unsigned(tx.last_insert_rowid()))
        })
    }

    /// Deeds that were not told, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn untold_deeds(&self) -> Result<Vec<Undo>, StoreError> {
        self.keeper().read(|tx| {
            let sql =
                format!("SELECT {COLUMNS} FROM undos WHERE deed IS NOT NULL AND code_hash IS NULL ORDER BY number");
            let mut all = tx.prepare_cached(&sql)?;
            let rows = all.query_map([], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Tells a deed, with a code that takes it back. `letters` writes the mails with it.
    ///
    /// # Errors
    /// When the database cannot be written, or there is no randomness; then nothing was told.
    pub fn tell_deed(&self, number: u64, letters: impl FnOnce(&Secret) -> Vec<NewMail>) -> Result<(), StoreError> {
        let code = random::user_code()?;
        let (seal, mails, hash) = (self.seal(), letters(&code), quick_hash(code.reveal()));
        self.keeper().write(move |tx| {
            tx.execute("UPDATE undos SET code_hash = ?2 WHERE number = ?1", params![signed(number), hash])?;
            put_with_room(tx, &seal, mails)
        })
    }

    /// Takes a deed back: a user that came goes, one that was raised is what it was, and is logged out. What is done about a
    /// cap is the caller's.
    ///
    /// # Errors
    /// [`AccessRefused::LastOwner`] when nobody would be left who may add users, [`AccessRefused::NoSuchUser`] of one who is gone.
    pub fn take_deed_back(&self, number: u64, deed: Deed) -> Result<(), AccessRefused> {
        self.keeper().write(move |tx| -> Decided<()> {
            let done = match deed {
                Deed::UserAdded { user, .. } => remove_user(tx, user)?,
                Deed::UserRaised { user, before, .. } => lower(tx, user, before)?,
                Deed::CapRaised { .. } => Ok(()),
            };
            if done.is_ok() {
                tx.execute("UPDATE undos SET taken_back = 0 WHERE number = ?1", [signed(number)])?;
            }
            Ok(done)
        })?
    }
}

/// Gives a user the standing of before, unless by now the user may do less than that.
fn lower(tx: &Transaction<'_>, user: u64, before: Standing) -> Decided<()> {
    match user_where(tx, "number = ?1", [signed(user)])? {
        Some(now) if now.standing.is_above(&before) => change(tx, user, before),
        Some(_) => Ok(Ok(())),
        None => Ok(Err(AccessRefused::NoSuchUser)),
    }
}

/// The deed of a row of [`COLUMNS`].
pub(crate) fn read_deed(row: &Row<'_>) -> rusqlite::Result<Option<Deed>> {
    let Some(word) = row.get::<_, Option<String>>("deed")? else { return Ok(None) };
    let name = row.get("subject")?;
    let user = || row.get("user").map(unsigned);
    let unknown = || rusqlite::Error::InvalidColumnName(format!("no deed {word}"));
    Ok(Some(match word.as_str() {
        "user-added" => Deed::UserAdded { user: user()?, name },
        "user-raised" => {
            let role: String = row.get("role")?;
            let role = Role::of_word(&role).ok_or_else(unknown)?;
            let ends_unix_ms = row.get::<_, Option<i64>>("ends_ms")?.map(unsigned);
            Deed::UserRaised {
                user: user()?,
                name,
                before: Standing { role, person: row.get("person")?, ends_unix_ms },
            }
        }
        "cap-raised" => Deed::CapRaised { cap: name },
        _ => return Err(unknown()),
    }))
}
