//! How a phone keeps itself registered.

use std::time::{Duration, Instant};

use centrale_sip::auth::{Challenge, answer, answer_knowing};
use centrale_sip::message::{HeaderName, Method, Request, Response, SipUri, Status};
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::{Agent, Purpose, Wake};

/// What stays the same over all REGISTERs until the next boot.
#[derive(Debug)]
pub(super) struct Registration {
    call_id: String,
    tag: String,
    cseq: u32,
    /// Challenges answered since the last success.
    answered: u32,
    /// Whether one is on its way.
    busy: bool,
    /// Whether the next one is to take every binding away.
    wipes: bool,
    /// How the last one ended.
    pub(super) status: Option<Status>,
}

impl Registration {
    pub(super) fn new(rng: &mut StdRng) -> Self {
        let (call_id, tag) = (format!("r{:012x}", rng.random::<u64>() >> 16), format!("{:08x}", rng.random::<u32>()));
        Self { call_id, tag, cseq: 0, answered: 0, busy: false, wipes: false, status: None }
    }

    /// The next one takes every binding away.
    pub(super) const fn wipe(&mut self) {
        self.wipes = true;
    }
}

impl Agent {
    pub(super) fn register(&mut self, now: Instant) {
        if self.character.expires == 0 || self.registration.busy {
            return;
        }
        self.registration.answered = 0;
        self.send_register(now, None);
    }

    fn send_register(&mut self, now: Instant, authorization: Option<String>) {
        self.registration.cseq += 1;
        self.registration.busy = true;
        let to = self.at_box(&self.character.number);
        let uri = SipUri::new(None, self.place.box_seen.ip().into(), None);
        let Registration { call_id, tag, cseq, .. } = &self.registration;
        let mut request = self.request(&Method::REGISTER, uri, &to, (call_id, tag, *cseq));
        let named = self.instance.as_ref().map(|name| format!(";+sip.instance=\"<{name}>\"")).unwrap_or_default();
        let (contact, expires) = if self.registration.wipes {
            ("*".to_owned(), 0)
        } else {
            (format!("{}{named}", self.contact()), self.character.expires)
        };
        request.headers.push(HeaderName::Contact, contact);
        request.headers.push(HeaderName::Expires, expires.to_string());
        request.headers.push(HeaderName::UserAgent, self.character.user_agent.clone());
        // As phones do (RFC 3261 20.5). Much shorter, and an exchange that sends strangers no more than they sent is silent.
        request.headers.push(HeaderName::Allow, self.allow());
        request.headers.push(HeaderName::Supported, "replaces, norefersub, timer");
        if let Some(authorization) = authorization {
            request.headers.push(HeaderName::Authorization, authorization);
        }
        self.send(now, request, Purpose::Register);
    }

    pub(super) fn handle_registered(&mut self, now: Instant, response: Option<&Response>) {
        self.registration.busy = false;
        let status = response.map_or(Status::REQUEST_TIMEOUT, |response| response.status);
        if status == Status::UNAUTHORIZED
            && self.registration.answered < 2
            && let Some(response) = response
        {
            self.registration.answered += 1;
            let uri = SipUri::new(None, self.place.box_seen.ip().into(), None).to_string();
            let authorization = self.authorization(response, "REGISTER", &uri);
            if authorization.is_some() {
                return self.send_register(now, authorization);
            }
        }
        self.registration.wipes = false;
        self.registration.status = Some(status);
        if status.is_success() {
            self.subscribe_to_all(now);
        }
        let again = if status.is_success() {
            let half = u64::from(self.character.expires) * 500;
            self.between(half, half + half / 2)
        } else {
            self.note(format!("is not registered: {}", status.code()));
            self.between(5_000, 60_000)
        };
        self.wake(now + again.max(Duration::from_secs(1)), Wake::Register);
    }

    /// The answer to a challenge.
    pub(super) fn authorization(&mut self, response: &Response, method: &str, uri: &str) -> Option<String> {
        let values = || response.headers.all(&HeaderName::WwwAuthenticate).map(|value| &value[..]);
        let cnonce = self.token();
        let Self { character, digest, .. } = self;
        if let Some((algorithm, ha1)) = digest {
            let one = |value| Challenge::choose(std::iter::once(value));
            let challenge = values().filter_map(one).find(|challenge| challenge.algorithm == *algorithm)?;
            return Some(answer_knowing(&challenge, (&character.username, ha1), (method, uri), 1, &cnonce));
        }
        let challenge = Challenge::choose(values())?;
        Some(answer(&challenge, (&character.username, &character.password), (method, uri), 1, &cnonce))
    }

    /// The same request with the answer to its challenge, as a new one (RFC 3261 22.2).
    pub(super) fn answered_challenge(&mut self, request: &Request, response: &Response) -> Option<Request> {
        let mut again = request.clone();
        let authorization = self.authorization(response, request.method.as_str(), &request.uri.to_string())?;
        let cseq = request.headers.cseq().ok()?;
        again.headers.set(HeaderName::CSeq, format!("{} {}", cseq.number + 1, cseq.method));
        again.headers.set(HeaderName::Authorization, authorization);
        Some(again)
    }
}
