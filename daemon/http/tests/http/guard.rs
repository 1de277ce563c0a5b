//! Who is kept out, and letting them in.

use axum::http::StatusCode;
use centrale_call_control::Command;
use centrale_http::Wish;
use centrale_store::{BlockChange, BlockRow};

use crate::kit::{Bench, delete, get};

/// Far away, in milliseconds: blocks of these tests are not over.
const LATER: u64 = 1 << 52;

fn block(bench: &Bench, source: &str, port: Option<u16>, until_unix_ms: u64) {
    let source = source.parse().unwrap();
    let row = BlockRow { source, port, reason: "guessing".into(), page: true, since_unix_ms: 5, until_unix_ms };
    bench.store.change_blocks(0, &[BlockChange::Blocked(row)]).unwrap();
}

#[tokio::test]
async fn whoever_is_kept_out_is_shown_with_why_and_until_when() {
    let bench = Bench::opened().await;
    assert_eq!(bench.ask(get("/api/v1/guard/blocks").without_session()).await.status, StatusCode::UNAUTHORIZED);
    block(&bench, "203.0.113.9", None, LATER);
    block(&bench, "2001:db8::9", Some(5062), LATER);
    block(&bench, "203.0.113.8", None, 6);
    let shown = bench.ask(get("/api/v1/guard/blocks")).await.json();
    let expected = serde_json::json!({ "blocks": [
        { "address": "2001:db8::9", "port": 5062, "reason": "guessing", "since": 5, "until": LATER },
        { "address": "203.0.113.9", "reason": "guessing", "since": 5, "until": LATER },
    ] });
    assert_eq!(shown, expected, "what is over is not shown");
}

#[tokio::test]
async fn a_block_is_lifted_by_hand_at_the_exchange_and_for_the_next_start() {
    let mut bench = Bench::opened().await;
    block(&bench, "2001:db8::9", Some(5062), LATER);
    assert_eq!(bench.ask(delete("/api/v1/guard/blocks/nobody")).await.status, StatusCode::NOT_FOUND);
    let lift = || delete("/api/v1/guard/blocks/2001:db8::9");
    assert_eq!(bench.ask(lift().without_session()).await.status, StatusCode::UNAUTHORIZED);
    assert!(!bench.wished().iter().any(|wish| matches!(wish, Wish::Command(_))));
    assert_eq!(bench.ask(lift()).await.status, StatusCode::NO_CONTENT);
    let lifted = |wish: &Wish| matches!(wish, Wish::Command(Command::Lift(ip)) if ip.to_string() == "2001:db8::9");
    assert!(bench.wished().iter().any(lifted));
    assert!(bench.store.blocks(0).unwrap().is_empty());
}

#[tokio::test]
async fn a_block_that_is_not_written_down_is_lifted_too() {
    let mut bench = Bench::opened().await;
    let answer = bench.ask(delete("/api/v1/guard/blocks/203.0.113.9")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let lifted = |wish: &Wish| matches!(wish, Wish::Command(Command::Lift(ip)) if ip.to_string() == "203.0.113.9");
    assert!(bench.wished().iter().any(lifted));
}
