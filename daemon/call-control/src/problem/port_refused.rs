//! A media port that another program holds: calls through it are silent.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// A media port could not be bound. About the port; gone when the range changes or the box restarts.
const PORT_REFUSED: &str = "port-refused";

impl Exchange {
    pub(crate) fn note_refused_port(&mut self, port: u16) {
        self.live.raise(ProblemView {
            code: PORT_REFUSED.into(),
            subject: port.to_string(),
            severity: Severity::Warning,
            detail: String::new(),
        });
    }
}
