//! When what comes is left to gather before anybody looks again, as network cards do it (interrupt moderation): to wake up for
//! each packet, with caches that went cold meanwhile, costs more than to handle it.

use std::time::{Duration, Instant};

/// Events a second from which on there is load. An office that dials 50 times a second has 300, one that registers 200 phones a
/// second 400.
const LOAD: f64 = 2_000.0;
/// How many more than that come first: what one call brings within a millisecond, or a few phones at once, waits for nothing.
const BURST: f64 = 32.0;
/// How long events gather: the most that one waits, and far below what SIP's timers count in (T1 is 500 ms).
pub(crate) const REST: Duration = Duration::from_millis(4);

/// A bucket that events fill and time empties. While it is full there is load.
#[derive(Debug)]
pub(crate) struct Moderation {
    level: f64,
    noted: Instant,
}

impl Moderation {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { level: 0.0, noted: now }
    }

    /// Notes that so many events were found at one look, and whether they were all there were. How long the next ones are to
    /// gather; `None` to take them as they come.
    pub(crate) fn rest(&mut self, now: Instant, events: usize, all: bool) -> Option<Duration> {
        let leaked = LOAD * now.saturating_duration_since(self.noted).as_secs_f64();
        self.noted = now;
        let events = f64::from(u32::try_from(events).unwrap_or(u32::MAX));
        // It holds little more than a burst, so that the end of a load is known within some milliseconds.
        self.level = ((self.level - leaked).max(0.0) + events).min(2.0 * BURST);
        (all && self.level >= BURST).then_some(REST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks as often as `apart` says, each of which finds `events`: how many of them are followed by a rest.
    fn rests(moderation: &mut Moderation, from: &mut Instant, looks: u32, apart: Duration, events: usize) -> u32 {
        let look = |_| {
            *from += apart;
            u32::from(moderation.rest(*from, events, true).is_some())
        };
        (0..looks).map(look).sum()
    }

    fn quiet() -> (Moderation, Instant) {
        let now = Instant::now();
        (Moderation::new(now), now)
    }

    #[test]
    fn who_comes_alone_or_in_a_burst_waits_for_nothing() {
        let (mut moderation, mut now) = quiet();
        assert_eq!(
            rests(&mut moderation, &mut now, 2_000, Duration::from_micros(2_500), 1),
            0,
            "200 REGISTERs a second"
        );
        assert_eq!(rests(&mut moderation, &mut now, 1_000, Duration::from_millis(20), 6), 0, "50 calls a second");
        assert_eq!(rests(&mut moderation, &mut now, 24, Duration::from_micros(50), 1), 0, "four calls at once");
        assert_eq!(rests(&mut moderation, &mut now, 1_000, Duration::from_secs(3_600), 16), 0, "seldom");
    }

    #[test]
    fn under_load_each_look_is_followed_by_a_rest() {
        let (mut moderation, mut now) = quiet();
        let rested = rests(&mut moderation, &mut now, 1_000, Duration::from_micros(100), 1);
        assert!((955..=962).contains(&rested), "{rested}: the first of 10,000 a second are a burst");
        assert_eq!(rests(&mut moderation, &mut now, 500, REST, 40), 500, "as many again, each time those of a rest");
    }

    #[test]
    fn when_the_load_is_over_the_next_waits_for_nothing() {
        let (mut moderation, mut now) = quiet();
        assert!(rests(&mut moderation, &mut now, 500, REST, 1_000) > 0);
        assert_eq!(rests(&mut moderation, &mut now, 100, Duration::from_millis(20), 1), 0);
    }

    #[test]
    fn nobody_rests_while_more_waits_already() {
        let (mut moderation, now) = quiet();
        for look in 1..100 {
            assert_eq!(moderation.rest(now + REST * look, 32, false), None, "more was there");
        }
        assert_eq!(moderation.rest(now + REST * 100, 1, true), Some(REST));
    }
}
