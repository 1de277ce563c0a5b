//! The office, revision by revision.

use centrale_config::{
    Difference, Draft, ExportSecrets, Office, Refusal, Secret, SecretPlace, parse_kept_office, parse_office,
    write_office,
};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::random::generate_sip_password;
use crate::seal::Seal;
use crate::values::{signed, unsigned};
use crate::{DeviceChange, Store, StoreError};

/// Revisions that are kept; older ones go when a new one comes.
const KEPT_REVISIONS: u64 = 1000;

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
    /// What is different from the one before it; nothing where that one or this one cannot be read any more.
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
    /// As [`Store::commit`], and [`StoreError::NoSuchRevision`].
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

    /// The latest revisions, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn revisions(&self, limit: u32) -> Result<Vec<Revision>, StoreError> {
        let seal = self.seal();
        self.keeper().read(move |tx| {
            let mut list = tx.prepare("SELECT number, who, at_ms, why FROM revisions ORDER BY number DESC LIMIT ?1")?;
            let rows = list.query_map([limit], |row| {
                let author = Author { who: row.get(1)?, when_unix_ms: unsigned(row.get(2)?), why: row.get(3)? };
                Ok(Revision { number: unsigned(row.get(0)?), author, differences: Vec::new() })
            })?;
            let mut revisions = rows.collect::<Result<Vec<_>, _>>()?;
            let mut now = revisions.first().and_then(|newest| load(tx, &seal, newest.number).ok());
            for revision in &mut revisions {
                let earlier = load(tx, &seal, revision.number.saturating_sub(1)).ok();
                if let (Some(now), Some(earlier)) = (&now, &earlier) {
                    revision.differences = now.differences_from(earlier);
                }
                now = earlier;
            }
            Ok(revisions)
        })
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
    /// [`StoreError::NoRandomness`] when none can be made.
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
    failure.map_or(Ok(office), Err)
}

fn current(tx: &Transaction<'_>) -> Result<u64, StoreError> {
    Ok(unsigned(tx.query_row("SELECT coalesce(max(number), 0) FROM revisions", [], |row| row.get(0))?))
}

fn insert(
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
    if current != 0 && load(tx, seal, current).is_ok_and(|known| known == *office) {
        return Ok(current);
    }
    let number = current + 1;
    let text = write_sealed(office, |place, secret| seal.close(&place_of(number, place), secret.reveal()))?;
    let Author { who, when_unix_ms, why } = author;
    tx.execute(
        "INSERT INTO revisions (number, who, at_ms, why, office) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![signed(number), who, signed(*when_unix_ms), why, text],
    )?;
    tx.execute("DELETE FROM revisions WHERE number <= ?1", [signed(number.saturating_sub(kept))])?;
    Ok(number)
}

fn load(tx: &Transaction<'_>, seal: &Seal, number: u64) -> Result<Office, StoreError> {
    let text: Option<String> = tx
        .query_row("SELECT office FROM revisions WHERE number = ?1", [signed(number)], |row| row.get(0))
        .optional()?;
    let text = text.ok_or(StoreError::NoSuchRevision(number))?;
    let draft =
        parse_kept_office(&text, &|place, closed| seal.open(&place_of(number, place), closed)).map_err(|refused| {
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
        let kept: Vec<u64> = store.revisions(10).unwrap().iter().map(|revision| revision.number).collect();
        assert_eq!(kept, [6, 5, 4]);
        assert!(matches!(store.revision(3), Err(StoreError::NoSuchRevision(3))));
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
        assert!(store.revisions(3).unwrap().iter().all(|revision| revision.differences.is_empty()));
    }
}
