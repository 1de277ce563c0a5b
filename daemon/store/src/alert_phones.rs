//! At which numbers somebody wants to be told by calls of the box's own, and which are to be asked.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::alert_calls::log;
use crate::retention::{DAY_MS, kept, oldest};
use crate::values::{signed, unsigned};
use crate::{AlertRing, Store, StoreError, UNDO_MS};

/// In `meta`: numbers that come are asked. Those that were there before there were such calls are not.
const KEY: &str = "alert-phones";

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
    /// When somebody on the page wanted it asked.
    pub pressed_unix_ms: Option<u64>,
    /// When it was first asked of the times since it is wanted.
    pub since_unix_ms: Option<u64>,
    /// How often no call came of those.
    pub not_made: u32,
}

impl Store {
    /// What is known of each number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alert_phones(&self) -> Result<Vec<AlertPhone>, StoreError> {
        self.keeper().read(known)
    }

    /// These are the numbers of those who are told. One that came is to be asked, unless it was there before there were such calls; one that
    /// went is known for as long as that can be undone. What is a day old is said no more, and calls go that are older than the log is kept.
    /// What is known of each number then.
    ///
    /// # Errors
    /// When the database cannot be read, or has to be written and cannot be.
    pub fn settle_alert_calls(&self, phones: Vec<String>, now_unix_ms: u64) -> Result<Vec<AlertPhone>, StoreError> {
        self.keeper().write(move |tx| {
            let now = signed(now_unix_ms);
            tx.execute("DELETE FROM alert_rings WHERE at_ms < ?1", [oldest(now, kept(tx, now)?.log)])?;
            let day_old = signed(now_unix_ms.saturating_sub(DAY_MS));
            let ends = "UPDATE alert_matters SET next_ms = NULL WHERE made_ms < ?1 AND next_ms IS NOT NULL";
            tx.execute(ends, [day_old])?;
            let over = signed(now_unix_ms.saturating_sub(UNDO_MS));
            tx.execute("DELETE FROM alert_phones WHERE left_ms <= ?1", [over])?;
            let asks: Option<String> =
                tx.query_row("SELECT value FROM meta WHERE key = ?1", [KEY], |row| row.get(0)).optional()?;
            if asks.is_none() {
                tx.execute("INSERT INTO meta (key, value) VALUES (?1, '')", [KEY])?;
            }
            for phone in &phones {
                tx.execute(
                    "INSERT INTO alert_phones (phone, wanted) SELECT ?1, ?2
                     WHERE NOT EXISTS (SELECT 1 FROM alert_phones WHERE phone = ?1)",
                    params![phone, asks.is_some()],
                )?;
                let back = "UPDATE alert_phones SET left_ms = NULL WHERE phone = ?1 AND left_ms IS NOT NULL";
                tx.execute(back, [phone])?;
            }
            let known = known(tx)?;
            for gone in known.iter().filter(|known| !phones.contains(&known.phone)) {
                let left = "UPDATE alert_phones SET left_ms = ?2 WHERE phone = ?1 AND left_ms IS NULL";
                tx.execute(left, params![gone.phone, now])?;
            }
            Ok(known)
        })
    }

    /// Somebody wants a number asked whether such calls are wanted there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn want_alert_phone(&self, phone: &str, now_unix_ms: u64) -> Result<(), StoreError> {
        let phone = phone.to_owned();
        self.keeper().write(move |tx| {
            let sql = "INSERT INTO alert_phones (phone, wanted, pressed_ms) VALUES (?1, 1, ?2) ON CONFLICT (phone)
                DO UPDATE SET wanted = 1, pressed_ms = ?2, since_ms = NULL, not_made = 0";
            tx.execute(sql, params![phone, signed(now_unix_ms)])?;
            Ok(())
        })
    }

    /// A call begins that asks a number: it counts, ended as `ring` says, whatever becomes of the box meanwhile. The call's number.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is kept.
    pub fn alert_asking_begins(&self, ring: AlertRing) -> Result<u64, StoreError> {
        self.keeper().write(move |tx| {
            let sql = "UPDATE alert_phones SET asked_ms = ?2, since_ms = coalesce(since_ms, ?2) WHERE phone = ?1";
            tx.execute(sql, params![ring.phone, signed(ring.at_unix_ms)])?;
            log(tx, None, &ring)
        })
    }

    /// A number was asked. `call` is the call's number; `None` for one whose begin was not kept. `again` when no call came of it, and the
    /// number is to be asked still.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is kept.
    pub fn alert_phone_asked(
        &self,
        call: Option<u64>,
        ring: AlertRing,
        accepted: bool,
        again: bool,
    ) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            log(tx, call, &ring)?;
            let at = signed(ring.at_unix_ms);
            tx.execute(
                "UPDATE alert_phones SET asked_ms = ?2, wanted = ?3, since_ms = CASE WHEN ?3 THEN coalesce(since_ms, ?2) END,
                    not_made = CASE WHEN ?3 THEN not_made + 1 ELSE 0 END,
                    confirmed_ms = CASE WHEN ?4 THEN ?2 ELSE confirmed_ms END
                 WHERE phone = ?1",
                params![ring.phone, at, again, accepted],
            )?;
            Ok(())
        })
    }
}

