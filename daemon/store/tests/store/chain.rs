//! Nobody changes a call record without its showing.

use std::path::Path;

use centrale_store::{CallRow, Chain, ChainFault, ChainHash, Store};
use rusqlite::Connection;

use crate::{Home, call};

const DAY_MS: u64 = 24 * 3_600_000;

/// A store with the calls `1` to `5`.
fn five() -> Home {
    let home = Home::new();
    for number in 1..=5 {
        home.store.insert_call(&call(&number.to_string())).unwrap();
    }
    home
}

/// Who has the file has SQL.
fn sql(home: &Home) -> Connection {
    Connection::open(home.folder.path().join("centrale.db")).unwrap()
}

fn verdict(home: &Home) -> Result<Chain, ChainFault> {
    home.store.verify_calls(None).unwrap()
}

/// Who has the file can also take the triggers away.
fn forge(home: &Home, statement: &str) {
    let file = sql(home);
    let triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'";
    let names: Vec<String> = {
        let mut triggers = file.prepare(triggers).unwrap();
        triggers.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    for name in names {
        file.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    file.execute_batch(statement).unwrap();
}

#[test]
fn a_019_the_chain_verifies_and_grows_by_one_with_each_record() {
    let home = Home::new();
    let empty = verdict(&home).unwrap();
    assert_eq!((empty.first, empty.last, empty.head.to_string()), (1, 0, "0".repeat(64)));
    let mut heads = vec![empty.head];
    for number in 1..=5_u64 {
        home.store.insert_call(&call(&number.to_string())).unwrap();
        let chain = verdict(&home).unwrap();
        assert_eq!((chain.first, chain.last), (1, number));
        assert_eq!(chain.head, home.store.calls_head().unwrap().hash);
        assert!(!heads.contains(&chain.head), "each record has a hash of its own");
        heads.push(chain.head);
    }
    let home = home.restarted();
    assert_eq!(verdict(&home).unwrap().head, heads[5]);
}

#[test]
fn a_019_sql_cannot_change_remove_or_slip_in_a_record() {
    let home = five();
    let file = sql(&home);
    for statement in [
        "UPDATE calls SET price = 0 WHERE id = '3'",
        "UPDATE calls SET hash = zeroblob(32)",
        "DELETE FROM calls WHERE id = '3'",
        "DELETE FROM calls",
        "INSERT OR REPLACE INTO calls SELECT * FROM calls WHERE id = '3'",
        "UPDATE legs SET number = '+32471234567'",
        "DELETE FROM legs WHERE call = 3",
        "INSERT INTO legs SELECT call, 9, side, number, account, trunk, placed, codec, started_ms, answered_ms, \
         ended_ms, status FROM legs WHERE call = 3 AND position = 0",
        "UPDATE call_chain SET head_sequence = 4",
        "DELETE FROM call_chain",
        "INSERT OR REPLACE INTO call_chain SELECT * FROM call_chain",
    ] {
        assert!(file.execute_batch(statement).is_err(), "{statement}");
    }
    assert_eq!(verdict(&home).unwrap().last, 5);
    assert_eq!(home.store.calls(None, 10).unwrap().len(), 5);
}

#[test]
fn a_019_whatever_was_forged_is_named_by_the_first_record_that_is_wrong() {
    let changed = |sequence: u64| ChainFault::Changed { sequence, id: sequence.to_string() };
    for (statement, fault) in [
        ("UPDATE calls SET ended_ms = ended_ms + 1 WHERE id = '3'", changed(3)),
        ("UPDATE calls SET price = NULL WHERE id IN ('2', '4')", changed(2)),
        ("UPDATE calls SET from_name = 'Ann', to_number = 'a+31301234567' WHERE id = '3'", changed(3)),
        ("UPDATE calls SET caller_jitter_ms = 1.5 WHERE id = '1'", changed(1)),
        ("UPDATE calls SET hash = NULL WHERE id = '5'", changed(5)),
        ("UPDATE legs SET answered_ms = NULL WHERE call = 4 AND position = 1", changed(4)),
        ("DELETE FROM legs WHERE call = 2 AND position = 0", changed(2)),
        ("DELETE FROM calls WHERE id = '3'", ChainFault::Missing { sequence: 3 }),
        ("DELETE FROM calls WHERE id = '1'", ChainFault::Missing { sequence: 1 }),
        ("DELETE FROM calls WHERE id = '5'", ChainFault::Missing { sequence: 5 }),
        ("INSERT INTO calls SELECT * FROM (SELECT * FROM calls WHERE id = '5') WHERE false", ChainFault::NotedMissing),
        (
            "CREATE TEMP TABLE t AS SELECT * FROM calls WHERE id = '5'; UPDATE t SET sequence = 6; \
             INSERT INTO calls SELECT * FROM t",
            ChainFault::Added { sequence: 6 },
        ),
        (
            "INSERT INTO legs SELECT 9, position, side, number, account, trunk, placed, codec, started_ms, \
             answered_ms, ended_ms, status FROM legs WHERE call = 5",
            ChainFault::Added { sequence: 9 },
        ),
        (
            "UPDATE calls SET sequence = 9 WHERE id = '2'; UPDATE calls SET sequence = 2 WHERE id = '3'; \
             UPDATE calls SET sequence = 3 WHERE id = '2'",
            ChainFault::Changed { sequence: 2, id: "3".into() },
        ),
    ] {
        let home = five();
        forge(&home, statement);
        let noted = "ab".repeat(32).parse().ok().filter(|_| fault == ChainFault::NotedMissing);
        assert_eq!(home.store.verify_calls(noted).unwrap(), Err(fault), "{statement}");
    }
}

#[test]
fn a_019_a_head_that_was_noted_shows_a_chain_that_was_written_anew() {
    let home = Home::new();
    home.store.insert_call(&call("1")).unwrap();
    let noted = home.store.calls_head().unwrap().hash;
    home.store.insert_call(&call("2")).unwrap();
    assert!(home.store.verify_calls(Some(noted)).unwrap().is_ok());
    let anew = Home::new();
    anew.store.insert_call(&CallRow { price: Some(1), ..call("1") }).unwrap();
    anew.store.insert_call(&call("2")).unwrap();
    assert!(anew.store.verify_calls(None).unwrap().is_ok(), "nothing to be seen from inside");
    assert_eq!(anew.store.verify_calls(Some(noted)).unwrap(), Err(ChainFault::NotedMissing));
}

#[test]
fn a_record_has_the_same_hash_in_every_version() {
    let head = five().store.calls_head().unwrap();
    assert_eq!(
        (head.sequence, head.hash.to_string().as_str()),
        (5, "fcb684df76ee5e659019331d9ca9c69e8de1942020d5c3fb0f40f750314e05dd")
    );
}

#[test]
fn a_hash_is_read_back_from_its_digits_and_nothing_else_is() {
    let home = five();
    let head = home.store.calls_head().unwrap().hash;
    assert_eq!(head.to_string().parse::<ChainHash>(), Ok(head));
    for text in ["", "ab", &"g".repeat(64), &"é".repeat(32), &"a".repeat(65)] {
        assert!(text.parse::<ChainHash>().is_err(), "{text}");
    }
}

/// A call that ended so many days after the others.
fn after_days(id: &str, days: u64) -> CallRow {
    let call = call(id);
    CallRow { ended_unix_ms: call.ended_unix_ms + days * DAY_MS, ..call }
}

#[test]
fn a_052_records_are_kept_for_a_hundred_days_and_more_and_what_is_purged_leaves_the_rest_verifiable() {
    let home = Home::new();
    home.store.insert_call(&after_days("old", 0)).unwrap();
    home.store.insert_call(&after_days("later", 1)).unwrap();
    let ids = |home: &Home| home.store.calls(None, 10).unwrap().into_iter().map(|call| call.id).collect::<Vec<_>>();
    home.store.insert_call(&after_days("day 100", 100)).unwrap();
    assert_eq!(ids(&home), ["day 100", "later", "old"], "what may be disputed is there");
    let kept = u64::from(centrale_config::Retention::USUAL.calls);
    assert!(kept >= 100);
    home.store.insert_call(&after_days("last", kept)).unwrap();
    assert_eq!(ids(&home).len(), 4, "not a day early");
    let noted = home.store.calls_head().unwrap().hash;
    home.store.insert_call(&after_days("beyond", kept + 1)).unwrap();
    assert_eq!(ids(&home), ["beyond", "last", "day 100", "later"]);
    let chain = home.store.verify_calls(Some(noted)).unwrap().unwrap();
    assert_eq!((chain.first, chain.last), (2, 5));
    let legs: u32 = sql(&home).query_row("SELECT count(*) FROM legs", [], |row| row.get(0)).unwrap();
    assert_eq!(legs, 8, "the legs of what was purged went with it");
}

#[test]
fn a_clock_that_runs_ahead_for_a_call_takes_few_records_with_it() {
    let home = Home::new();
    for number in 0..20 {
        home.store.insert_call(&after_days(&number.to_string(), 0)).unwrap();
    }
    home.store.insert_call(&after_days("from the future", 5000)).unwrap();
    home.store.insert_call(&after_days("right again", 1)).unwrap();
    assert_eq!(home.store.calls(None, 100).unwrap().len(), 14);
    assert_eq!(verdict(&home).unwrap().first, 9);
}

/// The database of the version before there was a chain, with three records of which the oldest was purged already.
fn before_the_chain(folder: &Path) {
    // What a record was then is a part of what it is now.
    let now = Home::new();
    now.store.insert_call(&call("a")).unwrap();
    let file = Connection::open(folder.join("centrale.db")).unwrap();
    file.execute_batch(include_str!("../data/version_2.sql")).unwrap();
    file.execute("ATTACH ?1 AS now", [now.folder.path().join("centrale.db").to_str()]).unwrap();
    let columns: String = file
        .query_row(
            "SELECT group_concat(name) FROM pragma_table_info('calls') WHERE name NOT IN ('sequence', 'id')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    for (sequence, id) in [(2, "b"), (3, "c")] {
        let insert = format!(
            "INSERT INTO main.calls (sequence, id, {columns}) SELECT {sequence}, '{id}', {columns} FROM now.calls"
        );
        file.execute_batch(&insert).unwrap();
    }
}

#[test]
fn records_from_before_the_chain_are_read_and_chained_when_the_box_starts() {
    let folder = tempfile::tempdir().unwrap();
    before_the_chain(folder.path());
    let store = Store::open(folder.path()).unwrap();
    let chain = store.verify_calls(None).unwrap().unwrap();
    assert_eq!((chain.first, chain.last), (2, 3));
    let calls = store.calls(None, 10).unwrap();
    let old = CallRow { class: None, price: None, cause: None, legs: Vec::new(), ..call("c") };
    assert_eq!(calls, [old.clone(), CallRow { id: "b".into(), ..old }]);
    store.insert_call(&call("d")).unwrap();
    assert_eq!(store.verify_calls(Some(chain.head)).unwrap().unwrap().last, 4);
    let home = Home { folder, store };
    forge(&home, "UPDATE calls SET trunk = NULL WHERE id = 'c'");
    assert_eq!(verdict(&home), Err(ChainFault::Changed { sequence: 3, id: "c".into() }));
}

#[test]
fn calls_are_read_in_the_order_in_which_they_began_page_by_page() {
    let home = Home::new();
    let began = call("x").started_unix_ms;
    // Written when they ended: the first began last.
    for number in (0..1100_u64).rev() {
        let at = CallRow { started_unix_ms: began + number / 2, ..call(&number.to_string()) };
        home.store.insert_call(&at).unwrap();
    }
    let (mut read, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let (page, next) = home.store.calls_between((began + 10, began + 540), after).unwrap();
        pages += 1;
        read.extend(page.into_iter().map(|chained| chained.call.started_unix_ms - began));
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((read.len(), read[0], read[1059], pages), (1060, 10, 539, 3));
    assert!(read.is_sorted());
}
