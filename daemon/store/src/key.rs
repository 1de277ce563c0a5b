//! The device key: 32 random bytes in a file that only the daemon may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::{StoreError, random};

/// Bytes of a device key: one AES-256 key's worth of randomness, from which the working keys are derived.
const KEY_LENGTH: usize = 32;

/// Permission bits that others than the owner would use.
const OTHERS: u32 = 0o077;

/// The device key. Not `Debug`, not `Clone`.
pub(crate) struct DeviceKey(pub(crate) [u8; KEY_LENGTH]);

impl DeviceKey {
    /// Reads the key, or makes one when there is none and `may_create` says that nothing was written under an older one.
    pub(crate) fn open(path: &Path, may_create: bool) -> Result<Self, StoreError> {
        match File::open(path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound && may_create => Self::create(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::WrongKey),
            Err(error) => Err(StoreError::io("cannot open", path)(error)),
        }
    }

    fn read(mut file: File, path: &Path) -> Result<Self, StoreError> {
        let metadata = file.metadata().map_err(StoreError::io("cannot examine", path))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & OTHERS != 0 {
            return Err(StoreError::KeyExposed { path: path.to_owned(), mode });
        }
        let damaged = || StoreError::KeyDamaged { path: path.to_owned() };
        if metadata.len() != KEY_LENGTH as u64 {
            return Err(damaged());
        }
        let mut key = [0u8; KEY_LENGTH];
        file.read_exact(&mut key).map_err(|_| damaged())?;
        Ok(Self(key))
    }

    /// Writes a new key so that after a power cut there is either none or a whole one. The caller holds the folder's lock,
    /// so nobody else makes one at the same moment.
    fn create(path: &Path) -> Result<Self, StoreError> {
        let key = random::bytes::<KEY_LENGTH>()?;
        let unfinished = path.with_extension("new");
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("cannot remove", &unfinished)(error));
            }
            _ => {}
        }
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
            file.write_all(&key)?;
            file.sync_all()?;
            fs::rename(&unfinished, path)?;
            sync_folder(path)
        };
        write().map_err(StoreError::io("cannot write", path))?;
        Ok(Self(key))
    }
}

/// Makes a name that was just given to a file survive a power cut.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_key_is_made_once_for_the_owner_alone_and_read_back() {
        let folder = folder();
        let path = folder.path().join("device.key");
        let made = DeviceKey::open(&path, true).unwrap().0;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(DeviceKey::open(&path, true).unwrap().0, made);
        assert_eq!(DeviceKey::open(&path, false).unwrap().0, made);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_unfinished_key_from_a_power_cut_is_not_taken_for_one() {
        let folder = folder();
        let path = folder.path().join("device.key");
        fs::write(path.with_extension("new"), b"half").unwrap();
        DeviceKey::open(&path, true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 32);
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = folder();
        let path = folder.path().join("device.key");
        DeviceKey::open(&path, true).unwrap();
        for mode in [0o640, 0o604, 0o660, 0o700 | 0o001] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = DeviceKey::open(&path, true).map(|_| ()).unwrap_err();
            assert!(matches!(refused, StoreError::KeyExposed { mode: found, .. } if found == mode), "{refused}");
        }
    }

    #[test]
    fn a_damaged_or_missing_key_is_told_apart() {
        let folder = folder();
        let path = folder.path().join("device.key");
        assert!(matches!(DeviceKey::open(&path, false), Err(StoreError::WrongKey)));
        DeviceKey::open(&path, true).unwrap();
        for length in [0, 31, 33] {
            fs::write(&path, vec![7; length]).unwrap();
            assert!(matches!(DeviceKey::open(&path, true), Err(StoreError::KeyDamaged { .. })));
        }
    }
}
