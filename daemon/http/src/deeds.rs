//! What a thief would do that no revision of the office holds: it is told, and taken back.

use centrale_alerts::News;
use centrale_call_control::{Cap, Command, Proof};
use centrale_store::Deed;

use crate::asker::author_name;
use crate::clock;
use crate::edge::{Edge, Wish, blocking};
use crate::problem::Refused;

impl Edge {
    /// Keeps a deed that was done, to be told and taken back. It stands although that cannot be written.
    pub(crate) async fn note_deed(&self, deed: Deed) {
        let (store, who) = (self.0.store.clone(), author_name());
        match blocking(move || store.note_deed(deed, &who, clock::unix_ms())).await {
            Ok(Some(_)) => {}
            Ok(None) => tracing::error!("what was done cannot be told: there is too much of the last day"),
            Err(error) => tracing::error!(%error, "what was done cannot be told"),
        }
        self.wish(Wish::News(News::Deed)).await;
    }

    /// Takes a deed back, and gives the revision of the office, which stays.
    pub(crate) async fn take_deed_back(&self, number: u64, deed: Deed) -> Result<u64, Refused> {
        let (store, taken) = (self.0.store.clone(), deed.clone());
        blocking(move || Ok(store.take_deed_back(number, taken))).await??;
        match deed {
            Deed::CapRaised { cap } => self.lower_cap(&cap).await,
            Deed::UserAdded { .. } | Deed::UserRaised { .. } | Deed::CodeMade { .. } => self.sessions_ended(),
            Deed::PricesChanged { .. } => self.read_decks(&mut *self.0.desk.lock().await).await,
        }
        Ok(self.revision().await)
    }

    /// A cap is what it usually is: who takes a raise back has proven that, or has the code.
    async fn lower_cap(&self, cap: &str) {
        let Some(cap) = Cap::of_word(cap) else { return };
        let to_cents = u32::try_from(cap.amount().cents_up()).unwrap_or(u32::MAX);
        self.wish(Wish::Command(Command::Raise { cap, to_cents, hours: 1, proof: Proof::PasswordAgain })).await;
    }
}
