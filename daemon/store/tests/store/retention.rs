//! What is older than the office keeps it goes, and the rest is still proven.

use centrale_config::Retention;
use centrale_store::{Act, Author, CallRow, IncidentRow, NewMessage, UNDO_MS};

use crate::{Home, bakery, call};

const DAY_MS: u64 = 24 * 3_600_000;
const NOON: u64 = 1_800_000_000_000;

/// Has the office keep each kind for so many days, as decided at that time.
fn decide(home: &Home, days: [u16; 4], when_unix_ms: u64) {
    let office = centrale_config::Office { retention: Retention::of_days(days), ..bakery() };
    let previous = home.store.current_revision().unwrap();
    let author = Author { who: "admin".into(), when_unix_ms, why: "kept otherwise".into() };
    home.store.commit(&office, previous, author).unwrap();
}

fn write_all(home: &Home, at_unix_ms: u64) {
    let id = at_unix_ms.to_string();
    let one = CallRow { id: id.clone(), ended_unix_ms: at_unix_ms, ..call("x") };
    home.store.insert_call(&one).unwrap();
    let (who, document) = ("centraled".into(), "1".into());
    home.store.append_incident(&IncidentRow { id, kind: "story".into(), at_unix_ms, who, document }).unwrap();
    let (who, source, what, about) = ("x".into(), String::new(), "y".into(), String::new());
    home.store.note_act(Act { at_unix_ms, who, source, what, about, revision: None }).unwrap();
    let (from, from_name) = ("+31612345678".into(), "Piet".into());
    let message =
        NewMessage { mailbox: "201".into(), from, from_name, received_unix_ms: at_unix_ms, voice: vec![0; 80_000] };
    home.store.insert_message(&message).unwrap();
    home.store.tidy_messages(&["201".into(), "202".into()], at_unix_ms).unwrap();
}

fn counts(home: &Home) -> [usize; 4] {
    let store = &home.store;
    [
        store.calls(None, 500).unwrap().len(),
        store.incidents(500).unwrap().len(),
        store.audit(u64::MAX >> 1, 500).unwrap().len(),
        store.messages("201").unwrap().len(),
    ]
}

#[test]
fn a_040_each_kind_is_kept_as_long_as_the_office_decided_and_not_a_day_longer() {
    let home = Home::new();
    decide(&home, [100, 200, 365, 7], NOON);
    let since = NOON + 2 * DAY_MS;
    write_all(&home, since);
    for (day, expected) in [
        (7, [2, 2, 2, 2]),
        (8, [3, 3, 3, 2]),
        (100, [4, 4, 4, 1]),
        (101, [4, 5, 5, 2]),
        (201, [2, 5, 6, 1]),
        (366, [1, 2, 6, 1]),
    ] {
        write_all(&home, since + day * DAY_MS);
        assert_eq!(counts(&home), expected, "day {day}");
    }
    assert!(home.store.verify_calls(None).unwrap().is_ok());
    assert!(home.store.verify_incidents(None).unwrap().is_ok());
    assert!(home.store.verify_audit(None).unwrap().is_ok());
}

#[test]
fn a_120_who_has_less_kept_destroys_nothing_before_that_can_be_taken_back_no_more() {
    let home = Home::new();
    decide(&home, Retention::USUAL.days(), NOON);
    write_all(&home, NOON);
    let later = NOON + 150 * DAY_MS;
    decide(&home, [100, 100, 365, 1], later);
    write_all(&home, later + UNDO_MS - 1);
    assert_eq!(counts(&home)[..2], [2, 2], "a thief's decision waits");
    decide(&home, Retention::USUAL.days(), later + UNDO_MS - 1);
    write_all(&home, later + 3 * DAY_MS);
    assert_eq!(counts(&home)[..2], [3, 3], "taken back");
    decide(&home, [100, 100, 365, 1], later + 3 * DAY_MS);
    write_all(&home, later + 5 * DAY_MS);
    assert_eq!(counts(&home)[..2], [3, 3]);
}
