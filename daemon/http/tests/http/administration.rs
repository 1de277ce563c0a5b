//! From where owners and installers come in, who is never locked out by it, and who is told of what is new.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::http::{StatusCode, header};
use centrale_alerts::{Access, News};
use centrale_call_control::{Ordered, PhoneOrder};
use centrale_config::Secret;
use centrale_http::Wish;
use centrale_store::{Role, Standing};
use serde_json::json;

use crate::kit::{Answer, Ask, Bench, DESK, PASSWORD, get, post, put, unix_ms};

const PATH: &str = "/api/v1/office/administration";
const FAR: &str = "203.0.113.9";

fn change(networks: &[&str]) -> Ask {
    put(PATH).json(&json!({ "networks": networks }))
}

fn log_in(name: &str) -> Ask {
    post("/api/v1/session").without_session().json(&json!({ "name": name, "password": PASSWORD }))
}

async fn tries(bench: &Bench, name: &str, from: &str) -> Answer {
    bench.ask(log_in(name).from(from)).await
}

/// Somebody with a password.
fn add(bench: &Bench, name: &str, role: Role) {
    let standing = Standing { role, person: None, ends_unix_ms: None };
    let (user, _) = bench.store.invite(name, standing, unix_ms()).unwrap();
    bench.store.replace_password(user, &Secret::new(PASSWORD)).unwrap();
}

fn told(bench: &mut Bench) -> Vec<(Access, String, String)> {
    let wished = bench.wished().into_iter();
    let access = |wish| match wish {
        Wish::News(News::Access { what, user, source, .. }) => Some((what, user, source)),
        _ => None,
    };
    wished.filter_map(access).collect()
}

#[tokio::test]
async fn a_134_who_administers_comes_in_from_the_office_alone_unless_it_named_other_networks() {
    let mut bench = Bench::owned().await;
    add(&bench, "Piet", Role::Installer);
    add(&bench, "Rita", Role::Reception);
    bench.wished();
    for (name, from, status) in [
        ("admin", DESK, 200),
        ("admin", "10.20.30.40", 200),
        ("admin", "fd00:1::7", 200),
        ("admin", "127.0.0.1", 200),
        ("admin", FAR, 403),
        ("Piet", FAR, 403),
        ("Piet", "2001:db8::9", 403),
        ("Rita", FAR, 200),
    ] {
        assert_eq!(tries(&bench, name, from).await.status.as_u16(), status, "{name} from {from}");
    }
    let elsewhere: Vec<_> = told(&mut bench).into_iter().filter(|(what, ..)| *what == Access::Elsewhere).collect();
    assert_eq!(elsewhere.len(), 3);
    assert_eq!(elsewhere[0], (Access::Elsewhere, "admin".into(), FAR.into()), "somebody there knows the password");
    assert_eq!(bench.ask(get(PATH)).await.json(), json!({ "networks": [], "here": DESK }));

    let changed = bench.ask(change(&["192.168.1.77/24", "203.0.113.0/24"])).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(bench.ask(get(PATH)).await.json()["networks"], json!(["192.168.1.0/24", "203.0.113.0/24"]));
    for (name, from, status) in
        [("admin", FAR, 200), ("admin", DESK, 200), ("Piet", "10.20.30.40", 403), ("Rita", "10.20.30.40", 200)]
    {
        assert_eq!(tries(&bench, name, from).await.status.as_u16(), status, "{name} from {from}");
    }
    let log = bench.ask(get("/api/v1/audit")).await.text;
    assert!(log.contains("log-in-elsewhere") && log.contains("PUT /api/v1/office/administration"), "{log}");
}

#[tokio::test]
async fn a_134_a_new_box_is_set_up_from_the_office_alone() {
    let bench = Bench::new().await;
    let code = bench.store.new_setup_code().unwrap();
    let body = json!({ "code": code.reveal(), "password": PASSWORD, "language": "nl" });
    let set_up = || post("/api/v1/setup").json(&body);
    assert_eq!(bench.ask(set_up().from(FAR)).await.code(), "not-from-here");
    assert_eq!(bench.ask(set_up()).await.status, StatusCode::OK, "the code is good still");
}

#[tokio::test]
async fn a_134_nobody_locks_out_the_own_browser_neither_by_a_change_nor_by_going_back_to_one() {
    let bench = Bench::owned().await;
    let before = bench.ask(get("/api/v1/office")).await.json()["revision"].clone();
    let refused = bench.ask(change(&["10.0.0.0/8"])).await;
    assert_eq!(refused.problem(), (422, "excludes-you".into(), Some("networks".into())));
    let odd = bench.ask(change(&["the office"])).await;
    assert_eq!(odd.problem(), (422, "network-malformed".into(), Some("networks".into())));
    let unproved = bench.ask_once(change(&["192.168.0.0/16"])).await;
    assert_eq!(unproved.code(), "proof-needed", "a thief with a session changes nothing");
    assert_eq!(bench.ask(get("/api/v1/office")).await.json()["revision"], before, "nothing was changed");

    // The console lets only 10.0.0.0/8 in; whoever comes from there cannot go back to it from elsewhere.
    let (number, mut office) = bench.store.office().unwrap().unwrap();
    office.administration = vec!["10.0.0.0/8".parse().unwrap()];
    let author = |why: &str| centrale_store::Author { who: "applied".into(), when_unix_ms: 1, why: why.into() };
    bench.store.commit(&office, number, author("console")).unwrap();
    office.administration = Vec::new();
    bench.store.commit(&office, number + 1, author("console")).unwrap();
    let back = bench.ask(post(&format!("/api/v1/revisions/{}/revert", number + 1))).await;
    assert_eq!(back.problem(), (422, "excludes-you".into(), Some("networks".into())), "{}", back.text);
}

