//! The end of all that a box kept. Half of it survives no power cut: what was begun is finished at the next opening.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::key::sync_folder;
use crate::store::{DATABASE, DEVICE_KEY};

/// What a file of the database is called on its way out. While there is one, the key is on its way out too.
const GOING: &str = "gone";
/// What belongs to the database beside its own file (SQLite, write-ahead log).
const PARTS: [&str; 3] = ["", "-wal", "-shm"];
/// Written over what goes, at once.
const PIECE: usize = 64 * 1024;

/// Destroys the device key, and whatever the store in a folder kept. The store is closed. What the key closed, passwords and
/// what callers said among it, opens for nobody any more, whatever a disk keeps of the rest.
///
/// # Errors
/// When a file cannot be written over or removed; the next opening goes on with it.
pub fn wipe(folder: &Path) -> Result<(), StoreError> {
    for part in PARTS {
        let (known, going) = (folder.join(format!("{DATABASE}{part}")), going(folder, part));
        match fs::rename(&known, &going) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("cannot rename", &known)(error));
            }
            _ => {}
        }
    }
    finish(folder)
}

/// Goes on with what was begun, if anything was.
pub(crate) fn finish(folder: &Path) -> Result<(), StoreError> {
    if !PARTS.iter().any(|part| going(folder, part).exists()) {
        return Ok(());
    }
    let key = folder.join(DEVICE_KEY);
    // The key first: without it the rest is noise.
    for path in
        [key.clone(), key.with_extension("new")].into_iter().chain(PARTS.iter().rev().map(|part| going(folder, part)))
    {
        destroy(&path).map_err(StoreError::io("cannot destroy", &path))?;
    }
    Ok(())
}

fn going(folder: &Path, part: &str) -> PathBuf {
    folder.join(format!("{DATABASE}{part}.{GOING}"))
}

/// Writes zeros over a file and removes it, on the disk when this returns. One that is not there is gone already.
fn destroy(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut left = file.metadata()?.len();
    let zeros = vec![0; PIECE];
    while left > 0 {
        let piece = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        file.write_all(&zeros[..piece])?;
        left -= piece as u64;
    }
    file.sync_all()?;
    fs::remove_file(path)?;
    sync_folder(path)
}
