//! Asking a provider whether it is there: OPTIONS once a minute. Any answer is one, also a refusal.

use std::time::{Duration, Instant};

use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, SipUri};

use crate::exchange::{Due, Exchange, Reply};
use crate::sent::Purpose;
use crate::view::TrunkState;

/// Between two questions.
pub(super) const INTERVAL: Duration = Duration::from_secs(60);
/// Unanswered questions in a row after which the provider is said to be unreachable.
const PATIENCE: u8 = 2;

impl Exchange {
    pub(crate) fn ask_trunk(&mut self, now: Instant, name: &str) {
        let Some(local) = self.trunk_local(name) else { return };
        let tag = self.token();
        let call_id = self.token();
        let Some(trunk) = self.trunk_mut(name) else { return };
        let Some(target) = trunk.target() else { return };
        let us = NameAddr::new(trunk.account_address());
        let mut request = Request::new(Method::OPTIONS, SipUri::new(None, trunk.host(), trunk.settings.server.port));
        request.headers.push(HeaderName::From, us.tagged(&tag).to_string());
        request.headers.push(HeaderName::To, NameAddr::new(request.uri.clone()).to_string());
        request.headers.push(HeaderName::CallId, call_id);
        request.headers.push(HeaderName::CSeq, "1 OPTIONS");
        trunk.route(&mut request);
        let purpose = Purpose::TrunkOptions { trunk: name.to_owned() };
        self.send(now, request, Path::Target(target), local, purpose, None);
    }

    pub(crate) fn handle_trunk_health(&mut self, now: Instant, name: &str, reply: &Reply<'_>) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        // A question to a server that was left meanwhile says nothing of the one in use.
        if trunk.target().map(Path::Target) != Some(reply.sent.path) {
            return;
        }
        let busy = reply.response.status.code() == 503;
        match reply.flow {
            Some(flow) if !busy => {
                trunk.unanswered = 0;
                trunk.answers_questions = true;
                if !trunk.settings.register {
                    trunk.note_connection(&flow);
                    (trunk.state, trunk.failures) = (TrunkState::Connected, 0);
                    trunk.detail.clear();
                }
            }
            // Some providers drop every question: where we are registered, that says enough.
            _ if trunk.settings.register && !trunk.answers_questions => {}
            _ => {
                trunk.unanswered += 1;
                let known = trunk.state == TrunkState::Connected;
                if trunk.unanswered >= PATIENCE || !known {
                    return self.trunk_failed(now, name, if busy { "503" } else { "no answer" }, None);
                }
            }
        }
        self.agenda.set(Due::TrunkHealth(name.to_owned()), now + INTERVAL);
        self.live.trunk_changed(name);
    }
}
