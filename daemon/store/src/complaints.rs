//! Complaints about calls to the office's own premium numbers: only added to, and answered once.
//!
//! A provider of such numbers charges the holder EUR 25 for each and pays nothing out while one is not answered within five days.

use rusqlite::Row;

use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Most complaints about one number that are given at once.
const MOST: usize = 1000;

/// A complaint as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewComplaint {
    /// The premium number, as the office writes it.
    pub premium: String,
    /// On which day it came in, as `2026-11-29`.
    pub received: String,
    /// The last day on which it is answered in time.
    pub due: String,
    /// From which number was called; empty when nobody said.
    pub caller: String,
    /// What it says.
    pub said: String,
    /// What the provider charges for it.
    pub cents: u32,
    /// When it was written down, in milliseconds since 1970 UTC.
    pub noted_unix_ms: u64,
    /// By whom.
    pub noted_by: String,
}

/// A complaint that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Its number, rising.
    pub number: u64,
    /// As it came in.
    pub complaint: NewComplaint,
    /// When, by whom and with which words it was answered.
    pub answered: Option<(u64, String, String)>,
}

impl Store {
    /// Writes a complaint down. Gives its number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_complaint(&self, complaint: NewComplaint) -> Result<u64, StoreError> {
        self.keeper().write(move |tx| {
            let NewComplaint { premium, received, due, caller, said, cents, noted_unix_ms, noted_by } = complaint;
            let sql = "INSERT INTO complaints (premium, received, due, caller, said, cents, noted_ms, noted_by)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            tx.execute(sql, (premium, received, due, caller, said, cents, signed(noted_unix_ms), noted_by))?;
            Ok(unsigned(tx.last_insert_rowid()))
        })
    }

    /// Notes how a complaint about that number was answered. False when there is none that waits for an answer.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn answer_complaint(
        &self,
        (premium, number): (&str, u64),
        (at_unix_ms, by, answer): (u64, &str, &str),
    ) -> Result<bool, StoreError> {
        let (premium, by, answer) = (premium.to_owned(), by.to_owned(), answer.to_owned());
        self.keeper().write(move |tx| {
            let sql = "UPDATE complaints SET answered_ms = ?3, answered_by = ?4, answer = ?5
                WHERE number = ?1 AND premium = ?2 AND answered_ms IS NULL";
            Ok(tx.execute(sql, (signed(number), premium, signed(at_unix_ms), by, answer))? > 0)
        })
    }

    /// Complaints about a premium number, the newest first; a thousand at most.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn complaints(&self, premium: &str) -> Result<Vec<Complaint>, StoreError> {
        let premium = premium.to_owned();
        self.keeper().read(move |tx| {
            let sql = format!(
                "SELECT number, premium, received, due, caller, said, cents, noted_ms, noted_by, answered_ms, answered_by, answer
                FROM complaints WHERE premium = ?1 ORDER BY number DESC LIMIT {MOST}"
            );
            let mut all = tx.prepare_cached(&sql)?;
            let rows = all.query_map([premium], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<Complaint> {
    let complaint = NewComplaint {
        premium: row.get(1)?,
        received: row.get(2)?,
        due: row.get(3)?,
        caller: row.get(4)?,
        said: row.get(5)?,
        cents: row.get(6)?,
        noted_unix_ms: unsigned(row.get(7)?),
        noted_by: row.get(8)?,
    };
    let answered = match row.get::<_, Option<i64>>(9)? {
        None => None,
        Some(at) => Some((unsigned(at), row.get(10)?, row.get(11)?)),
    };
    Ok(Complaint { number: unsigned(row.get(0)?), complaint, answered })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(premium: &str) -> NewComplaint {
        NewComplaint {
            premium: premium.into(),
            received: "2026-11-29".into(),
            due: "2026-12-04".into(),
            caller: "+31612345678".into(),
            said: "Nobody told me the price.".into(),
            cents: 2_500,
            noted_unix_ms: 7,
            noted_by: "Anna".into(),
        }
    }

    #[test]
    fn a_109_a_complaint_is_kept_as_it_came_in_and_answered_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let first = store.add_complaint(complaint("09001234")).unwrap();
        store.add_complaint(complaint("09091234")).unwrap();
        let answer =
            |premium: &str| store.answer_complaint((premium, first), (8, "Bram", "The announcement was played."));
        assert!(!answer("09091234").unwrap(), "it is about another number");
        assert_eq!((answer("09001234").unwrap(), answer("09001234").unwrap()), (true, false));
        let kept = store.complaints("09001234").unwrap();
        assert_eq!(kept[0].complaint, complaint("09001234"));
        assert_eq!(kept[0].answered, Some((8, "Bram".into(), "The announcement was played.".into())));
        let tamper = |sql: &'static str| store.keeper().write(move |tx| Ok(tx.execute(sql, ())?));
        for sql in [
            "DELETE FROM complaints",
            "UPDATE complaints SET said = 'x'",
            "UPDATE complaints SET answer = 'x' WHERE answered_ms IS NOT NULL",
        ] {
            assert!(tamper(sql).is_err(), "{sql}");
        }
    }
}
