//! What a thief would do that no revision holds, and the way back.

use centrale_config::Secret;
use centrale_store::{AccessRefused, Deed, NewPasskey, Role, Standing, Store, UNDO_MS};

const PASSWORD: &str = "paardebloem bij de deur";

fn standing(role: Role) -> Standing {
    Standing { role, person: None, ends_unix_ms: None }
}

/// A store whose first owner has a password.
fn owned(folder: &tempfile::TempDir) -> Store {
    let store = Store::open(folder.path()).unwrap();
    let code = store.new_setup_code().unwrap();
    store.set_up(code.reveal(), &Secret::new(PASSWORD)).unwrap();
    store
}

fn told(store: &Store, number: u64) -> String {
    let mut mailed = String::new();
    let letters = |code: &Secret| {
        mailed = code.reveal().to_owned();
        Vec::new()
    };
    store.tell_deed(number, 10, letters).unwrap();
    mailed
}

#[test]
fn a_120_a_user_that_came_goes_with_the_code_within_a_day_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let (user, code) = store.invite("thief", standing(Role::Owner), 1).unwrap();
    store.join(code.reveal(), &Secret::new("gestolen sleutel onder mat"), 2).unwrap();
    let deed = Deed::UserAdded { user, name: "thief".into() };
    let number = store.note_deed(deed.clone(), "admin", 10).unwrap().unwrap();
    assert_eq!(store.untold_deeds().unwrap()[0].deed, Some(deed.clone()));
    let mailed = told(&store, number);
    assert!(store.untold_deeds().unwrap().is_empty(), "told once");
    assert_eq!(store.undo_by_code(&mailed, 10 + UNDO_MS).unwrap(), None, "too late");
    let undo = store.undo_by_code(&mailed, 9 + UNDO_MS).unwrap().unwrap();
    assert_eq!((undo.number, undo.deed.as_ref()), (number, Some(&deed)));
    store.take_deed_back(number, deed).unwrap();
    assert_eq!(store.users().unwrap().len(), 1);
    assert_eq!(store.undo_by_code(&mailed, 20).unwrap(), None, "once");
}

#[test]
fn a_120_who_was_raised_is_what_they_were_and_taking_back_never_gives_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let (user, _) = store.invite("Bea", standing(Role::Reception), 1).unwrap();
    let raised = |before| Deed::UserRaised { user, name: "Bea".into(), before };
    let role = || store.users().unwrap().into_iter().find(|one| one.number == user).unwrap().standing.role;
    store.change_user(user, standing(Role::Owner), 30).unwrap();
    let number = store.note_deed(raised(standing(Role::Reception)), "admin", 10).unwrap().unwrap();
    store.take_deed_back(number, raised(standing(Role::Reception))).unwrap();
    assert_eq!(role(), Role::Reception);
    store.change_user(user, standing(Role::Owner), 30).unwrap();
    let number = store.note_deed(raised(standing(Role::Installer)), "admin", 20).unwrap().unwrap();
    store.change_user(user, standing(Role::Reception), 30).unwrap();
    store.take_deed_back(number, raised(standing(Role::Installer))).unwrap();
    assert_eq!(role(), Role::Reception, "who may do less by now is given nothing");
    store.remove_user(user, 30).unwrap();
    let gone = store.take_deed_back(number, raised(standing(Role::Installer)));
    assert!(matches!(gone, Err(AccessRefused::NoSuchUser)));
}

#[test]
fn a_120_no_code_of_the_last_day_goes_however_much_a_thief_does_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let cap = |cap: &str| Deed::CapRaised { cap: cap.into() };
    let first = store.note_deed(cap("day"), "thief", 10).unwrap().unwrap();
    let mailed = told(&store, first);
    let second = store.note_deed(cap("day"), "thief", 20).unwrap();
    for at in 21..40 {
        assert_eq!(store.note_deed(cap("day"), "thief", at).unwrap(), second, "raised again before it is told");
    }
    for user in 1000..2005 {
        let came = Deed::UserAdded { user, name: format!("mule {user}") };
        assert!(store.note_deed(came, "thief", 500).unwrap().is_some(), "who went untold makes room");
    }
    let (user, _) = store.invite("thief", standing(Role::Owner), 600).unwrap();
    let came = store.note_deed(Deed::UserAdded { user, name: "thief".into() }, "thief", 600).unwrap();
    assert_eq!(store.untold_deeds().unwrap().first().map(|undo| undo.number), came, "who is there is told first");
    assert_eq!(store.undo_by_code(&mailed, 9 + UNDO_MS).unwrap().unwrap().number, first);
}

