//! What is open to whom: every operation of the document, both ports, every method.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::kit::{Ask, Bench, ask, get, post};

/// Open to everybody, by design.
const OPEN: &[&str] = &[
    "get /api/v1/session",
    "post /api/v1/session",
    "post /api/v1/session/join",
    "post /api/v1/session/passkey",
    "post /api/v1/session/passkey/challenge",
    "post /api/v1/setup",
    "get /health",
];

/// Every operation of the API, with something in the place of its parameters.
pub(crate) fn operations() -> Vec<(String, Ask)> {
    let document = serde_json::to_value(centrale_http::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let real = path.replace("{number}", "201").replace("{mac}", "805ec0000001");
            let real = real.replace("{name}", "provider").replace("{id}", "77");
            let asked = ask(&method.to_uppercase(), &real).json(&json!({}));
            all.push((format!("{method} {path}"), asked));
        }
    }
    assert!(all.len() > 25, "the document has the whole API");
    all
}

fn writes() -> impl Iterator<Item = (String, Ask)> {
    operations().into_iter().filter(|(name, _)| !name.starts_with("get ") && !OPEN.contains(&name.as_str()))
}

#[tokio::test]
async fn without_a_session_there_is_nothing_but_the_way_in() {
    let bench = Bench::opened().await;
    for (name, asked) in operations() {
        let status = bench.ask(asked.without_session()).await.status;
        assert_eq!(status != StatusCode::UNAUTHORIZED, OPEN.contains(&name.as_str()), "{name}: {status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_without_the_token_of_its_session_is_refused() {
    let mut bench = Bench::opened().await;
    let (cookie, csrf) = bench.admin.take().unwrap();
    let other = {
        bench.open_session().await;
        bench.admin.take().unwrap().1
    };
    assert_ne!(csrf, other);
    for (name, asked) in writes() {
        // As slowly as one session may ask.
        tokio::time::advance(Duration::from_secs(1)).await;
        let asked = asked.header("cookie", &cookie);
        for wrong in [None, Some(""), Some(other.as_str()), Some("AAAA")] {
            let asked = match wrong {
                Some(token) => asked.clone().header("x-centrale-csrf", token),
                None => asked.clone(),
            };
            assert_eq!(bench.ask(asked).await.problem(), (403, "csrf".into(), None), "{name}, {wrong:?}");
        }
        let right = bench.ask(asked.header("x-centrale-csrf", &csrf)).await;
        assert!(right.status != StatusCode::FORBIDDEN || right.code() == "proof-needed", "{name}");
        if name == "delete /api/v1/session" {
            break;
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_can_write_nothing_and_the_boxs_own_can() {
    let bench = Bench::opened().await;
    let body = json!({ "number": "201", "name": "Anna" });
    for origin in [
        "https://evil.example",
        "null",
        "http://192.168.1.2:8443",
        "https://192.168.1.2",
        "https://192.168.1.2:8443.evil",
    ] {
        let refused = bench.ask(post("/api/v1/people").json(&body).header("origin", origin)).await;
        assert_eq!(refused.problem(), (403, "csrf".into(), None), "{origin}");
        let login = post("/api/v1/session").json(&json!({ "password": "x" })).header("origin", origin);
        assert_eq!(bench.ask(login).await.code(), "csrf", "not even a login");
    }
    let own = post("/api/v1/people").json(&body).header("origin", "https://192.168.1.2:8443");
    assert_eq!(bench.ask(own).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_port_in_clear_has_no_api_and_no_page() {
    let bench = Bench::opened().await;
    let nothing = bench.ask(get("/b/00000000000000000000000000000000/805ec0000001.cfg").in_clear()).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    for path in ["/api/v1/session", "/api/v1/office", "/health", "/index.html", "/people", "/api/v1/openapi.json"] {
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
            let answer = bench.ask(ask(method, path).in_clear()).await;
            assert_eq!((answer.status, &answer.text), (nothing.status, &nothing.text), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn who_forgets_the_s_is_sent_to_the_page_at_the_same_host() {
    let bench = Bench::new().await;
    for (host, to) in [
        ("centrale.local:8080", "https://centrale.local:0/"),
        ("192.168.1.2", "https://192.168.1.2:0/"),
        ("[fd00::2]:8080", "https://[fd00::2]:0/"),
        ("\\evil", "https://192.168.1.2:0/"),
    ] {
        let answer = bench.ask(get("/").in_clear().header("host", host)).await;
        assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(answer.headers[header::LOCATION], to, "{host}");
    }
}

#[tokio::test]
async fn bodies_are_json_of_at_most_64_kib_and_a_refusal_does_not_repeat_them() {
    let bench = Bench::opened().await;
    let form = post("/api/v1/people").header("content-type", "text/plain").text("{\"number\":\"201\",\"name\":\"A\"}");
    assert_eq!(bench.ask(form).await.problem(), (415, "not-json".into(), None));
    let long = json!({ "number": "201", "name": "A".repeat(65 * 1024) });
    assert_eq!(bench.ask(post("/api/v1/people").json(&long)).await.problem(), (413, "too-large".into(), None));
    let odd = bench.ask(post("/api/v1/people").json(&json!({ "number": ["hunter2hunter2"], "name": 1 }))).await;
    assert_eq!(odd.problem(), (400, "malformed".into(), None));
    assert!(!odd.text.contains("hunter2"), "{}", odd.text);
}

#[tokio::test]
async fn what_is_not_there_is_a_404_with_the_same_words_to_everybody() {
    let bench = Bench::opened().await;
    let known = bench.ask(get("/api/v1/nothing")).await;
    assert_eq!(known.problem(), (404, "not-found".into(), None));
    assert_eq!(bench.ask(get("/api/v1/nothing").without_session()).await.text, known.text);
    assert_eq!(bench.ask(ask("PATCH", "/api/v1/office")).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn every_answer_over_https_forbids_foreign_scripts_frames_and_caches() {
    let bench = Bench::opened().await;
    for path in ["/", "/api/v1/office", "/api/v1/nothing", "/p/x/y.cfg", "/health", "/nothing.js"] {
        let answer = bench.ask(get(path)).await;
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").starts_with("default-src 'self'"), "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(["no-store", "no-cache"].contains(&header("cache-control").as_str()), "{path}");
    }
    assert!(bench.ask(get("/health").without_session()).await.json()["version"] == "0.0.0-test");
}

#[tokio::test]
async fn odd_bodies_and_odd_paths_are_refused_with_a_code_and_never_a_fault() {
    let bench = Bench::opened().await;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let texts =
        ["", "null", "[]", "{}", "\"x\"", "1e999", "{\"number\":", "\u{feff}{}", "{\"minutes\":-1}", deep.as_str()];
    let odd_numbers = ["%00", "%ff", "..%2f..", "201%0d%0aX: y", "\u{202e}", "-1", "999999999999999999999999"];
    let document = serde_json::to_value(centrale_http::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|method| *method != "get") {
            if (method.as_str(), path.as_str()) == ("delete", "/api/v1/session") {
                continue;
            }
            let method = method.to_uppercase();
            for text in texts {
                let asked = ask(&method, &path.replace(['{', '}'], "")).header("content-type", "application/json");
                let answer = bench.ask(asked.text(text)).await;
                assert!(
                    answer.status.is_success() || answer.problem().0 < 500,
                    "{method} {path} {text:.40}: {answer:?}"
                );
            }
            for odd in odd_numbers.iter().filter(|_| path.contains('{')) {
                let (start, rest) = path.split_once('{').unwrap();
                let real = format!("{start}{}{}", escaped(odd), rest.split_once('}').unwrap().1);
                let refused = bench.ask(ask(&method, &real).json(&json!({ "name": "x", "to": "201" }))).await.problem();
                assert!((400..500).contains(&refused.0), "{method} {real}: {refused:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_question_that_is_none_is_refused_in_the_same_form() {
    let bench = Bench::opened().await;
    for path in ["/api/v1/calls?limit=many", "/api/v1/calls?limit=-1", "/api/v1/revisions?limit=1e9"] {
        assert_eq!(bench.ask(get(path)).await.problem(), (400, "malformed".into(), None), "{path}");
    }
}

/// A path may hold ASCII only.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_graphic() { char::from(byte).to_string() } else { format!("%{byte:02x}") };
    text.bytes().map(byte).collect()
}

#[tokio::test(start_paused = true)]
async fn a_130_whoever_asks_without_end_is_told_to_wait_and_for_how_long_and_stops_calls_all_the_same() {
    let bench = Bench::opened().await;
    let other = bench.session_as("Bea", centrale_store::Role::Reception, None).await;
    let mut refused = None;
    for _ in 0..400 {
        let answer = bench.ask(get("/api/v1/costs")).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.problem(), (429, "wait".into(), None));
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    let stop = post("/api/v1/stops").json(&serde_json::json!({ "stop": "outgoing" }));
    assert_eq!(bench.ask(stop).await.status, StatusCode::ACCEPTED);
    assert_eq!(bench.ask(get("/api/v1/costs").with(&other)).await.status, StatusCode::OK, "nobody else waits");
    let stranger = |path: &str| get(path).without_session().from("203.0.113.9");
    let mut answers = Vec::new();
    for _ in 0..350 {
        answers.push(bench.ask(stranger("/api/v1/session")).await.status);
    }
    assert_eq!(answers.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(bench.ask(stranger("/api/v1/users")).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_130_no_index_is_made_of_the_page_and_an_error_says_nothing_of_the_inside() {
    let bench = Bench::opened().await;
    let robots = bench.ask(get("/robots.txt").without_session()).await;
    assert_eq!((robots.status, robots.text.as_str()), (StatusCode::OK, "User-agent: *\nDisallow: /\n"));
    for odd in ["/api/v1/people/%ff", "/api/v1/calls?limit=x", "/api/v1/incidents/%00"] {
        let answer = bench.ask(get(odd)).await;
        assert!(answer.status.is_client_error(), "{odd}");
        for inside in ["panicked", "sqlite", ".rs", "axum", "serde"] {
            assert!(!answer.text.to_lowercase().contains(inside), "{odd}: {}", answer.text);
        }
    }
}
