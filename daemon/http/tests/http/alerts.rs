//! Whom the box tells by e-mail: what is set, what is told, and what nobody is shown again.

use axum::http::StatusCode;
use centrale_alerts::News;
use centrale_call_control::Told;
use centrale_call_control::view::{CallState, CallView, Direction, ProblemView, Severity};
use centrale_http::Wish;
use centrale_store::NewMail;
use serde_json::{Value, json};

use crate::kit::{Answer, Bench, get, post, put, unix_ms};
use crate::phones::snapshot;

const MAIL_SECRET: &str = "a secret of the mail server";

fn settings() -> Value {
    json!({
        "server": "smtp.example.net", "security": "starttls", "username": "office@example.net", "sender": "",
        "mail_password": MAIL_SECRET, "contacts": [{ "address": "owner@example.org", "language": "fr" }], "digest": true,
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut body = settings();
    body[key] = value;
    body
}

fn news(bench: &mut Bench) -> Vec<News> {
    let told =
        bench.wished().into_iter().filter_map(|wish| if let Wish::News(news) = wish { Some(news) } else { None });
    told.collect()
}

#[tokio::test]
async fn whoever_is_told_is_set_with_the_own_password_and_the_mail_server_s_is_never_shown_again() {
    let bench = Bench::owned().await;
    let empty = bench.ask(get("/api/v1/alerts")).await.json();
    assert_eq!((&empty["server"], &empty["has_password"], &empty["digest"]), (&"".into(), &false.into(), &true.into()));
    let saved = bench.ask(put("/api/v1/alerts").json(&settings())).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    let shown = bench.ask(get("/api/v1/alerts")).await.json();
    assert_eq!((&shown["sender"], &shown["has_password"]), (&"office@example.net".into(), &true.into()));
    assert_eq!(shown["contacts"], settings()["contacts"]);
    let mut again = with("digest", false.into());
    again.as_object_mut().unwrap().remove("mail_password");
    assert_eq!(bench.ask(put("/api/v1/alerts").json(&again)).await.status, StatusCode::OK);
    let server = bench.store.office().unwrap().unwrap().1.alerts.server.unwrap();
    assert_eq!(server.password.reveal(), MAIL_SECRET, "kept");
    again["server"] = "smtp.thief.example".into();
    let moved = bench.ask(put("/api/v1/alerts").json(&again)).await.problem();
    assert_eq!(moved, (422, "password-needed".into(), Some("password".into())), "no other server is given it");
    for path in ["/api/v1/alerts", "/api/v1/office", "/api/v1/revisions", "/api/v1/audit"] {
        bench.ask(get(path)).await;
    }
    assert!(bench.answers().iter().all(|(_, answer)| !answer.contains(MAIL_SECRET)));
}

#[tokio::test]
async fn an_ordinary_number_is_asked_by_a_call_and_one_that_costs_extra_is_refused() {
    let mut bench = Bench::owned().await;
    let with_phone =
        |phone: &str| with("contacts", json!([{ "address": "owner@example.org", "language": "fr", "phone": phone }]));
    let dear = bench.ask(put("/api/v1/alerts").json(&with_phone("+319001234567"))).await.problem();
    assert_eq!(dear, (422, "number-not-ordinary".into(), Some("contacts".into())));
    let saved = bench.ask(put("/api/v1/alerts").json(&with_phone("+31612345678"))).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    let shown = bench.ask(get("/api/v1/alerts")).await.json();
    let phone = json!([{ "address": "owner@example.org", "phone": "+31612345678", "rings": true }]);
    assert_eq!((&shown["phones"], &shown["calls"]), (&phone, &json!([])));
    let ring = |address: &str| post("/api/v1/alerts/ring").json(&json!({ "address": address }));
    assert_eq!(bench.ask(ring("no@example.org")).await.status, 404);
    assert_eq!(bench.ask(ring("owner@example.org")).await.status, StatusCode::ACCEPTED);
    assert!(news(&mut bench).contains(&News::Ring("owner@example.org".into())));
}

#[tokio::test]
async fn a_004_a_client_that_knows_no_second_number_takes_none_away() {
    let bench = Bench::owned().await;
    let reached = json!([{ "address": "owner@example.org", "language": "fr", "phone": "+31612345678" }]);
    assert_eq!(bench.ask(put("/api/v1/alerts").json(&with("contacts", reached.clone()))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(put("/api/v1/alerts").json(&settings())).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/alerts")).await.json()["contacts"], reached);
    let none = json!([{ "address": "owner@example.org", "language": "fr", "phone": "" }]);
    assert_eq!(bench.ask(put("/api/v1/alerts").json(&with("contacts", none))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/alerts")).await.json()["contacts"], settings()["contacts"]);
}

#[tokio::test]
async fn a_stolen_session_silences_no_alarm_and_what_is_wrong_is_named() {
    let bench = Bench::owned().await;
    let stolen = bench.ask_once(put("/api/v1/alerts").json(&settings())).await;
    assert_eq!((stolen.status, stolen.code()), (StatusCode::FORBIDDEN, "proof-needed".into()));
    assert!(bench.store.office().unwrap().unwrap().1.alerts.contacts.is_empty());
    assert_eq!(bench.ask(put("/api/v1/alerts").json(&settings())).await.status, StatusCode::OK);
    let silenced = bench.ask_once(put("/api/v1/alerts").json(&with("digest", false.into()))).await;
    assert_eq!(silenced.code(), "proof-needed", "nor the daily word");
    let malformed = json!([{ "address": "nobody", "language": "fr" }]);
    let told = bench.ask_once(put("/api/v1/alerts").json(&with("contacts", malformed))).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "what is wrong is told before anybody types a password");
}

/// The code that was mailed to the owner, as if the outbox had done it.
fn mailed(bench: &Bench, now: u64) -> String {
    let mut mailed = String::new();
    let letter = |code: &centrale_config::Secret| {
        mailed = code.reveal().to_owned();
        NewMail {
            about: "confirm/owner@example.org".into(),
            stage: 1,
            recipient: "owner@example.org".into(),
            subject: "a secret subject".into(),
            text: code.reveal().into(),
            made_unix_ms: now,
            next_unix_ms: now,
        }
    };
    bench.store.ask_confirmation("owner@example.org", now, letter).unwrap();
    mailed
}

async fn confirm(bench: &Bench, code: &str) -> Answer {
    bench.ask(post("/api/v1/alerts/confirm").json(&json!({ "code": code }))).await
}

async fn problems(bench: &Bench) -> Vec<(String, String)> {
    let shown = snapshot(bench).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let problem = |one: &Value| (text(&one["code"]), text(&one["subject"]));
    let alerts = |(code, _): &(String, String)| code.starts_with("alert-");
    shown["problems"].as_array().unwrap().iter().map(problem).filter(alerts).collect()
}

#[tokio::test]
async fn a_004_the_page_says_that_nobody_is_told_until_somebody_typed_the_mailed_code() {
    let mut bench = Bench::owned().await;
    assert_eq!(problems(&bench).await, []);
    let mut with_phone = settings();
    with_phone["contacts"][0]["phone"] = "+31 6 12345678".into();
    assert_eq!(bench.ask(put("/api/v1/alerts").json(&with_phone)).await.status, StatusCode::OK);
    let shown = bench.ask(get("/api/v1/alerts")).await.json();
    assert_eq!(
        (&shown["contacts"][0]["phone"], shown["confirmations"][0].get("confirmed")),
        (&"+31612345678".into(), None)
    );
    assert_eq!(problems(&bench).await, [("alert-nobody-confirmed".into(), String::new())]);
    assert_eq!(bench.ask(post("/api/v1/alerts/ask").json(&json!({ "address": "no@example.org" }))).await.status, 404);
    let asked = bench.ask(post("/api/v1/alerts/ask").json(&json!({ "address": "owner@example.org" }))).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    assert_eq!(news(&mut bench), [News::Ask("owner@example.org".into())]);
    let code = mailed(&bench, unix_ms());
    assert_eq!(confirm(&bench, &code).await.status, StatusCode::NO_CONTENT);
    assert_eq!(problems(&bench).await, []);
    let shown = bench.ask(get("/api/v1/alerts")).await.json();
    assert!(shown["confirmations"][0]["confirmed"].is_u64() && shown["confirmations"][0]["old"] == false);
    assert_eq!(confirm(&bench, &code).await.problem(), (422, "mailed-code-wrong".into(), Some("code".into())));
    assert_eq!(confirm(&bench, &mailed(&bench, unix_ms())).await.status, StatusCode::TOO_MANY_REQUESTS);
    for path in ["/api/v1/alerts", "/api/v1/audit"] {
        bench.ask(get(path)).await;
    }
    assert!(bench.answers().iter().all(|(_, answer)| !answer.contains(&code)));
}

#[tokio::test]
async fn a_119_who_confirmed_more_than_ninety_days_ago_is_asked_for_on_the_page() {
    let bench = Bench::owned().await;
    bench.ask(put("/api/v1/alerts").json(&settings())).await;
    let then = unix_ms() - 91 * 24 * 3_600_000;
    let code = mailed(&bench, then);
    bench.store.confirm_by_code(&code, then).unwrap().unwrap();
    bench.edge.look_at_alerts().await.unwrap();
    assert_eq!(problems(&bench).await, [("alert-contact-old".into(), "owner@example.org".into())]);
    assert_eq!(confirm(&bench, &mailed(&bench, unix_ms())).await.status, StatusCode::NO_CONTENT);
    assert_eq!(problems(&bench).await, []);
}

#[tokio::test]
async fn an_address_in_which_a_header_hides_is_refused() {
    let bench = Bench::owned().await;
    let contact = json!([{ "address": "a@b.nl\r\nBcc: c@d.nl", "language": "nl" }]);
    let answer = bench.ask(put("/api/v1/alerts").json(&with("contacts", contact))).await;
    assert_eq!(answer.problem(), (422, "mail-address-malformed".into(), Some("contacts".into())));
}

#[tokio::test]
async fn a_test_is_news_when_there_is_somebody_to_tell_and_ten_an_hour_are_enough() {
    let mut bench = Bench::owned().await;
    assert_eq!(bench.ask(post("/api/v1/alerts/test")).await.code(), "nobody-told");
    bench.ask(put("/api/v1/alerts").json(&settings())).await;
    assert_eq!(bench.ask(post("/api/v1/alerts/test")).await.code(), "nobody-confirmed");
    let code = mailed(&bench, unix_ms());
    assert_eq!(confirm(&bench, &code).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(post("/api/v1/alerts/test")).await.status, StatusCode::ACCEPTED);
    assert!(news(&mut bench).contains(&News::Test));
    let now = unix_ms();
    let mail = |count: u64| NewMail {
        about: "test".into(),
        stage: 1,
        recipient: "owner@example.org".into(),
        subject: "a secret subject".into(),
        text: "a secret text".into(),
        made_unix_ms: now - 1000 * count,
        next_unix_ms: now,
    };
    bench.store.put_mails((0..10).map(mail).collect()).unwrap();
    bench.store.mail_failed(11, "login-refused", Some(now + 60_000)).unwrap();
    assert_eq!(bench.ask(post("/api/v1/alerts/test")).await.status, StatusCode::TOO_MANY_REQUESTS);
    let shown = bench.ask(get("/api/v1/alerts")).await;
    assert!(!shown.text.contains("a secret"), "{}", shown.text);
    let last = &shown.json()["mails"][0];
    assert_eq!(
        (&last["about"], &last["fault"], last["sent"].is_null()),
        (&"test".into(), &"login-refused".into(), true)
    );
}

#[tokio::test]
async fn what_the_page_is_shown_and_somebody_must_know_is_told_by_mail_as_well() {
    let mut bench = Bench::owned().await;
    news(&mut bench);
    let problem = |code: &str| ProblemView {
        code: code.into(),
        subject: "voip".into(),
        severity: Severity::CallsFail,
        detail: "not for a mail".into(),
    };
    for code in ["trunk-unreachable", "attempts-stopped", "port-refused"] {
        bench.edge.tell(Told::Problem(problem(code)));
    }
    bench.edge.tell(Told::ProblemGone { code: "trunk-unreachable".into(), subject: "voip".into() });
    let call = |emergency, id: &str| CallView {
        id: id.into(),
        direction: Direction::Outgoing,
        from: "201".into(),
        from_name: "Anna".into(),
        spoofed: false,
        to: "112".into(),
        to_name: String::new(),
        state: CallState::Ringing,
        seconds: 0,
        emergency,
        ends_soon: false,
    };
    bench.edge.tell(Told::Call(call(false, "c1")));
    bench.edge.tell(Told::Call(call(true, "c2")));
    let (code, subject) = ("trunk-unreachable".to_owned(), "voip".to_owned());
    let told = [
        News::Problem { code: code.clone(), subject: subject.clone() },
        News::Mended { code, subject },
        News::Help { call: "c2".into(), from: "201".into(), name: "Anna".into() },
    ];
    assert_eq!(news(&mut bench), told);
}

#[tokio::test]
async fn news_for_which_there_is_no_room_are_counted() {
    let mut bench = Bench::owned().await;
    news(&mut bench);
    let tell = |subject: usize| {
        let (code, subject) = ("trunk-unreachable".to_owned(), subject.to_string());
        bench.edge.tell(Told::Problem(ProblemView {
            code,
            subject,
            severity: Severity::CallsFail,
            detail: String::new(),
        }));
    };
    (0..70).for_each(tell);
    let counters = bench.ask(get("/api/v1/counters")).await.json();
    let untold = counters["counters"].as_array().unwrap().iter().find(|one| one["name"] == "news-untold").cloned();
    assert_eq!(untold.unwrap()["value"], 6, "of 64 the bench takes");
}

#[tokio::test]
async fn a_049_work_on_the_telephones_is_on_every_screen_until_it_is_over_and_asks_for_the_password() {
    let bench = Bench::owned().await;
    let piet = bench.session_as("Piet", centrale_store::Role::Reception, None).await;
    let begin = |hours: u64| post("/api/v1/maintenance").json(&json!({ "hours": hours }));
    assert_eq!(bench.ask(begin(2).with(&piet)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bench.ask(begin(9)).await.problem(), (422, "maintenance-too-long".into(), Some("hours".into())));
    assert_eq!(bench.ask_once(begin(2)).await.code(), "proof-needed");
    let begun = bench.ask(begin(2)).await;
    let until = begun.json()["until"].as_u64().unwrap();
    assert!((unix_ms() + 7_100_000..=unix_ms() + 7_200_000).contains(&until), "{until}");
    assert_eq!(problems(&bench).await, [("alert-maintenance".into(), String::new())]);
    assert_eq!(bench.store.maintenance_until().unwrap(), until);
    assert_eq!(bench.ask(crate::kit::delete("/api/v1/maintenance")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(problems(&bench).await, []);
    bench.store.set_maintenance(unix_ms() - 1).unwrap();
    bench.edge.look_at_alerts().await.unwrap();
    assert_eq!(problems(&bench).await, [], "it is over by itself");
    let log = bench.ask(get("/api/v1/audit")).await.text;
    assert!(log.contains("POST /api/v1/maintenance") && log.contains("DELETE /api/v1/maintenance"), "{log}");
}
