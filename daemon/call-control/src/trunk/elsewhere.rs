//! The office's password at a provider in other hands: the answer to our REGISTER lists every contact of the account, and one
//! that is not ours and is kept alive is somebody else's (threats B-11).
//!
//! A contact that a former life of the box left behind only grows older. One that is new since the last answer, or was
//! refreshed, has somebody behind it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use centrale_sip::message::{HeaderName, NameAddr, Response};

use super::Trunk;
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
    /// Takes what an answer lists; the contact that somebody else keeps alive, if one does. What the doctor bound is nobody
    /// else's, nor is it news when it is listed for longer.
    fn take(&mut self, now: Instant, listed: Listed) -> Option<String> {
        let Listed { others: listed, of_doctor } = listed;
        let known = listed.iter().chain(&of_doctor).map(|(contact, until)| (contact.clone(), *until)).collect();
        let before = self.0.replace(known)?;
        let is_alive =
            |(contact, until): &(String, Instant)| before.get(contact).is_none_or(|then| *until > *then + TOLERANCE);
        listed.into_iter().filter(|(_, until)| *until > now).find(is_alive).map(|(contact, _)| contact)
    }
}

/// Contacts of an account that are not the trunk's, and until when each lives.
struct Listed {
    others: BTreeMap<String, Instant>,
    of_doctor: BTreeMap<String, Instant>,
}

impl Exchange {
    /// The provider took our REGISTER, or said what it has. `names_us`: whether it is known to list our Contact as we write it.
    /// How soon it is to be asked again, at most.
    pub(super) fn watch_contacts(
        &mut self,
        now: Instant,
        name: &str,
        response: &Response,
        names_us: bool,
    ) -> Option<Duration> {
        let trunk = self.trunk_mut(name)?;
        let listed = listed(now, response, trunk, names_us);
        let is_clear = listed.others.is_empty();
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

/// The contacts that are not ours. Where none is, and it is not known to be named, the provider writes ours in its own way.
fn listed(now: Instant, response: &Response, trunk: &Trunk, names_us: bool) -> Listed {
    let header = response.headers.number(&HeaderName::Expires).ok().flatten().unwrap_or_default();
    let contacts = response.headers.addresses(&HeaderName::Contact).unwrap_or_default();
    let of_doctor = |contact: &NameAddr| trunk.is_bound_by_doctor(now, contact);
    let (doctors, contacts): (Vec<_>, Vec<_>) = contacts.into_iter().partition(of_doctor);
    let unnamed = usize::from(!names_us && !contacts.iter().any(|contact| trunk.is_ours(contact)));
    let theirs = contacts.iter().filter(|contact| !trunk.is_ours(contact)).skip(unnamed).take(MOST);
    let until = |contact: &NameAddr| {
        let expires = contact.params.value("expires").and_then(|text| text.parse().ok()).unwrap_or(header);
        now + Duration::from_secs(expires.min(604_800).into())
    };
    let lives = |contact: &NameAddr| (contact.uri.to_string(), until(contact));
    Listed { others: theirs.map(lives).collect(), of_doctor: doctors.iter().map(lives).collect() }
}

/// Its user part.
pub(super) fn user(contact: &NameAddr) -> Option<&str> {
    contact.sip()?.user.as_deref()
}

impl Trunk {
    /// Whether it is the Contact under which we register.
    pub(super) fn is_ours(&self, contact: &NameAddr) -> bool {
        user(contact) == Some(self.contact_user())
    }
}
