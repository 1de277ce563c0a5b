//! How long things are kept, on the page.

use axum::http::StatusCode;
use serde_json::json;

use crate::kit::{Bench, get, put};

#[tokio::test]
async fn a_040_how_long_things_are_kept_is_shown_with_its_bounds_and_less_needs_a_proof() {
    let bench = Bench::owned().await;
    let shown = bench.ask(get("/api/v1/retention")).await.json();
    assert_eq!((&shown["calls_days"], &shown["messages_days"]), (&json!(400), &json!(30)));
    assert_eq!(shown["bounds"][0]["key"], "calls_days");
    assert!(shown["bounds"].as_array().unwrap().iter().all(|one| !one["why"].as_str().unwrap().is_empty()));
    let keep = |calls: u16, messages: u16| {
        let body = json!({ "calls_days": calls, "incidents_days": 730, "log_days": 1825, "messages_days": messages });
        put("/api/v1/retention").json(&body)
    };
    assert_eq!(
        bench.ask_once(keep(99, 30)).await.problem(),
        (422, "days-out-of-range".into(), Some("calls_days".into()))
    );
    assert_eq!(bench.ask_once(keep(365, 30)).await.code(), "proof-needed", "a thief would have evidence go");
    assert_eq!(bench.ask_once(keep(730, 30)).await.status, StatusCode::OK, "more is nothing to prove");
    assert_eq!(bench.ask(keep(100, 7)).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/retention")).await.json()["calls_days"], 100);
    bench.add_person("201", "Anna").await;
    assert_eq!(bench.ask(get("/api/v1/people/201/mailbox")).await.json()["kept_days"], 7);
}
