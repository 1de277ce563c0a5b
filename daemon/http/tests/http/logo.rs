//! A logo is chosen on the page, kept, and reaches a phone's screen; nobody else gets it.

use axum::body::to_bytes;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use centrale_store::Author;
use serde_json::json;

use crate::kit::{Ask, Bench, delete, get, put};
use crate::outfit::{OLD, office};

/// One red pixel.
const PIXEL: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\
    \x00\x01\x08\x02\x00\x00\x00\x90\x77\x53\xde\x00\x00\x00\x0c\x49\x44\x41\x54\x78\xda\x63\
    \x38\xc1\xc0\x00\x00\x02\x5c\x00\xc9\x7d\x35\xc1\xea\x00\x00\x00\x00\x49\x45\x4e\x44\xae\
    \x42\x60\x82";

fn choose(file: &[u8]) -> Ask {
    put("/api/v1/logo").json(&json!({ "png": STANDARD.encode(file) }))
}

async fn shown(bench: &Bench) -> serde_json::Value {
    bench.ask(get("/api/v1/office")).await.json()["logo"].clone()
}

async fn picture(bench: &Bench, ask: Ask) -> (StatusCode, Vec<u8>) {
    let answer = bench.ask_open(ask).await;
    (answer.status(), to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn a_logo_is_on_the_phone_after_it_was_chosen_and_gone_after_it_was_taken_off() {
    let bench = office(1).await;
    let (folder, file) = OLD.set_up(&bench, "201").await;
    assert!(file.text.contains("wallpaper_upload.url = %NULL%"), "{}", file.text);
    assert_eq!(
        (shown(&bench).await, bench.ask(get("/api/v1/logo")).await.status),
        (json!(null), StatusCode::NOT_FOUND)
    );

    assert_eq!(bench.ask(choose(PIXEL)).await.status, StatusCode::OK);
    assert_eq!(picture(&bench, get("/api/v1/logo")).await, (StatusCode::OK, PIXEL.to_vec()));
    assert_eq!(shown(&bench).await["missing"], false);
    let settings = OLD.ask(&bench, &folder, false).await.text;
    let url = settings.lines().find_map(|line| line.strip_prefix("wallpaper_upload.url = ")).unwrap();
    let path = url.split_once(":8443").unwrap().1.to_owned();
    let agent = format!("{} 80:5e:c0:00:00:15", OLD.agent);
    let fetch = |source: &str| get(&path).without_session().from(source).header("user-agent", &agent);
    let (status, drawn) = picture(&bench, fetch("192.168.1.21")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(drawn.starts_with(b"\x89PNG") && drawn != PIXEL, "drawn for its screen");

    let bench = bench.restarted().await;
    assert_eq!(picture(&bench, fetch("192.168.1.21")).await, (StatusCode::OK, drawn), "after a restart, too");
    let mut bench = bench;
    bench.open_session().await;
    assert_eq!(bench.ask(delete("/api/v1/logo")).await.status, StatusCode::OK);
    assert_eq!(picture(&bench, fetch("192.168.1.21")).await.0, StatusCode::NOT_FOUND);
    let settings = OLD.ask(&bench, &folder, false).await.text;
    assert!(settings.contains("wallpaper_upload.url = %NULL%"));
}

#[tokio::test]
async fn a_stranger_and_a_phone_that_is_not_where_it_was_get_no_logo() {
    let bench = office(1).await;
    let (folder, _) = OLD.set_up(&bench, "201").await;
    bench.ask(choose(PIXEL)).await;
    let settings = OLD.ask(&bench, &folder, false).await.text;
    let url = settings.lines().find_map(|line| line.strip_prefix("wallpaper_upload.url = ")).unwrap();
    let name = url.rsplit('/').next().unwrap();
    for path in [format!("/{name}"), format!("/p/{}/{name}", "0".repeat(32)), "/api/v1/logo".to_owned()] {
        let answer = bench.ask(get(&path).without_session().from("192.168.1.99")).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    let stolen = get(url.split_once(":8443").unwrap().1).without_session().from("192.168.1.99");
    assert_eq!(bench.ask(stolen).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused_and_changes_nothing() {
    let bench = office(0).await;
    let before = bench.store.current_revision().unwrap();
    for (file, code) in [(&b"GIF89a"[..], "logo-not-png"), (&[0; 46 * 1024][..], "logo-too-large")] {
        assert_eq!(bench.ask(choose(file)).await.problem(), (422, code.to_owned(), Some("png".to_owned())));
    }
    let no_base64 = put("/api/v1/logo").json(&json!({ "png": "*" }));
    assert_eq!(bench.ask(no_base64).await.code(), "logo-not-png");
    assert_eq!(bench.store.current_revision().unwrap(), before);
}

#[tokio::test]
async fn a_logo_that_an_office_file_names_and_the_box_does_not_have_is_said_to_be_missing_until_it_is_chosen() {
    let bench = office(1).await;
    let (folder, _) = OLD.set_up(&bench, "201").await;
    bench.ask(choose(PIXEL)).await;
    let (_, named) = bench.store.office().unwrap().unwrap();
    let elsewhere = Bench::opened().await;
    let author = Author { who: "apply".into(), when_unix_ms: 0, why: "office file".into() };
    elsewhere.store.commit(&named, elsewhere.store.current_revision().unwrap(), author).unwrap();
    elsewhere.edge.revised().await;
    assert_eq!(shown(&elsewhere).await["missing"], true);
    assert_eq!(elsewhere.ask(get("/api/v1/logo")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(elsewhere.ask(choose(PIXEL)).await.status, StatusCode::OK);
    assert_eq!(shown(&elsewhere).await["missing"], false);
    assert!(!OLD.ask(&bench, &folder, false).await.text.contains("wallpaper_upload.url = %NULL%"));
}
