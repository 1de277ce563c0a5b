//! What a thief would do that no revision of the office holds: another log-in, one that may do more, a code for one, a raised cap, other prices. It is told and
//! taken back as changes of the office are (`undos`), and taking it back only ever narrows: it gives nobody anything again.

use centrale_config::Secret;
use rusqlite::{OptionalExtension, Row, ToSql, Transaction, params};

use crate::browsers::forget_browsers_of;
use crate::decks::restore_former;
use crate::factors::forget_proofs_since;
use crate::mails::put_with_room;
use crate::passwords::quick_hash;
use crate::sessions::end_sessions_of;
use crate::undos::{COLUMNS, UNDO_MS, forget_oldest, row};
use crate::users::{Decided, change, remove_user, user_where};
use crate::values::{signed, unsigned};
use crate::{AccessRefused, NewMail, Role, Standing, Store, StoreError, Undo, random};

/// The word of prices that were changed.
pub(crate) const PRICES: &str = "prices-changed";
/// The word of a code that was made.
const CODE: &str = "code-made";
/// Deeds of the last day that are kept: more than there can be users that came and were raised, and mails of deeds in a day.
const MOST_DEEDS: i64 = 1000;

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
    /// Whoever has a code may choose a user's password.
    CodeMade {
        /// The user's number.
        user: u64,
        /// The name.
        name: String,
    },
    /// A cap on money is higher for a time.
    CapRaised {
        /// The stable word of the cap.
        cap: String,
    },
    /// A provider's calls are reckoned by other prices.
    PricesChanged {
        /// The name of the trunk.
        trunk: String,
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
    /// Notes a deed that is to be told, and can be taken back from now on. One that was done before and not told yet is the same
    /// deed, done now. Returns its number in the list of [`Store::undos`]; `None` when there are too many of the last day.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note_deed(&self, deed: Deed, who: &str, now_unix_ms: u64) -> Result<Option<u64>, StoreError> {
        let who = who.to_owned();
        self.keeper().write(move |tx| note(tx, deed, &who, now_unix_ms))
    }

    /// Deeds that were not told: first of users that there are, owners before others, and the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn untold_deeds(&self) -> Result<Vec<Undo>, StoreError> {
        self.keeper().read(untold)
    }

    /// Lets go of the passwords of before codes that can be taken back no more. To be asked now and then.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_former_passwords(&self, now_unix_ms: u64) -> Result<(), StoreError> {
        self.keeper().write(move |tx| forget_former(tx, now_unix_ms))
    }

    /// Tells a deed, with a code that takes it back for a day from now on, however long it waited. `letters` writes the mails
    /// with it.
    ///
    /// # Errors
    /// When the database cannot be written, or there is no randomness; then nothing was told.
    pub fn tell_deed(
        &self,
        number: u64,
        now_unix_ms: u64,
        letters: impl FnOnce(&Secret) -> Vec<NewMail>,
    ) -> Result<(), StoreError> {
        let code = random::user_code()?;
        let (seal, mails, hash) = (self.seal(), letters(&code), quick_hash(code.reveal()));
        self.keeper().write(move |tx| {
            let sql = "UPDATE undos SET code_hash = ?2, at_ms = ?3 WHERE number = ?1";
            tx.execute(sql, params![signed(number), hash, signed(now_unix_ms)])?;
            put_with_room(tx, &seal, mails)
        })
    }

    /// Takes a deed back: a user that came goes, one that was raised is what it was, and is logged out; a code is void, and where it
    /// was used the password is that of before it, what that user proves with since is gone, and every session over; prices are those of before
    /// the first change that could still be taken back. What is done about a cap is the caller's.
    ///
    /// # Errors
    /// [`AccessRefused::LastOwner`] when nobody would be left who may add users, [`AccessRefused::NoSuchUser`] of one who is gone.
    pub fn take_deed_back(&self, number: u64, deed: Deed) -> Result<(), AccessRefused> {
        self.keeper().write(move |tx| -> Decided<()> {
            let done = match deed {
                Deed::UserAdded { user, .. } => remove_user(tx, user)?,
                Deed::UserRaised { user, before, .. } => lower(tx, user, before)?,
                Deed::CodeMade { user, .. } => void_code(tx, number, user)?,
                Deed::CapRaised { .. } => Ok(()),
                Deed::PricesChanged { trunk } => {
                    restore_former(tx, &trunk)?;
                    // Whatever was changed of them since the first: all of it is taken back with it.
                    let sql = "UPDATE undos SET taken_back = 0 WHERE deed = ?1 AND subject = ?2 AND taken_back IS NULL";
                    tx.execute(sql, [PRICES, trunk.as_str()])?;
                    Ok(())
                }
            };
            if done.is_ok() {
                tx.execute("UPDATE undos SET taken_back = 0 WHERE number = ?1", [signed(number)])?;
            }
            Ok(done)
        })?
    }
}

