//! Every write of the office: what it does, what it refuses, and that no secret comes back.

use axum::http::StatusCode;
use centrale_config::Change;
use centrale_http::Wish;
use centrale_store::Author;
use serde_json::{Value, json};

use crate::kit::{Ask, Bench, delete, get, post, put};

const PROVIDER_SECRET: &str = "GeheimVanDeProvider99";

fn trunk(password: Option<&str>, numbers: &[&str]) -> Value {
    let mut body = json!({ "server": "sip.provider.example", "transport": "udp", "username": "u77", "register": true,
        "numbers": numbers });
    if let Some(password) = password {
        body["password"] = password.into();
    }
    body
}

fn contact(name: &str, numbers: &[&str]) -> Value {
    json!({ "name": name, "company": "De Molen", "numbers": numbers })
}

fn identity(country: &str) -> Value {
    json!({ "name": "Bakkerij Jansen", "country": country, "area_code": "", "language": "nl",
        "time_zone": "Europe/Brussels" })
}

fn saturday(hours: &str) -> Value {
    let week = ["08:30-12:00, 13:00-17:00", "closed", "closed", "closed", "closed", hours, ""];
    json!({ "week": week, "holidays": ["christmas", "flemish-day"], "closed_days": ["2026-12-24"] })
}

fn hours() -> Value {
    saturday("9:00-12:00")
}

/// The same as it is read back in a Belgian office.
fn shown_hours() -> Value {
    let possible = [
        "new-year",
        "good-friday",
        "easter",
        "easter-monday",
        "labour-day",
        "ascension",
        "whit-sunday",
        "whit-monday",
        "flemish-day",
        "belgian-day",
        "assumption",
        "french-community-day",
        "all-saints",
        "armistice",
        "christmas",
        "boxing-day",
    ];
    let week = ["08:30-12:00, 13:00-17:00", "closed", "closed", "closed", "closed", "09:00-12:00", "closed"];
    json!({ "week": week, "holidays": ["flemish-day", "christmas"], "possible": possible, "closed_days": ["2026-12-24"] })
}

