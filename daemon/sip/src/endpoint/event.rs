//! The values that cross the door: events inwards, transmits outwards, and the names of transactions.

use bytes::Bytes;

use crate::flow::{Flow, Path};
use crate::message::{Fault, Request, Response};

/// Names a request of ours until its transaction ends. Never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientKey(pub(super) u64);

/// Names a request of a peer's until its transaction ends. Never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerKey(pub(super) u64);

/// Bytes to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// By which way.
    pub path: Path,
    /// One whole message.
    pub bytes: Bytes,
}

/// What the transaction user (RFC 3261 5) learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A new valid request other than ACK and CANCEL. It must be answered with [`respond`](super::Endpoint::respond) or
    /// [`respond_stateless`](super::Endpoint::respond_stateless). Its top Via carries `received` and `rport` already.
    Request {
        /// For the answer.
        key: ServerKey,
        /// The request.
        request: Request,
        /// Where it came from.
        flow: Flow,
        /// As it came.
        bytes: Bytes,
        /// Its To has a tag: it is meant for a dialog.
        within: bool,
        /// The table is full but for a few last seats: an INVITE that is not worth one is to be refused with
        /// [`respond_stateless`](super::Endpoint::respond_stateless), which gives it back.
        crowded: bool,
    },
    /// A CANCEL hit an INVITE that has no final answer yet. The CANCEL itself has been answered; the INVITE must now be
    /// answered 487 (RFC 3261 9.2).
    Cancelled {
        /// The INVITE's.
        key: ServerKey,
    },
    /// The ACK for our 2xx came, and its retransmission has stopped.
    Acknowledged {
        /// The INVITE's.
        key: ServerKey,
        /// The ACK; it may carry an answer.
        ack: Request,
        /// Where it came from.
        flow: Flow,
    },
    /// Our 2xx was not acknowledged in 64*T1: the dialog is to be ended with BYE (RFC 3261 13.3.1.4).
    NeverAcknowledged {
        /// The INVITE's.
        key: ServerKey,
    },
    /// A provisional or final response, or the 2xx of another fork (another To tag). A 2xx that comes again is acknowledged
    /// from memory and not shown.
    Response {
        /// The request's.
        key: ClientKey,
        /// The response.
        response: Response,
        /// Where it came from.
        flow: Flow,
        /// As it came.
        bytes: Bytes,
    },
    /// Nobody answered in 64*T1 (Timer B or F), or nobody ended a cancelled INVITE in that time (RFC 3261 9.1).
    TimedOut {
        /// The request's.
        key: ClientKey,
    },
    /// The request could not be delivered, or its connection is gone.
    TransportFailed {
        /// The request's.
        key: ClientKey,
    },
    /// A message was refused. It has been counted, and answered where it can be.
    Refused {
        /// Why.
        fault: Fault,
        /// Where it came from.
        flow: Flow,
    },
}
