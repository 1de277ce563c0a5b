//! Changes that a thief would make are told to whoever is told before them and to whoever is told after, with a code that takes
//! them back.

use std::collections::BTreeSet;

use centrale_alerts::{Code, Note, Touched};
use centrale_config::{AlertContact, Office, Sensitive};
use centrale_store::{NewMail, Store, StoreError, UNDO_MS, Undo};

use crate::contacts::{language_of, mail_about};

/// What such mails begin with, in what they are about.
pub(crate) const CHANGED: &str = "changed/";
/// Mails of them in an hour; what is changed beyond waits, and is told and taken back as one.
const MOST_AN_HOUR: usize = 6;
const HOUR_MS: u64 = 3_600_000;

/// Tells what was changed since it was told last; whether a mail was written.
pub(crate) fn tell(store: &Store, now: u64) -> Result<bool, StoreError> {
    let (told, current) = store.untold_revisions()?;
    if told == current {
        return Ok(false);
    }
    // One that went, or cannot be read any more, is nothing that anybody could go back to.
    let (Ok(before), Ok(after)) = (store.revision(told), store.revision(current)) else {
        return store.told_up_to(current).map(|()| false);
    };
    let what: Vec<Touched> = after.sensitive_changes_from(&before).into_iter().map(touched).collect();
    let to = readers(store, &before, &after)?;
    if what.is_empty() || to.is_empty() {
        return store.told_up_to(current).map(|()| false);
    }
    let undos = store.undos()?;
    if undos.iter().filter(|undo| now.abs_diff(undo.at_unix_ms) < HOUR_MS).count() >= MOST_AN_HOUR {
        return Ok(false);
    }
    let who = store.author(current)?.map(|author| author.who).unwrap_or_default();
    let letters = |back: Option<(Code, u64)>| -> Vec<NewMail> {
        let note = Note::Changed { what, who: who.clone(), back };
        let mail = |to: &&AlertContact| {
            mail_about(&after, format!("{CHANGED}{current}"), (to.address.as_str(), language_of(to)), &note, now)
        };
        to.iter().map(mail).collect()
    };
    if takes_back(&undos, (told, current)) {
        store.put_mails(letters(None))?;
        store.told_up_to(current)?;
        return Ok(true);
    }
    let until = now.saturating_add(UNDO_MS);
    store.tell_change((told, current), &who, now, |code| letters(Some((Code::new(code.reveal()), until))))?;
    Ok(true)
}

/// Whether all that was done is that one change was taken back: that is not offered to be taken back in turn.
fn takes_back(undos: &[Undo], (told, current): (u64, u64)) -> bool {
    current == told + 1 && undos.iter().any(|undo| undo.taken_back == Some(current))
}

/// Whoever is told before or after and showed that mail arrives, each once.
fn readers<'a>(store: &Store, before: &'a Office, after: &'a Office) -> Result<Vec<&'a AlertContact>, StoreError> {
    let known = store.confirmations()?;
    let confirmed: BTreeSet<_> =
        known.iter().filter(|known| known.confirmed_unix_ms.is_some()).map(|known| known.address.as_str()).collect();
    let mut met = BTreeSet::new();
    let all = after.alerts.contacts.iter().chain(&before.alerts.contacts);
    let is_reader =
        |contact: &&AlertContact| confirmed.contains(contact.address.as_str()) && met.insert(contact.address.clone());
    Ok(all.filter(is_reader).collect())
}

fn touched(sensitive: Sensitive) -> Touched {
    match sensitive {
        Sensitive::Alerts => Touched::Alerts,
        Sensitive::Trunk(name) => Touched::Trunk(name),
        Sensitive::Permit(number) => Touched::Permit(number),
        Sensitive::Rights(name) => Touched::Rights(name),
    }
}
