//! Call records: one per call, with its legs. They are only ever added, each chained to the one before it (`chain`), and the
//! oldest go together when they have been kept for long enough.

use std::collections::BTreeSet;

use centrale_config::Office;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, Transaction};

use crate::chain::{CALLS, ChainHash};
use crate::legs::{LegRow, insert_leg, legs_of};
use crate::open_calls;
use crate::retention::{kept, oldest as oldest_kept};
use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Records that are kept whatever their age, so that a flood of calls cannot fill the disk: 5,000 calls a day for 100
/// days, some 400 MB.
const MOST_CALLS: u64 = 500_000;

/// Records that go at most when one is added. More than one, so that they do go; few, so that a box whose clock is wrong
/// for an hour does not lose its records.
const MOST_PURGED: u32 = 8;

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
    /// What that number is to the number plan, in its stable word. `None` in records that are older than the column.
    pub class: Option<String>,
    /// What the call costs, in ten-thousandths of a euro, when that is known.
    pub price: Option<u64>,
    /// Whether it came from outside under a number of the office. Not known of records that are older than the column.
    pub spoofed: bool,
    /// Whether the caller asked not to be shown.
    pub withheld: bool,
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
    /// Who or what ended it, in its stable word. `None` in records that are older than the column.
    pub cause: Option<String>,
    /// The SIP status that ended it when it was not answered, else 0.
    pub status: u16,
    /// Whether it was an emergency call.
    pub emergency: bool,
    /// What was measured on what the caller sent.
    pub caller: QualityRow,
    /// What was measured on what the called side sent.
    pub callee: QualityRow,
    /// The id of the call that it marks as malicious, when it was made for that.
    pub marks: Option<String>,
    /// The number of the office that was called from outside. `None` in records that are older than the column.
    pub line: Option<String>,
    /// Its legs. None in records that are older than the table.
    pub legs: Vec<LegRow>,
}

/// A call with its place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainedCall {
    /// Its number: 1 for the first that this box ever wrote, without gaps.
    pub sequence: u64,
    /// The hash over it and everything before it; [`chain`] says over what exactly.
    pub hash: ChainHash,
    /// The call.
    pub call: CallRow,
}

/// Where to go on reading records in the order in which their calls began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    started_ms: i64,
    sequence: i64,
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
    /// Whether it came, and then no more although it should have. Not known of records that are older than the column.
    pub fell_silent: bool,
    /// Whether whoever sent it said over and over that nothing arrives there. Likewise.
    pub hears_nothing: bool,
}

/// The columns of a record in the order in which they are written, read and hashed. A later version adds its own at the end.
pub(crate) const COLUMNS: [&str; 42] = [
    "sequence",
    "id",
    "direction",
    "from_number",
    "from_name",
    "to_number",
    "answered_by",
    "transferred_by",
    "trunk",
    "started_ms",
    "answered_ms",
    "ended_ms",
    "outcome",
    "status",
    "emergency",
    "caller_packets",
    "caller_lost",
    "caller_jitter_ms",
    "caller_jitter_max_ms",
    "caller_intruders",
    "caller_unauthentic",
    "caller_malformed",
    "caller_one_way",
    "callee_packets",
    "callee_lost",
    "callee_jitter_ms",
    "callee_jitter_max_ms",
    "callee_intruders",
    "callee_unauthentic",
    "callee_malformed",
    "callee_one_way",
    "class",
    "price",
    "withheld",
    "cause",
    "spoofed",
    "marks",
    "line",
    "caller_fell_silent",
    "caller_hears_nothing",
    "callee_fell_silent",
    "callee_hears_nothing",
];

/// Where the two qualities begin among them, and what was added to them later.
const CALLER: (usize, usize) = (15, 38);
const CALLEE: (usize, usize) = (23, 40);

