//! How a change of the office becomes a revision.

use std::sync::Arc;

use axum::http::StatusCode;
use centrale_config::{Change, ChangeRefused, Mac, NotTakenBack, Office};
use centrale_provisioning::Enrolment;
use centrale_provisioning::enrolment::Effect;
use centrale_store::{Author, DeviceChange, Store, StoreError, UNDO_MS, Undo};

use crate::api::{forward_refused, named, not_taken_back};
use crate::asker::{asks_from, author_name, made_revision, proof};
use crate::clock;
use crate::desk::{Desk, row_of};
use crate::edge::{Edge, blocking, current_office};
use crate::problem::Refused;
use crate::proofs::{must_be_proved, proof_needed};

enum Committed {
    Yes(u64, Box<Office>),
    Refused(ChangeRefused),
    /// Not so, or not by whoever asks.
    Not(Refused),
}

impl Edge {
    /// Makes a change the next revision, and tells phones, exchange and page. Returns the revision's number.
    pub(crate) async fn change(&self, change: Change) -> Result<u64, Refused> {
        let mut desk = self.0.desk.lock().await;
        self.change_at(&mut desk, change).await
    }

    /// The same for who is at the desk already.
    pub(crate) async fn change_at(&self, desk: &mut Desk, change: Change) -> Result<u64, Refused> {
        self.change_with(desk, change, Decided::default()).await
    }

    /// The same, and what is decided about phones with it: it stands once the revision does, and not before.
    pub(crate) async fn change_with(&self, desk: &mut Desk, change: Change, decided: Decided) -> Result<u64, Refused> {
        let (store, devices) = (self.0.store.clone(), decided.kept(&desk.enrolment));
        let (author, may) = (author(change.summary()), self.may_stand());
        match blocking(move || commit(&store, (&change, &author), &devices, &may)).await? {
            Committed::Refused(refused) => Err(refused.into()),
            Committed::Not(refused) => Err(refused),
            Committed::Yes(revision, office) => {
                made_revision(revision);
                self.stand(desk, decided.confirmed, Enrolment::confirm).await;
                self.settle(desk, revision, Arc::from(office)).await;
                self.stand(desk, decided.removed, Enrolment::remove).await;
                Ok(revision)
            }
        }
    }

    /// Forgets a phone that is not one of the office; whether it was known. Its secret is dead once that is on the disk.
    pub(crate) async fn forget(&self, desk: &mut Desk, mac: Mac) -> Result<bool, StoreError> {
        let store = self.0.store.clone();
        blocking(move || store.remove_device(mac)).await?;
        let effects = desk.enrolment.remove(mac);
        let known = !effects.is_empty();
        let _ = self.carry_out(desk, effects).await;
        Ok(known)
    }

    /// Takes over what is on the disk.
    async fn stand(&self, desk: &mut Desk, mac: Option<Mac>, what: fn(&mut Enrolment, Mac) -> Vec<Effect>) {
        let Some(mac) = mac else { return };
        let effects = what(&mut desk.enrolment, mac);
        self.calm(desk, mac);
        // What follows from it beyond that is worked out again at the next start.
        let _ = self.carry_out(desk, effects).await;
    }
}

/// What is decided about phones together with a change of the office.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Decided {
    /// This one may be set up.
    pub(crate) confirmed: Option<Mac>,
    /// This one is nobody's any more.
    pub(crate) removed: Option<Mac>,
}

impl Decided {
    fn kept(self, enrolment: &Enrolment) -> Vec<DeviceChange> {
        let confirmed = self.confirmed.and_then(|mac| enrolment.confirmed(mac));
        let put = confirmed.map(|(record, secret)| DeviceChange::Put(row_of(&record, secret)));
        put.into_iter().chain(self.removed.map(DeviceChange::Remove)).collect()
    }
}

impl Edge {
    /// Makes an earlier revision the next one. Returns its number.
    pub(crate) async fn revert(&self, number: u64) -> Result<u64, Refused> {
        // Whatever was ever allowed may come back with it.
        must_be_proved()?;
        let mut desk = self.0.desk.lock().await;
        let store = self.0.store.clone();
        let author = author(format!("back to revision {number}"));
        let stays = self.stays();
        let reverted =
            blocking(move || revert(&store, number, &author, &stays)).await.map_err(|error| match error {
                StoreError::Damaged(_) => Refused::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "revision-unreadable",
                    format!("revision {number} cannot be read any more"),
                ),
                error => error.into(),
            })?;
        let (revision, office) = reverted.ok_or_else(excluding)?;
        made_revision(revision);
        self.settle(&mut desk, revision, Arc::new(office)).await;
        Ok(revision)
    }

    /// Whether whoever asks still comes in once an office is in force that changes who does.
    fn stays(&self) -> impl Fn(&Office, &Office) -> bool + Send + 'static {
        let (edge, from) = (self.clone(), asks_from());
        move |before, after| {
            before.administration == after.administration
                || from.is_none_or(|from| edge.is_for_administration(after, from))
        }
    }
}

