//! Public keys of passkeys (COSE_Key, RFC 9052 7, RFC 9053 7, RFC 8230 4), of the three kinds that every browser is asked for.

use ciborium::Value;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::authenticator::{once, value};

/// What browsers are asked for, as COSE names it, what is liked best first: ES256, EdDSA (Ed25519), RS256.
pub(crate) const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// Bytes of a coordinate of P-256, and of a key of Ed25519.
const COORDINATE: usize = 32;
/// Bytes of the modulus of an RSA key, and of its exponent at most.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
const LONGEST_EXPONENT: usize = 8;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// ECDSA over P-256 with SHA-256; the point, uncompressed.
    Es256(Vec<u8>),
    /// Ed25519.
    EdDsa(Vec<u8>),
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 {
        /// The modulus, big-endian.
        n: Vec<u8>,
        /// The exponent, likewise.
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// The key that is written so, if it is of a kind that is asked for.
    pub(super) fn read(mut cose: &[u8]) -> Option<Self> {
        let map = value(&mut cose).filter(|_| cose.is_empty())?.into_map().ok()?;
        let member = |label: i64| once(map.clone(), &Value::from(label));
        let number = |label: i64| member(label)?.as_integer().and_then(|number| i64::try_from(number).ok());
        let bytes = |label: i64| member(label)?.into_bytes().ok();
        let coordinate = |label: i64| bytes(label).filter(|bytes| bytes.len() == COORDINATE);
        // Kind and algorithm, then what the kind says of the rest.
        match (number(1)?, number(3)?) {
            (2, -7) if number(-1) == Some(1) => {
                Some(Self::Es256([&[4][..], &coordinate(-2)?, &coordinate(-3)?].concat()))
            }
            (1, -8) if number(-1) == Some(6) => Some(Self::EdDsa(coordinate(-2)?)),
            (3, -257) => {
                let n = bytes(-1).filter(|n| MODULUS.contains(&n.len()))?;
                let e = bytes(-2).filter(|e| (1..=LONGEST_EXPONENT).contains(&e.len()))?;
                Some(Self::Rs256 { n, e })
            }
            _ => None,
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let right = match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature),
            Self::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::Rs256 { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        right.is_ok()
    }
}
