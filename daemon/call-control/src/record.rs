//! What is written down of a call when it is over.

use std::time::Instant;

use centrale_numbering::{Class, Money};
use centrale_rtp::relay::{LegQuality, Side};

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
    /// What that number is to the number plan.
    pub class: Class,
    /// What the calls to outside that it holds cost, VAT included, by a price list or else at worst; `None` when there is nothing
    /// to pay. A leg that was handed on is paid for on the record of the call in which it ended.
    pub price: Option<Money>,
    /// Whether it came from outside under a number of the office, which `from` is then: nobody knows who it was.
    pub spoofed: bool,
    /// Whether the caller asked not to be shown.
    pub withheld: bool,
    /// Which number picked it up, when it was answered by one.
    pub answered_by: Option<String>,
    /// Who connected it, handing on a call of its own, or whose phone sent it on.
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
    /// Who or what ended it, and why.
    pub cause: Cause,
    /// The SIP status that ended it when it was not answered, else 0.
    pub status: u16,
    /// What was measured on what the caller sent.
    pub caller_quality: LegQuality,
    /// What was measured on what the called side sent.
    pub callee_quality: LegQuality,
    /// Whether it was an emergency call.
    pub emergency: bool,
    /// The number of the office that was called from outside.
    pub line: Option<String>,
    /// The call that it marks as malicious, by its [`id`](Self::id): somebody dialled the code for that.
    pub marks: Option<String>,
    /// Its legs in the order in which they ended: every phone that rang, every provider that was asked, and both ends. A leg
    /// that was handed on to another call is in the record of the call in which it ended.
    pub legs: Vec<LegRecord>,
    /// The guard's word for why the exchange refused or ended it; nothing when somebody hung up.
    pub reason: Option<&'static str>,
}

/// One leg: a dialog with a phone or a provider, or the attempt to have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegRecord {
    /// On which side of the call it was; what was measured on it is the quality of that side.
    pub side: Side,
    /// The number at its far end: internal, E.164, or as the provider was given it.
    pub number: String,
    /// The account of the phone (its digest user), when it is one.
    pub account: Option<String>,
    /// The provider, when it is one.
    pub trunk: Option<String>,
    /// Whether the box called it; else it called the box.
    pub placed: bool,
    /// What it spoke, as in SDP: `PCMA/8000`.
    pub codec: Option<String>,
    /// When its INVITE went out or came.
    pub started: Instant,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// When it ended.
    pub ended: Instant,
    /// The SIP status with which its far end refused it, else 0.
    pub status: u16,
}

/// Who or what ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The caller hung up.
    CallerHungUp,
    /// The called side hung up.
    CalleeHungUp,
    /// The caller gave up before anybody answered.
    CallerGaveUp,
    /// Nobody answered in time.
    NoAnswer,
    /// The called side or the provider refused; the status says how.
    Refused,
    /// A rule of the office refused it.
    Blocked,
    /// There was no way to reach whom was called.
    Unreachable,
    /// Its ends went on in another call: a transfer, or a park place.
    HandedOn,
    /// Somebody ended it on the page.
    Page,
    /// No more may be spent on it, or it lasted the longest that such a call may.
    LimitReached,
    /// A call for help needed its channel or its port.
    NeededForHelp,
    /// The person or the provider was taken out of the office.
    OfficeChanged,
    /// The box was stopped while it lasted.
    BoxStopped,
    /// The box lost its power, or its program, while it lasted: what is written is what was known last.
    BoxLost,
    /// One side did not refresh the session (RFC 4028): it is gone and did not say so.
    SessionExpired,
    /// One side no longer answered, or said that it knew of no such call.
    PeerLost,
    /// The two sides had no audio in common.
    NoMedia,
    /// Nothing was heard of either side for a minute.
    Silence,
    /// One side hung up that had heard nothing of the other for a minute.
    HeardNothing,
}

impl Cause {
    /// What an ending says of itself when nothing else is known of it. `gone` is the side that said so.
    pub(crate) const fn of(gone: Option<Side>, outcome: Outcome, status: u16) -> Self {
        match (outcome, gone) {
            (Outcome::Answered | Outcome::Mailbox, Some(Side::Caller)) => Self::CallerHungUp,
            (Outcome::Answered | Outcome::Mailbox, Some(Side::Callee)) => Self::CalleeHungUp,
            (Outcome::Answered | Outcome::Mailbox, None) => Self::HandedOn,
            (Outcome::Abandoned, _) => Self::CallerGaveUp,
            (Outcome::NoAnswer, _) => Self::NoAnswer,
            (Outcome::Busy | Outcome::Refused, _) => Self::Refused,
            (Outcome::Blocked, _) => Self::Blocked,
            (Outcome::Unreachable, _) => Self::Unreachable,
            (Outcome::Lost, _) if status == 488 => Self::NoMedia,
            (Outcome::Lost, _) => Self::PeerLost,
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered and ended by one side.
    Answered,
    /// Nobody answered, and the caller reached the mailbox; or a person listened to the own one.
    Mailbox,
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
