//! Nothing of what was kept is left.

use std::fs;
use std::path::Path;

use centrale_store::{NewMessage, Store, wipe};

use crate::{bakery, by};

const VOICE: &[u8] = b"words of Piet that nobody else is to hear ";

/// A store with an office, a message and an owner, closed again.
fn filled(folder: &Path) {
    let store = Store::open(folder).unwrap();
    store.commit(&bakery(), 0, by("first")).unwrap();
    let voice = VOICE.repeat(200);
    let (mailbox, from, from_name) = ("201".into(), "+31612345678".into(), "Piet".into());
    store.insert_message(&NewMessage { mailbox, from, from_name, received_unix_ms: 1, voice }).unwrap();
    store
        .invite(
            "Anna",
            centrale_store::Standing { role: centrale_store::Role::Owner, person: None, ends_unix_ms: None },
            1,
        )
        .unwrap();
    store.close();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_143_a_wiped_folder_holds_nothing_and_the_next_store_in_it_is_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let key = fs::read(folder.path().join("device.key")).unwrap();
    let kept = fs::read(folder.path().join("centrale.db")).unwrap();
    wipe(folder.path()).unwrap();
    assert_eq!(names(folder.path()), [""; 0]);
    let store = Store::open(folder.path()).unwrap();
    assert!(store.office().unwrap().is_none() && store.users().unwrap().is_empty());
    assert_ne!(fs::read(folder.path().join("device.key")).unwrap(), key);
    store.close();
    // Whoever has a copy of the database without its key has no secret of it.
    fs::write(folder.path().join("centrale.db"), kept).unwrap();
    assert!(Store::open(folder.path()).is_err());
}

#[test]
fn a_143_a_power_cut_in_the_middle_saves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let path = |name: &str| folder.path().join(name);
    let key = fs::read(path("device.key")).unwrap();
    // As far as the first step: the database is on its way out, the key is there.
    fs::rename(path("centrale.db"), path("centrale.db.gone")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.office().unwrap().is_none());
    assert_ne!(fs::read(path("device.key")).unwrap(), key);
    assert!(names(folder.path()).iter().all(|name| !name.ends_with(".gone")));
    store.close();
    filled(folder.path());
    // And with the key gone.
    fs::rename(path("centrale.db"), path("centrale.db.gone")).unwrap();
    fs::remove_file(path("device.key")).unwrap();
    assert!(Store::open(folder.path()).unwrap().office().unwrap().is_none());
}
