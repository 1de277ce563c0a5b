//! A password opens before anybody is told it: the exchange is slow here, and whoever asks is quick.

use std::time::Duration;

use axum::http::StatusCode;
use centrale_http::Wish;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, advance};

use crate::kit::{Answer, Bench, get, post, put};
use crate::outfit::{BASE, NEW, OLD, done, office, secret};
use crate::phones::snapshot;

/// How long an answer waits for the exchange.
const PATIENCE: Duration = Duration::from_secs(3);

/// The exchange goes by nothing that it is told from now on.
fn hold_back(bench: &Bench) {
    bench.in_force.send_replace(0);
}

/// The phone is told to come again, and gets its file once the exchange goes by it.
async fn comes_again(bench: &Bench, what: &str, ask: impl AsyncFn() -> Answer) -> Answer {
    let begun = Instant::now();
    let early = ask().await;
    assert_eq!((early.status, early.text.len()), (StatusCode::SERVICE_UNAVAILABLE, 0), "{what}");
    assert_eq!((&early.headers["retry-after"], begun.elapsed()), (&"5".parse().unwrap(), PATIENCE), "{what}");
    bench.in_force.send_replace(u64::MAX);
    let file = ask().await;
    assert_eq!(file.status, StatusCode::OK, "{what}");
    file
}

/// Whether the exchange would let in who has this file.
async fn opens(bench: &Bench, file: &Answer) -> bool {
    bench.edge.settled().await.credentials.iter().any(|pair| pair.secret.reveal() == secret(file))
}

#[tokio::test(start_paused = true)]
async fn a_phone_has_its_first_file_as_soon_as_the_exchange_goes_by_its_password_and_no_earlier() {
    let mut bench = office(1).await;
    let folder = OLD.wait(&bench).await;
    done(&bench.ask(post(&OLD.path("/adopt")).json(&json!({ "person": "201" }))).await);
    bench.wished();
    hold_back(&bench);
    let mut wishes = std::mem::replace(&mut bench.wishes, mpsc::channel(1).1);
    let begun = Instant::now();
    let phone = async { (OLD.ask(&bench, &folder, false).await, begun.elapsed()) };
    let exchange = async {
        let Some(Wish::Settled(settled, number)) = wishes.recv().await else { panic!("it is told") };
        for earlier in [number - 1, number] {
            advance(Duration::from_secs(1)).await;
            bench.in_force.send_replace(earlier);
        }
        settled
    };
    let ((file, after), settled) = tokio::join!(phone, exchange);
    assert_eq!((file.status, after), (StatusCode::OK, Duration::from_secs(2)));
    assert!(settled.credentials.iter().any(|pair| pair.secret.reveal() == secret(&file)));
}

#[tokio::test(start_paused = true)]
async fn no_phone_is_told_a_password_that_the_exchange_does_not_go_by() {
    let bench = office(2).await;
    let folder = OLD.wait(&bench).await;
    let ask = async || OLD.ask(&bench, &folder, false).await;
    let adopt = async |person: &str| {
        done(&bench.ask(post(&OLD.path("/adopt")).json(&json!({ "person": person }))).await);
    };

    hold_back(&bench);
    adopt("201").await;
    let first = comes_again(&bench, "its first file", ask).await;
    hold_back(&bench);
    assert_eq!(bench.ask(post(&OLD.path("/renew"))).await.status, StatusCode::ACCEPTED);
    let renewed = comes_again(&bench, "a new password", ask).await;
    hold_back(&bench);
    adopt("202").await;
    let handed_over = comes_again(&bench, "another person's", ask).await;
    assert!(opens(&bench, &handed_over).await && !opens(&bench, &renewed).await && !opens(&bench, &first).await);

    let folder = NEW.wait(&bench).await;
    hold_back(&bench);
    done(&bench.ask(post(&OLD.path("/replace")).json(&json!({ "by": NEW.mac() }))).await);
    let ask = async || NEW.ask(&bench, &folder, false).await;
    let in_its_place = comes_again(&bench, "the phone in its place", ask).await;
    assert!(opens(&bench, &in_its_place).await && !opens(&bench, &handed_over).await);
}

#[tokio::test(start_paused = true)]
async fn a_base_is_told_of_a_handset_once_the_exchange_goes_by_its_password() {
    let bench = office(2).await;
    let (folder, _) = BASE.set_up(&bench, "201").await;
    hold_back(&bench);
    done(&bench.ask(put(&BASE.path("/handsets/202")).json(&json!({ "model": "W53H" }))).await);
    let file = comes_again(&bench, "a second handset", async || BASE.ask(&bench, &folder, false).await).await;
    assert!(file.text.contains("account.2.user_name = 202"));
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_was_told_to_come_again_is_not_said_to_have_its_settings() {
    let bench = office(1).await;
    let (folder, _) = OLD.set_up(&bench, "201").await;
    let settings = async || snapshot(&bench).await["devices"][0]["settings"].clone();
    assert_eq!(settings().await, "applied");
    hold_back(&bench);
    assert_eq!(OLD.ask(&bench, &folder, false).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(settings().await, "pending");
    bench.in_force.send_replace(u64::MAX);
    OLD.ask(&bench, &folder, false).await;
    assert_eq!(settings().await, "applied");
}

#[tokio::test(start_paused = true)]
async fn a_soft_phones_link_is_not_used_up_by_an_answer_that_did_not_go_out() {
    let bench = office(1).await;
    let link = bench.ask(post("/api/v1/people/201/softphone").json(&json!({}))).await.json();
    let path = link["url"].as_str().unwrap().strip_prefix("https://192.168.1.2:8443").unwrap().to_owned();
    let app = || get(&path).without_session().from("192.168.1.80").header("x-linphone-provisioning", "1");
    hold_back(&bench);
    comes_again(&bench, "a link", async || bench.ask(app()).await).await;
    let settled = bench.edge.settled().await;
    assert_eq!(settled.credentials.iter().filter(|pair| pair.device.is_some()).count(), 1, "what nobody read is dead");
    assert_eq!(bench.ask(app()).await.status, StatusCode::GONE);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_what_holds_no_password_waits_for_nobody() {
    let bench = office(1).await;
    hold_back(&bench);
    let begun = Instant::now();
    assert_eq!(OLD.ask(&bench, "/p/00000000000000000000000000000000/", false).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.ask(get("/api/v1/office")).await.status, StatusCode::OK);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_password_is_shown_once_the_exchange_goes_by_it_or_is_late() {
    let mut bench = office(1).await;
    hold_back(&bench);
    let begun = Instant::now();
    let late = bench.ask(post("/api/v1/people/201/password")).await;
    assert_eq!((late.status, begun.elapsed()), (StatusCode::OK, PATIENCE), "it stands");
    bench.wished();
    let mut wishes = std::mem::replace(&mut bench.wishes, mpsc::channel(1).1);
    let begun = Instant::now();
    let page = async { (bench.ask(post("/api/v1/people/201/password")).await.status, begun.elapsed()) };
    let exchange = async {
        let Some(Wish::Settled(_, number)) = wishes.recv().await else { panic!("it is told") };
        advance(Duration::from_secs(1)).await;
        bench.in_force.send_replace(number);
    };
    let (answer, ()) = tokio::join!(page, exchange);
    assert_eq!(answer, (StatusCode::OK, Duration::from_secs(1)));
}