/// Lets go of passwords of before that nobody can have back any more: the day is over, no later code that can be taken back goes
/// by it, and then it is not taken back however the clock is set.
fn forget_former(tx: &Transaction<'_>, now_unix_ms: u64) -> Result<(), StoreError> {
    let over = "code_hash IS NOT NULL AND at_ms <= ?1";
    let awaited = "EXISTS (SELECT 1 FROM undos AS later WHERE later.user = undos.user AND later.number > undos.number
                   AND later.deed = undos.deed AND later.taken_back IS NULL
                   AND (later.code_hash IS NULL OR later.at_ms > ?1))";
    let none = "taken_back IS NOT NULL OR user NOT IN (SELECT number FROM users)";
    let sql = format!(
        "UPDATE undos SET former_password = NULL, taken_back = coalesce(taken_back, 0)
         WHERE former_password IS NOT NULL AND ({none} OR ({over} AND NOT {awaited}))"
    );
    tx.execute(&sql, [signed(now_unix_ms.saturating_sub(UNDO_MS))])?;
    Ok(())
}

/// As [`Store::note_deed`].
pub(crate) fn note(tx: &Transaction<'_>, deed: Deed, who: &str, now_unix_ms: u64) -> Result<Option<u64>, StoreError> {
    if let Some(known) = same_untold(tx, &deed)? {
        done_again(tx, &known, &deed, who, now_unix_ms)?;
        return Ok(Some(known.number));
    }
    if !has_room(tx, now_unix_ms)? {
        return Ok(None);
    }
    let (word, subject, user, before) = match deed {
        Deed::UserAdded { user, name } => ("user-added", name, Some(user), None),
        Deed::UserRaised { user, name, before } => ("user-raised", name, Some(user), Some(before)),
        Deed::CodeMade { user, name } => (CODE, name, Some(user), None),
        Deed::CapRaised { cap } => ("cap-raised", cap, None, None),
        Deed::PricesChanged { trunk } => (PRICES, trunk, None, None),
    };
    let (role, person, ends) = match before {
        Some(Standing { role, person, ends_unix_ms }) => (Some(role.word()), person, ends_unix_ms),
        None => (None, None, None),
    };
    let sql =
        "INSERT INTO undos (before_revision, after_revision, who, at_ms, made_ms, deed, subject, user, role, person, ends_ms, former_password)
               VALUES (0, 0, ?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT password_hash FROM users WHERE number = ?5 AND ?3 = ?9))";
    let ends = ends.map(signed);
    tx.execute(sql, params![who, signed(now_unix_ms), word, subject, user.map(signed), role, person, ends, CODE])?;
    let number = unsigned(tx.last_insert_rowid());
    forget_oldest(tx, now_unix_ms)?;
    Ok(Some(number))
}

/// The condition in SQL that a row of `undos` can still be taken back at the time `?1`: told less than a day ago, or not yet.
pub(crate) fn is_open_at(now_unix_ms: u64) -> String {
    let since = signed(now_unix_ms.saturating_sub(UNDO_MS));
    format!("taken_back IS NULL AND (code_hash IS NULL OR at_ms > {since})")
}

