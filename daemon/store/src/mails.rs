//! Mail that is to leave, and what became of it. What a mail says is encrypted, and forgotten once it left or was given up.

use std::collections::BTreeSet;

use rusqlite::{Row, Transaction, params};

use crate::seal::Seal;
use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Mails that wait at most; of more, the oldest are given up.
const MOST_WAITING_MAILS: u64 = 500;
/// Mails that are remembered: those that wait, and the last that left or were given up.
const MOST_MAILS: u64 = 2_000;
/// Most mails on a page.
const LONGEST_PAGE: u32 = 500;
/// What is said of a mail that was given up because too many waited.
const TOO_MANY: &str = "too-many";

/// A mail that is to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// What it is about, as a stable word. Never a secret.
    pub about: String,
    /// How much of that it tells: a later mail about the same tells more.
    pub stage: u32,
    /// To whom.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// When it was written, in milliseconds since 1970 UTC.
    pub made_unix_ms: u64,
    /// When it is to leave, likewise.
    pub next_unix_ms: u64,
}

/// A mail, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Its number.
    pub number: u64,
    /// As in [`NewMail::about`].
    pub about: String,
    /// As in [`NewMail::stage`].
    pub stage: u32,
    /// To whom.
    pub recipient: String,
    /// When it was written, in milliseconds since 1970 UTC.
    pub made_unix_ms: u64,
    /// When it is tried next; `None` once it left or was given up.
    pub next_unix_ms: Option<u64>,
    /// How often it was tried and did not leave.
    pub tries: u32,
    /// When it left.
    pub sent_unix_ms: Option<u64>,
    /// Why it did not leave the last time, as a stable word.
    pub fault: Option<String>,
}

/// A mail that waits, with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMail {
    /// The mail.
    pub row: MailRow,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Something that was told by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldByMail {
    /// As in [`NewMail::about`].
    pub about: String,
    /// How much of it the last mail about it tells.
    pub stage: u32,
    /// When that leaves, or was written once it left, in milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
}

/// A mail that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueMail {
    /// It can leave.
    Whole(WaitingMail),
    /// The mail of this number does not open: what it said is lost.
    Damaged(u64),
}

const COLUMNS: &str = "number, about, stage, recipient, made_ms, next_ms, tries, sent_ms, fault";

