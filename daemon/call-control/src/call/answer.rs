//! An answer: the winning fork becomes the other leg, and descriptions cross.

use std::sync::Arc;
use std::time::Instant;

use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::{ClientKey, ServerKey};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Response, Status};
use centrale_sip::sdp::{CONTENT_TYPE, SdpFault, Session, refuse_all};

use super::body::description_in;
use super::{AwaitedAck, Call, Fork, ForkId, Leg, Origin, Route, SessionTimer, Side, other};
use crate::exchange::{Due, Exchange, Reply, allow};
use crate::record::Outcome;
use crate::sent::Purpose;

/// What phones may count on: session timers, and handing one call of theirs on into another (RFC 5589 needs RFC 3891).
pub(crate) const FOR_PHONES: &str = "timer, replaces";

/// A 2xx that has to be brought to the side that asked.
pub(crate) struct Answer<'a> {
    pub(crate) answerer: Side,
    pub(crate) client: ClientKey,
    pub(crate) cseq: u32,
    pub(crate) response: &'a Response,
    /// The transaction of who asked.
    pub(crate) server: ServerKey,
    pub(crate) request: &'a Request,
}

impl Exchange {
    /// The first 2xx to a call. Later ones go to [`Exchange::decline_late_answer`].
    pub(crate) fn handle_win(&mut self, now: Instant, call: &mut Call, id: ForkId, reply: &Reply<'_>) {
        let at = call.forks.iter().position(|fork| fork.id == id);
        let Some(at) = at.filter(|_| call.answered.is_none()) else { return self.decline_late_answer(now, reply) };
        let dialog = reply.flow.and_then(|flow| Dialog::of_client(&reply.sent.request, reply.response, flow));
        let Some(dialog) = dialog else {
            // A 2xx that makes no dialog can be neither acknowledged nor ended: as if the peer were not there.
            let gone = reply.sent.request.response(Status::new(502).unwrap_or(Status::SERVICE_UNAVAILABLE));
            return self.handle_refusal(now, call, id, &gone);
        };
        let fork = call.forks.remove(at);
        let losers = std::mem::take(&mut call.forks);
        self.cancel_forks(now, call, losers);
        self.agenda.cancel(&Due::RingsTooLong(call.key));
        call.answered = Some(now);
        call.caller.origin.answered.get_or_insert(now);
        self.dialogs.insert(dialog.id.clone(), (call.key, Side::Callee));
        if let Route::Phone { person, .. } = &fork.route {
            call.answered_by = Some(person.clone());
        }
        if let Route::Trunk { trunk, .. } = &fork.route {
            call.trunk = Some(trunk.clone());
            self.forget_refused_call(trunk);
        }
        call.callee = Some(winning_leg(now, fork, dialog, reply));
        self.start_charge(now, call);
        if call.alert.is_some() {
            return self.begin_to_say(now, call, reply);
        }
        self.shorten_bridge(now, call);
        let Some((server, request)) = call.invite.take() else { return self.connect_transferee(now, call, reply) };
        let (client, cseq, response) = (reply.client, reply.number(), reply.response);
        self.bring(now, call, &Answer { answerer: Side::Callee, client, cseq, response, server, request: &request });
        if call.ending.is_none() {
            self.start_timer(now, call, Side::Caller);
            self.start_timer(now, call, Side::Callee);
        }
    }

    /// Brings a 2xx from the answerer to who asked, with the descriptions rewritten, and acknowledges it.
    pub(crate) fn bring(&mut self, now: Instant, call: &mut Call, answer: &Answer<'_>) {
        let asker = other(answer.answerer);
        let late = is_late_offer(call, answer);
        let told = match description_in(&answer.response.headers, &answer.response.body) {
            Ok(Some(session)) if late => self.cross_late_offer(call, answer.answerer, session),
            Ok(Some(session)) => cross_answer(call, answer.answerer, session),
            // Some gateways leave out of the 2xx what their 183 said.
            Ok(None) if !late => answer_known(call, answer.answerer),
            _ => Err(SdpFault::NoAudio),
        };
        if !late || told.is_err() {
            let address = call.leg(answer.answerer).filter(|_| late).map(|leg| leg.ours.local.ip());
            let refusal = address.and_then(|address| self.refusal_of_offer(answer.response, address));
            self.acknowledge(now, call, answer.answerer, answer.client, answer.cseq, refusal.as_ref());
        }
        let told = match told {
            Ok(told) => told,
            Err(fault) => return self.fail_to_bring(now, call, answer, fault),
        };
        let response = self.answer_to(call, asker, answer.request, Status::OK, Some(&told));
        self.endpoint.respond(now, answer.server, response);
        if late {
            let (server, answerer) = (answer.server, answer.answerer);
            call.awaited_ack = Some(AwaitedAck { server, answerer, client: answer.client, cseq: answer.cseq });
        } else {
            self.change_own_media(call, Side::Caller);
            self.change_own_media(call, Side::Callee);
        }
    }