fn untold(tx: &Transaction<'_>) -> Result<Vec<Undo>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM undos WHERE deed IS NOT NULL AND code_hash IS NULL
         ORDER BY (SELECT users.role <> 'owner' FROM users WHERE users.number = undos.user) NULLS LAST, undos.number"
    );
    let mut all = tx.prepare_cached(&sql)?;
    let rows = all.query_map([], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The row of the same deed to the same user or cap that nobody was told yet.
fn same_untold(tx: &Transaction<'_>, deed: &Deed) -> Result<Option<Undo>, StoreError> {
    let (word, about, value): (_, _, &dyn ToSql) = match deed {
        Deed::UserAdded { user, .. } => ("user-added", "user", &signed(*user)),
        Deed::UserRaised { user, .. } => ("user-raised", "user", &signed(*user)),
        Deed::CodeMade { user, .. } => (CODE, "user", &signed(*user)),
        Deed::CapRaised { cap } => ("cap-raised", "subject", cap),
        Deed::PricesChanged { trunk } => (PRICES, "subject", trunk),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM undos WHERE code_hash IS NULL AND taken_back IS NULL AND deed = ?1 AND {about} = ?2"
    );
    Ok(tx.query_row(&sql, params![word, value], row).optional()?)
}

/// Notes that a deed was done once more. Who was lower in between is that again when it is taken back.
fn done_again(tx: &Transaction<'_>, known: &Undo, deed: &Deed, who: &str, now_unix_ms: u64) -> Result<(), StoreError> {
    let number = signed(known.number);
    tx.execute("UPDATE undos SET who = ?2, at_ms = ?3 WHERE number = ?1", params![number, who, signed(now_unix_ms)])?;
    if let (Some(Deed::UserRaised { before: first, .. }), Deed::UserRaised { before, .. }) = (&known.deed, deed)
        && first.is_above(before)
    {
        let Standing { role, person, ends_unix_ms } = before;
        let sql = "UPDATE undos SET role = ?2, person = ?3, ends_ms = ?4 WHERE number = ?1";
        tx.execute(sql, params![number, role.word(), person, ends_unix_ms.map(signed)])?;
    }
    Ok(())
}

/// Whether another deed can be noted. What came and went untold makes room: there is nothing to take back.
fn has_room(tx: &Transaction<'_>, now_unix_ms: u64) -> Result<bool, StoreError> {
    let young = || -> Result<i64, StoreError> {
        let sql = "SELECT count(*) FROM undos WHERE deed IS NOT NULL AND abs(at_ms - ?1) < ?2";
        Ok(tx.query_row(sql, params![signed(now_unix_ms), signed(UNDO_MS)], |row| row.get(0))?)
    };
    if young()? < MOST_DEEDS {
        return Ok(true);
    }
    let went = "DELETE FROM undos WHERE code_hash IS NULL AND user NOT IN (SELECT number FROM users)";
    tx.execute(went, [])?;
    Ok(young()? < MOST_DEEDS)
}

/// Makes a user's code void. Where it was used, the password is that of before the first one that could still be taken back, and
/// what proves who the user is, and came since, is gone: whoever came in with the code may have made it.
fn void_code(tx: &Transaction<'_>, number: u64, user: u64) -> Decided<()> {
    let (number, user) = (signed(number), signed(user));
    if user_where(tx, "number = ?1", [user])?.is_none() {
        return Ok(Err(AccessRefused::NoSuchUser));
    }
    let sql =
        "SELECT former_password, coalesce(made_ms, at_ms) FROM undos WHERE deed = ?1 AND user = ?2 AND number <= ?3 AND taken_back IS NULL
               AND at_ms > (SELECT at_ms FROM undos WHERE number = ?3) - ?4 ORDER BY number LIMIT 1";
    let read = |row: &Row<'_>| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, i64>(1)?));
    let first = tx.query_row(sql, params![CODE, user, number, signed(UNDO_MS)], read).optional()?;
    // Its day is over, or it was taken back meanwhile: there is no password to give back.
    let Some((former, since_ms)) = first else { return Ok(Ok(())) };
    let sql = "SELECT password_hash IS NOT ?2 FROM users WHERE number = ?1";
    if tx.query_row(sql, params![user, former], |row| row.get::<_, bool>(0))? {
        forget_proofs_since(tx, unsigned(user), unsigned(since_ms))?;
        end_sessions_of(tx, unsigned(user))?;
        forget_browsers_of(tx, unsigned(user))?;
        tx.execute("UPDATE users SET password_hash = ?2 WHERE number = ?1", params![user, former])?;
    }
    tx.execute("UPDATE users SET code_hash = NULL, code_ends_ms = NULL WHERE number = ?1", [user])?;
    let sql =
        "UPDATE undos SET taken_back = 0, former_password = NULL WHERE deed = ?1 AND user = ?2 AND taken_back IS NULL";
    tx.execute(sql, params![CODE, user])?;
    Ok(Ok(()))
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
        CODE => Deed::CodeMade { user: user()?, name },
        "cap-raised" => Deed::CapRaised { cap: name },
        PRICES => Deed::PricesChanged { trunk: name },
        _ => return Err(unknown()),
    }))
}
