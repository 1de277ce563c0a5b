//! Calls on paper: exported, and held against a provider's bill.

use centrale_store::{CallRow, LegRow, QualityRow};
use serde_json::{Value, json};

use crate::kit::{Answer, Ask, Bench, get, post};

/// 25 October 2026, 00:30 UTC: half past two of summer time, an hour before half past two of winter time.
const SUMMER: u64 = 1_792_888_200_000;
const HOUR: u64 = 3_600_000;

/// A call outside: it rang for five seconds and was talked for a minute.
pub(crate) fn outgoing(id: &str, number: &str, started: u64) -> CallRow {
    let leg = |side: &str, number: &str, trunk: Option<&str>| LegRow {
        side: side.into(),
        number: number.into(),
        account: None,
        trunk: trunk.map(str::to_owned),
        placed: trunk.is_some(),
        codec: Some("PCMA/8000".into()),
        started_unix_ms: started,
        answered_unix_ms: Some(started + 5000),
        ended_unix_ms: started + 65_000,
        status: 0,
    };
    CallRow {
        id: id.into(),
        direction: "outgoing".into(),
        from: "201".into(),
        from_name: "Anna".into(),
        to: number.into(),
        class: Some("mobile".into()),
        price: Some(363),
        spoofed: false,
        withheld: false,
        marks: None,
        line: None,
        answered_by: None,
        transferred_by: None,
        trunk: Some("provider".into()),
        started_unix_ms: started,
        answered_unix_ms: Some(started + 5000),
        ended_unix_ms: started + 65_000,
        outcome: "answered".into(),
        cause: Some("caller-hung-up".into()),
        status: 0,
        emergency: false,
        caller: QualityRow { packets: 3000, lost: 3, jitter_ms: 1.5, ..QualityRow::default() },
        callee: QualityRow::default(),
        legs: vec![leg("caller", "201", None), leg("callee", number, Some("provider"))],
    }
}

fn csv(path: &str, text: &str) -> Ask {
    post(path).text(text).header("content-type", "text/csv")
}

