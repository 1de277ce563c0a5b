//! Where whoever calls a person is sent, as it is seen, set and taken back at the page.

use axum::http::StatusCode;
use centrale_config::Secret;
use centrale_store::Role;
use serde_json::{Value, json};

use crate::kit::{Ask, Bench, get, post, put, unix_ms};

const ANNA: &str = "/api/v1/people/201/forward";

async fn office() -> Bench {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    bench.add_person("202", "Bram").await;
    bench
}

fn sent(to: impl Into<Value>) -> Ask {
    put(ANNA).json(&json!({ "to": to.into() }))
}

#[tokio::test]
async fn a_034_a_forward_is_seen_set_and_taken_back_and_held_to_what_its_person_may_call() {
    let bench = office().await;
    let shown = async || bench.ask(get(ANNA)).await.json();
    let own = json!({ "to": null, "allowed": true });
    assert_eq!(shown().await, own);
    assert_eq!(bench.ask_once(sent("202")).await.status, StatusCode::OK, "to a colleague without a proof");
    assert_eq!(shown().await, json!({ "to": "202", "allowed": true }));
    assert_eq!(bench.ask_once(sent("0612345678")).await.code(), "proof-needed");
    assert_eq!(bench.ask(sent("06 12 34 56 78")).await.status, StatusCode::OK);
    assert_eq!(shown().await, json!({ "to": "+31612345678", "allowed": true }));
    for (to, code) in [
        ("0900 1234", "forward-not-allowed"),
        ("0049 30 123456", "forward-not-allowed"),
        ("112", "number-reserved-emergency"),
        ("201", "forward-to-self"),
        ("299", "unknown-person"),
        ("nobody", "number-unreadable"),
    ] {
        let refused = bench.ask(sent(to)).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, code), "{to}");
    }
    assert_eq!(bench.ask_once(sent(Value::Null)).await.status, StatusCode::OK, "back without a proof");
    assert_eq!(shown().await, own);
    assert_eq!(bench.ask(get("/api/v1/people/299/forward")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_forward_abroad_needs_that_it_was_opened_and_who_loses_the_right_is_shown_that_it_counts_no_more() {
    let bench = office().await;
    let permit = |calls: &str, opened: Value| {
        put("/api/v1/people/201/permit").json(&json!({ "calls": calls, "premium": false, "opened": opened }))
    };
    let germany = json!([{ "prefix": "+49", "until": "2099-12-31" }]);
    assert_eq!(bench.ask(permit("europe", json!([]))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(sent("004930123456")).await.code(), "forward-not-allowed", "who may call there sends nobody");
    assert_eq!(bench.ask(permit("country", germany)).await.status, StatusCode::OK);
    assert_eq!(bench.ask(sent("004930123456")).await.status, StatusCode::OK);
    assert_eq!(bench.ask(permit("country", json!([]))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get(ANNA)).await.json(), json!({ "to": "+4930123456", "allowed": false }));
}

#[tokio::test]
async fn a_person_sends_the_own_callers_on_and_nobody_elses_and_reception_everybodys() {
    let bench = office().await;
    let person = bench.session_as("Anna", Role::Person, Some("201")).await;
    let reception = bench.session_as("Rik", Role::Reception, None).await;
    let auditor = bench.session_as("Toos", Role::Auditor, None).await;
    let bram = put("/api/v1/people/202/forward").json(&json!({ "to": "201" }));
    let asked = async |ask: Ask, who: &(String, String)| bench.ask_once(ask.with(who)).await.status;
    assert_eq!(asked(sent("202"), &person).await, StatusCode::OK);
    assert_eq!(asked(get(ANNA), &person).await, StatusCode::OK);
    assert_eq!(asked(bram.clone(), &person).await, StatusCode::FORBIDDEN);
    assert_eq!(asked(bram.clone(), &reception).await, StatusCode::OK);
    assert_eq!(asked(bram, &auditor).await, StatusCode::FORBIDDEN);
    let log = bench.ask(get("/api/v1/audit")).await.json();
    let entries = log.as_array().unwrap().iter();
    let by = |who: &str| {
        entries.clone().filter(|one| one["who"] == who && one["what"] == "PUT /api/v1/people/{number}/forward").count()
    };
    assert_eq!((by("Anna"), by("Rik")), (1, 1), "{log}");
}

#[tokio::test]
async fn a_120_a_forward_to_outside_is_told_and_taken_back() {
    let bench = office().await;
    let before = bench.store.current_revision().unwrap();
    assert_eq!(bench.ask(sent("0612345678")).await.status, StatusCode::OK);
    let mut code = String::new();
    let letters = |mailed: &Secret| {
        code = mailed.reveal().to_owned();
        Vec::new()
    };
    bench.store.tell_change((before, before + 1), "admin", unix_ms(), letters).unwrap();
    assert_eq!(bench.ask(get("/api/v1/undos")).await.json()[0]["what"], json!(["forward/201"]));
    let taken = bench.ask(post("/api/v1/undo").json(&json!({ "code": code }))).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    assert_eq!(bench.ask(get(ANNA)).await.json()["to"], json!(null));
}
