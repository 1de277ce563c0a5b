//! Whether those who are told by mail showed that it arrives: said on the page as long as nobody did, and of each whose word is
//! old.

use std::collections::BTreeMap;

use centrale_call_control::view::{ProblemView, Severity};
use centrale_config::Office;
use centrale_store::{CONFIRMED_FOR_MS, Confirmation, StoreError};

use crate::clock;
use crate::edge::{Edge, blocking};
use crate::live::Event;

/// Nobody who is to be told showed that mail arrives: nobody is told.
const NOBODY: &str = "alert-nobody-confirmed";
/// It is long ago that mail was shown to arrive. About the address.
const OLD: &str = "alert-contact-old";

/// What is on the page, by code and subject.
pub(crate) type Shown = BTreeMap<(&'static str, String), Severity>;

impl Edge {
    /// Looks who is confirmed, and tells the page of what changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look_at_contacts(&self) -> Result<(), StoreError> {
        let office = self.office().await;
        self.look_at_contacts_of(&office).await
    }

    /// The same for who is at the desk already.
    pub(crate) async fn look_at_contacts_of(&self, office: &Office) -> Result<(), StoreError> {
        let mut shown = self.0.contacts_shown.lock().await;
        let store = self.0.store.clone();
        let found = wrong(office, &blocking(move || store.confirmations()).await?, clock::unix_ms());
        for ((code, subject), severity) in found.iter().filter(|(key, _)| !shown.contains_key(key)) {
            let (code, subject) = ((*code).to_owned(), subject.clone());
            self.publish(Event::Problem(ProblemView { code, subject, severity: *severity, detail: String::new() }));
        }
        for (code, subject) in shown.keys().filter(|key| !found.contains_key(key)) {
            self.publish(Event::ProblemGone { code: (*code).to_owned(), subject: subject.clone() });
        }
        *shown = found;
        Ok(())
    }
}

fn wrong(office: &Office, known: &[Confirmation], now: u64) -> Shown {
    let alerts = &office.alerts;
    let confirmed = |address: &str| known.iter().find(|known| known.address == address)?.confirmed_unix_ms;
    let told: Vec<_> = alerts.contacts.iter().map(|contact| contact.address.as_str()).collect();
    let mut found = Shown::new();
    if alerts.reach_somebody() && told.iter().all(|address| confirmed(address).is_none()) {
        found.insert((NOBODY, String::new()), Severity::CallsFail);
    }
    let is_old = |address: &&str| confirmed(address).is_some_and(|at| now.saturating_sub(at) >= CONFIRMED_FOR_MS);
    found.extend(told.into_iter().filter(is_old).map(|address| ((OLD, address.to_owned()), Severity::Warning)));
    found
}
