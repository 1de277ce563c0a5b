//! One device: what is remembered of it and what it is doing.

use std::net::IpAddr;
use std::time::Instant;

use centrale_config::{ExtensionNumber, IdentifierError, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::delivery::{Delivery, FileHash, Wanted};
use super::token::{DeviceSecret, Token, TokenHash, hex};
use super::values::{ClientCertificate, DeviceState, DeviceView, Issuer, Refusal};
use super::window::SAME_PHONE_AGAIN;

/// What the store keeps of a device, as JSON. Tokens are hashed; the secret is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// Which device.
    #[serde(serialize_with = "write_text", deserialize_with = "read_mac")]
    pub mac: Mac,
    /// Maker's folder name; empty when unknown.
    pub vendor: String,
    /// Model, ours or as the phone writes it, as it said before it showed anything that was made for it.
    pub model: String,
    /// Firmware version as the phone says; empty when unknown.
    pub firmware: String,
    /// The address it was last heard from.
    pub address: IpAddr,
    /// When that was, in unix seconds.
    pub last_seen: u64,
    /// Four digits that the phone shows while it waits.
    pub code: String,
    /// Rises when the phone must read a file that is otherwise the same.
    pub generation: u32,
    /// The file that it last read.
    #[serde(default)]
    pub fetched: Option<FileHash>,
    /// The software that its settings may name, by its SHA-256: it was its turn.
    #[serde(default)]
    pub software: Option<String>,
    /// Whether somebody said that this phone may be set up (again). Used up by the next enrolment.
    pub confirmed: bool,
    /// Whether somebody allowed it to be set up without TLS.
    #[serde(default)]
    pub plain_http: bool,
    /// Whether it registered since it was set up. Assumed of those that were kept before this was.
    #[serde(default = "registered")]
    pub registered: bool,
    /// Whether it was locked out after misuse.
    pub suspect: bool,
    /// Whether it was locked out because a part of what the store keeps of it was lost, and not after misuse.
    #[serde(default)]
    pub incomplete: bool,
    /// Whose it is, in the order of its accounts; only while it is enrolled. Several where it is a DECT base.
    #[serde(default, serialize_with = "write_people", deserialize_with = "read_people")]
    pub people: Vec<ExtensionNumber>,
    /// The enrolment: what it must show to get its settings again.
    pub enrolled: Option<Binding>,
    /// A pairing that went as far as it can without somebody's word.
    pub waiting: Option<Binding>,
}

/// What a steady token is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The steady token; none for a soft phone, which never asks again.
    pub token: Option<TokenHash>,
    /// The address it is used from. May change where the neighbour table vouches for the phone.
    pub address: IpAddr,
    /// The model in the User-Agent, where it could be read.
    pub user_agent_model: Option<String>,
    /// What proved the MAC address.
    pub proof: Proof,
    /// Whether a router stood between: then its address is all that is known of its place.
    #[serde(default)]
    pub routed: bool,
    /// Whether it came without TLS, as somebody allowed for this phone.
    #[serde(default)]
    pub in_clear: bool,
}

/// What proved that a device is the one whose MAC address it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Only that it was on the office network at the right time, and somebody's word.
    Lan,
    /// The same, and a certificate of unknown origin, by the SHA-256 of its public key, that it must show from then on.
    Pinned(String),
    /// The maker's certificate with the MAC address in it, by the same of its key. It must show that from then on, or
    /// another one of its maker's.
    Hardware(String),
}

impl Proof {
    /// What a certificate for this MAC address proves. `None` when it is one for another.
    pub(crate) fn of(certificate: ClientCertificate, mac: Mac) -> Option<Self> {
        match certificate {
            ClientCertificate::None | ClientCertificate::Generic => Some(Self::Lan),
            ClientCertificate::Named { mac: named, .. } if named != mac => None,
            ClientCertificate::Named { key, issuer: Issuer::Trusted, .. } => Some(Self::Hardware(hex(&key))),
            ClientCertificate::Named { key, issuer: Issuer::Unproven(_), .. } => Some(Self::Pinned(hex(&key))),
        }
    }

