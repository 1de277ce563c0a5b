//! The legs of call records. A leg belongs to the record that it was written with, and is under its hash.

use rusqlite::types::Value;
use rusqlite::{Row, Transaction, params_from_iter};

use crate::StoreError;
use crate::values::{signed, unsigned};

/// One leg of a call in plain values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegRow {
    /// `caller` or `callee`: the side of the call whose quality is this leg's.
    pub side: String,
    /// The number at its far end.
    pub number: String,
    /// The account of the phone, when it is one.
    pub account: Option<String>,
    /// The provider, when it is one.
    pub trunk: Option<String>,
    /// Whether the box called it; else it called the box.
    pub placed: bool,
    /// What it spoke: `PCMA/8000`.
    pub codec: Option<String>,
    /// When its INVITE went out or came, in milliseconds since 1970 UTC, as all times here.
    pub started_unix_ms: u64,
    /// When it was answered.
    pub answered_unix_ms: Option<u64>,
    /// When it ended.
    pub ended_unix_ms: u64,
    /// The SIP status with which its far end refused it, else 0.
    pub status: u16,
}

/// The columns after those of the key, in the order in which they are written, read and hashed.
pub(crate) const COLUMNS: [&str; 10] =
    ["side", "number", "account", "trunk", "placed", "codec", "started_ms", "answered_ms", "ended_ms", "status"];

impl LegRow {
    pub(crate) fn values(&self) -> Vec<Value> {
        vec![
            self.side.clone().into(),
            self.number.clone().into(),
            self.account.clone().into(),
            self.trunk.clone().into(),
            self.placed.into(),
            self.codec.clone().into(),
            signed(self.started_unix_ms).into(),
            self.answered_unix_ms.map(signed).into(),
            signed(self.ended_unix_ms).into(),
            i64::from(self.status).into(),
        ]
    }
}

/// Writes the leg at that position of a call.
pub(crate) fn insert_leg(
    tx: &Transaction<'_>,
    call: i64,
    position: usize,
    values: Vec<Value>,
) -> Result<(), StoreError> {
    let key = [call.into(), Value::Integer(signed(position as u64))];
    let marks = vec!["?"; values.len() + key.len()].join(", ");
    let insert = format!("INSERT INTO legs (call, position, {}) VALUES ({marks})", COLUMNS.join(", "));
    tx.prepare_cached(&insert)?.execute(params_from_iter(key.into_iter().chain(values)))?;
    Ok(())
}

/// The legs of a call as they were written.
pub(crate) fn legs_of(tx: &Transaction<'_>, call: i64) -> Result<Vec<LegRow>, StoreError> {
    let select = format!("SELECT {} FROM legs WHERE call = ?1 ORDER BY position", COLUMNS.join(", "));
    let mut select = tx.prepare_cached(&select)?;
    let rows = select.query_map([call], leg)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The same, column by column, for their hash.
pub(crate) fn values_of(tx: &Transaction<'_>, call: i64) -> Result<Vec<Vec<Value>>, StoreError> {
    let select = format!("SELECT {} FROM legs WHERE call = ?1 ORDER BY position", COLUMNS.join(", "));
    let mut select = tx.prepare_cached(&select)?;
    let rows = select.query_map([call], |row| (0..COLUMNS.len()).map(|column| row.get(column)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn leg(row: &Row<'_>) -> rusqlite::Result<LegRow> {
    Ok(LegRow {
        side: row.get(0)?,
        number: row.get(1)?,
        account: row.get(2)?,
        trunk: row.get(3)?,
        placed: row.get(4)?,
        codec: row.get(5)?,
        started_unix_ms: unsigned(row.get(6)?),
        answered_unix_ms: row.get::<_, Option<i64>>(7)?.map(unsigned),
        ended_unix_ms: unsigned(row.get(8)?),
        status: row.get(9)?,
    })
}
