//! A token bucket: so many a second, and so many at once.

use std::time::Instant;

/// Tokens in thousandths. It is full when it is first asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bucket {
    filled: Option<(Instant, u64)>,
}

impl Bucket {
    /// Takes one token; false when there is none.
    pub(super) fn take(&mut self, now: Instant, (rate, burst): (u32, u32)) -> bool {
        let full = u64::from(burst) * 1_000;
        let (since, tokens) = self.filled.unwrap_or((now, full));
        let millis = u64::try_from(now.saturating_duration_since(since).as_millis()).unwrap_or(u64::MAX);
        let tokens = tokens.saturating_add(millis.saturating_mul(rate.into())).min(full);
        // Fractions of a millisecond are kept by not moving the clock.
        let since = if millis > 0 { now } else { since };
        let taken = tokens >= 1_000;
        self.filled = Some((since, if taken { tokens - 1_000 } else { tokens }));
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let (start, mut bucket) = (Instant::now(), Bucket::default());
        let at = |bucket: &mut Bucket, millis| bucket.take(start + Duration::from_millis(millis), (20, 60));
        assert_eq!((0..100).filter(|_| at(&mut bucket, 0)).count(), 60);
        assert_eq!((0..100).filter(|_| at(&mut bucket, 1_000)).count(), 20);
        assert_eq!((0..1_000).filter(|more| at(&mut bucket, 1_000 + more)).count(), 19);
    }
}
