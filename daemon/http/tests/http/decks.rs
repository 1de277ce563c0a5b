//! A provider's prices: taken in whole or not at all, shown, told to the exchange, kept.

use centrale_call_control::Decks;
use centrale_http::Wish;
use centrale_ledger::{Country, Plan};
use centrale_store::DeckRow;
use serde_json::{Value, json};

use crate::kit::{Ask, Bench, TWO_DAYS_MS, delete, get, post, put, unix_ms};

const DECK: &str = "/api/v1/trunks/provider/deck";

/// Today in UTC; the office's day is the same or the next one, and both are well within what counts.
fn today() -> centrale_config::Date {
    let days = crate::kit::unix_ms() / 86_400_000;
    centrale_config::Date::from_days(u32::try_from(days).unwrap())
}

fn days_ago(days: u32) -> String {
    centrale_config::Date::from_days(today().days() - days).to_string()
}

fn taking(path: &str, valid_from: &str, csv: &str) -> Ask {
    put(&format!("{path}?valid_from={valid_from}&vat_included=true")).text(csv).header("content-type", "text/csv")
}

async fn put_trunk(bench: &Bench, name: &str, server: &str) {
    let trunk = json!({
        "server": server, "transport": "udp", "username": "office", "password": "secret of the provider",
        "register": true, "numbers": [format!("+3120123456{}", name.len() % 10)],
    });
    let answer = bench.ask(put(&format!("/api/v1/trunks/{name}")).json(&trunk)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn with_provider() -> Bench {
    let bench = Bench::owned().await;
    put_trunk(&bench, "provider", "sip.example.net").await;
    bench
}

/// What the exchange was told last.
fn told(bench: &mut Bench) -> Option<Decks> {
    let decks = |wish| if let Wish::Decks(decks) = wish { Some(decks) } else { None };
    bench.wished().into_iter().filter_map(decks).next_back()
}

/// The price of a minute in hundredths of a cent, as the exchange was told it.
fn minute(decks: &Decks, trunk: &str, dialled: &str) -> Option<u64> {
    let deck = decks.get(trunk)?;
    let tariff = deck.tariff_on(today(), &Plan::of(Country::Netherlands, "").normalise(dialled))?;
    Some(tariff.minute.ten_thousandths())
}

async fn shown(bench: &Bench) -> Value {
    bench.ask(get(DECK)).await.json()["deck"].clone()
}

#[tokio::test]
async fn a_deck_is_read_shown_told_to_the_exchange_and_there_after_a_restart() {
    let mut bench = with_provider().await;
    assert_eq!(shown(&bench).await, Value::Null);
    let csv =
        "prefix;bestemming;prijs per minuut;notitie\n31;Nederland;0,0121;x\n316;Mobiel;0,05;\n49;Duitsland;0,02;\n";
    let answer = bench.ask(taking(DECK, &days_ago(3), csv)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let deck = answer.json()["deck"].clone();
    assert_eq!((&deck["rows"], &deck["currency"], &deck["countries"]), (&json!(3), &json!("EUR"), &json!(1)));
    assert_eq!((&deck["valid_from"], &deck["state"]), (&json!(days_ago(3)), &json!("counts")));
    assert!((41..=42).contains(&deck["days_left"].as_u64().unwrap()), "{deck}");
    assert_eq!(deck["unread_columns"], json!(["notitie"]));
    let priced = |class: &str, priced: &str| json!({ "class": class, "priced": priced });
    assert_eq!(
        deck["classes"],
        json!([
            priced("national", "all"),
            priced("mobile", "all"),
            priced("shared-cost", "none"),
            priced("premium-per-minute", "none")
        ])
    );
    assert_eq!(shown(&bench).await, deck);
    let decks = told(&mut bench).unwrap();
    assert_eq!(minute(&decks, "provider", "0201234567"), Some(121));
    let bench = bench.restarted().await;
    assert_eq!(minute(&bench.edge.decks().await, "provider", "0612345678"), Some(500));
}

#[tokio::test]
async fn vat_that_is_not_in_the_prices_is_added_and_stays_so_over_a_restart() {
    let bench = with_provider().await;
    let path = format!("{DECK}?valid_from={}&vat_included=false", days_ago(0));
    let answer = bench.ask(put(&path).text("prefix;price\n49;0,10\n").header("content-type", "text/csv")).await;
    assert_eq!(answer.json()["deck"]["vat_included"], false, "{}", answer.text);
    let bench = bench.restarted().await;
    assert_eq!(minute(&bench.edge.decks().await, "provider", "+493012345678"), Some(1_210));
}

#[tokio::test]
async fn of_a_wrong_file_every_line_is_named_and_nothing_changes() {
    let mut bench = with_provider().await;
    assert_eq!(bench.ask(taking(DECK, &days_ago(0), "prefix;price\n49;0,02\n")).await.status, 200);
    let before = shown(&bench).await;
    told(&mut bench);
    let answer = bench.ask(taking(DECK, &days_ago(0), "prefix;price\n49;cheap\n31;0,01\nx;0,01\n")).await;
    assert_eq!(answer.problem(), (422, "deck-wrong".to_owned(), None));
    let lines = answer.json()["lines"].clone();
    let seen: Vec<_> =
        lines.as_array().unwrap().iter().map(|line| (line["line"].clone(), line["code"].clone())).collect();
    assert_eq!(seen, [(json!(2), json!("amount")), (json!(4), json!("prefix"))]);
    assert!(lines[0]["detail"].as_str().unwrap().starts_with("\"cheap\" is no price"), "{lines}");
    for (file, code) in [("", "empty"), ("Rates\n1;2\n", "no-column"), ("p\0r\0", "not-text")] {
        let answer = bench.ask(taking(DECK, &days_ago(0), file)).await;
        assert_eq!((answer.code().as_str(), &answer.json()["lines"][0]["code"]), ("deck-wrong", &json!(code)));
    }
    assert_eq!(shown(&bench).await, before);
    assert!(told(&mut bench).is_none());
}

#[tokio::test]
async fn what_is_no_day_too_old_too_large_or_of_nobody_is_refused() {
    let bench = with_provider().await;
    let csv = "prefix;price\n49;0,02\n";
    for (ask, problem) in [
        (taking(DECK, "yesterday", csv), (422, "day-unknown", Some("valid_from"))),
        (taking(DECK, &days_ago(47), csv), (422, "deck-too-old", Some("valid_from"))),
        (taking("/api/v1/trunks/nobody/deck", &days_ago(0), csv), (404, "not-found", None)),
        (get("/api/v1/trunks/nobody/deck"), (404, "not-found", None)),
        (taking(DECK, &days_ago(0), &"1".repeat(8_000_001)), (413, "too-large", None)),
        (put(&format!("{DECK}?valid_from={}&vat_included=true", days_ago(0))).json(&json!({})), (415, "not-csv", None)),
    ] {
        let (status, code, field) = problem;
        assert_eq!(bench.ask(ask).await.problem(), (status, code.to_owned(), field.map(str::to_owned)));
    }
    for ask in [get(DECK), delete(DECK), taking(DECK, &days_ago(0), csv)] {
        assert_eq!(bench.ask(ask.without_session()).await.status, 401);
    }
}

#[tokio::test]
async fn a_deck_goes_when_it_is_taken_away_or_when_its_provider_is_another_one() {
    let mut bench = with_provider().await;
    let take = || taking(DECK, &days_ago(0), "prefix;price\n49;0,02\n");
    assert_eq!(bench.ask(take()).await.status, 200);
    assert_eq!(bench.ask(delete(DECK)).await.status, 204);
    assert_eq!((shown(&bench).await, told(&mut bench)), (Value::Null, Some(Decks::new())));
    // Another port is the same provider, another host is not.
    for (server, stays) in [("sip.example.net:5070", true), ("sip.example.org", false)] {
        put_trunk(&bench, "provider", "sip.example.net").await;
        assert_eq!(bench.ask(take()).await.status, 200);
        put_trunk(&bench, "provider", server).await;
        assert_eq!(shown(&bench).await != Value::Null, stays, "{server}");
    }
    // A trunk of the same name that comes later is another one.
    assert_eq!(bench.ask(take()).await.status, 200);
    assert_eq!(bench.ask(delete("/api/v1/trunks/provider")).await.status, 200);
    assert_eq!(told(&mut bench), Some(Decks::new()));
    put_trunk(&bench, "provider", "sip.example.org").await;
    assert_eq!(shown(&bench).await, Value::Null);
    assert_eq!(bench.store.decks().unwrap(), []);
}

#[tokio::test]
async fn a_120_the_good_prices_are_back_whatever_is_taken_back_first_the_provider_or_its_prices() {
    for prices_first in [true, false] {
        let mut bench = with_provider().await;
        let then = unix_ms() - TWO_DAYS_MS;
        let good = DeckRow {
            trunk: "provider".into(),
            host: "sip.example.net".into(),
            valid_from: today().days() - 2,
            vat_per_mille: 0,
            taken_unix_ms: then,
            csv: b"prefix;price\n49;0,02\n".to_vec(),
        };
        bench.store.change_deck("provider", Some(good.clone()), "admin", then).unwrap();
        let first = bench.store.untold_deeds().unwrap()[0].number;
        bench.store.tell_deed(first, then, |_| Vec::new()).unwrap();
        put_trunk(&bench, "provider", "sip.thief.example").await;
        assert_eq!(bench.ask(taking(DECK, &days_ago(0), "prefix;price\n49;0,0001\n")).await.status, 200);
        let taken_back = post(&format!("/api/v1/undos/{}", bench.store.undos().unwrap()[0].number));
        if prices_first {
            assert_eq!(bench.ask(taken_back.clone()).await.status, 200);
            assert_eq!(shown(&bench).await, Value::Null, "they are of another provider");
        }
        put_trunk(&bench, "provider", "sip.example.net").await;
        if !prices_first {
            assert_eq!(bench.ask(taken_back).await.status, 200);
        }
        assert_eq!(bench.store.decks().unwrap(), [good]);
        assert_eq!(minute(&told(&mut bench).unwrap(), "provider", "+493012345678"), Some(200));
    }
}

#[tokio::test]
async fn a_deck_is_read_anew_when_the_office_moves_to_the_other_country() {
    let mut bench = with_provider().await;
    assert_eq!(bench.ask(taking(DECK, &days_ago(0), "prefix;price\n0900;0,90\n0497;0,05\n")).await.status, 200);
    let office = bench.ask(get("/api/v1/office")).await.json()["identity"].clone();
    let mut moved = office.clone();
    moved["country"] = json!("BE");
    moved["area_code"] = json!("02");
    let answer = bench.ask(put("/api/v1/office/identity").json(&moved)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let decks = told(&mut bench).unwrap();
    assert_eq!(decks["provider"].country(), Country::Belgium);
    let mobile = Plan::of(Country::Belgium, "").normalise("0497123456");
    assert!(decks["provider"].tariff_on(today(), &mobile).is_some());
}

#[tokio::test]
async fn more_decks_than_the_box_has_room_for_are_refused_until_one_goes() {
    let bench = Bench::owned().await;
    for number in 0..9 {
        put_trunk(&bench, &format!("{}{number}", "p".repeat(number)), "sip.example.net").await;
    }
    let path = |number: usize| format!("/api/v1/trunks/{}{number}/deck", "p".repeat(number));
    let csv = "prefix;price\n49;0,02\n";
    for number in 0..8 {
        assert_eq!(bench.ask(taking(&path(number), &days_ago(0), csv)).await.status, 200);
    }
    assert_eq!(bench.ask(taking(&path(8), &days_ago(0), csv)).await.code(), "deck-too-many");
    assert_eq!(bench.ask(taking(&path(0), &days_ago(0), csv)).await.status, 200, "in place of its own");
    assert_eq!(bench.ask(delete(&path(0))).await.status, 204);
    assert_eq!(bench.ask(taking(&path(8), &days_ago(0), csv)).await.status, 200);
}
