//! Calls that last while the box stops without a word are found at its next start.

use centrale_store::{CallRow, StoreError};
use rusqlite::Connection;

use crate::{Home, call};

/// A call as it is kept while it lasts, after so many seconds.
fn lasting(id: &str, seconds: u64) -> CallRow {
    let known = call(id);
    CallRow {
        ended_unix_ms: known.started_unix_ms + seconds * 1_000,
        price: Some(seconds),
        outcome: "lost".into(),
        cause: Some("box-lost".into()),
        trunk: None,
        ..known
    }
}

#[test]
fn a_019_a_call_that_lasted_when_the_box_was_lost_is_a_record_at_the_next_start_once() {
    let home = Home::new();
    home.store.insert_call(&call("before")).unwrap();
    for seconds in [3, 18, 33] {
        home.store.keep_open_calls(&[lasting("a", seconds), lasting("b", seconds + 60)]).unwrap();
    }
    home.store.keep_open_calls(&[lasting("a", 48)]).unwrap();
    assert_eq!(home.store.calls(None, 10).unwrap().len(), 1, "what lasts is no record");
    let home = home.restarted();
    assert_eq!(home.store.end_open_calls().unwrap(), 2);
    assert_eq!(home.store.end_open_calls().unwrap(), 0, "once");
    assert_eq!(home.store.calls(None, 10).unwrap(), [lasting("b", 93), lasting("a", 48), call("before")]);
    assert_eq!(home.store.verify_calls(None).unwrap().unwrap().last, 3);
}

#[test]
fn a_019_a_call_that_was_written_down_is_not_written_down_again() {
    let home = Home::new();
    home.store.keep_open_calls(&[lasting("a", 3)]).unwrap();
    home.store.insert_call(&call("a")).unwrap();
    let home = home.restarted();
    assert_eq!(home.store.end_open_calls().unwrap(), 0);
    assert_eq!(home.store.calls(None, 10).unwrap(), [call("a")]);
}

#[test]
fn what_a_later_version_asks_for_is_not_known_of_a_call_that_an_earlier_one_kept() {
    let home = Home::new();
    home.store.keep_open_calls(&[CallRow { spoofed: true, withheld: true, ..lasting("a", 3) }]).unwrap();
    let file = Connection::open(home.folder.path().join("centrale.db")).unwrap();
    file.execute("DELETE FROM open_calls WHERE name IN ('spoofed', 'codec')", []).unwrap();
    file.execute("INSERT INTO open_calls VALUES ('a', 0, 'shoe_size', 43)", []).unwrap();
    assert_eq!(home.store.end_open_calls().unwrap(), 1);
    let read = home.store.calls(None, 1).unwrap().remove(0);
    assert_eq!((read.spoofed, read.withheld, read.legs[0].codec.as_deref()), (false, true, None));
    assert_eq!(home.store.verify_calls(None).unwrap().unwrap().last, 1);
}

#[test]
fn a_disk_that_takes_nothing_says_so_for_each_thing_that_is_to_be_kept() {
    let home = Home::new();
    let file = Connection::open(home.folder.path().join("centrale.db")).unwrap();
    for table in ["spent", "calls", "open_calls"] {
        let full =
            format!("CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END");
        file.execute_batch(&full).unwrap();
    }
    let refused = [
        home.store.keep_spent(&[centrale_store::SpentRow { name: "day".into(), window: 1, amount: 1 }]),
        home.store.insert_call(&call("a")),
        home.store.keep_open_calls(&[lasting("a", 1)]),
    ];
    assert!(refused.iter().all(|kept| matches!(kept, Err(StoreError::Database(_)))), "{refused:?}");
    assert_eq!(home.store.verify_calls(None).unwrap().unwrap().last, 0);
}
