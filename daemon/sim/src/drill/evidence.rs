//! Whether the office is told at once of what was tried, and whether the story has what a provider's abuse desk asks for: about whom,
//! when, the evidence and the measures. On paper the service and the offset from UTC are added (`ledger`'s report).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use centrale_call_control::Incident;
use centrale_guard::incident::{About, Sample};

/// The stories of a run.
#[derive(Debug, Default)]
pub struct Stories {
    /// Each as it was told last, by its number since a start of the box.
    all: BTreeMap<(u32, u64), Incident>,
    starts: u32,
    /// How long after it happened each new kind of each story was told.
    told_after: Vec<Duration>,
    /// Stories that began before are no part of what is played.
    since: Option<Instant>,
}

impl Stories {
    /// The box tells one, or goes on with one.
    pub fn told(&mut self, now: Instant, incident: &Incident) {
        if self.since.is_some_and(|since| incident.first < since) {
            return;
        }
        let key = (self.starts, incident.number);
        let before = self.all.insert(key, incident.clone());
        let is_new = |what: &str| before.iter().all(|before| before.tried.iter().all(|(known, _)| *known != what));
        for (what, _) in incident.tried.iter().filter(|(what, _)| is_new(what)) {
            let first = incident.samples.iter().find(|sample| sample.what == *what);
            self.told_after.extend(first.map(|first| now.saturating_duration_since(first.at)));
        }
    }

    /// Stories that began by now are left aside.
    pub fn forget(&mut self, now: Instant) {
        *self = Self { starts: self.starts, since: Some(now), ..Self::default() };
    }

    /// The box starts anew, and counts its stories from one.
    pub const fn restart(&mut self) {
        self.starts += 1;
    }

    /// How long after it happened each new kind was told.
    pub fn told_after(&self) -> &[Duration] {
        &self.told_after
    }

    /// How many stories there are, and what is missing in which.
    pub fn missing(&self, from: Instant, until: Instant) -> (usize, Vec<String>) {
        let missing = self.all.values().flat_map(|incident| {
            let what = missing(incident, from, until).into_iter();
            what.map(|what| format!("{what}: {:?}, {:?}", incident.about, incident.tried))
        });
        (self.all.len(), missing.collect())
    }
}

/// What an abuse desk would ask for in vain.
fn missing(incident: &Incident, from: Instant, until: Instant) -> Vec<&'static str> {
    let whom = match &incident.about {
        About::Account(name) | About::Provider(name) => !name.is_empty(),
        About::Address(_) | About::Network(..) | About::Many => true,
    };
    let is_within = |at: &Instant| (incident.first..=incident.last).contains(at);
    let tried: u64 = incident.tried.iter().map(|(_, count)| count).sum();
    let done: u64 = incident.done.iter().map(|(_, count)| count).sum();
    let is_shown = |what: &str| incident.samples.iter().any(|sample| sample.what == what);
    let checks = [
        (whom, "about whom"),
        (from <= incident.first && incident.first <= incident.last && incident.last <= until, "from when to when"),
        (incident.samples.iter().all(|sample| is_within(&sample.at)), "when each was"),
        (tried == incident.attempts && tried > 0, "how often"),
        (done == tried, "the measures"),
        (incident.tried.iter().all(|(what, _)| is_shown(what)), "evidence of each kind"),
        (incident.samples.iter().all(|sample| is_traceable(&incident.about, sample)), "who did it, or what was called"),
    ];
    checks.into_iter().filter(|(is_there, _)| !is_there).map(|(_, what)| what).collect()
}

/// Whether a single attempt leads to somebody: from an address, by that; of an account, by what it called or from where; at a provider, by
/// whom the provider names.
fn is_traceable(about: &About, sample: &Sample) -> bool {
    match about {
        About::Address(_) | About::Network(..) | About::Many => sample.from.is_some(),
        About::Account(_) => !sample.account.is_empty() && (sample.from.is_some() || !sample.target.is_empty()),
        About::Provider(_) => !sample.target.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use centrale_guard::incident::{Attempt, Book, By, Deed};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn attempt(from: Option<&str>) -> Attempt<'static> {
        let from = from.map(|from| from.parse().unwrap());
        let by = By::Account("201");
        Attempt {
            what: "guessing",
            by,
            from,
            account: "201",
            target: "",
            device: "",
            deed: Deed::Refused,
            blocked: None,
        }
    }

    #[test]
    fn a_kind_that_is_told_late_is_late_and_one_that_goes_on_is_no_new_one() {
        let (start, mut book, mut stories) = (Instant::now(), Book::default(), Stories::default());
        book.note(start, &attempt(Some("203.0.113.1:5060")));
        stories.told(start + SECOND, &book.poll().unwrap());
        for _ in 0..20 {
            book.note(start + SECOND, &attempt(Some("203.0.113.1:5060")));
        }
        stories.told(start + 9 * SECOND, &book.poll().unwrap());
        assert_eq!(stories.told_after(), [SECOND]);
    }

    #[test]
    fn an_attempt_that_leads_to_nobody_or_was_before_the_beginning_is_no_evidence() {
        let (start, mut book, mut stories) = (Instant::now(), Book::default(), Stories::default());
        book.note(start, &attempt(None));
        stories.told(start, &book.poll().unwrap());
        let (all, missing) = stories.missing(start, start);
        assert_eq!((all, missing.len()), (1, 1), "{missing:?}");
        assert!(missing[0].starts_with("who did it"), "{missing:?}");
        assert_eq!(stories.missing(start + SECOND, start + SECOND).1.len(), 2);
    }
}