/// An office with two people, a group and a provider.
async fn office() -> Bench {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    bench.add_person("202", "Bram").await;
    let group = json!({ "name": "Balie", "members": ["201", "202"] });
    for asked in [
        put("/api/v1/ring-groups/600").json(&group),
        put("/api/v1/trunks/provider").json(&trunk(Some(PROVIDER_SECRET), &["+31201234567"])),
        put("/api/v1/inbound/+31201234567").json(&json!({ "to": "600" })),
    ] {
        let answer = bench.ask(asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    bench
}

#[tokio::test]
async fn each_write_is_a_revision_that_the_exchange_gets_and_the_page_sees() {
    let mut bench = office().await;
    bench.wished();
    let mut revision = bench.store.current_revision().unwrap();
    let writes: Vec<Ask> = vec![
        put("/api/v1/office/identity").json(&identity("BE")),
        put("/api/v1/people/201").json(&json!({ "name": "Anneke" })),
        post("/api/v1/people").json(&json!({ "number": "203", "name": "Chris" })),
        put("/api/v1/ring-groups/600").json(&json!({ "name": "Winkel", "members": ["201"] })),
        put("/api/v1/trunks/provider").json(&trunk(None, &["+31201234567", "+31201234568"])),
        put("/api/v1/trunks/provider/dialect").json(&json!({ "identity": "from", "codecs": ["G722"] })),
        put("/api/v1/trunks/provider/channels").json(&json!({ "account": 4, "number": 2 })),
        put("/api/v1/trunks/second").json(&trunk(Some("of the second"), &[])),
        put("/api/v1/trunks").json(&json!({ "names": ["second", "provider"] })),
        delete("/api/v1/trunks/second"),
        put("/api/v1/inbound/%2B31201234568")
            .json(&json!({ "to": "203", "closed": { "to": "201", "voicemail": false } })),
        delete("/api/v1/inbound/%2B31201234568"),
        put("/api/v1/inbound/+31201234567").json(&json!({ "to": "201" })),
        delete("/api/v1/ring-groups/600"),
        delete("/api/v1/trunks/provider"),
        delete("/api/v1/people/202"),
        put("/api/v1/office/blocked-callers").json(&json!({ "numbers": ["02 234 56 78"], "refuse_withheld": true })),
        put("/api/v1/office/line").json(&json!({ "kbit": 20_000 })),
        put("/api/v1/office/opening").json(&hours()),
        put("/api/v1/office/support-numbers").json(&json!({ "numbers": ["0800 20 020"] })),
        put("/api/v1/office/emergency").json(&json!({ "street": "Damstraat", "house_number": "12",
            "postcode": "1012JM", "place": "Amsterdam", "test_number": "02 234 56 79" })),
        post("/api/v1/contacts").json(&contact("Piet", &["02 234 56 78"])),
        put("/api/v1/contacts/+3222345678").json(&contact("Pierre", &["02 234 56 78", "0475 12 34 56"])),
        delete("/api/v1/contacts/%2B32475123456"),
    ];
    for asked in writes {
        revision += 1;
        let name = format!("{asked:?}");
        let answer = bench.ask(asked).await;
        assert!(answer.status.is_success(), "{name}: {}", answer.text);
        assert_eq!(answer.json(), json!({ "revision": revision }), "{name}");
        let wished = bench.wished();
        let [Wish::Settled(settled, _)] = wished.as_slice() else { panic!("{name}: {wished:?}") };
        assert_eq!(settled.revision, revision);
        assert_eq!(*settled.office, bench.store.office().unwrap().unwrap().1);
    }
    let office = bench.ask(get("/api/v1/office")).await.json();
    assert_eq!(
        office,
        json!({ "revision": revision, "identity": identity("BE"),
            "people": [{ "number": "201", "name": "Anneke" }, { "number": "203", "name": "Chris" }],
            "phones": [], "trunks": [], "inbound": [], "ring_groups": [], "conferences": [], "rights": [],
            "blocked_callers": { "numbers": ["+3222345678"], "refuse_withheld": true }, "line": { "kbit": 20_000 },
            "opening": shown_hours(), "support_numbers": { "numbers": ["080020020"] },
            "emergency": { "street": "Damstraat", "house_number": "12", "postcode": "1012 JM", "place": "Amsterdam",
                "test_number": "+3222345679" }, "logo": null })
    );
}

#[tokio::test]
async fn how_many_calls_a_provider_carries_is_read_back_as_it_was_said() {
    let bench = office().await;
    let channels = async || bench.ask(get("/api/v1/office")).await.json()["trunks"][0]["channels"].clone();
    assert_eq!(channels().await, json!({ "account": 2, "number": null }));
    for said in [json!({ "account": 4, "number": 2 }), json!({ "account": 3, "number": null })] {
        assert_eq!(bench.ask(put("/api/v1/trunks/provider/channels").json(&said)).await.status, StatusCode::OK);
        assert_eq!(channels().await, said);
    }
}

#[tokio::test]
async fn what_the_line_carries_is_read_back_and_one_too_slow_for_a_call_is_refused() {
    let bench = office().await;
    let line = async || bench.ask(get("/api/v1/office")).await.json()["line"].clone();
    let say =
        async |kbit: serde_json::Value| bench.ask(put("/api/v1/office/line").json(&json!({ "kbit": kbit }))).await;
    assert_eq!(line().await, json!({ "kbit": null }), "nobody measured it");
    assert_eq!(say(json!(4_000)).await.status, StatusCode::OK);
    for wrong in [99, 10_000_001] {
        let answer = say(json!(wrong)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!((&answer.json()["code"], &answer.json()["field"]), (&json!("line-out-of-range"), &json!("kbit")));
    }
    assert_eq!(line().await, json!({ "kbit": 4_000 }));
    assert_eq!(say(json!(null)).await.status, StatusCode::OK);
    assert_eq!(line().await, json!({ "kbit": null }));
}

#[tokio::test]
async fn a_054_what_breaks_a_rule_is_refused_with_the_field_and_changes_nothing() {
    let bench = office().await;
    let before = bench.store.office().unwrap();
    let person = |number: &str, name: &str| post("/api/v1/people").json(&json!({ "number": number, "name": name }));
    let group = |members: &[&str]| put("/api/v1/ring-groups/601").json(&json!({ "name": "G", "members": members }));
    let server = |server: &str| {
        let mut body = trunk(None, &[]);
        body["server"] = server.into();
        put("/api/v1/trunks/provider").json(&body)
    };
    let mut zone = identity("NL");
    zone["time_zone"] = "here".into();
    for (asked, status, code, field) in [
        (person("201", "Chris"), 422, "number-taken", "number"),
        (person("112", "Chris"), 422, "number-reserved-emergency", "number"),
        (person("999", "Chris"), 422, "number-out-of-range", "number"),
        (person("tel", "Chris"), 422, "number-malformed", "number"),
        (person("203", "  "), 422, "name-empty", "name"),
        (put("/api/v1/people/201").json(&json!({ "name": "" })), 422, "name-empty", "name"),
        (put("/api/v1/people/299").json(&json!({ "name": "Nobody" })), 404, "not-found", "number"),
        (delete("/api/v1/people/299"), 404, "not-found", "number"),
        (post("/api/v1/people/299/password"), 404, "not-found", "number"),
        (group(&[]), 422, "members-empty", "members"),
        (group(&["299"]), 422, "unknown-person", "members"),
        (delete("/api/v1/ring-groups/600"), 422, "still-rings", "number"),
        (put("/api/v1/inbound/+31209999999").json(&json!({ "to": "201" })), 422, "number-not-ours", "number"),
        (put("/api/v1/inbound/+31201234567").json(&json!({ "to": "299" })), 422, "unknown-destination", "to"),
        (
            put("/api/v1/inbound/+31201234567")
                .json(&json!({ "to": "201", "closed": { "to": "201", "voicemail": true } })),
            422,
            "no-mailbox",
            "closed_to",
        ),
        (put("/api/v1/office/opening").json(&saturday("9-5")), 422, "hours-malformed", "saturday"),
        (
            put("/api/v1/office/support-numbers").json(&json!({ "numbers": ["0900 1234"] })),
            422,
            "number-costs-extra",
            "numbers",
        ),
        (put("/api/v1/trunks/second").json(&trunk(None, &[])), 422, "password-needed", "password"),
        (put("/api/v1/trunks").json(&json!({ "names": [] })), 422, "order-incomplete", "names"),
        (put("/api/v1/trunks/provider/dialect").json(&json!({ "srtp": "yes" })), 422, "dialect-unknown", "srtp"),
        (
            put("/api/v1/trunks/provider/dialect").json(&json!({ "heard_from": ["203.0.113.0/16"] })),
            422,
            "source-too-wide",
            "heard_from",
        ),
        (put("/api/v1/trunks/second/dialect").json(&json!({})), 404, "not-found", "name"),
        (
            put("/api/v1/trunks/provider/channels").json(&json!({ "account": 0 })),
            422,
            "channels-out-of-range",
            "account",
        ),
        (put("/api/v1/trunks/second/channels").json(&json!({ "account": 4 })), 404, "not-found", "name"),
        (
            put("/api/v1/office/emergency").json(&json!({ "test_number": "112" })),
            422,
            "number-reserved-emergency",
            "test_number",
        ),
        (put("/api/v1/trunks/second").json(&trunk(Some("x"), &["0201234567"])), 422, "number-not-e164", "numbers"),
        (server("not a host"), 422, "server-malformed", "server"),
        (post("/api/v1/contacts").json(&contact("Piet", &["112"])), 422, "number-reserved-emergency", "numbers"),
        (post("/api/v1/contacts").json(&contact("Piet", &["201"])), 422, "number-internal", "numbers"),
        (post("/api/v1/contacts").json(&contact("Piet", &["?"])), 422, "number-unreadable", "numbers"),
        (post("/api/v1/contacts").json(&contact("Piet", &[])), 422, "numbers-empty", "numbers"),
        (post("/api/v1/contacts").json(&contact("", &["0612345678"])), 422, "name-empty", "name"),
        (put("/api/v1/contacts/+31612345678").json(&contact("P", &["0612345678"])), 404, "not-found", "number"),
        (delete("/api/v1/contacts/+31612345678"), 404, "not-found", "number"),
        (put("/api/v1/office/identity").json(&identity("XX")), 422, "country-unknown", "country"),
        (put("/api/v1/office/identity").json(&zone), 422, "time-zone-malformed", "time_zone"),
    ] {
        let name = format!("{asked:?}");
        let answer = bench.ask(asked).await;
        assert_eq!(answer.problem(), (status, code.to_owned(), Some(field.to_owned())), "{name}");
    }
    assert_eq!(bench.store.office().unwrap(), before);
}

#[tokio::test]
async fn contacts_are_listed_by_name_with_their_numbers_as_they_are_dialled() {
    let bench = office().await;
    for asked in [contact("Piet", &["(06) 123 45 678"]), contact("Gemeente", &["14 020", "+32 2 123 45 67"])] {
        assert_eq!(bench.ask(post("/api/v1/contacts").json(&asked)).await.status, StatusCode::CREATED);
    }
    let twice = bench.ask(post("/api/v1/contacts").json(&contact("Bis", &["0032 2 1234567"]))).await;
    assert_eq!(twice.problem(), (422, "contact-number-taken".into(), Some("numbers".into())));
    let listed = bench.ask(get("/api/v1/contacts")).await.json();
    let expected = [contact("Gemeente", &["14020", "+3221234567"]), contact("Piet", &["+31612345678"])];
    assert_eq!(listed, json!({ "contacts": expected }));
    assert_eq!(bench.ask(get("/api/v1/contacts").without_session()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_118_no_answer_holds_a_secret_but_the_one_it_was_asked_for() {
    let bench = office().await;
    let made = bench.ask(post("/api/v1/people/201/password")).await.json();
    let office = bench.store.office().unwrap().unwrap().1;
    let anna = office.people.iter().find(|person| person.number.as_str() == "201").unwrap();
    assert_eq!(made["password"], anna.sip_password.reveal());
    assert_eq!((&made["username"], &made["server"]), (&"201".into(), &"192.168.1.2".into()));
    assert_eq!((&made["port"], &made["transport"]), (&5060.into(), &"udp".into()));

    for path in ["office", "session", "calls", "revisions", "counters", "openapi.json"] {
        assert_eq!(bench.ask(get(&format!("/api/v1/{path}"))).await.status, StatusCode::OK);
    }
    bench.ask(put("/api/v1/trunks/provider").json(&trunk(Some(PROVIDER_SECRET), &["nonsense"]))).await;
    let secrets = bench.secrets();
    assert_eq!(secrets.len(), 3);
    for (asked, answer) in bench.answers() {
        for secret in secrets.iter().filter(|secret| !secret.reveal().is_empty()) {
            let may = asked == "POST /api/v1/people/201/password" && secret == &anna.sip_password;
            assert!(may || !answer.contains(secret.reveal()), "{asked}");
        }
    }
}

#[tokio::test]
async fn a_provider_keeps_its_password_when_none_is_sent() {
    let bench = office().await;
    bench.ask(put("/api/v1/trunks/provider").json(&trunk(None, &["+31201234567"]))).await;
    let office = bench.store.office().unwrap().unwrap().1;
    assert_eq!(office.trunks[0].password.reveal(), PROVIDER_SECRET);
}

#[tokio::test]
async fn what_another_process_wrote_is_neither_lost_nor_overlooked() {
    let mut bench = office().await;
    let (revision, office) = bench.store.office().unwrap().unwrap();
    let renamed = office.apply(Change::RenamePerson { number: "202".into(), name: "Bert".into() }).unwrap();
    let author = Author { who: "apply".into(), when_unix_ms: 1, why: "a file".into() };
    bench.store.commit(&renamed, revision, author).unwrap();
    // The edge was not told yet; its own write is on top of the other all the same.
    bench.ask(put("/api/v1/people/201").json(&json!({ "name": "Anneke" }))).await;
    let names =
        |office: &Value| office["people"].as_array().unwrap().iter().map(|p| p["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&bench.ask(get("/api/v1/office")).await.json()), ["Anneke", "Bert"]);

    let (revision, office) = bench.store.office().unwrap().unwrap();
    let renamed = office.apply(Change::RenamePerson { number: "202".into(), name: "Bart".into() }).unwrap();
    let author = Author { who: "apply".into(), when_unix_ms: 2, why: "a file".into() };
    bench.store.commit(&renamed, revision, author).unwrap();
    bench.wished();
    bench.edge.revised().await;
    assert_eq!(names(&bench.ask(get("/api/v1/office")).await.json()), ["Anneke", "Bart"]);
    assert!(matches!(bench.wished().as_slice(), [Wish::Settled(settled, _)] if settled.revision == revision + 1));
    bench.edge.revised().await;
    assert!(bench.wished().is_empty(), "the same revision again is no news");
}

#[tokio::test]
async fn who_changed_what_is_listed_newest_first() {
    let bench = office().await;
    let listed = bench.ask(get("/api/v1/revisions?limit=2")).await.json();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0]["who"], &listed[0]["why"]), (&"admin".into(), &"+31201234567 rings 600".into()));
    assert_eq!(listed[0]["revision"].as_u64().unwrap(), listed[1]["revision"].as_u64().unwrap() + 1);
}

#[tokio::test]
async fn what_providers_publish_of_their_settings_is_listed_with_its_source_and_makes_a_provider() {
    let bench = Bench::owned().await;
    let answer = bench.ask(get("/api/v1/provider-presets")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let presets = answer.json();
    let presets = presets.as_array().unwrap();
    assert!(presets.len() >= 5);
    assert!(presets.iter().all(|preset| preset["source"].as_str().unwrap().starts_with("https://")));
    let telnyx = presets.iter().find(|preset| preset["name"] == "Telnyx, Europe").unwrap();
    let body = json!({ "server": telnyx["server"], "transport": telnyx["transports"][0], "username": "u77",
        "password": PROVIDER_SECRET, "register": telnyx["register"], "numbers": ["+31201234567"],
        "dialect": telnyx["dialect"] });
    let put_up = bench.ask(put("/api/v1/trunks/provider").json(&body)).await;
    assert_eq!(put_up.status, StatusCode::OK, "it never registers otherwise than its provider wants");
    let office = bench.ask(get("/api/v1/office")).await.json();
    let (kept, asked) = (&office["trunks"][0]["dialect"], &telnyx["dialect"]);
    assert_eq!((&kept["identity"], &kept["numbers_as"]), (&asked["identity"], &asked["numbers_as"]));
    let stranger = bench.ask(get("/api/v1/provider-presets").without_session()).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
