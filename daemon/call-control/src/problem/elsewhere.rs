//! Somebody else uses the office's password at a provider.

use std::time::Instant;

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// A contact beside ours is kept alive at the provider. About the trunk; gone when it is listed no more.
const TRUNK_ELSEWHERE: &str = "trunk-elsewhere";

impl Exchange {
    pub(crate) fn note_used_elsewhere(&mut self, now: Instant, trunk: &str, contact: &str) {
        let detail: String = contact.chars().take(128).collect();
        if !self.live.shows(TRUNK_ELSEWHERE, trunk, &detail) {
            self.note_at_provider(now, TRUNK_ELSEWHERE, trunk, contact);
        }
        let (code, subject) = (TRUNK_ELSEWHERE.to_owned(), trunk.to_owned());
        self.live.raise(ProblemView { code, subject, severity: Severity::Warning, detail });
    }

    pub(crate) fn solve_used_elsewhere(&mut self, trunk: &str) {
        self.live.solve(TRUNK_ELSEWHERE, trunk);
    }

    /// Forgets what was said of trunks that are gone.
    pub(crate) fn forget_used_elsewhere(&mut self) {
        let trunks = &self.trunks;
        self.live.retain_problems(TRUNK_ELSEWHERE, |name| trunks.iter().any(|trunk| trunk.name() == name));
    }
}
