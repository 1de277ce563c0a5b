//! A call: the leg that called, the forks that ring, the leg that answered, and the media between them.
//!
//! This exchange stands between both ends (a back-to-back user agent): each leg is a dialog of its own, and each
//! description that crosses is written anew with our address in it.

mod alert;
mod answer;
mod begin;
mod body;
mod channel;
mod code;
mod conference;
mod dismiss;
mod end;
mod fork;
mod forward;
mod help;
mod identity;
mod invite;
mod join;
mod journal;
mod keys;
mod knock;
mod legs;
mod listening;
mod location;
mod malicious;
mod outside;
mod park;
mod pickup;
mod ports;
mod refer;
mod refresh;
mod refuse;
mod reinvite;
mod route;
mod session_timer;
mod silence;
mod sound;
mod strangers;
mod transfer;
mod voicemail;
mod way;
mod within;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use centrale_guard::{ChargeKey, Order, Reject};
use centrale_rtp::relay::RelayId;
pub(crate) use centrale_rtp::relay::Side;
use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::{ClientKey, ServerKey};
use centrale_sip::flow::{Flow, Path, Transport};
use centrale_sip::message::{Request, SipUri, Status};

pub(crate) use alert::AtAlert;
pub(crate) use begin::Plan;
pub(crate) use body::{description_in, takes};
pub(crate) use channel::Scarcity;
pub(crate) use code::Code;
pub(crate) use conference::{AtConference, Meets};
pub(crate) use dismiss::Dismissed;
pub(crate) use end::Burial;
pub use forward::may_send_to;
pub(crate) use identity::Diverted;
pub(crate) use invite::dialable;
pub(crate) use keys::{KeysTaken, LegKeys};
pub(crate) use knock::{Knock, dialled};
pub(crate) use malicious::LastCalls;
pub(crate) use park::{Parked, is_park_place};
pub(crate) use pickup::Pickup;
pub(crate) use route::Route;
pub(crate) use session_timer::SessionTimer;
pub(crate) use silence::Heard;
pub(crate) use sound::Playing;
pub(crate) use voicemail::{AtMailbox, Mailbox, Purpose};
pub(crate) use way::Way;
pub(crate) use within::names_target;

use crate::cost::Bill;
use crate::media::LegDescription;
use crate::record::{Cause, LegRecord, Outcome};
use crate::sent::Account;
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
    /// The number of the office that it claims to have, calling from outside. To phones it is anonymous.
    pub(crate) spoofs: Option<String>,
}

/// The number of who is not shown.
pub(crate) const ANONYMOUS: &str = "anonymous";

impl Party {
    pub(crate) fn named(number: impl Into<String>, name: impl Into<String>) -> Self {
        Self { number: number.into(), name: name.into(), spoofs: None }
    }

    pub(crate) fn nameless(number: impl Into<String>) -> Self {
        Self::named(number, "")
    }

    /// The number as it is told to who looks after the office: what a spoofer claims, too.
    pub(crate) fn claimed(&self) -> &str {
        self.spoofs.as_deref().unwrap_or(&self.number)
    }
}

/// Our end of a leg on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ours {
    pub(crate) transport: Transport,
    /// The address and port at which this leg's peer reaches us.
    pub(crate) local: SocketAddr,
}

impl Ours {
    pub(crate) fn contact(&self, user: &str) -> SipUri {
        SipUri::at(Some(user), self.local, self.transport)
    }
}

/// Where a leg came from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// When its INVITE went out or came.
    pub(crate) started: Instant,
    pub(crate) answered: Option<Instant>,
    /// Whether the INVITE was ours.
    pub(crate) placed: bool,
    /// The provider that it leads to.
    pub(crate) trunk: Option<String>,
}

