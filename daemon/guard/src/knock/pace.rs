//! How fast somebody sends.

use std::time::Instant;

use super::bucket::Bucket;
use super::thresholds as most;

/// What comes from somewhere, and how much of it came too fast.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pub(super) bucket: Bucket,
    pub(super) excess: u32,
}

impl Pace {
    /// Counts a packet. When it comes too fast: whether so many did by now that they are a flood. Counted anew from then.
    pub(super) fn take(&mut self, now: Instant, rate: (u32, u32)) -> Option<bool> {
        if self.bucket.take(now, rate) {
            return None;
        }
        self.excess = self.excess.saturating_add(1);
        let is_flood = self.excess >= most::EXCESS;
        if is_flood {
            self.excess = 0;
        }
        Some(is_flood)
    }
}
