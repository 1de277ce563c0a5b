//! What somebody ordered from a phone with the office's PIN: done as if it had been asked here, and written down.

use std::time::Duration;

use axum::http::StatusCode;
use centrale_call_control::view::StopView;
use centrale_call_control::{Command, Ordered, PhoneOrder, Stop, Told};
use centrale_http::Wish;
use centrale_store::{BlockChange, BlockRow};
use serde_json::{Value, json};

use crate::kit::{Ask, Bench, PASSWORD, get, post, put};
use crate::phones::bench_bound;

const PHONE: &str = "192.168.1.101";
/// Blocks of these tests are not over.
const LATER: u64 = 1 << 52;

/// A box that attends to what phones order.
async fn box_with(mut bench: Bench) -> (Bench, tokio::task::JoinHandle<()>) {
    let serving = tokio::spawn(bench_bound(&bench).await.serve());
    bench.wished();
    (bench, serving)
}

fn order(bench: &Bench, order: PhoneOrder) {
    let from = std::net::SocketAddr::new(PHONE.parse().unwrap(), 5060);
    bench.edge.ordered(Ordered { order, person: "201".into(), name: "Anna".into(), from });
}

/// The newest line of the log, once it is that of an order.
async fn logged(bench: &Bench, what: &str) -> Value {
    loop {
        let log = bench.ask(get("/api/v1/audit")).await.json();
        if log[0]["what"] == what {
            return log[0].clone();
        }
        tokio::task::yield_now().await;
    }
}

fn log_in(password: &str) -> Ask {
    post("/api/v1/session").without_session().json(&json!({ "name": "admin", "password": password }))
}

async fn status(bench: &Bench, password: &str, from: &str) -> u16 {
    bench.ask(log_in(password).from(from)).await.status.as_u16()
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_is_kept_waiting_is_let_in_at_once_after_the_code_and_blocks_of_the_page_are_lifted() {
    let (mut bench, _serving) = box_with(Bench::owned().await).await;
    // Many guess at the owner, so that nobody new is listened to from elsewhere; and the owner mistyped in the office.
    for source in 0..12 {
        status(&bench, &format!("guess {source}"), &format!("203.0.{source}.9")).await;
        tokio::time::advance(Duration::from_secs(8)).await;
    }
    assert_eq!(status(&bench, PASSWORD, "198.51.100.7").await, 429);
    assert_eq!(status(&bench, "mistyped", "192.168.1.60").await, 403);
    assert_eq!(status(&bench, PASSWORD, "192.168.1.60").await, 429);
    for (source, reason) in
        [("203.0.113.1", "page-guessing"), ("203.0.113.2", "honey-path"), ("203.0.113.3", "guessing")]
    {
        let source = source.parse().unwrap();
        let row =
            BlockRow { source, port: None, reason: reason.into(), page: true, since_unix_ms: 5, until_unix_ms: LATER };
        bench.store.change_blocks(0, &[BlockChange::Blocked(row)]).unwrap();
    }
    bench.wished();
    order(&bench, PhoneOrder::PageAgain);
    let line = logged(&bench, "phone-page").await;
    assert_eq!((&line["who"], &line["source"]), (&json!("Anna (201)"), &json!(PHONE)));
    assert_eq!(status(&bench, PASSWORD, "192.168.1.60").await, 200);
    assert_eq!(status(&bench, PASSWORD, "198.51.100.7").await, 200);
    let lifted: Vec<String> = bench
        .wished()
        .iter()
        .filter_map(
            |wish| if let Wish::Command(Command::Lift(source)) = wish { Some(source.to_string()) } else { None },
        )
        .collect();
    assert_eq!(lifted, ["203.0.113.1", "203.0.113.2"]);
    let kept: Vec<String> = bench.store.blocks(0).unwrap().into_iter().map(|row| row.source.to_string()).collect();
    assert_eq!(kept, ["203.0.113.3"], "who guesses phones' passwords is kept out");
    // It opens nothing to who guesses on: their wrong ones count anew, and end as soon.
    for source in 0..12 {
        status(&bench, &format!("another {source}"), &format!("203.0.{source}.10")).await;
        tokio::time::advance(Duration::from_secs(8)).await;
    }
    assert_eq!(status(&bench, PASSWORD, "198.51.100.8").await, 429);
}

#[tokio::test]
async fn a_015_calls_are_stopped_and_let_go_from_a_phone_as_from_the_page_and_the_log_says_whose() {
    let (mut bench, _serving) = box_with(Bench::owned().await).await;
    order(&bench, PhoneOrder::Stop(Stop::Abroad));
    logged(&bench, "phone-stop").await;
    let wished = bench.wished();
    let stop = wished.iter().find_map(|wish| match wish {
        Wish::Command(Command::Stop { stop: Stop::Abroad, pressed }) => Some(pressed.by.as_str()),
        _ => None,
    });
    assert_eq!(stop, Some("Anna (201)"));
    let row = &bench.store.stops_in_force().unwrap()[0];
    assert_eq!((row.stop.as_str(), row.who.as_str(), row.source.as_str()), ("abroad", "Anna (201)", PHONE));
    let view = StopView { stop: "abroad".into(), by: "Anna (201)".into(), since: 1_795_860_000_000 };
    bench.edge.tell(Told::Stops(vec![view]));
    order(&bench, PhoneOrder::LetGo);
    logged(&bench, "phone-let-go").await;
    let released = |wish: &Wish| matches!(wish, Wish::Command(Command::Release { stop }) if *stop == Stop::Abroad);
    let wished = bench.wished();
    assert!(wished.iter().any(released), "{wished:?}");
    assert_eq!(wished.iter().filter(|wish| matches!(wish, Wish::Command(Command::Release { .. }))).count(), 1);
    assert_eq!(bench.store.stops_in_force().unwrap(), []);
}

#[tokio::test]
async fn b_17_dear_calls_that_the_guard_holds_are_stopped_and_written_down_as_its_own_deed() {
    let (mut bench, _serving) = box_with(Bench::owned().await).await;
    // It is said again until the exchange is there, and stays one deed.
    for person in ["201", "201", "201", "202"] {
        bench.edge.held(person.into());
    }
    let log = loop {
        let log = bench.ask(get("/api/v1/audit")).await.json();
        if log[0]["about"] == "202" {
            break log;
        }
        tokio::task::yield_now().await;
    };
    let held = log.as_array().unwrap().iter().filter(|line| line["what"] == "calls-held");
    let lines: Vec<_> = held.map(|line| (&line["who"], &line["about"], &line["source"])).collect();
    let (who, nowhere) = (json!("Centrale"), json!(""));
    assert_eq!(lines, [(&who, &json!("202"), &nowhere), (&who, &json!("201"), &nowhere)]);
    let stop = Stop::Paid("201".into());
    let pressed = |wish: &&Wish| matches!(wish, Wish::Command(Command::Stop { stop: what, .. }) if *what == stop);
    assert_eq!(bench.wished().iter().filter(pressed).count(), 1);
    let rows = bench.store.stops_in_force().unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (row.stop.as_str(), row.who.as_str(), row.source.as_str())).collect();
    assert_eq!(rows, [("paid/201", "Centrale", ""), ("paid/202", "Centrale", "")]);
}

