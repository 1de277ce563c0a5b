//! What the API takes and gives, as the page sees it. The names are the schemas of `web-ui/openapi.json`.
//!
//! No type here that can hold a secret has `Debug`.

mod abuse_desk;
mod calls;
mod contacts;
mod dialect;
mod groups;
mod inbound;
mod trunks;

use centrale_call_control::view::{CallView, DoctorView, PersonView, ProblemView, RouterView, StopView, TrunkView};
use centrale_config::{Language, TypedEmergency};
use centrale_provisioning::enrolment::DeviceView;
use centrale_store::BlockRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::RulesDue;

pub(crate) use abuse_desk::AbuseDesk;
pub(crate) use calls::{CallLog, CallLogEntry, CallQuality};
pub(crate) use contacts::{Contact, Contacts, ReadContacts, RefusedContact};
pub(crate) use dialect::Dialect;
pub(crate) use groups::{Conference, ConferenceChange, RingGroup, RingGroupChange};
pub(crate) use inbound::{Inbound, InboundTarget, Opening, OpeningChange, SupportNumbers};
pub(crate) use trunks::{Channels, TrunkOrder};

/// How far whoever asks is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// Whether the box waits to be set up, for a login, or is open to whoever asks.
    pub(crate) state: SessionState,
    /// The page's language.
    pub(crate) language: PageLanguage,
    /// What every write must carry in `X-Centrale-CSRF`; only in an open session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) csrf: Option<String>,
    /// The office's name; only in an open session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) office_name: Option<String>,
    /// Who is logged in; only in an open session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) me: Option<Me>,
    /// What the page shows before all else, until who is logged in accepted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) rules: Option<RulesDue>,
}

/// How far whoever asks is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SessionState {
    /// Nobody has set a password yet.
    Setup,
    /// A password is needed.
    Login,
    /// Logged in.
    Open,
}

/// Languages of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PageLanguage {
    /// Dutch.
    Nl,
    /// French.
    Fr,
    /// English.
    En,
}

impl PageLanguage {
    /// The page's language for an office; it has no German, and falls back to English.
    pub(crate) const fn of(language: Language) -> Self {
        match language {
            Language::Dutch => Self::Nl,
            Language::French => Self::Fr,
            Language::English | Language::German => Self::En,
        }
    }

    /// As it is written in an office.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::Fr => "fr",
            Self::En => "en",
        }
    }
}

/// The first thing that is asked of a new box.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SetUp {
    /// The code that the box shows to who stands beside it.
    pub(crate) code: String,
    /// The administrator's password, at least 12 characters.
    #[schema(min_length = 12, format = Password)]
    pub(crate) password: String,
    /// The office's language.
    pub(crate) language: PageLanguage,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// The name that is typed to log in.
    pub(crate) name: String,
    /// `owner`, `installer`, `reception`, `person` or `auditor`.
    pub(crate) role: &'static str,
    /// Whose calls and mailbox are the user's own: an internal number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) person: Option<String>,
    /// When it is over by itself, in milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) ends: Option<u64>,
    /// What may be asked of the box, such as `PUT /api/v1/office/identity`. A person may at the own number alone.
    pub(crate) may: Vec<String>,
}

/// The way in with a one-time code.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Join {
    /// The code that an owner handed out.
    pub(crate) code: String,
    /// A password of one's own, at least 12 characters.
    #[schema(min_length = 12, format = Password)]
    pub(crate) password: String,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPassword {
    /// The one of before.
    #[schema(format = Password)]
    pub(crate) password: String,
    /// The one from now on, at least 12 characters.
    #[schema(min_length = 12, format = Password)]
    pub(crate) new_password: String,
}

/// A login.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LogIn {
    /// Who; the first owner when left out.
    #[schema(nullable = false)]
    pub(crate) name: Option<String>,
    /// That user's password.
    #[schema(format = Password)]
    pub(crate) password: String,
    /// A code of that user's second factor; asked for when the password was right.
    #[schema(nullable = false)]
    pub(crate) code: Option<String>,
}

/// The revision that a change made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revision {
    /// Its number.
    pub(crate) revision: u64,
}

/// A revision of the office in the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevisionEntry {
    /// Its number.
    pub(crate) revision: u64,
    /// Who made it.
    pub(crate) who: String,
    /// When, in milliseconds since 1970.
    pub(crate) when: u64,
    /// Why, as whoever made it wrote it down, in English.
    pub(crate) why: String,
    /// What is different from the one before it; empty for the first, and where it cannot be told any more.
    pub(crate) differences: Vec<Difference>,
}

