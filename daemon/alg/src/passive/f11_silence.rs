//! F11 (section 8): INVITE gets nothing at all, not even 100, three times in a row while other requests on the same path are
//! answered. Medium: a provider may be overloaded. It asks for V5 and V12.

use std::time::{Duration, Instant};

/// So often in a row.
const IN_A_ROW: u8 = 3;
/// An answer to something else this close shows that the path is alive. Less than Timer B (RFC 3261 17.1.1.2: 32 s), so that
/// it came after the request that nobody answered had left: a provider that falls silent altogether is no sign.
const ALIVE: Duration = Duration::from_secs(30);

/// INVITEs without an answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Silence {
    in_a_row: u8,
    answered_at: Option<Instant>,
}

impl Silence {
    /// Something other than an INVITE was answered.
    pub(super) fn answered(&mut self, now: Instant) {
        self.answered_at = Some(now);
    }

    /// An INVITE was.
    pub(super) fn call_answered(&mut self, now: Instant) {
        self.in_a_row = 0;
        self.answered_at = Some(now);
    }

    /// Whether the path was alive a moment ago.
    pub(super) fn is_alive(&self, now: Instant) -> bool {
        self.answered_at.is_some_and(|at| now.saturating_duration_since(at) <= ALIVE)
    }

    /// An INVITE timed out; whether that makes the fingerprint.
    pub(super) fn unanswered(&mut self, now: Instant) -> bool {
        if !self.is_alive(now) {
            self.in_a_row = 0;
            return false;
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.in_a_row >= IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_is_silent_altogether_leaves_no_fingerprint() {
        let begun = Instant::now();
        let mut silence = Silence::default();
        assert!((0..9).all(|_| !silence.unanswered(begun)));
        silence.answered(begun);
        assert!(!silence.unanswered(begun));
        assert!(!silence.unanswered(begun));
        assert!(silence.unanswered(begun));
        silence.call_answered(begun);
        assert!(!silence.unanswered(begun));
    }
}
