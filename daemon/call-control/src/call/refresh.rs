//! Keeping sessions alive (RFC 4028): refreshes of the peer, and ours.

use std::time::{Duration, Instant};

use centrale_rtp::sound::Encoding;
use centrale_sip::endpoint::ServerKey;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Status};
use centrale_sip::sdp::CONTENT_TYPE;

use super::body::description_in;
use super::reinvite::is_fatal;
use super::session_timer::propose;
use super::sound::at;
use super::{Call, SessionTimer, Side, Transit, other};
use crate::exchange::{Due, Exchange, Reply, allow};
use crate::record::Outcome;
use crate::sent::Purpose;

/// When a refresh of ours is tried again after it met a change of the peer's: between what RFC 3261 14.1 gives to both ends.
const AFTER_GLARE: Duration = Duration::from_secs(3);
/// When a refresh is tried again that something of the call's own is in the way of.
const AFTER_CHANGE: Duration = Duration::from_secs(5);
/// When a refresh is tried again that the network would not take. The session goes on expiring meanwhile.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

impl Exchange {
    /// An UPDATE without a description: the peer keeps its session alive (RFC 4028 7.4).
    pub(crate) fn handle_refresh(
        &mut self,
        now: Instant,
        call: &mut Call,
        side: Side,
        key: ServerKey,
        request: &Request,
    ) {
        let waits = |transit: &Transit| transit.from == side && transit.request.method == Method::UPDATE;
        if call.transit.as_ref().is_some_and(waits) {
            // Its UPDATE before this one has no answer yet (RFC 3311 5.2).
            return self.refuse_crossing(now, call, side, key, request);
        }
        let Ok(timer) = SessionTimer::of_request(request) else { return self.refuse_interval(now, key, request) };
        let Some(leg) = call.leg_mut(side) else { return };
        leg.timer = timer;
        leg.dialog.refresh_target(&request.headers);
        if call.invite.is_none() {
            self.start_timer(now, call, side);
        }
        let response = self.answer_to(call, side, request, Status::OK, None);
        self.endpoint.respond(now, key, response);
    }

    /// Sets what is due next on a leg: our refresh, and the end of a session that nobody refreshed in time.
    pub(crate) fn start_timer(&mut self, now: Instant, call: &Call, side: Side) {
        let Some(leg) = call.leg(side) else { return };
        self.agenda.cancel(&Due::Refresh(call.key, side));
        if leg.timer.ours {
            self.agenda.set(Due::Refresh(call.key, side), now + leg.timer.refresh_in());
        }
        self.agenda.set(Due::Expiry(call.key, side), now + leg.timer.expires_in());
    }

    /// Our refresh of a session: UPDATE where the peer knows it, else a re-INVITE that changes nothing.
    pub(crate) fn refresh_session(&mut self, now: Instant, call: &mut Call, side: Side) {
        if !self.owns(call, side) {
            return;
        }
        if call.is_changing() {
            return self.agenda.set(Due::Refresh(call.key, side), now + AFTER_CHANGE);
        }
        let (key, in_room) = (call.key, call.at_conference.is_some());
        let others = call.leg(other(side)).and_then(|leg| leg.description.theirs()).cloned();
        let Some(leg) = call.leg_mut(side) else { return };
        let method = if leg.allows_update && !leg.moved { Method::UPDATE } else { Method::INVITE };
        let mut request = leg.dialog.request(method.clone());
        request.headers.push(HeaderName::Contact, NameAddr::new(leg.ours.contact(&leg.contact_user)).to_string());
        request.headers.push(HeaderName::Allow, allow());
        propose(&mut request, &leg.timer);
        if method == Method::INVITE {
            let ours = leg.description.ours_again().cloned();
            let offer = ours.or_else(|| match in_room {
                true => leg.description.offer_alone(&Encoding::COMPANDED),
                false => leg.description.offer(&others?).ok(),
            });
            offer.iter().for_each(|offer| request.set_body(CONTENT_TYPE, offer.to_bytes()));
        }
        self.send_within(now, leg, request, Purpose::Refresh { call: key, to: side });
    }

    pub(crate) fn handle_refresh_response(&mut self, now: Instant, call: &mut Call, to: Side, reply: &Reply<'_>) {
        let status = reply.response.status;
        if status.is_success() {
            return self.refreshed(now, call, to, reply);
        }
        if is_fatal(status) {
            self.note_asked_in_vain(call, to);
            return self.end(now, call, Some(to), Outcome::Lost, status.code());
        }
        let Some(leg) = call.leg_mut(to) else { return };
        let by_update = reply.sent.request.method == Method::UPDATE;
        match status.code() {
            405 | 501 if by_update => {
                leg.allows_update = false;
                self.refresh_session(now, call, to);
            }
            422 if leg.timer.lengthen(reply.response) => self.refresh_session(now, call, to),
            491 => self.agenda.set(Due::Refresh(call.key, to), now + AFTER_GLARE),
            // Its connection is gone: refreshed as soon as its phone comes back, or the session ends when its time is over.
            _ if leg.lost => {}
            _ if reply.flow.is_none() => self.agenda.set(Due::Refresh(call.key, to), now + AFTER_FAILURE),
            // It does not like the refresh, but it is there and knows the call.
            _ => {
                call.heard[at(to)].is_there();
                self.start_timer(now, call, to);
            }
        }
    }

    fn refreshed(&mut self, now: Instant, call: &mut Call, to: Side, reply: &Reply<'_>) {
        if reply.sent.request.method == Method::INVITE {
            self.acknowledge(now, call, to, reply.client, reply.number(), None);
        }
        let alone = call.is_alone();
        call.heard[at(to)].is_there();
        let Some(leg) = call.leg_mut(to) else { return };
        leg.dialog.refresh_target(&reply.response.headers);
        if let Ok(Some(session)) = description_in(&reply.response.headers, &reply.response.body) {
            // The peer may answer a refresh with another address; one that cannot be used changes nothing.
            let _ = leg.description.take_answer(session);
        }
        leg.moved = false;
        leg.timer = SessionTimer::of_response(reply.response, leg.timer.interval);
        self.change_own_media(call, to);
        if alone {
            // Whoever takes it up is told what it can do, and not that it is on hold.
            call.caller.description.part();
        }
        self.start_timer(now, call, to);
    }
}
