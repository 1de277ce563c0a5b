//! What only a provider does: it takes a registration, and asks for proof.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use centrale_sip::auth::{Offer, Proof, Secrets, Terms};
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Request, SipUri, Status};

use super::Agent;

/// It does not look where the box speaks from.
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The box as registered here.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) flow: Flow,
    pub(super) contact: Option<SipUri>,
}

impl Agent {
    /// Whether the box can be called.
    pub fn has_registration(&self) -> bool {
        self.registered.is_some()
    }

    pub(super) fn handle_register(&mut self, now: Instant, key: ServerKey, request: &Request, flow: Flow) {
        if !self.is_proven(now, key, request) {
            return;
        }
        let contact = request.headers.addresses(&HeaderName::Contact).ok().and_then(|all| all.into_iter().next());
        let gone = request.headers.number(&HeaderName::Expires) == Ok(Some(0));
        // Without a Contact it is a question for what is there (RFC 3261 10.2.3).
        if let Some(contact) = &contact {
            self.registered = (!gone).then_some(Registered { flow, contact: contact.sip().cloned() });
        }
        let tag = self.token();
        let mut response = request.tagged_response(Status::OK, &tag);
        if let Some(contact) = self.registered.as_ref().and_then(|registered| registered.contact.as_ref()) {
            response.headers.push(HeaderName::Contact, format!("<{contact}>;expires=300"));
        }
        if self.another_since.is_some() {
            response.headers.push(HeaderName::Contact, "<sip:office@203.0.113.99:5060>;expires=3600");
        }
        self.endpoint.respond(now, key, response);
    }

    /// Whether a call of the box's may go on. Calls for help always may.
    pub(super) fn takes_call(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let help = request.uri.dialled().is_some_and(|user| self.character.emergency.contains(&&*user));
        help || !self.character.challenges_calls || self.is_proven(now, key, request)
    }

    /// Whether a request of the box's is turned away because it is to prove itself.
    pub(super) fn demands_proof(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let Some(given) = &mut self.demands else { return false };
        let proofs = [HeaderName::Authorization, HeaderName::ProxyAuthorization];
        *given += u32::from(proofs.iter().any(|name| request.headers.first(name).is_some()));
        let tag = self.token();
        let terms = Terms { stale: false, offer: Offer::Both, repeat: None };
        let challenge = self.authenticator.challenge(now, (request, ANYWHERE), &tag, terms);
        self.endpoint.respond_stateless(key, challenge);
        true
    }

    fn is_proven(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let username = self.character.username.clone();
        let secrets = Secrets::new(&username, "provider.example", &self.character.password);
        let proof = self.authenticator.verify(now, (request, ANYWHERE), |user| (user == username).then_some(&secrets));
        if proof == Proof::Proven(username) {
            return true;
        }
        let tag = self.token();
        let terms = Terms { stale: proof == Proof::Stale, offer: Offer::Both, repeat: None };
        let challenge = self.authenticator.challenge(now, (request, ANYWHERE), &tag, terms);
        self.endpoint.respond_stateless(key, challenge);
        false
    }
}
