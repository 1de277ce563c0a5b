//! What a person may see of the exchange: plain values without secrets, made for the page.

mod doctor;

use centrale_guard::{Meter, Pressed, Stop};
use serde::Serialize;
use utoipa::ToSchema;

pub use doctor::{DoctorView, EvidenceView, ProbeView, RouterView, routers};

/// Everything live, as one value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Snapshot {
    /// One entry per person, in order of number.
    pub people: Vec<PersonView>,
    /// Calls that ring or are answered.
    pub calls: Vec<CallView>,
    /// One entry per trunk, in order of preference.
    pub trunks: Vec<TrunkView>,
    /// What is wrong and can be mended.
    pub problems: Vec<ProblemView>,
}

/// The live state of one person's phones together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonView {
    /// Internal number.
    pub number: String,
    /// Name.
    pub name: String,
    /// What the lamp shows.
    pub state: LineState,
    /// The phones that are registered for this person.
    pub registrations: Vec<RegistrationView>,
    /// Messages in the mailbox that nobody listened to yet.
    pub new_messages: u32,
    /// What is known of it when it is no person, but the line of a lift or an alarm.
    pub alarm_line: Option<AlarmLineView>,
}

/// The line of a lift or an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlarmLineView {
    /// When a call of it got through last, also before a restart: in minutes since 1970 by the clock on the office's wall.
    pub last_call: Option<u64>,
    /// It calls by itself at least once in so many hours; null when it does not.
    pub test_hours: Option<u16>,
}

/// One registered contact.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RegistrationView {
    /// MAC address of the provisioned device, if it is one.
    pub mac: Option<String>,
    /// User-Agent as the phone wrote it, at most 128 characters.
    pub user_agent: String,
    /// Network address the phone was heard from.
    pub address: String,
    /// `udp`, `tcp` or `tls`.
    pub transport: String,
    /// Seconds until it expires unless refreshed, as of this view.
    pub expires_in_seconds: u64,
}

/// What a lamp shows (RFC 4235 states, reduced to what a person can tell apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineState {
    /// No phone is registered.
    Offline,
    /// Ready.
    Idle,
    /// Rings.
    Ringing,
    /// In a call.
    Busy,
}

/// A call as seen from the office.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallView {
    /// Names the call for as long as it lives and in the call log.
    pub id: String,
    /// From outside, to outside, or between colleagues.
    pub direction: Direction,
    /// Number of who calls, as shown.
    pub from: String,
    /// Name of who calls, if known.
    pub from_name: String,
    /// Whether it came from outside under a number of the office. The phones are shown no number then.
    pub spoofed: bool,
    /// Number that was called, as shown.
    pub to: String,
    /// Name of who was called, if known.
    pub to_name: String,
    /// How far it is.
    pub state: CallState,
    /// Seconds since it began to ring or, once answered, since it was answered, as of this view.
    pub seconds: u64,
    /// Whether it is an emergency call.
    pub emergency: bool,
    /// Whether it ends within half a minute, because no more may be spent on it.
    pub ends_soon: bool,
}

/// What may be spent and what is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostsView {
    /// Each cap.
    pub caps: Vec<CapView>,
}

/// A cap and what is used of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CapView {
    /// `call`, `person`, `hour`, `day`, `night`, `weekend`, `month`, `new-country`, `ordinary-person` or `ordinary-day`.
    pub cap: String,
    /// Cents, VAT included, spent or held back for calls that last: in its present hour, day, night, weekend or month. Of a
    /// person and of a new country it is the one with most. A part of a cent counts as one.
    pub used_cents: u64,
    /// Cents that count now.
    pub limit_cents: u64,
    /// Cents when it is not raised.
    pub usual_cents: u64,
    /// Until when it is raised, in minutes since 1970 by the clock on the office's wall.
    pub raised_until: Option<u64>,
}

impl CostsView {
    pub(crate) fn of(meters: &[Meter]) -> Self {
        let cap = |meter: &Meter| CapView {
            cap: meter.cap.word().to_owned(),
            used_cents: meter.used.cents_up(),
            limit_cents: meter.limit.cents_up(),
            usual_cents: meter.cap.amount().cents_up(),
            raised_until: meter.raised_until.map(|until| until.minutes()),
        };
        Self { caps: meters.iter().map(cap).collect() }
    }
}

/// Calls that somebody stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StopView {
    /// `outgoing`, `abroad`, `person/` with the number of who reaches colleagues alone, or `paid/` with that of who makes no call that costs more
    /// than an ordinary one in the country.
    pub stop: String,
    /// Who pressed it.
    pub by: String,
    /// When, in milliseconds since 1970 UTC.
    pub since: u64,
}

impl StopView {
    pub(crate) fn of((stop, pressed): (&Stop, &Pressed)) -> Self {
        Self { stop: stop.to_string(), by: pressed.by.clone(), since: pressed.at_unix_ms }
    }
}

/// Which way a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Between colleagues.
    Internal,
    /// From outside.
    Incoming,
    /// To outside.
    Outgoing,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallState {
    /// Being set up or ringing.
    Ringing,
    /// Answered.
    Talking,
    /// One side holds.
    Held,
}

/// A trunk's health.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TrunkView {
    /// The administrator's name for it.
    pub name: String,
    /// Its state.
    pub state: TrunkState,
    /// What the provider meant, when it said why it refuses the office or its calls: the code of a problem, else empty.
    pub reason: String,
    /// What the provider said last when it is not connected, in its own words, else empty.
    pub detail: String,
    /// The address and port at which the provider sees the box, outside the office's router; empty until it said so.
    pub seen_as: String,
    /// Calls on it now.
    pub calls: u32,
    /// Whether a call for help would find its way out over it.
    pub help: HelpView,
}

/// What the test calls over a trunk came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HelpView {
    /// How the last one went.
    pub state: HelpTest,
    /// When one rang last, also before a restart: in minutes since 1970 by the clock on the office's wall.
    pub proven: Option<u64>,
}

/// How the last test of the way to help went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HelpTest {
    /// The office has no test number.
    #[default]
    None,
    /// There was none yet since the start.
    Planned,
    /// It is being made.
    UnderWay,
    /// It rang.
    Proven,
    /// It did not ring.
    Failed,
}

/// The states of a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TrunkState {
    /// Not tried yet, or being tried.
    Connecting,
    /// Registered, or reachable where no registration is wanted.
    Connected,
    /// Refused for good: the box will not try again until the settings change.
    Refused,
    /// Cannot be reached; tried again by itself.
    Unreachable,
}

/// Something that is wrong, by code; the page owns the words in each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemView {
    /// Stable code, for example `trunk-refused`.
    pub code: String,
    /// What it is about: a trunk's name, a person's number, a phone's MAC address; empty when the whole box.
    pub subject: String,
    /// How bad it is.
    pub severity: Severity,
    /// A detail for the installer, never a secret.
    pub detail: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Calls do not work.
    CallsFail,
    /// Something will go wrong.
    Warning,
    /// Good to know.
    Note,
}
