//! The way out: there is none, it is refused, or it cannot be reached.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity, TrunkState, TrunkView};

/// The office has no provider. About the whole box.
const NO_PROVIDER: &str = "no-provider";
/// The provider refuses our registration for good. About the trunk.
const TRUNK_REFUSED: &str = "trunk-refused";
/// The provider refuses for good what it took before with the same password: somebody changed that, or blocked the account.
pub(crate) const TRUNK_LOCKED_OUT: &str = "trunk-locked-out";
/// The provider cannot be reached. About the trunk.
const TRUNK_UNREACHABLE: &str = "trunk-unreachable";
/// Everything that can be wrong with a trunk; one at a time. The others are what a provider means by a refusal: those of a
/// call are gone when a call is answered.
pub(crate) const TRUNK: [&str; 10] = [
    TRUNK_REFUSED,
    TRUNK_LOCKED_OUT,
    TRUNK_UNREACHABLE,
    "provider-suspended",
    "provider-no-credit",
    "provider-refuses-number",
    "provider-refuses-destination",
    "provider-full",
    "provider-refuses-sound",
    "provider-fault",
];

impl Exchange {
    pub(crate) fn check_providers(&mut self) {
        self.check_way_to_help();
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
        self.check_way_to_help();
        let (usual, severity) = match view.state {
            TrunkState::Refused => (TRUNK_REFUSED, Severity::CallsFail),
            TrunkState::Unreachable => (TRUNK_UNREACHABLE, Severity::CallsFail),
            TrunkState::Connected | TrunkState::Connecting => ("", Severity::Warning),
        };
        let wrong = if view.reason.is_empty() { usual } else { view.reason.as_str() };
        let fatal = matches!(wrong, "provider-suspended" | "provider-no-credit");
        for code in TRUNK {
            if code == wrong {
                self.live.raise(ProblemView {
                    code: code.into(),
                    subject: view.name.clone(),
                    severity: if fatal { Severity::CallsFail } else { severity },
                    detail: view.detail.clone(),
                });
            } else {
                self.live.solve(code, &view.name);
            }
        }
    }
}
