//! What was stopped in the last day, as one story.

use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);
const HOURS: usize = 24;

/// How many attempts were stopped in the last 24 hours, and how many sources were blocked for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Packets that were an attempt, or came from who was blocked for one.
    pub attempts: u64,
    /// Blocks of addresses and flows.
    pub blocks: u64,
}

/// The last 24 hours, an hour each.
#[derive(Debug, Default)]
pub(super) struct Day {
    began: Option<Instant>,
    hour: u64,
    hours: [Tally; HOURS],
}

impl Day {
    fn turn(&mut self, now: Instant) -> usize {
        let began = *self.began.get_or_insert(now);
        let hour = now.saturating_duration_since(began).as_secs() / HOUR.as_secs();
        let passed = hour.saturating_sub(self.hour).min(HOURS as u64);
        for later in 1..=passed {
            self.hours[slot(self.hour + later)] = Tally::default();
        }
        if passed == HOURS as u64 {
            self.hours = [Tally::default(); HOURS];
        }
        self.hour = self.hour.max(hour);
        slot(self.hour)
    }

    pub(super) fn note(&mut self, now: Instant, is_block: bool) {
        let slot = self.turn(now);
        self.hours[slot].attempts += 1;
        self.hours[slot].blocks += u64::from(is_block);
    }

    pub(super) fn tally(&mut self, now: Instant) -> Tally {
        self.turn(now);
        let add = |sum: Tally, hour: &Tally| Tally {
            attempts: sum.attempts + hour.attempts,
            blocks: sum.blocks + hour.blocks,
        };
        self.hours.iter().fold(Tally::default(), add)
    }
}

fn slot(hour: u64) -> usize {
    usize::try_from(hour % HOURS as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_later_nothing_is_told_of_any_more() {
        let (start, mut day) = (Instant::now(), Day::default());
        day.note(start, true);
        day.note(start + 2 * HOUR, false);
        assert_eq!(day.tally(start + 23 * HOUR), Tally { attempts: 2, blocks: 1 });
        assert_eq!(day.tally(start + 24 * HOUR), Tally { attempts: 1, blocks: 0 });
        assert_eq!(day.tally(start + 1_000 * HOUR), Tally::default());
    }
}
