//! REFER (RFC 3515, RFC 5589): whether a phone may hand on a call of its own to whom it names, and what it is told of it.
//!
//! A transfer is made here and never passed on: whoever asks must prove who it is, may only hand on and replace calls of its
//! own, and reaches by it whom it could have called itself. Help is called by who needs it: it is no target of a transfer, and
//! a call for help is not handed on.

use std::time::Instant;

use centrale_guard::Reject;
use centrale_sip::dialog::{DialogId, ReferTo, Replaces};
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Status};

use super::begin::{Caller, Plan};
use super::knock::{NoWay, dialled};
use super::refuse::status_of;
use super::strangers::called_for;
use super::{Call, CallKey, Leg, Party, Side, other};
use crate::directory::Destination;
use crate::exchange::Exchange;
use crate::record::Outcome;
use crate::sent::Purpose;
use crate::view::Direction;

/// What the other end of a dialog can be asked for in a REFER's Require.
const KNOWN: [&str; 2] = ["replaces", "norefersub"];
/// Seconds for which a transferor may expect to be told: longer than anything rings.
const TOLD_FOR: u32 = 300;

/// A status and the words in its start line, which phones show.
pub(super) type Refusal = (Status, &'static str);

/// Somebody was left colleagues alone.
pub(super) const ONLY_COLLEAGUES: Refusal = (Status::FORBIDDEN, Reject::ISOLATED.words);

/// What a REFER comes to.
pub(super) enum Aim {
    /// Somebody is called.
    Call(Box<Plan>),
    /// Whom the transferor talks to in that other call, on that side of its own.
    Consulted(CallKey, Side),
    /// The call is put down at this park place.
    Place(String),
    /// The call comes into this room.
    Room(String),
}

impl Exchange {
    /// A REFER within a dialog: of one end of a call, about the other.
    pub(crate) fn handle_refer(
        &mut self,
        now: Instant,
        (call, side): (CallKey, Side),
        key: ServerKey,
        request: &Request,
        flow: &Flow,
    ) {
        let is_phone = self.calls.get(&call).and_then(|call| call.leg(side)).is_some_and(|leg| leg.username.is_some());
        if !is_phone {
            return self.refuse_refer(now, key, request, (Status::FORBIDDEN, "No Transfer From Outside"));
        }
        let username = match self.prove(now, request, flow) {
            Ok(username) => username,
            Err(unproven) => return self.refuse_unproven(now, key, request, flow, &unproven),
        };
        let aim = self
            .may_transfer(call, side, &username, request)
            .and_then(|()| self.aim(now, (call, side), (&username, flow), request));
        let refer = if wants_news(request) { request.headers.cseq().ok().map(|cseq| cseq.number) } else { None };
        let started = aim.and_then(|aim| {
            let accept = |exchange: &mut Self| exchange.accept_refer(now, (call, side), key, request);
            match aim {
                Aim::Call(plan) => self.transfer_to(now, (call, side), *plan, refer, accept),
                Aim::Place(place) => self.park(now, (call, side), &place, refer, accept),
                Aim::Room(room) => self.bring_to_room(now, (call, side), &room, refer, accept),
                Aim::Consulted(other_call, own) => {
                    // Nobody comes out of a room: whoever is at the other end of the other call comes in.
                    let comes_in = self.calls.get(&call).is_some_and(Call::is_with_box);
                    let mut ends = [(call, side), (other_call, own)];
                    if comes_in {
                        ends.reverse();
                    }
                    self.join_calls(now, ends, (call, refer), accept)
                }
            }
        });
        match started {
            Ok(()) => self.counters.transfers += 1,
            Err(refusal) => self.refuse_refer(now, key, request, refusal),
        }
    }

    /// Refuses a REFER, with words for the phone's display.
    pub(crate) fn refuse_refer(&mut self, now: Instant, key: ServerKey, request: &Request, (status, words): Refusal) {
        self.counters.transfers_refused += 1;
        let mut response = request.tagged_response(status, &self.token());
        if !words.is_empty() {
            response.reason = words.to_owned();
        }
        if status == Status::BAD_EXTENSION {
            response.headers.push(HeaderName::Unsupported, unknown_options(request).join(", "));
        }
        self.endpoint.respond(now, key, response);
    }

    /// Whether this end of that call may hand on the other one now.
    fn may_transfer(&mut self, call: CallKey, side: Side, username: &str, request: &Request) -> Result<(), Refusal> {
        let Some(call) = self.calls.get(&call) else { return Err((Status::CALL_DOES_NOT_EXIST, "")) };
        let own = call.leg(side).is_some_and(|leg| leg.username.as_deref() == Some(username));
        if !own {
            self.counters.not_theirs += 1;
            return Err((Status::FORBIDDEN, ""));
        }
        if !unknown_options(request).is_empty() {
            return Err((Status::BAD_EXTENSION, ""));
        }
        if call.emergency {
            return Err((Status::FORBIDDEN, "Help Stays With You"));
        }
        if call.at_mailbox.is_some() {
            return Err((Status::FORBIDDEN, "Nobody To Hand On"));
        }
        if call.answered.is_none() {
            return Err((Status::FORBIDDEN, "Not Answered Yet"));
        }
        if call.transfer.is_some() || call.is_changing() {
            return Err((Status::REQUEST_PENDING, ""));
        }
        Ok(())
    }

    /// Whom a REFER means, by the same rules as if its sender called there.
    fn aim(
        &mut self,
        now: Instant,
        (key, side): (CallKey, Side),
        (username, flow): (&str, &Flow),
        request: &Request,
    ) -> Result<Aim, Refusal> {
        let ReferTo { uri, replaces } = ReferTo::of(&request.headers).map_err(|_| (Status::BAD_REQUEST, ""))?;
        if let Some(replaces) = replaces {
            return self.consulted(now, key, side, &replaces);
        }
        if self.calls.get(&key).is_some_and(Call::is_with_box) {
            return Err((Status::FORBIDDEN, "Nobody To Hand On"));
        }
        let destination = self.directory.destination(&dialled(&uri));
        if matches!(destination, Destination::Emergency(_)) {
            return Err((Status::FORBIDDEN, "Call Help Yourself"));
        }
        let person = self.directory.login(username).map(|login| login.number().to_string()).unwrap_or_default();
        let reject = self
            .off_the_line(&person, &destination)
            .or_else(|| self.doubted(now, username, (request, flow), &destination));
        if let Some(reject) = reject {
            self.counters.calls_blocked += 1;
            return Err((status_of(reject), reject.words));
        }
        if let Destination::Park(place) = destination {
            return Ok(Aim::Place(place));
        }
        if let Destination::Conference(room) = destination {
            return Ok(Aim::Room(room.to_string()));
        }
        let Some(call) = self.calls.get(&key) else { return Err((Status::CALL_DOES_NOT_EXIST, "")) };
        let transferor = self.party_at(call, side);
        let transferee = call.leg(other(side)).and_then(phone_of);
        let held = call.leg(other(side)).and_then(|leg| self.held_inside(now, leg));
        let plan = self.plan_to(now, transferor, &destination, &uri, transferee.as_ref());
        let plan = plan.and_then(|plan| plan.within(held)).and_then(|plan| self.within_transit(now, (key, side), plan));
        match plan {
            Ok(plan) if plan.routes.is_empty() => {
                let outside = plan.direction == Direction::Outgoing;
                let status = if outside { Status::SERVICE_UNAVAILABLE } else { Status::TEMPORARILY_UNAVAILABLE };
                self.record_unstarted(now, &plan, (Outcome::Unreachable, status));
                Err((status, ""))
            }
            Ok(plan) => Ok(Aim::Call(Box::new(plan))),
            Err(NoWay::Blocked(plan, reject)) => {
                self.counters.calls_blocked += 1;
                self.record_blocked(now, &plan, reject, None);
                Err((status_of(reject), reject.words))
            }
            Err(NoWay::Nobody(plan)) => {
                self.record_unstarted(now, &plan, (Outcome::Refused, Status::NOT_FOUND));
                Err((Status::NOT_FOUND, ""))
            }
        }
    }

    /// The same, unless a caller from outside would be sent out again where there were too many.
    fn within_transit(&mut self, now: Instant, (call, side): (CallKey, Side), plan: Plan) -> Result<Plan, NoWay> {
        let transferee = self.calls.get(&call).and_then(|call| call.leg(other(side)));
        let called = transferee.map_or_else(Vec::new, |leg| called_for(leg, &plan));
        match self.send_on(now, &called) {
            Ok(()) => Ok(plan),
            Err(reject) => Err(NoWay::Blocked(Box::new(plan), reject)),
        }
    }

    /// The transferor's own other call, as its dialog with us is named; whose call it is decides, not who knows its name.
    fn consulted(&mut self, now: Instant, call: CallKey, side: Side, replaces: &Replaces) -> Result<Aim, Refusal> {
        let unknown = (Status::CALL_DOES_NOT_EXIST, "");
        let [one, two] = &replaces.tags;
        let named = [(one, two), (two, one)].into_iter().find_map(|(local, remote)| {
            let (call_id, local_tag, remote_tag) = (replaces.call_id.clone(), local.clone(), remote.clone());
            self.dialogs.get(&DialogId { call_id, local_tag, remote_tag })
        });
        let (consulted, own) = *named.filter(|(named, _)| *named != call).ok_or(unknown)?;
        let own_user = |call: &Call, side| call.leg(side).and_then(|leg| leg.username.clone());
        let (Some(first), Some(second)) = (self.calls.get(&call), self.calls.get(&consulted)) else {
            return Err(unknown);
        };
        if own_user(first, side).is_none() || own_user(first, side) != own_user(second, own) {
            return Err(unknown);
        }
        if second.emergency {
            return Err((Status::FORBIDDEN, "Help Stays With You"));
        }
        if second.at_mailbox.is_some() {
            return Err((Status::FORBIDDEN, "Nobody Answered"));
        }
        match (first.is_with_box(), second.is_with_box()) {
            (true, true) => return Err((Status::FORBIDDEN, "Nobody To Hand On")),
            (true, false) => self.may_take_place(now, first, second.leg(other(own)))?,
            (false, true) => self.may_take_place(now, second, first.leg(other(side)))?,
            (false, false) => {}
        }
        if let Some(reject) = self.kept_apart(now, first.leg(other(side)), second.leg(other(own))) {
            return Err((status_of(reject), reject.words));
        }
        if second.answered.is_none() || replaces.early_only {
            return Err((Status::FORBIDDEN, "Not Answered Yet"));
        }
        if second.transfer.is_some() || second.is_changing() {
            return Err((Status::REQUEST_PENDING, ""));
        }
        let called = self.called_by_joining([(first, side), (second, own)]);
        self.send_on(now, &called).map_err(|reject| (status_of(reject), reject.words))?;
        Ok(Aim::Consulted(consulted, own))
    }

    /// 202: it is being done (RFC 3515 2.4.2).
    fn accept_refer(&mut self, now: Instant, (call, side): (CallKey, Side), key: ServerKey, request: &Request) {
        let Some(leg) = self.calls.get(&call).and_then(|call| call.leg(side)) else { return };
        let mut response = request.response(Status::ACCEPTED);
        response.headers.push(HeaderName::Contact, contact_of(leg));
        if !wants_news(request) {
            response.headers.push(HeaderName::other("Refer-Sub"), "false");
        }
        self.endpoint.respond(now, key, response);
    }

    /// Tells a transferor how far its transfer is; with a final status for the last time (RFC 3515 2.4.5).
    pub(super) fn tell_transferor(&mut self, now: Instant, call: &mut Call, status: Status) {
        let Some(transfer) = &mut call.transfer else { return };
        transfer.rings |= status.code() > Status::TRYING.code() && !status.is_final();
        let Some(refer) = transfer.refer.filter(|_| transfer.told != Some(status)) else { return };
        transfer.told = Some(status);
        let by = transfer.by;
        let Some(leg) = call.leg_mut(by) else { return };
        let mut notify = leg.dialog.request(Method::NOTIFY);
        let last = status.is_final();
        let state = if last { "terminated;reason=noresource".into() } else { format!("active;expires={TOLD_FOR}") };
        notify.headers.push(HeaderName::Contact, contact_of(leg));
        notify.headers.push(HeaderName::Event, format!("refer;id={refer}"));
        notify.headers.push(HeaderName::SubscriptionState, state);
        let fragment = format!("SIP/2.0 {} {}\r\n", status.code(), notify.response(status).reason);
        notify.set_body("message/sipfrag;version=2.0", fragment);
        self.send_within(now, leg, notify, Purpose::Progress);
    }

    /// Who is on that side of a call.
    pub(super) fn party_at(&self, call: &Call, side: Side) -> Party {
        match (&call.answered_by, side) {
            (Some(number), Side::Callee) => Party::named(number, self.directory.name_of(number)),
            (None, Side::Callee) => call.to.clone(),
            (_, Side::Caller) => call.from.clone(),
        }
    }
}

/// A phone that must not ring for its own call.
pub(super) fn phone_of(leg: &Leg) -> Option<Caller> {
    match (&leg.username, leg.dialog.path) {
        (Some(username), Path::Flow(flow)) => Some(Caller { username: username.clone(), flow }),
        _ => None,
    }
}

fn contact_of(leg: &Leg) -> String {
    NameAddr::new(leg.ours.contact(&leg.contact_user)).to_string()
}

/// Whether the transferor wants to be told what becomes of it (RFC 4488).
fn wants_news(request: &Request) -> bool {
    let asked = request.headers.text(&HeaderName::other("Refer-Sub"));
    asked.is_none_or(|value| !value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("false"))
}

fn unknown_options(request: &Request) -> Vec<String> {
    let options = request.headers.items(&HeaderName::Require).into_iter();
    options.filter(|option| !KNOWN.iter().any(|known| option.eq_ignore_ascii_case(known))).collect()
}
