//! The way out: there is none, it is refused, or it cannot be reached.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity, TrunkState, TrunkView};

/// The office has no provider. About the whole box.
const NO_PROVIDER: &str = "no-provider";
/// The provider refuses our registration for good. About the trunk.
pub(crate) const TRUNK_REFUSED: &str = "trunk-refused";
/// The provider cannot be reached. About the trunk.
pub(crate) const TRUNK_UNREACHABLE: &str = "trunk-unreachable";

impl Exchange {
    pub(crate) fn check_providers(&mut self) {
        if self.trunks.is_empty() && !self.directory.office().people.is_empty() {
            self.live.raise(ProblemView {
                code: NO_PROVIDER.into(),
                subject: String::new(),
                severity: Severity::Note,
                detail: String::new(),
            });
        } else {
            self.live.solve(NO_PROVIDER, "");
        }
    }

    pub(crate) fn check_trunk(&mut self, view: &TrunkView) {
        for (code, state) in [(TRUNK_REFUSED, TrunkState::Refused), (TRUNK_UNREACHABLE, TrunkState::Unreachable)] {
            if view.state == state {
                self.live.raise(ProblemView {
                    code: code.into(),
                    subject: view.name.clone(),
                    severity: Severity::CallsFail,
                    detail: view.detail.clone(),
                });
            } else {
                self.live.solve(code, &view.name);
            }
        }
    }
}
