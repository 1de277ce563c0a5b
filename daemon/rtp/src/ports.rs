//! Which UDP ports a new leg gets. The exchange owns one of these; the media thread binds what it names.
//!
//! Ports come in pairs, even for RTP and the one above for RTCP (RFC 3550 11). They are taken in random order, so that
//! nobody can aim at the next call, and rest for a cool-down after use, so that late packets of one call never meet another.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// How long a port rests after its call: longer than a phone that missed the BYE goes on sending (RFC 3261's Timer F is 32 s).
pub const COOL_DOWN: Duration = Duration::from_secs(60);

/// No pair is free. The caller refuses the call (503), or asks [`PortAllocator::allocate_for_emergency`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all {pairs} RTP port pairs are in use or resting")]
pub struct PortsExhausted {
    /// Pairs in the range.
    pub pairs: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Free,
    InUse,
    Resting,
}

/// The RTP ports of the box. Memory is taken once, at the start.
#[derive(Debug)]
pub struct PortAllocator {
    first: u16,
    slots: Vec<Slot>,
    free: Vec<u16>,
    resting: VecDeque<(Instant, u16)>,
    cool_down: Duration,
    random: StdRng,
}

impl PortAllocator {
    /// Allocates the even ports in `ports` whose odd neighbour is in it too. `seed` decides the order.
    #[must_use]
    pub fn new(ports: RangeInclusive<u16>, cool_down: Duration, seed: u64) -> Self {
        let first = ports.start().saturating_add(ports.start() % 2);
        let pairs = (u32::from(*ports.end()) + 1).saturating_sub(u32::from(first)) / 2;
        let free: Vec<u16> = (0..pairs).map(|pair| first + (pair * 2) as u16).collect();
        Self {
            first,
            slots: vec![Slot::Free; free.len()],
            resting: VecDeque::with_capacity(free.len()),
            free,
            cool_down,
            random: StdRng::seed_from_u64(seed),
        }
    }

