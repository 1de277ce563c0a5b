//! Who of those that are told showed that mail arrives there.

use centrale_store::{CONFIRMATION_CODE_MS, Confirmation, NewMail, Store};

const ADDRESS: &str = "owner@example.org";

fn mail(text: &str) -> NewMail {
    let (about, recipient, subject) = ("confirm/1".into(), ADDRESS.into(), "a subject".into());
    NewMail { about, stage: 1, recipient, subject, text: text.into(), made_unix_ms: 5, next_unix_ms: 5 }
}

fn asked(store: &Store, now: u64) -> String {
    let mut mailed = String::new();
    let letter = |code: &centrale_config::Secret| {
        mailed = code.reveal().to_owned();
        mail(code.reveal())
    };
    store.ask_confirmation(ADDRESS, now, letter).unwrap();
    mailed
}

fn known(store: &Store) -> Confirmation {
    store.confirmations().unwrap().remove(0)
}

#[test]
fn an_address_is_confirmed_by_the_code_that_was_mailed_there_last_once_and_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let void = asked(&store, 5);
    let code = asked(&store, 10);
    assert_eq!((known(&store).asked_unix_ms, known(&store).confirmed_unix_ms), (Some(10), None));
    for wrong in ["", "AAAAAAAAAA", &void] {
        assert_eq!(store.confirm_by_code(wrong, 20).unwrap(), None);
    }
    assert_eq!(store.confirm_by_code(&code, 10 + CONFIRMATION_CODE_MS).unwrap(), None, "too late");
    let typed = format!(" {}-{} ", &code[..5].to_lowercase(), &code[5..]);
    assert_eq!(store.confirm_by_code(&typed, 20).unwrap().as_deref(), Some(ADDRESS));
    assert_eq!(store.confirm_by_code(&code, 21).unwrap(), None, "once");
    assert_eq!(known(&store).confirmed_unix_ms, Some(20));
    assert_eq!(store.mails(0, 9).unwrap().len(), 2);
}

#[test]
fn who_went_confirms_nothing_and_is_known_for_a_month() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let code = asked(&store, 10);
    store.confirm_by_code(&code, 20).unwrap();
    let code = asked(&store, 30);
    store.contact_left(ADDRESS, 40, Some(mail("the last"))).unwrap();
    assert_eq!((known(&store).left_unix_ms, store.confirm_by_code(&code, 50).unwrap()), (Some(40), None));
    store.contact_returned(ADDRESS).unwrap();
    assert_eq!((known(&store).left_unix_ms, known(&store).confirmed_unix_ms), (None, Some(20)));
    store.contact_left(ADDRESS, 60, None).unwrap();
    store.contact_left("another@example.org", 61 + 30 * 24 * 3_600_000, None).unwrap();
    assert_eq!(store.confirmations().unwrap(), []);
}
