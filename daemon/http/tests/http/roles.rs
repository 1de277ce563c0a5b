//! What each role reaches: every operation of the document against every role.

use std::collections::BTreeSet;

use axum::body::to_bytes;
use axum::http::StatusCode;
use centrale_call_control::Told;
use centrale_call_control::view::{CallState, CallView, Direction};
use centrale_store::{CallRow, Role};

use crate::doors::operations;
use crate::events::Source;
use crate::kit::{Bench, get};
use crate::statement::outgoing;

/// What needs no session.
const OPEN: &[&str] = &[
    "get /api/v1/session",
    "post /api/v1/session",
    "post /api/v1/session/join",
    "post /api/v1/session/passkey",
    "post /api/v1/session/passkey/challenge",
    "post /api/v1/setup",
    "get /health",
    // A token opens it, and no session does.
    "get /api/v1/health",
];

/// All that a person reaches; where there is a number, it is the own one.
const PERSONS: &[&str] = &[
    "delete /api/v1/people/{number}/messages/{id}",
    "delete /api/v1/session",
    "delete /api/v1/sessions/{id}",
    "get /api/v1/calls",
    "get /api/v1/contacts",
    "get /api/v1/events",
    "get /api/v1/office",
    "get /api/v1/people/{number}/forward",
    "get /api/v1/people/{number}/mailbox",
    "get /api/v1/people/{number}/messages/{id}",
    "get /api/v1/session/factor",
    "get /api/v1/session/passkeys",
    "get /api/v1/sessions",
    "post /api/v1/session/factor",
    "post /api/v1/session/factor/release",
    "post /api/v1/session/proof",
    "post /api/v1/session/rules",
    "post /api/v1/session/passkeys",
    "post /api/v1/session/passkeys/begin",
    "post /api/v1/session/passkeys/challenge",
    "post /api/v1/session/passkeys/{id}/release",
    "put /api/v1/people/{number}/forward",
    "put /api/v1/people/{number}/mailbox",
    "put /api/v1/session/factor",
    "put /api/v1/session/password",
];

/// What an auditor may send: the own session, password and second factors, and a bill that is read and not kept.
const AUDITORS_WRITES: &[&str] = &[
    "delete /api/v1/session",
    "delete /api/v1/sessions/{id}",
    "post /api/v1/calls/compare",
    "post /api/v1/session/factor",
    "post /api/v1/session/factor/release",
    "post /api/v1/session/proof",
    "post /api/v1/session/rules",
    "post /api/v1/session/passkeys",
    "post /api/v1/session/passkeys/begin",
    "post /api/v1/session/passkeys/challenge",
    "post /api/v1/session/passkeys/{id}/release",
    "put /api/v1/session/factor",
    "put /api/v1/session/password",
];

/// What decides about money, users, whom an alarm is sent to and what cannot be taken back: nobody's but an owner's.
const OWNERS: &[&str] = &[
    "delete /api/v1/premium-numbers/{number}",
    "delete /api/v1/rights/{name}",
    "delete /api/v1/trunks/{name}/deck",
    "delete /api/v1/users/{id}",
    "delete /api/v1/users/{id}/factor",
    "post /api/v1/costs/raise",
    "post /api/v1/revisions/{revision}/revert",
    "post /api/v1/secrets",
    "post /api/v1/stops/release",
    "post /api/v1/users",
    "post /api/v1/users/{id}/code",
    "post /api/v1/wipe",
    "put /api/v1/alerts",
    "put /api/v1/office/opening",
    "put /api/v1/office/support-numbers",
    "put /api/v1/office/administration",
    "put /api/v1/office/scanners",
    "put /api/v1/people/{number}/permit",
    "put /api/v1/retention",
    "put /api/v1/premium-numbers/{number}",
    "put /api/v1/rights/{name}",
    "put /api/v1/rules",
    "put /api/v1/stops/pin",
    "put /api/v1/trunks/{name}/deck",
    "put /api/v1/users/{id}",
];

/// Everything that a role is let in to, as the doors behave.
async fn reached(role: Role) -> BTreeSet<String> {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    let mut reached = BTreeSet::new();
    for (name, asked) in operations() {
        if OPEN.contains(&name.as_str()) {
            continue;
        }
        // A new one each time: some of what is asked ends it.
        let session = bench.session_as("x", role, Some("201")).await;
        let answer = bench.ask_open(asked.with(&session)).await;
        if answer.status() != StatusCode::FORBIDDEN {
            reached.insert(name);
            continue;
        }
        let text = to_bytes(answer.into_body(), 1 << 16).await.unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("\"code\""), "{name} is refused without a word");
        // Who has the role is asked for a proof, and nobody else.
        if text.contains("proof-needed") {
            reached.insert(name);
        }
    }
    reached
}