/// A leg with a dialog.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub(crate) dialog: Dialog,
    pub(crate) description: LegDescription,
    pub(crate) ours: Ours,
    pub(crate) timer: SessionTimer,
    /// Whether the peer's Allow names UPDATE.
    pub(crate) allows_update: bool,
    /// The user part of our Contact on this leg.
    pub(crate) contact_user: String,
    /// What answers a challenge within the dialog, when the peer is a provider.
    pub(crate) account: Option<Arc<Account>>,
    /// The digest user of the peer, when it is a phone.
    pub(crate) username: Option<Box<str>>,
    /// The peer is a device of which nobody had said that it is the office's when its leg began.
    pub(crate) apart: bool,
    /// The connection to the peer is gone, and it has not come back over another.
    pub(crate) lost: bool,
    /// Our media moved and the peer is still to be told: the next refresh is a re-INVITE.
    pub(crate) moved: bool,
    pub(crate) origin: Origin,
    /// What is paid for it, when it leads to a provider. Wherever a transfer takes the leg, it goes along.
    pub(crate) charge: Option<ChargeKey>,
    /// Who of the office has it called, and what, when it leads to a provider. It goes along as well.
    pub(crate) order: Option<Order>,
    /// The number of the office's that it goes under at a provider.
    pub(crate) line: Option<Box<str>>,
    /// The keys of its peer, and what it is told by INFO.
    pub(crate) keys: LegKeys,
}

impl Leg {
    /// A leg of which nothing more is known yet than what it takes.
    pub(crate) fn new(
        dialog: Dialog,
        description: LegDescription,
        ours: Ours,
        timer: SessionTimer,
        origin: Origin,
    ) -> Self {
        Self {
            dialog,
            description,
            ours,
            timer,
            allows_update: false,
            contact_user: String::new(),
            account: None,
            username: None,
            apart: false,
            lost: false,
            moved: false,
            origin,
            charge: None,
            order: None,
            line: None,
            keys: LegKeys::default(),
        }
    }

    /// Its peer is reached there from now on.
    pub(crate) fn follow(&mut self, flow: Flow) {
        self.dialog.path = Path::Flow(flow);
        self.description.travel_by(flow.transport);
        self.lost = false;
    }
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
    /// When its INVITE went out.
    pub(crate) started: Instant,
    /// Whether it said anything yet.
    pub(crate) spoke: bool,
    /// Whether that was waited for long enough.
    pub(crate) passed_over: bool,
    /// Whether it said that it rings, or is about to.
    pub(crate) rings: bool,
    /// The session interval proposed, seconds.
    pub(crate) interval: u32,
    /// The number of the office's that it goes under at a provider.
    pub(crate) line: Option<Box<str>>,
    /// Whether its INVITE carried the office's address, and none without it followed.
    pub(crate) located: bool,
}

/// An INVITE or UPDATE of one side that waits for the other side's answer.
#[derive(Debug)]
pub(crate) struct Transit {
    pub(crate) from: Side,
    pub(crate) key: ServerKey,
    pub(crate) request: Request,
    pub(crate) client: ClientKey,
    /// Both descriptions before it, the caller's first: they count again when it is refused.
    pub(crate) before: Box<[LegDescription; 2]>,
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

/// A REFER that is being carried out, in the call that it came in.
#[derive(Debug)]
pub(crate) struct Transfer {
    /// Who asked for it: the transferor.
    pub(crate) by: Side,
    /// The call that rings for it.
    pub(crate) to: CallKey,
    /// The REFER's number, which names what its sender is told (RFC 3515 2.4.6). `None` when it wants to be told nothing.
    pub(crate) refer: Option<u32>,
    /// What it was told last.
    pub(crate) told: Option<Status>,
    /// Whether somebody's phone rings for it.
    pub(crate) rings: bool,
}

/// Who is transferred, while the call it comes from still has its leg.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transferee {
    pub(crate) call: CallKey,
    pub(crate) side: Side,
}

