//! Calls that somebody stops, and lets go again.

use axum::http::StatusCode;
use centrale_call_control::view::StopView;
use centrale_call_control::{Command, Stop, Told};
use centrale_http::Wish;
use serde_json::{Value, json};

use crate::kit::{Ask, Bench, get, post};

/// A box with a password and a person, and somebody who is logged in.
async fn set_up() -> Bench {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    bench
}

fn press(stop: &str) -> Ask {
    post("/api/v1/stops").json(&json!({ "stop": stop }))
}

fn release(stop: &str) -> Ask {
    post("/api/v1/stops/release").json(&json!({ "stop": stop }))
}

/// What the exchange says once it did what was asked.
fn tell(bench: &Bench, stops: &[&str]) {
    let view = |stop: &&str| StopView { stop: (*stop).into(), by: "admin".into(), since: 1_795_860_000_000 };
    bench.edge.tell(Told::Stops(stops.iter().map(view).collect()));
}

async fn log(bench: &Bench) -> Vec<(String, bool, String)> {
    let shown = bench.ask(get("/api/v1/stops")).await.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entry = |line: &Value| (text(&line["stop"]), line["pressed"].as_bool().unwrap(), text(&line["by"]));
    shown["log"].as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test]
async fn a_015_one_click_stops_calls_is_kept_and_says_who_did_it() {
    let mut bench = set_up().await;
    for word in ["outgoing", "person/201"] {
        assert_eq!(bench.ask(press(word)).await.status, StatusCode::ACCEPTED);
    }
    let wished = bench.wished();
    let stops: Vec<String> = wished
        .iter()
        .filter_map(|wish| match wish {
            Wish::Command(Command::Stop { stop, pressed }) => Some(format!("{stop} by {}", pressed.by)),
            _ => None,
        })
        .collect();
    assert_eq!(stops, ["outgoing by admin", "person/201 by admin"]);
    tell(&bench, &["outgoing", "person/201"]);
    let shown = bench.ask(get("/api/v1/stops")).await.json();
    assert_eq!(shown["stops"][0], json!({ "stop": "outgoing", "by": "admin", "since": 1_795_860_000_000_u64 }));
    let kept: Vec<String> = bench.store.stops_in_force().unwrap().into_iter().map(|row| row.stop).collect();
    assert_eq!(kept, ["outgoing", "person/201"]);
    // Once more is as once.
    assert_eq!(bench.ask(press("outgoing")).await.status, StatusCode::ACCEPTED);
    assert_eq!(log(&bench).await.len(), 2);
}

#[tokio::test]
async fn a_015_only_who_knows_the_password_lets_calls_go_again() {
    let mut bench = set_up().await;
    bench.ask(press("outgoing")).await;
    tell(&bench, &["outgoing"]);
    bench.wished();
    assert_eq!(bench.ask_once(release("outgoing")).await.code(), "proof-needed");
    assert!(bench.wished().is_empty());
    let answer = bench.ask(release("outgoing")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let wished = bench.wished();
    let released = |wish: &Wish| matches!(wish, Wish::Command(Command::Release { stop: Stop::Outgoing }));
    assert!(wished.iter().any(released), "{wished:?}");
    assert_eq!(bench.store.stops_in_force().unwrap(), []);
    let both = [("outgoing".into(), false, "admin".into()), ("outgoing".into(), true, "admin".into())];
    assert_eq!(log(&bench).await, both);
    tell(&bench, &[]);
    let again = release("outgoing");
    assert_eq!(bench.ask(again).await.status, StatusCode::NOT_FOUND, "nothing is stopped any more");
}

#[tokio::test]
async fn what_is_no_stop_is_refused_and_nothing_of_it_is_for_strangers() {
    let mut bench = set_up().await;
    bench.wished();
    assert_eq!(bench.ask(press("everything")).await.code(), "no-such-stop");
    assert_eq!(bench.ask(press("person/299")).await.status, StatusCode::NOT_FOUND);
    for ask in [press("outgoing"), release("outgoing"), get("/api/v1/stops")] {
        assert_eq!(bench.ask(ask.without_session()).await.status, StatusCode::UNAUTHORIZED);
    }
    assert!(bench.wished().is_empty());
    assert_eq!(bench.store.stops().unwrap(), []);
}
