//! Transactions by key, and keys by fingerprint.

use hashbrown::HashTable;
use slab::Slab;

use super::matching::Fingerprint;

/// Lower bits of a key that say the slot; the rest is a serial number. Four million slots are 4 GB of transactions; 2^42
/// serials last 13 years at 10,000 requests a second.
const SLOT_BITS: u32 = 22;

/// Transactions by a key that is never used again.
#[derive(Debug)]
pub(crate) struct Table<T> {
    slots: Slab<(u64, T)>,
    serial: u64,
}

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Self { slots: Slab::new(), serial: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// A key that was never given out and names nothing.
    pub(crate) const fn unused_key(&mut self) -> u64 {
        self.serial += 1;
        self.serial << SLOT_BITS | ((1 << SLOT_BITS) - 1)
    }

    /// Puts a value in. `None` when every slot is taken.
    pub(crate) fn insert(&mut self, value: T) -> Option<u64> {
        let slot = self.slots.vacant_entry();
        let index = u64::try_from(slot.key()).ok().filter(|index| *index < (1 << SLOT_BITS) - 1)?;
        self.serial += 1;
        let key = self.serial << SLOT_BITS | index;
        slot.insert((key, value));
        Some(key)
    }

    pub(crate) fn at(&self, key: u64) -> Option<&T> {
        self.slots.get(slot_of(key)).filter(|(own, _)| *own == key).map(|(_, value)| value)
    }

    pub(crate) fn at_mut(&mut self, key: u64) -> Option<&mut T> {
        self.slots.get_mut(slot_of(key)).filter(|(own, _)| *own == key).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: u64) -> Option<T> {
        self.at(key)?;
        self.slots.try_remove(slot_of(key)).map(|(_, value)| value)
    }
}

const fn slot_of(key: u64) -> usize {
    (key & ((1 << SLOT_BITS) - 1)) as usize
}

/// Keys by fingerprint.
#[derive(Debug, Default)]
pub(crate) struct Index(HashTable<(Fingerprint, u64)>);

impl Index {
    pub(crate) fn find(&self, print: Fingerprint) -> Option<u64> {
        self.0.find(print.short(), |(other, _)| *other == print).map(|(_, key)| *key)
    }

    pub(crate) fn insert(&mut self, print: Fingerprint, key: u64) {
        self.remove(print);
        self.0.insert_unique(print.short(), (print, key), |(other, _)| other.short());
    }

    pub(crate) fn remove(&mut self, print: Fingerprint) {
        if let Ok(entry) = self.0.find_entry(print.short(), |(other, _)| *other == print) {
            entry.remove();
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_one_value_only_and_never_another_after_it() {
        let mut table = Table::new();
        let first = table.insert("first").unwrap();
        assert_eq!(table.at(first), Some(&"first"));
        assert_eq!(table.remove(first), Some("first"));
        let second = table.insert("second").unwrap();
        assert_eq!((slot_of(first), first == second), (slot_of(second), false));
        assert_eq!(table.at(first), None);
        assert_eq!(table.remove(first), None);
        assert_eq!(table.at(second), Some(&"second"));
        let unused = table.unused_key();
        assert_eq!(table.at(unused), None);
    }
}
