//! Who may log in to the page, and as what: users with a role, and the one-time codes with which they come in first.

use centrale_config::{Office, Secret};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::audit::{Act, note};
use crate::browsers::forget_browsers_of;
use crate::common::is_common;
use crate::deeds::is_open_at;
use crate::passwords::{check_length, is_hash_of, is_password, quick_hash, slow_hash, tidied};
use crate::sessions::end_sessions_of;
use crate::values::{signed, unsigned};
use crate::{Author, Store, StoreError, random};

/// How the first owner is called, until somebody adds another.
pub const FIRST_OWNER: &str = "admin";

/// A word that everybody puts into a password of this box.
const PRODUCT: &str = "centrale";

/// How long a user's one-time code is good: a day.
pub const CODE_MS: u64 = 24 * 3600 * 1000;

/// Most characters of a user's name.
pub const LONGEST_USER_NAME: usize = 40;

/// Most users of a box: a page that shows them all stays short, and nobody fills the disk with them.
const MOST_USERS: i64 = 200;

/// Columns that [`read_user`] reads.
pub(crate) const USER_COLUMNS: &str =
    "users.number AS user_number, name, role, person, ends_ms, password_hash IS NOT NULL AS has_password, code_ends_ms,
     EXISTS (SELECT 1 FROM factors WHERE factors.user = users.number AND is_on)
     OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.user = users.number) AS has_factor";

/// What a user may see and do. Which route takes whom is the edge's to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Everything, and the other users.
    Owner,
    /// Everything that makes the telephones work; for a time.
    Installer,
    /// The daily work: who calls, contacts, stopping calls.
    Reception,
    /// Own calls and the own mailbox.
    Person,
    /// Sees what there is to be checked, and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Installer, Self::Reception, Self::Person, Self::Auditor];

    /// Its stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Installer => "installer",
            Self::Reception => "reception",
            Self::Person => "person",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// What becomes of a user: the role with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What the user may do.
    pub role: Role,
    /// Whose calls and mailbox are the user's own: an internal number.
    pub person: Option<String>,
    /// When it is over by itself, in milliseconds since 1970 UTC.
    pub ends_unix_ms: Option<u64>,
}

/// Somebody who may log in, or is invited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Stays the same for good, and is never another's.
    pub number: u64,
    /// What is typed to log in. Upper and lower case of ASCII letters are the same.
    pub name: String,
    /// Role and what belongs to it.
    pub standing: Standing,
    /// Whether there is a password; before that the user is invited.
    pub has_password: bool,
    /// Whether a second factor is asked for beside it: an app or a passkey.
    pub has_factor: bool,
    /// Until when an unused one-time code is good, in milliseconds since 1970 UTC.
    pub code_ends_unix_ms: Option<u64>,
}

impl UserRow {
    /// Whether the user's time is over.
    pub fn is_over(&self, now_unix_ms: u64) -> bool {
        self.standing.ends_unix_ms.is_some_and(|ends| ends <= now_unix_ms)
    }
}

/// Why somebody was not let in, or a user not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessRefused {
    /// The code is not the one that was shown, was used already, or is too old.
    #[error("the code is wrong")]
    WrongCode,
    /// The code of the second factor is not one of now, or was used already.
    #[error("the code of the second factor is wrong, or was used already")]
    WrongSecondCode,
    /// The user has a second factor.
    #[error("there is a second factor already")]
    FactorOn,
    /// No second factor was begun.
    #[error("no second factor was begun")]
    NoFactor,
    /// The passkey is kept already, of this user or another.
    #[error("this passkey is known already")]
    PasskeyKnown,
    /// The user has as many passkeys as anybody may have.
    #[error("a user has at most 16 passkeys")]
    TooManyPasskeys,
    /// There is an owner with a password already.
    #[error("the box is set up already")]
    AlreadySetUp,
    /// Fewer than [`crate::SHORTEST_PASSWORD`] characters.
    #[error("a password has at least {} characters", crate::SHORTEST_PASSWORD)]
    PasswordTooShort,
    /// One that many people choose, or put together of the names of the office and the user.
    #[error("many people choose this password, or it is made of names that others know")]
    PasswordCommon,
    /// More than a thousand bytes.
    #[error("a password has at most {} bytes", crate::passwords::LONGEST_PASSWORD)]
    PasswordTooLong,
    /// Empty, longer than [`LONGEST_USER_NAME`] characters, or with signs that no eye sees.
    #[error("a name has 1 to {LONGEST_USER_NAME} visible characters")]
    NameWrong,
    /// Another user is called so.
    #[error("another user has this name")]
    NameTaken,
    /// There are as many as there may be.
    #[error("there are {MOST_USERS} users already")]
    TooMany,
    /// There is no such user.
    #[error("there is no such user")]
    NoSuchUser,
    /// Nobody would be left who may add users.
    #[error("this is the last owner")]
    LastOwner,
    /// Nobody would be left who may add users, but owners whose coming can still be taken back.
    #[error("every other owner is an owner for less than a day")]
    OwnersTooNew,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for AccessRefused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a transaction decides and yet ends well.