/// Both ends of a transferred call are told one after the other what they are connected with.
#[derive(Debug)]
pub(crate) struct Joining {
    /// Who is told now.
    pub(crate) to: Side,
    /// The re-INVITE that does. `None` while it waits to be tried again.
    pub(crate) client: Option<ClientKey>,
    /// Whether the other end is told after this one.
    pub(crate) both: bool,
    /// How often it was tried in vain.
    pub(crate) failures: u8,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    pub(crate) outcome: Outcome,
    pub(crate) status: u16,
    pub(crate) cause: Cause,
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
    /// The provider of an end that was transferred to here, when the other one is at a provider too.
    pub(crate) other_trunk: Option<String>,
    pub(crate) started: Instant,
    pub(crate) answered: Option<Instant>,
    pub(crate) answered_by: Option<String>,
    pub(crate) relay: RelayId,
    /// The RTP ports held: the caller's, and the called side's, which all forks share. 0 when the system refused it.
    pub(crate) ports: [u16; 2],
    /// Ports that the system refused.
    pub(crate) ports_refused: u8,
    /// Where the called side's port is bound.
    pub(crate) callee_bind: IpAddr,
    pub(crate) caller: Leg,
    /// The caller's INVITE while it has no final answer.
    pub(crate) invite: Option<(ServerKey, Request)>,
    /// Hops left for what this call sends on (RFC 3261 16.6, step 3).
    pub(crate) hops: u32,
    pub(crate) forks: Vec<Fork>,
    pub(crate) next_fork: u32,
    /// What is tried when every fork has failed: the next trunks.
    pub(crate) spare_routes: VecDeque<Route>,
    /// Whether the caller asked not to be shown.
    pub(crate) withheld: bool,
    /// The provider that a call for help came from: it is not given back there.
    pub(crate) came_over: Option<String>,
    /// For help, and a provider is being looked for.
    pub(crate) waits: bool,
    /// What was done for it, where it is for help and providers may be full.
    pub(crate) scarcity: Scarcity,
    /// The best refusal so far.
    pub(crate) refusal: Option<Status>,
    /// The fork whose early media the caller hears.
    pub(crate) early: Option<ForkId>,
    pub(crate) callee: Option<Leg>,
    pub(crate) transit: Option<Transit>,
    pub(crate) awaited_ack: Option<AwaitedAck>,
    /// One end of it is being transferred.
    pub(crate) transfer: Option<Transfer>,
    /// It rings for a transfer, and its caller is still in another call: the caller's leg here only says what it can do.
    pub(crate) transferee: Option<Transferee>,
    /// The number of who transferred one end of it, or whose phone sent it on.
    pub(crate) transferred_by: Option<String>,
    /// Why, where it was sent on before anybody answered.
    pub(crate) diverted: Option<Diverted>,
    pub(crate) joining: Option<Joining>,
    /// It has no second end, and waits for one at a park place.
    pub(crate) parked: Option<Parked>,
    /// The mailbox that it reaches when nobody answers.
    pub(crate) mailbox: Option<Mailbox>,
    /// The box itself has answered it, for a mailbox.
    pub(crate) at_mailbox: Option<AtMailbox>,
    /// The room that it was called for, or is in.
    pub(crate) at_conference: Option<AtConference>,
    /// The box itself made it, to tell somebody something.
    pub(crate) alert: Option<AtAlert>,
    /// The call that it marks as malicious, by its id.
    pub(crate) marks: Option<String>,
    /// Legs that are over.
    pub(crate) past_legs: Vec<LegRecord>,
    /// Why it is about to be ended, when the ending does not say it by itself.
    pub(crate) cause: Option<Cause>,
    /// What each end hears of ours, the caller's first.
    pub(crate) playing: [Option<Playing>; 2],
    /// How its caller takes part in the meeting of a room.
    pub(crate) meets: Option<Meets>,
    /// Whose keys the media thread tells, the caller's first.
    pub(crate) keys_taken: [Option<KeysTaken>; 2],
    /// What the media thread hears of each end, the caller's first.
    pub(crate) heard: [Heard; 2],
    /// It is over, and one end is still told so.
    pub(crate) dismissed: Option<Dismissed>,
    pub(crate) bill: Bill,
    /// It ends within half a minute, because no more may be spent on it.
    pub(crate) ending_soon: bool,
    pub(crate) ending: Option<Ending>,
}

impl Call {
    /// Whether who called, who answered or who rings is at that address.
    pub(crate) fn leads_to(&self, host: IpAddr) -> bool {
        let host = host.to_canonical();
        let legs = std::iter::once(&self.caller).chain(&self.callee).map(|leg| &leg.dialog.path);
        let mut paths = legs.chain(self.forks.iter().map(|fork| &fork.path));
        paths.any(|path| path.remote().ip().to_canonical() == host)
    }

    /// Whether who called or who answered is reached over that connection.
    pub(crate) fn runs_over(&self, flow: &Flow) -> bool {
        let mut legs = std::iter::once(&self.caller).chain(&self.callee);
        legs.any(|leg| matches!(leg.dialog.path, Path::Flow(over) if over.id == flow.id))
    }

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