    /// Takes over what the maker's authority proves now of a certificate that it did not prove then. Says whether it
    /// does.
    pub(crate) fn learn(&mut self, certificate: ClientCertificate, mac: Mac) -> bool {
        let (Self::Pinned(_), Some(proved @ Self::Hardware(_))) = (&*self, Self::of(certificate, mac)) else {
            return false;
        };
        *self = proved;
        true
    }

    /// Whether what is shown now is at least what was shown then.
    pub(crate) fn is_upheld_by(&self, now: &Self) -> bool {
        match (self, now) {
            (Self::Lan, _) | (Self::Hardware(_), Self::Hardware(_)) => true,
            // The same key is the same phone, whichever authorities the box was given or has lost since.
            (Self::Pinned(then), Self::Pinned(now) | Self::Hardware(now))
            | (Self::Hardware(then), Self::Pinned(now)) => then == now,
            (Self::Pinned(_) | Self::Hardware(_), Self::Lan) => false,
        }
    }
}

/// A set-up in progress. Kept in memory only: a restart of the box ends it, and the phone asks again.
#[derive(Debug, Clone)]
pub(crate) struct Pairing {
    /// Opens the bootstrap folder over HTTP.
    pub(crate) nonce: Token,
    /// The only address it may be used from.
    pub(crate) source: IpAddr,
    /// When it was last asked for.
    pub(crate) asked_at: Instant,
    /// When the nonce and, later, the first token die.
    pub(crate) expires_at: Instant,
    /// The model in the User-Agent of who fetched the first file from that address, where it could be read.
    pub(crate) model: Option<String>,
    /// Opens the steady folder once.
    pub(crate) first: Option<Token>,
    /// The steady token that was handed out, so that a repeated request gets the same.
    pub(crate) second: Option<Token>,
}

impl Pairing {
    /// Whether who asks now cannot have booted since it was last asked for. One that has begins anew, with addresses that
    /// it has not seen: what it fetched from the earlier ones, and perhaps by halves, it does not fetch again.
    pub(crate) fn was_just_asked_for(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.asked_at) < SAME_PHONE_AGAIN
    }
}

/// A device in memory.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) record: DeviceRecord,
    pub(crate) secret: Option<DeviceSecret>,
    pub(crate) pairing: Option<Pairing>,
    /// The file that it should have; worked out when it is first needed.
    pub(crate) wanted: Option<Wanted>,
    /// What is being done so that it reads that file. `None` when it has.
    pub(crate) delivery: Option<Delivery>,
    /// What the certificate that it showed last was worth: a word of [`DeviceView::certificate`].
    pub(crate) certificate: Option<&'static str>,
    /// Why it was not answered the last time. Written by [`note`](Self::note).
    pub(crate) reason: Option<Refusal>,
    /// Whether it, or who plays it, asked to be set up again, and nothing went well since.
    asked_again: bool,
    /// Its card as the page last saw it.
    pub(crate) shown: Option<DeviceView>,
}

impl Device {
    /// A device nobody knows yet.
    pub(crate) fn heard(mac: Mac, address: IpAddr, code: String) -> Self {
        let record = DeviceRecord {
            mac,
            vendor: String::new(),
            model: String::new(),
            firmware: String::new(),
            address,
            last_seen: 0,
            code,
            generation: 0,
            fetched: None,
            software: None,
            confirmed: false,
            plain_http: false,
            registered: false,
            suspect: false,
            incomplete: false,
            people: Vec::new(),
            enrolled: None,
            waiting: None,
        };
        Self::of(record, None)
    }

    /// A device as it was kept.
    pub(crate) fn of(record: DeviceRecord, secret: Option<DeviceSecret>) -> Self {
        Self {
            record,
            secret,
            pairing: None,
            wanted: None,
            delivery: None,
            certificate: None,
            reason: None,
            asked_again: false,
            shown: None,
        }
    }

    /// Takes every key away from it. Only a new set-up that somebody confirms brings it back.
    pub(crate) fn lock_out(&mut self) {
        let record = &mut self.record;
        (record.enrolled, record.waiting) = (None, None);
        record.people.clear();
        (record.confirmed, record.suspect, record.incomplete) = (false, true, false);
        (self.secret, self.pairing, self.delivery) = (None, None, None);
    }

    /// Somebody says that it may be set up (again).
    pub(crate) fn confirm(&mut self) {
        self.record.confirmed = self.record.enrolled.is_none() || self.asks_again();
    }

