//! What was tried against the office, told to who looks after it, and handed on.

use axum::http::{StatusCode, header};
use centrale_http::Reminders;
use centrale_ledger::incident::{Count, Names, Sample, Story};
use centrale_store::{Act, IncidentRow, Role};

use serde_json::json;

use crate::kit::{Bench, get, put};
use crate::phones::snapshot;

/// 25 October 2026, 00:30 UTC: half past two of summer time.
const FIRST: u64 = 1_792_888_200_000;
const HOUR: u64 = 3_600_000;

fn story(id: &str, reached: &str, attempts: u64) -> Story {
    let count = |what: &str| vec![Count { what: what.into(), count: attempts }];
    let names = |name: &str| Names { some: vec![name.into()], more: false };
    Story {
        id: id.into(),
        about: "network".into(),
        subject: "203.0.113.0/24".into(),
        first: FIRST,
        last: FIRST + HOUR,
        attempts,
        tried: count("guessing"),
        done: count("blocked"),
        blocked_until: None,
        reached: reached.into(),
        got_in: None,
        sources: names("203.0.113.66"),
        accounts: names("201"),
        targets: Names::default(),
        devices: names("friendly-scanner"),
        samples: vec![Sample {
            at: FIRST,
            from: "203.0.113.66:5060".into(),
            what: "guessing".into(),
            account: "201".into(),
            target: String::new(),
            done: "blocked".into(),
        }],
        over: true,
    }
}

fn keep(bench: &Bench, story: &Story) {
    let document = serde_json::to_string(story).unwrap();
    let (kind, who) = ("story".into(), "centraled".into());
    let row = IncidentRow { id: story.id.clone(), kind, at_unix_ms: story.last, who, document };
    bench.store.append_incident(&row).unwrap();
}

#[tokio::test]
async fn an_incident_is_one_line_however_often_it_was_written_and_names_what_got_in() {
    let bench = Bench::opened().await;
    keep(&bench, &story("1-1", "nothing", 10));
    keep(&bench, &story("1-2", "apart", 1));
    keep(&bench, &story("1-1", "nothing", 214));
    let list = bench.ask(get("/api/v1/incidents")).await.json();
    let list = list["incidents"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!((&list[0]["id"], &list[0]["attempts"]), (&"1-1".into(), &214.into()));
    assert_eq!(list[0]["deadlines"].as_array().unwrap().len(), 0, "nothing got in: nothing is due");
    assert_eq!(list[1]["deadlines"][0]["duty"], "provider");
    assert_eq!(list[1]["deadlines"][0]["until"], FIRST + 24 * HOUR);
    assert_eq!(bench.ask(get("/api/v1/incidents/7-7")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_124_what_was_done_in_time_is_written_into_the_log_once_and_for_ever() {
    let bench = Bench::opened().await;
    keep(&bench, &story("1-2", "apart", 1));
    for _ in 0..2 {
        let done = bench.ask(put("/api/v1/incidents/1-2/deadlines/provider")).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT);
    }
    let shown = bench.ask(get("/api/v1/incidents/1-2")).await.json();
    assert!(shown["deadlines"][0]["done"].is_u64() && shown["deadlines"][1]["done"].is_null());
    let lines = bench.store.incident("1-2").unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[1].row.kind.as_str(), lines[1].row.who.as_str()), ("provider", "admin"));
    assert!(lines[1].row.document.contains("192.168.1.50"));
    keep(&bench, &story("1-1", "nothing", 1));
    for refused in ["1-2/deadlines/pizza", "1-1/deadlines/provider", "9-9/deadlines/provider"] {
        let path = format!("/api/v1/incidents/{refused}");
        assert_eq!(bench.ask(put(&path)).await.status, StatusCode::NOT_FOUND, "{refused}");
    }
}

#[tokio::test]
async fn a_041_a_report_has_the_service_times_with_their_offset_over_the_clock_change_evidence_and_measures() {
    let bench = Bench::opened().await;
    keep(&bench, &story("1-1", "nothing", 214));
    let answer = bench.ask(get("/api/v1/incidents/1-1/report.json")).await;
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"incident-1-1.json\"");
    let report = answer.json();
    assert_eq!(report["first"], "2026-10-25T02:30:00.000+02:00");
    assert_eq!(report["last"], "2026-10-25T02:30:00.000+01:00");
    assert_eq!(report["service"]["port"], 5060);
    assert_eq!(report["evidence"][0]["from"], "203.0.113.66:5060");
    assert_eq!(report["measures"][0]["what"], "blocked");
    let head = bench.store.incidents_head().unwrap();
    assert_eq!(report["chain"]["hash"], head.hash.to_string());
    assert_eq!(report["log"][0]["hash"], head.hash.to_string(), "its only line is the last");
}

