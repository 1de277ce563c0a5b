//! Secrets made by the box.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use centrale_config::Secret;
use ring::rand::{SecureRandom, SystemRandom};

use crate::StoreError;

/// Letters and digits that cannot be taken for each other when read aloud or off a screen: no 0 O, 1 I l.
const CLEAR_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// The same in one case, for a code that is typed once: also no 2 Z, 5 S, 8 B, U V.
const CODE_LETTERS: &[u8] = b"ACDEFGHJKLMNPQRTWXY34679";

/// Characters of a generated SIP password: 24 of 57 are 139 bits.
const SIP_PASSWORD_LENGTH: usize = 24;

/// Characters of a set-up code: 10 of 24 are 45 bits, for something that is hashed slowly, asked slowly and used once.
const CODE_LENGTH: usize = 10;

/// Characters of a user's one-time code, which has no slow hash.
const USER_CODE_LENGTH: usize = 20;

/// A new SIP password for a person or a device: 24 letters and digits without look-alikes, 139 bits.
///
/// # Errors
/// [`StoreError::NoRandomness`] when the system has none.
pub fn generate_sip_password() -> Result<Secret, StoreError> {
    Ok(Secret::new(pick(CLEAR_LETTERS, SIP_PASSWORD_LENGTH)?))
}

/// A new token for an address or a cookie: 256 bits in URL-safe base64, 43 characters.
///
/// # Errors
/// [`StoreError::NoRandomness`] when the system has none.
pub fn generate_token() -> Result<Secret, StoreError> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes::<32>()?)))
}

/// A code that lets a user in once: 20 of 24 letters and digits are 91 bits.
pub(crate) fn user_code() -> Result<Secret, StoreError> {
    Ok(Secret::new(pick(CODE_LETTERS, USER_CODE_LENGTH)?))
}

pub(crate) fn setup_code() -> Result<Secret, StoreError> {
    Ok(Secret::new(pick(CODE_LETTERS, CODE_LENGTH)?))
}

/// Random bytes from the system.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0u8; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| StoreError::NoRandomness)?;
    Ok(bytes)
}

/// `length` letters, each as likely as any other: a byte that would favour the first letters is thrown away.
fn pick(letters: &[u8], length: usize) -> Result<String, StoreError> {
    let fair = 256 - 256 % letters.len();
    let mut picked = String::with_capacity(length);
    while picked.len() < length {
        let letter =
            |byte: u8| (usize::from(byte) < fair).then(|| char::from(letters[usize::from(byte) % letters.len()]));
        let missing = length - picked.len();
        picked.extend(bytes::<32>()?.into_iter().filter_map(letter).take(missing));
    }
    Ok(picked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_secrets_have_their_length_and_letters_and_differ() {
        let (one, other) = (generate_sip_password().unwrap(), generate_sip_password().unwrap());
        assert_eq!(one.reveal().len(), SIP_PASSWORD_LENGTH);
        assert!(one.reveal().bytes().all(|letter| CLEAR_LETTERS.contains(&letter)));
        assert_ne!(one, other);
        let code = setup_code().unwrap();
        assert_eq!(code.reveal().len(), 10);
        assert!(code.reveal().bytes().all(|letter| CODE_LETTERS.contains(&letter)));
        assert_eq!(generate_token().unwrap().reveal().len(), 43);
    }
}
