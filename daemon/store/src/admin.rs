//! Who may log in to the page: one administrator, a set-up code for the first time, sessions.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use centrale_config::Secret;
use ring::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::values::{signed, unsigned};
use crate::{Store, StoreError, random};

/// Fewest characters of the administrator's password.
pub const SHORTEST_ADMIN_PASSWORD: usize = 12;

/// A session that was not used for this long is over: 12 hours, a working day.
pub const SESSION_IDLE_MS: u64 = 12 * 3600 * 1000;

/// A session is over after this long however much it is used: 30 days.
pub const SESSION_LONGEST_MS: u64 = 30 * 24 * 3600 * 1000;

/// A use is written down when the last one was this long ago: a disk write a minute, not one per request.
const USE_WRITTEN_AFTER_MS: u64 = 60 * 1000;

/// Longest text that is hashed: hashing is slow by design, so nobody may make it slower.
const LONGEST_PASSWORD: usize = 1024;

/// Why the administrator's password was not set.
#[derive(Debug, thiserror::Error)]
pub enum AdminRefused {
    /// The set-up code is not the one that was shown, or was used already.
    #[error("the set-up code is wrong")]
    WrongCode,
    /// There is a password already.
    #[error("the box is set up already")]
    AlreadySetUp,
    /// Fewer than [`SHORTEST_ADMIN_PASSWORD`] characters.
    #[error("a password has at least {SHORTEST_ADMIN_PASSWORD} characters")]
    PasswordTooShort,
    /// More than a thousand bytes.
    #[error("a password has at most {LONGEST_PASSWORD} bytes")]
    PasswordTooLong,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a browser holds to show that it is logged in. Only its hash is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken(Secret);

impl SessionToken {
    /// A token as it came in a cookie.
    pub fn from_cookie(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The text for the cookie.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    fn hash(&self) -> Vec<u8> {
        // 256 random bits need no slow hash.
        digest(&SHA256, self.reveal().as_bytes()).as_ref().to_vec()
    }
}

/// A session that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRow {
    /// When it began, in milliseconds since 1970 UTC.
    pub created_unix_ms: u64,
    /// When it was last used, to the minute.
    pub last_used_unix_ms: u64,
}

impl SessionRow {
    const fn is_over(&self, now_unix_ms: u64) -> bool {
        // A clock that was set back must not end everybody's session.
        now_unix_ms.saturating_sub(self.last_used_unix_ms) > SESSION_IDLE_MS
            || now_unix_ms.saturating_sub(self.created_unix_ms) > SESSION_LONGEST_MS
    }
}

impl Store {
    /// Whether an administrator's password was set.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_set_up(&self) -> Result<bool, StoreError> {
        Ok(self.keeper().read(|tx| hash_in(tx, Column::Password))?.is_some())
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

    /// Sets the first password of the administrator with the set-up code, which is used up by it. Spaces, dashes and
    /// case in the code do not matter.
    ///
    /// # Errors
    /// See [`AdminRefused`]; the code stays valid unless it was used.
    pub fn set_up(&self, code: &str, password: &Secret) -> Result<(), AdminRefused> {
        check_length(password)?;
        if self.is_set_up()? {
            return Err(AdminRefused::AlreadySetUp);
        }
        let code: String =
            code.chars().filter(char::is_ascii_alphanumeric).map(|key| key.to_ascii_uppercase()).collect();
        let known = self.keeper().read(|tx| hash_in(tx, Column::SetupCode))?;
        let Some(known) = known.filter(|known| is_hash_of(&code, known)) else { return Err(AdminRefused::WrongCode) };
        let password = slow_hash(password.reveal())?;
        let used = self.keeper().write(move |tx| {
            // Both conditions again: two browsers may have come as far as this at once.
            let changed = tx.execute(
                "UPDATE admin SET password_hash = ?1, setup_code_hash = NULL
                 WHERE password_hash IS NULL AND setup_code_hash = ?2",
                [password, known],
            )?;
            Ok(changed == 1)
        })?;
        if used { Ok(()) } else { Err(AdminRefused::AlreadySetUp) }
    }

    /// Replaces the administrator's password and ends every session. The caller has proven who asks.
    ///
    /// # Errors
    /// See [`AdminRefused`].
    pub fn replace_password(&self, password: &Secret) -> Result<(), AdminRefused> {
        check_length(password)?;
        let hash = slow_hash(password.reveal())?;
        self.keeper().write(move |tx| {
            tx.execute(
                "INSERT INTO admin (only, password_hash) VALUES (1, ?1) ON CONFLICT DO UPDATE SET password_hash = ?1",
                [hash],
            )?;
            tx.execute("DELETE FROM sessions", [])?;
            Ok(())
        })?;
        Ok(())
    }

