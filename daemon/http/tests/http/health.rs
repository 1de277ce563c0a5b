//! Programs that watch the box: what they are told, and what their token opens.

use std::time::Duration;

use axum::http::StatusCode;
use centrale_alerts::{Access, News};
use centrale_call_control::view::{HelpView, ProblemView, Severity, TrunkState, TrunkView};
use centrale_call_control::{Reason, Told};
use centrale_http::Wish;
use centrale_store::Role;
use serde_json::{Value, json};

use crate::doors::operations;
use crate::kit::{Answer, Bench, delete, get, post};

async fn health(bench: &Bench, token: &str) -> Answer {
    let asked = get("/api/v1/health").header("authorization", &format!("Bearer {token}")).without_session();
    bench.ask(asked.from("203.0.113.9")).await
}

async fn made(bench: &Bench) -> String {
    let made = bench.ask(post("/api/v1/health-token")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["token"].as_str().unwrap().to_owned()
}

fn trunk(state: TrunkState) -> Told {
    Told::Trunk(TrunkView {
        name: "voip".into(),
        state,
        reason: String::new(),
        detail: "sip.example.net says no".into(),
        seen_as: "198.51.100.7:5060".into(),
        calls: 0,
        help: HelpView::default(),
    })
}

#[tokio::test(start_paused = true)]
async fn a_098_a_program_that_watches_is_told_how_the_telephones_are_and_nothing_of_people() {
    let mut bench = Bench::owned().await;
    bench.add_person("201", "Anna").await;
    let token = made(&bench).await;
    bench.edge.tell(trunk(TrunkState::Connected));
    let told = health(&bench, &token).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let told = told.json();
    assert_eq!((&told["telephony"], &told["version"]), (&json!("works"), &json!("0.0.0-test")));
    assert_eq!(told["trunks"], json!([{ "name": "voip", "state": "connected" }]));
    assert_eq!((told["problems"].clone(), told["uptime_seconds"].is_u64()), (json!([]), true));
    for person in ["201", "202"] {
        let problem = ProblemView {
            code: "phone-unreachable".into(),
            subject: person.into(),
            severity: Severity::Warning,
            detail: "Anna, 192.168.1.21".into(),
        };
        bench.edge.tell(Told::Problem(problem));
    }
    bench.edge.tell(trunk(TrunkState::Unreachable));
    let told = health(&bench, &token).await;
    assert_eq!(
        (&told.json()["telephony"], &told.json()["problems"]),
        (&json!("limited"), &json!(["phone-unreachable"]))
    );
    for private in ["201", "Anna", "192.168.1", "example.net", "198.51.100"] {
        assert!(!told.text.contains(private), "{private} in {}", told.text);
    }
    bench.in_force.send_replace(0);
    let takes_over = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bench.in_force.send_replace(u64::MAX);
    };
    let (told, ()) = tokio::join!(health(&bench, &token), takes_over);
    assert_eq!(told.json()["telephony"], "limited", "settings on their way are no failure");
    bench.in_force.send_replace(0);
    assert_eq!(health(&bench, &token).await.json()["telephony"], "down", "the exchange takes nothing over");
    bench.wished();
}

#[tokio::test]
async fn a_098_the_token_reads_health_and_opens_nothing_else() {
    let bench = Bench::owned().await;
    let token = made(&bench).await;
    let before = bench.store.current_revision().unwrap();
    for (name, asked) in operations() {
        let asked = asked.without_session().header("authorization", &format!("Bearer {token}"));
        let without = bench.ask(asked.clone().from("203.0.113.8")).await.status;
        let open = ["get /health", "get /api/v1/session", "get /api/v1/health"].contains(&name.as_str());
        assert_eq!(without.is_success(), open, "{name}: {without}");
    }
    assert_eq!(bench.store.current_revision().unwrap(), before);
    for method in ["POST", "PUT", "DELETE"] {
        let asked = crate::kit::ask(method, "/api/v1/health").without_session();
        let refused = bench.ask(asked.header("authorization", &format!("Bearer {token}"))).await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

#[tokio::test]
async fn a_098_an_owner_makes_the_token_with_a_proof_sees_it_once_and_takes_it_away() {
    let mut bench = Bench::owned().await;
    for asked in [post("/api/v1/health-token"), delete("/api/v1/health-token")] {
        assert_eq!(bench.ask_once(asked).await.code(), "proof-needed");
    }
    assert_eq!(bench.ask(get("/api/v1/health-token")).await.json(), json!({}));
    let first = made(&bench).await;
    assert!(bench.ask(get("/api/v1/health-token")).await.json()["made"].is_u64());
    let second = made(&bench).await;
    assert_eq!(health(&bench, &first).await.status, StatusCode::UNAUTHORIZED, "another one takes its place");
    assert_eq!(health(&bench, &second).await.status, StatusCode::OK);
    let installer = bench.session_as("Piet", Role::Installer, None).await;
    for asked in [get("/api/v1/health-token"), post("/api/v1/health-token"), delete("/api/v1/health-token")] {
        assert_eq!(bench.ask(asked.with(&installer)).await.code(), "not-allowed");
    }
    let with_session = bench.ask(get("/api/v1/health")).await;
    assert_eq!(with_session.code(), "token-wrong", "no session opens it");
    assert_eq!(bench.ask(delete("/api/v1/health-token")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.ask(delete("/api/v1/health-token")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(health(&bench, &second).await.status, StatusCode::UNAUTHORIZED);
    let access = |wish| if let Wish::News(News::Access { what, .. }) = wish { Some(what) } else { None };
    let told: Vec<Access> = bench.wished().into_iter().filter_map(access).collect();
    assert_eq!(told, [Access::WatcherMade, Access::WatcherMade, Access::WatcherGone]);
    let log = bench.ask(get("/api/v1/audit")).await;
    let said: Vec<Value> = log.json().as_array().unwrap().iter().map(|line| line["what"].clone()).collect();
    assert!(said.contains(&json!("POST /api/v1/health-token")) && said.contains(&json!("DELETE /api/v1/health-token")));
    let shown = bench.answers().into_iter().filter(|(asked, text)| {
        asked != "POST /api/v1/health-token" && (text.contains(&first) || text.contains(&second))
    });
    assert_eq!(shown.count(), 0);
}

#[tokio::test]
async fn a_098_who_guesses_the_token_is_written_down_and_told_and_a_program_with_an_old_one_is_no_guesser() {
    let mut bench = Bench::owned().await;
    made(&bench).await;
    bench.wished();
    let told = |bench: &mut Bench| {
        let is_guess = |wish: &Wish| matches!(wish, Wish::Tried(tried) if tried.what == Reason::PageGuessing);
        bench.wished().iter().filter(|wish| is_guess(wish)).count()
    };
    for _ in 0..20 {
        health(&bench, "an old token").await;
    }
    assert_eq!(told(&mut bench), 0, "the same one again and again");
    for guess in 0..20 {
        health(&bench, &format!("guess {guess}")).await;
    }
    assert!(told(&mut bench) > 0);
    let log = bench.ask(get("/api/v1/audit")).await;
    assert!(log.text.contains("health-token-wrong") && !log.text.contains("guess 1"), "{}", log.text);
}
