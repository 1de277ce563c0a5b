//! Tokens that open one door each, and the secrets made for one device.

use std::fmt;

use centrale_config::{ExtensionNumber, Secret};
use rand::CryptoRng;
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};

/// 128 random bits, written as 32 lower-case hexadecimal digits in an address. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn mint(rng: &mut impl CryptoRng) -> Self {
        let mut bits = [0u8; 16];
        rng.fill_bytes(&mut bits);
        Self(hex(&bits))
    }

    /// A token as it came in a path, if it has the shape of one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let shaped = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        shaped.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash(hex(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a token: all that is kept of one on disk. Looking tokens up by it takes the same time for every guess.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TokenHash(String);

/// The root of everything that one enrolment of one device keeps to itself. Each password is derived from it under its
/// own name, so that knowing one tells nothing about another and the store keeps a single value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceSecret(Secret);

impl DeviceSecret {
    /// 256 random bits.
    pub(crate) fn mint(rng: &mut impl CryptoRng) -> Self {
        let mut bits = [0u8; 32];
        rng.fill_bytes(&mut bits);
        Self(Secret::new(hex(&bits)))
    }

    pub(crate) fn from_store(secret: Secret) -> Self {
        Self(secret)
    }

    pub(crate) fn to_store(&self) -> Secret {
        self.0.clone()
    }

    /// The SIP password of one of the device's accounts.
    pub(crate) fn sip(&self, number: &ExtensionNumber) -> Secret {
        self.password(&format!("sip {number}"))
    }

    /// A password of 24 letters and digits (about 138 bits) that holds a capital, a small letter and a digit, because
    /// newer phones refuse one that does not.
    pub(crate) fn password(&self, purpose: &str) -> Secret {
        const CAPITALS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
        const SMALL: &[u8] = b"abcdefghijkmnopqrstuvwxyz";
        const DIGITS: &[u8] = b"23456789";
        const ALL: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.reveal().as_bytes());
        let tag = hmac::sign(&key, purpose.as_bytes());
        let alphabets = [CAPITALS, SMALL, DIGITS].into_iter().chain(std::iter::repeat(ALL));
        let pick = |(byte, alphabet): (&u8, &[u8])| char::from(alphabet[usize::from(*byte) % alphabet.len()]);
        Secret::new(tag.as_ref().iter().take(24).zip(alphabets).map(pick).collect::<String>())
    }
}

/// Four digits to compare a display with the page by eye.
pub(crate) fn mint_code(rng: &mut impl CryptoRng) -> String {
    format!("{:04}", rng.next_u32() % 10_000)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_token_is_read_back_only_in_the_shape_it_was_written_in() {
        let token = Token::mint(&mut StdRng::seed_from_u64(1));
        assert_eq!(Token::read(token.as_str()), Some(token.clone()));
        for odd in [
            "",
            "abc",
            &token.as_str().to_ascii_uppercase(),
            &format!("{}0", token.as_str()),
            "../../../../../../etc/passwd0000",
        ] {
            assert_eq!(Token::read(odd), None, "{odd}");
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn each_purpose_and_each_enrolment_has_its_own_password() {
        let mut rng = StdRng::seed_from_u64(2);
        let (first, second) = (DeviceSecret::mint(&mut rng), DeviceSecret::mint(&mut rng));
        let (anna, bert) = ("201".parse().unwrap(), "202".parse().unwrap());
        let web = [first.password("web-admin"), first.password("web-user")];
        let all: Vec<Secret> = [first.sip(&anna), first.sip(&bert), second.sip(&anna)].into_iter().chain(web).collect();
        for (place, password) in all.iter().enumerate() {
            assert_eq!(password.reveal().len(), 24);
            assert!(all.iter().skip(place + 1).all(|other| other != password));
            assert!(password.reveal().bytes().any(|byte| byte.is_ascii_uppercase()));
            assert!(password.reveal().bytes().any(|byte| byte.is_ascii_lowercase()));
            assert!(password.reveal().bytes().any(|byte| byte.is_ascii_digit()));
        }
        assert_eq!(
            DeviceSecret::from_store(first.to_store()).sip(&anna),
            first.sip(&anna),
            "the store brings back the same"
        );
    }
}