pub(crate) type Decided<T> = Result<Result<T, AccessRefused>, StoreError>;

impl Store {
    /// Whether there is an owner with a password.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_set_up(&self) -> Result<bool, StoreError> {
        self.keeper().read(|tx| other_owner(tx, 0))
    }

    /// Makes a new one-time set-up code of 10 letters and digits that cannot be mistaken for each other; an older one is
    /// void. Show it where only who stands at the box can see it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn new_setup_code(&self) -> Result<Secret, StoreError> {
        let code = random::setup_code()?;
        let hash = slow_hash(code.reveal())?;
        self.keeper().write(move |tx| {
            tx.execute(
                "INSERT INTO admin (only, setup_code_hash) VALUES (1, ?1) ON CONFLICT DO UPDATE SET setup_code_hash = ?1",
                [hash],
            )?;
            Ok(())
        })?;
        Ok(code)
    }

    /// Makes the first owner, with the set-up code, which is used up by it. Spaces, dashes and case in the code do not
    /// matter. Returns the owner.
    ///
    /// # Errors
    /// See [`AccessRefused`]; the code stays valid unless it was used.
    pub fn set_up(&self, code: &str, password: &Secret) -> Result<UserRow, AccessRefused> {
        check_length(password)?;
        self.check_common(password, FIRST_OWNER)?;
        if self.is_set_up()? {
            return Err(AccessRefused::AlreadySetUp);
        }
        let known = self.keeper().read(|tx| {
            let code = tx.query_row("SELECT setup_code_hash FROM admin", [], |row| row.get::<_, Option<String>>(0));
            Ok(code.optional()?.flatten())
        })?;
        let known = known.filter(|known| is_hash_of(&tidied(code), known)).ok_or(AccessRefused::WrongCode)?;
        let password = slow_hash(password.reveal())?;
        self.keeper().write(move |tx| {
            // Both conditions again: two browsers may have come as far as this at once.
            let used = tx.execute("UPDATE admin SET setup_code_hash = NULL WHERE setup_code_hash = ?1", [known])?;
            if used != 1 || other_owner(tx, 0)? {
                return Ok(Err(AccessRefused::AlreadySetUp));
            }
            tx.execute(
                "INSERT INTO users (name, role, password_hash) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET role = ?2, password_hash = ?3, person = NULL, ends_ms = NULL",
                [FIRST_OWNER, Role::Owner.word(), &password],
            )?;
            Ok(user_where(tx, "name = ?1", [FIRST_OWNER])?.ok_or(AccessRefused::NoSuchUser))
        })?
    }

    /// Every user, in the order in which they came.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        self.keeper().read(|tx| {
            let mut all = tx.prepare_cached(&format!("SELECT {USER_COLUMNS} FROM users ORDER BY number"))?;
            let rows = all.query_map((), read_user)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Adds a user who comes in first with the code that is returned: once, within [`CODE_MS`].
    ///
    /// # Errors
    /// See [`AccessRefused`].
    pub fn invite(&self, name: &str, standing: Standing, now_unix_ms: u64) -> Result<(u64, Secret), AccessRefused> {
        let name = name.trim().to_owned();
        let visible = !name.is_empty() && !name.chars().any(char::is_control);
        if !visible || name.chars().count() > LONGEST_USER_NAME {
            return Err(AccessRefused::NameWrong);
        }
        let code = random::user_code()?;
        let hash = quick_hash(code.reveal());
        let number = self.keeper().write(move |tx| -> Decided<u64> {
            if user_where(tx, "name = ?1", [&name])?.is_some() {
                return Ok(Err(AccessRefused::NameTaken));
            }
            if tx.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))? >= MOST_USERS {
                return Ok(Err(AccessRefused::TooMany));
            }
            let Standing { role, person, ends_unix_ms } = standing;
            tx.execute(
                "INSERT INTO users (name, role, person, ends_ms, code_hash, code_ends_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![name, role.word(), person, ends_unix_ms.map(signed), hash, signed(now_unix_ms + CODE_MS)],
            )?;
            Ok(Ok(unsigned(tx.last_insert_rowid())))
        })??;
        Ok((number, code))
    }

    /// Makes a new one-time code with which a user chooses a new password; an older one is void. The password of before
    /// stays good until the code is used.
    ///
    /// # Errors
    /// See [`AccessRefused`].
    pub fn new_user_code(&self, user: u64, now_unix_ms: u64) -> Result<Secret, AccessRefused> {
        let code = random::user_code()?;
        let hash = quick_hash(code.reveal());
        let changed = self.keeper().write(move |tx| {
            let sql = "UPDATE users SET code_hash = ?2, code_ends_ms = ?3 WHERE number = ?1";
            Ok(tx.execute(sql, params![signed(user), hash, signed(now_unix_ms + CODE_MS)])?)
        })?;
        if changed == 1 { Ok(code) } else { Err(AccessRefused::NoSuchUser) }
    }

    /// Lets a user in with the one-time code, which is used up by it, and a password of the user's own. Every session
    /// that the user had is over. Returns the user.
    ///
    /// # Errors
    /// See [`AccessRefused`].
    pub fn join(&self, code: &str, password: &Secret, now_unix_ms: u64) -> Result<UserRow, AccessRefused> {
        check_length(password)?;
        let code = quick_hash(&tidied(code));
        let whose = code.clone();
        let known = self.keeper().read(move |tx| invited(tx, &whose, now_unix_ms))?;
        self.check_common(password, &self.name_of(known.ok_or(AccessRefused::WrongCode)?)?)?;
        let password = slow_hash(password.reveal())?;
        self.keeper().write(move |tx| -> Decided<UserRow> {
            let Some(user) = invited(tx, &code, now_unix_ms)? else { return Ok(Err(AccessRefused::WrongCode)) };
            set_password(tx, user, &password)?;
            Ok(user_where(tx, "number = ?1", [signed(user)])?.ok_or(AccessRefused::NoSuchUser))
        })?
    }

    /// The user of a name and a password, if there is one whose time is not over. Takes the same time whatever is wrong:
    /// some 50 ms on a small ARM board, on the caller's thread.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn user_of(&self, name: &str, password: &Secret, now_unix_ms: u64) -> Result<Option<UserRow>, StoreError> {
        let name = name.trim().to_owned();
        let known = self
            .keeper()
            .read(move |tx| Ok((user_where(tx, "name = ?1", [&name])?, hash_where(tx, "name = ?1", [&name])?)))?;
        let (user, hash) = known;
        let right = is_password(password, hash.as_deref())?;
        Ok(user.filter(|user| right && !user.is_over(now_unix_ms)))
    }

    /// Whether this is the password of a user. Takes the same time whether there is one or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_password_of(&self, user: u64, password: &Secret) -> Result<bool, StoreError> {
        let hash = self.keeper().read(move |tx| hash_where(tx, "number = ?1", [signed(user)]))?;
        is_password(password, hash.as_deref())
    }

    /// Replaces a user's password and ends every session of that user; a one-time code that was not used is void. The caller has proven who asks.
    ///
    /// # Errors
    /// See [`AccessRefused`].
    pub fn replace_password(&self, user: u64, password: &Secret) -> Result<(), AccessRefused> {
        check_length(password)?;
        self.check_common(password, &self.name_of(user)?)?;
        let hash = slow_hash(password.reveal())?;
        let changed = self.keeper().write(move |tx| set_password(tx, user, &hash))?;
        if changed { Ok(()) } else { Err(AccessRefused::NoSuchUser) }
    }

    /// Refuses a password that many people choose, or that is made of the names of the office and of its user.
    fn check_common(&self, password: &Secret, user: &str) -> Result<(), AccessRefused> {
        let office = self.office()?.map(|(_, office)| office.identity.name).unwrap_or_default();
        let names = [PRODUCT, user, &office];
        if is_common(password.reveal(), &names) { Err(AccessRefused::PasswordCommon) } else { Ok(()) }
    }

    /// The name of a user; empty when there is none of that number.
    fn name_of(&self, user: u64) -> Result<String, StoreError> {
        let found = self.keeper().read(move |tx| user_where(tx, "number = ?1", [signed(user)]))?;
        Ok(found.map(|user| user.name).unwrap_or_default())
    }

    /// Gives a user another role, and ends every session of that user.
    ///
    /// # Errors
    /// [`AccessRefused::LastOwner`] when nobody would be left who may do this, [`AccessRefused::OwnersTooNew`] when only they would,
    /// [`AccessRefused::NoSuchUser`].
    pub fn change_user(&self, user: u64, standing: Standing, now_unix_ms: u64) -> Result<(), AccessRefused> {
        self.keeper().write(move |tx| -> Decided<()> {
            if standing.role != Role::Owner && !leaves_settled_owner(tx, user, now_unix_ms)? {
                return Ok(Err(AccessRefused::OwnersTooNew));
            }
            change(tx, user, standing)
        })?
    }

    /// Takes a user away, with every session of that user.
    ///
    /// # Errors
    /// As [`Store::change_user`].
    pub fn remove_user(&self, user: u64, now_unix_ms: u64) -> Result<(), AccessRefused> {
        self.keeper().write(move |tx| -> Decided<()> {
            if !leaves_settled_owner(tx, user, now_unix_ms)? {
                return Ok(Err(AccessRefused::OwnersTooNew));
            }
            remove_user(tx, user)
        })?
    }
}