impl Store {
    /// Writes down a call at the end of the chain, in place of what was kept of it while it lasted. When this returns, no power
    /// cut takes it away. What is older by then than the office keeps records may go.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn insert_call(&self, call: &CallRow) -> Result<(), StoreError> {
        self.insert_call_keeping(call, MOST_CALLS)
    }

    fn insert_call_keeping(&self, call: &CallRow, most: u64) -> Result<(), StoreError> {
        let call = call.clone();
        self.keeper().write(move |tx| {
            append(tx, &call)?;
            open_calls::forget(tx, &call.id)?;
            purge(tx, signed(call.ended_unix_ms), most)
        })
    }

    /// A page of the call log, newest first: at most `limit` calls (and never more than 500) that were written before the
    /// call with the id `before`, or the newest ones. An id that is not there gives an empty page.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn calls(&self, before: Option<&str>, limit: u32) -> Result<Vec<CallRow>, StoreError> {
        self.page_of_calls(None, before, limit)
    }

    /// The call of an id, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn call(&self, id: &str) -> Result<Option<CallRow>, StoreError> {
        let id = id.to_owned();
        self.keeper().read(move |tx| {
            let found = read(tx, "id = ?1 ORDER BY sequence DESC LIMIT 1", [id])?;
            Ok(found.into_iter().next().map(|chained| chained.call))
        })
    }

    /// The same of one person alone: what that number called, was called at, took, or connected since it is this person's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn calls_of(&self, own: &str, before: Option<&str>, limit: u32) -> Result<Vec<CallRow>, StoreError> {
        self.page_of_calls(Some(own.to_owned()), before, limit)
    }

    fn page_of_calls(&self, own: Option<String>, before: Option<&str>, limit: u32) -> Result<Vec<CallRow>, StoreError> {
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
            // A call from outside under a colleague's number is not the colleague's.
            let which = "sequence < ?1
                 AND sequence > coalesce((SELECT last_call FROM arrivals WHERE number = ?3), 0) AND (?3 IS NULL OR (from_number = ?3 AND NOT coalesce(spoofed, 0))
                 OR to_number = ?3 OR answered_by = ?3 OR transferred_by = ?3)
                 ORDER BY sequence DESC LIMIT ?2";
            let page = read(tx, which, (before, limit.min(LONGEST_PAGE), own))?;
            Ok(page.into_iter().map(|chained| chained.call).collect())
        })
    }

    /// Which of these calls somebody marked as malicious, by their ids.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn marked_among(&self, calls: &[CallRow]) -> Result<BTreeSet<String>, StoreError> {
        let ids: Vec<String> = calls.iter().map(|call| call.id.clone()).collect();
        self.keeper().read(move |tx| {
            let mut mark = tx.prepare_cached("SELECT 1 FROM calls WHERE marks = ?1")?;
            let mut marked = BTreeSet::new();
            for id in ids {
                if mark.exists([&id])? {
                    marked.insert(id);
                }
            }
            Ok(marked)
        })
    }

    /// Calls that began from `from_ms` on and before `to_ms`, in the order in which they began: at most 500 of them after
    /// `after`, and where to go on. No place to go on: these were the last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn calls_between(
        &self,
        (from_ms, to_ms): (u64, u64),
        after: Option<Place>,
    ) -> Result<(Vec<ChainedCall>, Option<Place>), StoreError> {
        self.keeper().read(move |tx| {
            let after = after.unwrap_or(Place { started_ms: signed(from_ms), sequence: 0 });
            let which = "(started_ms, sequence) > (?1, ?2) AND started_ms < ?3 ORDER BY started_ms, sequence LIMIT ?4";
            let page = read(tx, which, (after.started_ms, after.sequence, signed(to_ms), LONGEST_PAGE))?;
            let last = page
                .last()
                .filter(|_| page.len() >= LONGEST_PAGE as usize)
                .map(|last| Place { started_ms: signed(last.call.started_unix_ms), sequence: signed(last.sequence) });
            Ok((page, last))
        })
    }
}

/// The own calls of whoever comes to the office begin after those that were written so far: who had the number before is
/// another.
pub(crate) fn begin_histories(tx: &Transaction<'_>, before: &Office, now: &Office) -> Result<(), StoreError> {
    let head = CALLS.head(tx)?.sequence;
    let mut put = tx.prepare_cached("INSERT OR REPLACE INTO arrivals (number, last_call) VALUES (?1, ?2)")?;
    let was = |number: &str| before.people.iter().any(|person| person.number.as_str() == number);
    for number in now.people.iter().map(|person| person.number.as_str()).filter(|number| !was(number)) {
        put.execute((number, head))?;
    }
    Ok(())
}

