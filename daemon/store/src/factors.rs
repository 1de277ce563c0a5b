//! The second factor of users: a secret that an authenticator app shares, and codes for a day without it or without a passkey
//! (`passkeys`).

use centrale_config::Secret;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::passwords::{quick_hash, tidied};
use crate::seal::Seal;
use crate::totp::TotpSecret;
use crate::users::Decided;
use crate::values::{signed, unsigned};
use crate::{AccessRefused, Store, StoreError, random};

/// How many codes a user is given for a day without the app.
pub const RECOVERY_CODES: usize = 10;

/// A factor as it is kept, with its secret open.
struct Kept {
    secret: TotpSecret,
    /// Whether a right code showed that the app has it.
    is_on: bool,
    /// The step of the code that was taken last.
    last_step: u64,
    /// When it was switched on.
    since_unix_ms: u64,
}

impl Store {
    /// Makes a secret for a user's app. It counts when [`Store::confirm_factor`] saw a code of it; one that was never
    /// confirmed is void.
    ///
    /// # Errors
    /// [`AccessRefused::FactorOn`] when the user has a second factor, [`AccessRefused::NoSuchUser`].
    pub fn begin_factor(&self, user: u64) -> Result<TotpSecret, AccessRefused> {
        let secret = TotpSecret::of(random::bytes()?);
        let sealed = self.seal().close_bytes(&place(user), secret.bytes().to_vec())?;
        let begun = self.keeper().write(move |tx| -> Decided<()> {
            let known = "SELECT EXISTS (SELECT 1 FROM users WHERE number = ?1)";
            if !tx.query_row(known, [signed(user)], |row| row.get::<_, bool>(0))? {
                return Ok(Err(AccessRefused::NoSuchUser));
            }
            let written = tx.execute(
                "INSERT INTO factors (user, secret, is_on, last_step) VALUES (?1, ?2, 0, 0)
                 ON CONFLICT (user) DO UPDATE SET secret = ?2, last_step = 0 WHERE is_on = 0",
                params![signed(user), sealed],
            )?;
            Ok(if written == 1 { Ok(()) } else { Err(AccessRefused::FactorOn) })
        });
        begun?.map(|()| secret)
    }

    /// Switches a user's app on with a code of the secret that was made last. Returns [`RECOVERY_CODES`] codes, each good for once
    /// instead of one of the app; none where the user has some already.
    ///
    /// # Errors
    /// [`AccessRefused::WrongSecondCode`], [`AccessRefused::FactorOn`], and [`AccessRefused::NoFactor`] when none was begun.
    pub fn confirm_factor(&self, user: u64, code: &str, now_unix_ms: u64) -> Result<Vec<Secret>, AccessRefused> {
        let (seal, code) = (self.seal(), tidied(code));
        let fresh = fresh_codes()?;
        self.keeper().write(move |tx| -> Decided<Vec<Secret>> {
            let Some(kept) = kept(tx, &seal, user)? else { return Ok(Err(AccessRefused::NoFactor)) };
            if kept.is_on {
                return Ok(Err(AccessRefused::FactorOn));
            }
            let Some(step) = kept.secret.step_of(&code, now_unix_ms, kept.last_step) else {
                return Ok(Err(AccessRefused::WrongSecondCode));
            };
            let sql = "UPDATE factors SET is_on = 1, last_step = ?2, since_ms = ?3 WHERE user = ?1";
            tx.execute(sql, [user, step, now_unix_ms].map(signed))?;
            give_codes(tx, user, fresh, now_unix_ms).map(Ok)
        })?
    }

    /// Takes a code of a user's second factor: one of the app, or one of those for a day without it. Either is good once.
    /// Since when the user has what it is of, in milliseconds since 1970 UTC; `None` when it was no right one, as none is of who
    /// has no second factor.
    ///
    /// # Errors
    /// When the database cannot be written, or the secret does not open.
    pub fn take_second_code(&self, user: u64, code: &str, now_unix_ms: u64) -> Result<Option<u64>, StoreError> {
        let (seal, code) = (self.seal(), tidied(code));
        self.keeper().write(move |tx| {
            let app = kept(tx, &seal, user)?.filter(|kept| kept.is_on);
            let step = |app: Kept| Some((app.secret.step_of(&code, now_unix_ms, app.last_step)?, app.since_unix_ms));
            if let Some((step, since_unix_ms)) = app.and_then(step) {
                tx.execute("UPDATE factors SET last_step = ?2 WHERE user = ?1", [signed(user), signed(step)])?;
                return Ok(Some(since_unix_ms));
            }
            let used = "DELETE FROM recovery_codes WHERE user = ?1 AND code_hash = ?2 RETURNING since_ms";
            Ok(tx
                .query_row(used, params![signed(user), quick_hash(&code)], |row| row.get(0).map(unsigned))
                .optional()?)
        })
    }

