//! What is spent on its way into the store, and back out of it at the start.

use std::sync::mpsc;

use centrale_guard::Kept;
use centrale_store::{SpentRow, Store, StoreError};

/// Writes lines in the order in which they come, on a thread of its own: a disk that is busy keeps no call waiting.
pub(crate) fn start(store: Store) -> std::io::Result<mpsc::Sender<Vec<Kept>>> {
    let (sender, batches) = mpsc::channel::<Vec<Kept>>();
    std::thread::Builder::new().name("spent".into()).spawn(move || {
        for batch in batches {
            let rows: Vec<SpentRow> = batch.into_iter().map(row_of).collect();
            if let Err(fault) = store.keep_spent(&rows) {
                tracing::error!(%fault, "what was spent could not be written down");
            }
        }
    })?;
    Ok(sender)
}

/// What had been spent before this start.
pub(crate) fn kept(store: &Store) -> Result<Vec<Kept>, StoreError> {
    let line = |SpentRow { name, window, amount }| Kept { name, window, amount };
    Ok(store.spent()?.into_iter().map(line).collect())
}

fn row_of(Kept { name, window, amount }: Kept) -> SpentRow {
    SpentRow { name, window, amount }
}
