//! A phone of the office that asks for encrypted audio but signals in clear, so that its keys could be read.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// A phone offered SRTP keys over UDP or TCP and its call was refused. About the digest user; gone when a call of it is taken.
pub(crate) const PHONE_KEYS_IN_CLEAR: &str = "phone-keys-in-clear";

impl Exchange {
    pub(crate) fn note_keys_in_clear(&mut self, username: &str) {
        self.live.raise(ProblemView {
            code: PHONE_KEYS_IN_CLEAR.into(),
            subject: username.to_owned(),
            severity: Severity::CallsFail,
            detail: String::new(),
        });
    }
}
