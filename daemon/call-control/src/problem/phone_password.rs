//! A phone of the office that still has an old password: a phone to mend, not an attacker.

use centrale_sip::flow::Flow;
use centrale_sip::message::{Method, Request};

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// A known user's wrong secret, seen from an office address. About the digest user; gone when it registers.
pub(crate) const PHONE_PASSWORD_STALE: &str = "phone-password-stale";

impl Exchange {
    /// Who tries one secret after the other is no phone to mend.
    pub(crate) fn note_stale_password(&mut self, username: &str, request: &Request, flow: &Flow, guesses: bool) {
        if guesses {
            self.forget_knocking(username);
            self.live.solve(PHONE_PASSWORD_STALE, username);
        } else if self.interfaces.is_office(flow.remote.ip()) {
            if request.method == Method::REGISTER {
                self.note_knocking(username, request, flow);
            }
            self.live.raise(ProblemView {
                code: PHONE_PASSWORD_STALE.into(),
                subject: username.to_owned(),
                severity: Severity::Warning,
                detail: flow.remote.ip().to_string(),
            });
        }
    }
}
