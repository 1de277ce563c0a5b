//! The devices of accounts on their way into the store, and back out of it at the start.

use std::sync::mpsc;

use centrale_call_control::{Bound, Place, Sighting};
use centrale_store::{BondRow, Store, StoreError};

use crate::disk_thread::{self, Over};

/// Writes what becomes of them in the order in which it comes, on a thread of its own.
pub(crate) fn start(store: Store) -> std::io::Result<(mpsc::Sender<Bound>, Over)> {
    disk_thread::writer("bonds", "a device of an account could not be written down", move |bound| match bound {
        Bound::To(account, seen) => store.keep_bond(&row_of(account, seen), crate::time::unix_ms()),
        Bound::Copied(account, name) => store.keep_copied(&account, &name),
        Bound::Forgotten(account) => store.forget_bonds(&account),
    })
}

/// The devices of every account before this start.
pub(crate) fn kept(store: &Store) -> Result<Vec<Bound>, StoreError> {
    let bond = |BondRow { account, family, instance, place }| {
        Bound::To(account, Sighting { family, instance, place: Place::named(&place) })
    };
    let copied = store.copied()?.into_iter().map(|(account, name)| Bound::Copied(account, name));
    Ok(store.bonds()?.into_iter().map(bond).chain(copied).collect())
}

fn row_of(account: String, seen: Sighting) -> BondRow {
    BondRow { account, family: seen.family, instance: seen.instance, place: seen.place.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_that_was_told_of_is_written_before_the_store_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (sender, over) = start(store.clone()).unwrap();
        for number in 201..251 {
            let seen = Sighting { family: "Yealink".into(), instance: None, place: Place::Office };
            sender.send(Bound::To(number.to_string(), seen)).unwrap();
        }
        let copied = |account: &str| Bound::Copied(account.into(), "<urn:uuid:1>".into());
        sender.send(copied("201")).unwrap();
        sender.send(copied("202")).unwrap();
        sender.send(Bound::Forgotten("201".into())).unwrap();
        drop(sender);
        over.blocking_recv().unwrap();
        store.close();
        let kept = kept(&Store::open(folder.path()).unwrap()).unwrap();
        assert_eq!((kept.len(), kept.last()), (50, Some(&copied("202"))));
    }
}
