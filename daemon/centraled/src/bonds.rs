//! The devices of accounts on their way into the store, and back out of it at the start.

use std::sync::mpsc;

use centrale_call_control::{Bound, Place, Sighting};
use centrale_store::{BondRow, Store, StoreError};

/// Writes what becomes of them in the order in which it comes, on a thread of its own: a disk that is busy keeps no phone
/// waiting.
pub(crate) fn start(store: Store) -> std::io::Result<mpsc::Sender<Bound>> {
    let (sender, news) = mpsc::channel::<Bound>();
    std::thread::Builder::new().name("bonds".into()).spawn(move || {
        for bound in news {
            let kept = match bound {
                Bound::To(account, seen) => store.keep_bond(&row_of(account, seen), crate::time::unix_ms()),
                Bound::Forgotten(account) => store.forget_bonds(&account),
            };
            if let Err(fault) = kept {
                tracing::error!(%fault, "a device of an account could not be written down");
            }
        }
    })?;
    Ok(sender)
}

/// The devices of every account before this start.
pub(crate) fn kept(store: &Store) -> Result<Vec<(String, Sighting)>, StoreError> {
    let bond = |BondRow { account, family, instance, place }| {
        (account, Sighting { family, instance, place: Place::named(&place) })
    };
    Ok(store.bonds()?.into_iter().map(bond).collect())
}

fn row_of(account: String, seen: Sighting) -> BondRow {
    BondRow { account, family: seen.family, instance: seen.instance, place: seen.place.to_string() }
}
