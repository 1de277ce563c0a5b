//! The end: who may have everything destroyed.

use axum::http::StatusCode;
use centrale_http::Wish;
use centrale_store::Role;
use serde_json::json;

use crate::kit::{Bench, post};

#[tokio::test]
async fn a_143_everything_is_wiped_for_an_owner_alone_who_has_the_password_and_types_the_office_s_name() {
    let mut bench = Bench::owned().await;
    let wipe = |phrase: &str| post("/api/v1/wipe").json(&json!({ "phrase": phrase }));
    let installer = bench.session_as("Piet", Role::Installer, None).await;
    assert_eq!(bench.ask(wipe("Centrale").with(&installer)).await.code(), "not-allowed");
    let wrong = bench.ask_once(wipe("wipe")).await.problem();
    assert_eq!(wrong, (422, "phrase-wrong".into(), Some("phrase".into())));
    assert_eq!(bench.ask_once(wipe("Centrale")).await.code(), "proof-needed");
    assert!(!bench.wished().iter().any(|wish| matches!(wish, Wish::Wipe)), "nothing begins");
    let mut bench = bench.restarted().await;
    bench.open_session().await;
    let begun = bench.ask(wipe(" Centrale ")).await;
    assert_eq!((begun.status, begun.json()), (StatusCode::ACCEPTED, json!({ "calls_ended": 0 })));
    assert!(bench.wished().iter().any(|wish| matches!(wish, Wish::Wipe)));
}
