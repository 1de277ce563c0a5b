//! A new call: what it must satisfy, and what it is given.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use centrale_guard::{Order, Reject};
use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, NameAddr, Request, SipUri, Status};
use centrale_sip::sdp::{CONTENT_TYPE, SdpFault, Session};

use super::body::{description_in, takes};
use super::channel::Scarcity;
use super::knock::NoWay;
use super::{
    AtConference, Call, CallKey, Knock, Leg, Mailbox, Origin, Ours, Party, Purpose, Route, SessionTimer, Side,
};
use crate::cost::Bill;
use crate::exchange::{Due, Exchange};
use crate::media::LegDescription;
use crate::problem;
use crate::record::Outcome;
use crate::view::Direction;

/// How long colleagues' phones ring before nobody is said to answer.
pub(super) const RING_INSIDE: Duration = Duration::from_secs(60);
/// How long a call to outside may ring: Timer C is at least three minutes (RFC 3261 16.6, step 11).
const RING_OUTSIDE: Duration = Duration::from_secs(181);
/// Max-Forwards of what had none (RFC 3261 8.1.1.6).
pub(super) const HOPS: u32 = 70;

/// The phone that calls.
pub(crate) struct Caller {
    pub(crate) username: Box<str>,
    pub(crate) flow: Flow,
}

/// What is known of a call before anything rings.
pub(crate) struct Plan {
    pub(crate) direction: Direction,
    pub(crate) from: Party,
    pub(crate) to: Party,
    pub(crate) emergency: bool,
    /// The provider that a call for help came from: it could come round again, so its hops count.
    pub(crate) came_over: Option<String>,
    /// It is for help, and a provider has not been found yet.
    pub(crate) waits: bool,
    /// The caller asked not to be shown.
    pub(crate) withheld: bool,
    pub(crate) trunk: Option<String>,
    /// The digest user of the caller.
    pub(crate) username: Option<Box<str>>,
    /// The caller is a device of which nobody said yet that it is the office's.
    pub(crate) apart: bool,
    pub(crate) routes: VecDeque<Route>,
    /// Tried one after the other instead of all at once.
    pub(crate) in_turn: bool,
    /// What there is to pay for.
    pub(crate) order: Option<Order>,
    /// It is made because somebody allowed it once.
    pub(crate) once: bool,
    /// The number of the office's that was called.
    pub(crate) line: Option<Box<str>>,
    /// The mailbox that it reaches when nobody answers.
    pub(crate) mailbox: Option<Mailbox>,
    /// It rings elsewhere than with the person who was called, where that may be.
    pub(crate) sent_on: bool,
    /// The room that was called.
    pub(crate) conference: Option<String>,
    /// The call that it marks as malicious.
    pub(crate) marks: Option<String>,
}

impl Plan {
    pub(crate) const fn new(direction: Direction, from: Party, to: Party) -> Self {
        Self {
            direction,
            from,
            to,
            emergency: false,
            came_over: None,
            waits: false,
            withheld: false,
            trunk: None,
            username: None,
            apart: false,
            routes: VecDeque::new(),
            in_turn: false,
            order: None,
            once: false,
            line: None,
            mailbox: None,
            sent_on: false,
            conference: None,
            marks: None,
        }
    }

    pub(crate) fn outside(from: Party, number: String, routes: Vec<Route>) -> Self {
        let to = Party::nameless(number);
        Self { routes: routes.into(), in_turn: true, ..Self::new(Direction::Outgoing, from, to) }
    }

    /// The same, unless it leads outside and an end of the call is held inside. Helplines are for everybody.
    pub(super) fn within(self, held: Option<Reject>) -> Result<Self, NoWay> {
        match held {
            Some(reject) if self.order.as_ref().is_some_and(|order| !order.always_passes) => {
                Err(NoWay::Blocked(Box::new(self), reject))
            }
            _ => Ok(self),
        }
    }