/// Gives a user another role, and ends every session of that user.
pub(crate) fn change(tx: &Transaction<'_>, user: u64, standing: Standing) -> Decided<()> {
    if standing.role != Role::Owner && !other_owner(tx, user)? {
        return Ok(Err(AccessRefused::LastOwner));
    }
    let Standing { role, person, ends_unix_ms } = standing;
    end_sessions_of(tx, user)?;
    let changed = tx.execute(
        "UPDATE users SET role = ?2, person = ?3, ends_ms = ?4 WHERE number = ?1",
        params![signed(user), role.word(), person, ends_unix_ms.map(signed)],
    )?;
    Ok(if changed == 1 { Ok(()) } else { Err(AccessRefused::NoSuchUser) })
}

/// Takes a user away, unless it is the last owner.
pub(crate) fn remove_user(tx: &Transaction<'_>, user: u64) -> Decided<()> {
    if !other_owner(tx, user)? {
        return Ok(Err(AccessRefused::LastOwner));
    }
    Ok(if remove(tx, user)? { Ok(()) } else { Err(AccessRefused::NoSuchUser) })
}

/// Takes away whoever had the calls and the mailbox of a person who is not in the office any more: the number may become
/// another's.
pub(crate) fn leave_with_person(
    tx: &Transaction<'_>,
    office: &Office,
    author: &Author,
    revision: u64,
) -> Result<(), StoreError> {
    let mut query = tx.prepare(&format!("SELECT {USER_COLUMNS} FROM users WHERE person IS NOT NULL"))?;
    let found: Vec<UserRow> = query.query_map([], read_user)?.collect::<Result<_, _>>()?;
    let stays = |user: &UserRow| {
        office.people.iter().any(|person| Some(person.number.as_str()) == user.standing.person.as_deref())
    };
    for user in found.iter().filter(|user| !stays(user)) {
        remove(tx, user.number)?;
        let act = Act {
            at_unix_ms: author.when_unix_ms,
            who: author.who.clone(),
            source: String::new(),
            what: "user-left".to_owned(),
            about: format!("{} {}", user.name, user.standing.role.word()),
            revision: Some(revision),
        };
        note(tx, act)?;
    }
    Ok(())
}

