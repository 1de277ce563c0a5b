//! Who widens what a thief could do proves it, by whatever way it is asked.

use axum::http::StatusCode;
use centrale_store::Role;
use serde_json::{Value, json};

use crate::kit::{Answer, Ask, Bench, PASSWORD, delete, get, post, put};

fn trunk() -> Ask {
    put("/api/v1/trunks/voip").json(&json!({
        "server": "sip.example.net", "transport": "tls", "username": "office", "password": "a secret of the provider",
        "register": true, "numbers": [],
    }))
}

fn permit(calls: &str) -> Ask {
    put("/api/v1/people/201/permit").json(&json!({ "rights": null, "calls": calls, "premium": false, "opened": [] }))
}

fn sales(calls: &str) -> Ask {
    put("/api/v1/rights/Sales").json(&json!({ "calls": calls, "premium": false }))
}

async fn proof(bench: &Bench, password: &str) -> Answer {
    bench.ask_once(post("/api/v1/session/proof").json(&json!({ "password": password }))).await
}

fn shown(answer: &Answer) -> String {
    answer.json()["proof"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_120_whatever_widens_asks_for_a_proof_and_what_narrows_or_names_does_not() {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    for free in [permit("inside"), sales("country"), put("/api/v1/people/201").json(&json!({ "name": "Anneke" }))] {
        assert_eq!(bench.ask_once(free).await.status, StatusCode::OK);
    }
    let before = bench.store.current_revision().unwrap();
    for wide in [trunk(), permit("world"), sales("world"), post("/api/v1/revisions/1/revert")] {
        let refused = bench.ask_once(wide).await;
        assert_eq!(refused.problem(), (403, "proof-needed".into(), None));
    }
    assert_eq!(bench.store.current_revision().unwrap(), before, "nothing was changed");
    for wide in [trunk(), permit("world"), sales("world"), post(&format!("/api/v1/revisions/{before}/revert"))] {
        let shown = shown(&proof(&bench, PASSWORD).await);
        let answer = bench.ask_once(wide.header("x-centrale-proof", &shown)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let malformed = bench.ask_once(permit("moon")).await;
    assert_eq!(malformed.code(), "calls-unknown", "what is wrong is told before anybody types a password");
}

#[tokio::test]
async fn prices_that_decide_what_every_cap_reserves_ask_for_a_proof_to_come_and_to_go() {
    let bench = Bench::owned().await;
    assert_eq!(bench.ask(trunk()).await.status, StatusCode::OK);
    let day = centrale_config::Date::from_days(u32::try_from(crate::kit::unix_ms() / 86_400_000).unwrap());
    let path = format!("/api/v1/trunks/voip/deck?valid_from={day}&vat_included=true");
    let take = |csv: &str| put(&path).text(csv).header("content-type", "text/csv");
    let good = || take("prefix;price\n31;0,01\n");
    assert_eq!(bench.ask_once(good()).await.problem(), (403, "proof-needed".into(), None));
    assert_ne!(bench.ask_once(take("prefix;price\n31;cheap\n")).await.code(), "proof-needed");
    assert_eq!(bench.ask(good()).await.status, StatusCode::OK);
    let gone = || delete("/api/v1/trunks/voip/deck");
    assert_eq!(bench.ask_once(gone()).await.problem(), (403, "proof-needed".into(), None));
    assert_eq!(bench.ask(gone()).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_makes_the_guard_looser_asks_for_a_proof_and_what_tightens_it_does_not() {
    let bench = Bench::owned().await;
    let support = |numbers: Value| put("/api/v1/office/support-numbers").json(&json!({ "numbers": numbers }));
    let hours = |monday: &str| {
        let week = [monday, "closed", "closed", "closed", "closed", "closed", "closed"];
        put("/api/v1/office/opening").json(&json!({ "week": week, "holidays": [], "closed_days": [] }))
    };
    let zone = |zone: &str| {
        let office =
            json!({ "name": "Vroom", "country": "NL", "area_code": "020", "language": "nl", "time_zone": zone });
        put("/api/v1/office/identity").json(&office)
    };
    let rules = || put("/api/v1/rules").json(&json!({ "text": "Nobody calls abroad." }));
    for start in [hours("09:00-17:00"), zone("Europe/Amsterdam"), support(json!(["08001234"]))] {
        let answer = bench.ask(start).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    for wide in [support(json!(["08001234", "08005678"])), hours("00:00-24:00"), zone("America/New_York"), rules()] {
        assert_eq!(bench.ask_once(wide).await.problem(), (403, "proof-needed".into(), None));
    }
    for free in [support(json!([])), hours("10:00-16:00"), zone("Europe/Amsterdam")] {
        let answer = bench.ask_once(free).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_120_a_proof_is_good_for_one_write_of_its_session_alone() {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    assert_eq!(proof(&bench, "guessed at random").await.problem(), (403, "wrong-password".into(), None));
    assert_eq!(proof(&bench, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "guessing has to wait");
    let bench = bench.restarted().await;
    let thief = bench.session_as("Piet", Role::Owner, None).await;
    let mut bench = bench;
    bench.open_session().await;
    let one = shown(&proof(&bench, PASSWORD).await);
    let stolen = bench.ask_once(permit("world").with(&thief).header("x-centrale-proof", &one)).await;
    assert_eq!(stolen.code(), "proof-needed");
    assert_eq!(bench.ask_once(permit("europe").header("x-centrale-proof", &one)).await.status, StatusCode::OK);
    let again = bench.ask_once(permit("world").header("x-centrale-proof", &one)).await;
    assert_eq!(again.code(), "proof-needed");
    let said: Vec<Value> = vec![bench.ask(get("/api/v1/audit")).await.json()];
    assert!(said.iter().all(|said| !said.to_string().contains(&one)));
    let gone = bench.ask_once(delete("/api/v1/trunks/voip")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