    /// Takes out what rings first: everything at once, or the first of those that are tried in turn.
    pub(super) fn rings_first(&mut self) -> VecDeque<Route> {
        if self.in_turn { self.routes.pop_front().into_iter().collect() } else { std::mem::take(&mut self.routes) }
    }
}

/// What every call is built on.
pub(super) struct Foundation {
    pub(super) caller: Leg,
    pub(super) ports: [u16; 2],
    pub(super) hops: u32,
}

/// Why there is nothing to build a call on.
enum Hindrance {
    /// No media port is free.
    Ports,
    /// What the caller says of its audio cannot be used.
    Description(SdpFault),
    /// Something else.
    Status(Status),
}

impl Exchange {
    pub(crate) fn begin(&mut self, now: Instant, mut knock: Knock, mut plan: Plan) {
        let (timer, offer) = match examine(&mut knock, &plan) {
            Ok(examined) => examined,
            Err(status) => {
                self.note_alarm_call(now, &plan.from, &plan.to, Outcome::Refused);
                return self.reject(now, &knock, status);
            }
        };
        plan.waits = plan.emergency && self.may_find_a_provider(plan.came_over.as_deref());
        let leads_nowhere = plan.routes.is_empty() && !plan.waits && !plan.sent_on;
        if leads_nowhere && plan.mailbox.is_none() && plan.conference.is_none() {
            return self.log_unreachable(now, &knock, &plan);
        }
        let foundation = match self.found(now, &knock, &plan, (timer, offer)) {
            Ok(foundation) => foundation,
            Err(Hindrance::Ports) => {
                self.counters.ports_exhausted += 1;
                return self.log_unreachable(now, &knock, &plan);
            }
            Err(Hindrance::Description(fault)) => {
                self.note_alarm_call(now, &plan.from, &plan.to, Outcome::Refused);
                return self.reject_description(now, &knock, fault);
            }
            Err(Hindrance::Status(status)) => {
                self.note_alarm_call(now, &plan.from, &plan.to, Outcome::Refused);
                return self.reject(now, &knock, status);
            }
        };
        let bill = match self.reserve(now, &mut plan) {
            Ok(bill) => bill,
            Err(reject) => {
                self.release_ports(now, foundation.ports);
                return self.block(now, &knock, &plan, reject);
            }
        };
        if plan.once {
            self.once.spend(&plan.from.number, &plan.to.number);
        }
        let (at_once, sent_on) = (plan.rings_first(), plan.sent_on);
        let call = self.new_call(now, Some((knock.key, knock.request)), plan, foundation, &at_once);
        self.open(now, Call { bill, ..call }, at_once, sent_on);
    }

    /// The caller's leg and the ports, or the refusal.
    fn found(
        &mut self,
        now: Instant,
        knock: &Knock,
        plan: &Plan,
        (timer, offer): (SessionTimer, Option<Session>),
    ) -> Result<Foundation, Hindrance> {
        let headers = &knock.request.headers;
        let local = self.local_for(&Path::Flow(knock.flow));
        let local = local.ok_or(Hindrance::Status(Status::SERVER_INTERNAL_ERROR))?;
        let dialog = Dialog::of_server(&knock.request, &self.token(), knock.flow);
        let dialog = dialog.ok_or(Hindrance::Status(Status::BAD_REQUEST))?;
        let mut description = LegDescription::new(local.ip(), 0, knock.flow.transport, &mut self.rng);
        let incoming = plan.trunk.as_deref().filter(|_| plan.direction == Direction::Incoming);
        incoming.into_iter().for_each(|trunk| self.know_keys_of(trunk, &mut description));
        let taken = offer.map_or(Ok(()), |offer| description.take_offer(offer));
        if let Err(fault) = taken {
            self.note_bad_description(fault, plan.username.as_deref());
            if !plan.emergency {
                return Err(Hindrance::Description(fault));
            }
        } else if let Some(username) = &plan.username {
            self.live.solve(problem::PHONE_KEYS_IN_CLEAR, username);
        }
        if incoming.is_some_and(|trunk| !description.is_secure() && self.demands_srtp(trunk)) {
            return Err(Hindrance::Status(Status::NOT_ACCEPTABLE_HERE));
        }
        let ports = self.allocate_ports(now, plan.emergency).ok_or(Hindrance::Ports)?;
        description.move_to(ports[0]);
        let ours = Ours { transport: knock.flow.transport, local };
        let origin = Origin { started: now, answered: None, placed: false, trunk: incoming.map(str::to_owned) };
        let caller = Leg {
            allows_update: headers.has_token(&HeaderName::Allow, "UPDATE"),
            contact_user: plan.to.number.clone(),
            account: incoming.and_then(|trunk| self.account_of(trunk)),
            username: plan.username.clone(),
            apart: plan.apart,
            line: plan.line.clone(),
            ..Leg::new(dialog, description, ours, timer, origin)
        };
        let hops = hops_of(&knock.request);
        // A phone that leaves no hop reaches help all the same; only where a call could go in circles its hops count.
        let hops = if plan.emergency && plan.came_over.is_none() { HOPS } else { hops };
        Ok(Foundation { caller, ports, hops: hops.saturating_sub(1) })
    }

