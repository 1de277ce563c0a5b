//! What to write into the router, and the switch of the box's own DHCP answer.

use axum::http::StatusCode;
use centrale_http::Wish;
use serde_json::json;

use crate::kit::{Bench, get, put};

#[tokio::test]
async fn the_texts_for_the_router_hold_the_address_at_which_the_box_was_asked() {
    let bench = Bench::opened().await;
    let answer = bench.ask(get("/api/v1/finding")).await.json();
    assert_eq!(answer["texts"]["option_66"], "http://192.168.1.2:8080/");
    assert_eq!(answer["texts"]["dnsmasq"], "dhcp-option=66,\"http://192.168.1.2:8080/\"");
    assert_eq!(answer["texts"]["fritz_box"], false);
    assert_eq!(answer["dhcp_options"], false, "off until somebody wants it");
    assert_eq!(bench.ask(get("/api/v1/finding").without_session()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn dhcp_is_switched_by_a_revision_that_the_daemon_hears_of() {
    let mut bench = Bench::opened().await;
    for answered in [true, false] {
        bench.wished();
        let answer = bench.ask(put("/api/v1/finding").json(&json!({ "dhcp_options": answered }))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(bench.ask(get("/api/v1/finding")).await.json()["dhcp_options"], answered);
        let wished = bench.wished();
        let told = |wish: &Wish| matches!(wish, Wish::Settled(settled, _) if settled.office.dhcp_options == answered);
        assert!(wished.iter().any(told), "{wished:?}");
    }
}
