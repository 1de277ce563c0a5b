//! What is told by calls of the box's own: what is still to be said and to whom, which calls were made, and at which numbers somebody
//! wants them. A restart goes on where it was.

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

/// A number at which somebody is to be told. Times are milliseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertPhone {
    /// The number, in E.164.
    pub phone: String,
    /// When somebody there said by a 1 that such calls are wanted.
    pub confirmed_unix_ms: Option<u64>,
    /// When that was asked last.
    pub asked_unix_ms: Option<u64>,
    /// Whether it is to be asked.
    pub wanted: bool,
}

const MATTER: &str = "number, about, stage, spoken, made_ms, next_ms, contact, tries";

impl Store {
    /// Keeps something that is to be said, unless the same is about to be.
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
            tx.execute(
                "INSERT INTO alert_matters (about, stage, spoken, made_ms, next_ms, contact, tries)
                 SELECT ?1, ?2, ?3, ?4, ?5, 0, 0
                 WHERE NOT EXISTS (SELECT 1 FROM alert_matters WHERE spoken = ?3 AND next_ms IS NOT NULL)",
                params![about, stage, spoken, signed(made_unix_ms), signed(next_unix_ms)],
            )?;
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

    /// A call was made for something: how it ended, and who is rung when next; `None` when nobody is.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is kept.
    pub fn alert_rung(&self, number: u64, ring: AlertRing, next: Option<(u32, u32, u64)>) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            log(tx, &ring)?;
            let (at, contact, tries) =
                (next.map(|(_, _, at)| signed(at)), next.map(|(contact, ..)| contact), next.map(|(_, tries, _)| tries));
            tx.execute(
                "UPDATE alert_matters SET next_ms = ?2, contact = coalesce(?3, contact), tries = coalesce(?4, tries)
                 WHERE number = ?1",
                params![signed(number), at, contact, tries],
            )?;
            Ok(())
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