#[test]
fn a_120_who_is_raised_twice_before_it_is_told_is_what_they_were_at_their_lowest() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let (user, _) = store.invite("Bea", standing(Role::Installer), 1).unwrap();
    let raised = |role| Deed::UserRaised { user, name: "Bea".into(), before: standing(role) };
    let number = store.note_deed(raised(Role::Installer), "Anna", 10).unwrap();
    assert_eq!(store.note_deed(raised(Role::Reception), "thief", 20).unwrap(), number);
    assert_eq!(store.note_deed(raised(Role::Installer), "thief", 30).unwrap(), number);
    let undo = store.untold_deeds().unwrap().remove(0);
    assert_eq!((undo.deed, undo.who.as_str(), undo.at_unix_ms), (Some(raised(Role::Reception)), "thief", 30));
}

#[test]
fn a_120_the_last_owner_is_not_taken_away_by_anybody_s_code() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let owner = store.users().unwrap()[0].number;
    let deed = Deed::UserAdded { user: owner, name: "admin".into() };
    let number = store.note_deed(deed.clone(), "thief", 10).unwrap().unwrap();
    assert!(matches!(store.take_deed_back(number, deed), Err(AccessRefused::LastOwner)));
    assert_eq!(store.users().unwrap().len(), 1);
}

/// Makes a code for the first owner, with which a thief chooses a password at that time and makes a passkey.
fn stolen(store: &Store, at: u64, name: &str) -> u64 {
    let code = store.new_user_code(1, at).unwrap();
    let deed = Deed::CodeMade { user: 1, name: "admin".into() };
    let number = store.note_deed(deed, "thief", at).unwrap().unwrap();
    store.join(code.reveal(), &Secret::new(format!("gestolen sleutel onder mat {name}")), at).unwrap();
    passkey(store, at, name);
    number
}

fn passkey(store: &Store, at: u64, name: &str) {
    let (credential, public_key) = (name.as_bytes().to_vec(), b"a key".to_vec());
    let made = NewPasskey { credential, public_key, rp_id: "centrale.local".into(), name: name.into(), counter: 0 };
    store.passkey_handle(1).unwrap();
    store.put_passkey(1, made, at).unwrap();
}

fn take_code_back(store: &Store, number: u64) {
    store.take_deed_back(number, Deed::CodeMade { user: 1, name: "admin".into() }).unwrap();
}

#[test]
fn a_120_what_came_with_a_code_that_was_told_late_goes_with_it_and_what_was_there_before_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    passkey(&store, 4, "the owner's");
    let number = stolen(&store, 5, "a thief's");
    // It is told at 10.
    told(&store, number);
    take_code_back(&store, number);
    let names: Vec<String> = store.passkeys_of(1).unwrap().into_iter().map(|one| one.made.name).collect();
    assert_eq!(names, ["the owner's"]);
    assert!(store.app_and_codes_left(1).unwrap().1 > 0, "codes of before");
    assert!(store.is_password_of(1, &Secret::new(PASSWORD)).unwrap());
}