/// Gives a user another password, voids a one-time code and ends every session. Whether there is that user.
fn set_password(tx: &Transaction<'_>, user: u64, hash: &str) -> Result<bool, StoreError> {
    end_sessions_of(tx, user)?;
    forget_browsers_of(tx, user)?;
    let sql = "UPDATE users SET password_hash = ?2, code_hash = NULL, code_ends_ms = NULL WHERE number = ?1";
    Ok(tx.execute(sql, params![signed(user), hash])? == 1)
}

/// Takes a user away, with every session. Whether there was that user.
fn remove(tx: &Transaction<'_>, user: u64) -> Result<bool, StoreError> {
    end_sessions_of(tx, user)?;
    tx.execute("UPDATE undos SET former_password = NULL WHERE user = ?1", [signed(user)])?;
    Ok(tx.execute("DELETE FROM users WHERE number = ?1", [signed(user)])? == 1)
}

/// Whether there is an owner with a password beside this user.
fn other_owner(tx: &Transaction<'_>, user: u64) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'owner' AND password_hash IS NOT NULL AND number <> ?1)";
    Ok(tx.query_row(sql, [signed(user)], |row| row.get(0))?)
}

/// Whether an owner with a password beside this user is left whose coming cannot be taken back any more; or this user is none of
/// those. Else a thief who made another owner would take the others away, and with them the way back.
fn leaves_settled_owner(tx: &Transaction<'_>, user: u64, now_unix_ms: u64) -> Result<bool, StoreError> {
    let open = is_open_at(now_unix_ms);
    let sql = format!(
        "SELECT number FROM users WHERE role = 'owner' AND password_hash IS NOT NULL AND number NOT IN
            (SELECT user FROM undos WHERE user IS NOT NULL AND {open})"
    );
    let mut query = tx.prepare_cached(&sql)?;
    let settled: Vec<i64> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    // That of the last owner of all is said as such.
    Ok(!settled.contains(&signed(user)) || settled.len() > 1 || !other_owner(tx, user)?)
}

