//! Something between a phone and the box changes its messages, or seems to; and what of it was healed.

use centrale_alg::diagnosis::{Deed, Deeds, Interference};

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// Something came back that nobody but a reader of SIP on the way can have written. About the digest user, as the next two.
pub(crate) const PHONE_PATH_REWRITES: &str = "phone-path-rewrites";
/// Signs of it that may have another cause.
pub(crate) const PHONE_PATH_MAY_REWRITE: &str = "phone-path-may-rewrite";
/// Messages of the phone were damaged, and are taken as it meant them.
pub(crate) const PHONE_MESSAGES_HEALED: &str = "phone-messages-healed";

impl Exchange {
    /// Says what the doctor says of the way to a phone, or takes it back. Whether anything is said now.
    pub(crate) fn check_phone_path(&mut self, username: &str, interference: Interference, deeds: &str) -> bool {
        let told = match interference {
            Interference::None => None,
            Interference::Suspected => Some(PHONE_PATH_MAY_REWRITE),
            Interference::Proven => Some(PHONE_PATH_REWRITES),
        };
        for code in [PHONE_PATH_REWRITES, PHONE_PATH_MAY_REWRITE] {
            if told == Some(code) {
                self.raise_of_phone(code, username, Severity::Warning, deeds);
            } else {
                self.live.solve(code, username);
            }
        }
        told.is_some()
    }

    /// Says what of a phone's messages is healed, or takes it back. Whether anything is said now.
    pub(crate) fn check_healed(&mut self, username: &str, healed: Deeds) -> bool {
        if healed.is_empty() {
            self.live.solve(PHONE_MESSAGES_HEALED, username);
        } else {
            let deeds: Vec<&str> = healed.iter().map(Deed::text).collect();
            self.raise_of_phone(PHONE_MESSAGES_HEALED, username, Severity::Note, &deeds.join(", "));
        }
        !healed.is_empty()
    }

    fn raise_of_phone(&mut self, code: &str, username: &str, severity: Severity, detail: &str) {
        let (code, subject, detail) = (code.to_owned(), username.to_owned(), detail.to_owned());
        self.live.raise(ProblemView { code, subject, severity, detail });
    }
}
