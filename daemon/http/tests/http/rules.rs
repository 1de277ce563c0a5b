//! The rules of use: read before the page opens, accepted, and shown again when they change.

use axum::http::StatusCode;
use centrale_store::Role;
use serde_json::{Value, json};

use crate::kit::{Bench, get, post, put};

type Session = (String, String);

async fn due(bench: &Bench, session: &Session) -> Value {
    bench.ask(get("/api/v1/session").with(session)).await.json()["rules"].clone()
}

async fn accept(bench: &Bench, session: &Session, version: &Value) -> StatusCode {
    let body = json!({ "version": version });
    bench.ask(post("/api/v1/session/rules").json(&body).with(session)).await.status
}

#[tokio::test]
async fn a_002_everybody_reads_the_rules_at_the_first_log_in_and_again_when_the_text_changed() {
    let bench = Bench::owned().await;
    let anna = bench.session_as("Anna", Role::Person, None).await;
    let usual = due(&bench, &anna).await;
    assert_eq!(usual, json!({ "version": "usual-1", "text": "" }), "the page has that text in each language");
    assert_eq!(accept(&bench, &anna, &json!("another")).await, StatusCode::CONFLICT);
    assert_eq!(accept(&bench, &anna, &usual["version"]).await, StatusCode::NO_CONTENT);
    assert_eq!(due(&bench, &anna).await, Value::Null);
    let again = bench.session_as("Anna", Role::Person, None).await;
    assert_eq!(due(&bench, &again).await, Value::Null, "nor at the next log-in");
    let bea = bench.session_as("Bea", Role::Reception, None).await;
    assert_eq!(due(&bench, &bea).await, usual, "nobody accepts for another");

    let text = json!({ "text": "No calls for the football club.\n\nAsk Piet first." });
    assert_eq!(bench.ask(put("/api/v1/rules").json(&text)).await.status, StatusCode::OK);
    let own = due(&bench, &anna).await;
    assert_eq!(own["text"], text["text"]);
    assert_eq!(accept(&bench, &anna, &usual["version"]).await, StatusCode::CONFLICT, "an old text is not this one");
    assert_eq!(accept(&bench, &anna, &own["version"]).await, StatusCode::NO_CONTENT);
    assert_eq!(due(&bench, &anna).await, Value::Null);
    let log = bench.ask(get("/api/v1/audit")).await.json();
    let rows = log.as_array().unwrap().iter().filter(|row| row["what"] == "rules-accepted");
    let rows: Vec<_> = rows.map(|row| (row["who"].clone(), row["about"].clone())).collect();
    assert_eq!(rows, [(json!("Anna"), own["version"].clone()), (json!("Anna"), usual["version"].clone())]);
}

#[tokio::test]
async fn a_002_whoever_has_not_accepted_yet_is_kept_from_no_call_and_no_stop() {
    let bench = Bench::owned().await;
    let bea = bench.session_as("Bea", Role::Reception, None).await;
    assert_ne!(due(&bench, &bea).await, Value::Null);
    let stop = post("/api/v1/stops").json(&json!({ "stop": "outgoing" })).with(&bea);
    assert_eq!(bench.ask(stop).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn rules_that_nobody_would_read_or_no_page_shows_are_refused() {
    let bench = Bench::owned().await;
    for (text, code) in [("x".repeat(4001), "rules-too-long"), ("a\u{7}b".into(), "rules-malformed")] {
        let refused = bench.ask(put("/api/v1/rules").json(&json!({ "text": text }))).await;
        assert_eq!(refused.problem(), (422, code.into(), Some("text".into())));
    }
    assert_eq!(bench.ask(put("/api/v1/rules").json(&json!({ "text": "x".repeat(4000) }))).await.status, StatusCode::OK);
}
