//! Nothing can be written down: the disk is full, or does not answer.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// What calls cost, and the calls themselves, cannot be kept. About the whole box.
const DISK_FAILS: &str = "disk-fails";

impl Exchange {
    pub(crate) fn tell_of_disk(&mut self, can: bool) {
        if can {
            return self.live.solve(DISK_FAILS, "");
        }
        self.live.raise(ProblemView {
            code: DISK_FAILS.into(),
            subject: String::new(),
            severity: Severity::CallsFail,
            detail: String::new(),
        });
    }
}
