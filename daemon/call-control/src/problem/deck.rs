//! A provider's tariff deck is too old: its prices do not count any more. About the trunk.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// Calls over the trunk are reckoned at the worst price until a new deck is there.
const DECK_OLD: &str = "deck-old";

impl Exchange {
    pub(crate) fn check_decks(&mut self) {
        let old: Vec<String> = self.outdated_decks().cloned().collect();
        self.live.retain_problems(DECK_OLD, |trunk| old.iter().any(|old| old == trunk));
        for trunk in old {
            let (code, detail) = (DECK_OLD.into(), String::new());
            self.live.raise(ProblemView { code, subject: trunk, severity: Severity::Note, detail });
        }
    }
}
