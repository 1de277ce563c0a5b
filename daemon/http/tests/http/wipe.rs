//! The end: who may have everything destroyed.

use axum::http::StatusCode;
use centrale_http::Wish;
use centrale_store::Role;
use serde_json::json;

use crate::kit::{Bench, PASSWORD, post};

#[tokio::test]
async fn a_143_everything_is_wiped_for_an_owner_alone_who_has_the_password_and_types_the_office_s_name() {
    let mut bench = Bench::owned().await;
    let wipe =
        |phrase: &str, password: &str| post("/api/v1/wipe").json(&json!({ "phrase": phrase, "password": password }));
    let installer = bench.session_as("Piet", Role::Installer, None).await;
    assert_eq!(bench.ask(wipe("Centrale", PASSWORD).with(&installer)).await.code(), "not-allowed");
    let wrong = bench.ask(wipe("wipe", PASSWORD)).await.problem();
    assert_eq!(wrong, (422, "phrase-wrong".into(), Some("phrase".into())));
    let stolen = bench.ask(wipe("Centrale", "guessed at random")).await;
    assert_eq!(stolen.code(), "wrong-password");
    assert!(!bench.wished().iter().any(|wish| matches!(wish, Wish::Wipe)), "nothing begins");
    let mut bench = bench.restarted().await;
    bench.open_session().await;
    let begun = bench.ask(wipe(" Centrale ", PASSWORD)).await;
    assert_eq!((begun.status, begun.json()), (StatusCode::ACCEPTED, json!({ "calls_ended": 0 })));
    assert!(bench.wished().iter().any(|wish| matches!(wish, Wish::Wipe)));
}
