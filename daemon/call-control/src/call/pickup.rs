//! Pickup: a call that rings at a colleague or a group is taken by who asks for it, with a code or with Replaces (RFC 3891).
//!
//! Both ends have made an offer by then, the caller and who picks up, so each is answered with the other's. Only what rings
//! can be taken: whoever could replace an answered dialog could cut a colleague out of a conversation.

use std::time::Instant;

use centrale_sip::dialog::{Dialog, Replaces};
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Host, NameAddr, SipUri, Status};
use centrale_sip::sdp::{Session, in_common};

use super::begin::examine_request;
use super::refer::ONLY_COLLEAGUES;
use super::transfer::is_outside;
use super::{Call, CallKey, Knock, Leg, Origin, Ours, Party, Route, SessionTimer, Side, dialable};
use crate::exchange::{Due, Exchange};
use crate::media::LegDescription;
use crate::view::Direction;

/// What is to be picked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pickup {
    /// What rings at this number, a colleague's or a group's.
    At(String),
    /// What rings in any group that the asker belongs to.
    Groups,
    /// What is parked at this place.
    Parked(String),
    /// This dialog, as a NOTIFY named it.
    Dialog(Replaces),
}

/// A status and the words in its start line, which phones show.
type Refusal = (Status, &'static str);

/// Who picks up.
pub(crate) struct Picker {
    pub(crate) username: Box<str>,
    pub(crate) party: Party,
}

/// What became of both offers.
struct Agreed {
    picker: Leg,
    to_picker: Session,
    to_caller: Session,
}

impl Exchange {
    /// Connects a ringing call to who asks for it, or says why not.
    pub(crate) fn pick_up(&mut self, now: Instant, knock: &Knock, picker: &Picker, pickup: &Pickup) {
        let done = self.ringing_call(&picker.party.number, pickup).and_then(|key| {
            let (timer, offer) = examine_request(&knock.request, &["timer", "replaces"]).map_err(plainly)?;
            let offer = offer.ok_or((Status::NOT_ACCEPTABLE_HERE, "Pickup Needs An Offer"))?;
            let is_outside = self.calls.get(&key).is_some_and(|call| is_outside(&call.caller));
            if is_outside && self.is_isolated(now, &picker.party.number) {
                return Err(ONLY_COLLEAGUES);
            }
            let mut done = Ok(());
            self.with_call(now, key, |exchange, call| {
                done = exchange
                    .agree(now, call, knock, picker, (timer, offer))
                    .map(|agreed| exchange.hand_over(now, call, knock, picker, agreed));
            });
            done
        });
        match done {
            Ok(()) => self.counters.pickups += 1,
            Err((status, reason)) => self.refuse_pickup(now, knock, status, reason),
        }
    }

    pub(super) fn refuse_pickup(&mut self, now: Instant, knock: &Knock, status: Status, reason: &str) {
        self.counters.pickups_refused += 1;
        if reason.is_empty() {
            return self.reject(now, knock, status);
        }
        self.reject_with(now, knock, status, reason);
    }

    /// A refusal with words of its own, which phones show.
    pub(super) fn reject_with(&mut self, now: Instant, knock: &Knock, status: Status, words: &str) {
        let mut response = knock.request.tagged_response(status, &self.token());
        response.reason = words.to_owned();
        self.endpoint.respond(now, knock.key, response);
    }

    /// The call that is meant: the one that has rung longest.
    fn ringing_call(&self, asker: &str, pickup: &Pickup) -> Result<CallKey, Refusal> {
        let numbers: Vec<&str> = match pickup {
            Pickup::At(number) if !self.directory.is_inside(number) => {
                return Err((Status::NOT_FOUND, "No Such Number"));
            }
            Pickup::At(number) => vec![number],
            Pickup::Parked(place) => {
                let theirs = |key: &CallKey| self.calls.get(key).is_some_and(|call| !is_of(call, asker));
                let parked = self.parked_at(place).filter(theirs);
                return parked.ok_or((Status::TEMPORARILY_UNAVAILABLE, "Nothing Parked Here"));
            }
            Pickup::Groups => self.directory.groups_of(asker).collect(),
            Pickup::Dialog(replaces) => return self.named_call(asker, replaces),
        };
        let rings = |call: &&Call| numbers.iter().any(|number| rings_at(call, number)) && !is_of(call, asker);
        let oldest = self.calls.values().filter(rings).map(|call| call.key).min();
        oldest.ok_or((Status::TEMPORARILY_UNAVAILABLE, "Nothing Rings There"))
    }

    /// The call that a Replaces header names, by what our NOTIFYs call it.
    fn named_call(&self, asker: &str, replaces: &Replaces) -> Result<CallKey, Refusal> {
        let call = self.calls.values().find(|call| call.id == *replaces.call_id && !is_of(call, asker));
        let named = |call: &&Call| match &call.answered_by {
            Some(number) => replaces.tags.iter().any(|tag| **tag == **number || **tag == *call.to.number),
            None => replaces.tags.iter().any(|tag| rings_at(call, tag)),
        };
        match call.filter(named) {
            None => Err((Status::CALL_DOES_NOT_EXIST, "")),
            Some(call) if call.answered.is_some() => Err((Status::BUSY_HERE, "Already Answered")),
            Some(call) => Ok(call.key),
        }
    }

    /// Both ends are brought to what they have in common. Nothing is changed when there is nothing.
    fn agree(
        &mut self,
        now: Instant,
        call: &mut Call,
        knock: &Knock,
        picker: &Picker,
        (timer, offer): (SessionTimer, Session),
    ) -> Result<Agreed, Refusal> {
        let failed = (Status::NOT_ACCEPTABLE_HERE, "");
        let local = self.local_for(&Path::Flow(knock.flow)).ok_or((Status::SERVER_INTERNAL_ERROR, ""))?;
        let dialog = Dialog::of_server(&knock.request, &self.token(), knock.flow).ok_or((Status::BAD_REQUEST, ""))?;
        let transport = knock.flow.transport;
        let mut description = LegDescription::new(local.ip(), call.ports[1], transport, &mut self.rng);
        let before = call.caller.description.clone();
        let told = cross(&mut call.caller.description, &mut description, offer);
        let (to_caller, to_picker) = told.ok_or_else(|| {
            self.counters.bad_descriptions += 1;
            call.caller.description.take_back(before);
            failed
        })?;
        let headers = &knock.request.headers;
        let origin = Origin { started: now, answered: Some(now), placed: false, trunk: None };
        let leg = Leg {
            allows_update: headers.has_token(&HeaderName::Allow, "UPDATE"),
            contact_user: dialable(&call.from.number),
            username: Some(picker.username.clone()),
            ..Leg::new(dialog, description, Ours { transport, local }, timer, origin)
        };
        Ok(Agreed { picker: leg, to_picker, to_caller })
    }

    /// The call is answered by who picked it up, and every phone that rang for it stops.
    fn hand_over(&mut self, now: Instant, call: &mut Call, knock: &Knock, picker: &Picker, agreed: Agreed) {
        let Agreed { picker: leg, to_picker, to_caller } = agreed;
        let invite = call.invite.take();
        let forks = std::mem::take(&mut call.forks);
        self.cancel_forks(now, call, forks);
        call.spare_routes.clear();
        call.early = None;
        self.agenda.cancel(&Due::RingsTooLong(call.key));
        call.answered = Some(now);
        call.caller.origin.answered.get_or_insert(now);
        call.answered_by = Some(picker.party.number.clone());
        self.dialogs.insert(leg.dialog.id.clone(), (call.key, Side::Callee));
        self.servers.insert(knock.key, (call.key, Side::Callee));
        let ip = leg.ours.local.ip();
        call.callee = Some(leg);
        // The port was bound where the phones that rang could reach it.
        self.rebind(call, Side::Callee, call.callee_bind);
        self.change_own_media(call, Side::Caller);
        if let Some((server, request)) = &invite {
            let response = self.answer_to(call, Side::Caller, request, Status::OK, Some(&to_caller));
            self.endpoint.respond(now, *server, response);
        }
        let mut response = self.answer_to(call, Side::Callee, &knock.request, Status::OK, Some(&to_picker));
        // Otherwise a phone goes on showing the code that was dialled.
        response.headers.push(HeaderName::PAssertedIdentity, identity(&call.from, &ip.into()));
        self.endpoint.respond(now, knock.key, response);
        if invite.is_none() {
            return self.bring_transferee(now, call);
        }
        self.start_timer(now, call, Side::Caller);
        self.start_timer(now, call, Side::Callee);
    }
}

/// Takes the picker's offer, and answers both ends out of what they have in common: the caller's answer, then the picker's.
fn cross(caller: &mut LegDescription, picker: &mut LegDescription, offer: Session) -> Option<(Session, Session)> {
    picker.take_offer(offer).ok()?;
    let (of_caller, of_picker) = in_common(caller.theirs()?, picker.theirs()?).ok()?;
    caller.take_offer(of_caller).ok()?;
    picker.take_offer(of_picker).ok()?;
    let to_caller = caller.answer(picker.theirs()?).ok()?;
    let to_picker = picker.answer(caller.theirs()?).ok()?;
    Some((to_caller, to_picker))
}

/// Whether a call rings at a person's phone, or as a call to that group.
fn rings_at(call: &Call, number: &str) -> bool {
    let phones = call.forks.iter().filter_map(|fork| match &fork.route {
        Route::Phone { person, .. } => Some(person.as_str()),
        Route::Trunk { .. } => None,
    });
    let mut phones = phones.peekable();
    let waits = call.answered.is_none() && call.ending.is_none() && !call.emergency && phones.peek().is_some();
    waits && (call.to.number == number || phones.any(|person| person == number))
}

/// Whether that number is the caller: nobody picks up the own call.
fn is_of(call: &Call, number: &str) -> bool {
    call.direction != Direction::Incoming && call.from.number == number
}

fn identity(party: &Party, host: &Host) -> String {
    NameAddr::new(SipUri::new(Some(&dialable(&party.number)), host.clone(), None)).named(&party.name).to_string()
}

const fn plainly(status: Status) -> Refusal {
    (status, "")
}
