//! A refused call that somebody allows once.

use std::time::Duration;

use axum::http::StatusCode;
use centrale_store::{CallRow, Role};
use serde_json::json;

use crate::kit::{Ask, Bench, get, post, unix_ms};
use crate::phones::bench_bound;
use crate::statement::outgoing;

const ABROAD: &str = "+33140205050";

fn refused(id: &str, number: &str, class: &str) -> CallRow {
    CallRow {
        class: Some(class.into()),
        outcome: "blocked".into(),
        status: 403,
        answered_unix_ms: None,
        trunk: None,
        legs: Vec::new(),
        ..outgoing(id, number, unix_ms())
    }
}

/// An office in which Anna was refused a call abroad.
async fn office() -> Bench {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    bench.store.insert_call(&refused("abroad", ABROAD, "international")).unwrap();
    bench
}

fn allow(id: &str) -> Ask {
    post(&format!("/api/v1/calls/{id}/allow"))
}

fn opened(bench: &Bench) -> Vec<String> {
    let office = bench.store.office().unwrap().unwrap().1;
    office.people[0].permit.opened.iter().map(|opened| opened.prefix.clone()).collect()
}

async fn until_shut(bench: &Bench) {
    while !opened(bench).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn b_017_a_refused_call_is_allowed_until_it_was_made_once() {
    let bench = office().await;
    let _serving = tokio::spawn(bench_bound(&bench).await.serve());
    let shown = bench.ask(get("/api/v1/calls")).await.json();
    assert_eq!(shown["calls"][0]["allowable"], true);
    assert_eq!(bench.ask_once(allow("abroad")).await.code(), "proof-needed");
    let allowed = bench.ask(allow("abroad")).await;
    assert_eq!((allowed.status, &allowed.json()["seconds"]), (StatusCode::OK, &json!(900)), "{}", allowed.text);
    assert_eq!(opened(&bench), [ABROAD]);
    assert_eq!(bench.ask(allow("abroad")).await.code(), "allowed-already");
    bench.edge.logged(&refused("again", ABROAD, "international"));
    bench.edge.logged(&outgoing("another", "+33140205051", unix_ms()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(opened(&bench), [ABROAD], "neither was it");
    bench.edge.logged(&outgoing("made", ABROAD, unix_ms()));
    until_shut(&bench).await;
    let log = bench.ask(get("/api/v1/audit")).await.json();
    let said = |at: usize| {
        (log[at]["who"].as_str().unwrap(), log[at]["what"].as_str().unwrap(), log[at]["about"].as_str().unwrap())
    };
    let about = format!("201 {ABROAD}");
    assert_eq!(said(0), ("admin", "allowed-call-over", about.as_str()));
    assert_eq!(said(1), ("admin", "POST /api/v1/calls/{id}/allow", about.as_str()));
}

#[tokio::test(start_paused = true)]
async fn b_017_what_is_not_called_within_a_quarter_of_an_hour_is_shut_again_and_what_was_open_stays() {
    let bench = office().await;
    let _serving = tokio::spawn(bench_bound(&bench).await.serve());
    let permit = json!({ "rights": null, "calls": null, "premium": null, "opened": [{ "prefix": "+53", "until": "2126-12-31" }] });
    let own = crate::kit::put("/api/v1/people/201/permit").json(&permit);
    assert_eq!(bench.ask(own).await.status, StatusCode::OK);
    assert_eq!(bench.ask(allow("abroad")).await.status, StatusCode::OK);
    tokio::time::sleep(Duration::from_secs(14 * 60)).await;
    assert_eq!(opened(&bench), ["+53", ABROAD]);
    tokio::time::sleep(Duration::from_secs(61)).await;
    while opened(&bench) != ["+53"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn b_017_neither_what_costs_extra_nor_any_other_call_is_allowed_so_and_an_owner_alone_allows() {
    let bench = office().await;
    let odd = [
        refused("premium", "09061234", "premium-per-minute"),
        refused("per-call", "09091234", "premium-per-call"),
        refused("shared", "0881234567", "shared-cost"),
        refused("unknown", "+31999", "unknown"),
        CallRow { emergency: true, ..refused("help", "112", "emergency") },
        CallRow { direction: "incoming".into(), ..refused("incoming", ABROAD, "international") },
        CallRow { status: 486, ..refused("busy", ABROAD, "international") },
        outgoing("answered", "+31612345678", unix_ms()),
    ];
    for row in odd {
        bench.store.insert_call(&row).unwrap();
        assert_eq!(bench.ask(allow(&row.id)).await.problem(), (409, "not-allowable".into(), None), "{}", row.id);
    }
    assert_eq!(bench.ask(allow("nobody")).await.status, StatusCode::NOT_FOUND);
    let installer = bench.session_as("Piet", Role::Installer, None).await;
    assert_eq!(bench.ask(allow("abroad").with(&installer)).await.code(), "not-allowed");
    bench.store.insert_call(&CallRow { from: "299".into(), ..refused("gone", ABROAD, "international") }).unwrap();
    assert_eq!(bench.ask(allow("gone")).await.status, StatusCode::NOT_FOUND, "that person left");
    assert!(opened(&bench).is_empty());
}

#[tokio::test]
async fn b_017_an_allowed_call_is_told_as_what_a_person_may_call_and_taken_back() {
    let bench = office().await;
    let before = bench.store.current_revision().unwrap();
    let revision = bench.ask(allow("abroad")).await.json()["revision"].as_u64().unwrap();
    bench.store.tell_change((before, revision), "admin", unix_ms(), |_| Vec::new()).unwrap();
    let told = bench.ask(get("/api/v1/undos")).await.json();
    assert_eq!(told[0]["what"], json!(["permit/201"]));
    assert_eq!(bench.ask(post(&format!("/api/v1/undos/{}", told[0]["id"]))).await.status, StatusCode::OK);
    assert!(opened(&bench).is_empty());
}