/// The user whose code this is, if that is still good.
fn invited(tx: &Transaction<'_>, code: &[u8], now_unix_ms: u64) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT number FROM users WHERE code_hash = ?1 AND code_ends_ms > ?2 AND coalesce(ends_ms > ?2, 1)";
    Ok(tx.query_row(sql, params![code, signed(now_unix_ms)], |row| row.get(0).map(unsigned)).optional()?)
}

pub(crate) fn user_where<P: rusqlite::Params>(
    tx: &Transaction<'_>,
    which: &str,
    with: P,
) -> Result<Option<UserRow>, StoreError> {
    Ok(tx.query_row(&format!("SELECT {USER_COLUMNS} FROM users WHERE {which}"), with, read_user).optional()?)
}

fn hash_where<P: rusqlite::Params>(tx: &Transaction<'_>, which: &str, with: P) -> Result<Option<String>, StoreError> {
    let sql = format!("SELECT password_hash FROM users WHERE {which}");
    Ok(tx.query_row(&sql, with, |row| row.get::<_, Option<String>>(0)).optional()?.flatten())
}

pub(crate) fn read_user(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    let role: String = row.get("role")?;
    let unknown = || rusqlite::Error::InvalidColumnName(format!("no role {role}"));
    Ok(UserRow {
        number: unsigned(row.get("user_number")?),
        name: row.get("name")?,
        standing: Standing {
            role: Role::of_word(&role).ok_or_else(unknown)?,
            person: row.get("person")?,
            ends_unix_ms: row.get::<_, Option<i64>>("ends_ms")?.map(unsigned),
        },
        has_password: row.get("has_password")?,
        has_factor: row.get("has_factor")?,
        code_ends_unix_ms: row.get::<_, Option<i64>>("code_ends_ms")?.map(unsigned),
    })
}
