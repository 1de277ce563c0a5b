//! The office's password at a provider in other hands: the answer to our REGISTER lists every contact of the account, and one
//! that is not ours and is kept alive is somebody else's (threats B-11).
//!
//! A contact that a former life of the box left behind only grows older. One that is new since the last answer, or was
//! refreshed, has somebody behind it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use centrale_sip::message::{HeaderName, NameAddr, Response};

use centrale_alg::active::is_bound_by_probe;

use crate::exchange::Exchange;

/// While a contact is listed that may be a leftover of ours it is looked at again this soon.
const LOOK_AGAIN: Duration = Duration::from_secs(45);
/// A provider's clock, and ours, count an expiry this differently.
const TOLERANCE: Duration = Duration::from_secs(5);
/// As many contacts of one answer are looked at.
const MOST: usize = 16;

/// Contacts of an account besides ours, and until when each lives; `None` before the first answer.
#[derive(Debug, Default)]
pub(crate) struct Others(Option<BTreeMap<String, Instant>>);

impl Others {
    /// Takes what an answer lists; the contact that somebody else keeps alive, if one does.
    fn take(&mut self, now: Instant, listed: BTreeMap<String, Instant>) -> Option<String> {
        let before = self.0.replace(listed.clone());
        let before = before?;
        let is_alive =
            |(contact, until): &(String, Instant)| before.get(contact).is_none_or(|then| *until > *then + TOLERANCE);
        listed.into_iter().filter(|(_, until)| *until > now).find(is_alive).map(|(contact, _)| contact)
    }
}

impl Exchange {
    /// The provider took our REGISTER. How soon it is to be asked again, at most.
    pub(super) fn watch_contacts(&mut self, now: Instant, name: &str, response: &Response) -> Option<Duration> {
        let trunk = self.trunk_mut(name)?;
        let listed = others(now, response, trunk.contact_user());
        let is_clear = listed.is_empty();
        if let Some(contact) = trunk.registration.others.take(now, listed) {
            self.note_used_elsewhere(now, name, &contact);
            return None;
        }
        if is_clear {
            self.solve_used_elsewhere(name);
        }
        (!is_clear).then_some(LOOK_AGAIN)
    }
}

/// The contacts that are not ours. Where none is, the provider writes ours in its own way.
fn others(now: Instant, response: &Response, ours: &str) -> BTreeMap<String, Instant> {
    let header = response.headers.number(&HeaderName::Expires).ok().flatten().unwrap_or_default();
    let contacts = response.headers.addresses(&HeaderName::Contact).unwrap_or_default();
    let is_ours = |contact: &NameAddr| {
        let user = contact.sip().and_then(|uri| uri.user.as_deref());
        user.is_some_and(|user| user == ours || is_bound_by_probe(user))
    };
    let unnamed = usize::from(!contacts.iter().any(is_ours));
    let theirs = contacts.iter().filter(|contact| !is_ours(contact)).skip(unnamed).take(MOST);
    let until = |contact: &NameAddr| {
        let expires = contact.params.value("expires").and_then(|text| text.parse().ok()).unwrap_or(header);
        now + Duration::from_secs(expires.min(604_800).into())
    };
    theirs.map(|contact| (contact.uri.to_string(), until(contact))).collect()
}
