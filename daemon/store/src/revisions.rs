//! The office, revision by revision.

use centrale_config::{
    Difference, Draft, ExportSecrets, Matter, Office, Refusal, Secret, SecretPlace, parse_kept_office, parse_office,
    write_office,
};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::calls::begin_histories;
use crate::random::generate_sip_password;
use crate::seal::Seal;
use crate::users::leave_with_person;
use crate::values::{signed, unsigned};
use crate::{DeviceChange, Store, StoreError, retention};

/// Revisions that are kept. When a new one comes, the oldest that is only a step in a run of changes of contacts goes,
/// and where there is none the oldest: a list of contacts that is typed in does not push out what else happened.
pub(crate) const KEPT_REVISIONS: u64 = 1000;
/// How soon after a change of contacts, in milliseconds, the next one by the same author is of the same run.
const SAME_RUN_MS: i64 = 3_600_000;

/// Who changes the office, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who, for example `admin` or `apply`.
    pub who: String,
    /// When, in milliseconds since 1970 UTC.
    pub when_unix_ms: u64,
    /// Why, for example the change's summary. Never a secret.
    pub why: String,
}

/// One revision in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number, rising from 1.
    pub number: u64,
    /// Who made it, when and why.
    pub author: Author,
    /// What is different from the one before it that is kept; nothing where that one or this one cannot be read any more.
    pub differences: Vec<Difference>,
}

impl Store {
    /// The current revision of the office and its number. `None` before the first commit.
    ///
    /// # Errors
    /// When the database cannot be read, or a secret in it does not open.
    pub fn office(&self) -> Result<Option<(u64, Office)>, StoreError> {
        let seal = self.seal();
        self.keeper().read(move |tx| match current(tx)? {
            0 => Ok(None),
            number => Ok(Some((number, load(tx, &seal, number)?))),
        })
    }

