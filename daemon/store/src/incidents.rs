//! The log of incidents: what was tried against the office, what the box did, and what people did about it. Lines are only
//! ever added, each chained to the one before it. What is known of an incident is its last line of kind `story`.
//!
//! The hash of a line is as that of a call record (`chain`), over 18 bytes of its own, `centrale-log-1` and four zero bytes.

use rusqlite::{OptionalExtension, Row, Transaction};

use crate::chain::{Chain, ChainFault, ChainHash, ChainHead, Chained};
use crate::retention::{kept, oldest};
use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Lines that are kept. A story has some dozens at most, so these are hundreds of incidents, whatever a flood does.
const MOST_LINES: u64 = 20_000;

/// Lines that go at most when one is added.
const MOST_PURGED: u32 = 8;

/// For so long what is due after a break-in stays, in milliseconds: thirty days, until nothing can be claimed any more.
const DUE_MS: i64 = 30 * 24 * 3_600_000;

/// Most incidents on a page.
const LONGEST_PAGE: u32 = 500;

/// The chain of this log.
const CHAINED: Chained = Chained {
    domain: b"centrale-log-1\0\0\0\0",
    table: "incidents",
    chain: "incident_chain",
    columns: &["sequence", "id", "kind", "at_ms", "who", "document"],
};

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// The incident that it is about.
    pub id: String,
    /// `story`: how it stands now; or what somebody did about it, as a stable word.
    pub kind: String,
    /// When it was written, in milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
    /// Who wrote it.
    pub who: String,
    /// The story, or what belongs to what somebody did.
    pub document: String,
}

/// A line with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedIncident {
    /// Its number, without gaps.
    pub sequence: u64,
    /// Its hash.
    pub hash: ChainHash,
    /// The line.
    pub row: IncidentRow,
}

impl Store {
    /// Adds a line. When this returns, no power cut takes it away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn append_incident(&self, row: &IncidentRow) -> Result<(), StoreError> {
        self.append_incident_keeping(row, MOST_LINES)
    }

    fn append_incident_keeping(&self, row: &IncidentRow, most: u64) -> Result<(), StoreError> {
        let (row, now_ms) = (row.clone(), signed(row.at_unix_ms));
        self.keeper().write(move |tx| {
            append(tx, row)?;
            purge(tx, now_ms, most)
        })
    }

    /// Incidents as they stand, the one that went on last first: at most `limit` (and never more than 500).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn incidents(&self, limit: u32) -> Result<Vec<IncidentRow>, StoreError> {
        self.keeper().read(move |tx| {
            let which = "sequence IN (SELECT max(sequence) FROM incidents WHERE kind = 'story' GROUP BY id)
                ORDER BY sequence DESC LIMIT ?1";
            Ok(read(tx, which, [limit.min(LONGEST_PAGE)])?.into_iter().map(|line| line.row).collect())
        })
    }

    /// Every line of an incident, the oldest first. Empty when there is none with that id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn incident(&self, id: &str) -> Result<Vec<ChainedIncident>, StoreError> {
        let id = id.to_owned();
        self.keeper().read(move |tx| read(tx, "id = ?1 ORDER BY sequence", [id]))
    }

    /// The last line that was written, to be noted outside of the box.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn incidents_head(&self) -> Result<ChainHead, StoreError> {
        self.keeper().read(|tx| CHAINED.head(tx))
    }

    /// Computes every hash anew and says what is wrong first, if anything; as [`Store::verify_calls`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verify_incidents(&self, noted: Option<ChainHash>) -> Result<Result<Chain, ChainFault>, StoreError> {
        self.keeper().read(move |tx| CHAINED.verify(tx, noted, |_| Ok(Vec::new())))
    }
}

fn append(tx: &Transaction<'_>, row: IncidentRow) -> Result<(), StoreError> {
    let IncidentRow { id, kind, at_unix_ms, who, document } = row;
    let values = vec![id.into(), kind.into(), signed(at_unix_ms).into(), who.into(), document.into()];
    let (sequence, hash) = CHAINED.add(tx, values, &[])?;
    CHAINED.move_head(tx, sequence, &hash)
}

