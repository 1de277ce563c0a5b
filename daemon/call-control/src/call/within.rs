//! Requests within a call: who may send them, hanging up, questions, and phones that come back.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use centrale_sip::dialog::DialogId;
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::{Flow, FlowId, Path};
use centrale_sip::message::{HeaderName, Method, Request, SipUri, Status, Uri};
use centrale_sip::sdp::CONTENT_TYPE;

use super::{Call, CallKey, Leg, Side};
use crate::exchange::{Due, Exchange};
use crate::record::Outcome;
use crate::sent::Purpose;

impl Exchange {
    /// A request that names a dialog (its To has a tag).
    pub(crate) fn handle_within(&mut self, now: Instant, key: ServerKey, request: Request, flow: Flow) {
        let found = DialogId::of_incoming(&request).and_then(|id| self.dialogs.get(&id).copied());
        let Some((call, side)) = found else {
            if self.leaves_unanswered(now, key, &request, &flow) {
                return;
            }
            let response = request.response(Status::CALL_DOES_NOT_EXIST);
            return self.endpoint.respond(now, key, response);
        };
        let mut refer = None;
        self.with_call(now, call, |exchange, call| {
            let Some(leg) = call.leg_mut(side) else { return };
            match leg.dialog.accept(&request, flow) {
                Err(status) => exchange.endpoint.respond(now, key, request.response(status)),
                Ok(()) => {
                    leg.follow(flow);
                    if request.method == Method::REFER {
                        refer = Some(request);
                    } else {
                        exchange.act_within(now, call, side, key, request);
                    }
                }
            }
        });
        // It changes more than one call.
        if let Some(request) = refer {
            self.handle_refer(now, (call, side), key, &request, &flow);
        }
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
            _ => self.refuse_method(now, key, &request),
        }
    }

    fn handle_bye(&mut self, now: Instant, call: &mut Call, side: Side, key: ServerKey, request: &Request) {
        self.endpoint.respond(now, key, request.response(Status::OK));
        if call.answered.is_some() {
            self.end(now, call, Some(side), Outcome::Answered, 0);
        } else {
            // A BYE on an early dialog ends it like a CANCEL (RFC 3261 15.1.2).
            self.end(now, call, Some(side), Outcome::Abandoned, Status::REQUEST_TERMINATED.code());
        }
    }

    /// Sends a request within a leg's dialog.
    pub(crate) fn send_within(
        &mut self,
        now: Instant,
        leg: &Leg,
        request: Request,
        purpose: Purpose,
    ) -> centrale_sip::endpoint::ClientKey {
        let account = leg.account.as_ref().map(Arc::clone);
        self.send(now, request, leg.dialog.path, leg.ours.local, purpose, account)
    }

    /// A connection is gone: the legs over it cannot be reached until their phones come back.
    pub(crate) fn note_lost_legs(&mut self, flow: FlowId) {
        for call in self.calls.values_mut() {
            for leg in [Some(&mut call.caller), call.callee.as_mut()].into_iter().flatten() {
                leg.lost |=
                    matches!(leg.dialog.path, Path::Flow(over) if over.id == flow && over.transport.is_reliable());
            }
        }
    }

    /// A phone registered: what it has of calls follows it to where it is now (a new connection, another NAT port). A
    /// refresh that could not reach it is made up for.
    pub(crate) fn bring_legs_along(&mut self, now: Instant, username: &str, contacts: &[SipUri], flow: Flow) {
        let mut keys: Vec<CallKey> = self.calls.keys().copied().collect();
        keys.sort();
        for key in keys {
            for side in [Side::Caller, Side::Callee] {
                let Some(leg) = self.calls.get_mut(&key).and_then(|call| call.leg_mut(side)) else { continue };
                if leg.username.as_deref() == Some(username) && is_same_phone(leg, contacts, flow.remote.ip()) {
                    let (due, missed) = (Due::Refresh(key, side), leg.lost && leg.timer.ours);
                    leg.follow(flow);
                    if missed && !self.agenda.has(&due) {
                        self.agenda.set(due, now);
                    }
                }
            }
        }
    }
}

fn is_same_phone(leg: &Leg, contacts: &[SipUri], ip: IpAddr) -> bool {
    names_target(contacts, &leg.dialog.remote_target) || leg.lost && leg.dialog.path.remote().ip() == ip
}

/// Whether one of the contacts that a phone registered is where a dialog with it leads.
pub(crate) fn names_target(contacts: &[SipUri], target: &Uri) -> bool {
    let is_target = |contact: &SipUri| {
        target.as_sip().is_some_and(|target| {
            (&target.user, &target.host, target.port) == (&contact.user, &contact.host, contact.port)
        })
    };
    contacts.iter().any(is_target)
}
