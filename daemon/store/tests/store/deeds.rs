//! What a thief would do that no revision holds, and the way back.

use centrale_config::Secret;
use centrale_store::{AccessRefused, Deed, Role, Standing, Store, UNDO_MS};

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
    store.tell_deed(number, letters).unwrap();
    mailed
}

#[test]
fn a_120_a_user_that_came_goes_with_the_code_within_a_day_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let (user, code) = store.invite("thief", standing(Role::Owner), 1).unwrap();
    store.join(code.reveal(), &Secret::new("gestolen sleutel onder mat"), 2).unwrap();
    let deed = Deed::UserAdded { user, name: "thief".into() };
    let number = store.note_deed(deed.clone(), "admin", 10).unwrap();
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
    store.change_user(user, standing(Role::Owner)).unwrap();
    let number = store.note_deed(raised(standing(Role::Reception)), "admin", 10).unwrap();
    store.take_deed_back(number, raised(standing(Role::Reception))).unwrap();
    assert_eq!(role(), Role::Reception);
    store.change_user(user, standing(Role::Owner)).unwrap();
    let number = store.note_deed(raised(standing(Role::Installer)), "admin", 20).unwrap();
    store.change_user(user, standing(Role::Reception)).unwrap();
    store.take_deed_back(number, raised(standing(Role::Installer))).unwrap();
    assert_eq!(role(), Role::Reception, "who may do less by now is given nothing");
    store.remove_user(user).unwrap();
    let gone = store.take_deed_back(number, raised(standing(Role::Installer)));
    assert!(matches!(gone, Err(AccessRefused::NoSuchUser)));
}

#[test]
fn a_120_the_last_owner_is_not_taken_away_by_anybody_s_code() {
    let folder = tempfile::tempdir().unwrap();
    let store = owned(&folder);
    let owner = store.users().unwrap()[0].number;
    let deed = Deed::UserAdded { user: owner, name: "admin".into() };
    let number = store.note_deed(deed.clone(), "thief", 10).unwrap();
    assert!(matches!(store.take_deed_back(number, deed), Err(AccessRefused::LastOwner)));
    assert_eq!(store.users().unwrap().len(), 1);
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
