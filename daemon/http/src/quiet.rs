//! What keeps mail from being told: that nobody showed that it arrives, or not for long; and that somebody works on the
//! telephones. Said on the page for as long as it is so.

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

/// Somebody works on the telephones: nobody is told of calls that do not work. The detail is until when, in milliseconds since
/// 1970 UTC.
const MAINTENANCE: &str = "alert-maintenance";

/// What is on the page, by code and subject: how bad, and its detail.
pub(crate) type Shown = BTreeMap<(&'static str, String), (Severity, String)>;

impl Edge {
    /// Looks who is confirmed and who works on the telephones, and tells the page of what changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look_at_alerts(&self) -> Result<(), StoreError> {
        let office = self.office().await;
        self.look_at_alerts_of(&office).await
    }

    /// The same for who is at the desk already.
    pub(crate) async fn look_at_alerts_of(&self, office: &Office) -> Result<(), StoreError> {
        let mut shown = self.0.alerts_shown.lock().await;
        let (store, now) = (self.0.store.clone(), clock::unix_ms());
        let (known, works_until) = blocking(move || Ok((store.confirmations()?, store.maintenance_until()?))).await?;
        let mut found = wrong(office, &known, now);
        if now < works_until {
            found.insert((MAINTENANCE, String::new()), (Severity::Warning, works_until.to_string()));
        }
        for (key, (severity, detail)) in found.iter().filter(|(key, told)| shown.get(key) != Some(told)) {
            let (code, subject, severity) = (key.0.to_owned(), key.1.clone(), *severity);
            self.publish(Event::Problem(ProblemView { code, subject, severity, detail: detail.clone() }));
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
        found.insert((NOBODY, String::new()), (Severity::CallsFail, String::new()));
    }
    let is_old = |address: &&str| confirmed(address).is_some_and(|at| now.saturating_sub(at) >= CONFIRMED_FOR_MS);
    found.extend(
        told.into_iter().filter(is_old).map(|address| ((OLD, address.to_owned()), (Severity::Warning, String::new()))),
    );
    found
}
