//! Requests within a call: hold and resume, refreshes, hanging up, tones as INFO, questions.

use std::time::Instant;

use centrale_sip::dialog::DialogId;
use centrale_sip::endpoint::{ClientKey, ServerKey};
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Response, Status};
use centrale_sip::sdp::{CONTENT_TYPE, Session};

use super::answer::Answer;
use super::begin::read_description;
use super::session_timer::propose;
use super::{Call, SessionTimer, Side, Transit, other};
use crate::exchange::{Due, Exchange, allow};
use crate::record::Outcome;
use crate::sent::{Purpose, Sent};

impl Exchange {
    /// A request that names a dialog (its To has a tag).
    pub(crate) fn handle_within(&mut self, now: Instant, key: ServerKey, request: Request, flow: Flow) {
        let found = DialogId::of_incoming(&request).and_then(|id| self.dialogs.get(&id).copied());
        let Some((call, side)) = found else {
            let response = request.response(Status::CALL_DOES_NOT_EXIST);
            return self.endpoint.respond(now, key, response);
        };
        self.with_call(now, call, |exchange, call| {
            let accepted =
                call.leg_mut(side).map_or(Err(Status::CALL_DOES_NOT_EXIST), |leg| leg.dialog.accept(&request, flow));
            match accepted {
                Err(status) => exchange.endpoint.respond(now, key, request.response(status)),
                Ok(()) => exchange.act_within(now, call, side, key, request),
            }
        });
    }

    fn act_within(&mut self, now: Instant, call: &mut Call, side: Side, key: ServerKey, request: Request) {
        match request.method {
            Method::BYE => self.handle_bye(now, call, side, key, &request),
            Method::INVITE => self.handle_reinvite(now, call, side, key, request),
            Method::UPDATE if request.body.is_empty() => self.handle_refresh(now, call, side, key, &request),
            Method::UPDATE => self.handle_reinvite(now, call, side, key, request),
            Method::INFO => self.handle_info(now, call, side, key, &request),
            Method::OPTIONS => {
                let mut response = self.answer_to(call, side, &request, Status::OK, None);
                response.headers.remove(&HeaderName::SessionExpires);
                response.headers.remove(&HeaderName::Require);
                response.headers.push(HeaderName::Accept, CONTENT_TYPE);
                self.endpoint.respond(now, key, response);
            }
            Method::SUBSCRIBE | Method::NOTIFY => self.endpoint.respond(now, key, request.response(Status::BAD_EVENT)),
            _ => {
                let mut response = request.response(Status::METHOD_NOT_ALLOWED);
                response.headers.push(HeaderName::Allow, allow());
                self.endpoint.respond(now, key, response);
            }
        }
    }

    fn handle_bye(&mut self, now: Instant, call: &mut Call, side: Side, key: ServerKey, request: &Request) {
        self.endpoint.respond(now, key, request.response(Status::OK));
        if call.answered.is_some() {
            self.end(now, call, Some(side), Outcome::Answered, 0);
        } else {
            // A BYE on an early dialog ends it like a CANCEL (RFC 3261 15.1.2).
            self.end(now, call, None, Outcome::Abandoned, Status::REQUEST_TERMINATED.code());
        }
    }

    fn handle_reinvite(&mut self, now: Instant, call: &mut Call, side: Side, key: ServerKey, request: Request) {
        if call.answered.is_none() || call.transit.is_some() || call.awaited_ack.is_some() {
            // Both changed at once, or the first answer is not yet settled (RFC 3261 14.2).
            return self.endpoint.respond(now, key, request.response(Status::REQUEST_PENDING));
        }
        let timer = SessionTimer::of_request(&request);
        let offer = read_description(&request);
        let (Ok(timer), Ok(offer)) = (timer, offer) else {
            let status = if timer.is_err() { Status::SESSION_INTERVAL_TOO_SMALL } else { Status::NOT_ACCEPTABLE_HERE };
            let mut response = request.response(status);
            if timer.is_err() {
                response.headers.push(HeaderName::MinSe, super::session_timer::SHORTEST.to_string());
            }
            return self.endpoint.respond(now, key, response);
        };
        let Some(leg) = call.leg_mut(side) else { return };
        leg.timer = timer;
        leg.dialog.refresh_target(&request.headers);
        self.start_timer(now, call, side);
        let same =
            offer.as_ref().is_some_and(|offer| call.leg(side).and_then(|leg| leg.description.theirs()) == Some(offer));
        if same {
            // A refresh that changes nothing is nobody else's business.
            return self.answer_from_memory(now, call, side, key, &request);
        }
        self.pass_on(now, call, side, key, request, offer);
    }