    /// Number of the current revision; 0 before the first commit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn current_revision(&self) -> Result<u64, StoreError> {
        self.keeper().read(current)
    }

    /// Makes `office` the next revision, if `previous` is still the current one (0 for the first). Returns the new
    /// number, or the current one when the office is the same already: to apply twice is to apply once.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody else was first; else when the database cannot be written.
    pub fn commit(&self, office: &Office, previous: u64, author: Author) -> Result<u64, StoreError> {
        self.commit_with(office, previous, author, Vec::new())
    }

    /// The same, and what becomes of devices with it.
    ///
    /// # Errors
    /// As [`Store::commit`]; then nothing is written of the devices either.
    pub fn commit_with(
        &self,
        office: &Office,
        previous: u64,
        author: Author,
        devices: Vec<DeviceChange>,
    ) -> Result<u64, StoreError> {
        let (seal, office) = (self.seal(), office.clone());
        self.keeper().write(move |tx| {
            let number = insert(tx, &seal, &office, previous, &author, KEPT_REVISIONS)?;
            devices.into_iter().try_for_each(|device| device.make(tx, &seal))?;
            Ok(number)
        })
    }

    /// Makes an earlier revision the next one, under the same condition as [`Store::commit`]. People keep the passwords
    /// that they have now, and who comes back gets a new one: what was replaced since, or went with its person, stays
    /// dead. Providers' passwords are those of then.
    ///
    /// # Errors
    /// As [`Store::commit`], [`StoreError::NoSuchRevision`], and [`StoreError::DoesNotFit`].
    pub fn revert(&self, number: u64, previous: u64, author: Author) -> Result<u64, StoreError> {
        let seal = self.seal();
        self.keeper().write(move |tx| {
            let earlier = load(tx, &seal, number)?;
            // One that cannot be read any more does not stand in the way; then all passwords are made anew.
            let now = load(tx, &seal, current(tx)?).ok();
            let office = settle(Draft::of_earlier(earlier), now.as_ref())?;
            insert(tx, &seal, &office, previous, &author, KEPT_REVISIONS)
        })
    }

    /// The office as it was at a revision.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRevision`], or when the database cannot be read.
    pub fn revision(&self, number: u64) -> Result<Office, StoreError> {
        let seal = self.seal();
        self.keeper().read(move |tx| load(tx, &seal, number))
    }

    /// The office as it was before the current revision, the last first, each read when it is asked for. What cannot be read any more
    /// is left out. A step fails when the database cannot be read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn earlier_offices(&self, most: usize) -> Result<impl Iterator<Item = Result<Office, StoreError>>, StoreError> {
        let mut before = self.keeper().read(current)?;
        let kept = std::iter::from_fn(move || {
            let kept = self.revision_before(before).transpose()?;
            before = kept.as_ref().map_or(0, |kept| kept.number);
            Some(kept.map(|kept| kept.office))
        });
        Ok(kept.take(most).filter_map(Result::transpose))
    }

    /// Who made a revision; `None` when it is not kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn author(&self, number: u64) -> Result<Option<Author>, StoreError> {
        self.keeper().read(move |tx| {
            let read =
                |row: &Row<'_>| Ok(Author { who: row.get(0)?, when_unix_ms: unsigned(row.get(1)?), why: row.get(2)? });
            let sql = "SELECT who, at_ms, why FROM revisions WHERE number = ?1";
            Ok(tx.query_row(sql, [signed(number)], read).optional()?)
        })
    }

    /// The revisions, newest first, each read when it is asked for: what else is asked of the store meanwhile has its
    /// turn in between. A step fails when the database cannot be read.
    pub fn revisions(&self) -> impl Iterator<Item = Result<Revision, StoreError>> {
        let mut later = None;
        std::iter::from_fn(move || {
            let now = match later.take() {
                Some(now) => now,
                None => self.revision_before(u64::MAX),
            };
            let now = match now {
                Ok(now) => now?,
                Err(error) => return Some(Err(error)),
            };
            let earlier = self.revision_before(now.number);
            let differences = match (&now.office, &earlier) {
                (Some(now), Ok(Some(Kept { office: Some(earlier), .. }))) => now.differences_from(earlier),
                _ => Vec::new(),
            };
            later = Some(earlier);
            Some(Ok(Revision { number: now.number, author: now.author, differences }))
        })
    }

    /// The newest revision under a number. Its text is read where this is called, and not on the store's thread.
    fn revision_before(&self, number: u64) -> Result<Option<Kept>, StoreError> {
        let row = self.keeper().read(move |tx| {
            let newest =
                "SELECT number, who, at_ms, why, office FROM revisions WHERE number < ?1 ORDER BY number DESC LIMIT 1";
            let read = |row: &Row<'_>| {
                let author = Author { who: row.get(1)?, when_unix_ms: unsigned(row.get(2)?), why: row.get(3)? };
                Ok((unsigned(row.get(0)?), author, row.get::<_, String>(4)?))
            };
            Ok(tx.query_row(newest, [signed(number)], read).optional()?)
        })?;
        Ok(row.map(|(number, author, text)| Kept { number, author, office: read(&text, &self.seal(), number).ok() }))
    }

    /// The office as a file for people, its secrets encrypted so that only this box reads them back. The same office
    /// gives the same text.
    ///
    /// # Errors
    /// When encryption fails.
    pub fn export(&self, office: &Office) -> Result<String, StoreError> {
        write_sealed(office, |place, secret| self.seal().close_for_export(&place.to_string(), secret.reveal()))
    }

    /// Reads an office file, with the secrets that this box exported.
    ///
    /// # Errors
    /// Everything that is wrong with it, by line.
    pub fn read_office_file(&self, text: &str) -> Result<Draft, Vec<Refusal>> {
        let seal = self.seal();
        parse_office(text, &|place, closed| seal.open_from_export(&place.to_string(), closed))
    }

    /// Fills in the passwords that an office file leaves out: kept from `previous` where there is one, else made.
    ///
    /// # Errors
    /// [`StoreError::NoRandomness`] when none can be made, [`StoreError::DoesNotFit`] when nobody could read the office again.
    pub fn settle(&self, draft: Draft, previous: Option<&Office>) -> Result<Office, StoreError> {
        settle(draft, previous)
    }
}

fn settle(draft: Draft, previous: Option<&Office>) -> Result<Office, StoreError> {
    let mut failure = None;
    let office = draft.settle(previous, &mut || {
        generate_sip_password().unwrap_or_else(|error| {
            failure = Some(error);
            Secret::new("")
        })
    });
    match (failure, office.misfit()) {
        (Some(error), _) => Err(error),
        (None, Some(reason)) => Err(StoreError::DoesNotFit(reason)),
        (None, None) => Ok(office),
    }
}

pub(crate) fn current(tx: &Transaction<'_>) -> Result<u64, StoreError> {
    Ok(unsigned(tx.query_row("SELECT coalesce(max(number), 0) FROM revisions", [], |row| row.get(0))?))
}

pub(crate) fn insert(
    tx: &Transaction<'_>,
    seal: &Seal,
    office: &Office,
    previous: u64,
    author: &Author,
    kept: u64,
) -> Result<u64, StoreError> {
    let current = current(tx)?;
    if current != previous {
        return Err(StoreError::Stale { current });
    }
    // A current revision that cannot be read any more must not stand in the way of one that mends it.
    let known = load(tx, seal, current).ok();
    if known.as_ref() == Some(office) {
        return Ok(current);
    }
    if let Some(known) = &known {
        begin_histories(tx, known, office)?;
    }
    let contacts_only = known.is_some_and(|known| {
        office.differences_from(&known).iter().all(|difference| difference.matter == Matter::Contact)
    });
    let number = current + 1;
    let text = write_sealed(office, |place, secret| seal.close(&place_of(number, place), secret.reveal()))?;
    let Author { who, when_unix_ms, why } = author;
    tx.execute(
        "INSERT INTO revisions (number, who, at_ms, why, office, contacts_only) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![signed(number), who, signed(*when_unix_ms), why, text, contacts_only],
    )?;
    retention::note(tx, office.retention, *when_unix_ms)?;
    make_room(tx, kept)?;
    leave_with_person(tx, office, author, number)?;
    Ok(number)
}

