//! Passkeys as the box that relies on them sees them: what an authenticator made, or signed, is read and judged here (W3C Web
//! Authentication Level 3, sections 7.1 and 7.2). Pure. Whose a passkey is, and how often it was used, the store knows.

mod authenticator;
mod challenge;
mod client;
mod key;

use authenticator::Said;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
pub(crate) use challenge::{Challenges, Spent};
use client::{Ceremony, ClientData};
pub(crate) use key::ALGORITHMS;
use key::PublicKey;
use ring::digest::{SHA256, digest};

/// Longest name of a credential, in bytes (Web Authentication 4, "Credential ID").
pub(crate) const LONGEST_CREDENTIAL: usize = 1023;
/// Longest text of a browser, in bytes: it holds a challenge, an origin and a few words.
const LONGEST_CLIENT_DATA: usize = 2048;
/// Longest statement of an authenticator, in bytes: an RSA key and a certificate would fit.
const LONGEST_STATEMENT: usize = 8192;
/// Longest signature, in bytes: of RSA with 8192 bits.
const LONGEST_SIGNATURE: usize = 1024;

/// Where the page is: what a browser takes for the other end when it lets an authenticator sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// The name alone: the relying party's id.
    pub(crate) name: String,
    /// Scheme, name and port.
    origin: String,
}

impl Site {
    /// The site of a request's `Host`, if that is one of the box's names. An address in numbers is nobody's id.
    pub(crate) fn of(host: &str, names: &[&str]) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name).to_owned();
        names.contains(&name.as_str()).then(|| Self { name, origin: format!("https://{host}") })
    }

    /// What a challenge is good for: something that is asked for here by somebody.
    pub(crate) fn bound(&self, what: &str, by: &str) -> String {
        format!("{what} {} {by}", self.origin)
    }

    fn is_in(&self, said: &Said<'_>) -> bool {
        said.rp_id_hash == digest(&SHA256, self.name.as_bytes()).as_ref()
    }
}

/// Why what came from a browser proves nothing. What each says is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unproven {
    /// No base64, or too long.
    #[error("a part of it is no base64 of a URL, or too long")]
    Text,
    /// No JSON as browsers write it.
    #[error("its client data cannot be read")]
    ClientData,
    /// Made to be kept where it is to prove, or the other way round.
    #[error("it is for something else")]
    Ceremony,
    /// Made at another page, or within one.
    #[error("it was made at another address")]
    Origin,
    /// No authenticator data.
    #[error("its authenticator data cannot be read")]
    Authenticator,
    /// Made for another name.
    #[error("it is for another name")]
    RelyingParty,
    /// Nobody showed the authenticator who it is that uses it.
    #[error("the authenticator did not look who uses it")]
    NotVerified,
    /// No key of a kind that the box asked for.
    #[error("its key is of a kind that the box cannot check")]
    Key,
    /// A statement about the authenticator, for which nobody asked.
    #[error("its attestation is none that was asked for")]
    Attestation,
    /// The signature is another's.
    #[error("its signature is wrong")]
    Signature,
}

/// What a browser gives when a passkey is made, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MadeText<'a> {
    pub(crate) client_data: &'a str,
    pub(crate) attestation: &'a str,
}

/// A passkey that was made here, just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// The challenge that it answers.
    pub(crate) challenge: Vec<u8>,
    pub(crate) credential: Vec<u8>,
    /// As the authenticator wrote it.
    pub(crate) public_key: Vec<u8>,
    pub(crate) counter: u32,
}

impl Made {
    /// Reads what was made at a site. Whether its challenge is one of ours is for the caller to see.
    pub(crate) fn read(text: MadeText<'_>, site: &Site) -> Result<Self, Unproven> {
        let client = bytes(text.client_data, LONGEST_CLIENT_DATA)?;
        let challenge = ClientData::read(&client)?.challenge_for(Ceremony::Create, &site.origin)?;
        let statement = bytes(text.attestation, LONGEST_STATEMENT)?;
        let attestation = authenticator::Attestation::read(&statement)?;
        let said = Said::read(&attestation.authenticator)?;
        if !site.is_in(&said) {
            return Err(Unproven::RelyingParty);
        }
        said.is_verified()?;
        let new = said.new.as_ref().ok_or(Unproven::Authenticator)?;
        let key = PublicKey::read(new.public_key).ok_or(Unproven::Key)?;
        if let Some(signature) = &attestation.own_signature
            && !key.verifies(&signed_bytes(&attestation.authenticator, &client), signature)
        {
            return Err(Unproven::Attestation);
        }
        Ok(Self {
            challenge,
            credential: new.credential.to_vec(),
            public_key: new.public_key.to_vec(),
            counter: said.counter,
        })
    }
}

/// What a browser gives when a passkey signed, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignedText<'a> {
    pub(crate) credential: &'a str,
    pub(crate) client_data: &'a str,
    pub(crate) authenticator_data: &'a str,
    pub(crate) signature: &'a str,
    pub(crate) user_handle: Option<&'a str>,
}

/// What a passkey signed here, just now; not held against its key yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    /// The challenge that it answers.
    pub(crate) challenge: Vec<u8>,
    /// Which passkey it says to be.
    pub(crate) credential: Vec<u8>,
    /// Whose it says to be, where the authenticator knows.
    pub(crate) user_handle: Option<Vec<u8>>,
    /// How often it signed.
    pub(crate) counter: u32,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    /// Reads what was signed at a site. Whether its challenge is one of ours, and the signature of whom, is for the caller to see.
    pub(crate) fn read(text: SignedText<'_>, site: &Site) -> Result<Self, Unproven> {
        let client = bytes(text.client_data, LONGEST_CLIENT_DATA)?;
        let challenge = ClientData::read(&client)?.challenge_for(Ceremony::Get, &site.origin)?;
        let authenticator = bytes(text.authenticator_data, LONGEST_STATEMENT)?;
        let said = Said::read(&authenticator)?;
        if !site.is_in(&said) {
            return Err(Unproven::RelyingParty);
        }
        said.is_verified()?;
        Ok(Self {
            challenge,
            credential: bytes(text.credential, LONGEST_CREDENTIAL)?,
            user_handle: text.user_handle.map(|handle| bytes(handle, LONGEST_CREDENTIAL)).transpose()?,
            counter: said.counter,
            signed: signed_bytes(&authenticator, &client),
            signature: bytes(text.signature, LONGEST_SIGNATURE)?,
        })
    }

    /// Whether who has this public key, as an authenticator wrote it, signed it.
    pub(crate) fn is_by(&self, public_key: &[u8]) -> Result<(), Unproven> {
        let key = PublicKey::read(public_key).ok_or(Unproven::Key)?;
        key.verifies(&self.signed, &self.signature).then_some(()).ok_or(Unproven::Signature)
    }
}

/// What an authenticator signs (Web Authentication 6.3.3, step 11).
fn signed_bytes(authenticator: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator, digest(&SHA256, client_data).as_ref()].concat()
}

fn bytes(text: &str, longest: usize) -> Result<Vec<u8>, Unproven> {
    // Four letters are three bytes.
    if text.len() > longest.div_ceil(3) * 4 {
        return Err(Unproven::Text);
    }
    URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() <= longest).ok_or(Unproven::Text)
}

/// Bytes as browsers are told them.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests;
