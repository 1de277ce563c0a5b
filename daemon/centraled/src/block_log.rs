//! How often the log speaks of blocks: a flood of made-up senders must not fill it, nor keep the exchange busy with it.

use std::time::{Duration, Instant};

/// Between two lines.
const PAUSE: Duration = Duration::from_secs(10);

/// What was not written yet.
#[derive(Debug, Default)]
pub(crate) struct BlockLog {
    written: Option<Instant>,
    unwritten: u64,
}

impl BlockLog {
    /// A block was made. Whether it may have its own line; it is counted when not.
    pub(crate) fn note(&mut self, now: Instant) -> bool {
        let may = self.may_write(now) && self.unwritten == 0;
        if may {
            self.written = Some(now);
        } else {
            self.unwritten += 1;
        }
        may
    }

    /// How many had no line, when it is time for one about all of them.
    pub(crate) fn take(&mut self, now: Instant) -> Option<u64> {
        if self.unwritten == 0 || !self.may_write(now) {
            return None;
        }
        self.written = Some(now);
        Some(std::mem::take(&mut self.unwritten))
    }

    fn may_write(&self, now: Instant) -> bool {
        self.written.is_none_or(|at| now.saturating_duration_since(at) >= PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_blocks_is_one_line_and_then_one_in_ten_seconds_with_their_number() {
        let (start, mut log) = (Instant::now(), BlockLog::default());
        let lines = (0..50_000_u64).filter(|number| log.note(start + Duration::from_micros(*number))).count();
        assert_eq!(lines, 1);
        assert_eq!(log.take(start + PAUSE - Duration::from_secs(1)), None);
        assert_eq!(log.take(start + PAUSE), Some(49_999));
        assert_eq!(log.take(start + PAUSE * 2), None, "nothing happened since");
        assert!(log.note(start + PAUSE * 2));
    }
}
