//! Sessions: what a browser holds to show who it is logged in as.

use centrale_config::Secret;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::passwords::quick_hash;
use crate::users::{USER_COLUMNS, read_user};
use crate::values::{signed, unsigned};
use crate::{Store, StoreError, UserRow, random};

/// A session that was not used for this long is over: 12 hours, a working day.
pub const SESSION_IDLE_MS: u64 = 12 * 3600 * 1000;

/// A session is over after this long however much it is used: 30 days.
pub const SESSION_LONGEST_MS: u64 = 30 * 24 * 3600 * 1000;

/// A use is written down when the last one was this long ago: a disk write a minute, not one per request.
const USE_WRITTEN_AFTER_MS: u64 = 60 * 1000;

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
        quick_hash(self.reveal())
    }
}

/// Where a session was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whence {
    /// The network address, or the network where that is what counts.
    pub source: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// A session that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its number, which is no secret.
    pub number: u64,
    /// Whose it is.
    pub user: UserRow,
    /// Where it was begun.
    pub whence: Whence,
    /// When it began, in milliseconds since 1970 UTC.
    pub created_unix_ms: u64,
    /// When it was last used, to the minute.
    pub last_used_unix_ms: u64,
}

impl SessionRow {
    fn is_over(&self, now_unix_ms: u64) -> bool {
        // A clock that was set back must not end everybody's session.
        now_unix_ms.saturating_sub(self.last_used_unix_ms) > SESSION_IDLE_MS
            || now_unix_ms.saturating_sub(self.created_unix_ms) > SESSION_LONGEST_MS
            || self.user.is_over(now_unix_ms)
    }
}

impl Store {
    /// Begins a session of a user, who came in with this passkey, if it was one: the session is over when that goes. Sessions that
    /// are over are forgotten on this occasion.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn open_session(
        &self,
        user: u64,
        passkey: Option<u64>,
        whence: Whence,
        now_unix_ms: u64,
    ) -> Result<SessionToken, StoreError> {
        let token = SessionToken(random::generate_token()?);
        let hash = token.hash();
        self.keeper().write(move |tx| {
            let idle = signed(now_unix_ms.saturating_sub(SESSION_IDLE_MS));
            let longest = signed(now_unix_ms.saturating_sub(SESSION_LONGEST_MS));
            tx.execute("DELETE FROM sessions WHERE last_used_ms < ?1 OR created_ms < ?2", [idle, longest])?;
            tx.execute(
                "INSERT INTO sessions (token_hash, user, source, agent, created_ms, last_used_ms, passkey)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
                params![hash, signed(user), whence.source, whence.agent, signed(now_unix_ms), passkey.map(signed)],
            )?;
            Ok(())
        })?;
        Ok(token)
    }

    /// The session of a token, if there is one that is not over; this counts as a use.
    ///
    /// # Errors
    /// When the database cannot be read. That the use cannot be written down is only logged: a full disk must keep nobody from
    /// stopping calls.
    pub fn session(&self, token: &SessionToken, now_unix_ms: u64) -> Result<Option<SessionRow>, StoreError> {
        let hash = token.hash();
        let session = self.keeper().read(move |tx| {
            let sql = select("WHERE token_hash = ?1");
            Ok(tx.query_row(&sql, [hash], read_session).optional()?)
        })?;
        let Some(session) = session.filter(|session| !session.is_over(now_unix_ms)) else { return Ok(None) };
        if now_unix_ms.saturating_sub(session.last_used_unix_ms) >= USE_WRITTEN_AFTER_MS {
            let number = session.number;
            let written = self.keeper().write(move |tx| {
                tx.execute(
                    "UPDATE sessions SET last_used_ms = ?2 WHERE number = ?1",
                    [signed(number), signed(now_unix_ms)],
                )?;
                Ok(())
            });
            if let Err(error) = written {
                tracing::warn!(%error, "the use of a session could not be written down");
            }
        }
        Ok(Some(session))
    }

    /// Every session that is not over, the one that was used last first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sessions(&self, now_unix_ms: u64) -> Result<Vec<SessionRow>, StoreError> {
        let mut all: Vec<SessionRow> = self.keeper().read(|tx| {
            let mut query = tx.prepare_cached(&select("ORDER BY last_used_ms DESC, sessions.number DESC"))?;
            let rows = query.query_map((), read_session)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        all.retain(|session| !session.is_over(now_unix_ms));
        Ok(all)
    }

    /// Ends a session. Whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn end_session(&self, number: u64) -> Result<bool, StoreError> {
        self.keeper().write(move |tx| Ok(tx.execute("DELETE FROM sessions WHERE number = ?1", [signed(number)])? == 1))
    }
}

/// Ends every session of a user.
pub(crate) fn end_sessions_of(tx: &Transaction<'_>, user: u64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sessions WHERE user = ?1", [signed(user)])?;
    Ok(())
}

fn select(which: &str) -> String {
    format!(
        "SELECT {USER_COLUMNS}, sessions.number, source, agent, created_ms, last_used_ms
         FROM sessions JOIN users ON users.number = user {which}"
    )
}

fn read_session(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        user: read_user(row)?,
        number: unsigned(row.get("number")?),
        whence: Whence { source: row.get("source")?, agent: row.get("agent")? },
        created_unix_ms: unsigned(row.get("created_ms")?),
        last_used_unix_ms: unsigned(row.get("last_used_ms")?),
    })
}
