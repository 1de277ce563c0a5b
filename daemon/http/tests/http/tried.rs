//! What is tried at the page and at phones' settings, as the exchange is told of it.

use std::time::Duration;

use axum::http::{StatusCode, header};
use centrale_call_control::incident::Deed;
use centrale_call_control::{Reason, Tried};
use centrale_http::Wish;
use serde_json::json;

use crate::kit::{Ask, Bench, PASSWORD, get, post, unix_ms};
use crate::phones::snapshot;

const OUTSIDE: &str = "203.0.113.9";

fn log_in(name: &str, password: &str) -> Ask {
    post("/api/v1/session").without_session().json(&json!({ "name": name, "password": password }))
}

fn told(bench: &mut Bench) -> Vec<Tried> {
    let tried = |wish| if let Wish::Tried(tried) = wish { Some(tried) } else { None };
    bench.wished().into_iter().filter_map(tried).collect()
}

/// Wrong passwords, each when the wait of the one before is over.
async fn guess(bench: &Bench, times: usize, from: &str) {
    for number in 0..times {
        let asked = log_in("admin", &format!("guess {number} of many")).from(from).header("user-agent", "curl/8.1");
        assert_eq!(bench.ask(asked).await.code(), "wrong-password");
        tokio::time::advance(Duration::from_secs(8)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn five_mistakes_are_told_to_nobody_and_the_sixth_wrong_password_is_an_attempt() {
    let mut bench = Bench::owned().await;
    guess(&bench, 5, OUTSIDE).await;
    assert_eq!(told(&mut bench), []);
    guess(&bench, 8, OUTSIDE).await;
    let told = told(&mut bench);
    assert_eq!(told.len(), 3, "five of the eight were tried before");
    let Tried { what, from, account, device, deed, is_at_home, .. } = &told[0];
    assert_eq!((*what, *deed, *is_at_home), (Reason::PageGuessing, Deed::Delayed, false));
    assert_eq!((from.ip().to_string().as_str(), account.as_str(), device.as_str()), (OUTSIDE, "admin", "curl/8.1"));
    assert!(!format!("{told:?}").contains("of many"), "what was typed is repeated nowhere");
}

#[tokio::test(start_paused = true)]
async fn who_logs_in_after_guessing_is_told_as_one_who_got_in_and_warned_of_unless_the_browser_was_here_before() {
    let mut bench = Bench::owned().await;
    bench.let_administer_from_anywhere().await;
    bench.wished();
    let first = bench.ask(log_in("admin", PASSWORD).from(OUTSIDE)).await;
    let cookies: Vec<String> =
        first.headers.get_all(header::SET_COOKIE).iter().map(|one| one.to_str().unwrap().to_owned()).collect();
    let browser = cookies.iter().find(|cookie| cookie.starts_with("centrale_browser=")).unwrap();
    assert!(["HttpOnly", "Secure", "SameSite=Strict"].iter().all(|flag| browser.contains(flag)), "{browser}");
    let browser = browser.split(';').next().unwrap().to_owned();

    guess(&bench, 6, DESK_OF_A_STRANGER).await;
    let known = log_in("admin", PASSWORD).from(DESK_OF_A_STRANGER).header("cookie", &browser);
    assert_eq!(bench.ask(known).await.status, StatusCode::OK);
    assert!(told(&mut bench).iter().all(|tried| tried.what == Reason::PageGuessing), "the owner's own browser");

    guess(&bench, 6, DESK_OF_A_STRANGER).await;
    assert_eq!(bench.ask(log_in("admin", PASSWORD).from(DESK_OF_A_STRANGER)).await.status, StatusCode::OK);
    let last = told(&mut bench).pop().unwrap();
    assert_eq!((last.what, last.deed, last.account.as_str()), (Reason::PageEntered, Deed::LetIn, "admin"));
    let problems = snapshot(&bench).await["problems"].clone();
    let warning = problems.as_array().unwrap().iter().find(|problem| problem["code"] == "page-entered").unwrap();
    assert_eq!((&warning["subject"], &warning["detail"]), (&json!("admin"), &json!(DESK_OF_A_STRANGER)));
}

const DESK_OF_A_STRANGER: &str = "192.168.1.77";

#[tokio::test(start_paused = true)]
async fn wrong_one_time_codes_are_attempts_too_and_so_is_guessing_with_a_stolen_session_which_blocks_nobody() {
    let mut bench = Bench::owned().await;
    for number in 0..7 {
        let join = post("/api/v1/session/join").without_session().from(OUTSIDE);
        bench.ask(join.json(&json!({ "code": format!("AAAAAAAAA{number}"), "password": PASSWORD }))).await;
        tokio::time::advance(Duration::from_secs(8)).await;
    }
    assert_eq!(told(&mut bench).len(), 2);
    for number in 0..7 {
        bench.ask(post("/api/v1/session/proof").json(&json!({ "password": format!("g{number}") }))).await;
        tokio::time::advance(Duration::from_secs(8)).await;
    }
    let told = told(&mut bench);
    assert!(told.iter().all(|tried| tried.is_at_home && tried.account == "admin"), "{told:?}");
}

#[tokio::test]
async fn who_goes_through_phones_addresses_is_told_of_and_a_phone_that_is_not_known_is_not() {
    let mut bench = Bench::opened().await;
    for number in 0..6 {
        bench.ask(get(&format!("/805ec00000{number:02}.cfg")).in_clear().from(OUTSIDE)).await;
        bench.ask(get("/805ec0000033.cfg").in_clear().from("192.168.1.51")).await;
    }
    let told = told(&mut bench);
    assert_eq!(told.len(), 5);
    assert!(told.iter().all(|tried| (tried.what, tried.deed) == (Reason::SettingsGuessing, Deed::TurnedAway)));
    assert_eq!((told[0].from.ip().to_string().as_str(), told[0].account.as_str()), (OUTSIDE, "805ec0000001"));
}

#[tokio::test]
async fn paths_of_other_exchanges_are_not_there_for_anybody_and_who_asks_for_one_is_told_of() {
    let mut bench = Bench::opened().await;
    for path in ["/admin/config.php?display=extensions", "/recordings", "/a2billing/", "/?display=x"] {
        let answer = bench.ask(get(path).without_session().from(OUTSIDE)).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, ""), "{path}");
        assert!(answer.headers.contains_key("content-security-policy"), "{path}");
    }
    let nothing = bench.ask(get("/nothing.cfg").in_clear().from(OUTSIDE)).await;
    let honey = bench.ask(get("/admin/config.php").in_clear().from(OUTSIDE)).await;
    assert_eq!((honey.status, honey.text), (nothing.status, nothing.text));
    bench.ask(get("/admin/config.php")).await;
    let told = told(&mut bench);
    assert!(told.iter().all(|tried| tried.what == Reason::HoneyPath));
    let targets: Vec<&str> = told.iter().map(|tried| tried.target.as_str()).collect();
    let config = "/admin/config.php";
    assert_eq!(targets, [config, "/recordings", "/a2billing/", "/", config, config]);
    assert_eq!(told.iter().filter(|tried| tried.is_at_home).count(), 1, "the browser of who is logged in");
    assert_eq!(bench.ask(get("/settings/incidents")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_browser_was_made_to_ask_by_another_page_is_nothing_that_its_user_tried() {
    let mut bench = Bench::opened().await;
    let asked = || get("/admin/config.php").without_session().from(OUTSIDE);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-dest", "image"),
        ("sec-fetch-dest", "iframe"),
        ("referer", "http://elsewhere.example/page"),
        ("referer", "https://elsewhere.example"),
    ] {
        assert_eq!(bench.ask(asked().header(name, value)).await.status, StatusCode::NOT_FOUND, "{name}: {value}");
    }
    bench.ask(asked().in_clear().header("referer", "http://elsewhere.example/")).await;
    // In clear a browser says nothing of who made it ask, when the page tells it to be silent; that it is a browser it says.
    bench.ask(asked().in_clear().header("accept-language", "nl,en;q=0.5")).await;
    assert_eq!(told(&mut bench), []);
    bench.ask(asked().in_clear()).await;
    bench.ask(asked().header("accept-language", "nl")).await;
    bench.ask(asked().in_clear().header("accept-language", "nl").header("referer", "http://192.168.1.2:8443/x")).await;
    assert_eq!(told(&mut bench).len(), 3);

    let typed = asked().header("sec-fetch-site", "none").header("sec-fetch-dest", "document");
    bench.ask(typed).await;
    bench.ask(asked().header("sec-fetch-site", "same-origin").header("sec-fetch-dest", "empty")).await;
    bench.ask(asked().header("referer", "https://192.168.1.2:8443/recordings/")).await;
    bench.ask(asked().header("referer", "nothing of an address")).await;
    assert_eq!(told(&mut bench).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_again_and_again_makes_the_box_look_up_who_is_logged_in_once_in_some_seconds() {
    let mut bench = Bench::opened().await;
    let asked = || get("/recordings").without_session();
    bench.ask(asked()).await;
    for session in bench.store.sessions(unix_ms()).unwrap() {
        bench.store.end_session(session.number).unwrap();
    }
    bench.ask(asked()).await;
    tokio::time::advance(Duration::from_secs(10)).await;
    bench.ask(asked()).await;
    let at_home: Vec<bool> = told(&mut bench).iter().map(|tried| tried.is_at_home).collect();
    assert_eq!(at_home, [true, true, false]);
}

#[tokio::test(start_paused = true)]
async fn a_password_that_was_typed_in_the_place_of_the_name_is_told_to_nobody() {
    let mut bench = Bench::owned().await;
    for number in 0..12 {
        let asked = log_in("my-Secret-of-many-years", &format!("{number}")).from(OUTSIDE);
        bench.ask(asked).await;
        tokio::time::advance(Duration::from_secs(8)).await;
    }
    for number in 0..30 {
        guess_from_anywhere(&bench, number, "my-Secret-of-many-years").await;
    }
    let told = told(&mut bench);
    assert!(!told.is_empty(), "the guesses of one source are");
    assert!(!format!("{told:?}").contains("my-Secret"), "{told:?}");
}

/// A guess from a source that nobody heard of before.
async fn guess_from_anywhere(bench: &Bench, number: usize, name: &str) -> u16 {
    let from = format!("198.51.{}.{}", number / 200, number % 200);
    bench.ask(log_in(name, &format!("guess {number} of many")).from(&from)).await.status.as_u16()
}

#[tokio::test(start_paused = true)]
async fn guesses_at_one_user_from_many_places_are_judged_ten_times_and_the_owner_still_comes_in_at_home_and_where_known()
 {
    let mut bench = Bench::owned().await;
    bench.let_administer_from_anywhere().await;
    bench.wished();
    let first = bench.ask(log_in("admin", PASSWORD).from("203.0.113.1")).await;
    let browser = first.headers.get_all(header::SET_COOKIE).iter().map(|one| one.to_str().unwrap().to_owned());
    let browser = browser.into_iter().find(|one| one.starts_with("centrale_browser=")).unwrap();
    let browser = browser.split(';').next().unwrap().to_owned();

    for (first, name) in [(0, "admin"), (1000, "nobody")] {
        let mut answers = Vec::new();
        for number in first..first + 30 {
            answers.push(guess_from_anywhere(&bench, number, name).await);
        }
        assert_eq!(answers, [vec![403; 10], vec![429; 20]].concat(), "{name}: nobody learns who exists");
    }
    let right = log_in("admin", PASSWORD);
    assert_eq!(bench.ask(right.clone().from("198.51.100.250")).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(bench.ask(right.clone().from("198.51.100.250").header("cookie", &browser)).await.status, StatusCode::OK);
    assert_eq!(bench.ask(right.clone().from("192.168.1.60")).await.status, StatusCode::OK, "the office is not refused");
    let told = told(&mut bench);
    assert!(told.iter().any(|tried| tried.what == Reason::PageDistributed && tried.account == "admin"), "{told:?}");

    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(bench.ask(right.from("198.51.100.250")).await.status, StatusCode::OK, "an hour later");
}

#[tokio::test(start_paused = true)]
async fn in_the_office_guesses_from_many_machines_make_each_wait_a_minute_and_keep_nobody_out_for_longer() {
    let bench = Bench::owned().await;
    for machine in 100..112 {
        let from = format!("192.168.1.{machine}");
        assert_eq!(bench.ask(log_in("admin", &format!("guess {machine} of many")).from(&from)).await.status, 403);
    }
    let owner = "192.168.1.60";
    assert_eq!(bench.ask(log_in("admin", "a slip of the hand").from(owner)).await.status, 403, "it is judged at once");
    let early = bench.ask(log_in("admin", PASSWORD).from(owner)).await;
    assert_eq!((early.status.as_u16(), early.headers[header::RETRY_AFTER].to_str().unwrap()), (429, "60"));
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(bench.ask(log_in("admin", PASSWORD).from(owner)).await.status, StatusCode::OK);
}
