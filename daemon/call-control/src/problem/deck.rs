//! A provider's tariff deck is too old: its prices do not count any more. About the trunk.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// Calls over the trunk are reckoned at the worst price until a new deck is there.
const DECK_OLD: &str = "deck-old";

impl Exchange {
    pub(crate) fn check_decks(&mut self) {
        let note = |trunk: &String| {
            let (code, subject, detail) = (DECK_OLD.into(), trunk.clone(), String::new());
            ProblemView { code, subject, severity: Severity::Note, detail }
        };
        let old = self.outdated_decks().map(note).collect();
        self.live.tell_instead(&[DECK_OLD], old);
    }
}
