//! Phones that knock at an address of the box at which strangers hear nothing: home workers' and mobile ones, whose people do
//! not know why nobody can be called.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::message::{Message, Method, scan_datagram};

use crate::door::user_of;
use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// Somebody registers there in the name of a phone of the office. About its person; the detail is the box's address. It proves nothing: it
/// may be anybody, so it is no more than a note, and no mail.
const USE_NOT_HEARD: &str = "use-not-heard";
/// It is said for this long after the last one: as long as the usual phone waits at most.
const LASTS: Duration = Duration::from_secs(3600);
/// At most one packet in this time is looked into: whoever sends thousands costs no more than that.
const BETWEEN: Duration = Duration::from_millis(100);

/// Whose phones are not heard, and when each was last; no more people than are in the office.
#[derive(Debug, Default)]
pub(crate) struct NotHeard {
    people: BTreeMap<String, Instant>,
    looked: Option<Instant>,
}

impl Exchange {
    /// A packet was dropped at that address of the box without a word.
    pub(crate) fn note_not_heard(&mut self, now: Instant, at: IpAddr, bytes: &Bytes) {
        let is_soon = self.door.not_heard.looked.is_some_and(|looked| now < looked + BETWEEN);
        if is_soon || !bytes.trim_ascii_start().starts_with(b"REGISTER ") {
            return;
        }
        self.door.not_heard.looked = Some(now);
        let Ok(Message::Request(request)) = scan_datagram(bytes) else { return };
        if request.method != Method::REGISTER {
            return;
        }
        let Some(login) = self.directory.login(&user_of(&request)) else { return };
        let person = login.number().to_string();
        if self.door.not_heard.people.insert(person.clone(), now).is_none() {
            let (code, severity, detail) = (USE_NOT_HEARD.to_owned(), Severity::Note, at.to_canonical().to_string());
            self.live.raise(ProblemView { code, subject: person, severity, detail });
        }
    }

    /// The clock on the wall went on: who knocks no more, or is gone, is forgotten.
    pub(crate) fn forget_not_heard(&mut self, now: Instant) {
        let directory = &self.directory;
        let is_there = |person: &str| directory.office().people.iter().any(|one| one.number.as_str() == person);
        self.door.not_heard.people.retain(|person, last| now < *last + LASTS && is_there(person));
        let people = &self.door.not_heard.people;
        self.live.retain_problems(USE_NOT_HEARD, |person| people.contains_key(person));
    }
}
