//! Who did what is only ever added to, and a change of it shows.

use centrale_store::{Act, ChainFault};

use crate::{Home, bakery, by};

fn act(what: &str, revision: Option<u64>) -> Act {
    Act {
        at_unix_ms: 1_800_000_000_000,
        who: "Bert".into(),
        source: "192.168.1.50".into(),
        what: what.into(),
        about: "201".into(),
        revision,
    }
}

#[test]
fn what_was_done_is_there_after_a_restart_with_the_reason_that_its_revision_has() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("the first people")).unwrap();
    home.store.note_act(act("log-in", None)).unwrap();
    home.store.note_act(act("POST /api/v1/people", Some(1))).unwrap();
    let home = home.restarted();
    let log = home.store.audit(u64::MAX, 10).unwrap();
    assert_eq!(log.iter().map(|row| row.sequence).collect::<Vec<_>>(), [2, 1], "the newest first");
    assert_eq!((&log[0].act, log[0].why.as_deref()), (&act("POST /api/v1/people", Some(1)), Some("the first people")));
    assert_eq!(home.store.audit(2, 10).unwrap(), log[1..]);
    assert_eq!(home.store.verify_audit(None).unwrap().unwrap().last, 2);
}

#[test]
fn an_entry_has_the_same_hash_in_every_version() {
    let home = Home::new();
    home.store.note_act(act("log-in", None)).unwrap();
    home.store.note_act(act("POST /api/v1/people", Some(1))).unwrap();
    let head = home.store.verify_audit(None).unwrap().unwrap().head.to_string();
    assert_eq!(head, "ea6858eb2f02fff99522ced04f12049f9ac9d21b4540aca3d61b1b14f64d4577");
}

#[test]
fn whoever_changes_the_log_is_refused_and_who_takes_away_the_triggers_first_is_seen() {
    let entries = || {
        let home = Home::new();
        assert_eq!(home.store.verify_audit(None).unwrap().unwrap().last, 0);
        ["one", "two", "three"].into_iter().for_each(|what| home.store.note_act(act(what, None)).unwrap());
        let database = rusqlite::Connection::open(home.folder.path().join("centrale.db")).unwrap();
        (home, database)
    };
    for (sql, fault) in [
        ("UPDATE audit SET who = 'nobody' WHERE sequence = 2", ChainFault::Changed { sequence: 2, id: "two".into() }),
        ("DELETE FROM audit WHERE sequence = 2", ChainFault::Missing { sequence: 2 }),
        ("DELETE FROM audit WHERE sequence = 3", ChainFault::Missing { sequence: 3 }),
        (
            "INSERT OR REPLACE INTO audit SELECT sequence, what, at_ms, 'x', source, about, revision, hash
             FROM audit WHERE sequence = 1",
            ChainFault::Changed { sequence: 1, id: "one".into() },
        ),
    ] {
        let (home, database) = entries();
        assert!(database.execute_batch(sql).is_err(), "{sql}");
        assert_eq!(home.store.verify_audit(None).unwrap().unwrap().last, 3);
        for trigger in ["audit_in_order", "audit_unchanged", "audit_kept"] {
            database.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
        }
        database.execute_batch(sql).unwrap();
        assert_eq!(home.store.verify_audit(None).unwrap(), Err(fault), "{sql}");
    }
}