#[tokio::test(start_paused = true)]
async fn an_owner_sets_the_pin_with_the_password_and_it_is_shown_to_nobody() {
    let mut bench = Bench::owned().await;
    let set = |pin: Option<&str>| put("/api/v1/stops/pin").json(&json!({ "pin": pin }));
    assert_eq!(bench.ask(get("/api/v1/stops")).await.json()["has_pin"], json!(false));
    assert_eq!(bench.ask_once(set(Some("830264"))).await.code(), "proof-needed");
    for (pin, code) in [("", "pin-malformed"), ("8302", "pin-malformed"), ("123456", "pin-weak")] {
        let (_, told, field) = bench.ask(set(Some(pin))).await.problem();
        assert_eq!((told.as_str(), field.as_deref()), (code, Some("pin")));
    }
    let piet = bench.session_as("Piet", centrale_store::Role::Installer, None).await;
    assert_eq!(bench.ask(set(Some("830264")).with(&piet)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bench.ask(set(Some("830264"))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/stops")).await.json()["has_pin"], json!(true));
    let settled = bench.wished().into_iter().rev().find_map(|wish| match wish {
        Wish::Settled(settled, _) => Some(settled),
        _ => None,
    });
    assert_eq!(settled.unwrap().office.pin.as_ref().map(centrale_config::Secret::reveal), Some("830264"));
    bench.ask(get("/api/v1/audit")).await;
    bench.ask(get("/api/v1/revisions")).await;
    bench.ask(get("/api/v1/office")).await;
    assert!(bench.answers().iter().all(|(_, text)| !text.contains("830264")));
    assert_eq!(bench.ask(set(None)).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/stops")).await.json()["has_pin"], json!(false));
}