    /// Whether a user has an app, and how many codes for a day without it, or without a passkey, are left.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn app_and_codes_left(&self, user: u64) -> Result<(bool, u64), StoreError> {
        self.keeper().read(move |tx| {
            let sql = "SELECT EXISTS (SELECT 1 FROM factors WHERE user = ?1 AND is_on),
                       (SELECT count(*) FROM recovery_codes WHERE user = ?1)";
            Ok(tx.query_row(sql, [signed(user)], |row| Ok((row.get(0)?, row.get(1).map(unsigned)?)))?)
        })
    }

    /// Takes a user's app away, and the codes with the last second factor. Whether there was one. The caller has proven who asks.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn drop_app(&self, user: u64) -> Result<bool, StoreError> {
        self.keeper().write(move |tx| drop_app(tx, user))
    }

    /// Takes every second factor of a user away: the app, the passkeys and the codes. Whether there was one. The caller has proven
    /// who asks.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn drop_factors(&self, user: u64) -> Result<bool, StoreError> {
        self.keeper().write(move |tx| {
            let passkeys = tx.execute("DELETE FROM passkeys WHERE user = ?1", [signed(user)])?;
            Ok(drop_app(tx, user)? || passkeys > 0)
        })
    }
}

fn drop_app(tx: &Transaction<'_>, user: u64) -> Result<bool, StoreError> {
    let was_on = "SELECT EXISTS (SELECT 1 FROM factors WHERE user = ?1 AND is_on)";
    let was_on = tx.query_row(was_on, [signed(user)], |row| row.get(0))?;
    tx.execute("DELETE FROM factors WHERE user = ?1", [signed(user)])?;
    forget_codes_without_factor(tx, user)?;
    Ok(was_on)
}

/// As many codes as a user is given.
pub(crate) fn fresh_codes() -> Result<Vec<Secret>, StoreError> {
    (0..RECOVERY_CODES).map(|_| random::user_code()).collect()
}

/// Gives a user these codes, unless some are left of those of before. Which the user was given.
pub(crate) fn give_codes(
    tx: &Transaction<'_>,
    user: u64,
    codes: Vec<Secret>,
    now_unix_ms: u64,
) -> Result<Vec<Secret>, StoreError> {
    let some_left = "SELECT EXISTS (SELECT 1 FROM recovery_codes WHERE user = ?1)";
    if tx.query_row(some_left, [signed(user)], |row| row.get(0))? {
        return Ok(Vec::new());
    }
    for code in &codes {
        let sql = "INSERT INTO recovery_codes (user, code_hash, since_ms) VALUES (?1, ?2, ?3)";
        tx.execute(sql, params![signed(user), quick_hash(code.reveal()), signed(now_unix_ms)])?;
    }
    Ok(codes)
}

/// Takes away what a user proves with beside the password and has since then: passkeys, the app, the codes for a day without it.
pub(crate) fn forget_proofs_since(tx: &Transaction<'_>, user: u64, since_unix_ms: u64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM passkeys WHERE user = ?1 AND created_ms >= ?2",
        "DELETE FROM factors WHERE user = ?1 AND (since_ms >= ?2 OR NOT is_on)",
        "DELETE FROM recovery_codes WHERE user = ?1 AND since_ms >= ?2",
    ] {
        tx.execute(sql, [signed(user), signed(since_unix_ms)])?;
    }
    forget_codes_without_factor(tx, user)
}

/// Voids the codes of a user who has no second factor any more.
pub(crate) fn forget_codes_without_factor(tx: &Transaction<'_>, user: u64) -> Result<(), StoreError> {
    let sql = "DELETE FROM recovery_codes WHERE user = ?1
               AND NOT EXISTS (SELECT 1 FROM factors WHERE user = ?1 AND is_on)
               AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user = ?1)";
    tx.execute(sql, [signed(user)])?;
    Ok(())
}

fn kept(tx: &Transaction<'_>, seal: &Seal, user: u64) -> Result<Option<Kept>, StoreError> {
    let row = tx
        .query_row("SELECT secret, is_on, last_step, since_ms FROM factors WHERE user = ?1", [signed(user)], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2).map(unsigned)?, row.get(3).map(unsigned)?))
        })
        .optional()?;
    let Some((sealed, is_on, last_step, since_unix_ms)) = row else { return Ok(None) };
    let open = seal.open_bytes(&place(user), sealed).and_then(|bytes| bytes.try_into().ok());
    let bytes = open.ok_or_else(|| StoreError::Damaged(format!("{} does not open", place(user))))?;
    Ok(Some(Kept { secret: TotpSecret::of(bytes), is_on, last_step, since_unix_ms }))
}

fn place(user: u64) -> String {
    format!("factors/secret/{user}")
}