#[tokio::test]
async fn a_107_the_same_report_is_a_pdf_in_the_language_that_is_asked_for() {
    let bench = Bench::opened().await;
    keep(&bench, &story("1-1", "nothing", 214));
    for language in ["nl", "fr", "en", "de"] {
        let answer = bench.ask(get(&format!("/api/v1/incidents/1-1/report.pdf?language={language}"))).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
        assert!(answer.text.starts_with("%PDF-1.4\n"), "{language}");
    }
}

#[tokio::test]
async fn a_124_a_reminder_is_on_the_page_after_an_hour_and_gone_when_the_provider_was_told() {
    let bench = Bench::opened().await;
    keep(&bench, &story("1-1", "nothing", 214));
    keep(&bench, &story("1-2", "apart", 1));
    let mut reminders = Reminders::default();
    let mut shown = Vec::new();
    for hours in [0, 1, 8, 20] {
        reminders.look(&bench.edge, FIRST + hours * HOUR).await.unwrap();
        shown.push(due(&bench).await);
    }
    assert_eq!(shown[0], None);
    assert_eq!(shown[1].as_deref(), Some("1-2 provider, reminder 1, due 2026-10-26T00:30:00.000+00:00"));
    assert!(shown[2].as_ref().is_some_and(|detail| detail.contains("reminder 2")), "{shown:?}");
    assert!(shown[3].as_ref().is_some_and(|detail| detail.contains("reminder 3")), "{shown:?}");
    bench.ask(put("/api/v1/incidents/1-2/deadlines/provider")).await;
    reminders.look(&bench.edge, FIRST + 21 * HOUR).await.unwrap();
    assert_eq!(due(&bench).await, None);
}

/// What the page shows to be due: which incident, and what.
async fn due(bench: &Bench) -> Option<String> {
    let live = snapshot(bench).await;
    let problems = live["problems"].as_array().unwrap();
    let due = problems.iter().find(|problem| problem["code"] == "incident-due")?;
    Some(format!("{} {}", due["subject"].as_str().unwrap(), due["detail"].as_str().unwrap()))
}

#[tokio::test]
async fn a_story_of_somebody_who_got_in_says_when_as_whom_from_where_and_what_was_done_next() {
    let bench = Bench::opened().await;
    let first = Sample {
        at: FIRST + HOUR,
        from: "203.0.113.66:41000".into(),
        what: "page-entered".into(),
        account: "admin".into(),
        target: String::new(),
        done: "let-in".into(),
    };
    keep(&bench, &Story { got_in: Some(first.clone()), ..story("1-3", "page", 7) });
    let act = |hours: u64, source: &str, what: &str| Act {
        at_unix_ms: FIRST + hours * HOUR,
        who: "admin".into(),
        source: source.into(),
        what: what.into(),
        about: String::new(),
        revision: None,
    };
    for done in [
        act(0, "203.0.113.66", "log-in-wrong"),
        act(1, "203.0.113.66", "log-in"),
        act(2, "192.168.1.50", "PUT /api/v1/office/line"),
        act(2, "203.0.113.66", "PUT /api/v1/inbound/{number}"),
    ] {
        bench.store.note_act(done).unwrap();
    }
    let shown = bench.ask(get("/api/v1/incidents/1-3")).await.json();
    assert_eq!(shown["got_in"]["at"], FIRST + HOUR);
    assert_eq!(
        (&shown["got_in"]["account"], &shown["got_in"]["from"]),
        (&"admin".into(), &"203.0.113.66:41000".into())
    );
    let next: Vec<&str> =
        shown["afterwards"].as_array().unwrap().iter().map(|act| act["what"].as_str().unwrap()).collect();
    assert_eq!(next, ["log-in", "PUT /api/v1/inbound/{number}"]);
    let elans = Sample { at: FIRST + 3 * HOUR, account: "?lan".into(), ..first };
    keep(&bench, &Story { got_in: Some(elans), ..story("1-4", "page", 7) });
    bench.store.note_act(Act { who: "Élan".into(), ..act(3, "203.0.113.66", "log-in") }).unwrap();
    let shown = bench.ask(get("/api/v1/incidents/1-4")).await.json();
    assert_eq!(shown["afterwards"][0]["who"], "Élan", "a story writes names in ASCII: {shown}");
    let reception = bench.session_as("Bert", Role::Reception, None).await;
    let seen = bench.ask(get("/api/v1/incidents/1-3").with(&reception)).await.json();
    assert_eq!(seen["afterwards"], serde_json::json!([]), "the log is not everybody's");
}

