//! Browsers in which a user has logged in: each holds a token for ever, which opens nothing. It only tells its owner from a
//! stranger who guesses.

use centrale_config::Secret;
use rusqlite::{Transaction, params};

use crate::passwords::quick_hash;
use crate::values::signed;
use crate::{Store, StoreError, random};

/// A browser is forgotten when nobody logged in there for this long: half a year.
pub const BROWSER_KNOWN_MS: u64 = 183 * 24 * 3600 * 1000;

/// Browsers of a user; of more the one goes that was used least lately.
const MOST_BROWSERS: u32 = 16;

/// What a browser holds to show that a user logged in there. Only its hash is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserToken(Secret);

impl BrowserToken {
    /// A token as it came in a cookie.
    pub fn from_cookie(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The text for the cookie.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl Store {
    /// Whether a user of that name has logged in with that browser, and has the password still.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn knows_browser(&self, name: &str, token: &BrowserToken, now_unix_ms: u64) -> Result<bool, StoreError> {
        let (name, hash) = (name.trim().to_owned(), quick_hash(token.reveal()));
        let since = signed(now_unix_ms.saturating_sub(BROWSER_KNOWN_MS));
        self.keeper().read(move |tx| {
            let sql = "SELECT EXISTS (SELECT 1 FROM browsers JOIN users ON users.number = user
                       WHERE name = ?1 AND token_hash = ?2 AND used_ms >= ?3)";
            Ok(tx.query_row(sql, params![name, hash, since], |row| row.get(0))?)
        })
    }

    /// Notes that a user logged in with a browser: with the one that has this token if a user did before, else with a new one.
    /// What the browser is to hold.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remember_browser(
        &self,
        user: u64,
        shown: Option<BrowserToken>,
        now_unix_ms: u64,
    ) -> Result<BrowserToken, StoreError> {
        let fresh = BrowserToken(random::generate_token()?);
        self.keeper().write(move |tx| {
            let mut token = fresh;
            if let Some(shown) = shown {
                // Nobody is given a token that somebody else chose.
                let known = "SELECT EXISTS (SELECT 1 FROM browsers WHERE token_hash = ?1)";
                if tx.query_row(known, [quick_hash(shown.reveal())], |row| row.get(0))? {
                    token = shown;
                }
            }
            tx.execute(
                "INSERT INTO browsers (user, token_hash, used_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT (user, token_hash) DO UPDATE SET used_ms = ?3",
                params![signed(user), quick_hash(token.reveal()), signed(now_unix_ms)],
            )?;
            tx.execute(
                "DELETE FROM browsers WHERE user = ?1 AND token_hash NOT IN
                 (SELECT token_hash FROM browsers WHERE user = ?1 ORDER BY used_ms DESC LIMIT ?2)",
                params![signed(user), MOST_BROWSERS],
            )?;
            Ok(token)
        })
    }
}

/// Forgets every browser of a user: whoever had the old password may have logged in there.
pub(crate) fn forget_browsers_of(tx: &Transaction<'_>, user: u64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browsers WHERE user = ?1", [signed(user)])?;
    Ok(())
}
