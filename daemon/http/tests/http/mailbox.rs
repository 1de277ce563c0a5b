//! A person's mailbox on the page.

use axum::http::StatusCode;
use centrale_http::Wish;
use centrale_store::{NewMessage, Role};
use serde_json::json;

use crate::kit::{Bench, delete, get, put};

/// Anna and Bram, and a message for Anna.
async fn office() -> (Bench, u64) {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    bench.add_person("202", "Bram").await;
    let (mailbox, from, from_name) = ("201".into(), "+31612345678".into(), "Piet".into());
    let message =
        NewMessage { mailbox, from, from_name, received_unix_ms: 1_800_000_000_000, voice: vec![0xaa; 16_000] };
    let id = bench.store.insert_message(&message).unwrap().unwrap();
    (bench, id)
}

#[tokio::test]
async fn nobody_has_a_mailbox_until_it_is_chosen_and_what_is_in_it_is_shown_played_and_deleted() {
    let (mut bench, id) = office().await;
    let path = "/api/v1/people/201/mailbox";
    let shown = bench.ask(get(path)).await.json();
    assert_eq!((&shown["after_seconds"], &shown["kept_days"]), (&json!(null), &json!(30)));
    assert_eq!(
        shown["messages"],
        json!([{ "id": id, "from": "+31612345678", "from_name": "Piet", "received_unix_ms": 1_800_000_000_000_u64,
            "length_ms": 2000, "heard": false }])
    );
    assert_eq!(bench.ask(put(path).json(&json!({ "after_seconds": 25 }))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get(path)).await.json()["after_seconds"], 25);
    assert_eq!(bench.ask(put(path).json(&json!({ "after_seconds": 90 }))).await.code(), "voicemail-out-of-range");
    assert_eq!(bench.ask(put(path).json(&json!({ "after_seconds": null }))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get(path)).await.json()["messages"][0]["id"], id, "what is in it stays");

    let sound = format!("/api/v1/people/201/messages/{id}");
    let answer = bench.ask_open(get(&sound)).await;
    assert_eq!(
        (&answer.headers()["content-type"], &answer.headers()["cache-control"]),
        (&"audio/wav".parse().unwrap(), &"no-store".parse().unwrap())
    );
    let file = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert_eq!((&file[..4], file.len()), (&b"RIFF"[..], 58 + 16_000));
    assert_eq!(bench.ask(delete(&sound)).await.status, StatusCode::NO_CONTENT);
    let told = |wish: &Wish| matches!(wish, Wish::MailboxChanged(mailbox) if mailbox == "201");
    assert!(bench.wished().iter().any(told), "the lamp of the phone is told");
    assert_eq!(bench.ask(get(&sound)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.ask(delete(&sound)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_006_a_message_is_given_to_who_is_logged_in_and_from_its_own_mailbox_alone() {
    let (bench, id) = office().await;
    for ask in [
        get(&format!("/api/v1/people/201/messages/{id}")),
        delete(&format!("/api/v1/people/201/messages/{id}")),
        get("/api/v1/people/201/mailbox"),
        put("/api/v1/people/201/mailbox").json(&json!({ "after_seconds": 20 })),
    ] {
        assert_eq!(bench.ask(ask.without_session()).await.status, StatusCode::UNAUTHORIZED);
    }
    for path in [format!("202/messages/{id}"), format!("201/messages/{}", id + 1), "299/mailbox".into()] {
        assert_eq!(bench.ask(get(&format!("/api/v1/people/{path}"))).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(bench.store.messages("201").unwrap().len(), 1);
}

#[tokio::test]
async fn who_called_is_shown_to_the_person_and_an_owner_and_not_to_who_comes_to_set_it_up() {
    let (bench, _) = office().await;
    for (name, role, shown) in [("Anna", Role::Person, 1), ("Piet", Role::Installer, 0)] {
        let session = bench.session_as(name, role, Some("201")).await;
        let mailbox = bench.ask(get("/api/v1/people/201/mailbox").with(&session)).await.json();
        assert_eq!(mailbox["messages"].as_array().unwrap().len(), shown, "{name}");
    }
}
