//! Contacts out of a file: seen before anything changes, taken in, and written as CSV again.

use axum::http::StatusCode;
use serde_json::json;

use crate::kit::{Ask, Bench, get, post};

const FILE: &str =
    "Naam;Bedrijf;Telefoon;Mobiel\nPiet;De Molen;020 765 43 21;06 12 34 56 78\nKees;;;112\nMien;;030 2345678;x\n";

fn sent(path: &str, kind: &str, file: &str) -> Ask {
    post(&format!("/api/v1/contacts/{path}")).text(file).header("content-type", kind)
}

#[tokio::test]
async fn a_file_of_contacts_is_shown_before_it_is_taken_with_the_lines_that_cannot_be() {
    let bench = Bench::opened().await;
    let before = bench.store.office().unwrap();
    let preview = bench.ask(sent("preview", "text/csv", FILE)).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    let read = preview.json();
    assert_eq!((&read["added"], &read["known"], &read["refused_count"]), (&json!(2), &json!(0), &json!(2)));
    let told = |at: usize| [&read["refused"][at]["line"], &read["refused"][at]["name"], &read["refused"][at]["code"]];
    assert_eq!(told(0), [&json!(3), &json!("Kees"), &json!("number-reserved-emergency")]);
    assert_eq!(told(1), [&json!(4), &json!("Mien"), &json!("number-unreadable")]);
    assert_eq!((&read["refused"][0]["rest_taken"], &read["refused"][1]["rest_taken"]), (&json!(false), &json!(true)));
    assert_eq!(bench.store.office().unwrap(), before, "a preview changes nothing");
    let log = bench.ask(get("/api/v1/audit")).await.json();
    assert_eq!(log, json!([]), "nor does the log say that it did");

    let taken = bench.ask(sent("import", "text/csv", FILE)).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    let csv = bench.ask(get("/api/v1/contacts.csv")).await;
    assert_eq!(
        csv.text,
        "name,company,phone 1,phone 2,phone 3,phone 4,phone 5\r\nMien,,+31302345678,,,,\r\n\
         Piet,De Molen,+31207654321,+31612345678,,,\r\n"
    );
    let again = bench.ask(sent("preview", "text/csv", &csv.text)).await.json();
    assert_eq!((&again["added"], &again["known"], &again["refused"]), (&json!(0), &json!(2), &json!([])));
    let nothing = bench.ask(sent("import", "text/csv", &csv.text)).await;
    assert_eq!(nothing.problem(), (422, "contacts-none".into(), Some("file".into())));
}

#[tokio::test]
async fn cards_are_taken_as_well_and_what_is_neither_says_so() {
    let bench = Bench::opened().await;
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Truus\r\nTEL:0612345678\r\nEND:VCARD\r\n";
    assert_eq!(bench.ask(sent("import", "text/vcard", card)).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/contacts")).await.json()["contacts"][0]["name"], "Truus");
    for path in ["preview", "import"] {
        let wrong = bench.ask(sent(path, "text/csv", "prefix;price\n31;0,02\n")).await;
        assert_eq!(wrong.problem(), (422, "columns-unknown".into(), Some("file".into())));
        let kind = bench.ask(sent(path, "application/json", "{}")).await;
        assert_eq!(kind.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let stranger = bench.ask(sent(path, "text/csv", FILE).without_session()).await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    }
}
