//! Changes that were told, and the way back.

use centrale_config::Secret;
use centrale_store::{NewMail, Store, UNDO_MS};

use crate::{bakery, by};

fn told(store: &Store, span: (u64, u64), now: u64) -> String {
    let mut mailed = String::new();
    let letters = |code: &Secret| {
        mailed = code.reveal().to_owned();
        let (about, recipient, subject) = ("sensitive/2".into(), "owner@example.org".into(), "a subject".into());
        vec![NewMail { about, stage: 1, recipient, subject, text: "t".into(), made_unix_ms: now, next_unix_ms: now }]
    };
    store.tell_change(span, "admin", now, letters).unwrap();
    mailed
}

#[test]
fn a_120_a_change_is_told_once_and_its_code_is_good_for_a_day_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut office = bakery();
    store.commit(&office, 0, by("first")).unwrap();
    assert_eq!(store.untold_revisions().unwrap(), (1, 1), "what was before there was anybody to tell");
    office.alerts.digest = false;
    store.commit(&office, 1, by("second")).unwrap();
    assert_eq!(store.untold_revisions().unwrap(), (1, 2));
    let code = told(&store, (1, 2), 1_000);
    assert_eq!(store.untold_revisions().unwrap(), (2, 2));
    assert_eq!(store.mails(0, 9).unwrap().len(), 1);
    assert_eq!(store.undo_by_code("AAAAAAAAAAAAAAAAAAAA", 2_000).unwrap(), None);
    assert_eq!(store.undo_by_code(&code, 1_000 + UNDO_MS).unwrap(), None, "too late");
    let undo = store.undo_by_code(&code.to_lowercase(), 999 + UNDO_MS).unwrap().unwrap();
    assert_eq!((undo.before, undo.after, undo.who.as_str()), (1, 2, "admin"));
    assert_eq!(store.take_back(undo.number, &bakery(), 2, by("back")).unwrap(), 3);
    assert_eq!(store.undo_by_code(&code, 2_000).unwrap(), None, "once");
    assert_eq!(store.undos().unwrap()[0].taken_back, Some(3));
    assert!(store.take_back(undo.number, &bakery(), 2, by("too late")).is_err(), "somebody else was first");
}
