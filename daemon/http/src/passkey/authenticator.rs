//! What an authenticator says: authenticator data (Web Authentication 6.1) and the attestation object around it (6.5.4).

use ciborium::Value;
use ciborium::de::from_reader_with_recursion_limit;

use super::{LONGEST_CREDENTIAL, Unproven};

/// How deep a value may be nested: a statement holds a list of certificates, and extensions hold little maps.
const DEEPEST: usize = 8;

/// Flags (Web Authentication 6.1).
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const CREDENTIAL: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// Bytes of the hash of the relying party's id, and of what is in front of a credential's name: the model and the length.
const HASH: usize = 32;
const MODEL: usize = 16;

/// Authenticator data.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) rp_id_hash: &'a [u8],
    flags: u8,
    /// How often it signed.
    pub(super) counter: u32,
    /// What it made, where it made something.
    pub(super) new: Option<New<'a>>,
}

/// A credential that was made.
#[derive(Debug)]
pub(super) struct New<'a> {
    pub(super) credential: &'a [u8],
    /// COSE_Key.
    pub(super) public_key: &'a [u8],
}

impl<'a> Said<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Unproven> {
        Self::parse(bytes).ok_or(Unproven::Authenticator)
    }

    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_at_checked(HASH)?;
        let (&flags, rest) = rest.split_first()?;
        let (counter, mut rest) = rest.split_first_chunk::<4>()?;
        let new = if flags & CREDENTIAL == 0 { None } else { Some(new(&mut rest)?) };
        if flags & EXTENSIONS != 0 {
            value(&mut rest)?.is_map().then_some(())?;
        }
        rest.is_empty().then(|| Self { rp_id_hash, flags, counter: u32::from_be_bytes(*counter), new })
    }

    /// Whether somebody was there, and showed the authenticator to be its owner: by a finger, a face or a PIN.
    pub(super) const fn is_verified(&self) -> Result<(), Unproven> {
        let both = USER_PRESENT | USER_VERIFIED;
        if self.flags & both == both { Ok(()) } else { Err(Unproven::NotVerified) }
    }
}

fn new<'a>(rest: &mut &'a [u8]) -> Option<New<'a>> {
    let (_, after) = rest.split_at_checked(MODEL)?;
    let (length, after) = after.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (credential, after) = after.split_at_checked(length)?;
    if credential.is_empty() || length > LONGEST_CREDENTIAL {
        return None;
    }
    let mut behind = after;
    value(&mut behind)?;
    let (public_key, behind) = after.split_at_checked(after.len() - behind.len())?;
    *rest = behind;
    Some(New { credential, public_key })
}

/// The next value, which is taken off what is left.
pub(super) fn value(rest: &mut &[u8]) -> Option<Value> {
    from_reader_with_recursion_limit(rest, DEEPEST).ok()
}

/// What a map has under a key, if it has that once.
pub(super) fn once(map: Vec<(Value, Value)>, key: &Value) -> Option<Value> {
    let mut found = map.into_iter().filter(|(name, _)| name == key).map(|(_, value)| value);
    let value = found.next();
    if found.next().is_some() { None } else { value }
}

/// An attestation object in which nobody vouches for the authenticator.
#[derive(Debug)]
pub(super) struct Attestation {
    /// Authenticator data.
    pub(super) authenticator: Vec<u8>,
    /// Where the key that was made signed for itself, which browsers leave in (5.1.3, step "none").
    pub(super) own_signature: Option<Vec<u8>>,
}

impl Attestation {
    pub(super) fn read(mut bytes: &[u8]) -> Result<Self, Unproven> {
        let object = value(&mut bytes).filter(|_| bytes.is_empty()).and_then(|value| value.into_map().ok());
        let object = object.ok_or(Unproven::Attestation)?;
        let member = |name: &str| once(object.clone(), &Value::from(name)).ok_or(Unproven::Attestation);
        let authenticator = member("authData")?.into_bytes().map_err(|_| Unproven::Attestation)?;
        let statement = member("attStmt")?.into_map().map_err(|_| Unproven::Attestation)?;
        let own_signature = match member("fmt")?.as_text() {
            Some("none") if statement.is_empty() => None,
            Some("packed") if !statement.iter().any(|(name, _)| name.as_text() == Some("x5c")) => {
                let signature = once(statement, &Value::from("sig")).and_then(|value| value.into_bytes().ok());
                Some(signature.ok_or(Unproven::Attestation)?)
            }
            _ => return Err(Unproven::Attestation),
        };
        Ok(Self { authenticator, own_signature })
    }
}
