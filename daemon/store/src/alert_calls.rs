//! What is told by calls of the box's own: what is still to be said and to whom, and which calls were made. A restart goes on where it was.

use rusqlite::{Row, Transaction, params};

use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Matters and calls that are remembered; the oldest are forgotten.
const MOST_KEPT: u64 = 500;

/// Something that is to be said by telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertMatter {
    /// Its number, counted from 1.
    pub number: u64,
    /// What it is about, as its mails are known by.
    pub about: String,
    /// How much of that it tells.
    pub stage: u32,
    /// What is said, as a stable word.
    pub spoken: String,
    /// When it came up, in milliseconds since 1970 UTC.
    pub made_unix_ms: u64,
    /// When somebody is rung next; `None` when it is over.
    pub next_unix_ms: Option<u64>,
    /// The place of who is rung.
    pub contact: u32,
    /// How often that one was.
    pub tries: u32,
    /// How often no call came of it since.
    pub not_made: u32,
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRing {
    /// When, in milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
    /// Whom, in E.164.
    pub phone: String,
    /// What it said, as a stable word.
    pub spoken: String,
    /// How it ended, as a stable word.
    pub ended: String,
}

/// How far something is once a call about it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertTurn {
    /// It was heard, and with it whatever else says the same and has a number up to this one.
    Heard(u64),
    /// Somebody is rung again at that time.
    Next {
        /// The place of who is rung.
        contact: u32,
        /// How often that one was.
        tries: u32,
        /// How often no call came of it since.
        not_made: u32,
        /// When, in milliseconds since 1970 UTC.
        at_unix_ms: u64,
    },
    /// Nobody is rung any more. What says the same rests until then.
    Over(u64),
}

const MATTER: &str = "number, about, stage, spoken, made_ms, next_ms, contact, tries, not_made";

