use std::fs;
use std::os::unix::fs::PermissionsExt;

use centrale_config::Secret;
use centrale_store::{DeviceRow, Store, StoreError, Whence, step_at};

use crate::{Home, bakery, by, renamed};

/// Everything in the state folder but the key, by name.
fn files(home: &Home) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
    named.filter(|(name, _)| name != "device.key").collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn no_secret_lies_in_clear_in_any_file_or_debug_output() {
    let home = Home::new();
    let device = DeviceRow {
        mac: "805ec0aabbcc".parse().unwrap(),
        state: "ready".into(),
        document: "{\"token\":\"token-of-the-phone\"}".into(),
        secret: Some(Secret::new("secret-of-the-phone")),
        last_seen_unix_ms: 0,
    };
    let key = Secret::new("-----BEGIN PRIVATE KEY----- of the box");
    let password = Secret::new("password-of-the-administrator");
    let code = home.store.new_setup_code().unwrap();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    home.store.commit(&renamed(&bakery(), "Two"), 1, by("two")).unwrap();
    home.store.put_device(&device).unwrap();
    home.store.put_secret("tls-key", &key).unwrap();
    let unused_code = home.store.new_setup_code().unwrap();
    let owner = home.store.set_up(unused_code.reveal(), &password).unwrap();
    let whence = Whence { source: "192.168.1.50".into(), agent: "Firefox".into() };
    let session = home.store.open_session(owner.number, None, whence, 1_800_000_000_000).unwrap();
    let (_, invitation) = home.store.invite("Bert", owner.standing, 1_800_000_000_000).unwrap();

    let second = home.store.begin_factor(owner.number).unwrap();
    let now = 1_800_000_000_000;
    let recovery = home.store.confirm_factor(owner.number, &second.code(step_at(now)), now).unwrap();
    let second_shown = format!("{second:?} {recovery:?}");
    let second = second.reveal();

    let (_, office) = home.store.office().unwrap().unwrap();
    let shown = format!(
        "{:?} {office:?} {device:?} {key:?} {session:?} {second_shown} {:?}",
        home.store,
        home.store.devices().unwrap()
    );
    let export = home.store.export(&office).unwrap();
    let files = files(&home);
    assert!(
        files.iter().any(|(name, bytes)| name == "centrale.db-wal" && holds(bytes, "Anna")),
        "the log is looked at"
    );

    for secret in [
        "Annas-own-password",
        "Berts-own-password",
        "the provider's password",
        "token-of-the-phone",
        "secret-of-the-phone",
        "BEGIN PRIVATE KEY",
        &second,
        recovery[0].reveal(),
        password.reveal(),
        code.reveal(),
        unused_code.reveal(),
        invitation.reveal(),
        session.reveal(),
    ] {
        for (name, bytes) in &files {
            assert!(!holds(bytes, secret), "{secret} is in {name}");
        }
        assert!(!shown.contains(secret), "{secret} is shown");
        assert!(!export.contains(secret), "{secret} is exported");
    }
    home.store.close();
    let database = fs::read(home.folder.path().join("centrale.db")).unwrap();
    assert!(holds(&database, "Anna") && !holds(&database, "Annas-own-password"), "after the log was merged");
    assert_eq!(Store::open(home.folder.path()).unwrap().secret("tls-key").unwrap(), Some(key));
}

#[test]
fn every_file_is_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("new/state");
    let store = Store::open(&state).unwrap();
    store.put_meta("a", "b").unwrap();
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
    let names: Vec<String> = fs::read_dir(&state)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{name}");
            name
        })
        .collect();
    assert!(
        names.iter().any(|name| name == "device.key") && names.iter().any(|name| name == "centrale.db"),
        "{names:?}"
    );
}

#[test]
fn a_database_without_its_key_is_refused_and_not_given_a_new_one() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    home.store.close();
    let key = home.folder.path().join("device.key");
    let right = fs::read(&key).unwrap();

    fs::remove_file(&key).unwrap();
    assert!(matches!(Store::open(home.folder.path()), Err(StoreError::WrongKey)));
    assert!(!key.exists());

    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(Store::open(home.folder.path()), Err(StoreError::WrongKey)));

    fs::write(&key, right).unwrap();
    assert_eq!(Store::open(home.folder.path()).unwrap().office().unwrap().unwrap().1, bakery());
}

#[test]
fn a_key_that_others_may_read_stops_the_start_in_clear_words() {
    let home = Home::new();
    home.store.close();
    let key = home.folder.path().join("device.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = Store::open(home.folder.path()).unwrap_err().to_string();
    assert!(refused.contains("has mode 644") && refused.contains("Set it to 600"), "{refused}");
}
