//! The same choices in every run.

/// A generator with a seed (xorshift64*, Vigna 2014): good enough to choose spellings, and needs nothing.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn of(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `sides`.
    pub(super) fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).expect("31 bits fit") % sides
    }

    /// One of several.
    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.throw(of.len())]
    }

    /// Yes, once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.throw(times) == 0
    }

    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.one(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])).collect()
    }
}
