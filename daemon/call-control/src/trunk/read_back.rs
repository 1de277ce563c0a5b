//! Whether the provider still knows of our registration, and who else it knows: it is asked for what it has (RFC 3261 10.2.3: a
//! REGISTER without Contact changes nothing). A router that lowers Expires behind our back, or loses what keeps the registration
//! alive, shows in nothing else but calls that do not come (T6 of the reference): so once a day it is asked just before the
//! refresh. One that is known to list what it has is asked more than once a minute besides: whoever registers elsewhere with the
//! office's password shows in nothing else before we register again, and takes its calls meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_alg::passive::CallFacts;
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Response};

use super::Trunk;
use super::health::BETWEEN_REGISTERS;
use crate::exchange::{Due, Exchange, Reply};
use crate::sent::Purpose;

/// Between two questions just before a refresh, as long as the registration is there.
const APART: Duration = Duration::from_secs(24 * 3600);
/// So long before the refresh it is asked: time enough to prove who we are.
const BEFORE: Duration = Duration::from_secs(5);
/// Between two questions who else is there: with the patience for an answer, that is told within a minute (threats B-11).
const LOOK: Duration = Duration::from_secs(45);
/// The first wait after a question that was refused or not answered: each further one doubles it, up to a day.
const REFUSED: Duration = Duration::from_secs(5 * 60);

/// When what a provider has was read.
#[derive(Debug, Default)]
pub(super) struct ReadBack {
    last: Option<Instant>,
    /// It listed us to that question once: some say nothing to it but 200, whatever they have.
    lists_us: bool,
    /// Questions since the last one that it answered.
    refused: u32,
    /// Before this it is not asked.
    not_before: Option<Instant>,
}

impl ReadBack {
    /// It was refused or not answered: who counts questions blocks whoever goes on asking, and calls with it. `asked` are the seconds
    /// of its Retry-After.
    fn back_off(&mut self, now: Instant, asked: Option<u32>) {
        let wait = REFUSED.saturating_mul(1_u32.checked_shl(self.refused).unwrap_or(u32::MAX)).min(APART);
        self.refused = self.refused.saturating_add(1);
        self.not_before = Some(now + wait.max(Duration::from_secs(asked.unwrap_or_default().into())).min(APART));
    }
}

impl Exchange {
    /// The provider took our REGISTER, and the next one is planned. Only of one that lists what it took is a list without us
    /// news.
    pub(super) fn plan_read_back(&mut self, now: Instant, name: &str, response: &Response) {
        if self.trunk(name).is_some_and(|trunk| trunk.is_listed(response)) {
            return self.plan_look(now, name);
        }
        self.agenda.cancel(&Due::TrunkReadBack(name.to_owned()));
    }

    fn plan_look(&mut self, now: Instant, name: &str) {
        let due = Due::TrunkReadBack(name.to_owned());
        let refresh = self.agenda.at(&Due::TrunkStart(name.to_owned()));
        let before = refresh.and_then(|at| at.checked_sub(BEFORE)).filter(|at| *at > now);
        let (Some(trunk), Some(before)) = (self.trunk(name), before) else { return self.agenda.cancel(&due) };
        let ReadBack { last, lists_us, not_before, .. } = trunk.read_back;
        let looks = lists_us || last.is_none();
        let is_due = last.is_none_or(|last| now >= last + APART);
        let earliest = not_before.unwrap_or(now);
        match (now + LOOK).max(earliest) {
            look if looks && look < before => self.agenda.set(due, look),
            _ if is_due && before >= earliest => self.agenda.set(due, before),
            _ => self.agenda.cancel(&due),
        }
    }

    /// Asks for it, on the way that was registered by.
    pub(crate) fn read_back(&mut self, now: Instant, name: &str) {
        let Some(local) = self.trunk_local(name) else { return };
        let refresh = self.agenda.at(&Due::TrunkStart(name.to_owned()));
        let Some(trunk) = self.trunk_mut(name) else { return };
        let Some(target) = trunk.target() else { return };
        // A REGISTER that was sent just now, or is sent soon, has the same answer; what is asked just before it is another question.
        let is_told_soon = refresh.is_some_and(|at| at < now + BETWEEN_REGISTERS && (at <= now || at > now + BEFORE))
            || trunk.registration.asked.is_some_and(|asked| now < asked + BETWEEN_REGISTERS);
        if trunk.searching || trunk.climb.tries() || is_told_soon {
            return;
        }
        if !trunk.read_back.lists_us || refresh.is_none_or(|refresh| refresh <= now + BEFORE) {
            trunk.read_back.last = Some(now);
        }
        let mut request = trunk.register_request(local, 0);
        request.headers.remove(&HeaderName::Contact);
        request.headers.remove(&HeaderName::Expires);
        let (purpose, account) = (Purpose::TrunkReadBack { trunk: name.to_owned() }, Arc::clone(&trunk.account));
        self.send(now, request, Path::Target(target), local, purpose, Some(account));
    }

    /// What it has. Without us it is registered at again at once.
    pub(crate) fn handle_read_back(&mut self, now: Instant, name: &str, reply: &Reply<'_>) {
        let is_answered = reply.flow.is_some() && reply.response.status.is_success();
        let Some(trunk) = self.trunk_mut(name) else { return };
        if is_answered {
            (trunk.read_back.refused, trunk.read_back.not_before) = (0, None);
            self.read_contacts(now, name, reply.response);
        } else {
            trunk.read_back.back_off(now, reply.response.headers.number(&HeaderName::RetryAfter).ok().flatten());
        }
        self.plan_look(now, name);
    }

    fn read_contacts(&mut self, now: Instant, name: &str, response: &Response) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let is_listed = trunk.is_listed(response);
        if is_listed && !trunk.read_back.lists_us {
            // From now on it tells something also just before the refresh.
            trunk.read_back = ReadBack { last: None, lists_us: true, ..ReadBack::default() };
        }
        let (lists_us, is_gone) = (trunk.read_back.lists_us, !is_listed && trunk.is_missed_in(now, response));
        if lists_us && let Some(again) = self.watch_contacts(now, name, response, true) {
            self.register_sooner(now, name, now + again);
        }
        if !is_gone {
            return;
        }
        if let Some(trunk) = self.trunk_mut(name).filter(|_| lists_us) {
            // Asked again before the next refresh.
            trunk.read_back.last = None;
        }
        let gone = CallFacts { registration_gone: true, over: true, ..CallFacts::default() };
        self.watch_trunk_call(now, name, &gone);
        self.register_soon(now, name, now);
    }

    fn register_sooner(&mut self, now: Instant, name: &str, at: Instant) {
        if self.agenda.at(&Due::TrunkStart(name.to_owned())).is_some_and(|planned| planned > at) {
            self.register_soon(now, name, at);
        }
    }
}

impl Trunk {
    /// Whether our Contact is in an answer to a REGISTER.
    fn is_listed(&self, response: &Response) -> bool {
        let contacts = response.headers.addresses(&HeaderName::Contact).unwrap_or_default();
        contacts.iter().any(|contact| self.is_ours(contact))
    }

    /// Whether a list that we are not in says that we are gone: of a provider that listed us before, or that lists others. While
    /// the doctor has bound something there, it says nothing.
    fn is_missed_in(&self, now: Instant, response: &Response) -> bool {
        let contacts = response.headers.addresses(&HeaderName::Contact).unwrap_or_default();
        let of_doctor = |contact| self.is_bound_by_doctor(now, contact);
        (self.read_back.lists_us || !contacts.is_empty()) && !contacts.iter().any(of_doctor)
    }
}
