//! What somebody stopped, back out of the store at the start.

use centrale_call_control::{Command, Pressed, Stop};
use centrale_store::{Store, StoreError};

/// Every stop that was on before this start, as it was pressed then.
pub(crate) fn in_force(store: &Store) -> Result<Vec<Command>, StoreError> {
    let rows = store.stops_in_force()?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let Some(stop) = Stop::of_word(&row.stop) else {
                tracing::error!(stop = row.stop, "nobody knows what was stopped");
                return None;
            };
            Some(Command::Stop { stop, pressed: Pressed { by: row.who, at_unix_ms: row.at_unix_ms } })
        })
        .collect())
}
