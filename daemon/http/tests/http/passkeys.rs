//! Passkeys: made, used to log in and to show again who asks, refused when anything is not as it was asked, and taken away.

use std::time::Duration;

use axum::http::{StatusCode, header};
use centrale_call_control::{Command, Proof};
use centrale_config::Secret;
use centrale_http::Wish;
use centrale_store::Role;
use serde_json::{Value, json};

use crate::authenticator::{Authenticator, Private, SignedHere};
use crate::kit::{Answer, Ask, Bench, PASSWORD, TWO_DAYS_MS, delete, get, post, unix_ms};
use crate::phones::{MAC, PHONE, set_up, steady};

const HOST: &str = "centrale.local:8443";
const ORIGIN: &str = "https://centrale.local:8443";
const NAME: &str = "centrale.local";

/// Asked at the box's name.
fn at_name(ask: Ask) -> Ask {
    ask.header("host", HOST)
}

fn authenticator(private: Private) -> Authenticator {
    Authenticator::at(ORIGIN, NAME, private)
}

fn code_of(answer: &Answer) -> (u16, String) {
    let (status, code, _) = answer.problem();
    (status, code)
}

fn body_of(signed: &SignedHere) -> Value {
    let SignedHere { credential, client_data, authenticator_data, signature, user_handle } = signed;
    json!({ "credential": credential, "client_data": client_data, "authenticator_data": authenticator_data,
        "signature": signature, "user_handle": user_handle })
}

fn again(code: Option<&str>) -> Value {
    json!({ "password": PASSWORD, "code": code })
}

fn by_passkey(signed: &SignedHere) -> Value {
    json!({ "password": "", "passkey": body_of(signed) })
}

/// Asks as an owner for a passkey to be made, and has it made.
async fn add(bench: &Bench, one: &mut Authenticator, name: &str, proof: &Value) -> Answer {
    let wanted = bench.ask_proving(at_name(post("/api/v1/session/passkeys/begin")), proof).await;
    assert_eq!(wanted.status, StatusCode::OK, "{}", wanted.text);
    let wanted = wanted.json();
    assert_eq!((&wanted["rp_id"], &wanted["user_name"]), (&json!(NAME), &json!("admin")));
    assert_eq!(wanted["algorithms"], json!([-7, -8, -257]));
    one.user_handle = wanted["user_handle"].as_str().map(str::to_owned);
    let made = one.make(wanted["challenge"].as_str().unwrap());
    let body = json!({ "name": name, "client_data": made.client_data, "attestation": made.attestation });
    bench.ask(at_name(post("/api/v1/session/passkeys")).json(&body)).await
}

