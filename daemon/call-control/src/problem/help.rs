//! The way to help: nobody has one, or a test did not find it.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity, TrunkState};

/// No provider works, so a call for help would hardly get out. About the whole box.
const NO_WAY_TO_HELP: &str = "no-way-to-help";
/// Two test calls in a row did not ring. About the trunk; gone when one does.
const HELP_NOT_PROVEN: &str = "help-not-proven";

impl Exchange {
    pub(crate) fn check_way_to_help(&mut self) {
        let is_lost = |state| matches!(state, TrunkState::Unreachable | TrunkState::Refused);
        let none = self.trunks.iter().all(|trunk| is_lost(trunk.view().state));
        if none && !self.directory.office().people.is_empty() {
            self.live.raise(ProblemView {
                code: NO_WAY_TO_HELP.into(),
                subject: String::new(),
                severity: Severity::CallsFail,
                detail: String::new(),
            });
        } else {
            self.live.solve(NO_WAY_TO_HELP, "");
        }
    }

    pub(crate) fn note_unproven(&mut self, trunk: &str, detail: String) {
        let (code, subject) = (HELP_NOT_PROVEN.to_owned(), trunk.to_owned());
        self.live.raise(ProblemView { code, subject, severity: Severity::Warning, detail });
    }

    pub(crate) fn solve_proof(&mut self, trunk: &str) {
        self.live.solve(HELP_NOT_PROVEN, trunk);
    }
}
