//! What somebody ordered from a phone with the office's PIN, done as if it had been asked here: for whoever gets in no more, and
//! for whoever is at a phone and not at a browser.

use std::sync::PoisonError;

use centrale_call_control::{Command, Ordered, PhoneOrder, Reason, Stop};
use centrale_store::{BlockChange, StopRow};

use crate::attempts::Attempts;
use crate::clock;
use crate::edge::{Edge, Wish, blocking};

/// For what an address is blocked that somebody tried at the page, mistyping or not.
const OF_PAGE: [Reason; 3] = [Reason::PageGuessing, Reason::PageDistributed, Reason::HoneyPath];
/// The stops that can be ordered, and are taken back together.
const ORDERED: [Stop; 2] = [Stop::Outgoing, Stop::Abroad];

impl Edge {
    /// A phone of the office ordered something. The PIN was right.
    pub fn ordered(&self, ordered: Ordered) {
        if self.0.ordered.try_send(ordered).is_err() {
            tracing::error!("phones order more than can be done");
        }
    }

    pub(crate) async fn handle_ordered(&self, Ordered { order, person, name, from }: Ordered) {
        let source = from.ip().to_canonical();
        let who = if name.is_empty() { person } else { format!("{name} ({person})") };
        tracing::warn!(?order, who, %source, "ordered from a phone with the PIN");
        let row = |stop: &Stop, is_on| StopRow {
            stop: stop.to_string(),
            is_on,
            who: who.clone(),
            source: source.to_string(),
            at_unix_ms: clock::unix_ms(),
        };
        let what = match order {
            PhoneOrder::PageAgain => {
                self.let_page_in().await;
                "phone-page"
            }
            PhoneOrder::Stop(stop) => {
                // Once more is as once, as on the page.
                if !self.is_on(&stop) {
                    let row = row(&stop, true);
                    self.warn_if_unwritten(self.press_stop(stop, row).await);
                }
                "phone-stop"
            }
            PhoneOrder::LetGo => {
                for stop in ORDERED.into_iter().filter(|stop| self.is_on(stop)) {
                    let row = row(&stop, false);
                    self.warn_if_unwritten(self.release_stop(stop, row).await);
                }
                "phone-let-go"
            }
        };
        self.note_from(source, &who, what, String::new()).await;
    }

    pub(crate) fn warn_if_unwritten(&self, written: Result<(), centrale_store::StoreError>) {
        if let Err(error) = written {
            tracing::error!(%error, "that a stop was pressed or taken back could not be written down");
        }
    }

    /// Whoever waits at the page, or is blocked for what was tried there, may try again at once, and for a while from wherever it
    /// is. Wrong passwords are counted anew.
    async fn let_page_in(&self) {
        *self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner) = Attempts::default();
        self.guesses(crate::guesses::Guesses::forget);
        self.let_in_from_anywhere().await;
        let (store, now) = (self.0.store.clone(), clock::unix_ms());
        let lifted = blocking(move || {
            let is_of_page = |reason: &str| OF_PAGE.iter().any(|one| one.code() == reason);
            let blocks = store.blocks(now)?.into_iter().filter(|block| is_of_page(&block.reason));
            let sources: Vec<_> = blocks.map(|block| block.source).collect();
            let changes: Vec<_> = sources.iter().copied().map(BlockChange::Lifted).collect();
            store.change_blocks(now, &changes)?;
            Ok(sources)
        });
        match lifted.await {
            Ok(sources) => {
                for source in sources {
                    self.wish(Wish::Command(Command::Lift(source))).await;
                }
            }
            Err(error) => tracing::error!(%error, "the blocks of the page could not be read"),
        }
    }
}
