//! Registering at a provider: refreshed in time, slowly retried when it fails, and stopped when it is refused for good.

use std::time::{Duration, Instant};

use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Response, SipUri, Status};

use super::Trunk;
use crate::exchange::{Due, Exchange};
use crate::sent::{Purpose, Sent};
use crate::view::TrunkState;

/// What we ask for, seconds. Short enough that a provider that lost us is found again within minutes.
const WISH: u32 = 600;

/// What stays the same over all REGISTERs of one trunk (RFC 3261 10.2).
#[derive(Debug)]
pub(crate) struct Registration {
    pub(super) contact_user: String,
    call_id: String,
    tag: String,
    cseq: u32,
    wish: u32,
}

impl Registration {
    pub(super) const fn new(contact_user: String, call_id: String, tag: String) -> Self {
        Self { contact_user, call_id, tag, cseq: 0, wish: WISH }
    }
}

impl Exchange {
    pub(crate) fn register_at_trunk(&mut self, now: Instant, name: &str) {
        let Some(local) = self.trunk_local(name) else { return };
        let Some(trunk) = self.trunk_mut(name) else { return };
        if !trunk.settings.register {
            return self.ask_trunk(now, name);
        }
        let (Some(target), wish) = (trunk.target(), trunk.registration.wish) else { return };
        let request = trunk.register_request(local, wish);
        let purpose = Purpose::TrunkRegister { trunk: name.to_owned() };
        self.send(now, request, Path::Target(target), local, purpose, Some(name.to_owned()));
    }

    pub(super) fn unregister(&mut self, now: Instant, mut trunk: Trunk) {
        let Some(target) = trunk.target() else { return };
        let path = Path::Target(target);
        let Some(local) = self.local_for(&path) else { return };
        let request = trunk.register_request(local, 0);
        // Nobody waits for the answer: if it is lost, the registration expires by itself.
        self.send(now, request, path, local, Purpose::Bye, None);
    }

    /// The provider's final word on a REGISTER, or none (`flow` is absent then).
    pub(crate) fn handle_trunk_registered(
        &mut self,
        now: Instant,
        name: &str,
        sent: &Sent,
        response: &Response,
        flow: Option<Flow>,
    ) {
        let status = response.status;
        let Some(trunk) = self.trunk_mut(name) else { return };
        let detail = if flow.is_some() { format!("{} {}", status.code(), response.reason) } else { "no answer".into() };
        if status.is_success() {
            let granted = granted(response, sent);
            trunk.failures = 0;
            trunk.state = TrunkState::Connected;
            trunk.detail.clear();
            self.agenda.set(Due::TrunkRegister(name.to_owned()), now + refresh_after(granted));
        } else if status == Status::INTERVAL_TOO_BRIEF && sent.answered < 4 {
            let shortest = response.headers.number(&HeaderName::MinExpires).ok().flatten().unwrap_or(3600);
            let longer = shortest > trunk.registration.wish;
            trunk.registration.wish = shortest.clamp(WISH, 86_400);
            if longer {
                self.agenda.set(Due::TrunkRegister(name.to_owned()), now);
            } else {
                self.trunk_failed(now, name, &detail, None);
            }
        } else if is_definite(status) && flow.is_some() {
            trunk.state = TrunkState::Refused;
            trunk.detail = detail;
            self.agenda.cancel(&Due::TrunkHealth(name.to_owned()));
        } else {
            let retry_after = response.headers.number(&HeaderName::RetryAfter).ok().flatten();
            self.trunk_failed(now, name, &detail, retry_after);
        }
        self.live.trunk_changed(name);
    }
}

impl Trunk {
    fn register_request(&mut self, local: std::net::SocketAddr, expires: u32) -> Request {
        self.registration.cseq += 1;
        let registrar = SipUri::new(None, self.host(), self.settings.server.port);
        let us = NameAddr::new(self.address_of(&self.settings.username));
        let contact = SipUri::at(Some(&self.registration.contact_user), local, self.transport());
        let mut request = Request::new(Method::REGISTER, registrar);
        let headers = &mut request.headers;
        headers.push(HeaderName::From, us.clone().tagged(&self.registration.tag).to_string());
        headers.push(HeaderName::To, us.to_string());
        headers.push(HeaderName::CallId, self.registration.call_id.clone());
        headers.push(HeaderName::CSeq, format!("{} REGISTER", self.registration.cseq));
        headers.push(HeaderName::Contact, NameAddr::new(contact).to_string());
        headers.push(HeaderName::Expires, expires.to_string());
        headers.push(HeaderName::Supported, "path");
        request
    }

    pub(super) const fn note_register_number(&mut self, number: u32) {
        if number > self.registration.cseq {
            self.registration.cseq = number;
        }
    }
}

/// A refusal that asking again will not change: a wrong secret, an unknown account, a barred one.
const fn is_definite(status: Status) -> bool {
    matches!(status.code(), 401 | 403 | 404 | 405 | 407 | 410 | 416 | 604)
}

/// The lifetime granted: our contact's, else Expires, else what was asked for.
fn granted(response: &Response, sent: &Sent) -> u32 {
    let ours =
        sent.request.headers.addresses(&HeaderName::Contact).ok().and_then(|contacts| contacts.into_iter().next());
    let contacts = response.headers.addresses(&HeaderName::Contact).unwrap_or_default();
    let same = |contact: &&NameAddr| {
        let user = |address: &NameAddr| address.sip().and_then(|uri| uri.user.clone());
        ours.as_ref().is_some_and(|ours| user(contact) == user(ours))
    };
    let own = contacts.iter().find(same).and_then(|contact| contact.params.value("expires")?.parse().ok());
    let header = || response.headers.number(&HeaderName::Expires).ok().flatten();
    own.or_else(header).unwrap_or(WISH)
}

/// Refreshed when a fifth of the time is left, at least five seconds before the end (RFC 3261 10.2.4 leaves it to us).
fn refresh_after(granted: u32) -> Duration {
    let margin = (granted / 5).max(5);
    Duration::from_secs(granted.saturating_sub(margin).max(5).into())
}
