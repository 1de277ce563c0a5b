//! What the office decided: people, numbers, phones, trunks, ring groups. Typed and validated.
//!
//! In: the text of an office file ([`parse_office`]), or one [`Change`] made on the page ([`Office::apply`]). Out: an
//! [`Office`] that is whole and consistent, or refusals that each name the line or the field and the reason. Both ways
//! pass the same rules. It may not read files, know SQL or the network, or make up secrets: a generator is passed in.
//! Secrets live here as [`Secret`], which cannot be printed, and are written only encrypted ([`write_office`]).

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

mod abuse_desk;
mod alerts;
mod change;
mod conference;
mod contacts;
mod dialect;
mod difference;
mod emergency;
mod file;
mod forward;
mod holiday;
mod identifiers;
mod network;
mod office;
mod opening;
mod permit;
mod premium;
mod preset;
mod private;
mod retention;
mod role;
mod rules;
mod scanner;
mod secret;
mod sensitive;
mod source;
mod text;
mod whole;

pub use abuse_desk::{AbuseDesk, TypedAbuseDesk};
pub use alerts::{AlertContact, Alerts, MailAddress, MailSecurity, MailServer, TypedAlerts, TypedContact};
pub use change::{Change, ChangeRefused};
pub use conference::Conference;
pub use contacts::{ReadContacts, RefusedLine, write_contacts};
pub use dialect::{CodecName, Dialect, Dtmf, IdentityHeader, NumberFormat, NumberKind, TrunkSrtp, TypedDialect};
pub use difference::{Difference, Matter, Turn};
pub use emergency::{Emergency, SiteAddress, TypedEmergency};
pub use file::{Draft, ExportSecrets, Refusal, SecretPlace, parse_kept_office, parse_office, write_office};
pub use forward::ForwardTo;
pub use holiday::Holiday;
pub use identifiers::{ContactNumber, ExtensionNumber, IdentifierError, Mac, OutsideNumber, Sha256Pin};
pub use network::Network;
pub use office::{
    AlarmLine, Channels, Contact, Country, Credential, Firmware, Handset, Inbound, Language, MALICIOUS_CALL_CODE,
    Office, OfficeIdentity, PARK_PLACES, PICKUP_CODE, Person, Phone, PhoneUsers, RingGroup, Server, Settled, Trunk,
    TrunkTransport, VOICEMAIL_CODE, Voicemail, WhenClosed,
};
pub use opening::{Hours, Opening, TypedOpening};
pub use permit::{Date, Opened, OwnPermit, Permit, PermitError, Reach, Rights};
pub use premium::{Announcement, PremiumNumber, PremiumPrice, TypedPremium};
pub use preset::Preset;
pub use private::{is_of_an_office, is_private};
pub use retention::{Bounds, Retention};
pub use role::{Role, RoleUnknown};
pub use rules::EXTENSION_RANGE;
pub use scanner::{EXPECTED_FOR, Scanner};
pub use secret::Secret;
pub use sensitive::{NotTakenBack, Sensitive};
pub use source::{SourceError, SourceRange};
pub use text::TextError;
