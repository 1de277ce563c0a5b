//! The handle, and how a store is opened.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::keeper::Keeper;
use crate::key::{DeviceKey, sync_folder};
use crate::seal::Seal;
use crate::wipe::finish;
use crate::{StoreError, schema};

/// File names in the state folder.
pub(crate) const DATABASE: &str = "centrale.db";
pub(crate) const DEVICE_KEY: &str = "device.key";

/// A value closed under the device key and kept beside the rest: it opens only under the same key.
const KEY_CHECK: &str = "device-key-check";

/// A handle to the box's memory. Cheap to clone; every call blocks until what it wrote is on the disk.
#[derive(Clone)]
pub struct Store {
    keeper: Keeper,
    seal: Arc<Seal>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the store in a state folder, which is made when it is not there: `centrale.db`, and `device.key` with mode
    /// 600. Both are for the owner alone.
    ///
    /// # Errors
    /// When folder, key or database cannot be used, or do not belong together; each says in words what to do.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let database = folder.join(DATABASE);
        // One at a time, until key and database belong together: two first starts must not make two keys.
        let _opening = make_private(folder, &database).map_err(StoreError::io("cannot use", folder))?;
        finish(folder)?;
        let mut connection = Connection::open(&database)?;
        schema::prepare(&mut connection, &database)?;
        let check: Option<String> =
            connection.query_row("SELECT value FROM meta WHERE key = ?1", [KEY_CHECK], |row| row.get(0)).optional()?;
        let key = DeviceKey::open(&folder.join(DEVICE_KEY), check.is_none())?;
        let seal = Seal::new(&key);
        let place = format!("meta/value/{KEY_CHECK}");
        match check {
            Some(check) if seal.open(&place, &check).is_none() => return Err(StoreError::WrongKey),
            Some(_) => {}
            None => {
                let check = seal.close(&place, "this key")?;
                connection.execute("INSERT INTO meta VALUES (?1, ?2)", [KEY_CHECK, &check])?;
            }
        }
        Ok(Self { keeper: Keeper::start(connection)?, seal: Arc::new(seal) })
    }

    /// Closes the store after everything that was asked before; later calls, on any handle, answer
    /// [`StoreError::Closed`]. Not needed for safety: what was acknowledged is on the disk already.
    pub fn close(&self) {
        self.keeper.close();
    }

    /// Whether SQLite finds the whole database sound. Reads all of it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with SQLite's first finding, or when the database cannot be read.
    pub fn check(&self) -> Result<(), StoreError> {
        self.keeper.read(|tx| {
            let finding: String = tx.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
            if finding == "ok" { Ok(()) } else { Err(StoreError::Damaged(finding)) }
        })
    }

    pub(crate) const fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    pub(crate) fn seal(&self) -> Arc<Seal> {
        Arc::clone(&self.seal)
    }
}

/// Makes folder and database file for the owner alone, before SQLite would make them for everybody, and locks the folder.
fn make_private(folder: &Path, database: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let lock = File::open(folder)?;
    lock.lock()?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(database) {
        Ok(_) => sync_folder(database)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    Ok(lock)
}
