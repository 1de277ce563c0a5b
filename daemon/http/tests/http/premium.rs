//! The office's own premium numbers: not active before their price was heard, evidence of their calls, and complaints.

use centrale_config::{Change, TypedPremium};
use centrale_store::{Author, CallRow};
use serde_json::{Value, json};

use crate::kit::{Bench, get, post, put};
use crate::statement::outgoing;

const LINE: &str = "+31207654321";
const NUMBER: &str = "/api/v1/premium-numbers/09001234";
/// 25 November 2026, 09:00 UTC.
const MORNING: u64 = 1_795_597_200_000;

fn profile(cents: u16, announced: bool, active: bool) -> Value {
    json!({ "line": "+31207654321", "owner": "Bakkerij Jansen B.V.", "cents_per_minute": cents, "cents_per_call": null,
        "announced": announced, "active": active })
}

async fn office() -> Bench {
    let bench = Bench::owned().await;
    let trunk = json!({ "server": "sip.example.net", "transport": "udp", "username": "office", "password": null,
        "register": false, "numbers": ["+31207654321"] });
    assert_eq!(bench.ask(put("/api/v1/trunks/provider").json(&trunk)).await.status, 200);
    bench
}

fn called(id: &str, line: Option<&str>, started: u64) -> CallRow {
    let (direction, line) = ("incoming".into(), line.map(str::to_owned));
    CallRow { direction, line, from: "+31612345678".into(), to: "201".into(), ..outgoing(id, "201", started) }
}

#[tokio::test]
async fn a_022_an_own_premium_number_is_active_once_its_price_was_heard_and_not_before() {
    let bench = office().await;
    let refused = bench.ask(put(NUMBER).json(&profile(90, false, true))).await;
    assert_eq!(refused.problem(), (422, "price-not-announced".into(), Some("active".into())));
    assert_eq!(bench.ask(put(NUMBER).json(&profile(90, true, true))).await.status, 200);
    let shown = bench.ask(get("/api/v1/premium-numbers")).await.json();
    assert_eq!((&shown[0]["number"], &shown[0]["active"]), (&json!("09001234"), &json!(true)));
    assert_eq!(shown[0]["announced"][0]["cents_per_minute"], json!(90));
    let dearer = bench.ask(put(NUMBER).json(&profile(95, false, true))).await;
    assert_eq!(dearer.problem(), (422, "price-not-announced".into(), Some("active".into())));
}

#[tokio::test]
async fn a_051_the_evidence_has_each_call_with_its_caller_times_price_and_place_in_the_chain() {
    let bench = office().await;
    let (revision, office) = bench.store.office().unwrap().unwrap();
    let premium = TypedPremium {
        line: LINE.into(),
        owner: "Bakkerij Jansen B.V.".into(),
        cents_per_minute: Some(90),
        announced: Some(("2026-11-25".into(), "Anna".into())),
        active: true,
        ..TypedPremium::default()
    };
    let office = office.apply(Change::PutPremiumNumber { number: "0900 1234".into(), premium }).unwrap();
    let author = Author { who: "apply".into(), when_unix_ms: 1, why: "a file".into() };
    bench.store.commit(&office, revision, author).unwrap();
    bench.edge.revised().await;
    for row in [
        called("before", Some(LINE), MORNING - 24 * 3_600_000),
        called("other", Some("+31201234567"), MORNING),
        called("ours", Some(LINE), MORNING),
        CallRow { answered_unix_ms: None, ..called("rang", Some(LINE), MORNING + 1) },
    ] {
        bench.store.insert_call(&row).unwrap();
    }
    let complaint = json!({ "received": "2026-11-26", "caller": "06 12345678", "text": "Nobody told me the price." });
    assert_eq!(bench.ask(post(&format!("{NUMBER}/complaints")).json(&complaint)).await.status, 200);
    let evidence = bench.ask(get(&format!("{NUMBER}/evidence.json"))).await.json();
    let calls = evidence["calls"].as_array().unwrap();
    let told: Vec<_> = calls.iter().map(|one| (one["call"]["id"].clone(), one["charged_eur"].clone())).collect();
    // It was talked for a minute; before anybody heard a price nobody knows what was said.
    assert_eq!(told, [(json!("before"), json!(null)), (json!("ours"), json!("0.90")), (json!("rang"), json!("0.00"))]);
    assert_eq!(evidence["charged_eur"], json!("0.90"));
    assert_eq!(calls[1]["call"]["from"], json!("+31612345678"));
    assert_eq!(calls[2]["call"]["hash"], evidence["chain"]["hash"], "the last of the chain");
    assert_eq!(evidence["number"]["complaints"][0]["text"], json!("Nobody told me the price."));
    let none = bench.ask(get(&format!("{NUMBER}/evidence.json?from=2026-11-01&to=2026-11-02"))).await.json();
    assert_eq!((&none["calls"], &none["charged_eur"]), (&json!([]), &json!("0.00")));
    assert_eq!(bench.ask(get("/api/v1/premium-numbers/09091234/evidence.json")).await.status, 404);
}

#[tokio::test]
async fn a_109_a_complaint_costs_25_euro_and_is_due_in_five_days_until_it_is_answered() {
    let bench = office().await;
    assert_eq!(bench.ask(put(NUMBER).json(&profile(90, false, false))).await.status, 200);
    let complain = async |body: Value| bench.ask(post(&format!("{NUMBER}/complaints")).json(&body)).await;
    let complaint = json!({ "received": "2026-11-28", "caller": "", "text": "Too dear." });
    let id = complain(complaint).await.json()["id"].as_u64().unwrap();
    for (wrong, field) in [
        (json!({ "received": "yesterday", "caller": "", "text": "Too dear." }), "received"),
        (json!({ "received": "2026-11-28", "caller": "", "text": " " }), "text"),
        (json!({ "received": "2026-11-28", "caller": "\u{7}", "text": "Too dear." }), "caller"),
    ] {
        assert_eq!(complain(wrong).await.problem().2.as_deref(), Some(field));
    }
    let shown = async || bench.ask(get("/api/v1/premium-numbers")).await.json()[0]["complaints"].clone();
    let first = shown().await[0].clone();
    assert_eq!((&first["due"], &first["cents"], &first["answer"]), (&json!("2026-12-03"), &json!(2500), &json!(null)));
    let answer = async || {
        let body = json!({ "answer": "The price was said." });
        bench.ask(put(&format!("{NUMBER}/complaints/{id}")).json(&body)).await.status
    };
    assert_eq!((answer().await, answer().await), (200.try_into().unwrap(), 404.try_into().unwrap()));
    assert_eq!(shown().await[0]["answer"], json!("The price was said."));
}
