//! A window of packet indices already seen (RFC 3711 3.3.2), in sixteen bytes.

/// How far back a packet may come late, in packets (RFC 3711 3.3.2 asks for at least 64).
pub(crate) const WINDOW_PACKETS: u64 = 64;

/// Remembers the highest index and which of the 64 up to it were seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplayWindow {
    highest: u64,
    seen: u64,
}

impl ReplayWindow {
    /// A window in which `index` has been seen.
    pub(crate) fn starting_at(index: u64) -> Self {
        Self { highest: index, seen: 1 }
    }

    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether `index` is neither seen nor too old to tell.
    pub(crate) fn is_fresh(&self, index: u64) -> bool {
        match self.highest.checked_sub(index) {
            None => true,
            Some(age) => age < WINDOW_PACKETS && self.seen & (1 << age) == 0,
        }
    }

    /// Records `index`, which [`Self::is_fresh`] has allowed and whose packet has proven authentic.
    pub(crate) fn mark(&mut self, index: u64) {
        match index.checked_sub(self.highest) {
            Some(ahead) => {
                self.seen = if ahead < WINDOW_PACKETS { self.seen << ahead | 1 } else { 1 };
                self.highest = index;
            }
            None => self.seen |= 1 << (self.highest - index).min(WINDOW_PACKETS - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn late_packets_pass_once_and_older_ones_never() {
        let mut window = ReplayWindow::starting_at(100);
        assert!(!window.is_fresh(100));
        window.mark(163);
        assert!(window.is_fresh(162) && window.is_fresh(101));
        assert!(!window.is_fresh(100), "seen, and at the very edge");
        window.mark(101);
        assert!(!window.is_fresh(101));
        window.mark(165);
        assert!(!window.is_fresh(101), "fallen out of the window");
        assert_eq!(window.highest(), 165);
    }

    proptest! {
        #[test]
        fn no_index_is_ever_accepted_twice(steps in prop::collection::vec(0u64..300, 1..200)) {
            let mut window = ReplayWindow::starting_at(0);
            let mut accepted = HashSet::from([0]);
            for index in steps {
                if window.is_fresh(index) {
                    prop_assert!(accepted.insert(index));
                    window.mark(index);
                } else {
                    prop_assert!(accepted.contains(&index) || index + WINDOW_PACKETS <= window.highest());
                }
            }
        }
    }
}
