//! The second factor: switched on and off, asked for at the log-in and before a cap is raised.

use std::time::Duration;

use axum::http::{StatusCode, header};
use centrale_alerts::{Access, News};
use centrale_call_control::view::StopView;
use centrale_call_control::{Command, Proof, Told};
use centrale_config::Secret;
use centrale_http::Wish;
use centrale_store::{Role, TotpSecret, step_at};
use serde_json::{Value, json};

use crate::kit::{Answer, Ask, Bench, PASSWORD, TWO_DAYS_MS, delete, get, post, put, unix_ms};

/// A box whose owner asks, with the password.
async fn set_up() -> Bench {
    let mut bench = Bench::new().await;
    let code = bench.store.new_setup_code().unwrap();
    bench.store.set_up(code.reveal(), &Secret::new(PASSWORD)).unwrap();
    bench.open_session().await;
    bench
}

/// The same with a second factor since two days, of which the code of this half minute is used.
async fn with_factor() -> (Bench, App) {
    let bench = set_up().await;
    let owner = bench.store.users().unwrap()[0].number;
    let secret = bench.store.begin_factor(owner).unwrap();
    let (app, then) = (App { secret, step: step_at(unix_ms()) }, unix_ms() - TWO_DAYS_MS);
    let codes = bench.store.confirm_factor(owner, &app.secret.code(step_at(then)), then).unwrap();
    assert_eq!(codes.len(), 10);
    assert!(bench.store.take_second_code(owner, &app.used(), unix_ms()).unwrap().is_some());
    (bench, app)
}

/// An authenticator app, at the half minute in which it was set up.
struct App {
    secret: TotpSecret,
    step: u64,
}

impl App {
    fn used(&self) -> String {
        self.secret.code(self.step)
    }

    /// The next code, which is good already: a clock may be ahead.
    fn next(&self) -> String {
        self.secret.code(self.step + 1)
    }

    /// One of long ago that is not, by chance, one that is good.
    fn wrong(&self) -> String {
        let good: Vec<String> = (self.step - 1..self.step + 4).map(|step| self.secret.code(step)).collect();
        (0..).map(|step| self.secret.code(step)).find(|code| !good.contains(code)).unwrap()
    }
}

fn log_in(password: &str, code: Option<&str>) -> Ask {
    post("/api/v1/session").without_session().json(&json!({ "password": password, "code": code }))
}

async fn raise(bench: &Bench, code: Option<&str>) -> Answer {
    let body = json!({ "cap": "day", "to_cents": 10_000, "hours": 1 });
    bench.ask_proving(post("/api/v1/costs/raise").json(&body), &with(code)).await
}

/// What shows that it is the user.
fn with(code: Option<&str>) -> Value {
    json!({ "password": PASSWORD, "code": code })
}

fn proofs(bench: &mut Bench) -> Vec<Proof> {
    let wished = bench.wished().into_iter();
    let proof = |wish| if let Wish::Command(Command::Raise { proof, .. }) = wish { Some(proof) } else { None };
    wished.filter_map(proof).collect()
}

async fn log(bench: &Bench) -> Vec<(Value, Value)> {
    let entries = bench.ask(get("/api/v1/audit")).await.json();
    entries.as_array().unwrap().iter().map(|entry| (entry["who"].clone(), entry["what"].clone())).collect()
}

fn problem(answer: &Answer) -> (u16, String) {
    let (status, code, _) = answer.problem();
    (status, code)
}