fn rows(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The cells of a column.
fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let at = rows[0].iter().position(|cell| cell == name).unwrap();
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

#[tokio::test]
async fn a_041_times_are_exported_with_the_offset_of_their_own_moment() {
    let bench = Bench::opened().await;
    // The later one was written first.
    for (id, started) in [("winter", SUMMER + HOUR), ("summer", SUMMER)] {
        bench.store.insert_call(&outgoing(id, "+31612345678", started)).unwrap();
    }
    let answer = bench.ask(get("/api/v1/calls.csv")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"calls.csv\"");
    let rows = rows(&answer);
    assert_eq!(column(&rows, "started"), ["2026-10-25T02:30:00.000+02:00", "2026-10-25T02:30:00.000+01:00"]);
    assert_eq!(column(&rows, "answered")[1], "2026-10-25T02:30:05.000+01:00");
    assert_eq!(column(&rows, "to"), ["+31612345678", "+31612345678"]);
    assert_eq!((column(&rows, "seconds")[0].as_str(), column(&rows, "price_eur")[0].as_str()), ("60", "0.0363"));
    assert_eq!(column(&rows, "cause"), ["caller-hung-up", "caller-hung-up"]);
    let json = bench.ask(get("/api/v1/calls.json")).await.json();
    assert_eq!(json["calls"][0]["started"], "2026-10-25T02:30:00.000+02:00");
    assert_eq!(json["calls"][1]["legs"][1]["ended"], "2026-10-25T02:31:05.000+01:00");
    assert_eq!(json["time_zone"], "Europe/Amsterdam");
}

#[tokio::test]
async fn a_day_is_one_of_the_offices_calendar() {
    let bench = Bench::opened().await;
    // Half past midnight of the 25th in Amsterdam is still the 24th in UTC.
    for (id, started) in [("24th", SUMMER - 4 * HOUR), ("25th", SUMMER - 2 * HOUR), ("26th", SUMMER + 23 * HOUR)] {
        bench.store.insert_call(&outgoing(id, "+31612345678", started)).unwrap();
    }
    for (query, expected) in [
        ("?from=2026-10-25&to=2026-10-25", vec!["25th"]),
        ("?from=2026-10-25", vec!["25th", "26th"]),
        ("?to=2026-10-24", vec!["24th"]),
        ("?from=2026-11-01", vec![]),
        ("", vec!["24th", "25th", "26th"]),
    ] {
        let answer = bench.ask(get(&format!("/api/v1/calls.csv{query}"))).await;
        assert_eq!(column(&rows(&answer), "id"), expected, "{query}");
        let json = bench.ask(get(&format!("/api/v1/calls.json{query}"))).await.json();
        assert_eq!(json["calls"].as_array().unwrap().len(), expected.len(), "{query}");
    }
    for (query, code, field) in [
        ("?from=yesterday", "day-unknown", "from"),
        ("?to=2026-02-30", "day-unknown", "to"),
        ("?from=2026-10-26&to=2026-10-25", "days-reversed", "to"),
    ] {
        let problem = bench.ask(get(&format!("/api/v1/calls.csv{query}"))).await.problem();
        assert_eq!(problem, (422, code.to_owned(), Some(field.to_owned())), "{query}");
    }
}

#[tokio::test]
async fn a_name_that_would_be_a_formula_is_a_text_and_a_spreadsheet_gets_its_mark_and_semicolons() {
    let bench = Bench::opened().await;
    let evil = CallRow { from_name: "=HYPERLINK(\"http://x\")".into(), ..outgoing("a", "+31612345678", SUMMER) };
    bench.store.insert_call(&evil).unwrap();
    let answer = bench.ask(get("/api/v1/calls.csv?bom=true&separator=semicolon")).await;
    assert!(answer.text.starts_with("\u{feff}sequence;id;direction;from;"), "{}", answer.text);
    assert!(answer.text.contains(";\"'=HYPERLINK(\"\"http://x\"\")\";+31612345678;"), "{}", answer.text);
    let plain = bench.ask(get("/api/v1/calls.csv")).await.text;
    assert!(plain.starts_with("sequence,id,direction,"), "{plain}");
}

#[tokio::test]
async fn a_017_a_caller_under_a_number_of_the_office_is_marked_in_the_log_and_in_every_export() {
    let bench = Bench::opened().await;
    for (id, spoofed) in [("true", true), ("plain", false)] {
        bench.store.insert_call(&CallRow { spoofed, ..outgoing(id, "201", SUMMER) }).unwrap();
    }
    let log = bench.ask(get("/api/v1/calls")).await.json();
    assert_eq!([&log["calls"][0]["spoofed"], &log["calls"][1]["spoofed"]], [false, true]);
    let json: Value = serde_json::from_str(&bench.ask(get("/api/v1/calls.json")).await.text).unwrap();
    assert_eq!([&json["calls"][0]["spoofed"], &json["calls"][1]["spoofed"]], [true, false]);
    let csv = bench.ask(get("/api/v1/calls.csv")).await.text;
    let column = csv.lines().next().unwrap().split(',').position(|name| name == "spoofed").unwrap();
    let cells: Vec<&str> = csv.lines().skip(1).take(2).map(|line| line.split(',').nth(column).unwrap()).collect();
    assert_eq!(cells, ["true", "false"]);
}

/// A call outside that nobody answered: how it ended, and the statuses with which its called sides refused it.
fn refused(id: &str, (outcome, status): (&str, u16), said: &[(Option<&str>, u16)]) -> CallRow {
    let call = outgoing(id, "+31612345678", SUMMER);
    let caller = LegRow { answered_unix_ms: None, status, ..call.legs[0].clone() };
    let leg = |&(trunk, status): &(Option<&str>, u16)| LegRow {
        trunk: trunk.map(str::to_owned),
        placed: true,
        answered_unix_ms: None,
        status,
        ..call.legs[1].clone()
    };
    let legs = said.iter().map(leg).chain([caller]).collect();
    CallRow { answered_unix_ms: None, outcome: outcome.into(), status, legs, ..call }
}

#[tokio::test]
async fn the_log_says_who_refused_a_call_and_with_what() {
    let bench = Bench::opened().await;
    let (one, two) = (Some("one"), Some("two"));
    for call in [
        refused("asked-two", ("refused", 404), &[(one, 503), (two, 404)]),
        refused("silent", ("no-answer", 480), &[(one, 408)]),
        refused("declined", ("refused", 603), &[(None, 603), (None, 0)]),
        refused("rang-out", ("no-answer", 480), &[(None, 0)]),
        refused("against-a-rule", ("blocked", 403), &[(one, 403)]),
        refused("given-up", ("abandoned", 487), &[(one, 0)]),
        outgoing("answered", "+31612345678", SUMMER),
    ] {
        bench.store.insert_call(&call).unwrap();
    }
    let log = bench.ask(get("/api/v1/calls")).await.json();
    let shown: Vec<_> = log["calls"].as_array().unwrap().iter().map(|call| call["refusal"].clone()).collect();
    let told = [
        Value::Null,
        Value::Null,
        json!({ "by": "box", "status": 403 }),
        json!({ "by": "box", "status": 480 }),
        json!({ "by": "phone", "status": 603 }),
        json!({ "by": "provider", "status": 408, "trunk": "one" }),
        json!({ "by": "provider", "status": 404, "trunk": "two" }),
    ];
    assert_eq!(shown, told);
}

#[tokio::test]
async fn a_095_a_call_that_somebody_marked_shows_it_in_the_log_and_the_mark_is_in_every_export_and_in_the_chain() {
    let bench = Bench::opened().await;
    let threat = CallRow { direction: "incoming".into(), ..outgoing("threat", "201", SUMMER) };
    let mark = CallRow { marks: Some("threat".into()), trunk: None, ..outgoing("mark", "*57", SUMMER + HOUR) };
    for call in [&threat, &outgoing("other", "+31612345678", SUMMER), &mark] {
        bench.store.insert_call(call).unwrap();
    }
    let log = bench.ask(get("/api/v1/calls")).await.json();
    let shown: Vec<_> = log["calls"].as_array().unwrap().iter().map(|call| (&call["id"], &call["malicious"])).collect();
    assert_eq!(
        shown,
        [(&json!("mark"), &json!(false)), (&json!("other"), &json!(false)), (&json!("threat"), &json!(true))]
    );
    assert_eq!(log["calls"][0]["marks"], "threat");
    assert_eq!(column(&rows(&bench.ask(get("/api/v1/calls.csv")).await), "marks"), ["", "", "threat"]);
    assert_eq!(bench.ask(get("/api/v1/calls.json")).await.json()["calls"][2]["marks"], "threat");
    assert_eq!(bench.store.verify_calls(None).unwrap().unwrap().last, 3);
}

#[tokio::test]
async fn a_102_a_withheld_number_is_masked_in_every_export() {
    let bench = Bench::opened().await;
    let call = outgoing("in", "201", SUMMER);
    let caller = LegRow { number: "+31687654321".into(), ..call.legs[0].clone() };
    let withheld = CallRow {
        direction: "incoming".into(),
        from: "+31687654321".into(),
        from_name: "Somebody".into(),
        withheld: true,
        legs: vec![caller],
        ..call
    };
    bench.store.insert_call(&withheld).unwrap();
    // Who of the office called without being shown is no secret of the office's.
    bench.store.insert_call(&CallRow { withheld: true, ..outgoing("out", "+31612345678", SUMMER + HOUR) }).unwrap();
    for path in ["/api/v1/calls.csv", "/api/v1/calls.json"] {
        let text = bench.ask(get(path)).await.text;
        assert!(!text.contains("687654321") && !text.contains("Somebody"), "{text}");
        assert!(text.contains("anonymous") && text.contains("Anna"), "{text}");
    }
}

#[tokio::test]
async fn a_019_an_export_holds_the_end_of_the_chain_and_every_record_its_hash() {
    let bench = Bench::opened().await;
    for number in 0..503_u64 {
        bench.store.insert_call(&outgoing(&number.to_string(), "+31612345678", SUMMER + number * 1000)).unwrap();
    }
    let json = long(&bench, "/api/v1/calls.json").await;
    let json: Value = serde_json::from_str(&json).unwrap();
    let calls = json["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 503, "more than the store gives at once");
    assert_eq!((&json["chain"]["sequence"], &json["chain"]["hash"]), (&json!(503), &calls[502]["hash"]));
    let noted = json["chain"]["hash"].as_str().unwrap().parse().unwrap();
    bench.store.insert_call(&outgoing("later", "+31612345678", SUMMER)).unwrap();
    assert!(bench.store.verify_calls(Some(noted)).unwrap().is_ok());
    assert_eq!(long(&bench, "/api/v1/calls.csv").await.lines().count(), 505);
}

/// An answer longer than the kit's ordinary ones.
async fn long(bench: &Bench, path: &str) -> String {
    let body = bench.ask_open(get(path)).await.into_body();
    String::from_utf8(axum::body::to_bytes(body, 1 << 24).await.unwrap().to_vec()).unwrap()
}

/// Our calls at ten past each hour of a day, and the provider's bill of them.
fn a_day(bench: &Bench) -> String {
    let mut bill = "Datum;Tijd;Gebeld nummer;Duur;Prijs (EUR)\r\n".to_owned();
    for hour in 8..18_u64 {
        // 2 November 2026, 00:10 in Amsterdam.
        let started = 1_793_574_600_000 + hour * HOUR;
        bench.store.insert_call(&outgoing(&format!("c{hour}"), "+31612345678", started)).unwrap();
        bill.push_str(&format!("02-11-2026;{hour:02}:10:04;0031612345678;0:01:00;0,0363\r\n"));
    }
    bill
}

#[tokio::test]
async fn a_060_three_calls_too_many_on_a_providers_bill_are_three_differences() {
    let bench = Bench::opened().await;
    let bill = a_day(&bench);
    let agreed = bench.ask(csv("/api/v1/calls/compare", &bill)).await.json();
    assert_eq!(
        (&agreed["matched"], &agreed["only_billed"], &agreed["only_here"]),
        (&json!(10), &json!([]), &json!([]))
    );
    assert_eq!((&agreed["different"], &agreed["unread"], &agreed["left_out"]), (&json!([]), &json!([]), &json!(0)));
    assert_eq!(bench.ask(get("/api/v1/audit")).await.json(), json!([]), "nothing was changed");
    let padded = bill
        + "02-11-2026;12:30:00;0906-1234567;600;9,00\r\n02-11-2026;08:10:04;0612345678;60;0,0363\r\n\
           02-11-2026;17:55;0031201234567;0:00:05;0,01\r\n";
    let compared = bench.ask(csv("/api/v1/calls/compare", &padded)).await.json();
    assert_eq!(compared["matched"], 10);
    let extra = compared["only_billed"].as_array().unwrap();
    let lines: Vec<_> =
        extra.iter().map(|call| (call["line"].as_u64().unwrap(), call["number"].as_str().unwrap())).collect();
    // A call that stands twice on the bill is one too many.
    assert_eq!(lines, [(12, "09061234567"), (13, "+31612345678"), (14, "+31201234567")]);
    assert_eq!(extra[0]["price"], 90_000);
    assert_eq!(compared["chain"]["sequence"], 10);
}

#[tokio::test]
async fn a_111_what_differs_or_cannot_be_read_is_listed_line_by_line() {
    let bench = Bench::opened().await;
    let mut lines: Vec<String> = a_day(&bench).lines().map(str::to_owned).collect();
    lines[2] = lines[2].replace("0:01:00", "0:03:10");
    lines[3] = lines[3].replace("0,0363", "0,7500");
    lines[4] = lines[4].replace("0031612345678", "06123456**");
    lines.remove(5);
    let compared = bench.ask(csv("/api/v1/calls/compare", &lines.join("\n"))).await.json();
    assert_eq!(compared["matched"], 6);
    let different = compared["different"].as_array().unwrap();
    assert_eq!(different.len(), 2);
    assert_eq!(
        (&different[0]["length"], &different[0]["own"]["seconds"], &different[0]["billed"]["seconds"]),
        (&json!(true), &json!(60), &json!(190))
    );
    assert_eq!(
        (&different[1]["price"], &different[1]["own"]["price"], &different[1]["own"]["id"]),
        (&json!(true), &json!(363), &json!("c10"))
    );
    assert_eq!(compared["unread"], json!([{ "line": 5, "reason": "number" }]));
    let missed: Vec<_> = compared["only_here"].as_array().unwrap().iter().map(|call| call["id"].clone()).collect();
    assert_eq!(missed, ["c11", "c12"]);
}

#[tokio::test]
async fn a_call_for_help_is_on_no_bill_and_one_from_before_legs_were_kept_is() {
    let bench = Bench::opened().await;
    let started = 1_793_606_400_000;
    let help = CallRow { emergency: true, ..outgoing("help", "112", started + 60_000) };
    let old = CallRow { legs: Vec::new(), ..outgoing("old", "+31612345678", started) };
    let last = outgoing("last", "+31612345678", started + HOUR);
    for call in [help, old, last] {
        bench.store.insert_call(&call).unwrap();
    }
    let bill = "date,number,seconds\n2026-11-02T08:00:00Z,0612345678,60\n2026-11-02 10:00,0612345678,60\n";
    let compared = bench.ask(csv("/api/v1/calls/compare", bill)).await.json();
    assert_eq!((&compared["matched"], &compared["only_here"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn what_is_no_bill_is_refused_and_nobody_without_a_session_gets_or_sends_anything() {
    let bench = Bench::opened().await;
    for (text, code) in [("", "bill-no-header"), ("hello", "bill-no-header"), ("PK\0\0", "bill-not-text")] {
        assert_eq!(bench.ask(csv("/api/v1/calls/compare", text)).await.problem().1, code);
    }
    let long = "Datum;Nummer;Duur\n".to_owned() + &"x;y;z\n".repeat(20_001);
    assert_eq!(bench.ask(csv("/api/v1/calls/compare", &long)).await.code(), "bill-too-long");
    let huge = "x".repeat(8_000_001);
    assert_eq!(bench.ask(csv("/api/v1/calls/compare", &huge)).await.problem().0, 413);
    let plain = post("/api/v1/calls/compare").text("Datum;Nummer;Duur").header("content-type", "text/plain");
    assert_eq!(bench.ask(plain).await.problem().0, 415);
    for ask in [get("/api/v1/calls.csv"), get("/api/v1/calls.json"), csv("/api/v1/calls/compare", "")] {
        assert_eq!(bench.ask(ask.without_session()).await.status, 401);
    }
}

#[tokio::test]
async fn a_056_an_export_that_hides_numbers_names_nobody_and_still_shows_which_calls_are_of_one() {
    let bench = Bench::opened().await;
    let mut other = outgoing("c", "+31687654321", SUMMER + 2 * HOUR);
    other.legs[0].account = Some("201".into());
    other.answered_by = Some("+31687654321".into());
    for call in [outgoing("a", "+31612345678", SUMMER), outgoing("b", "+31612345678", SUMMER + HOUR), other] {
        bench.store.insert_call(&call).unwrap();
    }
    let hidden = async |path: &str| bench.ask(get(path)).await;
    let answer = hidden("/api/v1/calls.csv?pseudonyms=true").await;
    let json = hidden("/api/v1/calls.json?pseudonyms=true").await;
    let hash = bench.store.calls_head().unwrap().hash.to_string();
    for secret in ["612345678", "687654321", "Anna", "\"201\"", ",201,", &hash] {
        assert!(!answer.text.contains(secret) && !json.text.contains(secret), "{secret}");
    }
    let cells = rows(&answer);
    let (to, from) = (column(&cells, "to"), column(&cells, "from"));
    assert!(to[0].starts_with("n-") && to[0] == to[1] && to[0] != to[2], "{to:?}");
    assert!(from[0] != to[0] && from[0] == from[2]);
    assert_eq!(column(&cells, "answered_by")[2], to[2]);
    assert_eq!(column(&cells, "class"), ["mobile", "mobile", "mobile"], "what it was is not who");
    let again = rows(&hidden("/api/v1/calls.csv?pseudonyms=true").await);
    assert_ne!(column(&again, "to")[0], to[0], "two exports cannot be laid side by side");
    let calls = json.json()["calls"].clone();
    assert_eq!(calls[0]["legs"][1]["number"], calls[1]["to"], "stable within one");
    assert!(bench.ask(get("/api/v1/calls.csv")).await.text.contains("+31612345678"), "only where it is asked for");
}
