//! What goes into the enrolment and what comes out of it.

use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_config::{Firmware, Mac, Secret};
use serde::Serialize;
use utoipa::ToSchema;

use super::budget::Reach;
use super::device::DeviceRecord;
use crate::catalogue::RenderError;
use crate::recognise::PnpClaim;

/// Both clocks, read together. Limits are measured with the first; people and the store are told the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Monotonic.
    pub now: Instant,
    /// Seconds since 1970 in UTC.
    pub unix_seconds: u64,
}

impl Moment {
    /// The unix time of a monotonic time that lies ahead.
    pub(crate) fn unix_at(self, then: Instant) -> u64 {
        self.unix_seconds.saturating_add(then.saturating_duration_since(self.now).as_secs())
    }
}

/// Where phones find the box and how they are to speak to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxAddresses {
    /// The name in the box's certificate that phones resolve, if there is one. Without it a phone is told the address
    /// at which it reached the box, which must then stand in the certificate.
    pub name: Option<String>,
    /// Port of the bootstrap, in clear.
    pub http_port: u16,
    /// Port of everything else.
    pub https_port: u16,
    /// SIP over UDP and TCP.
    pub sip_port: u16,
    /// SIP over TLS.
    pub sip_tls_port: u16,
    /// What phones signal over, where their model can.
    pub transport: SipTransport,
    /// Whether phones encrypt speech, where their model can. Only with TLS: the keys travel in the signalling.
    pub srtp: bool,
    /// The digest realm, which stands in the soft phone's digests.
    pub realm: String,
    /// Time server for the phones.
    pub ntp: String,
    /// The certificate that signed the box's own, as PEM.
    pub ca_pem: String,
}

/// What a phone signals over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SipTransport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
}

/// What the kernel's neighbour table says about the address that a packet or a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbour {
    /// It has this MAC address.
    Is(Mac),
    /// It is not on a network of ours: a router stands between, and the table cannot know.
    Routed,
    /// It is this machine itself.
    Loopback,
    /// It should be in the table and is not (yet).
    NoEntry,
}

impl Neighbour {
    /// Whether a router stands between.
    pub const fn reach(self) -> Reach {
        match self {
            Self::Is(_) | Self::Loopback | Self::NoEntry => Reach::OnLink,
            Self::Routed => Reach::Routed,
        }
    }
}

/// The certificate that a phone showed in the TLS handshake. The edge has checked the handshake's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificate {
    /// None.
    None,
    /// One whose subject names no MAC address: old phones share one. It proves nothing about which phone it is.
    Generic,
    /// One whose subject names a MAC address.
    Named {
        /// Which.
        mac: Mac,
        /// SHA-256 of the certificate's SubjectPublicKeyInfo: it can be recognised the next time.
        key: [u8; 32],
        /// Who signed it.
        issuer: Issuer,
    },
}

impl ClientCertificate {
    /// What it is worth, as a stable word for the page; none when it names no phone.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::None | Self::Generic => None,
            Self::Named { issuer: Issuer::Trusted, .. } => Some("maker"),
            Self::Named { issuer: Issuer::Unproven(why), .. } => Some(why.code()),
        }
    }
}

/// Who signed a phone's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    /// Its maker: the signatures were followed to an authority of the maker that this box was given.
    Trusted,
    /// Nobody who proves anything; so the certificate is worth no more than none, but that it must be shown ever after.
    Unproven(Distrust),
}

/// Why it is not believed that a phone's maker signed its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It does not even say so, or says so of a phone that is another maker's.
    IssuerUnknown,
    /// It says so, and this box was given no authority of that maker to check it with.
    NoAuthority,
    /// It is signed with SHA-1 (old Snom phones), which no library follows any more: it can be forged.
    SignatureTooOld,
    /// It says so, and the maker's authority did not sign it, or it is not valid now.
    NotSigned,
}

impl Distrust {
    /// Stable word for the page.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IssuerUnknown => "issuer-unknown",
            Self::NoAuthority => "no-authority",
            Self::SignatureTooOld => "signature-too-old",
            Self::NotSigned => "not-signed",
        }
    }
}

/// Why a TLS handshake came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// There is no version or cipher that both speak.
    TooOld,
    /// The other side does not take the box's certificate.
    NotTrusted,
}

/// Which door an HTTP request came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// The bootstrap port, in clear.
    Http,
    /// TLS.
    Https,
}

/// An HTTP request as the edge saw it.
#[derive(Debug, Clone, Copy)]
pub struct HttpRequest<'a> {
    /// The door.
    pub scheme: Scheme,
    /// The method as written. Only `GET` is answered with a file.
    pub method: &'a str,
    /// The path as written, without the query, not percent-decoded.
    pub path: &'a str,
    /// What stood behind the question mark, as written; empty when there was none.
    pub query: &'a str,
    /// The User-Agent as it came; empty when there was none.
    pub user_agent: &'a [u8],
    /// Whether the header `X-Linphone-Provisioning` was there.
    pub linphone_header: bool,
    /// The peer's address.
    pub source: IpAddr,
    /// Our address that it reached.
    pub local: IpAddr,
    /// What the neighbour table says about `source`.
    pub neighbour: Neighbour,
    /// The certificate shown, over HTTPS.
    pub certificate: ClientCertificate,
}

