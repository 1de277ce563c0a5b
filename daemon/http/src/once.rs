//! Calls that somebody allowed once although the rules of the office refuse them. Each destination is open for its person alone until
//! the call was made, for a quarter of an hour at most, and is then shut again by the box. A box that is started anew meanwhile shuts
//! it with the end of the day, which is written into the permit.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use centrale_config::{Change, OwnPermit};
use centrale_store::CallRow;

use crate::asker::{Asker, in_the_name_of};
use crate::clock;
use crate::edge::Edge;
use crate::problem::Refused;

/// For how long a destination is open.
pub(crate) const OPEN_FOR: Duration = Duration::from_secs(15 * 60);
/// Destinations that are open so at once, in the whole office.
const MOST: usize = 32;
/// Kinds of numbers that can be allowed once. What costs the caller extra is decided with the other rules alone.
const KINDS: [&str; 4] = ["local", "national", "mobile", "international"];

/// Whether this is a call to outside that the rules of the office refused, and that may be allowed once.
pub(crate) fn is_allowable(row: &CallRow) -> bool {
    let is_refused = row.direction == "outgoing" && row.outcome == "blocked" && row.status == 403;
    is_refused && !row.emergency && !row.spoofed && row.class.as_deref().is_some_and(|class| KINDS.contains(&class))
}

/// A destination that is open for a person.
#[derive(Debug)]
struct Allowed {
    person: String,
    number: String,
    /// The last day, as the permit has it.
    until: String,
    ends: Instant,
    by: Arc<Asker>,
}

/// All that are open.
#[derive(Debug, Default)]
pub(crate) struct Once {
    open: Vec<Allowed>,
}

impl Once {
    /// Whether another one may be opened.
    fn has_room(&self) -> bool {
        self.open.len() < MOST
    }

    /// A call was made: it was the one that was allowed, if so. Whether it was.
    fn made(&mut self, now: Instant, person: &str, number: &str) -> bool {
        let mut open = self.open.iter_mut();
        let made = open.find(|one| one.person == person && one.number == number);
        made.map(|one| one.ends = now).is_some()
    }

    /// When the next one is over.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.open.iter().map(|one| one.ends).min()
    }

    fn take_over(&mut self, now: Instant) -> Vec<Allowed> {
        self.open.extract_if(.., |one| one.ends <= now).collect()
    }
}

impl Edge {
    pub(crate) fn once<T>(&self, look: impl FnOnce(&mut Once) -> T) -> T {
        look(&mut self.0.once.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Opens a destination for a person, until the call was made. `today` is the office's day.
    pub(crate) async fn allow_once(&self, by: Arc<Asker>, row: &CallRow, today: String) -> Result<u64, Refused> {
        let (person, number) = (row.from.clone(), row.to.clone());
        if !self.once(|once| once.has_room()) {
            let detail = format!("{MOST} calls are allowed already that were not made yet");
            return Err(Refused::new(StatusCode::CONFLICT, "allowed-too-many", detail));
        }
        let mut desk = self.0.desk.lock().await;
        let known = desk.office.people.iter().find(|one| one.number.as_str() == person);
        let mut permit = known.ok_or_else(Refused::not_found)?.permit.clone();
        if permit.opened.iter().any(|opened| number.starts_with(&opened.prefix) && opened.until.to_string() >= today) {
            return Err(Refused::new(StatusCode::CONFLICT, "allowed-already", "this person may call there already"));
        }
        let opened = centrale_config::Opened::read(&number, &today);
        permit.opened.push(opened.map_err(|_| not_allowable())?);
        let revision = self.change_at(&mut desk, permit_of(&person, &permit)).await?;
        let ends = clock::moment().now + OPEN_FOR;
        self.once(|once| once.open.push(Allowed { person, number, until: today, ends, by }));
        self.0.timeouts_moved.notify_one();
        Ok(revision)
    }

    /// A call is over, or was refused: one that was allowed once is not allowed a second time.
    pub(crate) fn note_made(&self, row: &CallRow) {
        let is_made = row.direction == "outgoing" && row.outcome != "blocked";
        if is_made && self.once(|once| once.made(clock::moment().now, &row.from, &row.to)) {
            self.0.timeouts_moved.notify_one();
        }
    }

    /// Shuts what was open for long enough, in the name of whoever opened it.
    pub(crate) async fn shut_what_is_over(&self) {
        for Allowed { person, number, until, by, .. } in self.once(|once| once.take_over(clock::moment().now)) {
            let asker = Arc::clone(&by);
            in_the_name_of(asker, self.shut(&person, &number, &until)).await;
            self.note_from(by.source, &by.user.name, "allowed-call-over", format!("{person} {number}")).await;
        }
    }

    async fn shut(&self, person: &str, number: &str, until: &str) {
        let mut desk = self.0.desk.lock().await;
        let Some(known) = desk.office.people.iter().find(|one| one.number.as_str() == person) else { return };
        let mut permit = known.permit.clone();
        permit.opened.retain(|opened| opened.prefix != number || opened.until.to_string() != until);
        if permit.opened.len() == known.permit.opened.len() {
            return;
        }
        if self.change_at(&mut desk, permit_of(person, &permit)).await.is_err() {
            tracing::error!("what was allowed once stays open to the end of the day");
        }
    }
}

/// Why a call cannot be allowed once.
pub(crate) fn not_allowable() -> Refused {
    let detail = "only a call to an ordinary number that the rules of the office refused can be allowed once";
    Refused::new(StatusCode::CONFLICT, "not-allowable", detail)
}

fn permit_of(person: &str, OwnPermit { rights, reach, premium, opened }: &OwnPermit) -> Change {
    Change::SetPermit {
        number: person.to_owned(),
        rights: rights.clone(),
        calls: reach.map(|reach| reach.word().to_owned()),
        premium: *premium,
        opened: opened.iter().map(|one| (one.prefix.clone(), one.until.to_string())).collect(),
    }
}
