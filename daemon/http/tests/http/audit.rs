//! Who did what is written down, whatever it was, and nobody's secrets with it.

use axum::http::StatusCode;
use centrale_store::Role;
use serde_json::json;

use crate::kit::{Bench, PASSWORD, delete, get, post, put};

async fn log(bench: &Bench) -> Vec<(String, String, String)> {
    let answer = bench.ask(get("/api/v1/audit")).await.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let entry = |entry: &serde_json::Value| (text(&entry["who"]), text(&entry["what"]), text(&entry["about"]));
    answer.as_array().unwrap().iter().map(entry).collect()
}

fn entry(who: &str, what: &str, about: &str) -> (String, String, String) {
    (who.into(), what.into(), about.into())
}

#[tokio::test]
async fn every_write_is_in_the_log_once_with_who_and_from_where_and_its_reason() {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    let piet = bench.session_as("Piet", Role::Installer, None).await;
    let renamed = put("/api/v1/people/201").json(&json!({ "name": "Anna B" })).with(&piet);
    assert_eq!(bench.ask(renamed).await.status, StatusCode::OK);
    bench.ask(delete("/api/v1/guard/blocks/192.0.2.1")).await;
    bench.ask(post("/api/v1/stops").json(&json!({ "stop": "abroad" }))).await;
    bench.ask(put("/api/v1/people/299").json(&json!({ "name": "Nobody" }))).await;
    let expected = [
        entry("admin", "POST /api/v1/stops", "abroad"),
        entry("admin", "DELETE /api/v1/guard/blocks/{address}", "192.0.2.1"),
        entry("Piet", "PUT /api/v1/people/{number}", "201"),
        entry("admin", "POST /api/v1/people", ""),
    ];
    assert_eq!(log(&bench).await, expected, "what was refused was not done");
    let all = bench.ask(get("/api/v1/audit")).await.json();
    let of = |at: usize| (all[at]["source"].as_str().unwrap(), all[at]["revision"].as_u64(), all[at]["why"].as_str());
    let revisions = bench.ask(get("/api/v1/revisions")).await.json();
    assert_eq!(of(2), (crate::kit::DESK, revisions[0]["revision"].as_u64(), revisions[0]["why"].as_str()));
    assert_eq!((of(0).1, bench.store.verify_audit(None).unwrap().unwrap().last), (None, 4));
}

#[tokio::test]
async fn log_ins_invitations_thefts_and_refusals_are_in_the_log_and_no_password_or_code_is() {
    let bench = Bench::owned().await;
    let bert = json!({ "name": "Bert", "role": "reception" });
    let invited = bench.ask(post("/api/v1/users").json(&bert)).await.json();
    let code = invited["code"].as_str().unwrap().to_owned();
    let join = json!({ "code": code, "password": PASSWORD });
    bench.ask(post("/api/v1/session/join").without_session().json(&join)).await;
    for (from, password) in [("192.168.1.61", PASSWORD), ("192.168.1.62", "something else")] {
        let body = json!({ "name": "Bert", "password": password });
        bench.ask(post("/api/v1/session").without_session().from(from).json(&body)).await;
    }
    let bert = bench.session_as("Bert", Role::Reception, None).await;
    for _ in 0..10 {
        bench.ask(get("/api/v1/users").with(&bert)).await;
    }
    bench.ask(get("/api/v1/office").with(&bert).from("192.168.1.66")).await;
    let expected = [
        entry("Bert", "session-elsewhere", ""),
        entry("Bert", "refused", "10"),
        entry("Bert", "refused", "1"),
        entry("", "log-in-wrong", "1"),
        entry("Bert", "log-in", ""),
        entry("Bert", "joined", ""),
        entry("admin", "POST /api/v1/users", "Bert reception"),
    ];
    assert_eq!(log(&bench).await, expected);
    let text = bench.ask(get("/api/v1/audit")).await.text;
    assert!([PASSWORD, code.as_str(), "something else"].iter().all(|secret| !text.contains(secret)));
}

#[tokio::test]
async fn the_log_names_the_user_whom_it_is_about_even_when_that_user_is_gone() {
    let bench = Bench::owned().await;
    bench.session_as("Bert", Role::Reception, None).await;
    let number = bench.store.users().unwrap()[1].number;
    let path = format!("/api/v1/users/{number}");
    let auditor = json!({ "role": "auditor" });
    for ask in [post(&format!("{path}/code")), put(&path).json(&auditor), delete(&path)] {
        assert!(bench.ask(ask).await.status.is_success());
    }
    let expected = [
        entry("admin", "DELETE /api/v1/users/{id}", "Bert auditor"),
        entry("admin", "PUT /api/v1/users/{id}", "Bert auditor"),
        entry("admin", "POST /api/v1/users/{id}/code", "Bert reception"),
    ];
    assert_eq!(log(&bench).await, expected);
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_as_a_file() {
    let bench = Bench::opened().await;
    for number in 201..206 {
        bench.add_person(&number.to_string(), "Anna").await;
    }
    let page = bench.ask(get("/api/v1/audit?before=4&limit=2")).await.json();
    let numbers: Vec<_> = page.as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [3, 2]);
    let file = bench.ask(get("/api/v1/audit.csv")).await.text;
    assert_eq!(file.lines().count(), 6, "{file}");
    assert!(file.lines().nth(1).unwrap().starts_with("5,"), "{file}");
}
