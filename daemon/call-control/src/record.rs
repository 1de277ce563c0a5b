//! What is written down of a call when it is over.

use std::time::Instant;

use centrale_rtp::relay::LegQuality;

use crate::view::Direction;

/// A finished call. Times are monotonic; the daemon turns them into the office's civil time when it writes them down.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRecord {
    /// The same id as on the page while the call lived.
    pub id: String,
    /// Which way it went.
    pub direction: Direction,
    /// Who called: internal number, E.164, or `anonymous`.
    pub from: String,
    /// Name of who called, if known.
    pub from_name: String,
    /// What was called: internal number, E.164, or the emergency number.
    pub to: String,
    /// Which number picked it up, when it was answered by one.
    pub answered_by: Option<String>,
    /// Who connected it, handing on a call of its own.
    pub transferred_by: Option<String>,
    /// The trunk it went over, if any.
    pub trunk: Option<String>,
    /// When the first INVITE came.
    pub started: Instant,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// When it ended.
    pub ended: Instant,
    /// How it ended.
    pub outcome: Outcome,
    /// The SIP status that ended it when it was not answered, else 0.
    pub status: u16,
    /// What was measured on what the caller sent.
    pub caller_quality: LegQuality,
    /// What was measured on what the called side sent.
    pub callee_quality: LegQuality,
    /// Whether it was an emergency call.
    pub emergency: bool,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered and ended by one side.
    Answered,
    /// The caller gave up first.
    Abandoned,
    /// Nobody answered in time.
    NoAnswer,
    /// Everybody was busy.
    Busy,
    /// Nobody was reachable (no phone registered, trunk down).
    Unreachable,
    /// Refused by the called side or the provider.
    Refused,
    /// Refused by the exchange itself.
    Blocked,
    /// Answered, then lost: no media, no refresh, or the network failed.
    Lost,
}
