//! The second factor of users: a secret that an authenticator app shares, and codes for who has lost it.

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

    /// Switches a user's second factor on with a code of the secret that was made last. Returns [`RECOVERY_CODES`] codes,
    /// each good for once instead of one of the app.
    ///
    /// # Errors
    /// [`AccessRefused::WrongSecondCode`], [`AccessRefused::FactorOn`], and [`AccessRefused::NoFactor`] when none was begun.
    pub fn confirm_factor(&self, user: u64, code: &str, now_unix_ms: u64) -> Result<Vec<Secret>, AccessRefused> {
        let (seal, code) = (self.seal(), tidied(code));
        let fresh = (0..RECOVERY_CODES).map(|_| random::user_code()).collect::<Result<Vec<_>, _>>()?;
        let hashes: Vec<Vec<u8>> = fresh.iter().map(|code| quick_hash(code.reveal())).collect();
        let confirmed = self.keeper().write(move |tx| -> Decided<()> {
            let Some(kept) = kept(tx, &seal, user)? else { return Ok(Err(AccessRefused::NoFactor)) };
            if kept.is_on {
                return Ok(Err(AccessRefused::FactorOn));
            }
            let Some(step) = kept.secret.step_of(&code, now_unix_ms, kept.last_step) else {
                return Ok(Err(AccessRefused::WrongSecondCode));
            };
            tx.execute("UPDATE factors SET is_on = 1, last_step = ?2 WHERE user = ?1", [signed(user), signed(step)])?;
            for hash in hashes {
                tx.execute(
                    "INSERT INTO recovery_codes (user, code_hash) VALUES (?1, ?2)",
                    params![signed(user), hash],
                )?;
            }
            Ok(Ok(()))
        });
        confirmed?.map(|()| fresh)
    }

    /// Takes a code of a user's second factor: one of the app, or one of those for a day without it. Either is good once.
    /// Whether it was a right one; of who has no second factor none is.
    ///
    /// # Errors
    /// When the database cannot be written, or the secret does not open.
    pub fn take_second_code(&self, user: u64, code: &str, now_unix_ms: u64) -> Result<bool, StoreError> {
        let (seal, code) = (self.seal(), tidied(code));
        self.keeper().write(move |tx| {
            let Some(kept) = kept(tx, &seal, user)?.filter(|kept| kept.is_on) else { return Ok(false) };
            if let Some(step) = kept.secret.step_of(&code, now_unix_ms, kept.last_step) {
                tx.execute("UPDATE factors SET last_step = ?2 WHERE user = ?1", [signed(user), signed(step)])?;
                return Ok(true);
            }
            let used = "DELETE FROM recovery_codes WHERE user = ?1 AND code_hash = ?2";
            Ok(tx.execute(used, params![signed(user), quick_hash(&code)])? == 1)
        })
    }

    /// How many codes for a day without the app a user has left; `None` of who has no second factor.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn recovery_codes_left(&self, user: u64) -> Result<Option<u64>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = "SELECT (SELECT count(*) FROM recovery_codes WHERE recovery_codes.user = factors.user)
                       FROM factors WHERE user = ?1 AND is_on";
            Ok(tx.query_row(sql, [signed(user)], |row| row.get(0).map(unsigned)).optional()?)
        })
    }

    /// Takes a user's second factor away, with its codes. Whether there was one. The caller has proven who asks.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn drop_factor(&self, user: u64) -> Result<bool, StoreError> {
        self.keeper().write(move |tx| {
            let was_on = "SELECT EXISTS (SELECT 1 FROM factors WHERE user = ?1 AND is_on)";
            let was_on = tx.query_row(was_on, [signed(user)], |row| row.get(0))?;
            tx.execute("DELETE FROM factors WHERE user = ?1", [signed(user)])?;
            Ok(was_on)
        })
    }
}

fn kept(tx: &Transaction<'_>, seal: &Seal, user: u64) -> Result<Option<Kept>, StoreError> {
    let row = tx
        .query_row("SELECT secret, is_on, last_step FROM factors WHERE user = ?1", [signed(user)], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2).map(unsigned)?))
        })
        .optional()?;
    let Some((sealed, is_on, last_step)) = row else { return Ok(None) };
    let open = seal.open_bytes(&place(user), sealed).and_then(|bytes| bytes.try_into().ok());
    let bytes = open.ok_or_else(|| StoreError::Damaged(format!("{} does not open", place(user))))?;
    Ok(Some(Kept { secret: TotpSecret::of(bytes), is_on, last_step }))
}

fn place(user: u64) -> String {
    format!("factors/secret/{user}")
}
