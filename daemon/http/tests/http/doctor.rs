//! What the doctor says of the ways to the providers, and asking it to look again.

use axum::http::StatusCode;
use centrale_call_control::view::{DoctorView, HelpView, TrunkState, TrunkView};
use centrale_call_control::{Command, Told};
use centrale_http::Wish;

use crate::kit::{Bench, get, post};

fn told(trunk: &str) -> Told {
    let deeds = vec!["rewrites-via".into()];
    let view = DoctorView { trunk: trunk.into(), interference: "proven".into(), deeds, ..DoctorView::default() };
    Told::Doctor(Box::new(view))
}

fn trunk() -> TrunkView {
    TrunkView {
        name: "provider".into(),
        state: TrunkState::Connected,
        reason: String::new(),
        detail: String::new(),
        seen_as: String::new(),
        calls: 0,
        help: HelpView::default(),
    }
}

#[tokio::test]
async fn the_doctors_last_word_is_shown_with_every_router_whose_setting_is_known() {
    let bench = Bench::opened().await;
    bench.edge.tell(Told::Trunk(trunk()));
    bench.edge.tell(told("provider"));
    bench.edge.tell(told("provider"));
    let shown = bench.ask(get("/api/v1/doctor")).await.json();
    assert_eq!(shown["trunks"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(shown["trunks"][0]["interference"], "proven");
    let routers = shown["routers"].as_array().unwrap();
    assert!(routers.len() >= 20 && routers.iter().any(|router| router["verified"] == true), "{shown}");
    bench.edge.tell(Told::TrunkGone("provider".into()));
    assert_eq!(bench.ask(get("/api/v1/doctor")).await.json()["trunks"].as_array().unwrap().len(), 0);
    assert_eq!(bench.ask(get("/api/v1/doctor").without_session()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_way_to_a_provider_is_examined_when_somebody_asks_and_there_is_such_a_provider() {
    let mut bench = Bench::opened().await;
    bench.edge.tell(Told::Trunk(trunk()));
    assert_eq!(bench.ask(post("/api/v1/trunks/nobody/examine")).await.status, StatusCode::NOT_FOUND);
    let stranger = bench.ask(post("/api/v1/trunks/provider/examine").without_session()).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert!(bench.wished().is_empty());
    assert_eq!(bench.ask(post("/api/v1/trunks/provider/examine")).await.status, StatusCode::ACCEPTED);
    let wished = bench.wished();
    let asks = |wish: &Wish| matches!(wish, Wish::Command(Command::Examine { trunk }) if trunk == "provider");
    assert!(matches!(&wished[..], [wish] if asks(wish)), "{wished:?}");
    assert_eq!(bench.ask(post("/api/v1/trunks/nobody/go-round")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.ask(post("/api/v1/trunks/provider/go-round")).await.status, StatusCode::ACCEPTED);
    let wished = bench.wished();
    let goes = |wish: &Wish| matches!(wish, Wish::Command(Command::GoRound { trunk }) if trunk == "provider");
    assert!(matches!(&wished[..], [wish] if goes(wish)), "{wished:?}");
}
