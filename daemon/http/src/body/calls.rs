//! The call log.

use std::collections::BTreeSet;

use centrale_call_control::view::Direction;
use centrale_store::{CallRow, QualityRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::once::Allowable;

/// A page of the call log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallLog {
    /// Newest first.
    pub(crate) calls: Vec<CallLogEntry>,
}

/// A finished call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallLogEntry {
    /// Names it.
    pub(crate) id: String,
    /// Which way it went.
    #[schema(value_type = Direction)]
    pub(crate) direction: String,
    /// Who called.
    pub(crate) from: String,
    /// Their name, if known.
    pub(crate) from_name: String,
    /// What was called.
    pub(crate) to: String,
    /// Which number picked it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered_by: Option<String>,
    /// Which number connected it, by a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transferred_by: Option<String>,
    /// The connection it went over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trunk: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub(crate) started: u64,
    /// When it was answered, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered_ms: Option<u64>,
    /// When it ended, likewise.
    pub(crate) ended: u64,
    /// How it ended.
    #[schema(value_type = Outcome)]
    pub(crate) outcome: String,
    /// The SIP status that ended it when it was not answered, else 0.
    pub(crate) status: u16,
    /// Who said so, when anybody refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<Refusal>,
    /// Whether it was refused lately for what its person may call, and for nothing else: it may be allowed once.
    pub(crate) allowable: bool,
    /// Whether it came from outside under a number of the office: nobody knows who it was.
    pub(crate) spoofed: bool,
    /// Whether it was an emergency call.
    pub(crate) emergency: bool,
    /// Whether somebody marked it as malicious.
    pub(crate) malicious: bool,
    /// The id of the call that it marks as malicious, when it was made for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) marks: Option<String>,
    /// What was measured.
    pub(crate) quality: CallQuality,
}

/// Why a call was not answered, from where it was said.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Refusal {
    /// Who said it.
    pub(crate) by: Refuser,
    /// The SIP status with which it was said; what the caller was told can be another.
    pub(crate) status: u16,
    /// The connection over which it was said, when a provider did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trunk: Option<String>,
}

/// Who refuses a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Refuser {
    /// The box itself.
    Box,
    /// A phone of the office.
    Phone,
    /// A provider, for itself or for who is called beyond it: only the status tells which.
    Provider,
}

impl Refusal {
    /// What ended this call. A far end that said the status that the caller was told goes before one that said another, and a
    /// provider before a phone.
    fn of(row: &CallRow) -> Option<Self> {
        if row.status == 0
            || !matches!(row.outcome.as_str(), "busy" | "no-answer" | "unreachable" | "refused" | "blocked")
        {
            return None;
        }
        let by_box = Self { by: Refuser::Box, status: row.status, trunk: None };
        if row.outcome == "blocked" {
            return Some(by_box);
        }
        let refusing = row.legs.iter().filter(|leg| leg.placed && leg.status != 0);
        let last_word = refusing.max_by_key(|leg| (leg.status == row.status, leg.trunk.is_some()));
        Some(last_word.map_or(by_box, |leg| {
            let by = if leg.trunk.is_some() { Refuser::Provider } else { Refuser::Phone };
            Self { by, status: leg.status, trunk: leg.trunk.clone() }
        }))
    }
}

/// How a call ended.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
#[allow(dead_code, reason = "only its schema is used: the store keeps the word that the exchange's record had")]
pub(crate) enum Outcome {
    /// Nobody answered, and the caller reached the mailbox; or a person listened to the own one.
    Mailbox,
    /// Answered and ended by one side.
    Answered,
    /// The caller gave up first.
    Abandoned,
    /// Nobody answered in time.
    NoAnswer,
    /// Everybody was busy.
    Busy,
    /// Nobody was reachable.
    Unreachable,
    /// Refused by the called side or the provider.
    Refused,
    /// Refused by the box itself.
    Blocked,
    /// Answered, then lost.
    Lost,
}

/// What was measured on both sides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallQuality {
    /// On what the caller sent.
    pub(crate) caller: LegQuality,
    /// On what the called side sent.
    pub(crate) callee: LegQuality,
}

/// What was measured on one side.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LegQuality {
    /// Packets that came.
    pub(crate) packets: u64,
    /// Packets that are missing.
    pub(crate) lost: u64,
    /// Interarrival jitter in milliseconds (RFC 3550 6.4.1).
    pub(crate) jitter_ms: f32,
    /// Whether nothing came although it should have.
    pub(crate) one_way: bool,
    /// Whether sound came, and for the last ten seconds or longer none although it should have.
    pub(crate) fell_silent: bool,
    /// Whether this side, which should hear, reported over and over that nothing arrives there any more.
    pub(crate) hears_nothing: bool,
}

impl CallLogEntry {
    /// A call as it is listed; `marked` are the ids of calls that somebody marked.
    pub(crate) fn of(row: CallRow, marked: &BTreeSet<String>, allowable: &Allowable) -> Self {
        Self {
            refusal: Refusal::of(&row),
            allowable: allowable.judge(&row).is_ok(),
            malicious: marked.contains(&row.id),
            marks: row.marks,
            id: row.id,
            direction: row.direction,
            from: row.from,
            from_name: row.from_name,
            to: row.to,
            answered_by: row.answered_by,
            transferred_by: row.transferred_by,
            trunk: row.trunk,
            started: row.started_unix_ms,
            answered_ms: row.answered_unix_ms,
            ended: row.ended_unix_ms,
            outcome: row.outcome,
            status: row.status,
            spoofed: row.spoofed,
            emergency: row.emergency,
            quality: CallQuality { caller: (&row.caller).into(), callee: (&row.callee).into() },
        }
    }
}

impl From<&QualityRow> for LegQuality {
    fn from(row: &QualityRow) -> Self {
        Self {
            packets: row.packets,
            lost: row.lost,
            jitter_ms: row.jitter_ms,
            one_way: row.one_way,
            fell_silent: row.fell_silent,
            hears_nothing: row.hears_nothing,
        }
    }
}
