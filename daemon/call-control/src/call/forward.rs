//! A phone says that its person is to be called elsewhere (302, RFC 3261 21.3.3): a forward that was set at the phone. Or the
//! office says it, at the page or in its file.
//!
//! It is a call of that person's, held to what the person may call and paid like one; whoever took the phone over gets no
//! further than that. One level and one target, no chains. A provider that says the same is never followed.

use std::time::Instant;

use centrale_config::{ForwardTo, Office, Person};
use centrale_guard::{Reject, may_call, may_forward};
use centrale_numbering::Plan as NumberPlan;
use centrale_sip::message::{HeaderName, NameAddr, Response, Uri};

use super::begin::{Plan, RING_INSIDE};
use super::fork::better_refusal;
use super::knock::{NoWay, shown};
use super::refer::phone_of;
use super::strangers::called_for;
use super::{Call, Diverted, Leg, Party, Route, dialled};
use crate::directory::Destination;
use crate::exchange::{Due, Exchange};
use crate::view::Direction;

/// Whether callers of a person may be sent to that number, by what the person may call on a day of the office, counted from
/// 1970. What is spent or stopped by then is asked at each call.
///
/// # Errors
/// Why not, in a stable word.
pub fn may_send_to(office: &Office, person: &Person, to: &ForwardTo, today: u32) -> Result<(), &'static str> {
    let ForwardTo::Outside(number) = to else { return Ok(()) };
    let plan = NumberPlan::of(office.identity.country, &office.identity.area_code);
    let (permit, meant) = (office.permit_of(person), plan.normalise(number.as_str()));
    let may = may_forward(&permit, &meant, today).and_then(|()| may_call(&plan, &permit, &meant, today));
    may.map_err(|reject| reject.code)
}

/// A call from outside that was sent on so often is not sent outside once more.
const MOST_DIVERSIONS: u32 = 3;
/// Nobody sends a call on so often; a count beyond it is read as that.
const MOST_COUNTED: u32 = 100;

/// How often a call from outside was sent on before it came here: by its Diversion (RFC 5806), or its history (RFC 7044), in which
/// who sent it on says the cause (RFC 4458); whichever tells more.
pub(super) fn diversions(call: &Call) -> u32 {
    let came = call.invite.as_ref().filter(|_| call.direction == Direction::Incoming);
    let Some((_, invite)) = came else { return 0 };
    let count = |name: &HeaderName, times: fn(NameAddr) -> u32| -> u32 {
        let items = invite.headers.items(name);
        let times = items.iter().map(|item| NameAddr::parse(item).map_or(1, times).min(MOST_COUNTED));
        times.fold(0, u32::saturating_add)
    };
    let said = count(&HeaderName::Diversion, |by| {
        by.params.value("counter").and_then(|counter| counter.parse().ok()).unwrap_or(1)
    });
    let listed = count(&HeaderName::HistoryInfo, |to| u32::from(to.sip().is_some_and(|to| to.params.has("cause"))));
    said.max(listed)
}

impl Exchange {
    /// Whether that refusal of a person's phone is a forward of this call: the person was called, and nobody sent the call there.
    pub(super) fn is_forward(call: &Call, person: &str, response: &Response) -> bool {
        let called = call.to.number == person && call.transferred_by.is_none() && call.parked.is_none();
        called && matches!(response.status.code(), 300..=302)
    }

    /// Rings where a person's phone says, on no phone of that person any more.
    pub(super) fn forward(
        &mut self,
        now: Instant,
        call: &mut Call,
        (person, username): (&str, &str),
        (response, rang): (&Response, bool),
    ) {
        let diverted = Diverted::by_phone(response, rang, self.talks_elsewhere(username));
        self.cancel_phones_of(now, call, person);
        let contacts = response.headers.addresses(&HeaderName::Contact).ok();
        let contact = contacts.and_then(|contacts| contacts.into_iter().next());
        let rings = match &contact {
            Some(contact) => self.ring_at(now, call, person, (&contact.uri, diverted)),
            None => Err(None),
        };
        match rings {
            Ok(()) => {}
            Err(reject) => {
                self.counters.forwards_refused += 1;
                if let Some((reject, contact)) = reject.zip(contact) {
                    self.note_not_sent_on(now, person, &contact.uri, reject);
                }
                match reject {
                    Some(reject) => call.is_refused_by(reject),
                    None => call.refusal = Some(better_refusal(call.refusal, response.status)),
                }
            }
        }
    }

    /// Whether who calls a person is sent elsewhere, as the office decided it: not the colleague to whom callers are sent, nor
    /// who called help and may be called back from there.
    pub(super) fn is_sent_on(&self, now: Instant, person: &str, caller: &Party) -> bool {
        let is_for_others = |to: &ForwardTo| caller.number != person && caller.number != to.as_str();
        self.directory.forward_of(person).is_some_and(is_for_others) && !self.expects_help(now)
    }

