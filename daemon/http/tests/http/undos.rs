//! Changes that a thief would make, and the way back.

use axum::http::StatusCode;
use centrale_call_control::{Cap, Command};
use centrale_config::Secret;
use centrale_http::Wish;
use serde_json::{Value, json};

use crate::kit::{Bench, PASSWORD, delete, get, post, put, unix_ms};

/// An office whose provider a thief replaced, and the code that was mailed of it, as if the outbox had done so.
async fn changed() -> (Bench, String) {
    let bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    trunk(&bench, "sip.example.net").await;
    let before = bench.store.current_revision().unwrap();
    trunk(&bench, "sip.thief.example").await;
    bench.ask(put("/api/v1/people/201").json(&json!({ "name": "Anneke" }))).await;
    let mut code = String::new();
    let letters = |mailed: &Secret| {
        code = mailed.reveal().to_owned();
        Vec::new()
    };
    bench.store.tell_change((before, before + 1), "admin", unix_ms(), letters).unwrap();
    (bench, code)
}

async fn trunk(bench: &Bench, server: &str) {
    let body = json!({
        "server": server, "transport": "tls", "username": "office", "password": "a secret of the provider",
        "register": true, "numbers": [],
    });
    assert_eq!(bench.ask(put("/api/v1/trunks/voip").json(&body)).await.status, StatusCode::OK);
}

fn server_and_name(bench: &Bench) -> (String, String) {
    let office = bench.store.office().unwrap().unwrap().1;
    (office.trunks[0].server.to_string(), office.people[0].name.clone())
}

