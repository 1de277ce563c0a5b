//! Calls that last, as far as they are known: should the box stop without a word, they become records at its next start.
//!
//! What is kept here is not in the chain and may change; it goes when the record is written, in the same transaction. So each
//! call is in the chain once. A column of the record is a row, so the tables of records need no twin.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Transaction, params};

use crate::calls::{self, CallRow};
use crate::legs::{self, LegRow};
use crate::{Store, StoreError};

/// What is kept of a call, by part (0 is the call, then its legs) and column.
type Parts = BTreeMap<i64, BTreeMap<String, Value>>;

impl Store {
    /// Keeps these calls as they would be written down now, each in place of what was kept under its id.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_open_calls(&self, open: &[CallRow]) -> Result<(), StoreError> {
        let open = open.to_vec();
        self.keeper().write(move |tx| open.iter().try_for_each(|call| keep(tx, call)))
    }

    /// Writes down every call that was still kept, and gives how many: for the start, when none can last any more.
    ///
    /// # Errors
    /// When the database cannot be read or written. Nothing is written then.
    pub fn end_open_calls(&self) -> Result<usize, StoreError> {
        self.keeper().write(|tx| {
            let mut calls: Vec<Parts> = read(tx)?.into_values().collect();
            // In the order in which they would have been written.
            calls.sort_by_key(|parts| match parts.get(&0).and_then(|call| call.get("ended_ms")) {
                Some(Value::Integer(ended)) => *ended,
                _ => 0,
            });
            let written = calls.len();
            for parts in calls {
                write_down(tx, parts)?;
            }
            tx.execute("DELETE FROM open_calls", [])?;
            Ok(written)
        })
    }
}

/// The record of that call is written.
pub(crate) fn forget(tx: &Transaction<'_>, id: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM open_calls WHERE id = ?1")?.execute([id])?;
    Ok(())
}

fn keep(tx: &Transaction<'_>, call: &CallRow) -> Result<(), StoreError> {
    forget(tx, &call.id)?;
    let legs = call.legs.iter().map(LegRow::values);
    let parts = std::iter::once((&calls::COLUMNS[1..], calls::values(call)))
        .chain(legs.map(|values| (&legs::COLUMNS[..], values)));
    let mut insert = tx.prepare_cached("INSERT INTO open_calls (id, part, name, value) VALUES (?1, ?2, ?3, ?4)")?;
    for (part, (names, values)) in (0_i64..).zip(parts) {
        for (name, value) in names.iter().zip(values) {
            insert.execute(params![call.id, part, name, value])?;
        }
    }
    Ok(())
}

fn read(tx: &Transaction<'_>) -> Result<BTreeMap<String, Parts>, StoreError> {
    let mut calls: BTreeMap<String, Parts> = BTreeMap::new();
    let mut rows = tx.prepare("SELECT id, part, name, value FROM open_calls")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let call = calls.entry(row.get(0)?).or_default();
        call.entry(row.get(1)?).or_default().insert(row.get(2)?, row.get(3)?);
    }
    Ok(calls)
}

fn write_down(tx: &Transaction<'_>, mut parts: Parts) -> Result<(), StoreError> {
    // A column that a later version has is not known of it.
    let in_order = |mut part: BTreeMap<String, Value>, names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| part.remove(*name).unwrap_or(Value::Null)).collect()
    };
    let call = in_order(parts.remove(&0).unwrap_or_default(), &calls::COLUMNS[1..]);
    let legs = parts.into_values().map(|leg| in_order(leg, &legs::COLUMNS)).collect();
    calls::append_values(tx, call, legs)
}
