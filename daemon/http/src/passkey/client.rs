//! What the browser says of a ceremony (Web Authentication 5.8.1, CollectedClientData).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::Unproven;

/// What a passkey is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ceremony {
    /// To be made.
    Create,
    /// To prove who uses it.
    Get,
}

impl Ceremony {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// As far as it matters; browsers add members (Web Authentication 5.8.1.2).
#[derive(Deserialize)]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

impl ClientData {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unproven> {
        serde_json::from_slice(bytes).map_err(|_| Unproven::ClientData)
    }

    /// The challenge, if it is of this ceremony, at this origin and in no frame of another page.
    pub(super) fn challenge_for(&self, ceremony: Ceremony, origin: &str) -> Result<Vec<u8>, Unproven> {
        if self.kind != ceremony.word() {
            return Err(Unproven::Ceremony);
        }
        if self.cross_origin || !self.origin.eq_ignore_ascii_case(origin) {
            return Err(Unproven::Origin);
        }
        URL_SAFE_NO_PAD.decode(&self.challenge).map_err(|_| Unproven::ClientData)
    }
}