    /// Whoever was called by the box itself answered what the box offered: nobody waits for that at the other end. False when it is no
    /// answer, and the call over.
    pub(super) fn take_own_answer(&mut self, now: Instant, call: &mut Call, reply: &Reply<'_>) -> bool {
        self.acknowledge(now, call, Side::Callee, reply.client, reply.number(), None);
        let session = description_in(&reply.response.headers, &reply.response.body);
        let taken = match (session, &mut call.callee) {
            (Ok(Some(session)), Some(leg)) => leg.description.take_answer(session),
            _ => Err(SdpFault::NoAudio),
        };
        let Err(fault) = taken else { return true };
        self.note_bad_description(fault, call.callee.as_ref().and_then(|leg| leg.username.as_deref()));
        self.end(now, call, None, Outcome::Lost, Status::NOT_ACCEPTABLE_HERE.code());
        false
    }

    /// The two ends have nothing in common that can be heard: who asked is refused and the answerer hung up.
    fn fail_to_bring(&mut self, now: Instant, call: &mut Call, answer: &Answer<'_>, fault: SdpFault) {
        self.note_bad_description(fault, call.leg(answer.answerer).and_then(|leg| leg.username.as_deref()));
        let asker = other(answer.answerer);
        self.refuse_invite(now, call, asker, (answer.server, answer.request), Status::NOT_ACCEPTABLE_HERE);
        let first = answer.request.headers.to_tag().is_none();
        if first {
            // The caller was refused: to it, this call was never answered.
            call.answered = None;
            if let Some(leg) = call.leg_mut(asker) {
                leg.origin.answered = None;
            }
        }
        self.end(now, call, first.then_some(asker), Outcome::Lost, Status::NOT_ACCEPTABLE_HERE.code());
    }

    fn cross_late_offer(&mut self, call: &mut Call, answerer: Side, session: Session) -> Result<Session, SdpFault> {
        let leg = call.leg_mut(answerer).ok_or(SdpFault::NoAudio)?;
        leg.description.take_offer(session)?;
        let theirs = leg.description.theirs().cloned().ok_or(SdpFault::NoAudio)?;
        call.leg_mut(other(answerer)).ok_or(SdpFault::NoAudio)?.description.offer(&theirs)
    }

    /// The ACK came: a late offer's answer is in it and goes on to who made the offer.
    pub(crate) fn handle_acknowledged(&mut self, now: Instant, call: &mut Call, server: ServerKey, ack: &Request) {
        let Some(awaited) = call.awaited_ack.take_if(|awaited| awaited.server == server) else { return };
        let asker = other(awaited.answerer);
        let answer = match description_in(&ack.headers, &ack.body) {
            Ok(Some(session)) => cross_answer(call, asker, session),
            _ => Err(SdpFault::NoAudio),
        };
        let told = answer.as_ref().ok().cloned().or_else(|| self.refusal_of_late_offer(call, awaited.answerer));
        self.acknowledge(now, call, awaited.answerer, awaited.client, awaited.cseq, told.as_ref());
        if let Err(fault) = answer {
            self.note_bad_description(fault, call.leg(asker).and_then(|leg| leg.username.as_deref()));
            return self.end(now, call, None, Outcome::Lost, 488);
        }
        self.change_own_media(call, Side::Caller);
        self.change_own_media(call, Side::Callee);
    }

    /// The answer to the answerer's offer when nothing comes of it: it must have one all the same (RFC 3261 13.2.2.4).
    pub(crate) fn refusal_of_late_offer(&mut self, call: &Call, answerer: Side) -> Option<Session> {
        let leg = call.leg(answerer)?;
        Some(refuse_all(leg.description.theirs()?, leg.ours.local.ip(), self.session_id()))
    }

    pub(crate) fn acknowledge(
        &mut self,
        now: Instant,
        call: &mut Call,
        side: Side,
        client: ClientKey,
        cseq: u32,
        body: Option<&Session>,
    ) {
        let Some(leg) = call.leg_mut(side) else { return };
        let mut ack = leg.dialog.ack(cseq);
        ack.headers.push(HeaderName::MaxForwards, "70");
        if let Some(body) = body {
            ack.set_body(CONTENT_TYPE, body.to_bytes());
        }
        self.endpoint.send_ack(now, client, ack, leg.dialog.path, leg.ours.local);
    }