fn named(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_068_every_role_reaches_what_is_its_own_and_no_more() {
    let all: BTreeSet<String> =
        operations().into_iter().map(|(name, _)| name).filter(|name| !OPEN.contains(&name.as_str())).collect();
    let owner = reached(Role::Owner).await;
    // What the table does not name is nobody's, not even an owner's: then this fails.
    assert_eq!(all.difference(&owner).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(reached(Role::Person).await, named(PERSONS));
    let others = [Role::Installer, Role::Reception, Role::Auditor];
    for role in others {
        let reached = reached(role).await;
        assert_eq!(reached.intersection(&named(OWNERS)).next(), None, "{role:?}");
        assert!(reached.is_superset(&named(&["get /api/v1/office", "get /api/v1/calls", "get /api/v1/events"])));
    }
    let reception = reached(Role::Reception).await;
    for never in
        ["put /api/v1/trunks/{name}", "post /api/v1/devices/{mac}/adopt", "get /api/v1/people/{number}/mailbox"]
    {
        assert!(!reception.contains(never), "{never}");
    }
    for daily in [
        "put /api/v1/people/{number}/forward",
        "post /api/v1/contacts",
        "post /api/v1/stops",
        "post /api/v1/calls/{id}/hang-up",
    ] {
        assert!(reception.contains(daily), "{daily}");
    }
}

#[tokio::test]
async fn a_058_an_auditor_reads_and_changes_nothing() {
    let reached = reached(Role::Auditor).await;
    let writes: BTreeSet<String> = reached.iter().filter(|name| !name.starts_with("get ")).cloned().collect();
    assert_eq!(writes, named(AUDITORS_WRITES));
    for read in ["get /api/v1/calls.csv", "get /api/v1/revisions", "get /api/v1/users", "get /api/v1/costs"] {
        assert!(reached.contains(read), "{read}");
    }
    assert!(!reached.contains("get /api/v1/people/{number}/messages/{id}"), "what was said is not there to be checked");
}

#[tokio::test]
async fn a_122_nobody_below_an_owner_loosens_what_protects_the_office_and_nobody_at_all_switches_it_off() {
    let loosens = [
        "post /api/v1/costs/raise",
        "post /api/v1/stops/release",
        "put /api/v1/alerts",
        "put /api/v1/people/{number}/permit",
        "put /api/v1/rights/{name}",
        "put /api/v1/stops/pin",
        "put /api/v1/trunks/{name}/deck",
    ];
    let owner = reached(Role::Owner).await;
    assert!(owner.is_superset(&named(&loosens)));
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner) {
        assert_eq!(reached(role).await.intersection(&named(&loosens)).next(), None, "{role:?}");
    }
    // Of the guard itself one thing can be written: that one address is no longer kept out.
    let of_guard = owner.iter().filter(|name| name.contains("/guard") && !name.starts_with("get "));
    assert_eq!(of_guard.collect::<Vec<_>>(), ["delete /api/v1/guard/blocks/{address}"]);
}

#[tokio::test]
async fn the_page_is_told_of_a_role_what_the_doors_do() {
    for role in Role::ALL {
        let bench = Bench::opened().await;
        bench.add_person("201", "Anna").await;
        let session = bench.session_as("x", role, Some("201")).await;
        let me = bench.ask(get("/api/v1/session").with(&session)).await.json()["me"].clone();
        assert_eq!((me["role"].as_str(), me["name"].as_str()), (Some(role.word()), Some("x")));
        let told = me["may"].as_array().unwrap().iter().map(|may| {
            let (method, path) = may.as_str().unwrap().split_once(' ').unwrap();
            format!("{} {path}", method.to_lowercase())
        });
        assert_eq!(told.collect::<BTreeSet<_>>(), reached(role).await, "{role:?}");
    }
}

fn view(id: &str, from: &str, to: &str, spoofed: bool) -> CallView {
    CallView {
        id: id.into(),
        direction: Direction::Internal,
        from: from.into(),
        from_name: String::new(),
        spoofed,
        to: to.into(),
        to_name: String::new(),
        state: CallState::Talking,
        seconds: 0,
        emergency: false,
        ends_soon: false,
    }
}

fn record(id: &str, from: &str, to: &str) -> CallRow {
    let other = outgoing(id, to, crate::kit::unix_ms());
    CallRow { from: from.into(), answered_by: None, transferred_by: None, ..other }
}

#[tokio::test]
async fn a_person_sees_the_own_calls_and_mailbox_and_nobody_elses() {
    let bench = Bench::opened().await;
    for (number, name) in [("201", "Anna"), ("202", "Bert"), ("203", "Chris")] {
        bench.add_person(number, name).await;
    }
    for (id, from, to) in [("own", "201", "202"), ("to-me", "203", "201"), ("theirs", "202", "203")] {
        bench.store.insert_call(&record(id, from, to)).unwrap();
        bench.edge.tell(Told::Call(view(id, from, to, false)));
    }
    bench.edge.tell(Told::Call(view("forged", "201", "202", true)));
    let anna = bench.session_as("Anna", Role::Person, Some("201")).await;
    let ids = |calls: &serde_json::Value| -> Vec<String> {
        calls.as_array().unwrap().iter().map(|call| call["id"].as_str().unwrap().to_owned()).collect()
    };
    let log = bench.ask(get("/api/v1/calls").with(&anna)).await.json();
    assert_eq!(ids(&log["calls"]), ["to-me", "own"]);

    let office = bench.ask(get("/api/v1/office").with(&anna)).await;
    assert!(office.text.contains("Anna") && !office.text.contains("Bert"), "{}", office.text);
    for (path, status) in [("201/mailbox", 200), ("202/mailbox", 403), ("202/messages/1", 403), ("201/permit", 403)] {
        let answer = bench.ask(get(&format!("/api/v1/people/{path}")).with(&anna)).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
    }

    let mut source = Source::of(&bench, get("/api/v1/events").with(&anna)).await;
    let snapshot = source.next().await.data;
    assert_eq!(ids(&snapshot["calls"]), ["own", "to-me"]);
    for gone in ["theirs", "forged", "own"] {
        bench.edge.tell(Told::CallGone(gone.into()));
    }
    assert_eq!(source.next().await.data["id"], "own", "of the others' calls not even the end");
}

#[tokio::test]
async fn a_person_without_a_number_sees_nothing_of_anybody() {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    let lost = bench.session_as("lost", Role::Person, None).await;
    assert!(!bench.ask(get("/api/v1/office").with(&lost)).await.text.contains("Anna"));
    for path in ["/api/v1/people/201/mailbox", "/api/v1/people//mailbox"] {
        assert_ne!(bench.ask(get(path).with(&lost)).await.status, StatusCode::OK, "{path}");
    }
}