/// One entry of the office that a revision has otherwise than the one before it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    /// What kind of entry.
    pub(crate) matter: Matter,
    /// What became of it.
    pub(crate) turn: Turn,
    /// The number, MAC address or name that it is known by; empty where there is only one.
    pub(crate) subject: String,
    /// What people call it: a name, or of a phone its model and whose it is; empty where there is none.
    pub(crate) name: String,
}

/// Kinds of entries of the office.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Matter {
    /// Who and where the office is.
    Identity,
    /// A person.
    Person,
    /// A phone.
    Phone,
    /// A connection to a provider.
    Trunk,
    /// Where a number from outside rings.
    Inbound,
    /// A ring group.
    RingGroup,
    /// A conference room.
    Conference,
    /// What a group of people may call.
    Rights,
    /// A shared contact.
    Contact,
    /// Pinned firmware.
    Firmware,
    /// Who is told by e-mail.
    Alerts,
    /// Anything else.
    Settings,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Turn {
    /// It came.
    Added,
    /// It is another than before.
    Changed,
    /// It went.
    Removed,
}

impl From<centrale_config::Difference> for Difference {
    fn from(difference: centrale_config::Difference) -> Self {
        let centrale_config::Difference { matter, turn, subject, name } = difference;
        let matter = match matter {
            centrale_config::Matter::Identity => Matter::Identity,
            centrale_config::Matter::Person => Matter::Person,
            centrale_config::Matter::Phone => Matter::Phone,
            centrale_config::Matter::Trunk => Matter::Trunk,
            centrale_config::Matter::Inbound => Matter::Inbound,
            centrale_config::Matter::RingGroup => Matter::RingGroup,
            centrale_config::Matter::Conference => Matter::Conference,
            centrale_config::Matter::Rights => Matter::Rights,
            centrale_config::Matter::Contact => Matter::Contact,
            centrale_config::Matter::Firmware => Matter::Firmware,
            centrale_config::Matter::Alerts => Matter::Alerts,
            centrale_config::Matter::Settings => Matter::Settings,
        };
        let turn = match turn {
            centrale_config::Turn::Added => Turn::Added,
            centrale_config::Turn::Changed => Turn::Changed,
            centrale_config::Turn::Removed => Turn::Removed,
        };
        Self { matter, turn, subject, name }
    }
}

/// The office, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Office {
    /// The current revision.
    pub(crate) revision: u64,
    /// Who and where it is.
    pub(crate) identity: Identity,
    /// People, by number.
    pub(crate) people: Vec<Person>,
    /// Phones that were given to people.
    pub(crate) phones: Vec<Phone>,
    /// Ways out, in order of preference.
    pub(crate) trunks: Vec<Trunk>,
    /// Who rings for which number from outside.
    pub(crate) inbound: Vec<Inbound>,
    /// Numbers that ring several people.
    pub(crate) ring_groups: Vec<RingGroup>,
    /// Rooms in which several people hear one another.
    pub(crate) conferences: Vec<Conference>,
    /// Groups of rights.
    pub(crate) rights: Vec<Rights>,
    /// From whom nobody is called.
    pub(crate) blocked_callers: BlockedCallers,
    /// What its line to the internet carries.
    pub(crate) line: Line,
    /// When there are people in it.
    pub(crate) opening: Opening,
    /// Whom everybody may always call.
    pub(crate) support_numbers: SupportNumbers,
    /// Where help is to come, and how the way out is proven.
    pub(crate) emergency: Emergency,
    /// The logo on the phones' screens; null when there is none.
    pub(crate) logo: Option<Logo>,
}

/// The logo on the phones' screens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Logo {
    /// The SHA-256 of its picture, in 64 hexadecimal digits.
    pub(crate) sha256: String,
    /// Whether the box does not have that picture: the office file came from elsewhere.
    pub(crate) missing: bool,
}

/// Who and where the office is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Identity {
    /// Name.
    pub(crate) name: String,
    /// Decides the number plan.
    #[schema(value_type = Country)]
    pub(crate) country: String,
    /// With its zero; empty when there is none.
    pub(crate) area_code: String,
    /// Of phones and page.
    #[schema(value_type = OfficeLanguage)]
    pub(crate) language: String,
    /// IANA name.
    pub(crate) time_zone: String,
}

/// Countries whose number plans the box knows.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used: the values are read by config, which knows them")]
pub(crate) enum Country {
    /// The Netherlands.
    #[schema(rename = "NL")]
    Nl,
    /// Belgium.
    #[schema(rename = "BE")]
    Be,
}

