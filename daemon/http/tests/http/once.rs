//! A refused call that somebody allows once.

use std::time::Duration;

use axum::http::StatusCode;
use centrale_call_control::{ALLOWED_ONCE_FOR, Command, Told};
use centrale_http::Wish;
use centrale_store::{CallRow, Role};
use serde_json::{Value, json};

use crate::kit::{Ask, Bench, get, post, unix_ms};
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

/// That call was refused because Anna may not call there.
fn is_refused(bench: &Bench, row: &CallRow) {
    bench.edge.tell(Told::OutOfReach(row.id.clone()));
    bench.store.insert_call(row).unwrap();
}

/// An office in which Anna was refused a call abroad.
async fn office() -> Bench {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    is_refused(&bench, &refused("abroad", ABROAD, "international"));
    bench
}

fn allow(id: &str) -> Ask {
    post(&format!("/api/v1/calls/{id}/allow"))
}

fn allowed(bench: &mut Bench) -> Vec<(String, String, Duration)> {
    let now = tokio::time::Instant::now().into_std();
    let allowed = |wish| match wish {
        Wish::Command(Command::AllowOnce { person, number, until }) => Some((person, number, until - now)),
        _ => None,
    };
    bench.wished().into_iter().filter_map(allowed).collect()
}

async fn allowable(bench: &Bench) -> Vec<String> {
    let shown = bench.ask(get("/api/v1/calls")).await.json();
    let listed = shown["calls"].as_array().unwrap().iter().filter(|call| call["allowable"] == true);
    listed.map(|call| call["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn b_017_a_refused_call_is_allowed_once_with_a_proof_and_the_log_says_who_did_it() {
    let mut bench = office().await;
    assert_eq!(allowable(&bench).await, ["abroad"]);
    assert_eq!(bench.ask_once(allow("abroad")).await.code(), "proof-needed");
    assert!(allowed(&mut bench).is_empty());
    let revision = bench.store.current_revision().unwrap();
    let answer = bench.ask(allow("abroad")).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "seconds": 900 })), "{}", answer.text);
    assert_eq!(allowed(&mut bench), [("201".into(), ABROAD.into(), ALLOWED_ONCE_FOR)]);
    assert_eq!(bench.store.current_revision().unwrap(), revision, "what Anna may call stays");
    let log = bench.ask(get("/api/v1/audit")).await.json();
    let said = ["who", "what", "about"].map(|key| log[0][key].as_str().unwrap().to_owned());
    assert_eq!(said, ["admin", "POST /api/v1/calls/{id}/allow", &format!("201 {ABROAD}")]);
    assert_eq!(bench.ask(get("/api/v1/undos")).await.json(), Value::Array(Vec::new()), "it ends by itself");
}

#[tokio::test]
async fn b_017_no_number_that_costs_extra_or_is_blocked_for_everybody_is_allowed_once() {
    let mut bench = office().await;
    let dear = [
        refused("premium-world", "+97912345678", "international"),
        refused("satellite", "+88161234567", "international"),
        refused("ship", "+88212345678", "international"),
        refused("belgian-premium", "+3290212345", "international"),
        refused("british-dear", "+448712345678", "international"),
        refused("jamaica", "+18761234567", "international"),
        refused("premium", "09061234", "premium-per-minute"),
        refused("per-call", "09091234", "premium-per-call"),
        refused("shared", "0881234567", "shared-cost"),
        refused("unknown", "+31999", "unknown"),
    ];
    for row in dear {
        is_refused(&bench, &row);
        assert_eq!(bench.ask(allow(&row.id)).await.problem(), (409, "never-allowed-once".into(), None), "{}", row.id);
    }
    assert_eq!(allowable(&bench).await, ["abroad"]);
    assert!(allowed(&mut bench).is_empty());
}

#[tokio::test]
async fn b_017_a_call_that_was_refused_for_something_else_is_not_allowed_once_and_an_owner_alone_allows() {
    let mut bench = office().await;
    // A limit, a stop, a device that nobody knows: the exchange says of none of them that it was out of reach.
    bench.store.insert_call(&refused("held", ABROAD, "international")).unwrap();
    assert_eq!(bench.ask(allow("held")).await.problem(), (409, "not-allowable".into(), None));
    let odd = [
        CallRow { emergency: true, ..refused("help", "112", "emergency") },
        CallRow { direction: "incoming".into(), ..refused("incoming", ABROAD, "international") },
        CallRow { from: "299".into(), ..refused("of-nobody", ABROAD, "international") },
        outgoing("answered", "+31612345678", unix_ms()),
    ];
    for row in odd {
        is_refused(&bench, &row);
        assert_eq!(bench.ask(allow(&row.id)).await.problem(), (409, "not-allowable".into(), None), "{}", row.id);
    }
    assert_eq!(bench.ask(allow("nobody")).await.status, StatusCode::NOT_FOUND);
    let installer = bench.session_as("Piet", Role::Installer, None).await;
    assert_eq!(bench.ask(allow("abroad").with(&installer)).await.code(), "not-allowed");
    assert_eq!(allowable(&bench).await, ["abroad"]);
    assert!(allowed(&mut bench).is_empty());
}

#[tokio::test]
async fn b_017_only_the_last_calls_that_were_refused_can_be_allowed_and_none_of_before_a_restart() {
    let bench = office().await;
    (0..200).for_each(|at| bench.edge.tell(Told::OutOfReach(format!("later-{at}"))));
    assert!(allowable(&bench).await.is_empty());
    let bench = office().await;
    assert_eq!(allowable(&bench).await, ["abroad"]);
    let mut bench = bench.restarted().await;
    bench.open_session().await;
    assert!(allowable(&bench).await.is_empty());
}