    /// When a call that says this was heard last, in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alert_heard(&self, spoken: &'static str) -> Result<Option<u64>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = "SELECT max(at_ms) FROM alert_rings WHERE spoken = ?1 AND ended = 'heard'";
            let at: Option<i64> = tx.query_row(sql, [spoken], |row| row.get(0))?;
            Ok(at.map(unsigned))
        })
    }

    /// The calls that were made, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alert_rings(&self) -> Result<Vec<AlertRing>, StoreError> {
        self.keeper().read(|tx| {
            let sql = "SELECT at_ms, phone, spoken, ended FROM alert_rings ORDER BY number DESC";
            let mut all = tx.prepare_cached(sql)?;
            let rows = all.query_map([], |row| {
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

    /// What is known of each number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alert_phones(&self) -> Result<Vec<AlertPhone>, StoreError> {
        self.keeper().read(|tx| {
            let sql = "SELECT phone, confirmed_ms, asked_ms, wanted FROM alert_phones ORDER BY phone";
            let mut all = tx.prepare_cached(sql)?;
            let rows = all.query_map([], |row| {
                let ms = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(unsigned));
                Ok(AlertPhone {
                    phone: row.get(0)?,
                    confirmed_unix_ms: ms(1)?,
                    asked_unix_ms: ms(2)?,
                    wanted: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A number is to be asked whether such calls are wanted there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn want_alert_phone(&self, phone: &str) -> Result<(), StoreError> {
        let phone = phone.to_owned();
        self.keeper().write(move |tx| {
            let sql =
                "INSERT INTO alert_phones (phone, wanted) VALUES (?1, 1) ON CONFLICT (phone) DO UPDATE SET wanted = 1";
            tx.execute(sql, [phone])?;
            Ok(())
        })
    }

    /// A number was asked. `again` when that came to no call, and it is to be asked still.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is kept.
    pub fn alert_phone_asked(&self, ring: AlertRing, accepted: bool, again: bool) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            log(tx, &ring)?;
            let at = signed(ring.at_unix_ms);
            tx.execute(
                "UPDATE alert_phones SET asked_ms = ?2, wanted = ?3, confirmed_ms = CASE WHEN ?4 THEN ?2 ELSE confirmed_ms END
                 WHERE phone = ?1",
                params![ring.phone, at, again, accepted],
            )?;
            Ok(())
        })
    }

    /// Numbers are nobody's any more that is told: whoever comes back with one is asked again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_alert_phone(&self, phone: &str) -> Result<(), StoreError> {
        let phone = phone.to_owned();
        self.keeper().write(move |tx| {
            tx.execute("DELETE FROM alert_phones WHERE phone = ?1", [phone])?;
            Ok(())
        })
    }
}

fn log(tx: &Transaction<'_>, ring: &AlertRing) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO alert_rings (at_ms, phone, spoken, ended) VALUES (?1, ?2, ?3, ?4)",
        params![signed(ring.at_unix_ms), ring.phone, ring.spoken, ring.ended],
    )?;
    forget_old(tx)
}

fn forget_old(tx: &Transaction<'_>) -> Result<(), StoreError> {
    for table in ["alert_matters", "alert_rings"] {
        let sql = format!("DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?1");
        tx.execute(&sql, [signed(MOST_KEPT)])?;
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "+31612345678";

    fn ring(at: u64, spoken: &str, ended: &str) -> AlertRing {
        AlertRing { at_unix_ms: at, phone: OWNER.into(), spoken: spoken.into(), ended: ended.into() }
    }

    #[test]
    fn what_is_to_be_said_waits_over_a_restart_and_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put_alert_matter(("incident/1", 2), "inside", (100, 100)).unwrap();
        store.put_alert_matter(("incident/2", 2), "inside", (101, 101)).unwrap();
        store.put_alert_matter(("problem/no-way-to-help/", 1), "no-help", (102, 900)).unwrap();
        store.alert_rung(1, ring(100, "inside", "no-answer"), Some((0, 1, 400))).unwrap();
        store.close();
        let store = Store::open(folder.path()).unwrap();
        let open = store.open_alert_matters().unwrap();
        assert_eq!(open.len(), 2, "the same is said once");
        assert_eq!((open[0].next_unix_ms, open[0].contact, open[0].tries), (Some(400), 0, 1));
        store.alert_rung(1, ring(400, "inside", "heard"), None).unwrap();
        assert_eq!(store.alert_heard("inside").unwrap(), Some(400));
        assert_eq!(store.alert_heard("no-help").unwrap(), None);
        store.end_alert_matters("problem/no-way-to-help/").unwrap();
        assert!(store.open_alert_matters().unwrap().is_empty());
        assert_eq!(store.alert_matters_since(102).unwrap().len(), 1);
        assert_eq!(store.alert_rings().unwrap(), [ring(400, "inside", "heard"), ring(100, "inside", "no-answer")]);
    }

    #[test]
    fn a_number_is_asked_once_and_confirmed_by_a_1_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let known = |store: &Store| store.alert_phones().unwrap().pop();
        store.want_alert_phone(OWNER).unwrap();
        assert!(known(&store).unwrap().wanted);
        store.alert_phone_asked(ring(5, "accept", "not-made"), false, true).unwrap();
        assert!(known(&store).unwrap().wanted, "no call came of it");
        store.alert_phone_asked(ring(6, "accept", "no-answer"), false, false).unwrap();
        let asked = known(&store).unwrap();
        assert_eq!((asked.wanted, asked.asked_unix_ms, asked.confirmed_unix_ms), (false, Some(6), None));
        store.want_alert_phone(OWNER).unwrap();
        store.alert_phone_asked(ring(7, "accept", "heard"), true, false).unwrap();
        assert_eq!(known(&store).unwrap().confirmed_unix_ms, Some(7));
        store.forget_alert_phone(OWNER).unwrap();
        assert_eq!(known(&store), None);
    }

    #[test]
    fn the_lists_stay_short() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.want_alert_phone(OWNER).unwrap();
        for at in 0..MOST_KEPT + 5 {
            store.alert_phone_asked(ring(at, "accept", "no-answer"), false, false).unwrap();
        }
        assert_eq!(store.alert_rings().unwrap().len() as u64, MOST_KEPT);
    }
}
