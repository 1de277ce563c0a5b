//! Who did what, when and from where: only added to, each entry chained to the one before it.
//!
//! The hash of an entry is as that of a call record (`chain`), over 18 bytes of its own, `centrale-audit-1` and two zero bytes.
//! What a revision of the office changed stands in that revision: the entry names it.

use rusqlite::types::Value;
use rusqlite::{Row, Transaction, params};

use crate::chain::{Chain, ChainFault, ChainHash, Chained};
use crate::retention::{kept, oldest};
use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Entries that are kept: ten years of fifty a day.
const MOST_ENTRIES: i64 = 200_000;

/// Entries that go at most when one is added.
const MOST_PURGED: u32 = 8;

/// The chain of this log.
const CHAINED: Chained = Chained {
    domain: b"centrale-audit-1\0\0",
    table: "audit",
    chain: "audit_chain",
    columns: &["sequence", "what", "at_ms", "who", "source", "about", "revision"],
};

/// Most entries on a page.
const LONGEST_PAGE: u32 = 500;

/// Something that somebody did, or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When, in milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
    /// Who, by name; empty when nobody knows.
    pub who: String,
    /// The network address that it came from; empty for the console, and for what came of something else.
    pub source: String,
    /// What, in a stable word. Never a secret.
    pub what: String,
    /// About whom or what. Never a secret.
    pub about: String,
    /// The revision of the office that it made.
    pub revision: Option<u64>,
}

/// An act as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, rising from 1 without a gap.
    pub sequence: u64,
    /// What was done.
    pub act: Act,
    /// Why, as the revision that it made says, if that is kept.
    pub why: Option<String>,
    /// The hash of this entry and of all before it.
    pub hash: ChainHash,
}

impl Store {
    /// Writes down what somebody did. When this returns, no power cut takes it away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note_act(&self, act: Act) -> Result<(), StoreError> {
        self.keeper().write(move |tx| note(tx, act))
    }

    /// A page of the log, the newest first: at most `limit` entries (and never more than 500) with lower numbers than
    /// `before`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn audit(&self, before: u64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.keeper().read(move |tx| {
            let mut page = tx.prepare_cached(
                "SELECT sequence, audit.at_ms, audit.who, source, what, about, revision, hash, why
                 FROM audit LEFT JOIN revisions ON number = revision
                 WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2",
            )?;
            let rows = page.query_map(params![signed(before), limit.min(LONGEST_PAGE)], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Computes every hash anew and says what is wrong first, if anything; as [`Store::verify_calls`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verify_audit(&self, noted: Option<ChainHash>) -> Result<Result<Chain, ChainFault>, StoreError> {
        self.keeper().read(move |tx| CHAINED.verify(tx, noted, |_| Ok(Vec::new())))
    }
}

/// Writes down what is done with the rest of a transaction.
pub(crate) fn note(tx: &Transaction<'_>, act: Act) -> Result<(), StoreError> {
    append(tx, act, MOST_ENTRIES)
}

/// Adds an entry; the oldest go that are older than the office keeps them, and when there are more than `most`.
fn append(tx: &Transaction<'_>, act: Act, most: i64) -> Result<(), StoreError> {
    let Act { at_unix_ms, who, source, what, about, revision } = act;
    let revision = revision.map_or(Value::Null, |number| Value::Integer(signed(number)));
    let values = vec![what.into(), signed(at_unix_ms).into(), who.into(), source.into(), about.into(), revision];
    let (sequence, hash) = CHAINED.add(tx, values, &[])?;
    CHAINED.move_head(tx, sequence, &hash)?;
    let now_ms = signed(at_unix_ms);
    let (last_old, last_many) = (oldest(now_ms, kept(tx, now_ms)?.log), sequence - most);
    let mut first = tx.prepare_cached("SELECT sequence, hash, at_ms FROM audit ORDER BY sequence LIMIT ?1")?;
    let rows = first.query_map([MOST_PURGED], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut gone: Option<(i64, Vec<u8>)> = None;
    for row in rows {
        let (number, hash, at_ms): (i64, Vec<u8>, i64) = row?;
        if number == sequence || at_ms >= last_old && number > last_many {
            break;
        }
        gone = Some((number, hash));
    }
    let Some((last, hash)) = gone else { return Ok(()) };
    CHAINED.move_anchor(tx, last, &hash)?;
    tx.execute("DELETE FROM audit WHERE sequence <= ?1", [last])?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        sequence: unsigned(row.get(0)?),
        act: Act {
            at_unix_ms: unsigned(row.get(1)?),
            who: row.get(2)?,
            source: row.get(3)?,
            what: row.get(4)?,
            about: row.get(5)?,
            revision: row.get::<_, Option<i64>>(6)?.map(unsigned),
        },
        hash: ChainHash::from_column(row.get_ref(7)?)?,
        why: row.get(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_full_lets_its_oldest_entries_go_and_the_rest_is_still_proven() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for at_unix_ms in 0..7 {
            let (who, source, what, about) = ("x".into(), String::new(), "y".into(), String::new());
            let act = Act { at_unix_ms, who, source, what, about, revision: None };
            store.keeper().write(move |tx| append(tx, act, 5)).unwrap();
        }
        let chain = store.verify_audit(None).unwrap().unwrap();
        assert_eq!((chain.first, chain.last), (3, 7));
        assert_eq!(store.audit(u64::MAX, 10).unwrap().len(), 5);
    }
}