    /// The address that a side's port is bound to.
    pub(crate) const fn bind(&self, side: Side) -> IpAddr {
        match side {
            Side::Caller => self.caller.ours.local.ip(),
            Side::Callee => self.callee_bind,
        }
    }

    /// Both descriptions as they are, the caller's first. `None` before the call is answered.
    pub(crate) fn descriptions(&self) -> Option<Box<[LegDescription; 2]>> {
        let callee = self.callee.as_ref()?;
        Some(Box::new([self.caller.description.clone(), callee.description.clone()]))
    }

    /// An offer came to nothing: what was in force before it is in force again.
    pub(crate) fn take_back(&mut self, before: [LegDescription; 2]) {
        let [caller, callee] = before;
        self.caller.description.take_back(caller);
        if let Some(leg) = &mut self.callee {
            leg.description.take_back(callee);
        }
    }

    /// The providers it goes over.
    pub(crate) fn trunks(&self) -> impl Iterator<Item = &str> {
        [&self.trunk, &self.other_trunk].into_iter().flatten().map(String::as_str)
    }

    /// The providers whose channels it takes, or may: also those where it rang first and no answer came yet.
    pub(crate) fn providers(&self) -> impl Iterator<Item = &str> {
        let rings = self.forks.iter().filter_map(|fork| match &fork.route {
            Route::Trunk { trunk, .. } => Some(&**trunk),
            _ => None,
        });
        self.trunks().chain(rings)
    }

    /// How many of a provider's channels it takes: INVITEs that ring there, and legs of its own. While it rings for a
    /// transfer, who is transferred still takes that of another call.
    pub(crate) fn channels_at(&self, name: &str) -> usize {
        let rings = |fork: &&Fork| matches!(&fork.route, Route::Trunk { trunk, .. } if trunk == name);
        let callers =
            self.other_trunk.as_deref().or(self.trunk.as_deref()).filter(|_| self.direction == Direction::Incoming);
        let legs = match (&self.callee, self.transferee) {
            (Some(_), _) => [self.trunk.as_deref(), self.other_trunk.as_deref()],
            (None, None) => [callers, None],
            (None, Some(_)) => [None, None],
        };
        self.forks.iter().filter(rings).count() + legs.into_iter().flatten().filter(|theirs| *theirs == name).count()
    }

    /// It is kept from ringing somewhere. A provider that it came from is told no more than that nobody is there: one that is told 503 may
    /// leave the office alone for a while.
    pub(crate) fn is_refused_by(&mut self, reject: Reject) {
        let status = Status::TEMPORARILY_UNAVAILABLE.code();
        let is_incoming = self.direction == Direction::Incoming;
        self.bill.reject = Some(if is_incoming { Reject { status, ..reject } } else { reject });
    }

    /// Whether it rings and nobody in it has talked yet: who is parked, or was left to a transfer that rings, has.
    pub(crate) const fn only_rings(&self) -> bool {
        self.answered.is_none() && (self.invite.is_some() || self.transferee.is_some())
    }

    /// Whether its caller waits alone: parked, or left to a transfer that rings.
    pub(crate) const fn is_alone(&self) -> bool {
        self.callee.is_none() && self.invite.is_none() && self.transferee.is_none() && !self.is_with_box()
    }

    /// Whether the box itself is its other end: it has answered it, for a mailbox or for a room, or made it, and was answered.
    pub(crate) const fn is_with_box(&self) -> bool {
        let in_room = match &self.at_conference {
            Some(at) => at.is_answered(),
            None => false,
        };
        in_room || self.at_mailbox.is_some() || self.alert.is_some() && self.answered.is_some()
    }

    /// Whether something of it is being changed that no second change may cross (RFC 3261 14.1), or it is over but for a tone.
    pub(crate) const fn is_changing(&self) -> bool {
        self.transit.is_some() || self.awaited_ack.is_some() || self.joining.is_some() || self.dismissed.is_some()
    }

    /// Whether one end may be connected with somebody else now.
    pub(crate) const fn may_part(&self) -> bool {
        self.answered.is_some()
            && !self.emergency
            && self.transfer.is_none()
            && !self.is_with_box()
            && !self.is_changing()
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