impl Store {
    /// Keeps mails until they left. When this returns, no power cut takes them away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_mails(&self, mails: Vec<NewMail>) -> Result<(), StoreError> {
        let seal = self.seal();
        self.keeper().write(move |tx| put_with_room(tx, &seal, mails))
    }

    /// The mail that is due by `now_unix_ms` and has waited longest for its turn; before all of them a test that was not tried
    /// yet, because somebody waits for it. Those whose numbers are in `besides` are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due_mail(&self, now_unix_ms: u64, besides: BTreeSet<u64>) -> Result<Option<DueMail>, StoreError> {
        let seal = self.seal();
        self.keeper().read(move |tx| {
            let sql = format!(
                "SELECT {COLUMNS}, said FROM mails WHERE next_ms <= ?1
                    ORDER BY about = 'test' AND tries = 0 DESC, next_ms, number"
            );
            let mut all = tx.prepare_cached(&sql)?;
            let mut rows = all.query([signed(now_unix_ms)])?;
            while let Some(row) = rows.next()? {
                let found = mail(row)?;
                if !besides.contains(&found.number) {
                    return Ok(Some(open(&seal, found, row.get(9)?)));
                }
            }
            Ok(None)
        })
    }

    /// When the next mail is due that is not due yet at `now_unix_ms`, in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn next_mail_after(&self, now_unix_ms: u64) -> Result<Option<u64>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = "SELECT min(next_ms) FROM mails WHERE next_ms > ?1";
            let next: Option<i64> = tx.query_row(sql, [signed(now_unix_ms)], |row| row.get(0))?;
            Ok(next.map(unsigned))
        })
    }

    /// A mail left: what it said is forgotten.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn mail_sent(&self, number: u64, now_unix_ms: u64) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            let sql = "UPDATE mails SET next_ms = NULL, sent_ms = ?2, fault = NULL, said = x'' WHERE number = ?1";
            tx.execute(sql, [signed(number), signed(now_unix_ms)])?;
            Ok(())
        })
    }

    /// A mail did not leave, and why, as a stable word. Without a next time it is given up, and what it said forgotten.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn mail_failed(&self, number: u64, fault: &str, next_unix_ms: Option<u64>) -> Result<(), StoreError> {
        let fault = fault.to_owned();
        self.keeper().write(move |tx| {
            let sql = "UPDATE mails SET tries = tries + 1, fault = ?2, next_ms = ?3,
                said = CASE WHEN ?3 IS NULL THEN x'' ELSE said END WHERE number = ?1";
            tx.execute(sql, params![signed(number), fault, next_unix_ms.map(signed)])?;
            Ok(())
        })
    }

    /// Takes back what was to be told about something and is not due yet at `now_unix_ms`; whether there was anything. What is
    /// due was told as far as anybody knows, and waits for its turn alone.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn withdraw_mails(&self, about: &str, now_unix_ms: u64) -> Result<bool, StoreError> {
        let about = about.to_owned();
        self.keeper().write(move |tx| {
            let sql = "DELETE FROM mails WHERE about = ?1 AND next_ms > ?2 AND tries = 0";
            Ok(tx.execute(sql, params![about, signed(now_unix_ms)])? > 0)
        })
    }

    /// Has whatever waits tried at once: the mail server is another one now.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn hasten_mails(&self, now_unix_ms: u64) -> Result<(), StoreError> {
        self.keeper().write(move |tx| {
            tx.execute("UPDATE mails SET next_ms = ?1 WHERE next_ms > ?1 AND tries > 0", [signed(now_unix_ms)])?;
            Ok(())
        })
    }

    /// Mails, the newest first: at most `limit` (and never more than 500), written at or after `since_unix_ms`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn mails(&self, since_unix_ms: u64, limit: u32) -> Result<Vec<MailRow>, StoreError> {
        self.keeper().read(move |tx| {
            let sql = format!("SELECT {COLUMNS} FROM mails WHERE made_ms >= ?1 ORDER BY number DESC LIMIT ?2");
            let mut all = tx.prepare_cached(&sql)?;
            let rows = all.query_map([signed(since_unix_ms), i64::from(limit.min(LONGEST_PAGE))], mail)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What was told in mails written at or after `since_unix_ms`, each thing once, the one told last at the end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn told_by_mail(&self, since_unix_ms: u64) -> Result<Vec<ToldByMail>, StoreError> {
        self.keeper().read(move |tx| {
            // With one max() the other columns are those of its row (sqlite.org/lang_select.html, 2.5).
            let sql = "SELECT about, stage, coalesce(next_ms, made_ms), max(number) FROM mails WHERE made_ms >= ?1
                GROUP BY about ORDER BY 4";
            let mut all = tx.prepare_cached(sql)?;
            let told = |row: &Row<'_>| {
                Ok(ToldByMail { about: row.get(0)?, stage: row.get(1)?, at_unix_ms: unsigned(row.get(2)?) })
            };
            let rows = all.query_map([signed(since_unix_ms)], told)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// Keeps mails with the rest of a transaction.
pub(crate) fn put_with_room(tx: &Transaction<'_>, seal: &Seal, mails: Vec<NewMail>) -> Result<(), StoreError> {
    mails.into_iter().try_for_each(|mail| put(tx, seal, mail))?;
    make_room(tx, MOST_WAITING_MAILS, MOST_MAILS)
}

fn put(tx: &Transaction<'_>, seal: &Seal, mail: NewMail) -> Result<(), StoreError> {
    let NewMail { about, stage, recipient, subject, text, made_unix_ms, next_unix_ms } = mail;
    tx.execute(
        "INSERT INTO mails (about, stage, recipient, said, made_ms, next_ms, tries) VALUES (?1, ?2, ?3, x'', ?4, ?5, 0)",
        params![about, stage, recipient, signed(made_unix_ms), signed(next_unix_ms)],
    )?;
    let number = tx.last_insert_rowid();
    // A subject is one line.
    let said = format!("{}\n{text}", subject.replace('\n', " "));
    let closed = seal.close_bytes(&place_of(unsigned(number)), said.into_bytes())?;
    tx.execute("UPDATE mails SET said = ?2 WHERE number = ?1", params![number, closed])?;
    Ok(())
}

/// Gives up the oldest that wait when there are too many, and forgets the oldest of all.
fn make_room(tx: &Transaction<'_>, most_waiting: u64, most: u64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE mails SET next_ms = NULL, fault = ?2, said = x'' WHERE number IN
            (SELECT number FROM mails WHERE next_ms IS NOT NULL ORDER BY number DESC LIMIT -1 OFFSET ?1)",
        params![signed(most_waiting), TOO_MANY],
    )?;
    tx.execute(
        "DELETE FROM mails WHERE next_ms IS NULL AND number <= (SELECT max(number) FROM mails) - ?1",
        [signed(most)],
    )?;
    Ok(())
}

fn place_of(number: u64) -> String {
    format!("mails/said/{number}")
}

fn open(seal: &Seal, row: MailRow, said: Vec<u8>) -> DueMail {
    let said = seal.open_bytes(&place_of(row.number), said).and_then(|said| String::from_utf8(said).ok());
    match said.as_deref().and_then(|said| said.split_once('\n')) {
        Some((subject, text)) => {
            DueMail::Whole(WaitingMail { subject: subject.to_owned(), text: text.to_owned(), row })
        }
        None => DueMail::Damaged(row.number),
    }
}

fn mail(row: &Row<'_>) -> rusqlite::Result<MailRow> {
    let ms = |index: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(unsigned));
    Ok(MailRow {
        number: unsigned(row.get(0)?),
        about: row.get(1)?,
        stage: row.get(2)?,
        recipient: row.get(3)?,
        made_unix_ms: unsigned(row.get(4)?),
        next_unix_ms: ms(5)?,
        tries: row.get(6)?,
        sent_unix_ms: ms(7)?,
        fault: row.get(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(about: &str, at: u64) -> NewMail {
        NewMail {
            about: about.into(),
            stage: 1,
            recipient: "owner@example.org".into(),
            subject: "a subject".into(),
            text: "the code is ABC\nand more".into(),
            made_unix_ms: at,
            next_unix_ms: at,
        }
    }

    fn opened() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        (folder, store)
    }

    fn due(store: &Store, now: u64) -> Option<(u64, u32, String)> {
        match store.due_mail(now, BTreeSet::new()).unwrap()? {
            DueMail::Whole(mail) => Some((mail.row.number, mail.row.tries, mail.text)),
            DueMail::Damaged(number) => panic!("mail {number} is damaged"),
        }
    }

    #[test]
    fn a_mail_waits_over_a_restart_until_it_left_and_what_it_said_is_gone_then() {
        let (folder, store) = opened();
        store.put_mails(vec![new("test", 100), new("later", 500)]).unwrap();
        store.close();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!((store.next_mail_after(99).unwrap(), due(&store, 99)), (Some(100), None));
        let text = "the code is ABC\nand more".to_owned();
        assert_eq!(due(&store, 100), Some((1, 0, text.clone())));
        store.mail_failed(1, "unreachable", Some(160)).unwrap();
        assert_eq!(due(&store, 159), None);
        assert_eq!(due(&store, 160), Some((1, 1, text)));
        store.mail_sent(1, 161).unwrap();
        assert_eq!(store.next_mail_after(0).unwrap(), Some(500));
        let row = store.mails(0, 10).unwrap().into_iter().find(|row| row.about == "test").unwrap();
        assert_eq!((row.sent_unix_ms, row.fault, row.next_unix_ms), (Some(161), None, None));
        let left = store.keeper().read(|tx| {
            Ok(tx.query_row("SELECT length(said) FROM mails WHERE number = 1", [], |row| row.get::<_, u32>(0))?)
        });
        assert_eq!(left.unwrap(), 0);
    }

    #[test]
    fn what_a_mail_says_is_nowhere_in_the_database_in_clear() {
        let (folder, store) = opened();
        store.put_mails(vec![new("test", 100)]).unwrap();
        store.close();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(11).any(|window| window == b"the code is"));
        }
    }

    #[test]
    fn a_mail_that_is_given_up_says_why_and_one_that_was_not_tried_can_be_taken_back() {
        let (_folder, store) = opened();
        store.put_mails(vec![new("a", 1), new("b", 2), new("c", 3)]).unwrap();
        store.mail_failed(1, "login-refused", None).unwrap();
        store.mail_failed(2, "unreachable", Some(900)).unwrap();
        assert!(!store.withdraw_mails("a", 0).unwrap() && !store.withdraw_mails("b", 0).unwrap());
        assert!(!store.withdraw_mails("c", 3).unwrap(), "it is due, and only waits for its turn");
        assert!(store.withdraw_mails("c", 2).unwrap());
        let told: Vec<_> = store.mails(0, 10).unwrap().into_iter().map(|row| (row.about, row.fault)).collect();
        assert_eq!(told, [("b".into(), Some("unreachable".into())), ("a".into(), Some("login-refused".into()))]);
        store.hasten_mails(50).unwrap();
        assert_eq!(store.next_mail_after(0).unwrap(), Some(50), "the one that waits for its second try");
    }

    #[test]
    fn a_mail_that_does_not_open_is_known_by_its_number_and_those_behind_it_can_be_had() {
        let (_folder, store) = opened();
        store.put_mails(vec![new("a", 1), new("b", 2)]).unwrap();
        let spoil = |tx: &Transaction<'_>| {
            tx.execute("UPDATE mails SET said = x'00' WHERE number = 1", [])?;
            Ok(())
        };
        store.keeper().write(spoil).unwrap();
        assert_eq!(store.due_mail(9, BTreeSet::new()).unwrap(), Some(DueMail::Damaged(1)));
        let next = store.due_mail(9, BTreeSet::from([1])).unwrap();
        assert!(matches!(next, Some(DueMail::Whole(mail)) if mail.row.number == 2));
    }

    #[test]
    fn a_test_that_somebody_waits_for_goes_before_whatever_is_older_but_only_once() {
        let (_folder, store) = opened();
        store.put_mails(vec![new("a", 1), new("test", 5)]).unwrap();
        assert_eq!(due(&store, 4).unwrap().0, 1);
        assert_eq!(due(&store, 5).unwrap().0, 2);
        store.mail_failed(2, "unreachable", Some(6)).unwrap();
        assert_eq!(due(&store, 6).unwrap().0, 1);
    }

    #[test]
    fn whatever_was_told_is_known_once_by_its_last_mail_however_many_mails_there_are() {
        let (_folder, store) = opened();
        let staged = |about: &str, stage: u32| NewMail { stage, ..new(about, 7) };
        store.put_mails(vec![staged("problem/x", 1), staged("problem/x", 9), staged("problem/x", 1)]).unwrap();
        store.put_mails((0..LONGEST_PAGE).map(|one| staged(&format!("help/{one}"), 1)).collect()).unwrap();
        let told = store.told_by_mail(7).unwrap();
        assert_eq!(told.len(), 501);
        assert_eq!((told[0].about.as_str(), told[0].stage), ("problem/x", 1));
        assert!(store.told_by_mail(8).unwrap().is_empty());
    }

    #[test]
    fn too_many_mails_push_out_the_oldest_and_the_list_stays_short() {
        let (_folder, store) = opened();
        let seal = store.seal();
        store
            .keeper()
            .write(move |tx| {
                (0..20).try_for_each(|at| put(tx, &seal, new(&format!("{at}"), at)))?;
                make_room(tx, 3, 10)
            })
            .unwrap();
        let rows = store.mails(0, 100).unwrap();
        let waiting = rows.iter().filter(|row| row.next_unix_ms.is_some()).count();
        assert_eq!((rows.len(), waiting), (10, 3));
        assert_eq!(rows.last().unwrap().fault.as_deref(), Some(TOO_MANY));
    }
}
