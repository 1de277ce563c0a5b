//! What somebody stopped stays stopped, and who did is written down for good.

use centrale_store::StopRow;

use crate::Home;

fn row(stop: &str, is_on: bool, at_unix_ms: u64) -> StopRow {
    StopRow { stop: stop.into(), is_on, who: "admin".into(), source: "192.168.1.20".into(), at_unix_ms }
}

#[test]
fn a_015_a_stop_outlives_a_restart_until_somebody_takes_it_back() {
    let home = Home::new();
    assert_eq!(home.store.stops_in_force().unwrap(), []);
    for line in [row("outgoing", true, 1), row("person/201", true, 2), row("outgoing", false, 3)] {
        home.store.note_stop(&line).unwrap();
    }
    let home = home.restarted();
    assert_eq!(home.store.stops_in_force().unwrap(), [row("person/201", true, 2)]);
    assert_eq!(home.store.stops().unwrap().len(), 3, "every press is remembered");
    home.store.note_stop(&row("outgoing", true, 4)).unwrap();
    assert_eq!(home.store.stops_in_force().unwrap(), [row("person/201", true, 2), row("outgoing", true, 4)]);
    assert_eq!(home.store.stops().unwrap()[0], row("outgoing", true, 4), "the newest first");
}

#[test]
fn who_stopped_what_is_never_changed_or_removed() {
    let home = Home::new();
    home.store.note_stop(&row("outgoing", true, 1)).unwrap();
    let database = rusqlite::Connection::open(home.folder.path().join("centrale.db")).unwrap();
    for sql in [
        "UPDATE stops SET who = 'nobody'",
        "DELETE FROM stops",
        "INSERT OR REPLACE INTO stops (sequence, stop, is_on, who, source, at_ms) VALUES (1, 'x', 0, 'x', 'x', 0)",
    ] {
        assert!(database.execute_batch(sql).is_err(), "{sql}");
    }
    assert_eq!(home.store.stops().unwrap(), [row("outgoing", true, 1)]);
}
