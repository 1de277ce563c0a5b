//! Hold, resume and every other change of a call's media: a re-INVITE of one side is brought to the other.

use std::time::Instant;

use centrale_sip::endpoint::ServerKey;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Status};
use centrale_sip::sdp::{CONTENT_TYPE, SdpFault, Session};
use rand::RngExt as _;

use super::answer::{Answer, answer_known};
use super::body::description_in;
use super::refuse::warned;
use super::session_timer::{SHORTEST, propose};
use super::{Call, SessionTimer, Side, Transit, other};
use crate::exchange::{Exchange, Reply, allow};
use crate::record::Outcome;
use crate::sent::Purpose;

/// The longest that who did not wait for an answer is told to wait, seconds (RFC 3261 14.2).
const LONGEST_PAUSE: u32 = 10;

/// A re-INVITE, or an UPDATE with a description, as it came.
struct Asked {
    side: Side,
    key: ServerKey,
    request: Request,
    offer: Option<Session>,
}

impl Exchange {
    pub(crate) fn handle_reinvite(
        &mut self,
        now: Instant,
        call: &mut Call,
        side: Side,
        key: ServerKey,
        request: Request,
    ) {
        let alone = call.is_alone() || call.is_with_box();
        if call.answered.is_none() && !alone || call.is_changing() {
            return self.refuse_crossing(now, call, side, key, &request);
        }
        let timer = match SessionTimer::of_request(&request) {
            Ok(timer) => timer,
            Err(_) => return self.refuse_interval(now, key, &request),
        };
        let offer = match description_in(&request.headers, &request.body) {
            Ok(offer) => offer,
            Err(status) => return self.endpoint.respond(now, key, request.response(status)),
        };
        let Some(leg) = call.leg_mut(side) else { return };
        leg.timer = timer;
        leg.dialog.refresh_target(&request.headers);
        if alone {
            return self.answer_waiting(now, call, side, (key, &request), offer);
        }
        let changes_nothing = offer.as_ref().is_some_and(|offer| leg.description.is_in_force(offer));
        self.start_timer(now, call, side);
        let asked = Asked { side, key, request, offer };
        if changes_nothing { self.answer_alone(now, call, &asked) } else { self.pass_on(now, call, asked) }
    }

    /// A change while another is under way. Who did not wait for the answer to its own is told when to come again (RFC 3261
    /// 14.2, RFC 3311 5.2); where both changed at once, or what was agreed last is not settled yet, each knows that (14.1).
    pub(crate) fn refuse_crossing(&mut self, now: Instant, call: &Call, side: Side, key: ServerKey, request: &Request) {
        let mut response = request.response(Status::REQUEST_PENDING);
        if call.owes_answer(side) {
            response = request.response(Status::SERVER_INTERNAL_ERROR);
            let seconds = self.rng.random_range(0..=LONGEST_PAUSE);
            response.headers.push(HeaderName::RetryAfter, seconds.to_string());
        }
        self.endpoint.respond(now, key, response);
    }

    /// 422 with what is short enough (RFC 4028 9).
    pub(crate) fn refuse_interval(&mut self, now: Instant, key: ServerKey, request: &Request) {
        let mut response = request.response(Status::SESSION_INTERVAL_TOO_SMALL);
        response.headers.push(HeaderName::MinSe, SHORTEST.to_string());
        self.endpoint.respond(now, key, response);
    }

    /// A refresh that changes nothing is nobody else's business: the same answer as before.
    fn answer_alone(&mut self, now: Instant, call: &mut Call, asked: &Asked) {
        let Ok(told) = answer_known(call, other(asked.side)) else {
            return self.endpoint.respond(now, asked.key, asked.request.response(Status::NOT_ACCEPTABLE_HERE));
        };
        let response = self.answer_to(call, asked.side, &asked.request, Status::OK, Some(&told));
        self.await_ack(call, asked.side, asked.key, &asked.request);
        self.endpoint.respond(now, asked.key, response);
    }

