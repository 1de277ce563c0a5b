//! Users who are invited, changed and taken away, and their sessions.

use axum::http::{StatusCode, header};
use centrale_store::Role;
use serde_json::{Value, json};

use crate::kit::{Answer, Bench, PASSWORD, delete, get, post, put};

fn cookie_of(answer: &Answer) -> (String, String) {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    (cookie, answer.json()["csrf"].as_str().unwrap().to_owned())
}

async fn invited(bench: &Bench, body: Value) -> (u64, String) {
    let answer = bench.ask(post("/api/v1/users").json(&body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    (answer.json()["id"].as_u64().unwrap(), answer.json()["code"].as_str().unwrap().to_owned())
}

async fn join(bench: &Bench, code: &str, password: &str) -> Answer {
    let body = json!({ "code": code, "password": password });
    bench.ask(post("/api/v1/session/join").without_session().json(&body)).await
}

#[tokio::test]
async fn who_is_invited_comes_in_once_with_the_code_and_then_with_a_name_and_an_own_password() {
    let bench = Bench::owned().await;
    let (_, code) = invited(&bench, json!({ "name": "Bert", "role": "reception" })).await;
    let short = join(&bench, &code, "kort").await;
    assert_eq!(short.problem(), (422, "password-too-short".into(), Some("password".into())));
    let joined = join(&bench, &code, PASSWORD).await;
    assert_eq!(joined.json()["me"]["role"], "reception");
    assert_eq!(bench.ask(get("/api/v1/office").with(&cookie_of(&joined))).await.status, StatusCode::OK);
    assert_eq!(join(&bench, &code, PASSWORD).await.problem(), (403, "wrong-code".into(), None));

    let log_in = |name: &str, password: &str, from: &str| {
        let body = json!({ "name": name, "password": password });
        post("/api/v1/session").without_session().from(from).json(&body)
    };
    assert_eq!(bench.ask(log_in("bert", PASSWORD, "192.168.1.61")).await.json()["me"]["name"], "Bert");
    let wrong = bench.ask(log_in("bert", "something else", "192.168.1.62")).await;
    let nobody = bench.ask(log_in("nobody", "something else", "192.168.1.63")).await;
    assert_eq!((wrong.status, wrong.text), (nobody.status, nobody.text), "nobody learns who has a login");
}

#[tokio::test]
async fn what_is_invited_makes_sense_or_is_refused_by_its_field() {
    let bench = Bench::owned().await;
    for (body, code, field) in [
        (json!({ "name": "x", "role": "king" }), "no-such-role", "role"),
        (json!({ "name": "x", "role": "person" }), "no-such-person", "person"),
        (json!({ "name": "x", "role": "person", "person": "299" }), "no-such-person", "person"),
        (json!({ "name": "x", "role": "installer" }), "days-out-of-range", "days"),
        (json!({ "name": "x", "role": "installer", "days": 32 }), "days-out-of-range", "days"),
        (json!({ "name": " ", "role": "auditor" }), "user-name-wrong", "name"),
        (json!({ "name": "ADMIN", "role": "auditor" }), "user-name-taken", "name"),
    ] {
        let refused = bench.ask(post("/api/v1/users").json(&body.clone())).await;
        assert_eq!(refused.problem(), (422, code.into(), Some(field.into())), "{body}");
    }
    let (id, _) = invited(&bench, json!({ "name": "Piet", "role": "installer", "days": 7 })).await;
    let users = bench.ask(get("/api/v1/users")).await.json();
    let piet = users.as_array().unwrap().iter().find(|user| user["id"] == id).unwrap().clone();
    let in_days = (piet["ends"].as_u64().unwrap() - crate::kit::unix_ms()) / (24 * 3600 * 1000);
    assert_eq!((in_days, &piet["joined"], &piet["me"]), (6, &json!(false), &json!(false)), "a week, less a moment");
}

#[tokio::test]
async fn a_131_another_role_or_removal_shuts_the_door_at_once_and_the_last_owner_stays() {
    let bench = Bench::new().await;
    let code = bench.store.new_setup_code().unwrap();
    let set_up = json!({ "code": code.reveal(), "password": PASSWORD, "language": "nl" });
    let owner = cookie_of(&bench.ask(post("/api/v1/setup").json(&set_up)).await);
    let users = bench.ask(get("/api/v1/users").with(&owner)).await.json();
    let own = format!("/api/v1/users/{}", users[0]["id"]);
    for last in [delete(&own), put(&own).json(&json!({ "role": "auditor" }))] {
        assert_eq!(bench.ask(last.with(&owner)).await.problem(), (409, "last-owner".into(), None));
    }

    let bert = bench.session_as("Bert", Role::Reception, None).await;
    let stream = bench.ask_open(get("/api/v1/events").with(&bert)).await.into_body();
    let number = bench.store.users().unwrap()[1].number;
    let changed = put(&format!("/api/v1/users/{number}")).json(&json!({ "role": "auditor" })).with(&owner);
    assert_eq!(bench.ask(changed).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(get("/api/v1/office").with(&bert)).await.code(), "logged-out");
    // The stream ends: this returns.
    axum::body::to_bytes(stream, 1 << 20).await.unwrap();
    let gone = delete(&format!("/api/v1/users/{number}")).with(&owner);
    assert_eq!(bench.ask(gone.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(gone).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stolen_session_lets_nobody_in_and_raises_nobody() {
    let bench = Bench::owned().await;
    bench.session_as("Bert", Role::Reception, None).await;
    let before = bench.store.users().unwrap();
    for ask in [
        post("/api/v1/users").json(&json!({ "name": "Thief", "role": "owner" })),
        post("/api/v1/users/1/code"),
        put("/api/v1/users/2").json(&json!({ "role": "owner" })),
    ] {
        assert_eq!(bench.ask_once(ask).await.problem(), (403, "proof-needed".into(), None));
    }
    assert_eq!(bench.store.users().unwrap(), before);
}

#[tokio::test]
async fn another_password_makes_a_code_void_that_was_not_used() {
    let bench = Bench::owned().await;
    let code = bench.ask(post("/api/v1/users/1/code")).await.json()["code"].clone();
    let change = json!({ "password": PASSWORD, "new_password": "een heel ander wachtwoord" });
    assert_eq!(bench.ask(put("/api/v1/session/password").json(&change)).await.status, StatusCode::OK);
    assert_eq!(join(&bench, code.as_str().unwrap(), PASSWORD).await.code(), "wrong-code");
}

#[tokio::test]
async fn a_129_sessions_are_listed_and_ended_one_by_one_each_by_whoever_may() {
    let bench = Bench::opened().await;
    let bert = bench.session_as("Bert", Role::Reception, None).await;
    let listed = |answer: Answer| answer.json().as_array().unwrap().clone();
    let all = listed(bench.ask(get("/api/v1/sessions")).await);
    let here: Vec<_> = all.iter().map(|one| (one["user"].as_str().unwrap(), one["here"].as_bool().unwrap())).collect();
    assert_eq!(here, [("Bert", false), ("admin", true)]);
    assert_eq!((&all[0]["source"], &all[0]["agent"]), (&json!(crate::kit::DESK), &json!("")));
    assert!(all[0]["since"].as_u64() <= all[0]["last_seen"].as_u64());

    let own = listed(bench.ask(get("/api/v1/sessions").with(&bert)).await);
    assert_eq!((own.len(), &own[0]["here"]), (1, &json!(true)), "who is no owner sees the own");
    let admins = format!("/api/v1/sessions/{}", all[1]["id"]);
    assert_eq!(bench.ask(delete(&admins).with(&bert)).await.status, StatusCode::NOT_FOUND);
    let berts = format!("/api/v1/sessions/{}", all[0]["id"]);
    assert_eq!(bench.ask(delete(&berts)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(get("/api/v1/office").with(&bert)).await.code(), "logged-out");
}

#[tokio::test]
async fn another_password_ends_every_session_of_that_user_and_begins_one_here() {
    let bench = Bench::owned().await;
    let (_, code) = invited(&bench, json!({ "name": "Bert", "role": "reception" })).await;
    let bert = cookie_of(&join(&bench, &code, PASSWORD).await);
    let elsewhere = bench.session_as("Bert", Role::Reception, None).await;
    let change = |old: &str, new: &str| {
        put("/api/v1/session/password").json(&json!({ "password": old, "new_password": new })).with(&bert)
    };
    assert_eq!(bench.ask(change(PASSWORD, "kort")).await.code(), "password-too-short");
    let changed = bench.ask(change(PASSWORD, "een heel ander wachtwoord")).await;
    assert_eq!(changed.status, StatusCode::OK);
    for over in [&bert, &elsewhere] {
        assert_eq!(bench.ask(get("/api/v1/office").with(over)).await.code(), "logged-out");
    }
    let fresh = cookie_of(&changed);
    assert_eq!(bench.ask(get("/api/v1/office").with(&fresh)).await.status, StatusCode::OK);
    let wrong = put("/api/v1/session/password").json(&json!({ "password": PASSWORD, "new_password": PASSWORD }));
    assert_eq!(bench.ask(wrong.with(&fresh)).await.problem(), (403, "wrong-password".into(), None));
}

#[tokio::test]
async fn a_cookie_that_comes_from_another_address_or_browser_is_over_everywhere() {
    for stolen in [get("/api/v1/office").from("192.168.1.66"), get("/api/v1/office").header("user-agent", "curl/8")] {
        let bench = Bench::opened().await;
        assert_eq!(bench.ask(get("/api/v1/office")).await.status, StatusCode::OK);
        assert_eq!(bench.ask(stolen).await.problem(), (401, "logged-out".into(), None));
        assert_eq!(bench.ask(get("/api/v1/office")).await.code(), "logged-out", "its owner logs in again and knows");
    }
}

#[tokio::test]
async fn what_a_user_changes_bears_that_users_name() {
    let bench = Bench::opened().await;
    let piet = bench.session_as("Piet", Role::Installer, None).await;
    let body = json!({ "number": "201", "name": "Anna" });
    assert_eq!(bench.ask(post("/api/v1/people").json(&body).with(&piet)).await.status, StatusCode::CREATED);
    assert_eq!(bench.ask(get("/api/v1/revisions")).await.json()[0]["who"], "Piet");
    bench.ask(post("/api/v1/stops").json(&json!({ "stop": "outgoing" })).with(&piet)).await;
    assert_eq!(bench.ask(get("/api/v1/stops")).await.json()["log"][0]["by"], "Piet");
}
