//! Floods of very short calls: a machine that rings and hangs up at once, many times a minute.
//!
//! A call that is refused, or not answered, is none of them, however soon: who dials a busy number again and again is a person.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use centrale_numbering::Class;

use crate::reject::Reject;

/// An answered call shorter than this, or one that its caller gave up so soon, is a flash.
const FLASH: Duration = Duration::from_millis(500);
/// In which time they are counted.
const MINUTE: Duration = Duration::from_secs(60);
/// How many are too many: to numbers that cost extra, and to all others.
const MOST_DEAR: usize = 5;
const MOST: usize = 20;
/// For how long calls of that kind are refused to that person then.
const HELD: Duration = Duration::from_secs(3_600);

/// A person and a kind of number.
type Pair = (String, Class);

/// Who makes very short calls, and who may not call for a while for that.
#[derive(Debug, Default)]
pub struct Flashes {
    seen: BTreeMap<Pair, VecDeque<Instant>>,
    held: BTreeMap<Pair, Instant>,
}

impl Flashes {
    /// A call to outside is over: it was answered or given up by its caller, and lasted so long from then, or until then.
    /// Whether it is the one that is too many.
    pub fn note(&mut self, now: Instant, person: &str, class: Class, lasted: Duration) -> bool {
        if lasted >= FLASH {
            return false;
        }
        let pair = (person.to_owned(), class);
        let seen = self.seen.entry(pair.clone()).or_default();
        seen.push_back(now);
        seen.retain(|at| now.saturating_duration_since(*at) < MINUTE);
        if seen.len() < most(class) {
            return false;
        }
        self.seen.remove(&pair);
        self.held.insert(pair, now + HELD).is_none()
    }

    /// Forgets whose number is nobody's any more: who has it next is another.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.seen.retain(|(person, _), _| is_there(person));
        self.held.retain(|(person, _), _| is_there(person));
    }

    /// Whether that person may call that kind of number now.
    ///
    /// # Errors
    /// There were too many very short ones within the hour.
    pub fn allow(&self, now: Instant, person: &str, class: Class) -> Result<(), Reject> {
        let held = self.held.get(&(person.to_owned(), class));
        if held.is_some_and(|until| now < *until) { Err(Reject::FLASHES) } else { Ok(()) }
    }

    /// Who may not make some kind of call now. What is over is forgotten.
    pub fn held(&mut self, now: Instant) -> impl Iterator<Item = &str> {
        self.held.retain(|_, until| now < *until);
        self.seen.retain(|_, seen| seen.back().is_some_and(|at| now.saturating_duration_since(*at) < MINUTE));
        self.held.keys().map(|(person, _)| person.as_str())
    }

    /// When the first of them may call again.
    pub fn until(&self) -> Option<Instant> {
        self.held.values().min().copied()
    }
}

/// How many of that kind in a minute are too many.
const fn most(class: Class) -> usize {
    if class.costs_extra() { MOST_DEAR } else { MOST }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    /// Calls of 200 ms every two seconds: how many are made before one is refused.
    fn made(flashes: &mut Flashes, mut now: Instant, class: Class) -> usize {
        for made in 0..100 {
            if flashes.allow(now, "201", class).is_err() {
                return made;
            }
            flashes.note(now, "201", class, SHORT);
            now += Duration::from_secs(2);
        }
        100
    }

    #[test]
    fn a_020_flash_calls_to_numbers_that_cost_extra_are_stopped_by_the_sixth_and_others_by_the_21st_for_an_hour() {
        let (mut flashes, now) = (Flashes::default(), Instant::now());
        assert_eq!(made(&mut flashes, now, Class::PremiumPerMinute), 5);
        assert_eq!(made(&mut flashes, now, Class::National), 20);
        let later = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(flashes.allow(later(3_600), "201", Class::PremiumPerMinute), Err(Reject::FLASHES));
        assert_eq!(flashes.allow(later(60), "202", Class::PremiumPerMinute), Ok(()), "nobody else is");
        assert_eq!(flashes.allow(later(60), "201", Class::Mobile), Ok(()), "and no other kind of call");
        assert_eq!(flashes.held(later(60)).collect::<Vec<_>>(), ["201", "201"]);
        assert_eq!(flashes.allow(later(3_700), "201", Class::PremiumPerMinute), Ok(()));
        assert_eq!(flashes.held(later(3_700)).count(), 0);
    }

    #[test]
    fn a_020_a_receptionist_who_dials_again_and_again_is_not_stopped() {
        let (mut flashes, mut now) = (Flashes::default(), Instant::now());
        for _ in 0..100 {
            // Three a minute that are given up at once, and others that last a second.
            flashes.note(now, "201", Class::PremiumPerMinute, SHORT);
            flashes.note(now, "201", Class::National, Duration::from_secs(1));
            now += Duration::from_secs(20);
            assert_eq!(flashes.allow(now, "201", Class::PremiumPerMinute), Ok(()));
            assert_eq!(flashes.allow(now, "201", Class::National), Ok(()));
        }
    }
}
