//! What is decided about a phone and what the office says of it are one: both stand, or neither does.

use axum::http::StatusCode;
use centrale_config::Change;
use centrale_store::Author;
use serde_json::json;

use crate::kit::{Bench, delete, post};
use crate::outfit::{NEW, OLD, office};
use crate::phones::snapshot;

/// Another process changes the office, and the box has not seen it yet.
fn change_elsewhere(bench: &Bench, change: Change) {
    let (revision, office) = bench.store.office().unwrap().unwrap();
    let author = Author { who: "apply".into(), when_unix_ms: 0, why: "elsewhere".into() };
    bench.store.commit(&office.apply(change).unwrap(), revision, author).unwrap();
}

/// What is kept of every phone: its record and its secret.
fn kept(bench: &Bench) -> Vec<centrale_store::DeviceRow> {
    bench.store.devices().unwrap()
}

#[tokio::test]
async fn a_phone_that_the_office_refuses_has_not_got_anybodys_word() {
    let mut bench = office(2).await;
    let folder = OLD.wait(&bench).await;
    let (before, card) = (kept(&bench), snapshot(&bench).await["devices"].clone());
    bench.wished();
    change_elsewhere(&bench, Change::RemovePerson { number: "201".into() });
    let adopt = |person: &str| post(&OLD.path("/adopt")).json(&json!({ "person": person }));
    assert_ne!(bench.ask(adopt("201")).await.status, StatusCode::OK);
    assert_eq!(kept(&bench), before);
    assert_eq!(snapshot(&bench).await["devices"], card, "it waits as before");
    assert_eq!(bench.wished().len(), 0);
    assert!(!OLD.ask(&bench, &folder, false).await.text.contains("account.1.password"));
    assert_eq!(bench.ask(adopt("202")).await.status, StatusCode::OK);
    assert!(OLD.ask(&bench, &folder, false).await.text.contains("account.1.password"));
}

#[tokio::test]
async fn a_phone_whose_removal_the_office_refuses_keeps_its_secret() {
    let mut bench = office(1).await;
    let (folder, file) = OLD.set_up(&bench, "201").await;
    let before = kept(&bench);
    bench.wished();
    change_elsewhere(&bench, Change::RemovePhone { mac: OLD.mac() });
    assert_eq!(bench.ask(delete(&OLD.path(""))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(kept(&bench), before);
    assert_eq!(bench.wished().len(), 0, "the exchange was not told that it is gone");
    assert_eq!(OLD.ask(&bench, &folder, false).await.text, file.text);
    bench.edge.revised().await;
    assert_eq!(kept(&bench), [], "it goes with the revision that took it away");
}

#[tokio::test]
async fn a_phone_that_the_office_does_not_put_in_anothers_place_has_not_got_anybodys_word() {
    let mut bench = office(2).await;
    let (folder, file) = OLD.set_up(&bench, "201").await;
    NEW.wait(&bench).await;
    let (before, cards) = (kept(&bench), snapshot(&bench).await["devices"].clone());
    bench.wished();
    change_elsewhere(&bench, Change::RemovePhone { mac: OLD.mac() });
    let replace = post(&OLD.path("/replace")).json(&json!({ "by": NEW.mac() }));
    assert_eq!(bench.ask(replace).await.status, StatusCode::NOT_FOUND);
    assert_eq!(kept(&bench), before);
    assert_eq!(snapshot(&bench).await["devices"], cards);
    assert_eq!(bench.wished().len(), 0);
    assert_eq!(OLD.ask(&bench, &folder, false).await.text, file.text);
}