    /// Rings where the office sends callers of whom was called. False where that may not be, or nobody is there: then the
    /// person's own phones ring.
    pub(super) fn send_elsewhere(&mut self, now: Instant, call: &mut Call) -> bool {
        let person = call.to.number.clone();
        let Some(to) = self.directory.forward_of(&person).map(|to| to.as_str().into()) else { return false };
        let to = Uri::Other(to);
        let Err(reject) = self.ring_at(now, call, &person, (&to, Diverted::ALWAYS)) else { return true };
        self.counters.forwards_refused += 1;
        if let Some(reject) = reject {
            self.note_not_sent_on(now, &person, &to, reject);
        }
        false
    }

    fn note_not_sent_on(&mut self, now: Instant, person: &str, to: &Uri, reject: Reject) {
        let to = match self.directory.destination(&dialled(to)) {
            Destination::Outside { number, .. } => number,
            _ => shown(&dialled(to)),
        };
        self.hold_if_not_sent_on(now, person, &to, reject);
        self.note_refused(now, person, &to, reject, None);
    }

    /// Rings at another number for a person; the guard's reason why not, or nothing when nobody is there.
    fn ring_at(
        &mut self,
        now: Instant,
        call: &mut Call,
        person: &str,
        (uri, diverted): (&Uri, Diverted),
    ) -> Result<(), Option<Reject>> {
        let mut plan = self.forward_plan(now, call, person, uri)?;
        self.keep_admitted(call, person, &mut plan).map_err(Some)?;
        call.bill = self.reserve(now, &mut plan).map_err(Some)?;
        self.counters.forwards += 1;
        call.diverted = Some(diverted);
        self.ring_instead(now, call, person, plan);
        Ok(())
    }

    /// Drops the providers over which there is no channel for one more leg of that call, sent on for a person; the reason when there is one
    /// over none.
    fn keep_admitted(&self, call: &Call, person: &str, plan: &mut Plan) -> Result<(), Reject> {
        let mut full = None;
        plan.routes.retain(|route| {
            let Route::Trunk { trunk, .. } = route else { return true };
            let Some(line) = self.line_sent_on(call, trunk, person) else { return true };
            let admitted = self.admit(call, plan.order.as_ref(), trunk, &line);
            full = full.or(admitted.err());
            admitted.is_ok()
        });
        full.filter(|_| plan.routes.is_empty()).map_or(Ok(()), Err)
    }

    /// Whether a phone talks in another call than the one in hand.
    fn talks_elsewhere(&self, username: &str) -> bool {
        let is_its = |leg: &Leg| leg.username.as_deref() == Some(username);
        let talks =
            |call: &Call| call.answered.is_some() && is_its(&call.caller) || call.callee.as_ref().is_some_and(is_its);
        self.calls.values().any(talks)
    }

    /// The way to there; the guard's reason why there is none, or nothing when nobody is there.
    fn forward_plan(&mut self, now: Instant, call: &Call, person: &str, uri: &Uri) -> Result<Plan, Option<Reject>> {
        let destination = self.directory.destination(&dialled(uri));
        if let Destination::Outside { meant, .. } = &destination {
            if diversions(call) >= MOST_DIVERSIONS {
                return Err(None);
            }
            self.may_forward(now, person, meant).map_err(Some)?;
        }
        let from = Party::named(person, self.directory.name_of(person));
        let caller = phone_of(&call.caller);
        // Nobody sends outside who may not go there.
        let held = self.held_inside(now, &call.caller);
        let plan = self.plan_to(now, from, &destination, uri, caller.as_ref()).and_then(|plan| plan.within(held));
        let mut plan = plan.map_err(|no_way| match no_way {
            NoWay::Blocked(_, reject) => Some(reject),
            NoWay::Nobody(_) => None,
        })?;
        let takes_part = |number: &str| number == person || number == call.from.number;
        plan.routes.retain(|route| !matches!(route, Route::Phone { person, .. } if takes_part(person)));
        if plan.routes.is_empty() {
            return Err(None);
        }
        self.send_on(now, &called_for(&call.caller, &plan)).map_err(Some)?;
        Ok(plan)
    }

    fn ring_instead(&mut self, now: Instant, call: &mut Call, person: &str, mut plan: Plan) {
        let bound = self.bind_address(plan.routes.iter());
        if bound != call.callee_bind {
            call.callee_bind = bound;
            self.reopen_side(call, super::Side::Callee);
        }
        call.transferred_by = Some(person.to_owned());
        // What another phone of that person said is no word of whoever rings now.
        call.refusal = None;
        call.withheld |= plan.withheld;
        if plan.direction == Direction::Outgoing {
            match call.direction {
                // The provider that it came over keeps its channel.
                Direction::Incoming => call.other_trunk = call.trunk.take(),
                Direction::Internal | Direction::Outgoing => call.direction = Direction::Outgoing,
            }
        }
        self.agenda.set(Due::RingsTooLong(call.key), now + RING_INSIDE);
        let at_once = plan.rings_first();
        call.spare_routes = plan.routes;
        at_once.into_iter().for_each(|route| self.ring(now, call, route));
    }
}
