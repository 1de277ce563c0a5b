//! The second factor: switched on and off, asked for at the log-in and before a cap is raised.

use std::time::Duration;

use axum::http::{StatusCode, header};
use centrale_call_control::{Command, Proof};
use centrale_config::Secret;
use centrale_http::Wish;
use centrale_store::{Role, TotpSecret, step_at};
use serde_json::{Value, json};

use crate::kit::{Answer, Ask, Bench, delete, get, post, put, unix_ms};

const PASSWORD: &str = "paardebloem bij de deur";

/// A box whose owner asks, with the password.
async fn set_up() -> Bench {
    let mut bench = Bench::new().await;
    let code = bench.store.new_setup_code().unwrap();
    bench.store.set_up(code.reveal(), &Secret::new(PASSWORD)).unwrap();
    bench.open_session().await;
    bench
}

/// The same with a second factor, of which the code of this half minute is used.
async fn with_factor() -> (Bench, App) {
    let bench = set_up().await;
    let owner = bench.store.users().unwrap()[0].number;
    let secret = bench.store.begin_factor(owner).unwrap();
    let app = App { secret, step: step_at(unix_ms()) };
    let codes = bench.store.confirm_factor(owner, &app.used(), unix_ms()).unwrap();
    assert_eq!(codes.len(), 10);
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

fn raise(code: Option<&str>) -> Ask {
    let body = json!({ "cap": "day", "to_cents": 10_000, "hours": 1, "password": PASSWORD, "code": code });
    post("/api/v1/costs/raise").json(&body)
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
    let begin = |password: &str| post(path).json(&json!({ "password": password }));
    assert_eq!(bench.ask(get(path)).await.json(), json!({ "on": false, "recovery_codes": 0 }));
    assert_eq!(problem(&bench.ask(put(path).json(&json!({ "code": "000000" }))).await), (409, "no-factor".into()));
    assert_eq!(problem(&bench.ask(begin("something else")).await), (403, "wrong-password".into()));
    tokio::time::advance(Duration::from_secs(1)).await;
    let begun = bench.ask(begin(PASSWORD)).await.json();
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
    assert_eq!(problem(&bench.ask(begin(PASSWORD)).await), (403, "second-code-needed".into()), "nor is it replaced");
    let both = post(path).json(&json!({ "password": PASSWORD, "code": codes[9] }));
    assert_eq!(problem(&bench.ask(both).await), (409, "factor-on".into()));
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
async fn a_cap_is_raised_with_the_code_of_who_has_one_and_else_with_the_password() {
    let mut bench = set_up().await;
    assert_eq!(bench.ask(raise(None)).await.status, StatusCode::ACCEPTED);
    assert_eq!(proofs(&mut bench), [Proof::PasswordAgain]);
    let (mut bench, app) = with_factor().await;
    assert_eq!(problem(&bench.ask(raise(None)).await), (403, "second-code-needed".into()));
    assert_eq!(proofs(&mut bench), []);
    assert_eq!(bench.ask(raise(Some(&app.next()))).await.status, StatusCode::ACCEPTED);
    assert_eq!(proofs(&mut bench), [Proof::SecondFactor]);
    assert_eq!(problem(&bench.ask(raise(Some(&app.next()))).await), (403, "second-code-wrong".into()));
    assert_eq!(proofs(&mut bench), []);
}

#[tokio::test]
async fn whatever_takes_the_password_of_who_is_logged_in_takes_a_code_of_who_has_one_too() {
    let (bench, app) = with_factor().await;
    assert_eq!(
        bench.ask(post("/api/v1/stops").json(&json!({ "stop": "outgoing" }))).await.status,
        StatusCode::ACCEPTED
    );
    let alerts = json!({
        "server": "", "security": "tls", "username": "", "sender": "", "contacts": [], "digest": false, "password": PASSWORD,
    });
    let place = json!({ "name": "Piet", "role": "reception", "password": PASSWORD });
    for ask in [
        post("/api/v1/users").json(&place),
        put("/api/v1/users/1").json(&place),
        post("/api/v1/users/1/code").json(&json!({ "password": PASSWORD })),
        post("/api/v1/undos/1").json(&json!({ "password": PASSWORD })),
        post("/api/v1/maintenance").json(&json!({ "hours": 1, "password": PASSWORD })),
        post("/api/v1/stops/release").json(&json!({ "stop": "outgoing", "password": PASSWORD })),
        put("/api/v1/stops/pin").json(&json!({ "pin": "402917", "password": PASSWORD })),
        put("/api/v1/alerts").json(&alerts),
    ] {
        assert_eq!(problem(&bench.ask_once(ask).await), (403, "second-code-needed".into()));
    }
    let work = json!({ "hours": 1, "password": PASSWORD, "code": app.next() });
    assert_eq!(bench.ask_once(post("/api/v1/maintenance").json(&work)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn it_is_switched_off_with_both_and_by_another_owner_for_who_lost_it() {
    let (bench, app) = with_factor().await;
    let own = bench.store.users().unwrap()[0].number;
    let release = |code: Option<&str>| {
        post("/api/v1/session/factor/release").json(&json!({ "password": PASSWORD, "code": code }))
    };
    assert_eq!(problem(&bench.ask(release(None)).await), (403, "second-code-needed".into()));
    let path = format!("/api/v1/users/{own}/factor");
    assert_eq!(problem(&bench.ask(delete(&path)).await), (409, "own-factor".into()), "a stolen session drops none");
    assert_eq!(bench.ask(release(Some(&app.next()))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(log_in(PASSWORD, None)).await.status, StatusCode::OK);

    let (bench, _) = with_factor().await;
    bench.session_as("Els", Role::Owner, None).await;
    let els = bench.store.users().unwrap().pop().unwrap().number;
    bench.store.replace_password(els, &Secret::new(PASSWORD)).unwrap();
    let other = bench.session_as("Els", Role::Owner, None).await;
    assert_eq!(bench.ask(delete(&path).with(&other)).await.status, StatusCode::NO_CONTENT);
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
