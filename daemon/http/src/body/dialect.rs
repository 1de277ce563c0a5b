//! How a provider wants to be spoken to, as the page sees it.

use centrale_config::TypedDialect;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a provider wants to be spoken to, in the words of the office file. Empty texts and lists are what is usual.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Dialect {
    /// Which header names who calls: `from`, `p-asserted`, `p-preferred` or `remote-party-id`.
    pub(crate) identity: String,
    /// How numbers are written: `+e164`, `e164`, `00` or `national`.
    pub(crate) numbers_as: String,
    /// Where requests go instead: host, host:port or `[v6]:port`.
    pub(crate) outbound_proxy: String,
    /// Encryption of the audio: `off`, `offer` or `require`.
    pub(crate) srtp: String,
    /// Codecs that are offered first, as in an rtpmap.
    pub(crate) codecs: Vec<String>,
    /// Kinds of numbers that rather go here: `free`, `local`, `national`, `mobile`, `premium`, `international`.
    pub(crate) preferred_for: Vec<String>,
    /// Whether a call for help carries the office's address there.
    pub(crate) location: bool,
    /// Whether it is a gateway with SIM cards: what its deck has no price for is not called over it.
    pub(crate) gateway: bool,
    /// How keys travel that somebody presses within a call: `rfc4733` or `info`.
    pub(crate) dtmf: String,
    /// From where it calls besides its servers: addresses and ranges, no wider than a /24 or, of IPv6, a /48; at most 32.
    pub(crate) heard_from: Vec<String>,
}

impl From<Dialect> for TypedDialect {
    fn from(dialect: Dialect) -> Self {
        let Dialect {
            identity,
            numbers_as,
            outbound_proxy,
            srtp,
            codecs,
            preferred_for,
            location,
            gateway,
            dtmf,
            heard_from,
        } = dialect;
        Self { identity, numbers_as, outbound_proxy, srtp, codecs, preferred_for, location, gateway, dtmf, heard_from }
    }
}

impl From<TypedDialect> for Dialect {
    fn from(dialect: TypedDialect) -> Self {
        let TypedDialect {
            identity,
            numbers_as,
            outbound_proxy,
            srtp,
            codecs,
            preferred_for,
            location,
            gateway,
            dtmf,
            heard_from,
        } = dialect;
        Self { identity, numbers_as, outbound_proxy, srtp, codecs, preferred_for, location, gateway, dtmf, heard_from }
    }
}