#[tokio::test(start_paused = true)]
async fn a_factor_is_begun_with_the_password_confirmed_with_a_code_and_tells_its_secrets_once() {
    let bench = set_up().await;
    let path = "/api/v1/session/factor";
    assert_eq!(bench.ask(get(path)).await.json(), json!({ "on": false, "recovery_codes": 0 }));
    assert_eq!(problem(&bench.ask(put(path).json(&json!({ "code": "000000" }))).await), (409, "no-factor".into()));
    assert_eq!(problem(&bench.ask_once(post(path)).await), (403, "proof-needed".into()));
    let wrong = bench.ask_proving(post(path), &json!({ "password": "something else" })).await;
    assert_eq!(problem(&wrong), (403, "wrong-password".into()));
    tokio::time::advance(Duration::from_secs(1)).await;
    let begun = bench.ask(post(path)).await.json();
    let secret = begun["secret"].as_str().unwrap();
    assert_eq!((secret.len(), begun["qr_svg"].as_str().unwrap().contains("<svg")), (32, true));
    let app = app_of(secret);

    let confirm = |code: String| put(path).json(&json!({ "code": code }));
    assert_eq!(problem(&bench.ask(confirm(app.wrong())).await), (403, "second-code-wrong".into()));
    assert_eq!(problem(&bench.ask(confirm(app.used())).await), (429, "wait".into()), "guessing waits");
    tokio::time::advance(Duration::from_secs(1)).await;
    let confirmed = bench.ask(confirm(app.used())).await.json();
    let codes = confirmed["codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    assert_eq!(bench.ask(get(path)).await.json(), json!({ "on": true, "recovery_codes": 10 }));
    let replaced = bench.ask_proving(post(path), &with(None)).await;
    assert_eq!(problem(&replaced), (403, "second-code-needed".into()), "nor is it replaced");
    let both = bench.ask_proving(post(path), &with(codes[9].as_str())).await;
    assert_eq!(problem(&both), (409, "factor-on".into()));
    assert_eq!(bench.ask(get("/api/v1/users")).await.json()[0]["second_factor"], true);
    for (asked, answer) in bench.answers().iter().rev().take(3) {
        assert!(!answer.contains(secret) && !answer.contains(codes[0].as_str().unwrap()), "{asked}");
    }
    let entries = log(&bench).await;
    for what in ["POST /api/v1/session/factor", "PUT /api/v1/session/factor"] {
        assert_eq!(entries.iter().filter(|entry| entry.1 == what).count(), 1, "{what}");
    }
}

/// The app that was given this text.
fn app_of(text: &str) -> App {
    let value = |letter: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap() as u64;
    let letters: Vec<char> = text.chars().collect();
    let groups = letters.chunks(8).map(|eight| eight.iter().fold(0, |bits, letter| bits << 5 | value(*letter)));
    let bytes: Vec<u8> = groups.flat_map(|bits: u64| bits.to_be_bytes().into_iter().skip(3)).collect();
    App { secret: TotpSecret::of(bytes.try_into().unwrap()), step: step_at(unix_ms()) }
}

#[tokio::test(start_paused = true)]
async fn a_log_in_asks_for_the_code_after_the_right_password_and_tells_nobody_else() {
    let (bench, app) = with_factor().await;
    let next = app.next();
    let needed = bench.ask(log_in(PASSWORD, None)).await;
    assert_eq!(problem(&needed), (403, "second-code-needed".into()));
    assert!(!needed.headers.contains_key(header::SET_COOKIE));
    let with = bench.ask(log_in("something else", Some(&next)).from("192.168.1.61")).await;
    let without = bench.ask(log_in("something else", None).from("192.168.1.62")).await;
    let body = json!({ "name": "nobody", "password": "something else" });
    let nobody = bench.ask(post("/api/v1/session").without_session().from("192.168.1.63").json(&body)).await;
    assert_eq!(problem(&with), (403, "wrong-password".into()));
    assert_eq!((&with.text, &without.text), (&nobody.text, &nobody.text), "no code is looked at before");

    assert_eq!(problem(&bench.ask(log_in(PASSWORD, Some(&app.used()))).await), (403, "second-code-wrong".into()));
    tokio::time::advance(Duration::from_secs(1)).await;
    let open = bench.ask(log_in(PASSWORD, Some(&next))).await;
    assert_eq!((open.status, &open.json()["me"]["name"]), (StatusCode::OK, &json!("admin")));
    let again = bench.ask(log_in(PASSWORD, Some(&next))).await;
    assert_eq!(problem(&again), (403, "second-code-wrong".into()), "who looked over a shoulder is late");
    let entries = log(&bench).await;
    assert!(entries.contains(&(json!("admin"), json!("second-code-wrong"))), "{entries:?}");
}

#[tokio::test(start_paused = true)]
async fn who_guesses_codes_waits_ever_longer_from_wherever_and_the_password_between_changes_nothing() {
    let (bench, app) = with_factor().await;
    let wrong = app.wrong();
    let from = |place: usize| format!("192.168.1.{}", 60 + place);
    for (place, seconds) in [1, 2, 4, 8, 8].into_iter().enumerate() {
        let guess = bench.ask(log_in(PASSWORD, Some(&wrong)).from(&from(place))).await;
        assert_eq!(problem(&guess), (403, "second-code-wrong".into()));
        let needed = bench.ask(log_in(PASSWORD, None).from(&from(place))).await;
        assert_eq!(problem(&needed), (403, "second-code-needed".into()));
        let early = bench.ask(log_in(PASSWORD, Some(&app.next())).from(&from(place + 1))).await;
        assert_eq!((problem(&early), &early.headers[header::RETRY_AFTER]), ((429, "wait".into()), &seconds.into()));
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }
    assert_eq!(bench.ask(log_in(PASSWORD, Some(&app.next()))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_cap_is_raised_with_the_code_of_who_has_one_and_else_not_at_all() {
    let mut bench = set_up().await;
    assert_eq!(problem(&raise(&bench, None).await), (403, "second-factor-needed".into()));
    assert_eq!(proofs(&mut bench), []);
    let (mut bench, app) = with_factor().await;
    assert_eq!(problem(&raise(&bench, None).await), (403, "second-code-needed".into()));
    assert_eq!(proofs(&mut bench), []);
    assert_eq!(raise(&bench, Some(&app.next())).await.status, StatusCode::ACCEPTED);
    assert_eq!(proofs(&mut bench), [Proof::SecondFactor]);
    assert_eq!(problem(&raise(&bench, Some(&app.next())).await), (403, "second-code-wrong".into()));
    assert_eq!(proofs(&mut bench), []);
}

#[tokio::test]
async fn a_053_a_thief_with_the_password_raises_no_cap_with_a_factor_of_their_own_and_it_is_told() {
    let mut bench = set_up().await;
    let path = "/api/v1/session/factor";
    let begun = bench.ask(post(path)).await.json();
    let app = app_of(begun["secret"].as_str().unwrap());
    bench.wished();
    let confirmed = bench.ask(put(path).json(&json!({ "code": app.used() }))).await.json();
    let told = |bench: &mut Bench| -> Vec<Access> {
        let access = |wish| if let Wish::News(News::Access { what, .. }) = wish { Some(what) } else { None };
        bench.wished().into_iter().filter_map(access).collect()
    };
    assert_eq!(told(&mut bench), [Access::FactorMade]);
    for code in [app.next(), confirmed["codes"][0].as_str().unwrap().to_owned()] {
        assert_eq!(problem(&raise(&bench, Some(&code)).await), (403, "second-factor-new".into()));
    }
    assert_eq!(proofs(&mut bench), []);
    let lower = post("/api/v1/costs/raise").json(&json!({ "cap": "day", "to_cents": 5_000, "hours": 1 }));
    let code = confirmed["codes"][1].as_str();
    assert_eq!(bench.ask_proving(lower, &with(code)).await.status, StatusCode::ACCEPTED, "lower is lower");
    assert_eq!(proofs(&mut bench), [Proof::PasswordAgain]);
    let release = post("/api/v1/session/factor/release");
    let code = confirmed["codes"][2].as_str();
    assert_eq!(bench.ask_proving(release, &with(code)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(told(&mut bench), [Access::FactorGone]);
}

#[tokio::test]
async fn whatever_asks_who_is_logged_in_for_a_proof_takes_a_code_of_who_has_one_too() {
    let (bench, app) = with_factor().await;
    bench.session_as("Bea", Role::Reception, None).await;
    let stop = json!({ "stop": "outgoing" });
    assert_eq!(bench.ask(post("/api/v1/stops").json(&stop)).await.status, StatusCode::ACCEPTED);
    bench.edge.tell(Told::Stops(vec![StopView { stop: "outgoing".into(), by: "admin".into(), since: 1 }]));
    let contacts = json!([{ "address": "thief@example.org", "language": "nl" }]);
    let alerts = json!({ "server": "smtp.example.net", "security": "tls", "username": "", "sender": "box@example.net",
        "contacts": contacts, "digest": true });
    let place = json!({ "name": "Piet", "role": "reception" });
    let work = || post("/api/v1/maintenance").json(&json!({ "hours": 1 }));
    for ask in [
        post("/api/v1/users").json(&place),
        put("/api/v1/users/2").json(&place),
        post("/api/v1/users/2/code"),
        post("/api/v1/stops/release").json(&stop),
        put("/api/v1/stops/pin").json(&json!({ "pin": "402917" })),
        put("/api/v1/alerts").json(&alerts),
        post("/api/v1/secrets"),
        post("/api/v1/wipe").json(&json!({ "phrase": "Centrale" })),
        work(),
    ] {
        assert_eq!(problem(&bench.ask_once(ask).await), (403, "proof-needed".into()));
    }
    assert_eq!(problem(&bench.ask_proving(work(), &with(None)).await), (403, "second-code-needed".into()));
    assert_eq!(bench.ask_proving(work(), &with(Some(&app.next()))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn it_is_switched_off_with_both_and_by_another_owner_for_who_lost_it() {
    let (bench, app) = with_factor().await;
    let own = bench.store.users().unwrap()[0].number;
    let release = || post("/api/v1/session/factor/release");
    assert_eq!(problem(&bench.ask_once(release()).await), (403, "proof-needed".into()));
    assert_eq!(problem(&bench.ask_proving(release(), &with(None)).await), (403, "second-code-needed".into()));
    let path = format!("/api/v1/users/{own}/factor");
    assert_eq!(problem(&bench.ask(delete(&path)).await), (409, "own-factor".into()), "a stolen session drops none");
    assert_eq!(bench.ask_proving(release(), &with(Some(&app.next()))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(log_in(PASSWORD, None)).await.status, StatusCode::OK);

    let (mut bench, _) = with_factor().await;
    bench.session_as("Els", Role::Owner, None).await;
    let els = bench.store.users().unwrap().pop().unwrap().number;
    bench.store.replace_password(els, &Secret::new(PASSWORD)).unwrap();
    let other = bench.session_as("Els", Role::Owner, None).await;
    assert_eq!(bench.ask(delete(&path).with(&other)).await.status, StatusCode::NO_CONTENT);
    let gone = |wish: &Wish| matches!(wish, Wish::News(News::Access { what: Access::FactorGone, user, .. }) if user == "admin");
    assert!(bench.wished().iter().any(gone));
    assert_eq!(bench.ask(delete(&path).with(&other)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.ask(log_in(PASSWORD, None)).await.status, StatusCode::OK);
    let taken = (json!("Els"), json!("DELETE /api/v1/users/{id}/factor"));
    assert!(log(&bench).await.contains(&taken));
}

#[tokio::test]
async fn a_one_time_code_for_another_password_does_not_pass_the_factor_by() {
    let (bench, app) = with_factor().await;
    let own = bench.store.users().unwrap()[0].number;
    let code = bench.store.new_user_code(own, unix_ms()).unwrap();
    let another = "een heel ander wachtwoord";
    let join = json!({ "code": code.reveal(), "password": another });
    let joined = bench.ask(post("/api/v1/session/join").without_session().json(&join)).await;
    assert_eq!((joined.status, &joined.json()["state"]), (StatusCode::OK, &json!("login")));
    assert!(!joined.headers.contains_key(header::SET_COOKIE));
    assert_eq!(problem(&bench.ask(log_in(another, None)).await), (403, "second-code-needed".into()));
    assert_eq!(bench.ask(log_in(another, Some(&app.next()))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_recovery_code_opens_in_place_of_the_app_once() {
    let bench = set_up().await;
    let owner = bench.store.users().unwrap()[0].number;
    let secret = bench.store.begin_factor(owner).unwrap();
    let code = secret.code(step_at(unix_ms()));
    let codes = bench.store.confirm_factor(owner, &code, unix_ms()).unwrap();
    assert_eq!(bench.ask(log_in(PASSWORD, Some(codes[0].reveal()))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/session/factor")).await.json()["recovery_codes"], 9);
    assert_eq!(problem(&bench.ask(log_in(PASSWORD, Some(codes[0].reveal()))).await), (403, "second-code-wrong".into()));
}
