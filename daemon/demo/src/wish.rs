//! When somebody wants to call, and whom.

use std::ops::Range;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use rand::rngs::StdRng;

/// How long somebody lets it ring.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);
/// Between two wishes to call, seconds: with six who wish, a call begins every seven.
const REST: Range<u64> = 20..60;
/// The same before the first one, and while the phone cannot call yet.
const WAIT: Range<u64> = 2..12;

/// Somebody's wishes.
#[derive(Debug)]
pub(crate) struct Wishes {
    numbers: &'static [&'static str],
    /// When the next one comes.
    pub(crate) next: Instant,
    rng: StdRng,
}

impl Wishes {
    /// The wishes of somebody who calls these numbers.
    pub(crate) fn new(now: Instant, numbers: &'static [&'static str], mut rng: StdRng) -> Self {
        let next = after(now, WAIT, &mut rng);
        Self { numbers, next, rng }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next <= now
    }

    /// They cannot have it yet, and try again soon.
    pub(crate) fn wait(&mut self, now: Instant) {
        self.next = after(now, WAIT, &mut self.rng);
    }

    /// Whom they want to call now.
    pub(crate) fn draw(&mut self, now: Instant) -> &'static str {
        self.next = after(now, REST, &mut self.rng);
        self.numbers[self.rng.random_range(0..self.numbers.len())]
    }
}

fn after(now: Instant, seconds: Range<u64>, rng: &mut StdRng) -> Instant {
    now + Duration::from_secs(rng.random_range(seconds))
}