/// A PnP packet as it was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PnpHeard {
    /// What the phone says about itself.
    pub claim: PnpClaim,
    /// The address it came from.
    pub source: IpAddr,
    /// Our address on the network it was heard on.
    pub local: IpAddr,
}

/// An answer to an HTTP request. `Debug` shows no body.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content-Type.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body.
    pub body: Bytes,
    /// Software from the box's state folder that takes the place of the body.
    pub firmware: Option<Firmware>,
    /// How long to wait before sending: zero, unless the source guesses.
    pub delay: Duration,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {}, {} bytes)", self.status, self.content_type, self.body.len())
    }
}

/// What the enrolment asks of the rest of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Answer the PnP packet that was just handed in with this address.
    Offer {
        /// Whose packet.
        mac: Mac,
        /// The address for the NOTIFY's body.
        url: String,
    },
    /// Keep the record, as JSON, and the secret beside it, encrypted. Without a secret: delete the one that was kept.
    Save {
        /// The record.
        record: Box<DeviceRecord>,
        /// The root of the device's passwords.
        secret: Option<Secret>,
    },
    /// Delete record and secret; take the card off the page.
    Forget(Mac),
    /// A card on the page is new or changed.
    Seen(DeviceView),
    /// Somebody should know.
    Alarm(Alarm),
    /// Somebody goes through addresses. Not a secret: what was asked for in place of a token is not in it.
    Guessed(Guess),
    /// A template could not be written: a fault in a manifest or template, which names its place and no value.
    TemplateFault(RenderError),
    /// [`Enrolment::credentials`](super::Enrolment::credentials) changed: the exchange needs the new list.
    CredentialsChanged,
    /// Tell this phone to read its settings again (NOTIFY check-sync), within its registration, before credentials
    /// change under it.
    Resync(Mac),
    /// The pairing window opened, or closed.
    Window {
        /// When it closes, in unix seconds; `None` when it is closed.
        open_until: Option<u64>,
    },
}

/// Something that an administrator should know. Not a secret, and no judgement: the phone may be innocent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What happened.
    pub kind: AlarmKind,
    /// The device it is about, if it is about one.
    pub mac: Option<Mac>,
    /// Where it came from.
    pub source: IpAddr,
}

/// One more address that was asked for in vain by who asked for others before: none of a phone that asks for its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// Where it came from.
    pub source: IpAddr,
    /// The phone whose settings were asked for, where the address names one.
    pub mac: Option<Mac>,
}

/// The kinds of alarm. [`AlarmKind::code`] is stable; the page owns the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlarmKind {
    /// A token was used by somebody who is not the phone it was made for. The phone's secret is dead.
    TokenMisused,
    /// A certificate names another MAC address than the phone's.
    CertificateDiffers,
    /// The phone book was asked for under another name than the phone's.
    UserAgentDiffers,
    /// The neighbour table names another MAC address than the one that is claimed.
    NeighbourDiffers,
    /// A device claims MAC addresses that are not its own, of phones that nobody knows. The alarm is about that device,
    /// however many it makes up.
    PlaysPhones,
    /// A phone that is set up asks to be set up again: it was reset, or somebody plays it.
    AsksAgain,
    /// A phone behind a router asks from another address than before; nothing but the address tells which phone it is.
    Moved,
    /// Many wrong addresses from one source within a minute.
    Guessing,
}

impl AlarmKind {
    /// Stable word for logs, counters and the page.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenMisused => "device-token-misused",
            Self::CertificateDiffers => "device-certificate-differs",
            Self::UserAgentDiffers => "device-user-agent-differs",
            Self::NeighbourDiffers => "device-neighbour-differs",
            Self::PlaysPhones => "device-plays-phones",
            Self::AsksAgain => "device-asks-again",
            Self::Moved => "device-moved",
            Self::Guessing => "provisioning-guessing",
        }
    }
}

