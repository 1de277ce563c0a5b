//! Distinct things of the last while.

use std::time::{Duration, Instant};

/// A few names as numbers, each with when it was seen last. Bounded: the oldest goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent(Vec<(u64, Instant)>);

impl Recent {
    /// Notes one. Whether it was not there.
    pub(super) fn note(&mut self, now: Instant, window: Duration, most: usize, one: u64) -> bool {
        if let Some(known) = self.0.iter_mut().find(|(known, _)| *known == one) {
            let before = std::mem::replace(known, (one, now));
            return !is_within(now, window)(&before);
        }
        self.forget(now, window);
        if self.0.len() >= most
            && let Some(oldest) = (0..self.0.len()).min_by_key(|at| self.0[*at].1)
        {
            self.0.swap_remove(oldest);
        }
        self.0.push((one, now));
        true
    }

    /// Notes one without making a known one younger. Whether it was not there.
    pub(super) fn begin(&mut self, now: Instant, window: Duration, most: usize, one: u64) -> bool {
        !self.has(now, window, one) && self.note(now, window, most, one)
    }

    fn forget(&mut self, now: Instant, window: Duration) {
        self.0.retain(is_within(now, window));
    }

    pub(super) fn count(&self, now: Instant, window: Duration) -> usize {
        let is_within = is_within(now, window);
        self.0.iter().filter(|one| is_within(one)).count()
    }

    /// How many were noted at least so long ago.
    pub(super) fn count_older(&self, now: Instant, window: Duration, age: Duration) -> usize {
        let ages = self.0.iter().map(|(_, at)| now.saturating_duration_since(*at));
        ages.filter(|passed| *passed < window && *passed >= age).count()
    }

    pub(super) fn has(&self, now: Instant, window: Duration, one: u64) -> bool {
        self.0.iter().any(|(known, at)| *known == one && now.saturating_duration_since(*at) < window)
    }

    pub(super) fn remove(&mut self, one: u64) {
        self.0.retain(|(known, _)| *known != one);
    }

    pub(super) fn clear(&mut self) {
        self.0 = Vec::new();
    }
}

/// Whether one was seen in the last while. The beginning of that is worked out once: there may be hundreds to compare with it.
fn is_within(now: Instant, window: Duration) -> impl Fn(&(u64, Instant)) -> bool {
    let begin = now.checked_sub(window);
    move |(_, at)| begin.is_none_or(|begin| *at > begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(600);

    #[test]
    fn the_same_thing_counts_once_and_is_forgotten_after_the_window() {
        let (start, mut recent) = (Instant::now(), Recent::default());
        assert!(recent.note(start, WINDOW, 8, 1));
        assert!(!recent.note(start, WINDOW, 8, 1));
        assert_eq!(recent.count(start, WINDOW), 1);
        assert!(recent.note(start + WINDOW, WINDOW, 8, 1));
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_the_oldest_goes() {
        let (start, mut recent) = (Instant::now(), Recent::default());
        for one in 0..100 {
            recent.note(start + Duration::from_millis(one), WINDOW, 4, one);
        }
        assert_eq!(recent.count(start, WINDOW), 4);
        assert!(recent.has(start, WINDOW, 99) && !recent.has(start, WINDOW, 95));
    }

    #[test]
    fn what_was_begun_keeps_its_age() {
        let (start, mut recent) = (Instant::now(), Recent::default());
        recent.begin(start, WINDOW, 4, 1);
        recent.begin(start + Duration::from_secs(3), WINDOW, 4, 1);
        assert_eq!(recent.count_older(start + Duration::from_secs(5), WINDOW, Duration::from_secs(4)), 1);
    }
}