/// The oldest lines go when there are too many, or when they are older than the office keeps them. What is due after a break-in is written again at the end instead, as it was, so
/// that no flood pushes it out; where that alone is twice too many, it goes as well.
fn purge(tx: &Transaction<'_>, now_ms: i64, most: u64) -> Result<(), StoreError> {
    let head = CHAINED.head(tx)?.sequence;
    let (last, last_due) = (head.saturating_sub(signed(most)), head.saturating_sub(signed(most.saturating_mul(2))));
    let last_old = oldest(now_ms, kept(tx, now_ms)?.incidents);
    let first = read(tx, "sequence < ?1 ORDER BY sequence LIMIT ?2", (head, MOST_PURGED))?;
    let goes = |line: &ChainedIncident| signed(line.sequence) <= last || signed(line.row.at_unix_ms) < last_old;
    for ChainedIncident { sequence, hash, row } in first.into_iter().take_while(goes) {
        let sequence = signed(sequence);
        let is_young = signed(row.at_unix_ms) > now_ms.saturating_sub(DUE_MS);
        if sequence > last_due && is_young && is_due(tx, sequence, &row)? {
            append(tx, row)?;
        }
        CHAINED.move_anchor(tx, sequence, hash.as_bytes())?;
        tx.execute("DELETE FROM incidents WHERE sequence = ?1", [sequence])?;
    }
    Ok(())
}

/// Whether a line tells how an incident stands in which somebody got in, or what was done about that.
fn is_due(tx: &Transaction<'_>, sequence: i64, row: &IncidentRow) -> Result<bool, StoreError> {
    let sql = "SELECT (?2 <> 'story' OR sequence = ?3) AND CASE
            WHEN json_valid(document) THEN coalesce(json_extract(document, '$.reached') <> 'nothing', 0) ELSE 0 END
        FROM incidents WHERE id = ?1 AND kind = 'story' ORDER BY sequence DESC LIMIT 1";
    let standing = tx.query_row(sql, (&row.id, &row.kind, sequence), |row| row.get(0)).optional()?;
    Ok(standing.unwrap_or(false))
}

