//! Call records.

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row};

use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Records that are kept; the oldest go when a new one comes. Three years of a hundred calls a day, some 40 MB.
const KEPT_CALLS: u64 = 100_000;

/// Most records on a page of the log.
const LONGEST_PAGE: u32 = 500;

/// A finished call in plain values.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// The id under which it was shown while it lived.
    pub id: String,
    /// Which way it went, in the page's word.
    pub direction: String,
    /// Who called.
    pub from: String,
    /// Name of who called, if known.
    pub from_name: String,
    /// What was called.
    pub to: String,
    /// Which number picked it up.
    pub answered_by: Option<String>,
    /// Which number connected it, by a transfer.
    pub transferred_by: Option<String>,
    /// The trunk it went over.
    pub trunk: Option<String>,
    /// When it began, in milliseconds since 1970 UTC, as all times here.
    pub started_unix_ms: u64,
    /// When it was answered.
    pub answered_unix_ms: Option<u64>,
    /// When it ended.
    pub ended_unix_ms: u64,
    /// How it ended, in the page's word.
    pub outcome: String,
    /// The SIP status that ended it when it was not answered, else 0.
    pub status: u16,
    /// Whether it was an emergency call.
    pub emergency: bool,
    /// What was measured on what the caller sent.
    pub caller: QualityRow,
    /// What was measured on what the called side sent.
    pub callee: QualityRow,
}

/// What was measured on one leg.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct QualityRow {
    /// RTP packets that came.
    pub packets: u64,
    /// Packets missing by sequence number.
    pub lost: u64,
    /// Interarrival jitter in milliseconds.
    pub jitter_ms: f32,
    /// The largest jitter seen, in milliseconds.
    pub jitter_max_ms: f32,
    /// Packets dropped because they came from a stranger.
    pub intruders: u64,
    /// Packets dropped because SRTP refused them.
    pub unauthentic: u64,
    /// Packets dropped because they were no RTP.
    pub malformed: u64,
    /// Whether nothing came at all although it should have.
    pub one_way: bool,
}

/// The columns after `sequence`, in the order in which they are written and read.
const COLUMNS: &str = "id, direction, from_number, from_name, to_number, answered_by, transferred_by, trunk, started_ms, \
    answered_ms, ended_ms, outcome, status, emergency, \
    caller_packets, caller_lost, caller_jitter_ms, caller_jitter_max_ms, caller_intruders, caller_unauthentic, \
    caller_malformed, caller_one_way, \
    callee_packets, callee_lost, callee_jitter_ms, callee_jitter_max_ms, callee_intruders, callee_unauthentic, \
    callee_malformed, callee_one_way";

/// Where the two qualities begin among them, and how many columns one has.
const CALLER: usize = 14;
const QUALITY: usize = 8;

