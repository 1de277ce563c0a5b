//! Requests of peers, each handed to who knows what to do with it.

use std::time::Instant;

use centrale_sip::endpoint::{Event, ServerKey};
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Method, Request, Response, Status, Uri};

use super::{Exchange, allow};
use crate::call::{Knock, dialled};
use crate::directory::Destination;
use crate::io::Output;
use crate::record::Outcome;

impl Exchange {
    pub(super) fn handle_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Request { key, request, crowded: true, .. } if !self.is_for_help(&request) => {
                self.endpoint.respond_stateless(key, request.response(Status::SERVICE_UNAVAILABLE));
            }
            Event::Request { key, request, flow, bytes, within, .. } => {
                self.watch_request(now, &request, (&flow, &bytes));
                self.watch_outreach(now, &request, &flow);
                self.handle_request(now, key, (request, within), flow);
                self.keep_open(&flow);
            }
            Event::Cancelled { key } => {
                let Some((call, _)) = self.servers.get(&key).copied() else { return };
                self.with_call(now, call, |exchange, call| exchange.handle_cancelled(now, call, key));
            }
            Event::Acknowledged { key, ack, .. } => {
                let Some((call, _)) = self.servers.remove(&key) else { return };
                self.with_call(now, call, |exchange, call| exchange.handle_acknowledged(now, call, key, &ack));
            }
            Event::NeverAcknowledged { key } => {
                let Some((call, side)) = self.servers.remove(&key) else { return };
                self.with_call(now, call, |exchange, call| {
                    exchange.watch_unacknowledged(now, call.leg(side));
                    exchange.end(now, call, None, Outcome::Lost, 408);
                });
            }
            Event::Response { key, response, flow, bytes } => self.handle_response(now, key, &response, (flow, &bytes)),
            Event::TimedOut { key } => self.handle_failure(now, key, Status::REQUEST_TIMEOUT),
            Event::TransportFailed { key } => self.handle_failure(now, key, Status::SERVICE_UNAVAILABLE),
            Event::Refused { .. } => {}
        }
    }

    /// Tells that a connection is needed when it is the way back to who asked over it: to a phone, be it one that is kept apart,
    /// or to who calls, be it for help and unregistered.
    fn keep_open(&mut self, flow: &Flow) {
        let is_way_back =
            || self.registrar.is_reached_over(flow.id) || self.calls.values().any(|call| call.runs_over(flow));
        if flow.transport.is_reliable() && is_way_back() {
            self.outputs.push_back(Output::Needed(flow.id));
        }
    }

    fn handle_request(&mut self, now: Instant, key: ServerKey, (request, within): (Request, bool), flow: Flow) {
        match request.method {
            Method::SUBSCRIBE => self.handle_subscribe(now, key, request, flow),
            _ if within => self.handle_within(now, key, request, flow),
            Method::INVITE | Method::REGISTER | Method::OPTIONS => self.handle_asking(now, key, request, flow),
            _ if self.leaves_unanswered(now, key, &request, &flow) => {}
            Method::REFER => self.refuse_refer(now, key, &request, (Status::FORBIDDEN, "Transfer Within A Call")),
            Method::PUBLISH => self.answer_within_bytes(now, key, request.response(Status::BAD_EVENT), &flow),
            Method::BYE | Method::UPDATE | Method::INFO | Method::NOTIFY => {
                self.answer_within_bytes(now, key, request.response(Status::CALL_DOES_NOT_EXIST), &flow);
            }
            _ => self.answer_within_bytes(now, key, not_spoken(&request), &flow),
        }
    }

    /// What asks for proof by itself.
    fn handle_asking(&mut self, now: Instant, key: ServerKey, request: Request, flow: Flow) {
        match request.method {
            Method::INVITE => self.handle_new_invite(now, Knock { key, request, flow }),
            Method::REGISTER => self.handle_register(now, key, &request, flow),
            _ => self.handle_options(now, key, &request, &flow),
        }
    }

    /// 405 with what is spoken instead (RFC 3261 8.2.1).
    pub(crate) fn refuse_method(&mut self, now: Instant, key: ServerKey, request: &Request) {
        self.endpoint.respond(now, key, not_spoken(request));
    }

    /// A question whether we are there: answered for who belongs here, a challenge for everybody else.
    fn handle_options(&mut self, now: Instant, key: ServerKey, request: &Request, flow: &Flow) {
        let belongs_here = self.trunk_of(request, flow).is_some() || self.is_phone_at(flow);
        if !belongs_here && let Err(unproven) = self.prove(now, request, flow) {
            return self.refuse_unproven(now, key, request, flow, &unproven);
        }
        let unknown = request.headers.items(&HeaderName::Require);
        let status = if !self.knows_scheme(&request.uri) {
            Status::UNSUPPORTED_URI_SCHEME
        } else if unknown.is_empty() {
            Status::OK
        } else {
            Status::BAD_EXTENSION
        };
        let tag = self.token();
        let mut response = request.tagged_response(status, &tag);
        if status == Status::BAD_EXTENSION {
            response.headers.push(HeaderName::Unsupported, unknown.join(", "));
        }
        response.headers.push(HeaderName::Allow, allow());
        response.headers.push(HeaderName::Accept, centrale_sip::sdp::CONTENT_TYPE);
        self.endpoint.respond(now, key, response);
    }

    /// Whether a URI is one at which somebody can be called (RFC 3261 8.2.2.1): no other scheme than that of help has a meaning here.
    pub(crate) fn knows_scheme(&self, uri: &Uri) -> bool {
        !matches!(uri, Uri::Other(_)) || matches!(self.directory.destination(&dialled(uri)), Destination::Emergency(_))
    }

    /// Why nobody is called at a URI that leads to nobody.
    pub(crate) fn status_of_nobody(&self, uri: &Uri) -> Status {
        if self.knows_scheme(uri) { Status::NOT_FOUND } else { Status::UNSUPPORTED_URI_SCHEME }
    }

    /// Whether a phone is registered that speaks from there.
    pub(crate) fn is_phone_at(&self, flow: &Flow) -> bool {
        self.registrar.is_heard_from(flow.remote)
    }
}

/// 405 with what is spoken instead.
fn not_spoken(request: &Request) -> Response {
    let mut response = request.response(Status::METHOD_NOT_ALLOWED);
    response.headers.push(HeaderName::Allow, allow());
    response
}
