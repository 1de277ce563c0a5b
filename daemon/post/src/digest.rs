//! What the store knows of a period.

use centrale_alerts::{Digest, Period};
use centrale_ledger::incident::Story;
use centrale_store::{Store, StoreError};

/// Stories that are looked through: those that went on last.
const LOOKED_THROUGH: u32 = 500;
/// What a line is called that says how an incident stands.
const STORY: &str = "story";
/// What a call to outside is called in its record.
const OUTGOING: &str = "outgoing";

/// Counts what happened from one moment to another, in milliseconds since 1970 UTC.
pub(crate) fn of(store: &Store, period: Period, from: u64, until: u64) -> Result<Digest, StoreError> {
    let mut digest = Digest::new(period, from, until);
    for row in store.incidents(LOOKED_THROUGH)? {
        let lines = store.incident(&row.id)?;
        let stories = lines.iter().filter(|line| line.row.kind == STORY);
        let read =
            stories.filter_map(|line| Some((line.row.at_unix_ms, serde_json::from_str(&line.row.document).ok()?)));
        digest.add_story(&read.collect::<Vec<(u64, Story)>>());
    }
    let mut after = None;
    loop {
        let (calls, next) = store.calls_between((from, until), after)?;
        for call in calls.iter().map(|chained| &chained.call).filter(|call| call.direction == OUTGOING) {
            digest.add_call(&call.to, call.started_unix_ms, call.price.unwrap_or(0));
        }
        after = next;
        if after.is_none() {
            return Ok(digest);
        }
    }
}