impl Store {
    /// Keeps something that is to be said. What is about to be said of the same tells this much of it then.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_alert_matter(
        &self,
        (about, stage): (&str, u32),
        spoken: &'static str,
        (made_unix_ms, next_unix_ms): (u64, u64),
    ) -> Result<(), StoreError> {
        let about = about.to_owned();
        self.keeper().write(move |tx| {
            let known = tx.execute(
                "UPDATE alert_matters SET stage = max(stage, ?2) WHERE about = ?1 AND spoken = ?3 AND next_ms IS NOT NULL",
                params![about, stage, spoken],
            )?;
            if known == 0 {
                tx.execute(
                    "INSERT INTO alert_matters (about, stage, spoken, made_ms, next_ms, contact, tries)
                     VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)",
                    params![about, stage, spoken, signed(made_unix_ms), signed(next_unix_ms)],
                )?;
            }
            forget_old(tx)
        })
    }

    /// What is still to be said, whose turn comes first at the front.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open_alert_matters(&self) -> Result<Vec<AlertMatter>, StoreError> {
        self.alert_matters("next_ms IS NOT NULL", 0)
    }

    /// Everything that came up at or after `since_unix_ms` and is known, over or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alert_matters_since(&self, since_unix_ms: u64) -> Result<Vec<AlertMatter>, StoreError> {
        self.alert_matters("made_ms >= ?1", since_unix_ms)
    }

    fn alert_matters(&self, which: &'static str, since: u64) -> Result<Vec<AlertMatter>, StoreError> {
        self.keeper().read(move |tx| {
            let sql =
                format!("SELECT {MATTER} FROM alert_matters WHERE {which} AND ?1 IS NOT NULL ORDER BY next_ms, number");
            let mut all = tx.prepare_cached(&sql)?;
            let rows = all.query_map([signed(since)], matter)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A call begins that says something: it counts, ended as `ring` says, whatever becomes of the box meanwhile, and nothing that says
    /// the same is rung for before `rests_until`. The call's number.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is kept.
    pub fn alert_ring_begins(&self, ring: AlertRing, rests_until: u64) -> Result<u64, StoreError> {
        self.keeper().write(move |tx| {
            rest(tx, &ring.spoken, rests_until)?;
            log(tx, None, &ring)
        })
    }

    /// A call for something is over: how it ended, and what comes next. `call` is its number; `None` for one whose begin was not kept.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is kept.
    pub fn alert_rung(
        &self,
        call: Option<u64>,
        number: u64,
        ring: AlertRing,
        turn: AlertTurn,
    ) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            // Whatever ended meanwhile stays so.
            match turn {
                AlertTurn::Heard(up_to) => drop(tx.execute(
                    "UPDATE alert_matters SET next_ms = NULL WHERE spoken = ?1 AND number <= ?2",
                    params![ring.spoken, signed(up_to)],
                )?),
                AlertTurn::Next { contact, tries, not_made, at_unix_ms } => {
                    rest(tx, &ring.spoken, at_unix_ms)?;
                    tx.execute(
                        "UPDATE alert_matters SET next_ms = ?2, contact = ?3, tries = ?4, not_made = ?5
                         WHERE number = ?1 AND next_ms IS NOT NULL",
                        params![signed(number), signed(at_unix_ms), contact, tries, not_made],
                    )?;
                }
                AlertTurn::Over(rests_until) => {
                    rest(tx, &ring.spoken, rests_until)?;
                    tx.execute("UPDATE alert_matters SET next_ms = NULL WHERE number = ?1", [signed(number)])?;
                }
            }
            log(tx, call, &ring).map(drop)
        })
    }

    /// Nobody is rung any more about something: it is over, or nobody is left to ring.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn end_alert_matters(&self, about: &str) -> Result<(), StoreError> {
        let about = about.to_owned();
        self.keeper().write(move |tx| {
            tx.execute("UPDATE alert_matters SET next_ms = NULL WHERE about = ?1", [about])?;
            Ok(())
        })
    }

    /// The last calls that were made, `most` of them, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alert_rings(&self, most: u32) -> Result<Vec<AlertRing>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = "SELECT at_ms, phone, spoken, ended FROM alert_rings ORDER BY number DESC LIMIT ?1";
            let mut last = tx.prepare_cached(sql)?;
            let rows = last.query_map([most], |row| {
                Ok(AlertRing {
                    at_unix_ms: unsigned(row.get(0)?),
                    phone: row.get(1)?,
                    spoken: row.get(2)?,
                    ended: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// What says the same is rung for no sooner.
fn rest(tx: &Transaction<'_>, spoken: &str, until_unix_ms: u64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE alert_matters SET next_ms = max(next_ms, ?2) WHERE spoken = ?1 AND next_ms IS NOT NULL",
        params![spoken, signed(until_unix_ms)],
    )?;
    Ok(())
}

/// Writes a call down, or how one ended that was. Its number.
pub(crate) fn log(tx: &Transaction<'_>, call: Option<u64>, ring: &AlertRing) -> Result<u64, StoreError> {
    if let Some(call) = call {
        tx.execute("UPDATE alert_rings SET ended = ?2 WHERE number = ?1", params![signed(call), ring.ended])?;
        return Ok(call);
    }
    tx.execute(
        "INSERT INTO alert_rings (at_ms, phone, spoken, ended) VALUES (?1, ?2, ?3, ?4)",
        params![signed(ring.at_unix_ms), ring.phone, ring.spoken, ring.ended],
    )?;
    let call = unsigned(tx.last_insert_rowid());
    forget_old(tx)?;
    Ok(call)
}

fn forget_old(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let sql = "DELETE FROM alert_matters WHERE number <= (SELECT max(number) FROM alert_matters) - ?1";
    tx.execute(sql, [signed(MOST_KEPT)])?;
    // Each kind for itself: calls that could not be made push none out that counts.
    for not_made in [true, false] {
        let sql = "DELETE FROM alert_rings WHERE (ended = 'not-made') = ?2 AND number NOT IN
            (SELECT number FROM alert_rings WHERE (ended = 'not-made') = ?2 ORDER BY number DESC LIMIT ?1)";
        tx.execute(sql, params![signed(MOST_KEPT), not_made])?;
    }
    Ok(())
}

fn matter(row: &Row<'_>) -> rusqlite::Result<AlertMatter> {
    Ok(AlertMatter {
        number: unsigned(row.get(0)?),
        about: row.get(1)?,
        stage: row.get(2)?,
        spoken: row.get(3)?,
        made_unix_ms: unsigned(row.get(4)?),
        next_unix_ms: row.get::<_, Option<i64>>(5)?.map(unsigned),
        contact: row.get(6)?,
        tries: row.get(7)?,
        not_made: row.get(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "+31612345678";

    fn ring(at: u64, spoken: &str, ended: &str) -> AlertRing {
        AlertRing { at_unix_ms: at, phone: OWNER.into(), spoken: spoken.into(), ended: ended.into() }
    }

    fn next(tries: u32, at_unix_ms: u64) -> AlertTurn {
        AlertTurn::Next { contact: 0, tries, not_made: 0, at_unix_ms }
    }

    fn open(store: &Store) -> Vec<(String, Option<u64>, u32)> {
        let open = store.open_alert_matters().unwrap();
        open.into_iter().map(|matter| (matter.about, matter.next_unix_ms, matter.tries)).collect()
    }

    #[test]
    fn what_is_to_be_said_waits_over_a_restart_and_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put_alert_matter(("incident/1", 2), "inside", (100, 100)).unwrap();
        store.put_alert_matter(("problem/no-way-to-help/", 1), "no-help", (102, 900)).unwrap();
        store.alert_rung(None, 1, ring(100, "inside", "no-answer"), next(1, 400)).unwrap();
        store.close();
        let store = Store::open(folder.path()).unwrap();
        let help = ("problem/no-way-to-help/".to_owned(), Some(900), 0);
        assert_eq!(open(&store), [("incident/1".into(), Some(400), 1), help]);
        store.alert_rung(None, 1, ring(400, "inside", "heard"), AlertTurn::Heard(2)).unwrap();
        store.end_alert_matters("problem/no-way-to-help/").unwrap();
        assert!(open(&store).is_empty());
        assert_eq!(store.alert_matters_since(102).unwrap().len(), 1);
        assert_eq!(store.alert_rings(9).unwrap(), [ring(400, "inside", "heard"), ring(100, "inside", "no-answer")]);
        assert_eq!(store.alert_rings(1).unwrap(), [ring(400, "inside", "heard")]);
    }

    #[test]
    fn each_matter_of_a_word_is_kept_and_a_1_ends_those_that_were_there_when_it_rang() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put_alert_matter(("incident/1", 1), "inside", (100, 100)).unwrap();
        store.put_alert_matter(("incident/1", 2), "inside", (101, 101)).unwrap();
        store.put_alert_matter(("incident/2", 1), "inside", (102, 102)).unwrap();
        assert_eq!(open(&store).len(), 2, "how much more there is of a story is no other one");
        assert_eq!(store.alert_matters_since(0).unwrap()[0].stage, 2);
        // The end of one is none of the other's.
        store.end_alert_matters("incident/1").unwrap();
        assert_eq!(open(&store), [("incident/2".into(), Some(102), 0)]);
        store.put_alert_matter(("incident/3", 1), "inside", (103, 103)).unwrap();
        let call = store.alert_ring_begins(ring(110, "inside", "not-confirmed"), 400).unwrap();
        assert_eq!(open(&store), [("incident/2".into(), Some(400), 0), ("incident/3".into(), Some(400), 0)]);
        store.put_alert_matter(("incident/4", 1), "inside", (120, 120)).unwrap();
        let upto = 3;
        store.alert_rung(Some(call), 2, ring(110, "inside", "heard"), AlertTurn::Heard(upto)).unwrap();
        assert_eq!(open(&store), [("incident/4".into(), Some(120), 0)]);
        assert_eq!(store.alert_rings(u32::MAX).unwrap(), [ring(110, "inside", "heard")]);
    }

    #[test]
    fn what_was_mended_during_a_call_is_not_rung_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put_alert_matter(("problem/no-way-to-help/", 1), "no-help", (100, 100)).unwrap();
        store.end_alert_matters("problem/no-way-to-help/").unwrap();
        store.alert_rung(None, 1, ring(100, "no-help", "no-answer"), next(1, 400)).unwrap();
        assert!(open(&store).is_empty());
    }

    #[test]
    fn the_lists_stay_short_and_what_could_not_be_made_pushes_out_no_call_that_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.alert_ring_begins(ring(0, "inside", "not-confirmed"), 0).unwrap();
        store
            .keeper()
            .write(|tx| (0..MOST_KEPT + 5).try_for_each(|at| log(tx, None, &ring(at, "inside", "not-made")).map(drop)))
            .unwrap();
        let rings = store.alert_rings(u32::MAX).unwrap();
        assert_eq!((rings.len() as u64, rings.last()), (MOST_KEPT + 1, Some(&ring(0, "inside", "not-confirmed"))));
    }
}