    pub(crate) fn view(&self, declared: Option<&[ExtensionNumber]>) -> DeviceView {
        let record = &self.record;
        let waits = record
            .waiting
            .as_ref()
            .is_some_and(|waiting| !(record.confirmed || self.first_time() && declared.is_some() && !waiting.routed));
        let (state, reason) = if record.suspect && record.waiting.is_none() {
            let reason = if record.incomplete { "record-incomplete" } else { Refusal::TokenMisused.code() };
            (DeviceState::Failed, Some(reason))
        } else if waits {
            (DeviceState::New, Some("waiting-for-adoption"))
        } else if record.waiting.is_some() || self.pairing.is_some() && record.enrolled.is_none() {
            (DeviceState::SettingUp, self.reason.map(Refusal::code))
        } else if record.enrolled.is_some() {
            (DeviceState::Ready, self.reason.map(Refusal::code))
        } else {
            (DeviceState::New, self.reason.map(Refusal::code))
        };
        let (settings, settings_reason) = self.settings();
        let people = if record.people.is_empty() { declared.unwrap_or_default() } else { &record.people };
        DeviceView {
            mac: record.mac.to_string(),
            vendor: record.vendor.clone(),
            model: record.model.clone(),
            address: record.address.to_string(),
            state,
            people: people.iter().map(ToString::to_string).collect(),
            reason: reason.map(str::to_owned),
            settings,
            plain_http: record.plain_http,
            registered: record.registered,
            certificate: self.certificate.map(str::to_owned),
            settings_reason: settings_reason.map(str::to_owned),
            code: waits.then(|| record.code.clone()),
            last_seen: record.last_seen,
        }
    }

    /// The model that it said it is, as it writes it, when it showed what was made for it alone.
    pub(crate) fn own_model(&self) -> Option<&str> {
        // Whoever is being set up in the name of a phone that works, or waits, has no say in what that one is.
        match self.record.enrolled.as_ref().or(self.record.waiting.as_ref()) {
            Some(binding) => binding.user_agent_model.as_deref(),
            None => self.pairing.as_ref()?.model.as_deref(),
        }
    }

    /// Whether it was never enrolled: then an entry in the office is word enough.
    pub(crate) fn first_time(&self) -> bool {
        self.record.enrolled.is_none() && !self.record.suspect
    }

    /// Whether it is set up and asks to be set up again. One that does not is not asked about: a word for it would lie
    /// around until somebody else picks it up.
    pub(crate) fn asks_again(&self) -> bool {
        self.record.waiting.is_some() || self.pairing.is_some() || self.asked_again
    }

    /// Writes down why it is not further, or that nothing is in its way. That it asks again stays true when the card says
    /// something else since.
    pub(crate) const fn note(&mut self, reason: Option<Refusal>) {
        match reason {
            None => self.asked_again = false,
            Some(Refusal::AsksAgain | Refusal::Moved) => self.asked_again = true,
            Some(_) => {}
        }
        self.reason = reason;
    }

    /// Whether what it is set up with went out without TLS, as somebody allowed.
    pub(crate) fn came_in_clear(&self) -> bool {
        self.record.enrolled.as_ref().is_some_and(|binding| binding.in_clear)
    }

    /// Whether it may be forgotten when room is short: nobody ever decided anything about it.
    pub(crate) fn is_disposable(&self) -> bool {
        self.first_time() && !self.record.confirmed && !self.record.plain_http
    }

    /// Whether anything about it must outlive a restart.
    pub(crate) fn is_durable(&self) -> bool {
        let record = &self.record;
        record.enrolled.is_some() || record.waiting.is_some() || record.suspect || record.confirmed || record.plain_http
    }
}

const fn registered() -> bool {
    true
}

fn write_text<S: Serializer>(value: &Mac, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn read_mac<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mac, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|cause: IdentifierError| serde::de::Error::custom(cause))
}

fn write_people<S: Serializer>(value: &[ExtensionNumber], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(value.iter().map(ExtensionNumber::as_str))
}

fn read_people<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ExtensionNumber>, D::Error> {
    let read = |text: String| text.parse().map_err(|cause: IdentifierError| serde::de::Error::custom(cause));
    Vec::<String>::deserialize(deserializer)?.into_iter().map(read).collect()
}
