//! Who of those in the office's list is told: whoever showed that mail arrives. Each is asked by a mailed code when they come
//! into the list, and again after ninety days, and is told meanwhile; whoever leaves it gets one last mail that says so.

use std::collections::BTreeSet;
use std::sync::Arc;

use centrale_alerts::{Code, Language, Letter, Note, letter};
use centrale_config::{AlertContact, Office};
use centrale_store::{CONFIRMATION_CODE_MS, CONFIRMED_FOR_MS, Confirmation, NewMail, Store, StoreError};

use crate::changes::{CHANGED, DONE};
use crate::outbox::{blocking, whose};

pub(crate) const DAY_MS: u64 = 24 * 3_600_000;
/// How soon whoever does not answer is asked once more: a month.
const ASKED_AGAIN_MS: u64 = 30 * DAY_MS;
/// How soon an address may be asked anew because somebody wants it.
const ASKED_ANEW_MS: u64 = 5 * 60_000;

/// What mails that ask begin with, in what they are about.
const CONFIRM: &str = "confirm/";
/// The same of last mails.
const FAREWELL: &str = "farewell/";

/// Whether a mail leaves although nobody is told at its address any more.
pub(crate) fn needs_no_contact(about: &str) -> bool {
    [FAREWELL, CHANGED, DONE].iter().any(|kind| about.starts_with(kind))
}

/// Keeps the store's addresses to the office's list.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    /// Addresses in the list that are confirmed.
    confirmed: BTreeSet<String>,
}

impl Contacts {
    pub(crate) fn is_confirmed(&self, contact: &AlertContact) -> bool {
        self.confirmed.contains(contact.address.as_str())
    }

    pub(crate) fn reach_somebody(&self, office: &Office) -> bool {
        office.alerts.reach_somebody() && office.alerts.contacts.iter().any(|contact| self.is_confirmed(contact))
    }

    /// Looks who came, who went and who is to be asked; whether a mail was written. `wanted` is an address that somebody wants
    /// asked anew.
    pub(crate) async fn look(
        &mut self,
        store: &Store,
        office: &Arc<Office>,
        now: u64,
        wanted: Option<String>,
    ) -> Result<bool, StoreError> {
        let known = blocking(store, Store::confirmations).await?;
        let confirmed = known.iter().filter(|known| known.confirmed_unix_ms.is_some() && is_in(office, &known.address));
        self.confirmed = confirmed.map(|known| known.address.clone()).collect();
        let office = Arc::clone(office);
        blocking(store, move |store| settle(store, &office, &known, now, wanted.as_deref())).await
    }
}

/// Writes down who came and who went, and asks who is to be asked; whether a mail was written.
fn settle(
    store: &Store,
    office: &Office,
    known: &[Confirmation],
    now: u64,
    wanted: Option<&str>,
) -> Result<bool, StoreError> {
    let mut wrote = false;
    for gone in known.iter().filter(|known| known.left_unix_ms.is_none() && !is_in(office, &known.address)) {
        let mail = was_told(gone).then(|| farewell(office, &gone.address, now));
        wrote |= mail.is_some();
        store.contact_left(&gone.address, now, mail)?;
    }
    for contact in &office.alerts.contacts {
        let address = contact.address.as_str();
        let known = known.iter().find(|known| known.address == address);
        if known.is_some_and(|known| known.left_unix_ms.is_some()) {
            store.contact_returned(address)?;
        }
        if office.alerts.server.is_some() && is_to_be_asked(known, now, wanted == Some(address)) {
            let again = known.is_some_and(|known| known.confirmed_unix_ms.is_some());
            store.ask_confirmation(address, now, |code| {
                let note = Note::Confirm { code: Code::new(code.reveal()), again };
                mail(office, CONFIRM, (address, language_of(contact)), &note, now)
            })?;
            wrote = true;
        }
    }
    Ok(wrote)
}