    /// Pairs in the range, in whatever state.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.slots.len()
    }

    /// Pairs that could be taken now.
    pub fn free(&mut self, now: Instant) -> usize {
        self.wake_rested(now);
        self.free.len()
    }

    /// Takes a pair and returns its even port.
    ///
    /// # Errors
    /// [`PortsExhausted`] when every pair is in use or rests.
    pub fn allocate(&mut self, now: Instant) -> Result<u16, PortsExhausted> {
        self.wake_rested(now);
        if self.free.is_empty() {
            return Err(PortsExhausted { pairs: self.pairs() });
        }
        let at = self.random.random_range(0..self.free.len());
        let port = self.free.swap_remove(at);
        self.set(port, Slot::InUse);
        Ok(port)
    }

    /// As [`Self::allocate`], but takes the longest-rested pair rather than none: an emergency call is never refused for a
    /// cool-down.
    ///
    /// # Errors
    /// [`PortsExhausted`] when every pair is in use.
    pub fn allocate_for_emergency(&mut self, now: Instant) -> Result<u16, PortsExhausted> {
        self.allocate(now).or_else(|exhausted| {
            let (_, port) = self.resting.pop_front().ok_or(exhausted)?;
            self.set(port, Slot::InUse);
            Ok(port)
        })
    }

    /// Gives a pair back after its leg; it rests first. A pair that is not in use is left as it is.
    pub fn release(&mut self, port: u16, now: Instant) {
        let port = port & !1;
        if self.slot(port) == Some(Slot::InUse) {
            self.set(port, Slot::Resting);
            self.resting.push_back((now + self.cool_down, port));
        }
    }

    /// The operating system would not give the pair (either port of it): it rests like a used one, and is tried again then.
    pub fn refused(&mut self, port: u16, now: Instant) {
        self.release(port, now);
    }

    fn wake_rested(&mut self, now: Instant) {
        while let Some(&(rested_at, port)) = self.resting.front()
            && rested_at <= now
        {
            self.resting.pop_front();
            self.set(port, Slot::Free);
            self.free.push(port);
        }
    }

    fn index(&self, port: u16) -> Option<usize> {
        Some(usize::from(port.checked_sub(self.first)?) / 2).filter(|at| *at < self.slots.len())
    }

    fn slot(&self, port: u16) -> Option<Slot> {
        self.index(port).map(|at| self.slots[at])
    }

    fn set(&mut self, port: u16, slot: Slot) {
        if let Some(at) = self.index(port) {
            self.slots[at] = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn drained(ports: &mut PortAllocator, now: Instant) -> Vec<u16> {
        std::iter::from_fn(|| ports.allocate(now).ok()).collect()
    }

    #[test]
    fn only_even_ports_with_their_odd_neighbour_are_given() {
        for (range, expected) in [
            (10_000..=10_005, vec![10_000, 10_002, 10_004]),
            (10_001..=10_004, vec![10_002]),
            (65_534..=65_535, vec![65_534]),
            (65_535..=65_535, vec![]),
            (10_000..=10_000, vec![]),
        ] {
            let mut ports = PortAllocator::new(range.clone(), COOL_DOWN, 1);
            let mut given = drained(&mut ports, Instant::now());
            given.sort_unstable();
            assert_eq!(given, expected, "{range:?}");
        }
    }

    #[test]
    fn exhaustion_is_told_and_a_released_pair_rests_first() {
        let now = Instant::now();
        let mut ports = PortAllocator::new(10_000..=10_003, COOL_DOWN, 1);
        assert_eq!(drained(&mut ports, now).len(), 2);
        assert_eq!(ports.allocate(now), Err(PortsExhausted { pairs: 2 }));
        ports.release(10_002, now);
        assert!(ports.allocate(now + COOL_DOWN - Duration::from_millis(1)).is_err());
        assert_eq!(ports.allocate(now + COOL_DOWN), Ok(10_002));
    }

    #[test]
    fn an_emergency_call_takes_a_resting_pair_but_never_one_in_use() {
        let now = Instant::now();
        let mut ports = PortAllocator::new(10_000..=10_003, COOL_DOWN, 1);
        drained(&mut ports, now);
        ports.release(10_002, now);
        ports.release(10_000, now);
        assert_eq!(ports.allocate_for_emergency(now), Ok(10_002), "the one that rested longest");
        assert_eq!(ports.allocate_for_emergency(now), Ok(10_000));
        assert!(ports.allocate_for_emergency(now).is_err());
    }

    #[test]
    fn a_port_the_system_refused_is_not_tried_again_at_once() {
        let now = Instant::now();
        let mut ports = PortAllocator::new(10_000..=10_001, COOL_DOWN, 1);
        assert_eq!(ports.allocate(now), Ok(10_000));
        ports.refused(10_001, now);
        assert!(ports.allocate(now).is_err());
        assert_eq!(ports.allocate(now + COOL_DOWN), Ok(10_000));
    }

    #[test]
    fn another_seed_gives_another_order_and_the_same_seed_the_same() {
        let now = Instant::now();
        let order = |seed| drained(&mut PortAllocator::new(10_000..=10_999, COOL_DOWN, seed), now);
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        assert_ne!(order(7)[..3], [10_000, 10_002, 10_004]);
    }

    proptest! {
        #[test]
        fn a_pair_is_never_in_two_hands_and_never_given_before_it_rested(
            steps in prop::collection::vec((0u8..4, 0u16..40, 0u64..30), 0..300),
        ) {
            let mut now = Instant::now();
            let mut ports = PortAllocator::new(10_000..=10_019, COOL_DOWN, 3);
            let mut held = HashSet::new();
            let mut released_at = std::collections::HashMap::new();
            for (step, offset, seconds) in steps {
                now += Duration::from_secs(seconds);
                let port = 10_000 + offset / 2 * 2;
                match step {
                    0 => { if held.remove(&port) { released_at.insert(port, now); } ports.release(port, now); }
                    1 => { if held.remove(&port) { released_at.insert(port, now); } ports.refused(port + 1, now); }
                    _ => if let Ok(port) = ports.allocate(now) {
                        prop_assert!(held.insert(port), "{} given twice", port);
                        prop_assert!(released_at.get(&port).is_none_or(|at| now >= *at + COOL_DOWN));
                    } else {
                        let resting = released_at.iter().filter(|(port, at)| !held.contains(port) && now < **at + COOL_DOWN).count();
                        prop_assert_eq!(held.len() + resting, 10);
                    },
                }
            }
        }
    }
}
