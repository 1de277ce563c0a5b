//! A person's calls look like a thief's: the guard presses the stop of the dear ones, and it is written down as the box's own deed.
//! Nobody asked for it from anywhere, so there is no source.

use centrale_call_control::Stop;
use centrale_store::StopRow;

use crate::clock;
use crate::edge::{Edge, blocking};

/// Who pressed it.
const BOX: &str = "Centrale";

impl Edge {
    /// The dear calls of a person, by number, are to be held. It is said again with each such call that is refused until they are.
    pub fn held(&self, person: String) {
        if self.0.held.try_send(person).is_err() {
            tracing::warn!("more people's calls are held than can be done at once");
        }
    }

    pub(crate) async fn handle_held(&self, person: String) {
        let stop = Stop::Paid(person.clone());
        if self.is_on(&stop) || self.is_written(&stop).await {
            return;
        }
        tracing::warn!(%person, "calls of a person that cost more are held: they look like misuse");
        let row = StopRow {
            stop: stop.to_string(),
            is_on: true,
            who: BOX.to_owned(),
            source: String::new(),
            at_unix_ms: clock::unix_ms(),
        };
        self.warn_if_unwritten(self.press_stop(stop, row).await);
        self.note_own(BOX, "calls-held", person).await;
    }

    /// Whether it was pressed a moment ago, and is not in force yet.
    async fn is_written(&self, stop: &Stop) -> bool {
        let (store, word) = (self.0.store.clone(), stop.to_string());
        let rows = blocking(move || store.stops_in_force()).await;
        rows.is_ok_and(|rows| rows.iter().any(|row| row.stop == word))
    }
}
