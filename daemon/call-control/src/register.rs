//! REGISTER.

use std::time::Instant;

use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, NameAddr, Request, Response, SipUri, Status, Uri};
use centrale_sip::registrar::AddressOfRecord;

use crate::exchange::Exchange;
use crate::io::Output;
use crate::problem;

impl Exchange {
    pub(crate) fn handle_register(&mut self, now: Instant, key: ServerKey, request: &Request, flow: Flow) {
        match self.prove(now, request, &flow) {
            Ok(username) => self.register_proven(now, key, request, flow, &username),
            Err(unproven) => self.refuse_unproven(now, key, request, &flow, &unproven),
        }
    }

    fn register_proven(&mut self, now: Instant, key: ServerKey, request: &Request, flow: Flow, username: &str) {
        let scheme_is_known = self.knows_scheme(&request.uri);
        let Some(wanted) = request.headers.dialled(&HeaderName::To).filter(|_| scheme_is_known) else {
            // RFC 3261 10.3, step 5: that is no address of the box, whoever asks.
            let status = if scheme_is_known { Status::NOT_FOUND } else { Status::UNSUPPORTED_URI_SCHEME };
            return self.endpoint.respond(now, key, request.response(status));
        };
        let number = self.directory.login(username).map(|login| login.number().to_string());
        let Some(number) = number.filter(|number| *number == wanted || *username == *wanted) else {
            self.counters.not_theirs += 1;
            return self.endpoint.respond(now, key, request.response(Status::FORBIDDEN));
        };
        let unknown: Vec<_> = request.headers.items(&HeaderName::Require);
        if !unknown.is_empty() {
            let mut response = request.response(Status::BAD_EXTENSION);
            response.headers.push(HeaderName::Unsupported, unknown.join(", "));
            return self.endpoint.respond(now, key, response);
        }
        let aor = AddressOfRecord::new(&number);
        // Of `*`, which is no address, the registrar knows.
        let contacts = request.headers.addresses(&HeaderName::Contact).unwrap_or_default();
        let apart = self.weigh_device(now, username, (request, &contacts), &flow);
        match self.registrar.save(now, &aor, (request, &contacts), flow, (username, apart)) {
            Ok(saved) => {
                self.counters.registrations += 1;
                self.live.solve(problem::PHONE_PASSWORD_STALE, username);
                if saved.changed {
                    self.live.person_changed(&number);
                }
                // What is kept apart takes nothing over.
                if !apart {
                    self.settle_phone(now, contacts, flow, (username, &number), saved.changed);
                }
                let response = self.registered(now, request, &aor, apart);
                self.endpoint.respond(now, key, response);
            }
            Err(refusal) => {
                let mut response = request.response(refusal.status);
                if let Some(shortest) = refusal.min_expires {
                    response.headers.push(HeaderName::MinExpires, shortest.to_string());
                }
                self.endpoint.respond(now, key, response);
            }
        }
    }

    /// A phone of the office is registered: what it had under another address comes along.
    fn settle_phone(
        &mut self,
        now: Instant,
        contacts: Vec<NameAddr>,
        flow: Flow,
        (username, number): (&str, &str),
        changed: bool,
    ) {
        self.is_no_longer_left_behind(username);
        let sip = |contact: NameAddr| if let Uri::Sip(uri) = contact.uri { Some(uri) } else { None };
        let contacts: Vec<SipUri> = contacts.into_iter().filter_map(sip).collect();
        self.note_phone_path(now, &flow, username, &contacts);
        let is_there = self.registrar.is_heard_from(flow.remote);
        if is_there && !changed {
            self.outputs.push_back(Output::Known(flow.remote.ip().to_canonical()));
        }
        if changed {
            if is_there {
                self.let_in(flow.remote.ip());
            }
            self.bring_legs_along(now, username, &contacts, flow);
            self.bring_subscriptions_along(now, username, &contacts, flow);
            self.lose_subscriptions_of(now, number);
        }
    }

    /// The 200 with every binding and how long it still lives (RFC 3261 10.3, step 8). Who is kept apart sees no others.
    fn registered(&mut self, now: Instant, request: &Request, aor: &AddressOfRecord, apart: bool) -> Response {
        let tag = self.token();
        let mut response = request.tagged_response(Status::OK, &tag);
        for binding in self.registrar.lookup(now, aor).into_iter().filter(|binding| binding.apart == apart) {
            let seconds = binding.expires_at.saturating_duration_since(now).as_secs();
            let contact = ["<", &binding.contact.text(), ">;expires=", &seconds.to_string()].concat();
            response.headers.push(HeaderName::Contact, contact);
        }
        response
    }
}