    fn answer_from_memory(&mut self, now: Instant, call: &Call, side: Side, key: ServerKey, request: &Request) {
        let body = call.leg(side).and_then(|leg| leg.description.ours());
        if request.method == Method::INVITE {
            self.servers.insert(key, call.key);
        }
        let response = self.answer_to(call, side, request, Status::OK, body);
        self.endpoint.respond(now, key, response);
    }

    /// Brings an offer to the other side as a re-INVITE.
    fn pass_on(
        &mut self,
        now: Instant,
        call: &mut Call,
        side: Side,
        key: ServerKey,
        request: Request,
        offer: Option<Session>,
    ) {
        let to = other(side);
        let offered = match offer {
            None => Ok(None),
            Some(offer) => self.cross_offer(call, side, offer).map(Some),
        };
        let Ok(offered) = offered else {
            self.counters.bad_descriptions += 1;
            return self.endpoint.respond(now, key, request.response(Status::NOT_ACCEPTABLE_HERE));
        };
        let Some(leg) = call.leg_mut(to) else { return };
        let mut invite = leg.dialog.request(Method::INVITE);
        invite.headers.push(HeaderName::Contact, NameAddr::new(leg.ours.contact(&leg.contact_user)).to_string());
        invite.headers.push(HeaderName::Allow, allow());
        propose(&mut invite, leg.timer.spoken.then_some(&leg.timer));
        if let Some(offered) = offered {
            invite.set_body(CONTENT_TYPE, offered.to_bytes());
        }
        let (path, local, trunk) = (leg.dialog.path, leg.ours.local, leg.trunk.clone());
        let client = self.send(now, invite, path, local, Purpose::ReInvite { call: call.key, to }, trunk);
        if request.method == Method::INVITE {
            self.servers.insert(key, call.key);
        }
        call.transit = Some(Transit { from: side, key, request, client });
    }

    fn cross_offer(
        &mut self,
        call: &mut Call,
        side: Side,
        offer: Session,
    ) -> Result<Session, centrale_sip::sdp::SdpFault> {
        let missing = centrale_sip::sdp::SdpFault::NoAudio;
        let leg = call.leg_mut(side).ok_or(missing)?;
        let transport = leg.ours.transport;
        leg.description.take_offer(offer, transport)?;
        let theirs = leg.description.theirs().cloned().ok_or(missing)?;
        call.leg_mut(other(side)).ok_or(missing)?.description.offer(&theirs)
    }

    /// The other side's final word on a re-INVITE.
    pub(crate) fn handle_reinvite_response(
        &mut self,
        now: Instant,
        call: &mut Call,
        to: Side,
        (client, sent): (ClientKey, &Sent),
        response: &Response,
    ) {
        let cseq = sent.request.headers.cseq().map_or(1, |cseq| cseq.number);
        let Some(transit) = call.transit.take_if(|transit| transit.client == client) else {
            if response.status.is_success() {
                self.acknowledge(now, call, to, client, cseq, None);
            }
            return;
        };
        if response.status.is_success() {
            if let Some(leg) = call.leg_mut(to) {
                leg.dialog.refresh_target(&response.headers);
                leg.timer = SessionTimer::of_response(response);
            }
            self.start_timer(now, call, to);
            let (server, request) = (transit.key, &transit.request);
            return self.bring(now, call, &Answer { answerer: to, client, cseq, response, server, request });
        }
        let refusal = self.answer_to(call, transit.from, &transit.request, response.status, None);
        self.endpoint.respond(now, transit.key, refusal);
        if is_fatal(response.status) {
            self.end(now, call, Some(to), Outcome::Lost, response.status.code());
        }
    }

    /// An UPDATE without a description: the peer keeps its session alive (RFC 4028 7.4).
    fn handle_refresh(&mut self, now: Instant, call: &mut Call, side: Side, key: ServerKey, request: &Request) {
        match (SessionTimer::of_request(request), call.leg_mut(side)) {
            (Ok(timer), Some(leg)) => {
                leg.timer = timer;
                leg.dialog.refresh_target(&request.headers);
                if call.answered.is_some() {
                    self.start_timer(now, call, side);
                }
                let response = self.answer_to(call, side, request, Status::OK, None);
                self.endpoint.respond(now, key, response);
            }
            _ => {
                let mut response = request.response(Status::SESSION_INTERVAL_TOO_SMALL);
                response.headers.push(HeaderName::MinSe, super::session_timer::SHORTEST.to_string());
                self.endpoint.respond(now, key, response);
            }
        }
    }

