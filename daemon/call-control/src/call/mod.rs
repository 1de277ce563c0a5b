//! A call: the leg that called, the forks that ring, the leg that answered, and the media between them.
//!
//! This exchange stands between both ends (a back-to-back user agent): each leg is a dialog of its own, and each
//! description that crosses is written anew with our address in it.

mod answer;
mod begin;
mod end;
mod fork;
mod route;
mod session_timer;
mod within;

use std::time::Instant;

use centrale_rtp::relay::RelayId;
pub(crate) use centrale_rtp::relay::Side;
use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::{ClientKey, ServerKey};
use centrale_sip::flow::{Path, Transport};
use centrale_sip::message::{Request, SipUri, Status};

pub(crate) use begin::Knock;
pub(crate) use end::Burial;
pub(crate) use route::Route;
pub(crate) use session_timer::SessionTimer;

use crate::media::LegDescription;
use crate::record::Outcome;
use crate::view::Direction;

/// Names a call inside the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CallKey(pub(crate) u64);

/// Names a fork within its call; never used twice in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ForkId(pub(crate) u32);

/// Who takes part, as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) number: String,
    pub(crate) name: String,
}

/// Our end of a leg on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ours {
    pub(crate) transport: Transport,
    /// The address and port at which this leg's peer reaches us.
    pub(crate) local: std::net::SocketAddr,
}

impl Ours {
    pub(crate) fn contact(&self, user: &str) -> SipUri {
        SipUri::at(Some(user), self.local, self.transport)
    }
}

/// A leg with a dialog.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) dialog: Dialog,
    pub(crate) description: LegDescription,
    pub(crate) ours: Ours,
    pub(crate) timer: SessionTimer,
    /// Whether the peer's Allow names UPDATE.
    pub(crate) allows_update: bool,
    /// The user part of our Contact on this leg.
    pub(crate) contact_user: String,
    /// The trunk it goes over, if any: its credentials answer challenges within the dialog.
    pub(crate) trunk: Option<String>,
}

/// One attempt to reach one phone or one provider.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) id: ForkId,
    pub(crate) client: ClientKey,
    pub(crate) route: Route,
    pub(crate) path: Path,
    pub(crate) ours: Ours,
    pub(crate) description: LegDescription,
}

/// An INVITE or UPDATE of one side that waits for the other side's answer.
#[derive(Debug)]
pub(crate) struct Transit {
    pub(crate) from: Side,
    pub(crate) key: ServerKey,
    pub(crate) request: Request,
    pub(crate) client: ClientKey,
}

/// The answerer made the offer, in its 2xx; the answer comes with the offerer's ACK (RFC 3261 13.2.1, second model).
#[derive(Debug)]
pub(crate) struct AwaitedAck {
    pub(crate) server: ServerKey,
    /// Who made the offer and waits for our ACK.
    pub(crate) answerer: Side,
    pub(crate) client: ClientKey,
    pub(crate) cseq: u32,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    pub(crate) outcome: Outcome,
    pub(crate) status: u16,
}

/// A live call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) key: CallKey,
    pub(crate) id: String,
    pub(crate) direction: Direction,
    pub(crate) from: Party,
    pub(crate) to: Party,
    pub(crate) emergency: bool,
    pub(crate) trunk: Option<String>,
    pub(crate) started: Instant,
    pub(crate) answered: Option<Instant>,
    pub(crate) answered_by: Option<String>,
    pub(crate) relay: RelayId,
    /// The RTP port of the called side, shared by all forks.
    pub(crate) callee_port: u16,
    /// Where the called side's port is bound.
    pub(crate) callee_bind: std::net::IpAddr,
    pub(crate) caller: Leg,
    /// The caller's INVITE while it has no final answer.
    pub(crate) invite: Option<(ServerKey, Request)>,
    /// Hops left for what this call sends on (RFC 3261 16.6, step 3).
    pub(crate) hops: u32,
    pub(crate) forks: Vec<Fork>,
    pub(crate) next_fork: u32,
    /// What is tried when every fork has failed: the next trunks.
    pub(crate) spare_routes: Vec<Route>,
    /// The best refusal so far.
    pub(crate) refusal: Option<Status>,
    /// The fork whose early media the caller hears.
    pub(crate) early: Option<ForkId>,
    pub(crate) callee: Option<Leg>,
    pub(crate) transit: Option<Transit>,
    pub(crate) awaited_ack: Option<AwaitedAck>,
    pub(crate) ending: Option<Ending>,
}

impl Call {
    pub(crate) fn leg(&self, side: Side) -> Option<&Leg> {
        match side {
            Side::Caller => Some(&self.caller),
            Side::Callee => self.callee.as_ref(),
        }
    }

    pub(crate) fn leg_mut(&mut self, side: Side) -> Option<&mut Leg> {
        match side {
            Side::Caller => Some(&mut self.caller),
            Side::Callee => self.callee.as_mut(),
        }
    }

    pub(crate) fn is_held(&self) -> bool {
        [Side::Caller, Side::Callee].into_iter().filter_map(|side| self.leg(side)).any(|leg| leg.description.is_held())
    }
}

/// The other side of a call.
pub(crate) const fn other(side: Side) -> Side {
    match side {
        Side::Caller => Side::Callee,
        Side::Callee => Side::Caller,
    }
}
