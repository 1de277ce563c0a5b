//! How a change of the office becomes a revision.

use std::sync::Arc;

use axum::http::StatusCode;
use centrale_config::{Change, ChangeRefused, Office};
use centrale_store::{Author, Store, StoreError};

use crate::clock;
use crate::desk::Desk;
use crate::edge::{Edge, blocking, current_office};
use crate::problem::Refused;

/// Who changes the office on the page: there is one administrator.
const ADMINISTRATOR: &str = "admin";

enum Committed {
    Yes(u64, Box<Office>),
    Refused(ChangeRefused),
}

impl Edge {
    /// Makes a change the next revision, and tells phones, exchange and page. Returns the revision's number.
    pub(crate) async fn change(&self, change: Change) -> Result<u64, Refused> {
        let mut desk = self.0.desk.lock().await;
        self.change_at(&mut desk, change).await
    }

    /// The same for who is at the desk already.
    pub(crate) async fn change_at(&self, desk: &mut Desk, change: Change) -> Result<u64, Refused> {
        let store = self.0.store.clone();
        match blocking(move || commit(&store, &change)).await? {
            Committed::Refused(refused) => Err(refused.into()),
            Committed::Yes(revision, office) => {
                self.settle(desk, revision, Arc::from(office)).await?;
                Ok(revision)
            }
        }
    }
}

impl Edge {
    /// Makes an earlier revision the next one. Returns its number.
    pub(crate) async fn revert(&self, number: u64) -> Result<u64, Refused> {
        let mut desk = self.0.desk.lock().await;
        let store = self.0.store.clone();
        let (revision, office) = blocking(move || revert(&store, number)).await.map_err(|error| match error {
            StoreError::Damaged(_) => Refused::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "revision-unreadable",
                format!("revision {number} cannot be read any more"),
            ),
            error => error.into(),
        })?;
        self.settle(&mut desk, revision, Arc::new(office)).await?;
        Ok(revision)
    }
}

fn revert(store: &Store, number: u64) -> Result<(u64, Office), StoreError> {
    let author = || author(format!("back to revision {number}"));
    let once = || store.revert(number, store.current_revision()?, author());
    match once() {
        Err(StoreError::Stale { .. }) => once(),
        done => done,
    }?;
    current_office(store)
}

fn author(why: String) -> Author {
    Author { who: ADMINISTRATOR.to_owned(), when_unix_ms: clock::unix_ms(), why }
}

/// Reads, changes, writes; once more when another process wrote in between.
fn commit(store: &Store, change: &Change) -> Result<Committed, StoreError> {
    match commit_once(store, change) {
        Err(StoreError::Stale { .. }) => commit_once(store, change),
        done => done,
    }
}

fn commit_once(store: &Store, change: &Change) -> Result<Committed, StoreError> {
    let (revision, office) = current_office(store)?;
    let changed = match office.apply(change.clone()) {
        Ok(changed) => changed,
        Err(refused) => return Ok(Committed::Refused(refused)),
    };
    let number = store.commit(&changed, revision, author(change.summary()))?;
    Ok(Committed::Yes(number, Box::new(changed)))
}
