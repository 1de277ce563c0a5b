//! The timers of all transactions in one heap. Setting is O(log n); nothing is ever searched: an alarm that no longer counts
//! is recognised when it comes to the top.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::timer::Timer;

/// One alarm of one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry<K> {
    pub(crate) at: Instant,
    serial: u64,
    pub(crate) owner: K,
    pub(crate) timer: Timer,
}

/// See the module's opening.
#[derive(Debug)]
pub(crate) struct TimerQueue<K> {
    heap: BinaryHeap<Reverse<Entry<K>>>,
    serial: u64,
}

impl<K: Copy + Ord> TimerQueue<K> {
    pub(crate) const fn new() -> Self {
        Self { heap: BinaryHeap::new(), serial: 0 }
    }

    /// Two alarms for one moment go off in the order in which they were set.
    pub(crate) fn set(&mut self, at: Instant, owner: K, timer: Timer) {
        self.serial += 1;
        self.heap.push(Reverse(Entry { at, serial: self.serial, owner, timer }));
    }

    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// Takes the first alarm when it is due.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Entry<K>> {
        let due = self.heap.peek().is_some_and(|Reverse(entry)| entry.at <= now);
        if due { self.heap.pop().map(|Reverse(entry)| entry) } else { None }
    }

    /// Drops alarms from the top until one counts, so that [`TimerQueue::next_at`] is never the time of a dead one.
    pub(crate) fn prune(&mut self, counts: impl Fn(&Entry<K>) -> bool) {
        while let Some(Reverse(entry)) = self.heap.peek()
            && !counts(entry)
        {
            self.heap.pop();
        }
    }
}
