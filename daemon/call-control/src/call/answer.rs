//! An answer: the winning fork becomes the other leg, and descriptions cross.

use std::time::Instant;

use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::{ClientKey, ServerKey};
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Response, Status};
use centrale_sip::sdp::{CONTENT_TYPE, SdpFault, Session};

use super::{AwaitedAck, Call, ForkId, Leg, Route, SessionTimer, Side, other};
use crate::exchange::{Due, Exchange, allow};
use crate::record::Outcome;
use crate::sent::{Purpose, Sent};

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
    pub(crate) fn handle_win(
        &mut self,
        now: Instant,
        call: &mut Call,
        id: ForkId,
        (client, sent): (ClientKey, &Sent),
        response: &Response,
        flow: Flow,
    ) {
        let at = call.forks.iter().position(|fork| fork.id == id);
        let dialog = Dialog::of_client(&sent.request, response, flow);
        let (Some(at), Some(dialog), Some((server, request))) = (at, dialog, call.invite.take()) else {
            return self.decline_late_answer(now, (client, sent), response, flow);
        };
        let fork = call.forks.remove(at);
        let losers = std::mem::take(&mut call.forks);
        self.cancel_forks(now, losers);
        self.agenda.cancel(&Due::RingsTooLong(call.key));
        call.answered = Some(now);
        call.answered_by = match &fork.route {
            Route::Phone { person, .. } => Some(person.clone()),
            Route::Trunk { .. } => None,
        };
        let trunk = sent.trunk.clone();
        let contact_user = sent.request.headers.addresses(&HeaderName::Contact).ok().and_then(|contacts| {
            contacts.first().and_then(|contact| contact.uri.dialled().map(std::borrow::Cow::into_owned))
        });
        self.dialogs.insert(dialog.id.clone(), (call.key, Side::Callee));
        call.callee = Some(Leg {
            dialog,
            description: fork.description,
            ours: fork.ours,
            timer: SessionTimer::of_response(response),
            allows_update: response.headers.has_token(&HeaderName::Allow, "UPDATE"),
            contact_user: contact_user.unwrap_or_default(),
            trunk,
        });
        let cseq = sent.request.headers.cseq().map_or(1, |cseq| cseq.number);
        let answer = Answer { answerer: Side::Callee, client, cseq, response, server, request: &request };
        self.bring(now, call, &answer);
        if call.ending.is_none() {
            self.start_timer(now, call, Side::Caller);
            self.start_timer(now, call, Side::Callee);
        }
    }

    /// Brings a 2xx from the answerer to who asked, with the descriptions rewritten, and acknowledges it.
    pub(crate) fn bring(&mut self, now: Instant, call: &mut Call, answer: &Answer<'_>) {
        let asker = other(answer.answerer);
        let late = self.is_late_offer(call, answer);
        let told = match Session::parse(&answer.response.body) {
            Err(_) => Err(SdpFault::NoAudio),
            Ok(session) if late => self.cross_late_offer(call, answer.answerer, &session),
            Ok(session) => self.cross_answer(call, answer.answerer, session),
        };
        if !late || told.is_err() {
            self.acknowledge(now, call, answer.answerer, answer.client, answer.cseq, None);
        }
        let Ok(told) = told else {
            self.counters.bad_descriptions += 1;
            let refused = self.answer_to(call, asker, answer.request, Status::NOT_ACCEPTABLE_HERE, None);
            self.endpoint.respond(now, answer.server, refused);
            return self.end(now, call, Some(asker), Outcome::Lost, 488);
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

    fn is_late_offer(&self, call: &Call, answer: &Answer<'_>) -> bool {
        let first = call.leg(other(answer.answerer)).is_none_or(|leg| leg.description.theirs().is_none());
        answer.request.body.is_empty() && (first || answer.request.method == Method::INVITE)
    }

    fn cross_answer(&mut self, call: &mut Call, answerer: Side, session: Session) -> Result<Session, SdpFault> {
        let leg = call.leg_mut(answerer).ok_or(SdpFault::NoAudio)?;
        leg.description.take_answer(session)?;
        let theirs = leg.description.theirs().cloned().ok_or(SdpFault::NoAudio)?;
        call.leg_mut(other(answerer)).ok_or(SdpFault::NoAudio)?.description.answer(&theirs)
    }

    fn cross_late_offer(&mut self, call: &mut Call, answerer: Side, session: &Session) -> Result<Session, SdpFault> {
        let leg = call.leg_mut(answerer).ok_or(SdpFault::NoAudio)?;
        let transport = leg.ours.transport;
        leg.description.take_offer(session.clone(), transport)?;
        call.leg_mut(other(answerer)).ok_or(SdpFault::NoAudio)?.description.offer(session)
    }

    /// The ACK came: a late offer's answer is in it and goes on to who made the offer.
    pub(crate) fn handle_acknowledged(&mut self, now: Instant, call: &mut Call, server: ServerKey, ack: &Request) {
        let Some(awaited) = call.awaited_ack.take_if(|awaited| awaited.server == server) else { return };
        let asker = other(awaited.answerer);
        let answer = Session::parse(&ack.body)
            .map_err(|_| SdpFault::NoAudio)
            .and_then(|session| self.cross_answer(call, asker, session));
        self.acknowledge(now, call, awaited.answerer, awaited.client, awaited.cseq, answer.as_ref().ok());
        if answer.is_err() {
            self.counters.bad_descriptions += 1;
            return self.end(now, call, None, Outcome::Lost, 488);
        }
        self.change_own_media(call, Side::Caller);
        self.change_own_media(call, Side::Callee);
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
    pub(crate) fn decline_late_answer(
        &mut self,
        now: Instant,
        (client, sent): (ClientKey, &Sent),
        response: &Response,
        flow: Flow,
    ) {
        let Some((mut dialog, local)) = self.acknowledge_late(now, (client, sent), response, flow) else { return };
        let bye = dialog.request(Method::BYE);
        self.send(now, bye, dialog.path, local, Purpose::Bye, sent.trunk.clone());
    }

    /// Acknowledges a 2xx that came after its call was over. Within a dialog that is all: its BYE has been sent.
    pub(crate) fn acknowledge_late(
        &mut self,
        now: Instant,
        (client, sent): (ClientKey, &Sent),
        response: &Response,
        flow: Flow,
    ) -> Option<(Dialog, std::net::SocketAddr)> {
        let dialog = Dialog::of_client(&sent.request, response, flow)?;
        let local = self.local_for(&Path::Flow(flow))?;
        let mut ack = dialog.ack(sent.request.headers.cseq().map_or(1, |cseq| cseq.number));
        ack.headers.push(HeaderName::MaxForwards, "70");
        self.endpoint.send_ack(now, client, ack, dialog.path, local);
        Some((dialog, local))
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
        if request.headers.to().is_ok_and(|to| to.tag().is_none()) {
            for route in request.headers.all(&HeaderName::RecordRoute) {
                response.headers.push(HeaderName::RecordRoute, route.clone());
            }
        }
        if status.code() < 300 {
            let contact = NameAddr::new(leg.ours.contact(&leg.contact_user));
            response.headers.push(HeaderName::Contact, contact.to_string());
            response.headers.push(HeaderName::Allow, allow());
            response.headers.push(HeaderName::Supported, "timer");
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
        }
    }
}
