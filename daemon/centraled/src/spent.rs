//! What is spent on its way back out of the store at the start.

use centrale_guard::Kept;
use centrale_store::{SpentRow, Store, StoreError};

/// What had been spent before this start.
pub(crate) fn kept(store: &Store) -> Result<Vec<Kept>, StoreError> {
    let line = |SpentRow { name, window, amount }| Kept { name, window, amount };
    Ok(store.spent()?.into_iter().map(line).collect())
}