/// Lets one revision go when there are more than are kept.
fn make_room(tx: &Transaction<'_>, kept: u64) -> Result<(), StoreError> {
    let count: i64 = tx.query_row("SELECT count(*) FROM revisions", [], |row| row.get(0))?;
    if unsigned(count) <= kept {
        return Ok(());
    }
    tx.execute(
        "DELETE FROM revisions WHERE number = coalesce((
             SELECT number FROM (
                 SELECT number, at_ms, contacts_only, lead(at_ms) OVER own AS next_at_ms,
                        lead(contacts_only) OVER own AS next_contacts_only, who, lead(who) OVER own AS next_who
                 FROM revisions WINDOW own AS (ORDER BY number))
             WHERE contacts_only AND next_contacts_only AND who = next_who AND next_at_ms - at_ms < ?1
             ORDER BY number LIMIT 1), (SELECT min(number) FROM revisions))",
        [SAME_RUN_MS],
    )?;
    Ok(())
}

fn load(tx: &Transaction<'_>, seal: &Seal, number: u64) -> Result<Office, StoreError> {
    let text: Option<String> = tx
        .query_row("SELECT office FROM revisions WHERE number = ?1", [signed(number)], |row| row.get(0))
        .optional()?;
    read(&text.ok_or(StoreError::NoSuchRevision(number))?, seal, number)
}

/// One revision as it is kept.
struct Kept {
    number: u64,
    author: Author,
    /// `None` when it cannot be read any more.
    office: Option<Office>,
}

fn read(text: &str, seal: &Seal, number: u64) -> Result<Office, StoreError> {
    let draft =
        parse_kept_office(text, &|place, closed| seal.open(&place_of(number, place), closed)).map_err(|refused| {
            let first = refused.first().map(ToString::to_string).unwrap_or_default();
            StoreError::Damaged(format!("revision {number}: {first}"))
        })?;
    // Every password was written, so none is made up; an empty one would be seen as one that no phone has.
    Ok(draft.settle(None, &mut || Secret::new("")))
}

/// Where a secret of a revision is written: what encryption is bound to.
fn place_of(number: u64, place: SecretPlace<'_>) -> String {
    format!("revisions/office/{number}/{place}")
}