/// Languages of phones.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "only its schema is used: the values are read by config, which knows them")]
pub(crate) enum OfficeLanguage {
    /// Dutch.
    Nl,
    /// French.
    Fr,
    /// English.
    En,
    /// German.
    De,
}

/// Transports to a provider.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "only its schema is used: the values are read by config, which knows them")]
pub(crate) enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
}

/// Somebody with an internal number.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Person {
    /// Internal number, 200 to 699.
    pub(crate) number: String,
    /// Name.
    pub(crate) name: String,
}

/// A person's mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mailbox {
    /// After how many seconds a caller reaches it; `null` for who has none.
    pub(crate) after_seconds: Option<u16>,
    /// Days after which a message is gone.
    pub(crate) kept_days: u16,
    /// What is in it, the newest first.
    pub(crate) messages: Vec<Message>,
}

/// Whether a person has a mailbox.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct MailboxChoice {
    /// After how many seconds a caller reaches it, 5 to 60; `null` for none.
    pub(crate) after_seconds: Option<u16>,
}

/// A message that somebody left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Message {
    /// Its number, never used again.
    pub(crate) id: u64,
    /// Who called: internal number, E.164, or `anonymous`.
    pub(crate) from: String,
    /// Name of who called, or empty.
    pub(crate) from_name: String,
    /// Milliseconds since 1970 UTC.
    pub(crate) received_unix_ms: u64,
    /// How long it takes to hear, milliseconds.
    pub(crate) length_ms: u64,
    /// Whether its person listened to it.
    pub(crate) heard: bool,
}

/// What was decided for a person of what may be called. What is null is as in the person's group, and without one as for
/// somebody new. Help, free numbers and colleagues are always within it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Permit {
    /// The group of rights that the person is in, by its name.
    pub(crate) rights: Option<String>,
    /// `inside`, `lobby`, `country`, `europe` or `world`.
    pub(crate) calls: Option<String>,
    /// Whether also numbers that cost extra.
    pub(crate) premium: Option<bool>,
    /// Destinations that are open although they are blocked or out of reach.
    pub(crate) opened: Vec<OpenedDestination>,
}

/// What a person may call, and what comes of it together with the person's group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonPermit {
    /// What was decided for the person.
    pub(crate) own: Permit,
    /// How far the person may call: `inside`, `lobby`, `country`, `europe` or `world`.
    pub(crate) calls: String,
    /// Whether also numbers that cost extra.
    pub(crate) premium: bool,
}

/// A group of rights.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rights {
    /// What it is called.
    pub(crate) name: String,
    /// `inside`, `lobby`, `country`, `europe` or `world`.
    pub(crate) calls: String,
    /// Whether also numbers that cost extra.
    pub(crate) premium: bool,
}

/// What everybody in a group of rights may call for whom nothing else was decided.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RightsChange {
    /// `inside`, `lobby`, `country`, `europe` or `world`.
    pub(crate) calls: String,
    /// Whether also numbers that cost extra.
    pub(crate) premium: bool,
}

/// A destination that is open until the end of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct OpenedDestination {
    /// `+53`, or `0906` for what exists inside the country only.
    pub(crate) prefix: String,
    /// The last day: `2026-12-31`.
    pub(crate) until: String,
}

/// Another amount for a cap, for a time.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CapRaise {
    /// Which, as in the list of caps.
    pub(crate) cap: String,
    /// The amount meanwhile, in cents: no less than it is, which takes a raise back, and twenty times that at most.
    pub(crate) to_cents: u32,
    /// For how long, 1 to 744.
    pub(crate) hours: u16,
}

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PersonName {
    /// The name.
    pub(crate) name: String,
}

/// A phone that was given to somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Phone {
    /// MAC address.
    pub(crate) mac: String,
    /// Model.
    pub(crate) model: String,
    /// Whose it is: one person's, or of a base one for each handset, in the order of their places.
    pub(crate) people: Vec<String>,
    /// What it is as a DECT base; absent for any other phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) base: Option<Base>,
    /// Expansion modules that are plugged into it.
    pub(crate) modules: u8,
    /// How many its model carries; 0 also where nobody knows the model.
    pub(crate) most_modules: u8,
    /// Whether it registers and speaks without encryption, as somebody said.
    pub(crate) unencrypted: bool,
    /// Where it stands, in the office's own words; empty when nobody said.
    pub(crate) room: String,
}

/// What a phone is as a DECT base.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Base {
    /// Its handsets, in the order of their places.
    pub(crate) handsets: Vec<Handset>,
    /// How many it can have.
    pub(crate) most: u16,
    /// The models of handsets that it serves.
    pub(crate) models: Vec<String>,
}

