//! What may be spent, and who may call what.

use axum::http::StatusCode;
use centrale_call_control::view::{CapView, CostsView};
use centrale_call_control::{Cap, Command, Told};
use centrale_http::Wish;
use serde_json::json;

use crate::kit::{Ask, Bench, PASSWORD, delete, get, post, put};

#[tokio::test]
async fn the_caps_are_shown_as_the_exchange_told_them_last() {
    let bench = Bench::opened().await;
    let cap =
        CapView { cap: "day".into(), used_cents: 120, limit_cents: 5_000, usual_cents: 5_000, raised_until: None };
    bench.edge.tell(Told::Costs(CostsView { caps: vec![cap] }));
    let shown = bench.ask(get("/api/v1/costs")).await.json();
    assert_eq!(shown["caps"][0]["used_cents"], 120);
    assert_eq!(bench.ask(get("/api/v1/costs").without_session()).await.status, StatusCode::UNAUTHORIZED);
}

fn raise(to_cents: u32, hours: u16) -> Ask {
    post("/api/v1/costs/raise").json(&json!({ "cap": "day", "to_cents": to_cents, "hours": hours }))
}

#[tokio::test]
async fn a_053_a_cap_is_raised_with_a_second_factor_and_never_without_end() {
    let mut bench = Bench::owned().await;
    let codes = bench.give_factor();
    let with = |code: usize| json!({ "password": PASSWORD, "code": codes[code] });
    for (asked, code) in [
        (raise(10_000, 24), "proof-needed"),
        (raise(4_999, 24), "raise-out-of-range"),
        (raise(100_001, 24), "raise-out-of-range"),
        (raise(10_000, 0), "raise-too-long"),
        (raise(10_000, 745), "raise-too-long"),
    ] {
        assert_eq!(bench.ask_once(asked).await.code(), code);
    }
    assert!(!bench.wished().iter().any(|wish| matches!(wish, Wish::Command(_))), "nothing was raised");
    let answer = bench.ask_proving(raise(10_000, 24), &with(0)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let wished = bench.wished();
    let raised =
        |wish: &Wish| matches!(wish, Wish::Command(Command::Raise { cap: Cap::Day, to_cents: 10_000, hours: 24, .. }));
    assert!(wished.iter().any(raised), "{wished:?}");
    // To what it is: that takes the raise back.
    let answer = bench.ask_proving(raise(5_000, 1), &with(1)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
}

#[tokio::test]
async fn a_053_who_has_no_second_factor_lowers_a_cap_and_raises_none() {
    let mut bench = Bench::owned().await;
    let shown = json!({ "password": PASSWORD });
    let raised = async |bench: &Bench, to_cents| bench.ask_proving(raise(to_cents, 24), &shown).await;
    let refused = raised(&bench, 10_000).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::FORBIDDEN, "second-factor-needed"));
    assert!(bench.wished().is_empty(), "nothing was raised");
    assert!(bench.store.untold_deeds().unwrap().is_empty());
    let day = CapView {
        cap: "day".into(),
        used_cents: 0,
        limit_cents: 20_000,
        usual_cents: 5_000,
        raised_until: Some(30_000_000),
    };
    bench.edge.tell(Told::Costs(CostsView { caps: vec![day] }));
    assert_eq!(raised(&bench, 20_001).await.code(), "second-factor-needed");
    for lower in [10_000, 5_000] {
        assert_eq!(raised(&bench, lower).await.status, StatusCode::ACCEPTED);
        let is_lowered =
            |wish: &Wish| matches!(wish, Wish::Command(Command::Raise { to_cents, .. }) if *to_cents == lower);
        assert!(bench.wished().iter().any(is_lowered));
    }
}

#[tokio::test]
async fn a_new_person_calls_in_the_country_until_somebody_decides_otherwise() {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    let path = "/api/v1/people/201/permit";
    let nothing = json!({ "rights": null, "calls": null, "premium": null, "opened": [] });
    let new = json!({ "own": nothing, "calls": "country", "premium": false });
    assert_eq!(bench.ask(get(path)).await.json(), new);
    let more = json!({
        "rights": null, "calls": "world", "premium": true, "opened": [{ "prefix": "+53", "until": "2026-12-31" }]
    });
    let answer = bench.ask(put(path).json(&more)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(bench.ask(get(path)).await.json(), json!({ "own": more, "calls": "world", "premium": true }));
    let odd = json!({ "calls": "moon", "premium": false, "opened": [] });
    assert_eq!(bench.ask(put(path).json(&odd)).await.code(), "calls-unknown");
    assert_eq!(bench.ask(get("/api/v1/people/299/permit")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_is_put_into_a_group_may_call_what_it_may_until_the_group_changes_or_the_person_is_taken_out() {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    let (sales, anna) = ("/api/v1/rights/Sales", "/api/v1/people/201/permit");
    let is_in = |group: Option<&str>| json!({ "rights": group, "opened": [] });
    assert_eq!(bench.ask(put(anna).json(&is_in(Some("Sales")))).await.code(), "rights-unknown");
    let europe = json!({ "calls": "europe", "premium": true });
    let answer = bench.ask(put(sales).json(&europe)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(bench.ask(put(anna).json(&is_in(Some("Sales")))).await.status, StatusCode::OK);
    let in_force = async || {
        let permit = bench.ask(get(anna)).await.json();
        (permit["calls"].clone(), permit["premium"].clone())
    };
    assert_eq!(in_force().await, (json!("europe"), json!(true)));
    let world = json!({ "calls": "world", "premium": false });
    assert_eq!(bench.ask(put(sales).json(&world)).await.status, StatusCode::OK);
    assert_eq!(in_force().await, (json!("world"), json!(false)));
    let office = bench.ask(get("/api/v1/office")).await.json();
    assert_eq!(office["rights"], json!([{ "name": "Sales", "calls": "world", "premium": false }]));
    assert_eq!(bench.ask(delete(sales)).await.code(), "rights-in-use");
    assert_eq!(bench.ask(put(anna).json(&is_in(None))).await.status, StatusCode::OK);
    assert_eq!(in_force().await, (json!("country"), json!(false)));
    assert_eq!(bench.ask(delete(sales)).await.status, StatusCode::OK);
    assert_eq!(bench.ask(delete(sales)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.ask(put("/api/v1/rights/a%2Fb").json(&world)).await.code(), "name-malformed");
}