/// Whether somebody was told at an address: not who never showed that mail arrives, nor who got mail before there were codes and
/// was in no list since.
fn was_told(known: &Confirmation) -> bool {
    known.confirmed_unix_ms.is_some_and(|confirmed| confirmed > 0 || known.asked_unix_ms.is_some())
}

fn is_in(office: &Office, address: &str) -> bool {
    office.alerts.contacts.iter().any(|contact| contact.address.as_str() == address)
}

/// Whether a contact is to be mailed a code now.
fn is_to_be_asked(known: Option<&Confirmation>, now: u64, is_wanted: bool) -> bool {
    let Some(known) = known else { return true };
    // A clock that was set back leaves nobody unasked.
    let since = |at: u64| now.abs_diff(at);
    let Some(asked) = known.asked_unix_ms else {
        return is_wanted || known.confirmed_unix_ms.is_none_or(|at| now.saturating_sub(at) >= CONFIRMED_FOR_MS);
    };
    match known.confirmed_unix_ms {
        _ if is_wanted => since(asked) >= ASKED_ANEW_MS,
        None => since(asked) >= CONFIRMATION_CODE_MS,
        Some(at) => now.saturating_sub(at) >= CONFIRMED_FOR_MS && since(asked) >= ASKED_AGAIN_MS,
    }
}

fn farewell(office: &Office, address: &str, now: u64) -> NewMail {
    let language = Language::of_code(office.identity.language.code()).unwrap_or(Language::English);
    mail(office, FAREWELL, (address, language), &Note::Farewell, now)
}

pub(crate) fn language_of(contact: &AlertContact) -> Language {
    // There is no German mail.
    Language::of_code(contact.language.code()).unwrap_or(Language::English)
}

fn mail(office: &Office, about: &str, to: (&str, Language), note: &Note, now: u64) -> NewMail {
    mail_about(office, format!("{about}{}", to.0), to, note, now)
}

/// A mail that leaves at once.
pub(crate) fn mail_about(
    office: &Office,
    about: String,
    (address, language): (&str, Language),
    note: &Note,
    now: u64,
) -> NewMail {
    let Letter { subject, text } = letter(note, language, &whose(office), now);
    NewMail { about, stage: 1, recipient: address.to_owned(), subject, text, made_unix_ms: now, next_unix_ms: now }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(confirmed: Option<u64>, asked: Option<u64>) -> Confirmation {
        let address = "owner@example.org".into();
        Confirmation { address, confirmed_unix_ms: confirmed, asked_unix_ms: asked, left_unix_ms: None }
    }

    #[test]
    fn a_004_who_does_not_answer_is_asked_each_week_and_who_did_again_after_ninety_days_and_then_each_month() {
        let days = |known: Confirmation| {
            let at = |day: &u64| is_to_be_asked(Some(&known), day * DAY_MS, false);
            (100..300).find(at).unwrap()
        };
        assert!(is_to_be_asked(None, 0, false));
        assert_eq!(days(known(None, Some(100 * DAY_MS))), 107);
        assert_eq!(days(known(Some(100 * DAY_MS), Some(99 * DAY_MS))), 190);
        assert_eq!(days(known(Some(100 * DAY_MS), Some(190 * DAY_MS))), 220);
        assert_eq!(days(known(Some(0), None)), 100, "who was told before there were codes");
    }

    #[test]
    fn who_went_before_there_were_codes_gets_no_last_mail() {
        assert!(!was_told(&known(Some(0), None)));
        assert!(!was_told(&known(None, Some(1))));
        assert!(was_told(&known(Some(0), Some(1))) && was_told(&known(Some(1), None)));
    }

    #[test]
    fn whoever_is_wanted_asked_is_asked_at_once_but_not_every_minute() {
        let known = known(Some(DAY_MS), Some(DAY_MS));
        assert!(!is_to_be_asked(Some(&known), DAY_MS + ASKED_ANEW_MS - 1, true));
        assert!(is_to_be_asked(Some(&known), DAY_MS + ASKED_ANEW_MS, true));
        assert!(!is_to_be_asked(Some(&known), DAY_MS + ASKED_ANEW_MS, false));
    }
}