/// A handset of a base.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Handset {
    /// Which of the base's handsets it is, from 1: the place at which it is registered there.
    pub(crate) place: u8,
    /// Whose it is.
    pub(crate) person: String,
    /// Its model; empty when nobody said.
    pub(crate) model: String,
}

/// Which handset a person gets.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct HandsetModel {
    /// Its model; empty when nobody knows, which keeps what is known.
    pub(crate) model: String,
}

/// What is plugged into a phone.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Modules {
    /// How many expansion modules.
    pub(crate) modules: u8,
}

/// Where a phone stands.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Room {
    /// In the office's own words; empty when nobody says.
    pub(crate) room: String,
}

/// How a phone registers and speaks.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Unencrypted {
    /// Whether it does so without encryption. Whoever listens on its network then hears its calls.
    pub(crate) unencrypted: bool,
}

/// A device that is the office's.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Recognised {
    /// The detail of the problem, so that no other device is meant than was shown.
    pub(crate) shown: String,
}

/// Which phone takes another's place.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Replacement {
    /// MAC address of a phone that was heard and is nobody's.
    pub(crate) by: String,
}

/// A connection to a provider, without its password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Trunk {
    /// Name.
    pub(crate) name: String,
    /// Host, with a port when one was written.
    pub(crate) server: String,
    /// Transport.
    #[schema(value_type = Transport)]
    pub(crate) transport: &'static str,
    /// User name.
    pub(crate) username: String,
    /// Whether the box registers.
    pub(crate) register: bool,
    /// The office's numbers there, in E.164.
    pub(crate) numbers: Vec<String>,
    /// How the provider wants to be spoken to.
    pub(crate) dialect: Dialect,
    /// What the contract allows at once.
    pub(crate) channels: Channels,
    /// Who there is told of abuse; null when nobody said it.
    pub(crate) abuse_desk: Option<AbuseDesk>,
}

/// What a provider publishes of its SIP trunks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preset {
    /// As customers know it.
    pub(crate) name: &'static str,
    /// Host, or host:port; `{account}` in it is the customer's own. Empty where the provider tells each customer theirs.
    pub(crate) server: &'static str,
    /// What it takes; the first is usual.
    #[schema(value_type = Vec<Transport>)]
    pub(crate) transports: Vec<&'static str>,
    /// Whether it wants a registration.
    pub(crate) register: bool,
    /// How it wants to be spoken to, as far as it says so.
    pub(crate) dialect: Dialect,
    /// Where it is published.
    pub(crate) source: &'static str,
    /// When it was read there, as year-month-day.
    pub(crate) read: &'static str,
    /// Whether a call over it was made with this box.
    pub(crate) verified: bool,
}

impl From<centrale_config::Preset> for Preset {
    fn from(preset: centrale_config::Preset) -> Self {
        let centrale_config::Preset { name, server, transports, register, dialect, source, read, verified } = preset;
        let transports = transports.into_iter().map(centrale_config::TrunkTransport::word).collect();
        let dialect = dialect.into();
        Self { name, server, transports, register, dialect, source, read, verified }
    }
}

/// From whom nobody in the office is called.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct BlockedCallers {
    /// Their numbers, in any usual form; as the exchange writes them when they are read.
    pub(crate) numbers: Vec<String>,
    /// Whether callers who do not show their number are refused too.
    pub(crate) refuse_withheld: bool,
}

/// What the office's line to the internet carries.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Line {
    /// Towards the internet, in kbit/s; null when nobody knows. A call takes 100.
    pub(crate) kbit: Option<u32>,
}

/// Where help is to come, and how the way out is proven. Empty texts are what nobody said.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Emergency {
    /// Street, without the number.
    pub(crate) street: String,
    /// House number with what belongs to it.
    pub(crate) house_number: String,
    /// `1012 JM`, or `1000` in Belgium.
    pub(crate) postcode: String,
    /// Town or village.
    pub(crate) place: String,
    /// Called once a day over each connection to a provider; never an emergency number.
    pub(crate) test_number: String,
}

impl From<Emergency> for TypedEmergency {
    fn from(emergency: Emergency) -> Self {
        let Emergency { street, house_number, postcode, place, test_number } = emergency;
        Self { street, house_number, postcode, place, test_number }
    }
}

impl From<TypedEmergency> for Emergency {
    fn from(emergency: TypedEmergency) -> Self {
        let TypedEmergency { street, house_number, postcode, place, test_number } = emergency;
        Self { street, house_number, postcode, place, test_number }
    }
}

