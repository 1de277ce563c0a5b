//! Set-up, login, logout, and who may not.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::kit::{Ask, Bench, delete, get, post};

const PASSWORD: &str = "paardebloem bij de deur";

fn set_up(code: &str, password: &str) -> Ask {
    post("/api/v1/setup").json(&json!({ "code": code, "password": password, "language": "fr" }))
}

fn log_in(password: &str) -> Ask {
    post("/api/v1/session").json(&json!({ "password": password }))
}

#[tokio::test]
async fn a_055_a_new_box_is_set_up_once_with_the_code_it_shows_and_is_then_open() {
    let bench = Bench::new().await;
    let before = bench.ask(get("/api/v1/session")).await.json();
    assert_eq!(before, json!({ "state": "setup", "language": "nl" }));

    let code = bench.store.new_setup_code().unwrap();
    let done = bench.ask(set_up(code.reveal(), PASSWORD)).await;
    assert_eq!((done.status, done.json()["state"].as_str()), (StatusCode::OK, Some("open")));
    assert_eq!(done.json()["language"], "fr");
    let cookie = done.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    for flag in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!done.text.contains(cookie.split([';', '=']).nth(1).unwrap()), "the cookie is not in the body");

    let pair = cookie.split(';').next().unwrap();
    let after = bench.ask(get("/api/v1/session").header("cookie", pair)).await.json();
    assert_eq!(after, done.json(), "the same to who comes back");
    assert_eq!(bench.store.office().unwrap().unwrap().1.identity.language.code(), "fr");

    let again = bench.ask(set_up(code.reveal(), PASSWORD)).await;
    assert_eq!(again.problem(), (409, "already-set-up".into(), None));
    let state = bench.ask(get("/api/v1/session")).await.json();
    assert_eq!(state, json!({ "state": "login", "language": "fr" }));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_code_is_refused_and_must_wait_and_a_short_password_costs_nothing() {
    let bench = Bench::new().await;
    let code = bench.store.new_setup_code().unwrap();
    for _ in 0..2 {
        let short = bench.ask(set_up(code.reveal(), "elf letters")).await;
        assert_eq!(short.problem(), (422, "password-too-short".into(), Some("password".into())));
    }
    assert_eq!(bench.ask(set_up("AAAAAAAAAA", PASSWORD)).await.problem(), (403, "wrong-code".into(), None));
    let early = bench.ask(set_up(code.reveal(), PASSWORD)).await;
    assert_eq!(early.problem(), (429, "wait".into(), None));
    assert_eq!(early.headers[header::RETRY_AFTER], "1");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(bench.ask(set_up(code.reveal(), PASSWORD)).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn wrong_passwords_wait_one_two_four_eight_seconds_and_nobody_else_does() {
    let bench = Bench::new().await;
    let code = bench.store.new_setup_code().unwrap();
    bench.ask(set_up(code.reveal(), PASSWORD)).await;
    for seconds in [1, 2, 4, 8, 8] {
        assert_eq!(bench.ask(log_in("something else")).await.code(), "wrong-password");
        let early = bench.ask(log_in(PASSWORD)).await;
        assert_eq!((early.code().as_str(), &early.headers[header::RETRY_AFTER]), ("wait", &seconds.into()));
        assert_eq!(bench.ask(log_in(PASSWORD).from("192.168.1.51")).await.status, StatusCode::OK);
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }
    let done = bench.ask(log_in(PASSWORD)).await;
    assert_eq!((done.status, done.json()["state"].as_str()), (StatusCode::OK, Some("open")));
    assert_eq!(bench.ask(log_in("something else")).await.code(), "wrong-password", "the right one starts anew");
}

#[tokio::test]
async fn a_session_ends_with_logout_on_every_open_page() {
    let bench = Bench::opened().await;
    let stream = bench.ask_open(get("/api/v1/events")).await.into_body();
    let out = bench.ask(delete("/api/v1/session")).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(bench.ask(get("/api/v1/office")).await.problem(), (401, "logged-out".into(), None));
    // The stream has its snapshot and then an end: this returns.
    let text = axum::body::to_bytes(stream, 1 << 20).await.unwrap();
    assert!(text.starts_with(b"id: ") || text.starts_with(b"event: "), "{text:?}");
}

#[tokio::test]
async fn a_cookie_that_nobody_gave_opens_nothing() {
    let bench = Bench::new().await;
    for cookie in ["centrale_session=", "centrale_session=AAAA", "centrale_session", "other=1; centrale_session=x;;"] {
        let answer = bench.ask(get("/api/v1/office").header("cookie", cookie)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{cookie}");
    }
}
