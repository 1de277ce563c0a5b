//! The doctor beside each trunk: it is shown every answer of the provider with the request it answers, every request that
//! comes from there, and what of ours stayed without an answer. Nothing of a phone's, and no sound. What it says of the way
//! becomes a problem on the page, and never a reason to keep anybody out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::diagnosis;
use centrale_alg::ladder::Step;
use centrale_alg::passive::{CallFacts, Ends, Heard, Watch};
use centrale_alg::when::Reason;
use centrale_config as config;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{Method, Request, Response};

use super::Trunk;
use crate::exchange::{Due, Exchange};
use crate::sent::{Account, Purpose, Sent};

/// How often it is looked whether the signs of a diagnosis are old.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(3600);
/// An INVITE to which nobody says anything is given up after this long (RFC 3261 17.1.1.2, Timer B).
const GIVEN_UP: Duration = Duration::from_secs(32);

/// A watch beside a trunk of these settings.
pub(super) fn watch(settings: &config::Trunk) -> Watch {
    let transport = super::transport_of(settings);
    let server = settings.dialect.outbound_proxy.as_ref().unwrap_or(&settings.server);
    let port = server.port.unwrap_or(transport.default_port());
    Watch::new(diagnosis::Path::BoxProvider, transport, port)
}

impl Exchange {
    /// An answer came, perhaps of a provider.
    pub(crate) fn watch_answer(&mut self, now: Instant, sent: &Sent, came: &Response, (flow, bytes): (&Flow, &Bytes)) {
        let Some(at) = self.trunks.iter().position(|trunk| trunk.has_sent(sent)) else {
            return self.watch_phone_answer(now, sent, came, (flow, bytes));
        };
        let Some(ends) = self.ends(at, flow) else { return };
        let heard = Heard { ends, transport: flow.transport, bytes, at: now };
        self.trunks[at].watch.answer(&heard, &sent.request, came);
        self.note_signs(now, at);
    }

    /// A request came, perhaps of a provider.
    pub(crate) fn watch_request(&mut self, now: Instant, request: &Request, (flow, bytes): (&Flow, &Bytes)) {
        if self.is_phone_at(flow) {
            return self.watch_phone_request(now, request, (flow, bytes));
        }
        let Some(at) = self.trunks.iter().position(|trunk| trunk.is_source(flow, request)) else { return };
        // What we describe ourselves is no sign.
        if request.method == Method::INVITE && self.is_loop_call(request, self.trunks[at].name()) {
            return;
        }
        let Some(ends) = self.ends(at, flow) else { return };
        let heard = Heard { ends, transport: flow.transport, bytes, at: now };
        self.trunks[at].watch.request(&heard, request);
        self.note_signs(now, at);
    }

    /// Nobody answered a request of ours. Only the silence of the server in use says anything of the way: it answers others.
    pub(crate) fn watch_silence(&mut self, now: Instant, sent: &Sent) {
        let Some(at) = self.trunks.iter().position(|trunk| trunk.has_sent(sent)) else {
            return self.watch_phone_silence(now, sent);
        };
        let trunk = &mut self.trunks[at];
        if trunk.target().is_none_or(|target| target.remote != sent.path.remote()) {
            return;
        }
        if !sent.heard {
            trunk.watch.unanswered(&sent.request, now);
            if sent.request.method == Method::INVITE && sent.request.headers.to_tag().is_none() {
                let lost = CallFacts { invited_at: now.checked_sub(GIVEN_UP), over: true, ..CallFacts::default() };
                trunk.watch.call(&lost, now);
            }
        }
        self.note_signs(now, at);
    }

    /// What became of a call over that trunk.
    pub(crate) fn watch_trunk_call(&mut self, now: Instant, name: &str, facts: &CallFacts) {
        let Some(at) = self.trunks.iter().position(|trunk| trunk.name() == name) else { return };
        self.trunks[at].watch.call(facts, now);
        self.note_signs(now, at);
    }

    fn ends(&self, at: usize, flow: &Flow) -> Option<Ends> {
        let local = self.local_for(&Path::Flow(*flow))?;
        let near = self.interfaces.is_near(flow.remote.ip());
        let public = self.trunks.get(at)?.seen_as.map(|seen| seen.ip()).filter(|seen| *seen != local.ip());
        Some(Ends { public, near, ..Ends::new(local, flow.remote) })
    }

    fn note_signs(&mut self, now: Instant, at: usize) {
        let Some(trunk) = self.trunks.get_mut(at).filter(|trunk| trunk.watch.has_news()) else { return };
        let name = trunk.name().to_owned();
        let asks = trunk.watch.wants_a_test(now) && !trunk.is_proven();
        self.diagnose(now, &name);
        if asks {
            self.wish_examination(now, &name, Reason::Symptom);
        }
    }

    /// Says what follows from all that was seen on the way to that trunk.
    pub(crate) fn diagnose(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let signs = trunk.watch.take_news();
        let (diagnosis, worth_telling) = (trunk.diagnosis(now), trunk.is_worth_telling(now));
        let passed = trunk.climb.standing() != Step::Plain;
        self.counters.signs_of_rewriting += signs;
        self.tell_doctor(now, name);
        let due = Due::TrunkDiagnosis(name.to_owned());
        if self.check_router(name, Some(&diagnosis).filter(|_| worth_telling), passed) {
            self.agenda.set(due, now + LOOKED_AT_EVERY);
        } else {
            self.agenda.cancel(&due);
        }
    }

    /// A trunk whose settings changed is another way; what was said of one that is gone is forgotten.
    pub(crate) fn settle_diagnoses(&mut self, now: Instant) {
        self.forget_routers();
        let names: Vec<String> = self.trunks.iter().map(|trunk| trunk.name().to_owned()).collect();
        names.iter().for_each(|name| self.diagnose(now, name));
    }
}

impl Trunk {
    /// Whether a request of ours went to it.
    fn has_sent(&self, sent: &Sent) -> bool {
        match &sent.purpose {
            Purpose::TrunkOptions { trunk } => trunk == self.name(),
            _ => sent.account.as_ref().is_some_and(|account| self.goes_under(account)),
        }
    }

    /// Whether that account is this trunk's.
    pub(crate) fn goes_under(&self, account: &Arc<Account>) -> bool {
        Arc::ptr_eq(account, &self.account)
    }
}
