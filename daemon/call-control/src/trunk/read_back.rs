//! Whether the provider still knows of our registration when it is about to be refreshed: once a day it is asked for what it has
//! (RFC 3261 10.2.3: a REGISTER without Contact changes nothing). A router that lowers Expires behind our back, or loses what
//! keeps the registration alive, shows in nothing else but calls that do not come (T6 of the reference).

use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_alg::passive::CallFacts;
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Response};

use super::Trunk;
use crate::exchange::{Due, Exchange, Reply};
use crate::sent::Purpose;

/// Between two questions, as long as the registration is there.
const APART: Duration = Duration::from_secs(24 * 3600);
/// So long before the refresh it is asked: time enough to prove who we are.
const BEFORE: Duration = Duration::from_secs(5);

/// When what a provider has was read.
#[derive(Debug, Default)]
pub(super) struct ReadBack {
    last: Option<Instant>,
}

impl Exchange {
    /// The provider took our REGISTER, to be refreshed so much later. Only of one that lists what it took is a list without us
    /// news.
    pub(super) fn plan_read_back(&mut self, now: Instant, name: &str, response: &Response, refresh: Duration) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let is_due = trunk.read_back.last.is_none_or(|last| now >= last + APART);
        let due = Due::TrunkReadBack(name.to_owned());
        match refresh.checked_sub(BEFORE) {
            Some(wait) if is_due && trunk.is_listed(response) => self.agenda.set(due, now + wait),
            _ => self.agenda.cancel(&due),
        }
    }

    /// Asks for it, on the way that was registered by.
    pub(crate) fn read_back(&mut self, now: Instant, name: &str) {
        let Some(local) = self.trunk_local(name) else { return };
        let Some(trunk) = self.trunk_mut(name) else { return };
        let Some(target) = trunk.target() else { return };
        if trunk.searching || trunk.climb.tries() {
            return;
        }
        trunk.read_back.last = Some(now);
        let mut request = trunk.register_request(local, 0);
        request.headers.remove(&HeaderName::Contact);
        request.headers.remove(&HeaderName::Expires);
        let (purpose, account) = (Purpose::TrunkReadBack { trunk: name.to_owned() }, Arc::clone(&trunk.account));
        self.send(now, request, Path::Target(target), local, purpose, Some(account));
    }

    /// What it has. Without us it is registered at again at once, and asked again the next time.
    pub(crate) fn handle_read_back(&mut self, now: Instant, name: &str, reply: &Reply<'_>) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        if reply.flow.is_none() || !reply.response.status.is_success() || trunk.is_listed(reply.response) {
            return;
        }
        trunk.read_back.last = None;
        let gone = CallFacts { registration_gone: true, over: true, ..CallFacts::default() };
        self.watch_trunk_call(now, name, &gone);
        self.register_soon(now, name, now);
    }
}

impl Trunk {
    /// Whether our Contact is in an answer to a REGISTER.
    fn is_listed(&self, response: &Response) -> bool {
        let contacts = response.headers.addresses(&HeaderName::Contact).unwrap_or_default();
        let user = self.contact_user();
        contacts.iter().any(|contact| contact.sip().is_some_and(|uri| uri.user.as_deref() == Some(user)))
    }
}
