//! When the office is open, and where numbers from outside lead then and otherwise.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A number from outside and where it rings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbound {
    /// Number in E.164.
    pub(crate) number: String,
    /// A person's, ring group's or conference room's number.
    pub(crate) to: String,
    /// Where it leads while the office is closed; null when that makes no difference.
    pub(crate) closed: Option<WhenClosed>,
}

impl Inbound {
    pub(crate) fn of(inbound: &centrale_config::Inbound) -> Self {
        let closed = inbound.closed.as_ref();
        let closed = closed.map(|closed| WhenClosed { to: closed.to.to_string(), voicemail: closed.voicemail });
        Self { number: inbound.number.to_string(), to: inbound.to.to_string(), closed }
    }
}

/// Who is to ring.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct InboundTarget {
    /// A person's, ring group's or conference room's number.
    pub(crate) to: String,
    /// Where it is to lead while the office is closed; left out or null when that makes no difference.
    pub(crate) closed: Option<WhenClosed>,
}

/// Where a number from outside leads while the office is closed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct WhenClosed {
    /// A person's, ring group's or conference room's number.
    pub(crate) to: String,
    /// Nobody is rung: the caller reaches the mailbox of that person at once.
    pub(crate) voicemail: bool,
}

/// When there are people in the office.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Opening {
    /// Of each day of the week, Monday first: `08:00-12:30, 13:00-17:30`, or `closed`.
    pub(crate) week: [String; 7],
    /// Words of the holidays that it keeps.
    pub(crate) holidays: Vec<String>,
    /// Words of the holidays that an office of this country may keep, in the order of the year.
    pub(crate) possible: Vec<String>,
    /// Other days on which it is closed, as `2026-12-24`.
    pub(crate) closed_days: Vec<String>,
}

impl Opening {
    pub(crate) fn of(office: &centrale_config::Office) -> Self {
        let opening = office.hours();
        let mut possible = centrale_config::Holiday::possible(office.identity.country);
        possible.extend(&opening.holidays);
        possible.sort_unstable();
        possible.dedup();
        let words =
            |holidays: &[centrale_config::Holiday]| holidays.iter().map(|holiday| holiday.word().to_owned()).collect();
        Self {
            week: opening.week.each_ref().map(|pieces| centrale_config::Opening::written(pieces)),
            holidays: words(&opening.holidays),
            possible: words(&possible),
            closed_days: opening.closed_days.iter().map(ToString::to_string).collect(),
        }
    }
}

/// When there are to be people in the office.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct OpeningChange {
    /// Of each day of the week, Monday first: `08:00-12:30, 13:00-17:30`, or `closed`.
    pub(crate) week: [String; 7],
    /// Words of the holidays that it keeps.
    pub(crate) holidays: Vec<String>,
    /// Other days on which it is closed, as `2026-12-24`.
    pub(crate) closed_days: Vec<String>,
}

impl From<OpeningChange> for centrale_config::TypedOpening {
    fn from(change: OpeningChange) -> Self {
        let OpeningChange { week, holidays, closed_days } = change;
        Self { week: week.map(Some), holidays: Some(holidays), closed_days }
    }
}

/// Numbers of support: everybody may call them, and nothing that was stopped or spent refuses it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SupportNumbers {
    /// Ordinary numbers of the own country, in any usual form; as the exchange writes them when they are read.
    pub(crate) numbers: Vec<String>,
}
