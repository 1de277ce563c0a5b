//! Live events as a browser reads them.

use std::time::Duration;

use axum::body::BodyDataStream;
use centrale_call_control::Told;
use centrale_call_control::view::{
    CallState, CallView, Direction, HelpTest, HelpView, LineState, PersonView, ProblemView, Severity, TrunkState,
    TrunkView,
};
use centrale_store::{CallRow, QualityRow};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::kit::{Ask, Bench, get, post};

/// A browser's EventSource.
pub(crate) struct Source {
    body: BodyDataStream,
    read: String,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Source {
    async fn open(bench: &Bench, last: Option<&str>) -> Self {
        let mut asked = get("/api/v1/events");
        if let Some(last) = last {
            asked = asked.header("last-event-id", last);
        }
        Self::of(bench, asked).await
    }

    pub(crate) async fn of(bench: &Bench, asked: Ask) -> Self {
        let response = bench.ask_open(asked).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// The next block: an event or a comment.
    async fn block(&mut self) -> String {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.read = rest;
                return block;
            }
            let chunk = self.body.next().await.expect("the stream goes on").unwrap();
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    pub(crate) async fn next(&mut self) -> Event {
        let block = self.block().await;
        let field = |name: &str| {
            block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default().to_owned()
        };
        Event { id: field("id"), name: field("event"), data: serde_json::from_str(&field("data")).unwrap() }
    }
}

fn call(id: &str) -> CallView {
    CallView {
        id: id.to_owned(),
        direction: Direction::Incoming,
        from: "+31612345678".into(),
        from_name: String::new(),
        spoofed: false,
        to: "201".into(),
        to_name: "Anna".into(),
        state: CallState::Ringing,
        seconds: 0,
        emergency: false,
        ends_soon: false,
    }
}

/// From outside to Anna; the first was answered and connected by Bram.
fn row(number: u32) -> CallRow {
    CallRow {
        id: format!("c{number}"),
        direction: "incoming".into(),
        from: "+31612345678".into(),
        from_name: String::new(),
        to: "201".into(),
        answered_by: (number == 1).then(|| "201".into()),
        transferred_by: (number == 1).then(|| "202".into()),
        trunk: Some("provider".into()),
        started_unix_ms: 1_000,
        answered_unix_ms: (number == 1).then_some(2_000),
        ended_unix_ms: 9_000,
        class: Some("internal".into()),
        price: None,
        spoofed: false,
        withheld: false,
        marks: None,
        line: None,
        cause: Some("no-answer".into()),
        legs: Vec::new(),
        outcome: "no-answer".into(),
        status: 480,
        emergency: false,
        caller: QualityRow { packets: 5, lost: 1, jitter_ms: 2.5, fell_silent: true, ..QualityRow::default() },
        callee: QualityRow { hears_nothing: true, ..QualityRow::default() },
    }
}

#[tokio::test]
async fn first_comes_everything_and_then_what_changes() {
    let bench = Bench::opened().await;
    let anna = PersonView {
        number: "201".into(),
        name: "Anna".into(),
        state: LineState::Idle,
        registrations: vec![],
        new_messages: 0,
        alarm_line: None,
    };
    bench.edge.tell(Told::Person(anna));
    let mut source = Source::open(&bench, None).await;
    let snapshot = source.next().await;
    assert_eq!(snapshot.name, "snapshot");
    assert_eq!(
        snapshot.data,
        json!({ "people": [{ "number": "201", "name": "Anna", "state": "idle", "registrations": [], "new_messages": 0,
                "alarm_line": null }], "calls": [],
            "trunks": [], "problems": [], "stops": [], "devices": [], "window": { "open_until": null }, "revision": 1 })
    );
    bench.edge.tell(Told::Call(call("c1")));
    bench.edge.tell(Told::CallGone("c1".into()));
    bench.edge.logged(&row(1));
    bench.add_person("202", "Bram").await;
    bench.ask(post("/api/v1/pairing-window").json(&json!({ "minutes": 15 }))).await;
    for (name, key, value) in [
        ("call", "state", json!("ringing")),
        ("call-gone", "id", json!("c1")),
        ("record", "id", json!("c1")),
        ("office", "revision", json!(2)),
    ] {
        let event = source.next().await;
        assert_eq!((event.name.as_str(), &event.data[key]), (name, &value));
        assert!(!event.id.is_empty());
    }
    let window = source.next().await;
    assert_eq!(window.name, "window");
    assert!(window.data["open_until"].as_u64().is_some());
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_and_after_a_restart_a_snapshot() {
    let bench = Bench::opened().await;
    let seen = Source::open(&bench, None).await.next().await.id;
    let problem = ProblemView {
        code: "trunk-refused".into(),
        subject: "provider".into(),
        severity: Severity::CallsFail,
        detail: "403 Forbidden".into(),
    };
    bench.edge.tell(Told::Problem(problem));
    bench.edge.tell(Told::ProblemGone { code: "trunk-refused".into(), subject: "provider".into() });
    let mut back = Source::open(&bench, Some(&seen)).await;
    let problem = back.next().await;
    assert_eq!((problem.name.as_str(), &problem.data["severity"]), ("problem", &"calls-fail".into()));
    let gone = back.next().await;
    assert_eq!(gone.data, json!({ "code": "trunk-refused", "subject": "provider" }));

    let mut bench = bench.restarted().await;
    bench.open_session().await;
    assert_eq!(Source::open(&bench, Some(&gone.id)).await.next().await.name, "snapshot");
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_every_fifteen_seconds_that_it_lives() {
    let bench = Bench::opened().await;
    let mut source = Source::open(&bench, None).await;
    source.next().await;
    let before = tokio::time::Instant::now();
    assert!(source.block().await.starts_with(':'), "a comment");
    assert_eq!(before.elapsed(), Duration::from_secs(15));
}

#[tokio::test]
async fn the_way_to_help_is_tested_on_request_where_the_office_has_a_number_for_it() {
    let mut bench = Bench::opened().await;
    let test = "/api/v1/trunks/provider/help-test";
    assert_eq!(bench.ask(post(test)).await.code(), "not-found");
    for (state, proven) in [(HelpTest::None, None), (HelpTest::Proven, Some(29_925_000))] {
        bench.edge.tell(Told::Trunk(TrunkView {
            name: "provider".into(),
            state: TrunkState::Connected,
            reason: String::new(),
            detail: String::new(),
            seen_as: String::new(),
            calls: 0,
            help: HelpView { state, proven },
        }));
        let answer = bench.ask(post(test)).await;
        match proven {
            None => assert_eq!(answer.code(), "test-number-missing"),
            Some(_) => assert_eq!(answer.status, 202),
        }
    }
    let wished = format!("{:?}", bench.wished());
    assert!(wished.contains("TestHelp { trunk: \"provider\" }"), "{wished}");
}

#[tokio::test]
async fn a_call_that_lives_can_be_ended_and_one_that_is_over_is_in_the_log() {
    let mut bench = Bench::opened().await;
    assert_eq!(bench.ask(post("/api/v1/calls/c1/hang-up")).await.code(), "not-found");
    bench.edge.tell(Told::Call(call("c1")));
    assert_eq!(bench.ask(post("/api/v1/calls/c1/hang-up")).await.status, 202);
    let wished = format!("{:?}", bench.wished());
    assert!(wished.contains("HangUp { call: \"c1\" }"), "{wished}");

    for number in 1..=3 {
        bench.store.insert_call(&row(number)).unwrap();
    }
    let page = bench.ask(get("/api/v1/calls?limit=2")).await.json();
    let ids = |page: &Value| page["calls"].as_array().unwrap().iter().map(|c| c["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&page), ["c3", "c2"]);
    let rest = bench.ask(get("/api/v1/calls?before=c2")).await.json();
    let quality = |packets: u64, lost: u64, jitter_ms: f32, stops: bool, unheard: bool| json!({ "packets": packets, "lost": lost, "jitter_ms": jitter_ms, "one_way": false, "fell_silent": stops, "hears_nothing": unheard });
    assert_eq!(
        rest["calls"],
        json!([{ "id": "c1", "allowable": false, "direction": "incoming", "from": "+31612345678", "from_name": "", "to": "201",
            "answered_by": "201", "transferred_by": "202", "trunk": "provider", "started": 1000, "answered_ms": 2000,
            "ended": 9000, "outcome": "no-answer", "status": 480, "refusal": { "by": "box", "status": 480 }, "spoofed": false, "emergency": false, "malicious": false,
            "quality": { "caller": quality(5, 1, 2.5, true, false), "callee": quality(0, 0, 0.0, false, true) } }])
    );
}

#[tokio::test]
async fn what_happens_again_and_again_is_told_once_and_told_anew_when_it_comes_from_elsewhere() {
    let bench = Bench::opened().await;
    bench.ask(post("/api/v1/pairing-window").json(&json!({ "minutes": 15 }))).await;
    let mut source = Source::open(&bench, None).await;
    assert_eq!(source.next().await.name, "snapshot");
    for address in ["192.168.1.66"; 9].into_iter().chain(["192.168.1.77"; 9]) {
        bench.ask(get("/805ec0000001.cfg").in_clear().from(address)).await;
    }
    bench.edge.tell(Told::Call(call("c1")));
    let mut told = Vec::new();
    loop {
        match source.next().await {
            Event { name, .. } if name == "call" => break,
            Event { name, data, .. } if name == "problem" => told.push(data["detail"].clone()),
            _ => {}
        }
    }
    assert_eq!(told, ["from 192.168.1.66", "from 192.168.1.77"], "the neighbour table names others there");
}

#[tokio::test]
async fn everything_that_is_counted_can_be_read() {
    let bench = Bench::opened().await;
    bench.ask(get("/805ec0000001.cfg").in_clear().from("192.168.1.1")).await;
    let counters = bench.ask(get("/api/v1/counters")).await.json();
    let value = |name: &str| {
        let all = counters["counters"].as_array().unwrap();
        all.iter().find(|counter| counter["name"] == name).map(|counter| counter["value"].clone())
    };
    assert_eq!(value("sip-malformed"), Some(7.into()), "of the other rooms");
    assert_eq!(value("provisioning-window-closed"), Some(1.into()), "of the phones");
    assert_eq!(value("http-too-many"), Some(0.into()), "and its own");
}
