use centrale_config::Secret;
use centrale_store::{AdminRefused, SESSION_IDLE_MS, SESSION_LONGEST_MS, SessionToken};

use crate::Home;

const NOW: u64 = 1_800_000_000_000;

fn password() -> Secret {
    Secret::new("a long enough password")
}

#[test]
fn the_code_sets_the_first_password_once() {
    let home = Home::new();
    assert!(!home.store.is_set_up().unwrap());
    assert!(matches!(home.store.set_up("anything", &password()), Err(AdminRefused::WrongCode)));
    let older = home.store.new_setup_code().unwrap();
    let code = home.store.new_setup_code().unwrap();
    assert!(matches!(home.store.set_up(older.reveal(), &password()), Err(AdminRefused::WrongCode)));
    assert!(matches!(home.store.set_up(code.reveal(), &Secret::new("short")), Err(AdminRefused::PasswordTooShort)));
    assert!(matches!(
        home.store.set_up(code.reveal(), &Secret::new("x".repeat(2000))),
        Err(AdminRefused::PasswordTooLong)
    ));

    let typed = format!("{} {}", &code.reveal()[..5].to_lowercase(), &code.reveal()[5..]);
    home.store.set_up(&typed, &password()).unwrap();
    assert!(matches!(home.store.set_up(code.reveal(), &password()), Err(AdminRefused::AlreadySetUp)));

    let home = home.restarted();
    assert!(home.store.is_set_up().unwrap());
    assert!(home.store.is_password(&password()).unwrap());
    assert!(!home.store.is_password(&Secret::new("another long password")).unwrap());
    assert!(!home.store.is_password(&Secret::new("x".repeat(2000))).unwrap());
}

#[test]
fn without_a_password_no_password_is_right() {
    let home = Home::new();
    assert!(!home.store.is_password(&Secret::new("")).unwrap());
}

#[test]
fn a_forgotten_password_is_replaced_only_through_a_new_code() {
    let home = Home::new();
    let code = home.store.new_setup_code().unwrap();
    home.store.set_up(code.reveal(), &password()).unwrap();
    let token = home.store.open_session(NOW).unwrap();
    home.store.forget_password().unwrap();
    assert!(home.store.session(&token, NOW).unwrap().is_none());
    assert!(matches!(home.store.set_up(code.reveal(), &password()), Err(AdminRefused::WrongCode)));
    let code = home.store.new_setup_code().unwrap();
    home.store.set_up(code.reveal(), &Secret::new("another long password")).unwrap();
    assert!(home.store.is_password(&Secret::new("another long password")).unwrap());
}

#[test]
fn a_session_lives_while_it_is_used_and_ends_when_it_is_told_to() {
    let home = Home::new();
    let token = home.store.open_session(NOW).unwrap();
    let other = home.store.open_session(NOW).unwrap();
    let home = home.restarted();
    let from_cookie = SessionToken::from_cookie(token.reveal());
    assert_eq!(home.store.session(&from_cookie, NOW).unwrap().unwrap().created_unix_ms, NOW);
    assert!(home.store.session(&SessionToken::from_cookie("made up"), NOW).unwrap().is_none());

    let nearly_idle = NOW + SESSION_IDLE_MS;
    assert!(home.store.session(&token, nearly_idle).unwrap().is_some());
    assert!(home.store.session(&token, nearly_idle + SESSION_IDLE_MS).unwrap().is_some(), "the use before counted");
    assert!(home.store.session(&other, nearly_idle + 1).unwrap().is_none(), "was not used");

    home.store.end_session(&token).unwrap();
    assert!(home.store.session(&token, NOW).unwrap().is_none());
}

#[test]
fn a_session_ends_after_its_longest_time_however_much_it_is_used() {
    let home = Home::new();
    let token = home.store.open_session(NOW).unwrap();
    let mut now = NOW;
    while now + SESSION_IDLE_MS <= NOW + SESSION_LONGEST_MS {
        now += SESSION_IDLE_MS;
        assert!(home.store.session(&token, now).unwrap().is_some());
    }
    assert!(home.store.session(&token, NOW + SESSION_LONGEST_MS + 1).unwrap().is_none());
}

#[test]
fn a_new_password_ends_every_session() {
    let home = Home::new();
    let token = home.store.open_session(NOW).unwrap();
    home.store.replace_password(&password()).unwrap();
    assert!(home.store.session(&token, NOW).unwrap().is_none());
    assert!(matches!(home.store.replace_password(&Secret::new("short")), Err(AdminRefused::PasswordTooShort)));
}
