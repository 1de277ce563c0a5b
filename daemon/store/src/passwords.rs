//! Passwords of people at the page: how long, how they are hashed.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use centrale_config::Secret;
use ring::digest::{SHA256, digest};

use crate::{AccessRefused, StoreError, random};

/// Fewest characters of a password of the page.
pub const SHORTEST_PASSWORD: usize = 12;

/// Longest text that is hashed, in bytes: hashing is slow by design, so nobody may make it slower.
pub(crate) const LONGEST_PASSWORD: usize = 1024;

pub(crate) fn check_length(password: &Secret) -> Result<(), AccessRefused> {
    if password.reveal().chars().count() < SHORTEST_PASSWORD {
        return Err(AccessRefused::PasswordTooShort);
    }
    if password.reveal().len() > LONGEST_PASSWORD {
        return Err(AccessRefused::PasswordTooLong);
    }
    Ok(())
}

/// Whether a password has this hash. Takes the same time whether there is a hash or not.
pub(crate) fn is_password(password: &Secret, hash: Option<&str>) -> Result<bool, StoreError> {
    match hash {
        Some(hash) if password.reveal().len() <= LONGEST_PASSWORD => Ok(is_hash_of(password.reveal(), hash)),
        _ => {
            slow_hash("")?;
            Ok(false)
        }
    }
}

/// Argon2id as OWASP asks at least (19 MiB, two passes, one lane): an attacker pays, a Raspberry Pi still answers.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these are within argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

pub(crate) fn slow_hash(text: &str) -> Result<String, StoreError> {
    let salt = random::bytes::<16>()?;
    let hash = argon2().hash_password_with_salt(text.as_bytes(), &salt);
    Ok(hash.expect("parameters, salt and length are within argon2's ranges").to_string())
}

pub(crate) fn is_hash_of(text: &str, hash: &str) -> bool {
    argon2().verify_password(text.as_bytes(), hash).is_ok()
}

/// The hash of a secret of the box's own making, which is too long to be guessed and needs no slow one.
pub(crate) fn quick_hash(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// A code as it was typed, without the spaces, dashes and small letters that people put into it.
pub(crate) fn tidied(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|key| key.to_ascii_uppercase()).collect()
}