fn read(tx: &Transaction<'_>, which: &str, values: impl rusqlite::Params) -> Result<Vec<ChainedIncident>, StoreError> {
    let sql = format!("SELECT {}, hash FROM incidents WHERE {which}", CHAINED.columns.join(", "));
    let mut lines = tx.prepare_cached(&sql)?;
    let rows = lines.query_map(values, chained)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn chained(row: &Row<'_>) -> rusqlite::Result<ChainedIncident> {
    let line = IncidentRow {
        id: row.get(1)?,
        kind: row.get(2)?,
        at_unix_ms: unsigned(row.get(3)?),
        who: row.get(4)?,
        document: row.get(5)?,
    };
    let hash = ChainHash::from_column(row.get_ref(6)?)?;
    Ok(ChainedIncident { sequence: unsigned(row.get(0)?), hash, row: line })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn line(id: &str, kind: &str, document: &str) -> IncidentRow {
        IncidentRow {
            id: id.into(),
            kind: kind.into(),
            at_unix_ms: 5,
            who: "centraled".into(),
            document: document.into(),
        }
    }

    fn three() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for (id, kind, document) in
            [("a", "story", "1"), ("b", "story", "2"), ("a", "story", "3"), ("a", "provider", "")]
        {
            store.append_incident(&line(id, kind, document)).unwrap();
        }
        (folder, store)
    }

    #[test]
    fn an_incident_stands_as_its_last_story_says_and_every_line_of_it_can_be_read() {
        let (_folder, store) = three();
        assert_eq!(store.incidents(10).unwrap(), [line("a", "story", "3"), line("b", "story", "2")]);
        assert_eq!(store.incidents(1).unwrap().len(), 1);
        let lines = store.incident("a").unwrap();
        assert_eq!(lines.iter().map(|line| line.sequence).collect::<Vec<_>>(), [1, 3, 4]);
        assert!(store.incident("c").unwrap().is_empty());
    }

    #[test]
    fn a_line_has_the_same_hash_in_every_version() {
        let (_folder, store) = three();
        let head = store.incidents_head().unwrap().hash.to_string();
        assert_eq!(head, "b8147bb61180aa9fb296ec3d0429dba2886f68540d936a42e8a5828fa5f0a451");
    }

    #[test]
    fn a_057_nobody_changes_removes_or_slips_in_a_line_without_its_showing() {
        let (folder, store) = three();
        let noted = store.incidents_head().unwrap().hash;
        let chain = store.verify_incidents(Some(noted)).unwrap().unwrap();
        assert_eq!((chain.first, chain.last), (1, 4));
        store.close();
        let database = || Connection::open(folder.path().join("centrale.db")).unwrap();
        for sql in [
            "UPDATE incidents SET document = 'nothing happened' WHERE sequence = 1",
            "DELETE FROM incidents WHERE sequence = 2",
            "INSERT INTO incidents VALUES (9, 'x', 'story', 1, 'x', '', zeroblob(32))",
            "INSERT OR REPLACE INTO incidents VALUES (2, 'x', 'story', 1, 'x', '', zeroblob(32))",
            "UPDATE incident_chain SET head_sequence = 1",
            "DELETE FROM incident_chain",
        ] {
            assert!(database().execute(sql, []).is_err(), "{sql}");
        }
        // Whoever writes into the file all the same is seen.
        let forced = |sql: &str| {
            let database = database();
            database
                .execute_batch(
                    "DROP TRIGGER incidents_stay; DROP TRIGGER incidents_kept; DROP TRIGGER incidents_in_order",
                )
                .unwrap_or_default();
            database.execute_batch(sql).unwrap();
            let store = Store::open(folder.path()).unwrap();
            let found = store.verify_incidents(None).unwrap();
            store.close();
            found
        };
        let changed = forced("UPDATE incidents SET document = 'x' WHERE sequence = 3");
        assert_eq!(changed, Err(ChainFault::Changed { sequence: 3, id: "a".into() }));
        let missing = forced("DELETE FROM incidents WHERE sequence = 2");
        assert_eq!(missing, Err(ChainFault::Missing { sequence: 2 }));
    }

    #[test]
    fn of_too_many_lines_the_oldest_go_and_the_rest_still_verifies() {
        let (_folder, store) = three();
        for number in 0..20 {
            store.append_incident_keeping(&line("c", "story", &number.to_string()), 5).unwrap();
        }
        let chain = store.verify_incidents(None).unwrap().unwrap();
        assert_eq!((chain.first, chain.last), (20, 24));
        assert!(store.incident("a").unwrap().is_empty());
    }

    #[test]
    fn a_flood_pushes_out_no_break_in_and_not_what_was_done_about_it_until_nothing_is_due_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (inside, outside) = (r#"{"reached":"apart"}"#, r#"{"reached":"nothing"}"#);
        for known in [line("in", "story", outside), line("in", "story", inside), line("in", "provider", "")] {
            store.append_incident(&known).unwrap();
        }
        let flood = |at_unix_ms| {
            for number in 0..50 {
                let row = IncidentRow { at_unix_ms, ..line(&number.to_string(), "story", outside) };
                store.append_incident_keeping(&row, 10).unwrap();
            }
            store.incident("in").unwrap().into_iter().map(|line| line.row).collect::<Vec<_>>()
        };
        assert_eq!(flood(6), [line("in", "story", inside), line("in", "provider", "")]);
        let chain = store.verify_incidents(None).unwrap().unwrap();
        assert!(chain.last - chain.first < 12, "{chain:?}");
        assert_eq!(flood(6 + unsigned(DUE_MS)), []);
    }

    #[test]
    fn break_ins_without_end_do_not_fill_the_log() {
        let (_folder, store) = three();
        for number in 0..100 {
            let row = line(&number.to_string(), "story", r#"{"reached":"apart"}"#);
            store.append_incident_keeping(&row, 5).unwrap();
        }
        let chain = store.verify_incidents(None).unwrap().unwrap();
        assert!(chain.last - chain.first <= 12, "{chain:?}");
    }
}