/// A box whose owner has a passkey, and the codes for a day without it.
async fn with_passkey(private: Private) -> (Bench, Authenticator, Vec<String>) {
    let bench = Bench::owned().await;
    let mut one = authenticator(private);
    let added = add(&bench, &mut one, "My telephone", &again(None)).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let codes: Vec<String> = serde_json::from_value(added.json()["codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    (bench, one, codes)
}

/// As though the owner's passkeys were made two days ago.
fn has_had_passkeys(bench: &Bench) {
    let owner = bench.store.users().unwrap()[0].number;
    for passkey in bench.store.passkeys_of(owner).unwrap() {
        bench.store.drop_passkey(owner, passkey.number, 0).unwrap();
        bench.store.put_passkey(owner, passkey.made, unix_ms() - TWO_DAYS_MS).unwrap();
    }
}

/// A browser at the log-in, which asked for a challenge: the challenge and its cookie.
async fn asks(bench: &Bench) -> (String, String) {
    let asked = bench.ask(at_name(post("/api/v1/session/passkey/challenge")).without_session()).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    let cookie = asked.headers[header::SET_COOKIE].to_str().unwrap();
    for flag in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/v1/session/passkey"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    let asked_for = asked.json();
    assert_eq!((&asked_for["rp_id"], &asked_for["known"]), (&json!(NAME), &json!([])), "whose it is says the passkey");
    (asked_for["challenge"].as_str().unwrap().to_owned(), cookie.split(';').next().unwrap().to_owned())
}

async fn logs_in(bench: &Bench, signed: &SignedHere, cookie: &str) -> Answer {
    let ask = at_name(post("/api/v1/session/passkey")).without_session().header("cookie", cookie);
    bench.ask(ask.json(&body_of(signed))).await
}

async fn log(bench: &Bench) -> Vec<(Value, Value, Value)> {
    let entries = bench.ask(get("/api/v1/audit")).await.json();
    let entry = |entry: &Value| (entry["who"].clone(), entry["what"].clone(), entry["about"].clone());
    entries.as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test]
async fn a_passkey_of_each_kind_opens_the_page_alone_and_is_refused_once_it_was_taken_away() {
    for private in [Private::es256(), Private::ed_dsa(), Private::rs256()] {
        let (bench, mut one, _) = with_passkey(private).await;
        let list = bench.ask(get("/api/v1/session/passkeys")).await.json();
        assert_eq!(
            (&list[0]["name"], &list[0]["at"], &list[0]["used"]),
            (&json!("My telephone"), &json!(NAME), &Value::Null)
        );
        let (challenge, cookie) = asks(&bench).await;
        let open = logs_in(&bench, &one.sign(&challenge), &cookie).await;
        assert_eq!((open.status, &open.json()["me"]["name"]), (StatusCode::OK, &json!("admin")), "{}", open.text);
        assert!(bench.ask(get("/api/v1/session/passkeys")).await.json()[0]["used"].is_u64());

        let path = format!("/api/v1/session/passkeys/{}/release", list[0]["id"]);
        assert_eq!(code_of(&bench.ask_once(post(&path)).await), (403, "proof-needed".into()));
        assert_eq!(code_of(&bench.ask_proving(post(&path), &again(None)).await), (403, "second-code-needed".into()));
        let asked = bench.ask(at_name(post("/api/v1/session/passkeys/challenge"))).await.json();
        assert_eq!(asked["known"].as_array().unwrap().len(), 1);
        let proof = one.sign(asked["challenge"].as_str().unwrap());
        let release = bench.ask_proving(at_name(post(&path)), &by_passkey(&proof)).await;
        assert_eq!(release.status, StatusCode::NO_CONTENT);
        let (challenge, cookie) = asks(&bench).await;
        let refused = logs_in(&bench, &one.sign(&challenge), &cookie).await;
        assert_eq!(code_of(&refused), (403, "passkey-wrong".into()));
        let entries = log(&bench).await;
        for (what, about) in [
            ("POST /api/v1/session/passkeys", "My telephone"),
            ("log-in-passkey", ""),
            ("POST /api/v1/session/passkeys/{id}/release", "My telephone"),
        ] {
            let entry = (json!("admin"), json!(what), json!(about));
            assert_eq!(entries.iter().filter(|one| **one == entry).count(), 1, "{what}: {entries:?}");
        }
        assert!(entries.contains(&(json!(""), json!("passkey-wrong"), json!("1"))), "{entries:?}");
    }
}

#[tokio::test]
async fn a_129_a_log_in_with_a_passkey_is_over_when_that_passkey_goes_and_any_other_is_not() {
    let (bench, mut one, codes) = with_passkey(Private::es256()).await;
    let (challenge, cookie) = asks(&bench).await;
    let opened = logs_in(&bench, &one.sign(&challenge), &cookie).await;
    let mut set = opened.headers.get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap());
    let session = set.find(|set| set.starts_with("centrale_session=")).unwrap().split(';').next().unwrap().to_owned();
    let stolen = (session, opened.json()["csrf"].as_str().unwrap().to_owned());
    let asked = || at_name(get("/api/v1/office")).with(&stolen);
    assert_eq!(bench.ask(asked()).await.status, StatusCode::OK);
    let number = bench.ask(get("/api/v1/session/passkeys")).await.json()[0]["id"].clone();
    let release = post(&format!("/api/v1/session/passkeys/{number}/release"));
    assert_eq!(bench.ask_proving(release, &again(Some(&codes[0]))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(asked()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.ask(get("/api/v1/office")).await.status, StatusCode::OK, "the password's stays");
}

#[tokio::test]
async fn who_has_a_passkey_is_asked_for_it_wherever_a_second_factor_is_and_it_is_enough_alone() {
    let (mut bench, mut one, codes) = with_passkey(Private::es256()).await;
    let log_in = |code: Option<&str>| {
        post("/api/v1/session").without_session().json(&json!({ "password": PASSWORD, "code": code }))
    };
    assert_eq!(
        code_of(&bench.ask(log_in(None)).await),
        (403, "second-code-needed".into()),
        "the password alone is not"
    );
    assert_eq!(bench.ask(log_in(Some(&codes[0]))).await.status, StatusCode::OK, "a day without it");
    bench.wished();
    let raise = || at_name(post("/api/v1/costs/raise")).json(&json!({ "cap": "day", "to_cents": 10_000, "hours": 1 }));
    assert_eq!(code_of(&bench.ask_proving(raise(), &again(None)).await), (403, "second-code-needed".into()));
    let asked = bench.ask(at_name(post("/api/v1/session/passkeys/challenge"))).await.json();
    let signed = one.sign(asked["challenge"].as_str().unwrap());
    assert_eq!(code_of(&bench.ask_proving(raise(), &by_passkey(&signed)).await), (403, "second-factor-new".into()));
    has_had_passkeys(&bench);
    let asked = bench.ask(at_name(post("/api/v1/session/passkeys/challenge"))).await.json();
    let signed = one.sign(asked["challenge"].as_str().unwrap());
    let proof = by_passkey(&signed);
    assert_eq!(bench.ask_proving(raise(), &proof).await.status, StatusCode::ACCEPTED);
    let proofs: Vec<Proof> = bench
        .wished()
        .into_iter()
        .filter_map(|wish| if let Wish::Command(Command::Raise { proof, .. }) = wish { Some(proof) } else { None })
        .collect();
    assert_eq!(proofs, [Proof::SecondFactor]);
    assert_eq!(code_of(&bench.ask_proving(raise(), &proof).await), (403, "passkey-wrong".into()), "not a second time");
    let app = bench.ask_proving(post("/api/v1/session/factor"), &again(None)).await;
    assert_eq!(code_of(&app), (403, "second-code-needed".into()), "nor is an app added with a stolen password");
    assert_eq!(bench.ask(get("/api/v1/users")).await.json()[0]["second_factor"], true);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_good_once_soon_and_in_the_browser_that_asked() {
    let (bench, mut one, _) = with_passkey(Private::es256()).await;
    let (challenge, cookie) = asks(&bench).await;
    let signed = one.sign(&challenge);
    let (_, other) = asks(&bench).await;
    for cookie in [other.as_str(), "", "centrale_asker="] {
        let stolen = logs_in(&bench, &signed, cookie).await;
        assert_eq!(code_of(&stolen), (403, "passkey-wrong".into()), "{cookie}");
        tokio::time::advance(Duration::from_secs(8)).await;
    }
    assert_eq!(logs_in(&bench, &signed, &cookie).await.status, StatusCode::OK);
    assert_eq!(code_of(&logs_in(&bench, &signed, &cookie).await), (403, "passkey-wrong".into()), "once");
    tokio::time::advance(Duration::from_secs(8)).await;
    let (challenge, cookie) = asks(&bench).await;
    tokio::time::advance(Duration::from_secs(301)).await;
    assert_eq!(code_of(&logs_in(&bench, &one.sign(&challenge), &cookie).await), (409, "passkey-late".into()));
    // That costs no wait, and what was asked for another purpose opens nothing.
    let asked = bench.ask(at_name(post("/api/v1/session/passkeys/challenge"))).await.json();
    let signed = one.sign(asked["challenge"].as_str().unwrap());
    assert_eq!(code_of(&logs_in(&bench, &signed, &cookie).await), (403, "passkey-wrong".into()));
}

#[tokio::test(start_paused = true)]
async fn who_shows_wrong_ones_waits_and_is_told_of_as_who_guesses_passwords() {
    let (mut bench, _, _) = with_passkey(Private::es256()).await;
    bench.wished();
    let mut forger = authenticator(Private::es256());
    for seconds in [1_u64, 2, 4, 8, 8, 8] {
        let (challenge, cookie) = asks(&bench).await;
        let signed = forger.sign(&challenge);
        assert_eq!(code_of(&logs_in(&bench, &signed, &cookie).await), (403, "passkey-wrong".into()));
        let early = logs_in(&bench, &signed, &cookie).await;
        assert_eq!((code_of(&early), &early.headers[header::RETRY_AFTER]), ((429, "wait".into()), &seconds.into()));
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }
    let told = bench.wished().into_iter().filter(|wish| matches!(wish, Wish::Tried(_))).count();
    assert_eq!(told, 1, "five are mistakes");
}

#[tokio::test]
async fn a_copy_is_noticed_and_nobody_borrows_the_passkey_of_another() {
    let (bench, mut one, _) = with_passkey(Private::es256()).await;
    one.counter = 41;
    let (challenge, cookie) = asks(&bench).await;
    assert_eq!(logs_in(&bench, &one.sign(&challenge), &cookie).await.status, StatusCode::OK);
    one.counter = 20;
    let (challenge, cookie) = asks(&bench).await;
    assert_eq!(code_of(&logs_in(&bench, &one.sign(&challenge), &cookie).await), (403, "passkey-copied".into()));
    assert!(log(&bench).await.contains(&(json!("admin"), json!("passkey-copied"), json!("1"))));

    let (bench, mut one, _) = with_passkey(Private::es256()).await;
    one.user_handle = Some("c29tZWJvZHkgZWxzZQ".into());
    let (challenge, cookie) = asks(&bench).await;
    assert_eq!(code_of(&logs_in(&bench, &one.sign(&challenge), &cookie).await), (403, "passkey-wrong".into()));

    // An owner's passkey does not raise a cap in another owner's session.
    let (bench, mut one, _) = with_passkey(Private::es256()).await;
    let els = bench.session_as("Els", Role::Owner, None).await;
    let asked = bench.ask(at_name(post("/api/v1/session/passkeys/challenge")).with(&els)).await.json();
    let signed = one.sign(asked["challenge"].as_str().unwrap());
    let body = json!({ "cap": "day", "to_cents": 10_000, "hours": 1 });
    let raise = at_name(post("/api/v1/costs/raise")).with(&els).json(&body);
    let raised = bench.ask_proving(raise, &by_passkey(&signed)).await;
    assert_eq!(code_of(&raised), (403, "passkey-wrong".into()));
}

#[tokio::test]
async fn at_an_address_in_numbers_no_passkey_works_and_the_box_says_so() {
    let bench = Bench::owned().await;
    for path in ["passkey/challenge", "passkeys/challenge", "passkeys/begin"] {
        let asked = bench.ask(post(&format!("/api/v1/session/{path}"))).await;
        assert_eq!(code_of(&asked), (409, "passkey-elsewhere".into()), "{path}");
        assert!(asked.json()["detail"].as_str().unwrap().contains(NAME));
    }
    let elsewhere = post("/api/v1/session/passkey/challenge").header("host", "phones.example.net");
    assert_eq!(code_of(&bench.ask(elsewhere).await), (409, "passkey-elsewhere".into()));
}

#[tokio::test]
async fn a_passkey_works_at_the_name_it_was_made_at_and_at_no_other() {
    let (bench, mut one, _) = with_passkey(Private::es256()).await;
    let asked = post("/api/v1/session/passkey/challenge").without_session().header("host", "localhost:8443");
    let asked = bench.ask(asked).await;
    let cookie = asked.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    (one.origin, one.rp_id) = ("https://localhost:8443".into(), "localhost".into());
    let signed = one.sign(asked.json()["challenge"].as_str().unwrap());
    let ask = post("/api/v1/session/passkey").without_session().header("host", "localhost:8443");
    let answer = bench.ask(ask.header("cookie", &cookie).json(&body_of(&signed))).await;
    assert_eq!(code_of(&answer), (403, "passkey-wrong".into()));
}

#[tokio::test(start_paused = true)]
async fn a_passkey_is_made_with_the_password_for_this_session_and_looks_at_its_user() {
    let bench = Bench::owned().await;
    let begin = || at_name(post("/api/v1/session/passkeys/begin"));
    assert_eq!(code_of(&bench.ask_once(begin()).await), (403, "proof-needed".into()));
    let wrong = bench.ask_proving(begin(), &json!({ "password": "something else" })).await;
    assert_eq!(code_of(&wrong), (403, "wrong-password".into()));
    tokio::time::advance(Duration::from_secs(1)).await;
    let challenge = bench.ask(begin()).await.json()["challenge"].as_str().unwrap().to_owned();
    let keep = |one: &Authenticator, challenge: &str, name: &str| {
        let made = one.make(challenge);
        let body = json!({ "name": name, "client_data": made.client_data, "attestation": made.attestation });
        at_name(post("/api/v1/session/passkeys")).json(&body)
    };
    let mut one = authenticator(Private::es256());
    let els = bench.session_as("Els", Role::Owner, None).await;
    let theirs = bench.ask(keep(&one, &challenge, "key").with(&els)).await;
    assert_eq!(code_of(&theirs), (409, "passkey-late".into()), "it was made for another session");
    one.flags = 0x01;
    assert_eq!(code_of(&bench.ask(keep(&one, &challenge, "key")).await), (422, "passkey-unverified".into()));
    let mut far = authenticator(Private::es256());
    far.origin = "https://evil.example".into();
    assert_eq!(code_of(&bench.ask(keep(&far, &challenge, "key")).await), (422, "passkey-unfit".into()));
    one.flags = 0x05;
    let made = one.make_signed(&challenge);
    let body = json!({ "name": "key", "client_data": made.client_data, "attestation": made.attestation });
    let kept = bench.ask(at_name(post("/api/v1/session/passkeys")).json(&body)).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
    assert_eq!(code_of(&bench.ask(keep(&one, &challenge, "key")).await), (409, "passkey-late".into()), "once");
    assert_eq!(bench.ask(get("/api/v1/session/passkeys")).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_owner_frees_who_lost_the_passkey() {
    let (bench, mut one, _) = with_passkey(Private::es256()).await;
    let own = bench.store.users().unwrap()[0].number;
    bench.session_as("Els", Role::Owner, None).await;
    let number = bench.store.users().unwrap().pop().unwrap().number;
    bench.store.replace_password(number, &Secret::new(PASSWORD)).unwrap();
    let els = bench.session_as("Els", Role::Owner, None).await;
    let free = delete(&format!("/api/v1/users/{own}/factor"));
    assert_eq!(bench.ask(free.clone().with(&els)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(free.with(&els)).await.status, StatusCode::NOT_FOUND);
    let (challenge, cookie) = asks(&bench).await;
    assert_eq!(code_of(&logs_in(&bench, &one.sign(&challenge), &cookie).await), (403, "passkey-wrong".into()));
    let password = post("/api/v1/session").without_session().json(&json!({ "password": PASSWORD }));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(bench.ask(password).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn rubbish_is_refused_and_counted_and_nothing_ends() {
    let (bench, mut one, _) = with_passkey(Private::es256()).await;
    let (challenge, cookie) = asks(&bench).await;
    let whole = one.sign(&challenge);
    let long = "A".repeat(20_000);
    for part in ["credential", "client_data", "authenticator_data", "signature", "user_handle"] {
        for bad in ["", "!", "AAAA", "====", long.as_str()] {
            let mut body = body_of(&whole);
            body[part] = json!(bad);
            let ask = at_name(post("/api/v1/session/passkey")).without_session().header("cookie", &cookie);
            let (status, code) = code_of(&bench.ask(ask.json(&body)).await);
            assert_eq!((status, code.as_str()), (403, "passkey-wrong"), "{part} {}", bad.len());
            tokio::time::advance(Duration::from_secs(8)).await;
        }
    }
    let ask = at_name(post("/api/v1/session/passkey")).without_session().json(&json!({ "credential": 7 }));
    assert_eq!(code_of(&bench.ask(ask).await), (400, "malformed".into()));
}

/// The box gives nobody a certificate: a user is known by a password, a passkey and a browser that is remembered, a device by what stands in
/// its settings.
#[tokio::test]
async fn a_132_what_proves_a_user_or_a_device_is_refused_at_once_when_it_was_taken_back() {
    let mut bench = Bench::owned().await;
    let folder = set_up(&bench).await;
    let mut one = authenticator(Private::es256());
    assert_eq!(add(&bench, &mut one, "My telephone", &again(None)).await.status, StatusCode::CREATED);
    let owner = bench.store.users().unwrap()[0].number;
    let remembered = bench.store.remember_browser(owner, None, unix_ms()).unwrap();
    assert!(bench.store.knows_browser("admin", &remembered, unix_ms()).unwrap());
    assert_eq!(
        (steady(&bench, &folder, PHONE).await.status, bench.store.devices().unwrap().len()),
        (StatusCode::OK, 1)
    );

    let passkey = bench.store.passkeys_of(owner).unwrap()[0].number;
    bench.store.drop_passkey(owner, passkey, 0).unwrap();
    let (challenge, cookie) = asks(&bench).await;
    assert_eq!(code_of(&logs_in(&bench, &one.sign(&challenge), &cookie).await), (403, "passkey-wrong".into()));

    bench.store.replace_password(owner, &Secret::new(PASSWORD)).unwrap();
    assert!(!bench.store.knows_browser("admin", &remembered, unix_ms()).unwrap(), "it is as new as any");

    bench.open_session().await;
    assert_eq!(bench.ask(delete(&format!("/api/v1/devices/{MAC}"))).await.status, StatusCode::OK);
    assert_eq!(
        (steady(&bench, &folder, PHONE).await.status, bench.store.devices().unwrap().len()),
        (StatusCode::NOT_FOUND, 0)
    );
}