    fn handle_info(&mut self, now: Instant, call: &mut Call, side: Side, key: ServerKey, request: &Request) {
        let to = other(side);
        let Some(leg) = call.leg_mut(to) else {
            return self.endpoint.respond(now, key, request.response(Status::OK));
        };
        let mut info = leg.dialog.request(Method::INFO);
        if let Some(kind) = request.headers.first(&HeaderName::ContentType) {
            info.headers.push(HeaderName::ContentType, kind.clone());
            info.body = request.body.clone();
        }
        let (path, local, trunk) = (leg.dialog.path, leg.ours.local, leg.trunk.clone());
        self.send(now, info, path, local, Purpose::Info { call: call.key, to }, trunk);
        // Answered at once: whether the other end understood is no reason to keep this one waiting (RFC 6086 does not ask for it).
        let response = request.response(Status::OK);
        self.endpoint.respond(now, key, response);
    }

    /// Sets what is due next on a leg: our refresh, or the end of a session the peer did not refresh.
    pub(crate) fn start_timer(&mut self, now: Instant, call: &Call, side: Side) {
        let Some(leg) = call.leg(side) else { return };
        self.agenda.cancel(&Due::Refresh(call.key, side));
        self.agenda.cancel(&Due::Expiry(call.key, side));
        let due = if leg.timer.ours { Due::Refresh(call.key, side) } else { Due::Expiry(call.key, side) };
        self.agenda.set(due, now + leg.timer.due_in());
    }

    /// Our refresh of a session: UPDATE where the peer knows it, else a re-INVITE that changes nothing.
    pub(crate) fn refresh_session(&mut self, now: Instant, call: &mut Call, side: Side) {
        if call.transit.is_some() || call.awaited_ack.is_some() {
            self.agenda.set(Due::Refresh(call.key, side), now + std::time::Duration::from_secs(5));
            return;
        }
        let Some(leg) = call.leg_mut(side) else { return };
        let method = if leg.allows_update { Method::UPDATE } else { Method::INVITE };
        let mut request = leg.dialog.request(method.clone());
        request.headers.push(HeaderName::Contact, NameAddr::new(leg.ours.contact(&leg.contact_user)).to_string());
        request.headers.push(HeaderName::Allow, allow());
        propose(&mut request, Some(&leg.timer));
        if let Some(ours) = leg.description.ours().filter(|_| method == Method::INVITE) {
            request.set_body(CONTENT_TYPE, ours.to_bytes());
        }
        let (path, local, trunk) = (leg.dialog.path, leg.ours.local, leg.trunk.clone());
        self.send(now, request, path, local, Purpose::Refresh { call: call.key, to: side }, trunk);
    }

    pub(crate) fn handle_refresh_response(
        &mut self,
        now: Instant,
        call: &mut Call,
        to: Side,
        (client, sent): (ClientKey, &Sent),
        response: &Response,
    ) {
        if response.status.is_success() {
            if sent.request.method == Method::INVITE {
                let cseq = sent.request.headers.cseq().map_or(1, |cseq| cseq.number);
                self.acknowledge(now, call, to, client, cseq, None);
            }
            if let Some(leg) = call.leg_mut(to) {
                leg.dialog.refresh_target(&response.headers);
                if let Ok(session) = Session::parse(&response.body) {
                    // The peer may answer a refresh with another address; one that cannot be used changes nothing.
                    let _ = leg.description.take_answer(session);
                }
                leg.timer = SessionTimer::of_response(response);
            }
            self.change_own_media(call, to);
            self.start_timer(now, call, to);
        } else if is_fatal(response.status) {
            self.end(now, call, Some(to), Outcome::Lost, response.status.code());
        } else {
            self.start_timer(now, call, to);
        }
    }
}

/// Whether a refusal within a dialog means that the peer no longer has it (RFC 5057 5.1).
pub(crate) const fn is_fatal(status: Status) -> bool {
    matches!(status.code(), 404 | 408 | 410 | 416 | 480..=485 | 502 | 604)
}