/// Adds a record at the head of the chain, and moves the head. All of it or nothing.
fn append(tx: &Transaction<'_>, call: &CallRow) -> Result<(), StoreError> {
    append_values(tx, values(call), call.legs.iter().map(LegRow::values).collect())
}

/// As [`append`], of a record and its legs column by column: all columns but the first, which is its place.
pub(crate) fn append_values(tx: &Transaction<'_>, call: Vec<Value>, legs: Vec<Vec<Value>>) -> Result<(), StoreError> {
    let (sequence, hash) = CALLS.add(tx, call, &legs)?;
    for (position, leg) in legs.into_iter().enumerate() {
        insert_leg(tx, sequence, position, leg)?;
    }
    CALLS.move_head(tx, sequence, &hash)
}

/// Takes away the oldest records: those that ended longer ago than they are kept, and those that are too many. The hash of
/// the last of them stays as the anchor of the rest.
fn purge(tx: &Transaction<'_>, now_ms: i64, most: u64) -> Result<(), StoreError> {
    let last_old = oldest_kept(now_ms, kept(tx, now_ms)?.calls);
    let last_many = CALLS.head(tx)?.sequence.saturating_sub(signed(most));
    let mut oldest = tx.prepare_cached("SELECT sequence, hash, ended_ms FROM calls ORDER BY sequence LIMIT ?1")?;
    let rows = oldest.query_map([MOST_PURGED], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut anchor: Option<(i64, Vec<u8>)> = None;
    for row in rows {
        let (sequence, hash, ended_ms): (i64, Vec<u8>, i64) = row?;
        if ended_ms >= last_old && sequence > last_many {
            break;
        }
        anchor = Some((sequence, hash));
    }
    let Some((sequence, hash)) = anchor else { return Ok(()) };
    CALLS.move_anchor(tx, sequence, &hash)?;
    tx.execute("DELETE FROM legs WHERE call <= ?1", [sequence])?;
    tx.execute("DELETE FROM calls WHERE sequence <= ?1", [sequence])?;
    Ok(())
}

/// The records that `which` names, with their legs.
fn read(tx: &Transaction<'_>, which: &str, values: impl rusqlite::Params) -> Result<Vec<ChainedCall>, StoreError> {
    let mut page = tx.prepare_cached(&format!("SELECT {}, hash FROM calls WHERE {which}", COLUMNS.join(", ")))?;
    let rows = page.query_map(values, chained)?;
    let mut calls: Vec<ChainedCall> = rows.collect::<Result<_, _>>()?;
    for chained in &mut calls {
        chained.call.legs = legs_of(tx, signed(chained.sequence))?;
    }
    Ok(calls)
}

/// A record column by column, without its place in the chain.
pub(crate) fn values(call: &CallRow) -> Vec<Value> {
    let mut values: Vec<Value> = vec![
        call.id.clone().into(),
        call.direction.clone().into(),
        call.from.clone().into(),
        call.from_name.clone().into(),
        call.to.clone().into(),
        call.answered_by.clone().into(),
        call.transferred_by.clone().into(),
        call.trunk.clone().into(),
        signed(call.started_unix_ms).into(),
        call.answered_unix_ms.map(signed).into(),
        signed(call.ended_unix_ms).into(),
        call.outcome.clone().into(),
        i64::from(call.status).into(),
        call.emergency.into(),
    ];
    for quality in [&call.caller, &call.callee] {
        values.extend([
            signed(quality.packets).into(),
            signed(quality.lost).into(),
            finite(quality.jitter_ms).into(),
            finite(quality.jitter_max_ms).into(),
            signed(quality.intruders).into(),
            signed(quality.unauthentic).into(),
            signed(quality.malformed).into(),
            quality.one_way.into(),
        ]);
    }
    values.extend([
        call.class.clone().into(),
        call.price.map(signed).into(),
        call.withheld.into(),
        call.cause.clone().into(),
        call.spoofed.into(),
        call.marks.clone().into(),
        call.line.clone().into(),
    ]);
    for quality in [&call.caller, &call.callee] {
        values.extend([noted(quality.fell_silent), noted(quality.hears_nothing)]);
    }
    values
}

/// What did not happen is not written, so a record without it has the hash that every version gives it.
fn noted(happened: bool) -> Value {
    happened.then_some(true).into()
}

/// SQLite turns "not a number" into NULL, which the column refuses: a record is worth more than its jitter.
fn finite(jitter_ms: f32) -> f64 {
    if jitter_ms.is_finite() { f64::from(jitter_ms) } else { 0.0 }
}

fn chained(row: &Row<'_>) -> rusqlite::Result<ChainedCall> {
    Ok(ChainedCall {
        sequence: unsigned(row.get(0)?),
        hash: ChainHash::from_column(row.get_ref(COLUMNS.len())?)?,
        call: CallRow {
            id: row.get(1)?,
            direction: row.get(2)?,
            from: row.get(3)?,
            from_name: row.get(4)?,
            to: row.get(5)?,
            answered_by: row.get(6)?,
            transferred_by: row.get(7)?,
            trunk: row.get(8)?,
            started_unix_ms: unsigned(row.get(9)?),
            answered_unix_ms: row.get::<_, Option<i64>>(10)?.map(unsigned),
            ended_unix_ms: unsigned(row.get(11)?),
            outcome: row.get(12)?,
            status: row.get(13)?,
            emergency: row.get(14)?,
            caller: quality(row, CALLER)?,
            callee: quality(row, CALLEE)?,
            class: row.get(31)?,
            price: row.get::<_, Option<i64>>(32)?.map(unsigned),
            withheld: row.get::<_, Option<bool>>(33)?.unwrap_or_default(),
            cause: row.get(34)?,
            spoofed: row.get::<_, Option<bool>>(35)?.unwrap_or_default(),
            marks: row.get(36)?,
            line: row.get(37)?,
            legs: Vec::new(),
        },
    })
}

fn quality(row: &Row<'_>, (first, later): (usize, usize)) -> rusqlite::Result<QualityRow> {
    let count = |column: usize| row.get(first + column).map(unsigned);
    let noted = |column: usize| row.get(later + column).map(Option::<bool>::unwrap_or_default);
    Ok(QualityRow {
        packets: count(0)?,
        lost: count(1)?,
        jitter_ms: row.get(first + 2)?,
        jitter_max_ms: row.get(first + 3)?,
        intruders: count(4)?,
        unauthentic: count(5)?,
        malformed: count(6)?,
        one_way: row.get(first + 7)?,
        fell_silent: noted(0)?,
        hears_nothing: noted(1)?,
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
            class: None,
            price: None,
            spoofed: false,
            withheld: false,
            cause: None,
            marks: None,
            line: None,
            legs: Vec::new(),
            status: 0,
            emergency: false,
            caller: quality,
            callee: QualityRow::default(),
        }
    }

    fn ids(store: &Store) -> Vec<String> {
        store.calls(None, 100).unwrap().into_iter().map(|call| call.id).collect()
    }

    #[test]
    fn however_young_only_so_many_records_are_kept_and_the_rest_still_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for number in 0..10 {
            store.insert_call_keeping(&numbered(number), 4).unwrap();
        }
        assert_eq!(ids(&store), ["call-9", "call-8", "call-7", "call-6"]);
        let chain = store.verify_calls(None).unwrap().unwrap();
        assert_eq!((chain.first, chain.last), (7, 10));
    }

    #[test]
    fn a_number_that_sqlite_cannot_hold_does_not_cost_the_record() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.insert_call(&numbered(7)).unwrap();
        let read = store.calls(None, 1).unwrap().remove(0);
        assert_eq!((read.caller.packets, read.caller.jitter_ms, read.caller.one_way), (7, 0.0, true));
        assert_eq!(read.ended_unix_ms, i64::MAX.unsigned_abs());
        store.verify_calls(None).unwrap().unwrap();
    }
}