    /// Who has no other end to talk to stays on hold, whatever it asks for, and is asked what it can do when there is one. Who
    /// talks to the box itself goes on doing so.
    fn answer_waiting(
        &mut self,
        now: Instant,
        call: &mut Call,
        side: Side,
        (key, request): (ServerKey, &Request),
        offer: Option<Session>,
    ) {
        let with_box = call.is_with_box();
        let Some(leg) = call.leg_mut(side) else { return };
        let (before, username) = (leg.description.clone(), leg.username.clone());
        let description = &mut leg.description;
        let told = match offer {
            _ if with_box => Self::answer_by_box(call, side, offer),
            Some(offer) => description.take_offer(offer).and_then(|()| description.answer_hold()),
            None => description.offer_hold().ok_or(SdpFault::NoAudio),
        };
        let told = match told {
            Ok(told) => told,
            Err(fault) => {
                if let Some(leg) = call.leg_mut(side) {
                    leg.description.take_back(before);
                }
                self.note_bad_description(fault, username.as_deref());
                let refusal = warned(request.response(Status::NOT_ACCEPTABLE_HERE), fault);
                return self.endpoint.respond(now, key, refusal);
            }
        };
        self.change_own_media(call, side);
        if call.is_alone() {
            // Whoever takes it up is told what it can do, and not that it is on hold.
            call.caller.description.part();
        }
        self.start_timer(now, call, side);
        let response = self.answer_to(call, side, request, Status::OK, Some(&told));
        self.await_ack(call, side, key, request);
        self.endpoint.respond(now, key, response);
    }

    /// Who asked with INVITE may cancel, and must acknowledge: the transaction leads back to the call.
    fn await_ack(&mut self, call: &Call, side: Side, key: ServerKey, request: &Request) {
        if request.method == Method::INVITE {
            self.servers.insert(key, (call.key, side));
        }
    }

    /// Brings an offer, or the wish for one, to the other side as a re-INVITE.
    fn pass_on(&mut self, now: Instant, call: &mut Call, asked: Asked) {
        let Asked { side, key, request, offer } = asked;
        let to = other(side);
        let Some(before) = call.descriptions() else { return };
        let offered = match offer.map(|offer| cross_offer(call, side, offer)).transpose() {
            Ok(offered) => offered,
            Err(fault) => {
                self.note_bad_description(fault, call.leg(side).and_then(|leg| leg.username.as_deref()));
                call.take_back(*before);
                let refusal = warned(request.response(Status::NOT_ACCEPTABLE_HERE), fault);
                return self.endpoint.respond(now, key, refusal);
            }
        };
        let key_of_call = call.key;
        let Some(leg) = call.leg_mut(to) else { return };
        let mut invite = leg.dialog.request(Method::INVITE);
        invite.headers.push(HeaderName::Contact, NameAddr::new(leg.ours.contact(&leg.contact_user)).to_string());
        invite.headers.push(HeaderName::Allow, allow());
        propose(&mut invite, &leg.timer);
        if let Some(offered) = offered {
            invite.set_body(CONTENT_TYPE, offered.to_bytes());
        }
        let client = self.send_within(now, leg, invite, Purpose::ReInvite { call: key_of_call, to });
        self.await_ack(call, side, key, &request);
        call.transit = Some(Transit { from: side, key, request, client, before });
    }

    /// The other side's final word on a re-INVITE.
    pub(crate) fn handle_reinvite_response(&mut self, now: Instant, call: &mut Call, to: Side, reply: &Reply<'_>) {
        let (client, cseq, response) = (reply.client, reply.number(), reply.response);
        let Some(transit) = call.transit.take_if(|transit| transit.client == client) else {
            if response.status.is_success() {
                self.acknowledge(now, call, to, client, cseq, None);
            }
            return;
        };
        if response.status.is_success() {
            if let Some(leg) = call.leg_mut(to) {
                leg.dialog.refresh_target(&response.headers);
                leg.timer = SessionTimer::of_response(response, leg.timer.interval);
            }
            self.start_timer(now, call, to);
            let (server, request) = (transit.key, &transit.request);
            return self.bring(now, call, &Answer { answerer: to, client, cseq, response, server, request });
        }
        call.take_back(*transit.before);
        self.refuse_invite(now, call, transit.from, (transit.key, &transit.request), response.status);
        if is_fatal(response.status) {
            self.end(now, call, Some(to), Outcome::Lost, response.status.code());
        }
    }
}

impl Call {
    /// Whether an INVITE or a change of that side's own has no final answer yet.
    pub(crate) fn owes_answer(&self, side: Side) -> bool {
        self.transit.as_ref().is_some_and(|transit| transit.from == side)
            || side == Side::Caller && self.invite.is_some()
    }
}

fn cross_offer(call: &mut Call, side: Side, offer: Session) -> Result<Session, SdpFault> {
    let leg = call.leg_mut(side).ok_or(SdpFault::NoAudio)?;
    leg.description.take_offer(offer)?;
    let theirs = leg.description.theirs().cloned().ok_or(SdpFault::NoAudio)?;
    call.leg_mut(other(side)).ok_or(SdpFault::NoAudio)?.description.offer(&theirs)
}

/// Whether a refusal within a dialog means that the peer no longer has it (RFC 5057 5.1).
pub(crate) const fn is_fatal(status: Status) -> bool {
    matches!(status.code(), 404 | 408 | 410 | 416 | 480..=485 | 502 | 604)
}
