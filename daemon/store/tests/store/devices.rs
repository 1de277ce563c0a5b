use centrale_config::Secret;
use centrale_store::{DeviceChange, DeviceRow, StoreError};

use crate::{Home, bakery, by, renamed};

fn device(mac: &str, secret: Option<&str>) -> DeviceRow {
    DeviceRow {
        mac: mac.parse().unwrap(),
        state: "setting-up".into(),
        document: "{\"token\":\"0123456789\"}".into(),
        secret: secret.map(Secret::new),
        last_seen_unix_ms: 1_800_000_000_000,
    }
}

#[test]
fn devices_are_written_changed_read_and_forgotten() {
    let home = Home::new();
    let (first, second) = (device("000413000001", None), device("805ec0aabbcc", Some("secret of the second")));
    home.store.put_device(&second).unwrap();
    home.store.put_device(&first).unwrap();
    assert_eq!(home.store.devices().unwrap(), [first, second.clone()]);

    let changed = DeviceRow { state: "ready".into(), ..device("000413000001", Some("its new secret")) };
    home.store.put_device(&changed).unwrap();
    let home = home.restarted();
    assert_eq!(home.store.devices().unwrap(), [changed.clone(), second]);

    assert!(home.store.remove_device(changed.mac).unwrap());
    assert!(!home.store.remove_device(changed.mac).unwrap());
    assert_eq!(home.store.devices().unwrap().len(), 1);
}

#[test]
fn a_secret_that_was_moved_to_another_device_behind_our_back_does_not_open() {
    let home = Home::new();
    home.store.put_device(&device("000413000001", Some("secret of the first"))).unwrap();
    home.store.put_device(&device("000413000002", Some("secret of the second"))).unwrap();
    let database = rusqlite::Connection::open(home.folder.path().join("centrale.db")).unwrap();
    let moved = database.execute(
        "UPDATE devices SET secret = (SELECT secret FROM devices WHERE mac = '000413000001') WHERE mac = '000413000002'",
        [],
    );
    assert_eq!(moved, Ok(1));
    let refused = home.store.devices().unwrap_err();
    assert!(matches!(&refused, StoreError::Damaged(what) if what.contains("000413000002")), "{refused}");
}

#[test]
fn what_becomes_of_devices_with_a_revision_is_kept_with_it_or_not_at_all() {
    let home = Home::new();
    let (old, new) = (device("000413000001", Some("secret of the first")), device("000413000002", None));
    home.store.put_device(&old).unwrap();
    let swap = || vec![DeviceChange::Remove(old.mac), DeviceChange::Put(new.clone())];
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    let late = home.store.commit_with(&renamed(&bakery(), "Late"), 0, by("late"), swap());
    assert!(matches!(late, Err(StoreError::Stale { current: 1 })));
    assert_eq!(home.store.devices().unwrap(), std::slice::from_ref(&old));

    let database = rusqlite::Connection::open(home.folder.path().join("centrale.db")).unwrap();
    let stubborn = |table: &str| {
        let event = format!("CREATE TRIGGER stubborn BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END");
        database.execute_batch(&event).unwrap();
        let refused = home.store.commit_with(&renamed(&bakery(), "Two"), 1, by("two"), swap());
        database.execute_batch("DROP TRIGGER stubborn").unwrap();
        assert!(refused.is_err(), "{table}");
        assert_eq!((home.store.current_revision().unwrap(), home.store.devices().unwrap()), (1, vec![old.clone()]));
    };
    stubborn("revisions");
    stubborn("devices");
    assert_eq!(home.store.commit_with(&renamed(&bakery(), "Two"), 1, by("two"), swap()).unwrap(), 2);
    assert_eq!(home.store.devices().unwrap(), [new]);
}
