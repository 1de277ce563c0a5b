//! The devices that each account is at home on.

use crate::values::signed;
use crate::{Store, StoreError};

/// A device of an account; what its words mean is the guard's to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondRow {
    /// The digest user.
    pub account: String,
    /// What program it is.
    pub family: String,
    /// Its own name for itself, when it has one.
    pub instance: Option<String>,
    /// Where it is.
    pub place: String,
}

impl Store {
    /// Keeps a device of an account, first seen then, in milliseconds since 1970 UTC. One that is kept already stays.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_bond(&self, row: &BondRow, since_unix_ms: u64) -> Result<(), StoreError> {
        let BondRow { account, family, instance, place } = row.clone();
        self.keeper().write(move |tx| {
            let sql =
                "INSERT OR IGNORE INTO bonds (account, family, instance, place, since_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.execute(sql, (account, family, instance.unwrap_or_default(), place, signed(since_unix_ms)))?;
            Ok(())
        })
    }

    /// Keeps that another device uses the name of one of an account's as well.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_copied(&self, account: &str, instance: &str) -> Result<(), StoreError> {
        let (account, instance) = (account.to_owned(), instance.to_owned());
        self.keeper().write(move |tx| {
            tx.execute("INSERT OR IGNORE INTO copied (account, instance) VALUES (?1, ?2)", [account, instance])?;
            Ok(())
        })
    }

    /// Forgets every device of an account, and which of their names were copied.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_bonds(&self, account: &str) -> Result<(), StoreError> {
        let account = account.to_owned();
        self.keeper().write(move |tx| {
            tx.execute("DELETE FROM bonds WHERE account = ?1", [&account])?;
            tx.execute("DELETE FROM copied WHERE account = ?1", [&account])?;
            Ok(())
        })
    }

    /// Every device, each account's oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn bonds(&self) -> Result<Vec<BondRow>, StoreError> {
        self.keeper().read(|tx| {
            let sql = "SELECT account, family, instance, place FROM bonds ORDER BY account, since_ms";
            let mut all = tx.prepare_cached(sql)?;
            let rows = all.query_map((), |row| {
                let instance: String = row.get(2)?;
                let instance = Some(instance).filter(|name| !name.is_empty());
                Ok(BondRow { account: row.get(0)?, family: row.get(1)?, instance, place: row.get(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Every account and name of a device of it that another one uses as well.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn copied(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.keeper().read(|tx| {
            let mut all = tx.prepare_cached("SELECT account, instance FROM copied ORDER BY account, instance")?;
            let rows = all.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