impl Edge {
    /// Why a change may not stand, for whoever asks for it.
    fn may_stand(&self) -> impl Fn(&Office, &Office) -> Result<(), Refused> + Send + 'static {
        let (stays, proved) = (self.stays(), proof().is_some());
        move |before, after| {
            if !stays(before, after) {
                return Err(excluding());
            }
            if let Some(refused) = forward_refused(before, after) {
                return Err(refused);
            }
            // What is told and can be taken back for a day is what a thief would change: it is proven beforehand.
            if !proved && after.needs_proof_from(before) {
                return Err(proof_needed());
            }
            Ok(())
        }
    }
}

fn excluding() -> Refused {
    Refused::field("networks", "excludes-you", "whoever asks for it would not come in any more")
}

impl Edge {
    /// Makes what is sensitive of a change as it was before it, and leaves the rest. Returns the new revision's number.
    pub(crate) async fn take_back(&self, undo: Undo) -> Result<u64, Refused> {
        named(&undo);
        if let Some(deed) = undo.deed {
            return self.take_deed_back(undo.number, deed).await;
        }
        let mut desk = self.0.desk.lock().await;
        let store = self.0.store.clone();
        let author = author(format!("revision {} taken back to {}", undo.after, undo.before));
        let stays = self.stays();
        let taken = blocking(move || once_more_when_stale(|| take_back(&store, &undo, &author, &stays)));
        let (revision, office) = taken.await?.map_err(|refused| not_taken_back(&refused))?.ok_or_else(excluding)?;
        made_revision(revision);
        self.settle(&mut desk, revision, Arc::new(office)).await;
        Ok(revision)
    }
}

type Made = Option<(u64, Office)>;

fn take_back(
    store: &Store,
    undo: &Undo,
    author: &Author,
    stays: &impl Fn(&Office, &Office) -> bool,
) -> Result<Result<Made, NotTakenBack>, StoreError> {
    let (current, office) = current_office(store)?;
    let (before, after) = (store.revision(undo.before)?, store.revision(undo.after)?);
    let earlier = earlier_changes(store, undo)?;
    let before = before.before_the_first_of(earlier.iter().map(|(before, after)| (before, after)));
    match office.take_back(&before, &after) {
        Ok(taken) if !stays(&office, &taken) => Ok(Ok(None)),
        Ok(taken) => Ok(Ok(Some((store.take_back(undo.number, &taken, current, author.clone())?, taken)))),
        Err(refused) => Ok(Err(refused)),
    }
}

/// What there was before and after each change of the day before this one was told, the oldest first. Which of them was taken back
/// before this one was made has no part in it.
fn earlier_changes(store: &Store, undo: &Undo) -> Result<Vec<(Office, Office)>, StoreError> {
    let is_earlier = |one: &Undo| {
        let is_of_the_day = undo.at_unix_ms.abs_diff(one.at_unix_ms) < UNDO_MS;
        let counts = one.taken_back.is_none_or(|back| back > undo.before);
        one.deed.is_none() && one.number < undo.number && is_of_the_day && counts
    };
    let mut found = Vec::new();
    for one in store.undos()?.into_iter().rev().filter(is_earlier) {
        match (store.revision(one.before), store.revision(one.after)) {
            (Ok(before), Ok(after)) => found.push((before, after)),
            // One that went is nothing that anybody could go back to.
            (Err(StoreError::NoSuchRevision(_)), _) | (_, Err(StoreError::NoSuchRevision(_))) => {}
            (Err(error), _) | (_, Err(error)) => return Err(error),
        }
    }
    Ok(found)
}

fn revert(
    store: &Store,
    number: u64,
    author: &Author,
    stays: &impl Fn(&Office, &Office) -> bool,
) -> Result<Made, StoreError> {
    if !stays(&current_office(store)?.1, &store.revision(number)?) {
        return Ok(None);
    }
    once_more_when_stale(|| store.revert(number, store.current_revision()?, author.clone()))?;
    current_office(store).map(Some)
}

fn author(why: String) -> Author {
    Author { who: author_name(), when_unix_ms: clock::unix_ms(), why }
}

/// What reads, changes and writes; once more when another process wrote in between.
fn once_more_when_stale<T>(once: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    match once() {
        Err(StoreError::Stale { .. }) => once(),
        done => done,
    }
}

fn commit(
    store: &Store,
    what: (&Change, &Author),
    devices: &[DeviceChange],
    may: &impl Fn(&Office, &Office) -> Result<(), Refused>,
) -> Result<Committed, StoreError> {
    once_more_when_stale(|| commit_once(store, what, devices, may))
}

fn commit_once(
    store: &Store,
    (change, author): (&Change, &Author),
    devices: &[DeviceChange],
    may: &impl Fn(&Office, &Office) -> Result<(), Refused>,
) -> Result<Committed, StoreError> {
    let (revision, office) = current_office(store)?;
    let changed = match office.apply(change.clone()) {
        Ok(changed) => changed,
        Err(refused) => return Ok(Committed::Refused(refused)),
    };
    if let Err(refused) = may(&office, &changed) {
        return Ok(Committed::Not(refused));
    }
    let number = store.commit_with(&changed, revision, author.clone(), devices.to_vec())?;
    Ok(Committed::Yes(number, Box::new(changed)))
}