    /// A call that rings nowhere yet. One without an INVITE rings for a transfer.
    pub(super) fn new_call(
        &mut self,
        now: Instant,
        invite: Option<(ServerKey, Request)>,
        plan: Plan,
        Foundation { caller, ports, hops }: Foundation,
        at_once: &VecDeque<Route>,
    ) -> Call {
        let callee_bind = self.bind_address(at_once.iter().chain(&plan.routes));
        self.next_call += 1;
        self.counters.calls += 1;
        let key = CallKey(self.next_call);
        // Who is transferred stays with whoever did it until somebody answers.
        let mailbox = plan.mailbox.filter(|_| invite.is_some());
        Call {
            key,
            id: self.token(),
            direction: plan.direction,
            from: plan.from,
            to: plan.to,
            emergency: plan.emergency,
            trunk: plan.trunk,
            other_trunk: None,
            started: now,
            answered: None,
            answered_by: None,
            relay: centrale_rtp::relay::RelayId(key.0),
            ports,
            ports_refused: 0,
            callee_bind,
            caller,
            invite,
            hops,
            forks: Vec::new(),
            next_fork: 0,
            spare_routes: plan.routes,
            withheld: plan.withheld,
            came_over: plan.came_over,
            waits: plan.waits,
            scarcity: Scarcity::default(),
            refusal: None,
            early: None,
            callee: None,
            transit: None,
            awaited_ack: None,
            transfer: None,
            transferee: None,
            transferred_by: None,
            diverted: None,
            joining: None,
            parked: None,
            mailbox,
            at_mailbox: None,
            at_conference: plan.conference.map(AtConference::dialled),
            alert: None,
            marks: plan.marks,
            past_legs: Vec::new(),
            cause: None,
            playing: [None; 2],
            meets: None,
            keys_taken: [None; 2],
            heard: Default::default(),
            dismissed: None,
            bill: Bill::default(),
            ending_soon: false,
            ending: None,
        }
    }

    /// Enters the call into the books and rings: elsewhere, if the person who was called is `sent_on` and that may be.
    pub(super) fn open(&mut self, now: Instant, mut call: Call, at_once: VecDeque<Route>, sent_on: bool) {
        let key = call.key;
        if let Some((server, _)) = &call.invite {
            self.servers.insert(*server, (key, Side::Caller));
            self.dialogs.insert(call.caller.dialog.id.clone(), (key, Side::Caller));
        }
        self.open_side(&mut call, Side::Caller);
        self.open_side(&mut call, Side::Callee);
        // Who calls for help decides alone when to give up.
        if !call.emergency {
            let outside = at_once.iter().any(|route| matches!(route, Route::Trunk { .. }));
            let patience = match call.mailbox.as_ref().map(|mailbox| mailbox.purpose) {
                Some(Purpose::Leave { after }) => after,
                _ if outside => RING_OUTSIDE,
                _ => RING_INSIDE,
            };
            self.agenda.set(Due::RingsTooLong(key), now + patience);
        }
        if call.emergency {
            self.hear_who_calls_for_help(&call);
        }
        let waits = call.waits;
        self.calls.insert(key, call);
        self.live.call_changed(key);
        self.with_call(now, key, |exchange, call| {
            let rings_here = !sent_on || !exchange.send_elsewhere(now, call);
            for route in at_once.into_iter().filter(|_| rings_here) {
                exchange.ring(now, call, route);
            }
            exchange.settle_if_nobody_rings(now, call);
        });
        if waits {
            self.look_for_providers(now, key);
        }
    }