/// A new or changed connection to a provider.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TrunkChange {
    /// Host, host:port or `[v6]:port`.
    pub(crate) server: String,
    /// Transport.
    #[schema(value_type = Transport)]
    pub(crate) transport: String,
    /// User name.
    pub(crate) username: String,
    /// Password; without one the old one stays.
    #[schema(format = Password)]
    pub(crate) password: Option<String>,
    /// Whether the box registers.
    pub(crate) register: bool,
    /// The office's numbers there, in E.164.
    pub(crate) numbers: Vec<String>,
    /// How the provider wants to be spoken to; without it as before, and a new one as is usual.
    pub(crate) dialect: Option<Dialect>,
}

/// What to type into a phone that the box does not set up. Shown once; the password before it is dead.
#[derive(Serialize, ToSchema)]
pub(crate) struct HandPassword {
    /// User name.
    pub(crate) username: String,
    /// Password.
    pub(crate) password: String,
    /// Address of the box, as whoever asks reaches it.
    pub(crate) server: String,
    /// SIP port.
    pub(crate) port: u16,
    /// Transport.
    pub(crate) transport: &'static str,
}

/// How a soft phone comes by its settings.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SoftphoneWay {
    /// Whether the link may be opened without TLS, from the box's own networks, by an app that knows no certificate of the
    /// box. Whoever listens there meanwhile learns the account.
    #[serde(default)]
    pub(crate) in_clear: bool,
}

/// A link that sets up one soft phone, once.
#[derive(Serialize, ToSchema)]
pub(crate) struct SoftphoneLink {
    /// The link, which is a secret.
    pub(crate) url: String,
    /// The same as a picture (SVG).
    pub(crate) qr_svg: String,
    /// Seconds in which it must be used.
    pub(crate) expires_in_seconds: u64,
}

/// How long new phones are to be taken in.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WindowRequest {
    /// Minutes, 1 to 60.
    pub(crate) minutes: u16,
}

/// Whether new phones are taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PairingWindow {
    /// Until when, in unix seconds; null when not.
    #[schema(required)]
    pub(crate) open_until: Option<u64>,
}

/// Whether a phone may be set up without TLS.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PlainHttp {
    /// Whether it may.
    pub(crate) allowed: bool,
}

/// Whose a phone is to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Adoption {
    /// A person's number.
    pub(crate) person: String,
}

/// Everything live.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct LiveSnapshot {
    /// People, in order of number.
    pub(crate) people: Vec<PersonView>,
    /// Calls that ring or are answered.
    pub(crate) calls: Vec<CallView>,
    /// Connections to providers.
    pub(crate) trunks: Vec<TrunkView>,
    /// Calls that somebody stopped.
    pub(crate) stops: Vec<StopView>,
    /// What is wrong.
    pub(crate) problems: Vec<ProblemView>,
    /// Phones that were heard.
    pub(crate) devices: Vec<DeviceView>,
    /// Whether new phones are taken in.
    pub(crate) window: PairingWindow,
    /// The current revision of the office.
    pub(crate) revision: u64,
}

/// What the doctor says of the ways to the providers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoctorReport {
    /// One entry for each provider of which anything is known.
    pub(crate) trunks: Vec<DoctorView>,
    /// Every router of which is known how its SIP ALG is switched off, or that it is not known.
    pub(crate) routers: Vec<RouterView>,
}

/// Everything that is counted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counters {
    /// In no order that means anything.
    pub(crate) counters: Vec<Counter>,
}

/// A total since the start of the daemon.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counter {
    /// Stable name.
    pub(crate) name: String,
    /// The total.
    pub(crate) value: u64,
    /// What is counted.
    pub(crate) help: String,
}

/// That the daemon answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    pub(crate) status: &'static str,
    /// Version of the daemon.
    pub(crate) version: &'static str,
}

/// Who is kept out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Blocks {
    /// The newest first.
    pub(crate) blocks: Vec<Block>,
}

/// An address whose packets are not taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Block {
    /// IPv4 or IPv6.
    pub(crate) address: String,
    /// Only what comes from this port; everything without.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) port: Option<u16>,
    /// Why: `scanner`, `enumeration`, `inventory`, `guessing`, `spraying`, `toll-fraud` or `flood`.
    pub(crate) reason: String,
    /// Since when, in milliseconds since 1970 in UTC.
    pub(crate) since: u64,
    /// Until when, likewise.
    pub(crate) until: u64,
}

impl From<BlockRow> for Block {
    fn from(row: BlockRow) -> Self {
        let (address, since, until) = (row.source.to_string(), row.since_unix_ms, row.until_unix_ms);
        Self { address, port: row.port, reason: row.reason, since, until }
    }
}