    /// Forgets the administrator's password and every session, so that the box can be set up with a new code.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_password(&self) -> Result<(), StoreError> {
        self.keeper().write(|tx| {
            tx.execute("DELETE FROM admin", [])?;
            tx.execute("DELETE FROM sessions", [])?;
            Ok(())
        })
    }

    /// Whether this is the administrator's password. Takes the same time whether there is one or not: some 50 ms on a small
    /// ARM board, on the caller's thread.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_password(&self, password: &Secret) -> Result<bool, StoreError> {
        let known = self.keeper().read(|tx| hash_in(tx, Column::Password))?;
        let too_long = password.reveal().len() > LONGEST_PASSWORD;
        match known {
            Some(known) if !too_long => Ok(is_hash_of(password.reveal(), &known)),
            _ => {
                slow_hash("")?;
                Ok(false)
            }
        }
    }

    /// Begins a session. Sessions that are over are forgotten on this occasion.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn open_session(&self, now_unix_ms: u64) -> Result<SessionToken, StoreError> {
        let token = SessionToken(random::generate_token()?);
        let hash = token.hash();
        self.keeper().write(move |tx| {
            let idle = signed(now_unix_ms.saturating_sub(SESSION_IDLE_MS));
            let longest = signed(now_unix_ms.saturating_sub(SESSION_LONGEST_MS));
            tx.execute("DELETE FROM sessions WHERE last_used_ms < ?1 OR created_ms < ?2", [idle, longest])?;
            tx.execute("INSERT INTO sessions VALUES (?1, ?2, ?2)", params![hash, signed(now_unix_ms)])?;
            Ok(())
        })?;
        Ok(token)
    }

    /// The session of a token, if there is one that is not over; this counts as a use.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn session(&self, token: &SessionToken, now_unix_ms: u64) -> Result<Option<SessionRow>, StoreError> {
        let hash = token.hash();
        let find = hash.clone();
        let session = self.keeper().read(move |tx| {
            let row =
                tx.query_row("SELECT created_ms, last_used_ms FROM sessions WHERE token_hash = ?1", [find], |row| {
                    let (created, last_used) = (unsigned(row.get(0)?), unsigned(row.get(1)?));
                    Ok(SessionRow { created_unix_ms: created, last_used_unix_ms: last_used })
                });
            Ok(row.optional()?)
        })?;
        let session = session.filter(|session| !session.is_over(now_unix_ms));
        if session.is_some_and(|session| now_unix_ms.saturating_sub(session.last_used_unix_ms) >= USE_WRITTEN_AFTER_MS)
        {
            self.keeper().write(move |tx| {
                tx.execute(
                    "UPDATE sessions SET last_used_ms = ?2 WHERE token_hash = ?1",
                    params![hash, signed(now_unix_ms)],
                )?;
                Ok(())
            })?;
        }
        Ok(session)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn end_session(&self, token: &SessionToken) -> Result<(), StoreError> {
        let hash = token.hash();
        self.keeper().write(move |tx| {
            tx.execute("DELETE FROM sessions WHERE token_hash = ?1", [hash])?;
            Ok(())
        })
    }

    /// Ends every session.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn end_all_sessions(&self) -> Result<(), StoreError> {
        self.keeper().write(|tx| {
            tx.execute("DELETE FROM sessions", [])?;
            Ok(())
        })
    }
}

#[derive(Clone, Copy)]
enum Column {
    Password,
    SetupCode,
}

fn hash_in(tx: &Transaction<'_>, column: Column) -> Result<Option<String>, StoreError> {
    let query = match column {
        Column::Password => "SELECT password_hash FROM admin",
        Column::SetupCode => "SELECT setup_code_hash FROM admin",
    };
    Ok(tx.query_row(query, [], |row| row.get::<_, Option<String>>(0)).optional()?.flatten())
}

fn check_length(password: &Secret) -> Result<(), AdminRefused> {
    if password.reveal().chars().count() < SHORTEST_ADMIN_PASSWORD {
        return Err(AdminRefused::PasswordTooShort);
    }
    if password.reveal().len() > LONGEST_PASSWORD {
        return Err(AdminRefused::PasswordTooLong);
    }
    Ok(())
}

/// Argon2id as OWASP asks at least (19 MiB, two passes, one lane): an attacker pays, a Raspberry Pi still answers.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these are within argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn slow_hash(text: &str) -> Result<String, StoreError> {
    let salt = random::bytes::<16>()?;
    let hash = argon2().hash_password_with_salt(text.as_bytes(), &salt);
    Ok(hash.expect("parameters, salt and length are within argon2's ranges").to_string())
}

fn is_hash_of(text: &str, hash: &str) -> bool {
    argon2().verify_password(text.as_bytes(), hash).is_ok()
}
