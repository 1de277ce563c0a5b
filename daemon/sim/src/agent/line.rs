//! One call as an agent sees it, and what is told of it when it is over.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::{ClientKey, ServerKey};
use centrale_sip::message::Request;
use centrale_sip::sdp::{AudioView, Direction};

use super::voice::Voice;

/// Names a line within its agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineKey(pub(super) u64);

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Our INVITE has no final answer.
    Calling,
    /// Theirs has none.
    Ringing,
    /// Answered.
    Talking,
}

/// One call.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) state: State,
    /// The same at both ends: it travels as the name of the session.
    pub(super) token: String,
    pub(super) dialled: String,
    pub(super) outgoing: bool,
    /// Whom a call says that it comes from.
    pub(super) callers: Vec<String>,
    pub(super) tag: String,
    pub(super) dialog: Option<Dialog>,
    /// Our INVITE, for its answer to a challenge and its ACK.
    pub(super) request: Option<Request>,
    pub(super) client: Option<ClientKey>,
    pub(super) challenges: u32,
    /// When it was dialled here, and when the first answer came beside 100 and a question for proof.
    pub(super) dialled_at: Option<Instant>,
    pub(super) heard_at: Option<Instant>,
    /// Their INVITE that has no final answer yet, the first or one within the call.
    pub(super) asked: Option<(ServerKey, Request)>,
    /// Our re-INVITE that has no final answer yet.
    pub(super) asking: Option<ClientKey>,
    /// Our REFER that has no final answer yet, for its answer to a challenge.
    pub(super) refer: Option<Request>,
    /// The other end was handed on to somebody else.
    pub(super) handed_on: bool,
    /// The answer to our offer comes with the ACK.
    pub(super) awaits_answer: bool,
    pub(super) port: u16,
    pub(super) version: u32,
    /// What we said last.
    pub(super) direction: Direction,
    /// What they said last.
    pub(super) theirs: Option<AudioView>,
    pub(super) established: Option<Instant>,
    pub(super) ever_held: bool,
    pub(super) voice: Voice,
    pub(super) spoken: u64,
    /// We gave up before it was answered.
    pub(super) cancelled: bool,
}

/// What became of a call at one end.
#[derive(Debug, Clone)]
pub struct Story {
    /// The same at both ends.
    pub token: String,
    /// What was dialled, as this end knows it.
    pub dialled: String,
    /// Whether this end called.
    pub outgoing: bool,
    /// Whom it said that it comes from, by every header that says so; empty when this end called.
    pub callers: Vec<String>,
    /// When it was answered, as this end knows it: the called one when its answer was acknowledged.
    pub established: Option<Instant>,
    /// How long who called waited for the first answer beside 100 and a question for proof, or in vain until it was over.
    pub waited: Duration,
    /// When it was over.
    pub ended: Instant,
    /// How.
    pub ending: Ending,
    /// Whose voice this end's is.
    pub ssrc: u32,
    /// Packets of voice that were heard, by whose they were.
    pub heard: BTreeMap<u32, u64>,
    /// Seconds of voice that were sent.
    pub spoken: u64,
    /// Whether either end ever held, as this end knows it.
    pub ever_held: bool,
    /// Whether this end handed the other one on to somebody else.
    pub handed_on: bool,
    /// Whether its network was away on the way; the agent itself does not know.
    pub troubled: bool,
}

/// How a call ended at one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// This end hung up or gave up.
    HungUp,
    /// The other end did.
    TheyHungUp,
    /// It was refused with this status, by whomever.
    Refused(u16),
}
