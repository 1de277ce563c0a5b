//! Encryption of single values.
//!
//! AES-256-GCM with a random nonce; the place of a value (table, column, row) is authenticated with it, so that a value
//! moved to another row does not open. The working keys are derived from the device key with HKDF-SHA-256 (RFC 5869), one
//! for the database and one for exported files. In an export the nonce is derived from place and value instead, so that
//! the same office gives the same file: equal nonces then mean equal values at the same place, and nothing else is learnt.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use centrale_config::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};

use crate::key::DeviceKey;
use crate::{StoreError, random};

/// Begins every sealed text; another scheme would begin differently.
const SCHEME: &str = "v1:";

/// Opens and closes values.
pub(crate) struct Seal {
    rows: LessSafeKey,
    exports: LessSafeKey,
    export_nonces: hmac::Key,
}

impl Seal {
    pub(crate) fn new(key: &DeviceKey) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"centrale").extract(&key.0);
        Self {
            rows: working_key(&root, b"rows"),
            exports: working_key(&root, b"exports"),
            export_nonces: nonce_key(&root),
        }
    }

    /// Closes a value for the place it is written to in the database.
    pub(crate) fn close(&self, place: &str, clear: &str) -> Result<String, StoreError> {
        close(&self.rows, random::bytes()?, place, clear)
    }

    /// Opens a value from the place it was written to; `None` when it was not closed for that place under this key.
    pub(crate) fn open(&self, place: &str, closed: &str) -> Option<Secret> {
        open(&self.rows, place, closed)
    }

    /// Closes bytes for the place they are written to in the database.
    pub(crate) fn close_bytes(&self, place: &str, clear: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        close_bytes(&self.rows, random::bytes()?, place, clear)
    }

    /// Opens bytes; `None` as with [`Self::open`].
    pub(crate) fn open_bytes(&self, place: &str, closed: Vec<u8>) -> Option<Vec<u8>> {
        open_bytes(&self.rows, place, closed)
    }

    /// Closes a value for an exported file.
    pub(crate) fn close_for_export(&self, place: &str, clear: &str) -> Result<String, StoreError> {
        let mut context = hmac::Context::with_key(&self.export_nonces);
        // The length keeps place and value apart.
        context.update(&(place.len() as u64).to_be_bytes());
        context.update(place.as_bytes());
        context.update(clear.as_bytes());
        let mut nonce = [0u8; NONCE_LEN];
        nonce.copy_from_slice(&context.sign().as_ref()[..NONCE_LEN]);
        close(&self.exports, nonce, place, clear)
    }

    /// Opens a value from an exported file.
    pub(crate) fn open_from_export(&self, place: &str, closed: &str) -> Option<Secret> {
        open(&self.exports, place, closed)
    }
}

fn working_key(root: &hkdf::Prk, purpose: &[u8]) -> LessSafeKey {
    let purpose = [purpose];
    let derived = root.expand(&purpose, &AES_256_GCM).expect("32 bytes are far below the limit of HKDF");
    LessSafeKey::new(UnboundKey::from(derived))
}

fn nonce_key(root: &hkdf::Prk) -> hmac::Key {
    let derived =
        root.expand(&[b"export nonces"], hmac::HMAC_SHA256).expect("32 bytes are far below the limit of HKDF");
    hmac::Key::from(derived)
}

fn close(key: &LessSafeKey, nonce: [u8; NONCE_LEN], place: &str, clear: &str) -> Result<String, StoreError> {
    let bytes = close_bytes(key, nonce, place, clear.as_bytes().to_vec())?;
    Ok(format!("{SCHEME}{}", STANDARD_NO_PAD.encode(bytes)))
}

/// The nonce, then what is sealed under it.
fn close_bytes(
    key: &LessSafeKey,
    nonce: [u8; NONCE_LEN],
    place: &str,
    mut clear: Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut clear)
        .map_err(|_| StoreError::Damaged("a value is too long to encrypt".to_owned()))?;
    let mut bytes = nonce.to_vec();
    bytes.append(&mut clear);
    Ok(bytes)
}

fn open(key: &LessSafeKey, place: &str, closed: &str) -> Option<Secret> {
    let bytes = STANDARD_NO_PAD.decode(closed.strip_prefix(SCHEME)?).ok()?;
    let clear = open_bytes(key, place, bytes)?;
    std::str::from_utf8(&clear).ok().map(Secret::new)
}

fn open_bytes(key: &LessSafeKey, place: &str, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let length = key.open_in_place(nonce, Aad::from(place), sealed).ok()?.len();
    bytes.drain(..NONCE_LEN);
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(&DeviceKey([byte; 32]))
    }

    #[test]
    fn a_value_opens_only_under_its_key_at_its_place_and_unchanged() {
        let closed = seal(1).close("devices/secret/a", "hunter2").unwrap();
        assert!(!closed.contains("hunter2"));
        assert_eq!(seal(1).open("devices/secret/a", &closed).unwrap().reveal(), "hunter2");
        assert!(seal(1).open("devices/secret/b", &closed).is_none());
        assert!(seal(2).open("devices/secret/a", &closed).is_none());
        assert!(seal(1).open_from_export("devices/secret/a", &closed).is_none());
        for position in SCHEME.len()..closed.len() {
            let mut changed = closed.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert!(seal(1).open("devices/secret/a", &String::from_utf8(changed).unwrap()).is_none(), "{position}");
        }
        for text in ["", "v1:", "v1:AAAA", "v2:AAAA", "hunter2"] {
            assert!(seal(1).open("devices/secret/a", text).is_none());
        }
    }

    #[test]
    fn rows_never_look_alike_and_exports_always_do() {
        let seal = seal(1);
        assert_ne!(seal.close("p", "x").unwrap(), seal.close("p", "x").unwrap());
        let export = |place: &str, clear: &str| seal.close_for_export(place, clear).unwrap();
        assert_eq!(export("p", "x"), export("p", "x"));
        assert_ne!(export("p", "x")[..12], export("q", "x")[..12]);
        assert_ne!(export("p", "x")[..12], export("p", "y")[..12]);
        assert_ne!(export("pq", "x")[..12], export("p", "qx")[..12]);
        assert_eq!(seal.open_from_export("p", &export("p", "x")).unwrap().reveal(), "x");
    }
}