/// Writes an office with each secret closed by `close`.
fn write_sealed(
    office: &Office,
    close: impl Fn(SecretPlace<'_>, &Secret) -> Result<String, StoreError>,
) -> Result<String, StoreError> {
    let failure = std::cell::Cell::new(None);
    let text = write_office(
        office,
        ExportSecrets::Encrypted(&|place, secret| {
            close(place, secret).unwrap_or_else(|error| {
                failure.set(Some(error));
                String::new()
            })
        }),
    );
    failure.into_inner().map_or(Ok(text), Err)
}

#[cfg(test)]
mod tests {
    use centrale_config::{Change, Country, OfficeIdentity};

    use super::*;

    #[test]
    fn only_the_latest_revisions_are_kept_and_their_numbers_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for number in 0..6 {
            let mut office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
            office.identity.name = format!("Office {number}");
            let author = Author { who: "test".into(), when_unix_ms: number, why: String::new() };
            let seal = store.seal();
            store.keeper().write(move |tx| insert(tx, &seal, &office, number, &author, 3)).unwrap();
        }
        assert_eq!(numbers(&store), [6, 5, 4]);
        assert!(matches!(store.revision(3), Err(StoreError::NoSuchRevision(3))));
    }

    fn numbers(store: &Store) -> Vec<u64> {
        store.revisions().map(|revision| revision.unwrap().number).collect()
    }

    /// Commits one change after the other, a second apart, where three more than `kept` would be too many.
    struct Typist<'a> {
        store: &'a Store,
        office: Office,
        now_ms: u64,
        kept: u64,
    }

    impl Typist<'_> {
        fn make(&mut self, change: Change) -> u64 {
            self.office = self.office.apply(change).unwrap();
            self.now_ms += 1000;
            let author = Author { who: "admin".into(), when_unix_ms: self.now_ms, why: String::new() };
            let (seal, office, kept) = (self.store.seal(), self.office.clone(), self.kept);
            let write = move |tx: &Transaction<'_>| insert(tx, &seal, &office, current(tx)?, &author, kept);
            self.store.keeper().write(write).unwrap()
        }

        fn contact(&mut self, number: usize) -> u64 {
            let numbers = vec![format!("02055501{number:02}")];
            self.make(Change::PutContact {
                known: None,
                name: format!("Piet {number}"),
                company: String::new(),
                numbers,
            })
        }
    }

    #[test]
    fn a_list_of_contacts_that_is_typed_in_does_not_push_out_what_else_happened() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let mut typist = Typist { store: &store, office, now_ms: 0, kept: 6 };
        let anna =
            typist.make(Change::AddPerson { number: "201".into(), name: "Anna".into(), sip_password: generated() });
        let old = typist.contact(0);
        typist.now_ms += SAME_RUN_MS.unsigned_abs();
        let last = (1..=20).map(|number| typist.contact(number)).last().unwrap();
        assert_eq!(numbers(&store), [last, last - 1, last - 2, last - 3, old, anna]);
        let told = store.revisions().nth(3).unwrap().unwrap();
        assert_eq!(told.differences.len(), 17, "what became of those that went is told with the one after them");
        typist.now_ms += SAME_RUN_MS.unsigned_abs();
        let rename = |name: &str| Change::RenamePerson { number: "201".into(), name: name.into() };
        let renamed: Vec<u64> = ["B", "C", "D", "E"].map(|name| typist.make(rename(name))).into();
        assert_eq!(numbers(&store)[..5], [renamed[3], renamed[2], renamed[1], renamed[0], last]);
        let oldest = *numbers(&store).last().unwrap();
        assert_eq!((oldest, typist.make(rename("F"))), (old, renamed[3] + 1), "and else the oldest goes");
    }

    #[test]
    fn whoever_else_asks_the_store_has_a_turn_between_two_revisions() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let mut typist = Typist { store: &store, office, now_ms: 0, kept: 10 };
        let made = (0..4).map(|number| typist.contact(number)).last();
        assert_eq!(made, Some(4));
        let mut list = store.revisions();
        assert_eq!(list.next().unwrap().unwrap().number, 4);
        let spoil = "UPDATE revisions SET office = 'x' WHERE number = 2";
        assert_eq!(store.keeper().write(move |tx| Ok(tx.execute(spoil, [])?)).unwrap(), 1);
        let rest: Vec<_> = list.map(|one| one.map(|one| (one.number, one.differences.len())).unwrap()).collect();
        assert_eq!(rest, [(3, 0), (2, 0), (1, 0)], "what happened in that turn is seen");
    }

    #[test]
    fn a_box_starts_with_the_contacts_of_a_version_that_knew_other_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let author = || Author { who: "test".into(), when_unix_ms: 0, why: String::new() };
        let empty = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let numbers = vec!["0900 1234".into()];
        let piet = Change::PutContact { known: None, name: "Piet".into(), company: String::new(), numbers };
        store.commit(&empty.apply(piet).unwrap(), 0, author()).unwrap();
        let update = "UPDATE revisions SET office = replace(office, '09001234', '1600020')";
        assert_eq!(store.keeper().write(move |tx| Ok(tx.execute(update, [])?)).unwrap(), 1);
        let (revision, office) = store.office().unwrap().unwrap();
        assert_eq!((revision, office.contacts[0].numbers[0].as_str()), (1, "1600020"));
        let file = store.export(&office).unwrap();
        let refused = store.read_office_file(&file).unwrap_err();
        assert_eq!(refused[0].code, "number-unreadable", "whoever writes the office anew is told");
        let anna = Change::AddPerson { number: "201".into(), name: "Anna".into(), sip_password: generated() };
        assert_eq!(store.commit(&office.apply(anna).unwrap(), 1, author()).unwrap(), 2);
    }

    fn generated() -> Secret {
        generate_sip_password().unwrap()
    }

    #[test]
    fn a_damaged_revision_is_not_gone_back_to_and_is_gone_back_from() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let author = || Author { who: "test".into(), when_unix_ms: 0, why: String::new() };
        let empty = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let old = Secret::new("Annas-own-password");
        let anna = Change::AddPerson { number: "201".into(), name: "Anna".into(), sip_password: old.clone() };
        store.commit(&empty.apply(anna).unwrap(), 0, author()).unwrap();
        store.commit(&empty, 1, author()).unwrap();
        let damage = "UPDATE revisions SET office = 'x' WHERE number = 2";
        store.keeper().write(move |tx| Ok(tx.execute(damage, [])?)).unwrap();
        assert!(matches!(store.revert(2, 2, author()), Err(StoreError::Damaged(_))));
        assert_eq!(store.revert(1, 2, author()).unwrap(), 3);
        let (_, office) = store.office().unwrap().unwrap();
        assert_ne!(office.people[0].sip_password, old);
        assert!(store.revisions().all(|revision| revision.unwrap().differences.is_empty()));
    }
}