    fn log_unreachable(&mut self, now: Instant, knock: &Knock, plan: &Plan) {
        let phones = plan.direction != Direction::Outgoing && plan.routes.is_empty();
        let status = if phones { Status::TEMPORARILY_UNAVAILABLE } else { Status::SERVICE_UNAVAILABLE };
        self.reject(now, knock, status);
        self.record_unstarted(now, plan, (Outcome::Unreachable, status));
    }
}

/// What every INVITE must satisfy before it becomes a call. A call for help is only asked for what cannot be done without,
/// and what can be made up for it is.
fn examine(knock: &mut Knock, plan: &Plan) -> Result<(SessionTimer, Option<Session>), Status> {
    if plan.emergency {
        if plan.came_over.is_some() && has_no_hop(&knock.request) {
            return Err(Status::TOO_MANY_HOPS);
        }
        return Ok(examine_leniently(knock));
    }
    let examined = examine_request(&knock.request, &["timer"])?;
    // The next one is left a hop, or two boxes that send a call to each other would never come to its end.
    let goes_on = plan.sent_on || !plan.routes.is_empty();
    if goes_on && hops_of(&knock.request) <= 1 { Err(Status::TOO_MANY_HOPS) } else { Ok(examined) }
}

/// What an ordinary INVITE must satisfy. `known` are the extensions it may require.
pub(crate) fn examine_request(request: &Request, known: &[&str]) -> Result<(SessionTimer, Option<Session>), Status> {
    let is_known = |option: &String| known.iter().any(|known| option.eq_ignore_ascii_case(known));
    if !request.headers.items(&HeaderName::Require).iter().all(is_known) {
        return Err(Status::BAD_EXTENSION);
    }
    if has_no_hop(request) {
        return Err(Status::TOO_MANY_HOPS);
    }
    let timer = SessionTimer::of_request(request).map_err(|_| Status::SESSION_INTERVAL_TOO_SMALL)?;
    let offer = description_in(&request.headers, &request.body)?;
    if !takes(&request.headers, CONTENT_TYPE) {
        return Err(Status::NOT_ACCEPTABLE);
    }
    Ok((timer, offer))
}

fn examine_leniently(knock: &mut Knock) -> (SessionTimer, Option<Session>) {
    let Knock { request, flow, .. } = knock;
    let usable = request.headers.addresses(&HeaderName::Contact).is_ok_and(|contacts| !contacts.is_empty());
    if !usable {
        request.headers.set(HeaderName::Contact, contact_at(flow.remote));
    }
    let timer = SessionTimer::of_request(request);
    let timer = timer.unwrap_or_else(|shortest| SessionTimer { interval: shortest, ours: true, spoken: false });
    // What cannot be read is left to the provider, who makes the offer then.
    (timer, description_in(&request.headers, &request.body).unwrap_or_default())
}

fn contact_at(remote: SocketAddr) -> String {
    NameAddr::new(SipUri::new(None, remote.ip().into(), Some(remote.port()))).to_string()
}

fn has_no_hop(request: &Request) -> bool {
    hops_of(request) == 0
}

fn hops_of(request: &Request) -> u32 {
    request.headers.number(&HeaderName::MaxForwards).ok().flatten().unwrap_or(HOPS)
}
