//! What is to happen when, each thing at one time at most.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::time::Instant;

use hashbrown::HashMap;

/// Things to come, by time. Setting a thing again moves it.
#[derive(Debug)]
pub(crate) struct Agenda<K> {
    by_time: BTreeSet<(Instant, K)>,
    by_key: HashMap<K, Instant>,
}

impl<K: Ord + Hash + Clone> Agenda<K> {
    pub(crate) fn new() -> Self {
        Self { by_time: BTreeSet::new(), by_key: HashMap::new() }
    }

    pub(crate) fn set(&mut self, key: K, at: Instant) {
        self.cancel(&key);
        self.by_time.insert((at, key.clone()));
        self.by_key.insert(key, at);
    }

    pub(crate) fn cancel(&mut self, key: &K) {
        if let Some(at) = self.by_key.remove(key) {
            self.by_time.remove(&(at, key.clone()));
        }
    }

    pub(crate) fn has(&self, key: &K) -> bool {
        self.by_key.contains_key(key)
    }

    /// When it is to happen.
    pub(crate) fn at(&self, key: &K) -> Option<Instant> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.by_key.keys()
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<K> {
        let due = self.by_time.first().is_some_and(|(at, _)| *at <= now);
        let (_, key) = if due { self.by_time.pop_first()? } else { return None };
        self.by_key.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_thing_set_again_moves_and_a_cancelled_one_never_comes() {
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut agenda = Agenda::new();
        agenda.set("a", at(1));
        agenda.set("b", at(2));
        agenda.set("c", at(3));
        agenda.set("a", at(4));
        agenda.cancel(&"b");
        assert_eq!(agenda.next(), Some(at(3)));
        assert_eq!(agenda.pop_due(at(2)), None);
        assert_eq!((agenda.pop_due(at(9)), agenda.pop_due(at(9)), agenda.pop_due(at(9))), (Some("c"), Some("a"), None));
    }
}