#[tokio::test(start_paused = true)]
async fn a_134_a_session_of_elsewhere_is_over_and_a_phone_of_the_office_lets_in_for_a_quarter_of_an_hour() {
    let bench = Bench::owned().await;
    let (number, mut office) = bench.store.office().unwrap().unwrap();
    office.administration = vec!["10.0.0.0/8".parse().unwrap()];
    let author = centrale_store::Author { who: "applied".into(), when_unix_ms: 1, why: "console".into() };
    bench.store.commit(&office, number, author).unwrap();
    let bench = bench.restarted().await;
    let refused = tries(&bench, "admin", DESK).await;
    assert_eq!(refused.code(), "not-from-here");
    let running = tokio::spawn(crate::phones::bench_bound(&bench).await.serve());
    let from: SocketAddr = "192.168.1.30:5060".parse().unwrap();
    bench.edge.ordered(Ordered { order: PhoneOrder::PageAgain, person: "201".into(), name: "Anna".into(), from });
    let mut open = tries(&bench, "admin", DESK).await;
    for _ in 0..100 {
        if open.status == StatusCode::OK {
            break;
        }
        tokio::task::yield_now().await;
        open = tries(&bench, "admin", DESK).await;
    }
    running.abort();
    assert_eq!(open.status, StatusCode::OK, "{}", open.text);
    let cookie = open.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let asks = || get("/api/v1/office").without_session().header("cookie", &cookie);
    assert_eq!(bench.ask(asks()).await.status, StatusCode::OK);
    tokio::time::advance(Duration::from_secs(15 * 60)).await;
    assert_eq!(bench.ask(asks()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_134_a_browser_that_is_new_to_a_user_is_asked_for_the_second_factor_and_told_of_once() {
    let mut bench = Bench::owned().await;
    let source: IpAddr = DESK.parse().unwrap();
    bench.wished();
    let first = tries(&bench, "admin", DESK).await;
    assert_eq!(told(&mut bench), [(Access::NewBrowser, "admin".into(), source.to_string())]);
    let cookie = |answer: &Answer| {
        let all = answer.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        all.filter_map(|cookie| cookie.split(';').next())
            .find(|one| one.starts_with("centrale_browser"))
            .unwrap()
            .to_owned()
    };
    let known = cookie(&first);
    let again = bench.ask(log_in("admin").header("cookie", &known)).await;
    assert_eq!((again.status, told(&mut bench)), (StatusCode::OK, Vec::new()), "the same one once more is no news");
    add(&bench, "Rita", Role::Reception);
    let shared = bench.ask(log_in("Rita").header("cookie", &known)).await;
    assert_eq!((shared.status, told(&mut bench).len()), (StatusCode::OK, 1), "it is new to her");

    let owner = bench.store.users().unwrap()[0].number;
    let secret = bench.store.begin_factor(owner).unwrap();
    let now = unix_ms();
    bench.store.confirm_factor(owner, &secret.code(centrale_store::step_at(now)), now).unwrap();
    let asked = tries(&bench, "admin", DESK).await;
    assert_eq!((asked.code(), told(&mut bench)), ("second-code-needed".into(), Vec::new()), "nobody came in");
}

#[tokio::test]
async fn a_device_that_looks_for_weak_places_is_named_with_a_proof_and_logged_and_taken_away_without_one() {
    const SCANNERS: &str = "/api/v1/office/scanners";
    let bench = Bench::owned().await;
    let name =
        |network: &str| put(SCANNERS).json(&json!({ "scanners": [{ "network": network, "until": "2026-12-20" }] }));
    assert_eq!(bench.ask_once(name("192.168.1.66")).await.code(), "proof-needed");
    let wide = bench.ask(name("10.0.0.0/8")).await;
    assert_eq!(wide.problem(), (422, "source-too-wide".into(), Some("scanners".into())));
    assert_eq!(bench.ask(name("192.168.1.66")).await.status, StatusCode::OK);
    let named = json!({ "scanners": [{ "network": "192.168.1.66/32", "until": "2026-12-20" }] });
    assert_eq!(bench.ask(get(SCANNERS)).await.json(), named);
    let log = bench.ask(get("/api/v1/audit")).await.text;
    assert!(log.contains("PUT /api/v1/office/scanners"), "{log}");
    let none = bench.ask_once(put(SCANNERS).json(&json!({ "scanners": [] }))).await;
    assert_eq!(none.status, StatusCode::OK, "{}", none.text);
}