impl Store {
    /// Writes down a call. When this returns, no power cut takes it away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn insert_call(&self, call: &CallRow) -> Result<(), StoreError> {
        self.insert_call_keeping(call, KEPT_CALLS)
    }

    fn insert_call_keeping(&self, call: &CallRow, kept: u64) -> Result<(), StoreError> {
        let call = call.clone();
        self.keeper().write(move |tx| {
            let values = values(&call);
            let marks = vec!["?"; values.len()].join(", ");
            let values = rusqlite::params_from_iter(values.iter());
            tx.prepare_cached(&format!("INSERT INTO calls ({COLUMNS}) VALUES ({marks})"))?.execute(values)?;
            let newest = tx.last_insert_rowid();
            tx.prepare_cached("DELETE FROM calls WHERE sequence <= ?1")?
                .execute([newest.saturating_sub(signed(kept))])?;
            Ok(())
        })
    }

    /// A page of the call log, newest first: at most `limit` calls (and never more than 500) that were written before the
    /// call with the id `before`, or the newest ones. An id that is not there gives an empty page.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn calls(&self, before: Option<&str>, limit: u32) -> Result<Vec<CallRow>, StoreError> {
        let before = before.map(str::to_owned);
        self.keeper().read(move |tx| {
            let before: Option<i64> = match before {
                None => Some(i64::MAX),
                Some(id) => {
                    let find = "SELECT max(sequence) FROM calls WHERE id = ?1";
                    tx.query_row(find, [id], |row| row.get(0)).optional()?.flatten()
                }
            };
            let Some(before) = before else { return Ok(Vec::new()) };
            let page = format!("SELECT {COLUMNS} FROM calls WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2");
            let mut page = tx.prepare_cached(&page)?;
            let rows = page.query_map((before, limit.min(LONGEST_PAGE)), call)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn values(call: &CallRow) -> Vec<Box<dyn ToSql>> {
    let mut values: Vec<Box<dyn ToSql>> = vec![
        Box::new(call.id.clone()),
        Box::new(call.direction.clone()),
        Box::new(call.from.clone()),
        Box::new(call.from_name.clone()),
        Box::new(call.to.clone()),
        Box::new(call.answered_by.clone()),
        Box::new(call.transferred_by.clone()),
        Box::new(call.trunk.clone()),
        Box::new(signed(call.started_unix_ms)),
        Box::new(call.answered_unix_ms.map(signed)),
        Box::new(signed(call.ended_unix_ms)),
        Box::new(call.outcome.clone()),
        Box::new(call.status),
        Box::new(call.emergency),
    ];
    for quality in [&call.caller, &call.callee] {
        values.push(Box::new(signed(quality.packets)));
        values.push(Box::new(signed(quality.lost)));
        values.push(Box::new(finite(quality.jitter_ms)));
        values.push(Box::new(finite(quality.jitter_max_ms)));
        values.push(Box::new(signed(quality.intruders)));
        values.push(Box::new(signed(quality.unauthentic)));
        values.push(Box::new(signed(quality.malformed)));
        values.push(Box::new(quality.one_way));
    }
    values
}

/// SQLite turns "not a number" into NULL, which the column refuses: a record is worth more than its jitter.
fn finite(jitter_ms: f32) -> f64 {
    if jitter_ms.is_finite() { f64::from(jitter_ms) } else { 0.0 }
}

fn call(row: &Row<'_>) -> rusqlite::Result<CallRow> {
    Ok(CallRow {
        id: row.get(0)?,
        direction: row.get(1)?,
        from: row.get(2)?,
        from_name: row.get(3)?,
        to: row.get(4)?,
        answered_by: row.get(5)?,
        transferred_by: row.get(6)?,
        trunk: row.get(7)?,
        started_unix_ms: unsigned(row.get(8)?),
        answered_unix_ms: row.get::<_, Option<i64>>(9)?.map(unsigned),
        ended_unix_ms: unsigned(row.get(10)?),
        outcome: row.get(11)?,
        status: row.get(12)?,
        emergency: row.get(13)?,
        caller: quality(row, CALLER)?,
        callee: quality(row, CALLER + QUALITY)?,
    })
}

fn quality(row: &Row<'_>, first: usize) -> rusqlite::Result<QualityRow> {
    let count = |column: usize| row.get(first + column).map(unsigned);
    Ok(QualityRow {
        packets: count(0)?,
        lost: count(1)?,
        jitter_ms: row.get(first + 2)?,
        jitter_max_ms: row.get(first + 3)?,
        intruders: count(4)?,
        unauthentic: count(5)?,
        malformed: count(6)?,
        one_way: row.get(first + 7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(number: u32) -> CallRow {
        let quality =
            QualityRow { packets: u64::from(number), jitter_ms: f32::NAN, one_way: true, ..QualityRow::default() };
        CallRow {
            id: format!("call-{number}"),
            direction: "outgoing".into(),
            from: "201".into(),
            from_name: "Anna".into(),
            to: "+31301234567".into(),
            answered_by: None,
            transferred_by: None,
            trunk: Some("provider".into()),
            started_unix_ms: 1_800_000_000_000,
            answered_unix_ms: Some(1_800_000_001_000),
            ended_unix_ms: u64::MAX,
            outcome: "answered".into(),
            status: 0,
            emergency: false,
            caller: quality,
            callee: QualityRow::default(),
        }
    }

    #[test]
    fn only_the_newest_records_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for number in 0..10 {
            store.insert_call_keeping(&numbered(number), 4).unwrap();
        }
        let kept: Vec<String> = store.calls(None, 100).unwrap().into_iter().map(|call| call.id).collect();
        assert_eq!(kept, ["call-9", "call-8", "call-7", "call-6"]);
    }

    #[test]
    fn a_number_that_sqlite_cannot_hold_does_not_cost_the_record() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.insert_call(&numbered(7)).unwrap();
        let read = store.calls(None, 1).unwrap().remove(0);
        assert_eq!((read.caller.packets, read.caller.jitter_ms, read.caller.one_way), (7, 0.0, true));
        assert_eq!(read.ended_unix_ms, i64::MAX.unsigned_abs());
    }
}