fn known(tx: &Transaction<'_>) -> Result<Vec<AlertPhone>, StoreError> {
    let sql =
        "SELECT phone, confirmed_ms, asked_ms, wanted, pressed_ms, since_ms, not_made FROM alert_phones ORDER BY phone";
    let mut all = tx.prepare_cached(sql)?;
    let rows = all.query_map([], |row| {
        let ms = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(unsigned));
        Ok(AlertPhone {
            phone: row.get(0)?,
            confirmed_unix_ms: ms(1)?,
            asked_unix_ms: ms(2)?,
            wanted: row.get(3)?,
            pressed_unix_ms: ms(4)?,
            since_unix_ms: ms(5)?,
            not_made: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "+31612345678";

    fn ring(at: u64, ended: &str) -> AlertRing {
        AlertRing { at_unix_ms: at, phone: OWNER.into(), spoken: "accept".into(), ended: ended.into() }
    }

    fn settled(store: &Store, phones: &[&str], now: u64) -> Option<AlertPhone> {
        let phones = phones.iter().map(|phone| (*phone).to_owned()).collect();
        store.settle_alert_calls(phones, now).unwrap();
        store.alert_phones().unwrap().into_iter().find(|known| known.phone == OWNER)
    }

    #[test]
    fn numbers_of_before_there_were_such_calls_are_not_asked_and_those_that_come_later_are() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(!settled(&store, &[OWNER], 1).unwrap().wanted);
        assert!(!settled(&store, &[OWNER, "+31687654321"], 2).unwrap().wanted);
        assert!(store.alert_phones().unwrap()[1].wanted);
        store.want_alert_phone(OWNER, 3).unwrap();
        assert!(settled(&store, &[OWNER], 4).unwrap().wanted, "who presses the button is asked");
    }

    #[test]
    fn a_number_is_asked_once_and_confirmed_by_a_1_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let known = |store: &Store| store.alert_phones().unwrap().pop().unwrap();
        store.want_alert_phone(OWNER, 5).unwrap();
        let call = store.alert_asking_begins(ring(5, "not-confirmed")).unwrap();
        let begun = known(&store);
        assert_eq!((begun.wanted, begun.asked_unix_ms, begun.since_unix_ms), (true, Some(5), Some(5)));
        store.alert_phone_asked(Some(call), ring(5, "not-made"), false, true).unwrap();
        assert_eq!((known(&store).wanted, known(&store).not_made), (true, 1), "no call came of it");
        store.alert_phone_asked(None, ring(6, "no-answer"), false, false).unwrap();
        let asked = known(&store);
        assert_eq!((asked.wanted, asked.asked_unix_ms, asked.confirmed_unix_ms), (false, Some(6), None));
        assert_eq!((asked.since_unix_ms, asked.not_made), (None, 0));
        store.want_alert_phone(OWNER, 7).unwrap();
        store.alert_phone_asked(None, ring(7, "heard"), true, false).unwrap();
        assert_eq!(known(&store).confirmed_unix_ms, Some(7));
        assert_eq!(store.alert_rings(u32::MAX).unwrap(), [ring(7, "heard"), ring(6, "no-answer"), ring(5, "not-made")]);
    }

    #[test]
    fn a_number_that_comes_back_within_the_day_of_an_undo_is_confirmed_still() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        settled(&store, &[OWNER], 1);
        store.alert_phone_asked(None, ring(1, "heard"), true, false).unwrap();
        settled(&store, &[], 2);
        assert_eq!(settled(&store, &[OWNER], UNDO_MS + 1).unwrap().confirmed_unix_ms, Some(1));
        settled(&store, &[], DAY_MS * 2);
        let back = settled(&store, &[OWNER], DAY_MS * 2 + UNDO_MS).unwrap();
        assert_eq!((back.confirmed_unix_ms, back.wanted), (None, true));
    }

    #[test]
    fn what_is_a_day_old_is_said_no_more_and_what_is_newer_of_the_same_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put_alert_matter(("incident/1", 1), "money", (1, 1)).unwrap();
        store.put_alert_matter(("incident/1", 2), "inside", (DAY_MS, DAY_MS)).unwrap();
        settled(&store, &[], DAY_MS + 1);
        assert_eq!(store.open_alert_matters().unwrap().len(), 2);
        settled(&store, &[], DAY_MS + 2);
        assert_eq!(store.open_alert_matters().unwrap()[0].spoken, "inside");
        assert_eq!(store.open_alert_matters().unwrap().len(), 1);
    }

    #[test]
    fn calls_are_kept_no_longer_than_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.alert_phone_asked(None, ring(5, "heard"), true, false).unwrap();
        let days = u64::from(centrale_config::Retention::USUAL.log);
        settled(&store, &[], 5 + days * DAY_MS);
        assert_eq!(store.alert_rings(u32::MAX).unwrap().len(), 1);
        settled(&store, &[], 6 + days * DAY_MS);
        assert!(store.alert_rings(u32::MAX).unwrap().is_empty());
    }
}