    /// A 2xx nobody needs any more: the CANCEL came too late, another phone was faster, or a proxy forked. It is
    /// acknowledged and ended, so that the phone does not stay off the hook (RFC 3261 13.2.2.4).
    pub(crate) fn decline_late_answer(&mut self, now: Instant, reply: &Reply<'_>) {
        let Some(mut dialog) = self.acknowledge_orphan(now, reply) else { return };
        let Some(local) = self.local_of_account(reply.sent.account.as_ref(), &dialog.path) else { return };
        let bye = dialog.request(Method::BYE);
        self.send(now, bye, dialog.path, local, Purpose::Bye, reply.sent.account.as_ref().map(Arc::clone));
    }

    /// A response within a leg's dialog, with our Contact, Allow and session timer.
    pub(crate) fn answer_to(
        &self,
        call: &Call,
        side: Side,
        request: &Request,
        status: Status,
        body: Option<&Session>,
    ) -> Response {
        let Some(leg) = call.leg(side) else { return request.response(status) };
        let mut response = request.tagged_response(status, &leg.dialog.id.local_tag);
        if request.headers.to_tag().is_none() {
            for route in request.headers.all(&HeaderName::RecordRoute) {
                response.headers.push(HeaderName::RecordRoute, route.clone());
            }
        }
        if status.code() < 300 {
            let contact = NameAddr::new(leg.ours.contact(&leg.contact_user));
            response.headers.push(HeaderName::Contact, contact.to_string());
            response.headers.push(HeaderName::Allow, allow());
            response.headers.push(HeaderName::Supported, if leg.username.is_some() { FOR_PHONES } else { "timer" });
        }
        if status.is_success() {
            leg.timer.write_into(&mut response);
        }
        if let Some(body) = body {
            response.set_body(CONTENT_TYPE, body.to_bytes());
        }
        response
    }

    /// A 1xx to the caller.
    pub(crate) fn respond_to_caller(&mut self, now: Instant, call: &Call, status: Status, body: Option<&Session>) {
        if let Some((server, request)) = &call.invite {
            let response = self.answer_to(call, Side::Caller, request, status, body);
            self.endpoint.respond(now, *server, response);
        } else {
            self.tell_of_transfer(now, call, status);
        }
    }
}

fn winning_leg(now: Instant, fork: Fork, dialog: Dialog, reply: &Reply<'_>) -> Leg {
    let contact_user = reply.sent.request.headers.addresses(&HeaderName::Contact).ok().and_then(|contacts| {
        contacts.first().and_then(|contact| contact.uri.dialled().map(std::borrow::Cow::into_owned))
    });
    let (username, apart, trunk) = match fork.route {
        Route::Phone { username, apart, .. } => (Some(username), apart, None),
        Route::Trunk { trunk, .. } => (None, false, Some(trunk)),
    };
    let timer = SessionTimer::of_response(reply.response, fork.interval);
    let origin = Origin { started: fork.started, answered: Some(now), placed: true, trunk };
    Leg {
        allows_update: reply.response.headers.has_token(&HeaderName::Allow, "UPDATE"),
        contact_user: contact_user.unwrap_or_default(),
        account: reply.sent.account.as_ref().map(Arc::clone),
        username,
        apart,
        line: fork.line,
        ..Leg::new(dialog, fork.description, fork.ours, timer, origin)
    }
}

/// Whether the 2xx carries an offer: who asked had none, or left it to the other side this time.
fn is_late_offer(call: &Call, answer: &Answer<'_>) -> bool {
    let first = call.leg(other(answer.answerer)).is_none_or(|leg| leg.description.theirs().is_none());
    first || (answer.request.body.is_empty() && answer.request.method == Method::INVITE)
}

fn cross_answer(call: &mut Call, answerer: Side, session: Session) -> Result<Session, SdpFault> {
    let leg = call.leg_mut(answerer).ok_or(SdpFault::NoAudio)?;
    leg.description.take_answer(session)?;
    answer_known(call, answerer)
}

/// Answers who asked from what the answerer said last.
pub(crate) fn answer_known(call: &mut Call, answerer: Side) -> Result<Session, SdpFault> {
    let leg = call.leg(answerer).ok_or(SdpFault::NoAudio)?;
    let theirs = leg.description.theirs().cloned().ok_or(SdpFault::NoAudio)?;
    call.leg_mut(other(answerer)).ok_or(SdpFault::NoAudio)?.description.answer(&theirs)
}