#[tokio::test]
async fn a_120_an_owner_takes_a_change_back_with_the_password_and_what_came_after_it_stays() {
    let (bench, _) = changed().await;
    let told = bench.ask(get("/api/v1/undos")).await.json();
    assert_eq!((&told[0]["who"], &told[0]["what"]), (&"admin".into(), &json!(["trunk/voip"])));
    let path = format!("/api/v1/undos/{}", told[0]["id"]);
    let stolen = bench.ask_once(post(&path)).await;
    assert_eq!((stolen.status, server_and_name(&bench).0.as_str()), (StatusCode::FORBIDDEN, "sip.thief.example"));
    let mut bench = bench.restarted().await;
    bench.open_session().await;
    let done = bench.ask(post(&path)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(server_and_name(&bench), ("sip.example.net".into(), "Anneke".into()));
    assert_eq!(bench.ask(get("/api/v1/undos")).await.json(), json!([]));
    let log = bench.ask(get("/api/v1/audit")).await.json();
    let entry = &log[0];
    assert_eq!((&entry["what"], &entry["revision"]), (&"POST /api/v1/undos/{id}".into(), &done.json()["revision"]));
    assert_eq!(bench.ask(post(&path)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_120_whoever_has_the_mailed_code_takes_a_change_back_once() {
    let (bench, code) = changed().await;
    let reception = bench.session_as("Bea", centrale_store::Role::Reception, None).await;
    let ask = |code: &str| post("/api/v1/undo").json(&json!({ "code": code })).with(&reception);
    assert_eq!(bench.ask(ask(&code)).await.status, StatusCode::OK);
    assert_eq!(server_and_name(&bench), ("sip.example.net".into(), "Anneke".into()));
    assert_eq!(bench.ask(ask(&code)).await.problem(), (422, "mailed-code-wrong".into(), Some("code".into())));
    assert_eq!(bench.ask(ask(&code)).await.status, StatusCode::TOO_MANY_REQUESTS);
    let shown: Vec<Value> =
        vec![bench.ask(get("/api/v1/undos")).await.json(), bench.ask(get("/api/v1/audit")).await.json()];
    assert!(shown.iter().all(|shown| !shown.to_string().contains(&code)));
}

#[tokio::test]
async fn a_change_that_was_changed_once_more_is_not_taken_back_blindly() {
    let (bench, code) = changed().await;
    trunk(&bench, "sip.example.com").await;
    let refused = bench.ask(post("/api/v1/undo").json(&json!({ "code": code }))).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "changed-since".into()));
    assert_eq!(server_and_name(&bench).0, "sip.example.com");
}

#[tokio::test]
async fn a_120_a_pin_that_a_thief_changed_twice_is_the_first_one_again_with_either_code() {
    for last in [false, true] {
        let bench = Bench::owned().await;
        let mut codes = Vec::new();
        for pin in ["402917", "830264", "713508"] {
            let before = bench.store.current_revision().unwrap();
            let changed = bench.ask(put("/api/v1/stops/pin").json(&json!({ "pin": pin }))).await;
            assert!(changed.status.is_success(), "{}", changed.text);
            if pin == "402917" {
                continue;
            }
            let letters = |mailed: &Secret| {
                codes.push(mailed.reveal().to_owned());
                Vec::new()
            };
            bench.store.tell_change((before, before + 1), "thief", unix_ms(), letters).unwrap();
        }
        let pin = || bench.store.office().unwrap().unwrap().1.pin.unwrap().reveal().to_owned();
        if last {
            codes.reverse();
        }
        for code in codes {
            let taken = bench.ask(post("/api/v1/undo").json(&json!({ "code": code }))).await;
            assert_eq!((taken.status, pin().as_str()), (StatusCode::OK, "402917"), "{}", taken.text);
        }
    }
}

/// Tells what was done and gives the code, as if the outbox had done so.
fn told(bench: &Bench) -> String {
    let mut code = String::new();
    let letters = |mailed: &Secret| {
        code = mailed.reveal().to_owned();
        Vec::new()
    };
    let deed = bench.store.untold_deeds().unwrap().remove(0);
    bench.store.tell_deed(deed.number, deed.at_unix_ms, letters).unwrap();
    code
}

#[tokio::test]
async fn a_120_a_log_in_that_a_thief_made_is_taken_back_with_the_mailed_code() {
    let bench = Bench::owned().await;
    let body = json!({ "name": "Piet", "role": "owner" });
    assert_eq!(bench.ask(post("/api/v1/users").json(&body)).await.status, StatusCode::CREATED);
    let thief = bench.session_as("Piet", centrale_store::Role::Owner, None).await;
    let code = told(&bench);
    assert_eq!(bench.ask(get("/api/v1/undos")).await.json()[0]["what"], json!(["user/Piet"]));
    let taken = bench.ask(post("/api/v1/undo").json(&json!({ "code": code }))).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    assert_eq!(bench.store.users().unwrap().len(), 1);
    assert_eq!(bench.ask(get("/api/v1/office").with(&thief)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.ask(get("/api/v1/undos")).await.json(), json!([]));
}

#[tokio::test]
async fn a_120_a_code_that_a_thief_made_for_another_owner_is_void_and_the_password_is_that_of_before() {
    const CHOSEN: &str = "what the thief chose";
    for (is_used, times) in [(false, 1), (true, 1), (true, 2)] {
        let bench = Bench::owned().await;
        let mut codes = Vec::new();
        let mut made = Value::Null;
        for _ in 0..times {
            let answer = bench.ask(post("/api/v1/users/1/code")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            made = answer.json()["code"].clone();
            codes.push(told(&bench));
        }
        assert_eq!(bench.ask(get("/api/v1/undos")).await.json()[0]["what"], json!(["code/admin"]));
        let join = |password: &str| {
            post("/api/v1/session/join").without_session().json(&json!({ "code": made, "password": password }))
        };
        if is_used {
            assert_eq!(bench.ask(join(CHOSEN)).await.status, StatusCode::OK);
            stays(&bench);
        }
        let reception = bench.session_as("Bea", centrale_store::Role::Reception, None).await;
        let back = json!({ "code": codes.pop() });
        let taken = bench.ask(post("/api/v1/undo").with(&reception).json(&back)).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
        let log_in = |password: &str, from: &str| {
            post("/api/v1/session").without_session().from(from).json(&json!({ "name": "admin", "password": password }))
        };
        assert_eq!(bench.ask(log_in(PASSWORD, "192.168.1.61")).await.status, StatusCode::OK, "{is_used} {times}");
        assert_eq!(bench.ask(log_in(CHOSEN, "192.168.1.62")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(bench.ask(join(CHOSEN)).await.code(), "wrong-code");
        assert_eq!(bench.store.passkeys_of(1).unwrap(), [], "what a thief made to come back with");
        assert_eq!(bench.store.app_and_codes_left(1).unwrap(), (false, 0));
    }
}

/// What a thief who came in as the first owner makes, to come in again without the password.
fn stays(bench: &Bench) {
    let passkey = centrale_store::NewPasskey {
        credential: b"a thief's".to_vec(),
        public_key: b"a key".to_vec(),
        rp_id: "centrale.local".into(),
        name: "a thief's".into(),
        counter: 0,
    };
    bench.store.passkey_handle(1).unwrap();
    assert!(!bench.store.put_passkey(1, passkey, unix_ms()).unwrap().is_empty());
    let secret = bench.store.begin_factor(1).unwrap();
    let code = secret.code(centrale_store::step_at(unix_ms()));
    bench.store.confirm_factor(1, &code, unix_ms()).unwrap();
}

#[tokio::test]
async fn a_120_a_raised_cap_is_taken_back_and_a_lower_one_is_nothing_to_tell() {
    let mut bench = Bench::owned().await;
    let codes = bench.give_factor();
    let with = |code: usize| json!({ "password": PASSWORD, "code": codes[code] });
    let raise =
        |to_cents: u32| post("/api/v1/costs/raise").json(&json!({ "cap": "day", "to_cents": to_cents, "hours": 24 }));
    assert_eq!(bench.ask_proving(raise(5_000), &with(0)).await.status, StatusCode::ACCEPTED);
    assert!(bench.store.untold_deeds().unwrap().is_empty());
    assert_eq!(bench.ask_proving(raise(10_000), &with(1)).await.status, StatusCode::ACCEPTED);
    let told = bench.ask(get("/api/v1/undos")).await.json();
    assert_eq!(told[0]["what"], json!(["cap/day"]));
    bench.wished();
    let path = format!("/api/v1/undos/{}", told[0]["id"]);
    assert_eq!(bench.ask_proving(post(&path), &with(2)).await.status, StatusCode::OK);
    let lowered = |wish: &Wish| matches!(wish, Wish::Command(Command::Raise { cap: Cap::Day, to_cents: 5_000, .. }));
    assert!(bench.wished().iter().any(lowered));
}

#[tokio::test]
async fn a_thief_with_a_session_takes_no_log_in_and_no_second_step_away() {
    let bench = Bench::owned().await;
    let body = json!({ "name": "Bea", "role": "reception" });
    let id = bench.ask(post("/api/v1/users").json(&body)).await.json()["id"].clone();
    for path in [format!("/api/v1/users/{id}"), format!("/api/v1/users/{id}/factor")] {
        assert_eq!(bench.ask_once(delete(&path)).await.code(), "proof-needed", "{path}");
    }
    assert_eq!(bench.ask(delete(&format!("/api/v1/users/{id}"))).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_120_hours_and_numbers_of_support_are_taken_back_with_the_mailed_code() {
    let bench = Bench::owned().await;
    let support = |numbers: Value| put("/api/v1/office/support-numbers").json(&json!({ "numbers": numbers }));
    let hours = |monday: &str| {
        let week = [monday, "closed", "closed", "closed", "closed", "closed", "closed"];
        put("/api/v1/office/opening").json(&json!({ "week": week, "holidays": [], "closed_days": [] }))
    };
    for start in [hours("09:00-17:00"), support(json!(["08001234"]))] {
        assert_eq!(bench.ask(start).await.status, StatusCode::OK);
    }
    let before = bench.store.current_revision().unwrap();
    for wide in [hours("00:00-24:00"), support(json!(["08001234", "08005678"]))] {
        assert_eq!(bench.ask(wide).await.status, StatusCode::OK);
    }
    let mut code = String::new();
    let letters = |mailed: &Secret| {
        code = mailed.reveal().to_owned();
        Vec::new()
    };
    bench.store.tell_change((before, before + 2), "admin", unix_ms(), letters).unwrap();
    assert_eq!(bench.ask(get("/api/v1/undos")).await.json()[0]["what"], json!(["opening", "support-numbers"]));
    assert_eq!(bench.ask(post("/api/v1/undo").json(&json!({ "code": code }))).await.status, StatusCode::OK);
    let office = bench.ask(get("/api/v1/office")).await.json();
    assert_eq!(
        (&office["support_numbers"]["numbers"], &office["opening"]["week"][0]),
        (&json!(["08001234"]), &json!("09:00-17:00"))
    );
}

#[tokio::test]
async fn a_120_prices_are_told_and_taken_back_and_the_exchange_goes_by_those_of_before() {
    let mut bench = Bench::owned().await;
    trunk(&bench, "sip.example.net").await;
    let day = centrale_config::Date::from_days(u32::try_from(unix_ms() / 86_400_000).unwrap());
    let path = format!("/api/v1/trunks/voip/deck?valid_from={day}&vat_included=true");
    let take = |csv: &str| put(&path).text(csv).header("content-type", "text/csv");
    assert_eq!(bench.ask(take("prefix;price\n31;0,01\n32;0,02\n")).await.status, StatusCode::OK);
    told(&bench);
    assert_eq!(bench.ask(take("prefix;price\n31;0,00\n")).await.status, StatusCode::OK);
    let code = told(&bench);
    let what = bench.ask(get("/api/v1/undos")).await.json();
    assert_eq!((&what[0]["what"], &what[0]["who"]), (&json!(["prices/voip"]), &json!("admin")));
    bench.wished();
    // The first list is of today as well: before it there was none, and calls are reckoned at the worst.
    assert_eq!(bench.ask(post("/api/v1/undo").json(&json!({ "code": code }))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/trunks/voip/deck")).await.json(), json!({}));
    let decks = bench
        .wished()
        .into_iter()
        .rev()
        .find_map(|wish| if let Wish::Decks(decks) = wish { Some(decks) } else { None });
    assert!(decks.unwrap().is_empty());
    assert_eq!(bench.ask(get("/api/v1/undos")).await.json(), json!([]));
}

#[tokio::test]
async fn a_120_who_made_an_owner_takes_no_other_one_away_on_the_same_day() {
    let bench = Bench::owned().await;
    let made = bench.ask(post("/api/v1/users").json(&json!({ "name": "Piet", "role": "owner" }))).await.json();
    let join = json!({ "code": made["code"], "password": "vier grote gele vogels" });
    assert_eq!(bench.ask(post("/api/v1/session/join").without_session().json(&join)).await.status, StatusCode::OK);
    told(&bench);
    let admin = bench.store.users().unwrap()[0].number;
    let piet = bench.session_as("Piet", centrale_store::Role::Owner, None).await;
    let shown = json!({ "password": "vier grote gele vogels" });
    for ask in [
        delete(&format!("/api/v1/users/{admin}")),
        put(&format!("/api/v1/users/{admin}")).json(&json!({ "role": "auditor" })),
    ] {
        assert_eq!(bench.ask_proving(ask.with(&piet), &shown).await.problem(), (409, "owners-too-new".into(), None));
    }
}