/// How many passwords of before are in the file.
fn former(folder: &tempfile::TempDir) -> u32 {
    let file = rusqlite::Connection::open(folder.path().join("centrale.db")).unwrap();
    file.query_row("SELECT count(*) FROM undos WHERE former_password IS NOT NULL", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_120_the_password_of_before_a_code_is_kept_as_long_as_it_can_be_had_back_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let number = stolen(&store, 5, "one");
    told(&store, number);
    store.forget_former_passwords(9 + UNDO_MS).unwrap();
    assert_eq!(former(&folder), 1);
    take_code_back(&store, number);
    assert_eq!(former(&folder), 0, "it was had back");

    let first = stolen(&store, 6, "two");
    told(&store, first);
    let second = stolen(&store, 7, "three");
    store.forget_former_passwords(10 + UNDO_MS).unwrap();
    assert_eq!(former(&folder), 2, "a code that was not told yet goes by that of before the first");
    told(&store, second);
    store.forget_former_passwords(10 + UNDO_MS).unwrap();
    assert_eq!(former(&folder), 0, "the day is over");
    take_code_back(&store, second);
    assert!(
        store.is_password_of(1, &Secret::new("gestolen sleutel onder mat three")).unwrap(),
        "and nobody is shut out"
    );

    let (user, code) = store.invite("Bea", standing(Role::Owner), 20).unwrap();
    store.join(code.reveal(), &Secret::new("vier grote gele vogels"), 20).unwrap();
    store.note_deed(Deed::CodeMade { user, name: "Bea".into() }, "admin", 20).unwrap();
    assert_eq!(former(&folder), 1);
    store.remove_user(user, 30).unwrap();
    assert_eq!(former(&folder), 0, "the user is gone");
}

#[test]
fn who_may_do_more_is_above_whatever_else_is_different() {
    let installer = |ends| Standing { role: Role::Installer, person: None, ends_unix_ms: Some(ends) };
    assert!(standing(Role::Owner).is_above(&standing(Role::Reception)));
    assert!(!standing(Role::Reception).is_above(&standing(Role::Owner)));
    assert!(installer(20).is_above(&installer(10)), "for longer");
    assert!(!installer(10).is_above(&installer(20)));
    assert!(!installer(10).is_above(&installer(10)));
    let person = |number: &str| Standing { person: Some(number.into()), ..standing(Role::Person) };
    for lower in [Role::Installer, Role::Reception, Role::Person] {
        assert!(standing(Role::Auditor).is_above(&standing(lower)), "reads the log and the evidence");
    }
    assert!(!standing(Role::Auditor).is_above(&standing(Role::Owner)));
    assert!(standing(Role::Installer).is_above(&standing(Role::Auditor)));
    assert!(person("202").is_above(&person("201")), "another mailbox");
}

#[test]
fn a_120_whoever_made_an_owner_takes_no_other_owner_away_before_that_can_be_taken_back_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let admin = store.users().unwrap()[0].number;
    let (user, code) = store.invite("thief", standing(Role::Owner), 1).unwrap();
    store.join(code.reveal(), &Secret::new("gestolen sleutel onder mat"), 2).unwrap();
    let deed = Deed::UserAdded { user, name: "thief".into() };
    let number = store.note_deed(deed.clone(), "admin", 10).unwrap().unwrap();
    let gone = |now| store.remove_user(admin, now);
    assert!(matches!(gone(11), Err(AccessRefused::OwnersTooNew)), "not told yet");
    let mailed = told(&store, number);
    assert!(matches!(gone(9 + UNDO_MS), Err(AccessRefused::OwnersTooNew)));
    let lowered = store.change_user(admin, standing(Role::Reception), 11);
    assert!(matches!(lowered, Err(AccessRefused::OwnersTooNew)));
    let undo = store.undo_by_code(&mailed, 12).unwrap().unwrap();
    store.take_deed_back(undo.number, deed).unwrap();
    assert_eq!(store.users().unwrap().len(), 1, "the way back works");
    let (user, code) = store.invite("Els", standing(Role::Owner), 20).unwrap();
    store.join(code.reveal(), &Secret::new("sleutel van een ander huis"), 21).unwrap();
    let number = store.note_deed(Deed::UserAdded { user, name: "Els".into() }, "admin", 20).unwrap().unwrap();
    told(&store, number);
    store.remove_user(user, 30).unwrap();
    let (user, code) = store.invite("Bas", standing(Role::Owner), 40).unwrap();
    store.join(code.reveal(), &Secret::new("nog een sleutel van iemand"), 41).unwrap();
    let number = store.note_deed(Deed::UserAdded { user, name: "Bas".into() }, "admin", 40).unwrap().unwrap();
    told(&store, number);
    store.remove_user(admin, 10 + UNDO_MS).unwrap();
}
