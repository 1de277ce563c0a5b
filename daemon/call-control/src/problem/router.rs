//! A router on the way to a provider changes the messages, or seems to.

use centrale_alg::diagnosis::{Deed, Diagnosis, Interference};

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// Something came back that nobody but a reader of SIP on the way can have written. About the trunk.
const ROUTER_REWRITES: &str = "router-rewrites";
/// Signs of it that may have another cause. About the trunk.
const ROUTER_MAY_REWRITE: &str = "router-may-rewrite";
/// It is proven, and the trunk goes round it. About the trunk.
const ROUTER_PASSED: &str = "router-passed";
/// What most makers call it: the installer looks for this name in the router.
const SETTING: &str = "SIP ALG";

/// One of them at a time.
const ALL: [&str; 3] = [ROUTER_REWRITES, ROUTER_MAY_REWRITE, ROUTER_PASSED];

impl Exchange {
    /// Says what the doctor says of a trunk, or takes it back. `passed` when the trunk goes round it. Whether anything is said now.
    pub(crate) fn check_router(&mut self, trunk: &str, diagnosis: Option<&Diagnosis>, passed: bool) -> bool {
        let deeds: Vec<&str> = diagnosis.iter().flat_map(|it| it.deeds.iter()).map(Deed::text).collect();
        let told = match diagnosis.map(|it| it.interference).unwrap_or_default() {
            Interference::None => None,
            _ if passed => Some(ROUTER_PASSED),
            Interference::Suspected => Some(ROUTER_MAY_REWRITE),
            Interference::Proven => Some(ROUTER_REWRITES),
        };
        for code in ALL {
            if told == Some(code) {
                let detail = format!("{SETTING}: {}", deeds.join(", "));
                self.live.raise(ProblemView {
                    code: code.into(),
                    subject: trunk.to_owned(),
                    severity: if passed { Severity::Note } else { Severity::Warning },
                    detail,
                });
            } else {
                self.live.solve(code, trunk);
            }
        }
        told.is_some()
    }

    /// Forgets what was said of trunks that are gone.
    pub(crate) fn forget_routers(&mut self) {
        let trunks = &self.trunks;
        for code in ALL {
            self.live.retain_problems(code, |name| trunks.iter().any(|trunk| trunk.name() == name));
        }
    }
}
