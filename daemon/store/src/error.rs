//! What can go wrong with the store, and whose fault it is.

use std::io;
use std::path::PathBuf;

/// Why the store could not do what it was asked. Never holds a secret or a value from the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The machine's: a file or folder of the state folder cannot be used.
    #[error("{what} {path}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The settings': others may read the device key.
    #[error(
        "the device key {path} has mode {mode:03o}; anybody who can read it can read every password. Set it to 600"
    )]
    KeyExposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The machine's: the device key has not its 32 bytes.
    #[error("the device key {path} is damaged; put it back from a backup, or remove the database to start anew")]
    KeyDamaged {
        /// The key file.
        path: PathBuf,
    },
    /// The settings': the database was written under another device key, or its key is gone.
    #[error("the passwords in the database were written under another device key; put back the key that belongs to it")]
    WrongKey,
    /// The settings': the database was written by a later version of this program.
    #[error("the database has schema {found}; this version knows up to {known}. Install the newer version again")]
    Newer {
        /// Schema of the database.
        found: u32,
        /// Highest schema this program knows.
        known: u32,
    },
    /// The settings': the file is a database of some other program.
    #[error("{path} is not a database of this program")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The caller's, and not a fault: somebody else changed the office first.
    #[error("the office was changed by somebody else; it is at revision {current} now")]
    Stale {
        /// The revision that is current.
        current: u64,
    },
    /// The caller's: there is no such revision (any more).
    #[error("there is no revision {0}")]
    NoSuchRevision(u64),
    /// The caller's: the parts of an office do not fit together once its passwords are filled in; for which reason.
    #[error("it does not go with what there is now: {0}")]
    DoesNotFit(String),
    /// The machine's: something in the database is not what was written there.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The machine's: the disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The machine's, or a bug of ours: SQLite refused.
    #[error("the database refused: {0}")]
    Database(rusqlite::Error),
    /// The machine's: the system has no randomness to give.
    #[error("the system gives no randomness")]
    NoRandomness,
    /// The caller's: the store was closed. Or a bug of ours: its thread ended.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => Self::Damaged("SQLite finds a malformed page".to_owned()),
            _ => Self::Database(error),
        }
    }
}

impl StoreError {
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }
}