/// Why something was not answered. Counted, and shown on the phone's card where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    /// No pairing window is open.
    WindowClosed,
    /// The source is no address of an office network.
    NotLocal,
    /// The MAC address is of no maker we know, and nobody named this phone.
    MakerUnknown,
    /// There is no manifest for this model.
    ModelUnknown,
    /// The neighbour table names another MAC address.
    NeighbourDiffers,
    /// The neighbour table knows nothing where it should.
    NeighbourUnknown,
    /// The same phone asked less than a minute ago.
    TooSoon,
    /// One address claimed to be too many phones.
    TooManyFromAddress,
    /// The window has set up as many phones as it may.
    WindowFull,
    /// More phones are heard than are remembered.
    TooManyDevices,
    /// The phone is being set up from another address at this moment.
    AlreadyPairing,
    /// A phone that is set up asks again; somebody must say that it may.
    AsksAgain,
    /// No such token, or no longer.
    TokenUnknown,
    /// A token came in clear.
    TokenInClear,
    /// A token came from another address, neighbour, maker or model than it was made for.
    TokenMisused,
    /// A phone behind a router asks from another address than before. Somebody must say that it is the same.
    Moved,
    /// What may be told once without TLS was told.
    AlreadyDelivered,
    /// The phone cannot speak TLS as the box does: its versions or ciphers are too old.
    TlsTooOld,
    /// The phone does not trust the box's certificate.
    TlsNotTrusted,
    /// The certificate names another phone, or is missing where it was there before.
    CertificateDiffers,
    /// The User-Agent contradicts the phone.
    UserAgentDiffers,
    /// A file of another phone, or one that does not exist.
    NoSuchFile,
    /// The source asked in vain too often: it is not looked at what it asks, for a while.
    AsksTooOften,
    /// A method other than GET.
    MethodRefused,
    /// A soft phone's link was used before.
    LinkUsed,
    /// A soft phone's link opened by something else than the app.
    NotTheApp,
    /// A template of ours could not be written.
    TemplateFault,
}

impl Refusal {
    /// Stable word for counters and the page.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WindowClosed => "window-closed",
            Self::NotLocal => "not-local",
            Self::MakerUnknown => "maker-unknown",
            Self::ModelUnknown => "model-unknown",
            Self::NeighbourDiffers => "neighbour-differs",
            Self::NeighbourUnknown => "neighbour-unknown",
            Self::TooSoon => "too-soon",
            Self::TooManyFromAddress => "too-many-from-address",
            Self::WindowFull => "window-full",
            Self::TooManyDevices => "too-many-devices",
            Self::AlreadyPairing => "already-pairing",
            Self::AsksAgain => "asks-again",
            Self::TokenUnknown => "token-unknown",
            Self::TokenInClear => "token-in-clear",
            Self::TokenMisused => "token-misused",
            Self::Moved => "moved",
            Self::AlreadyDelivered => "already-delivered",
            Self::TlsTooOld => "tls-too-old",
            Self::TlsNotTrusted => "tls-not-trusted",
            Self::CertificateDiffers => "certificate-differs",
            Self::UserAgentDiffers => "user-agent-differs",
            Self::NoSuchFile => "no-such-file",
            Self::AsksTooOften => "asks-too-often",
            Self::MethodRefused => "method-refused",
            Self::LinkUsed => "link-used",
            Self::NotTheApp => "not-the-app",
            Self::TemplateFault => "template-fault",
        }
    }
}

/// A phone as a card on the page. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceView {
    /// MAC address, twelve lower-case digits. A soft phone has a made-up one that begins with `02`.
    pub mac: String,
    /// Maker: `yealink`, `snom`, `linphone`; empty when unknown.
    pub vendor: String,
    /// Model; as the phone writes it when we do not know it, and empty when it did not say.
    pub model: String,
    /// The address it was last heard from.
    pub address: String,
    /// How far it is.
    pub state: DeviceState,
    /// Whose it is: nobody's yet, one person's, or of a base one for each handset, in the order of its accounts.
    pub people: Vec<String>,
    /// Why it is not further, as a stable word: a refusal's code, `waiting-for-adoption`, or
    /// `record-incomplete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether a desk phone that is set up has the settings that it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub settings: Option<SettingsState>,
    /// Why it does not have them, as a stable word: `in-a-call`, `resync-refused`, `unreachable`, `not-fetched`,
    /// `template-fault`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings_reason: Option<String>,
    /// Whether somebody allowed it to be set up without TLS.
    pub plain_http: bool,
    /// Whether it registered since it was set up. One that read its settings and never did may be unable to do so over TLS.
    pub registered: bool,
    /// What the certificate that it showed last is worth, as a stable word: `maker` when its maker's authority proved
    /// which phone it is, else why it proved nothing: `issuer-unknown`, `no-authority`, `signature-too-old`,
    /// `not-signed`. Absent when it showed none of its own since the box started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Four digits that the phone shows while it waits to be adopted (`Centrale 4711`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When it was last heard, in unix seconds.
    pub last_seen: u64,
}

/// Whether a phone has the settings that it should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SettingsState {
    /// It read them.
    Applied,
    /// It is told to read them, or will be.
    Pending,
    /// It could not be told, or did not come. It is told again by itself.
    Failed,
}

/// What a phone said when it was told to read its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resynced {
    /// It is in a call; it is told when that is over, and another outcome follows.
    Deferred,
    /// It will.
    Accepted,
    /// It will not, with this SIP status.
    Refused(u16),
    /// It is not registered, or said nothing.
    Unreachable,
}

/// How far a phone is, as a person would say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceState {
    /// Heard, and waits for somebody: to open the window, or to say whose it is.
    New,
    /// On its way; nothing to do.
    SettingUp,
    /// Has its settings.
    Ready,
    /// Locked out after misuse; must be set up anew.
    Failed,
}