#[tokio::test]
async fn a_142_the_provider_s_abuse_desk_is_written_down_once_and_stands_in_every_report() {
    let bench = Bench::owned().await;
    keep(&bench, &story("1-1", "nothing", 214));
    let trunk = json!({
        "server": "sip.example.net", "transport": "udp", "username": "office", "password": "a secret", "register": true,
        "numbers": [],
    });
    assert_eq!(bench.ask(put("/api/v1/trunks/voip").json(&trunk)).await.status, StatusCode::OK);
    let desk = json!({ "name": "Abuse desk", "address": "abuse@voip.example.net" });
    let path = "/api/v1/trunks/voip/abuse-desk";
    assert_eq!(bench.ask(put(path).json(&desk)).await.status, StatusCode::OK);
    let shown = bench.ask(get("/api/v1/office")).await.json()["trunks"][0]["abuse_desk"].clone();
    assert_eq!(shown, json!({ "name": "Abuse desk", "address": "abuse@voip.example.net", "answer_days": 30 }));
    assert_eq!(bench.ask(put("/api/v1/trunks/voip").json(&trunk)).await.status, StatusCode::OK);
    let report = bench.ask(get("/api/v1/incidents/1-1/report.json")).await.json();
    let expected = json!([{
        "provider": "voip", "name": "Abuse desk", "address": "abuse@voip.example.net", "answer_days": 30
    }]);
    assert_eq!(report["service"]["abuse_desks"], expected);
    let wrong = json!({ "name": "Abuse desk", "address": "voip.example.net" });
    let refused = bench.ask(put(path).json(&wrong)).await.problem();
    assert_eq!(refused, (422, "mail-address-malformed".into(), Some("address".into())));
    let nobody = json!({ "name": "", "address": "" });
    assert_eq!(bench.ask(put(path).json(&nobody)).await.status, StatusCode::OK);
    let report = bench.ask(get("/api/v1/incidents/1-1/report.json")).await.json();
    assert_eq!(report["service"]["abuse_desks"], json!([]));
}

#[tokio::test]
async fn a_014_who_looked_at_the_evidence_of_an_incident_stands_in_the_log_and_what_it_was_kept_for_in_the_evidence() {
    let bench = Bench::opened().await;
    keep(&bench, &story("1-1", "nothing", 214));
    let auditor = bench.session_as("Els", Role::Auditor, None).await;
    bench.ask(get("/api/v1/incidents").with(&auditor)).await;
    let looked = async || {
        let log = bench.ask(get("/api/v1/audit")).await.json();
        let rows = log.as_array().unwrap().iter().filter(|row| row["what"].as_str().unwrap().contains("incidents"));
        rows.map(|row| (row["who"].clone(), row["what"].clone(), row["about"].clone())).collect::<Vec<_>>()
    };
    assert!(looked().await.is_empty(), "the list holds no evidence");
    for path in ["1-1", "1-1", "1-1/report.json", "1-1/report.pdf"] {
        let answer = bench.ask(get(&format!("/api/v1/incidents/{path}")).with(&auditor)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    bench.ask(get("/api/v1/incidents/9-9").with(&auditor)).await;
    let by_els = |what: &str| (json!("Els"), json!(format!("GET /api/v1/incidents/{{id}}{what}")), json!("1-1"));
    assert_eq!(
        looked().await,
        [by_els("/report.pdf"), by_els("/report.json"), by_els("")],
        "once a day each, and nothing of what is not there"
    );
    let report = bench.ask(get("/api/v1/incidents/1-1/report.json")).await.json();
    assert_eq!(report["purpose"], "protection");
    assert_eq!(report["evidence"][0]["from"], "203.0.113.66:5060", "kept as it was at that moment");
}
