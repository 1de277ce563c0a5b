use std::collections::BTreeSet;

use centrale_store::{CallRow, QualityRow};

use crate::{Home, call};

fn ids(page: Vec<CallRow>) -> Vec<String> {
    page.into_iter().map(|call| call.id).collect()
}

#[test]
fn a_record_comes_back_as_it_was_written_after_a_restart() {
    let home = Home::new();
    home.store.insert_call(&call("a")).unwrap();
    let unanswered = CallRow {
        answered_by: None,
        transferred_by: None,
        answered_unix_ms: None,
        trunk: None,
        status: 486,
        outcome: "busy".into(),
        emergency: true,
        ..call("b")
    };
    home.store.insert_call(&unanswered).unwrap();
    assert_eq!(home.restarted().store.calls(None, 10).unwrap(), [unanswered, call("a")]);
}

#[test]
fn sound_that_stopped_in_a_call_is_kept_of_each_side_and_of_no_other_call() {
    let home = Home::new();
    let quiet =
        |fell_silent, hears_nothing| QualityRow { packets: 500, fell_silent, hears_nothing, ..QualityRow::default() };
    let sides = [(false, false), (true, false), (false, true), (true, true)].map(|(fell, hears)| quiet(fell, hears));
    let calls: Vec<CallRow> = sides
        .iter()
        .flat_map(|caller| sides.map(|callee| CallRow { caller: *caller, callee, ..call("a") }))
        .enumerate()
        .map(|(number, call)| CallRow { id: number.to_string(), ..call })
        .collect();
    calls.iter().for_each(|call| home.store.insert_call(call).unwrap());
    let home = home.restarted();
    let mut read = home.store.calls(None, 20).unwrap();
    read.reverse();
    assert_eq!(read, calls);
    home.store.verify_calls(None).unwrap().unwrap();
}

#[test]
fn a_007_a_mark_is_a_record_that_names_the_call_and_changes_nothing_that_was_written() {
    let home = Home::new();
    home.store.insert_call(&call("a")).unwrap();
    let before = home.store.calls_head().unwrap();
    let mark = CallRow { marks: Some("a".into()), ..call("b") };
    home.store.insert_call(&mark).unwrap();
    let home = home.restarted();
    let calls = home.store.calls(None, 10).unwrap();
    assert_eq!(calls, [mark, call("a")]);
    assert_eq!(home.store.marked_among(&calls).unwrap(), BTreeSet::from(["a".to_owned()]));
    assert!(home.store.verify_calls(Some(before.hash)).unwrap().is_ok());
}

#[test]
fn the_log_is_paged_from_the_newest_back() {
    let home = Home::new();
    for id in ["1", "2", "3", "4", "5"] {
        home.store.insert_call(&call(id)).unwrap();
    }
    assert_eq!(ids(home.store.calls(None, 2).unwrap()), ["5", "4"]);
    assert_eq!(ids(home.store.calls(Some("4"), 2).unwrap()), ["3", "2"]);
    assert_eq!(ids(home.store.calls(Some("2"), 2).unwrap()), ["1"]);
    assert_eq!(ids(home.store.calls(Some("1"), 2).unwrap()), [""; 0]);
    assert_eq!(ids(home.store.calls(Some("unknown"), 2).unwrap()), [""; 0]);
}

#[test]
fn a_page_cannot_be_asked_longer_than_the_longest() {
    let home = Home::new();
    for number in 0..501 {
        home.store.insert_call(&call(&number.to_string())).unwrap();
    }
    assert_eq!(home.store.calls(None, u32::MAX).unwrap().len(), 500);
}
