//! Passkeys: kept, used, counted, and taken away; and the codes for a day without one.

use centrale_store::{AccessRefused, NewPasskey, RECOVERY_CODES, Role, Standing, step_at};

use crate::Home;

const NOW: u64 = 1_800_000_000_000;

fn made(credential: &str) -> NewPasskey {
    NewPasskey {
        credential: credential.into(),
        public_key: vec![1, 2, 3],
        rp_id: "centrale.local".into(),
        name: " Anna's key ".into(),
        counter: 0,
    }
}

impl Home {
    fn user(&self, name: &str) -> u64 {
        let standing = Standing { role: Role::Owner, person: None, ends_unix_ms: None };
        let user = self.store.invite(name, standing, NOW).unwrap().0;
        self.store.passkey_handle(user).unwrap();
        user
    }

    fn is_asked_more(&self, user: u64) -> bool {
        self.store.users().unwrap().iter().find(|row| row.number == user).unwrap().has_factor
    }

    fn codes_left(&self, user: u64) -> u64 {
        self.store.app_and_codes_left(user).unwrap().1
    }
}

#[test]
fn a_passkey_is_found_by_its_name_with_its_user_also_after_a_restart() {
    let home = Home::new();
    let (anna, bert) = (home.user("Anna"), home.user("Bert"));
    let handle = home.store.passkey_handle(anna).unwrap();
    assert_eq!((handle.len(), &home.store.passkey_handle(anna).unwrap()), (32, &handle));
    assert_ne!(home.store.passkey_handle(bert).unwrap(), handle);
    assert!(matches!(home.store.passkey_handle(bert + 9), Err(AccessRefused::NoSuchUser)));
    assert_eq!(home.store.put_passkey(anna, made("one"), NOW).unwrap().len(), RECOVERY_CODES);
    let home = home.restarted();
    let (passkey, user, known_by) = home.store.passkey(b"one".to_vec()).unwrap().unwrap();
    assert_eq!((passkey.user, passkey.made.name.as_str(), user.name.as_str()), (anna, "Anna's key", "Anna"));
    assert_eq!((known_by, passkey.used_unix_ms, home.is_asked_more(anna)), (handle, None, true));
    assert_eq!(home.store.passkey(b"two".to_vec()).unwrap(), None);
    assert!(!home.is_asked_more(bert) && home.store.passkeys_of(bert).unwrap().is_empty());
}

#[test]
fn a_passkey_is_kept_once_with_a_name_and_nobody_has_more_than_sixteen() {
    let home = Home::new();
    let (anna, bert) = (home.user("Anna"), home.user("Bert"));
    let put = |user, name: &str| home.store.put_passkey(user, made(name), NOW).map(drop);
    put(anna, "1").unwrap();
    assert!(matches!(put(bert, "1"), Err(AccessRefused::PasskeyKnown)));
    for name in ["", "  ", "a\nb", &"x".repeat(41)] {
        let named = NewPasskey { name: name.into(), ..made("2") };
        assert!(matches!(home.store.put_passkey(anna, named, NOW), Err(AccessRefused::NameWrong)));
    }
    for more in 2..=16 {
        put(anna, &more.to_string()).unwrap();
    }
    assert!(matches!(put(anna, "17"), Err(AccessRefused::TooManyPasskeys)));
    assert!(matches!(put(bert + 9, "17"), Err(AccessRefused::NoSuchUser)));
    assert_eq!(home.store.passkeys_of(anna).unwrap().len(), 16);
}

#[test]
fn one_that_counts_never_counts_back_and_one_that_does_not_count_may_go_on_so() {
    let home = Home::new();
    let anna = home.user("Anna");
    for name in ["counts", "does not"] {
        home.store.put_passkey(anna, made(name), NOW).unwrap();
    }
    let numbers: Vec<u64> = home.store.passkeys_of(anna).unwrap().iter().map(|passkey| passkey.number).collect();
    let used = |number, counter| home.store.use_passkey(number, counter, NOW + 1).unwrap();
    assert!(used(numbers[0], 7) && used(numbers[0], 8));
    assert!(!used(numbers[0], 8) && !used(numbers[0], 3) && !used(numbers[0], 0));
    assert!(used(numbers[1], 0) && used(numbers[1], 0) && used(numbers[1], u32::MAX));
    assert!(!used(999, 1), "one that was taken away");
    assert_eq!(home.store.passkeys_of(anna).unwrap()[0].used_unix_ms, Some(NOW + 1));
}

#[test]
fn the_codes_are_given_once_and_stay_until_the_last_second_factor_goes() {
    let home = Home::new();
    let (anna, bert) = (home.user("Anna"), home.user("Bert"));
    let codes = home.store.put_passkey(anna, made("one"), NOW).unwrap();
    assert!(home.store.put_passkey(anna, made("two"), NOW).unwrap().is_empty());
    let secret = home.store.begin_factor(anna).unwrap();
    assert!(home.store.confirm_factor(anna, &secret.code(step_at(NOW)), NOW).unwrap().is_empty());
    assert_eq!(home.store.take_second_code(anna, codes[0].reveal(), NOW).unwrap(), Some(NOW));
    assert_eq!(home.store.take_second_code(anna, codes[0].reveal(), NOW).unwrap(), None);
    assert!(home.store.drop_app(anna).unwrap() && !home.store.drop_app(anna).unwrap());
    let numbers: Vec<u64> = home.store.passkeys_of(anna).unwrap().iter().map(|passkey| passkey.number).collect();
    assert_eq!(home.store.drop_passkey(bert, numbers[0], 0).unwrap(), None, "another's");
    assert_eq!(home.store.drop_passkey(anna, numbers[0], 0).unwrap().as_deref(), Some("Anna's key"));
    assert_eq!((home.codes_left(anna), home.is_asked_more(anna)), (9, true));
    assert!(home.store.take_second_code(anna, codes[1].reveal(), NOW).unwrap().is_some(), "also without an app");
    home.store.drop_passkey(anna, numbers[1], 0).unwrap();
    assert_eq!((home.codes_left(anna), home.is_asked_more(anna)), (0, false));
    assert_eq!(home.store.take_second_code(anna, codes[2].reveal(), NOW).unwrap(), None);
}

#[test]
fn who_lost_all_is_freed_of_all_and_who_leaves_leaves_nothing() {
    let home = Home::new();
    let (anna, bert) = (home.user("Anna"), home.user("Bert"));
    home.store.put_passkey(anna, made("one"), NOW).unwrap();
    assert!(home.store.drop_factors(anna).unwrap() && !home.store.drop_factors(anna).unwrap());
    assert_eq!((home.codes_left(anna), home.is_asked_more(anna)), (0, false));
    home.store.put_passkey(bert, made("two"), NOW).unwrap();
    let code = home.store.new_user_code(anna, NOW).unwrap();
    home.store.join(code.reveal(), &centrale_config::Secret::new("paardebloem bij de deur"), NOW).unwrap();
    home.store.remove_user(bert, NOW).unwrap();
    assert_eq!(home.store.passkey(b"two".to_vec()).unwrap(), None);
}

#[test]
fn a_129_sessions_that_a_passkey_began_go_with_it_but_for_the_one_that_takes_it_away() {
    let home = Home::new();
    let anna = home.user("Anna");
    home.store.put_passkey(anna, made("one"), NOW).unwrap();
    let number = home.store.passkeys_of(anna).unwrap()[0].number;
    let whence = || centrale_store::Whence { source: "192.168.1.50".into(), agent: String::new() };
    let open = |passkey| home.store.open_session(anna, passkey, whence(), NOW).unwrap();
    let (here, there, other) = (open(Some(number)), open(Some(number)), open(None));
    let asking = home.store.session(&here, NOW).unwrap().unwrap().number;
    home.store.drop_passkey(anna, number, asking).unwrap().unwrap();
    let is_open = |token| home.store.session(token, NOW).unwrap().is_some();
    assert!(is_open(&here) && !is_open(&there) && is_open(&other));
    home.store.put_passkey(anna, made("two"), NOW).unwrap();
    let number = home.store.passkeys_of(anna).unwrap()[0].number;
    let there = home.store.open_session(anna, Some(number), whence(), NOW).unwrap();
    home.store.drop_factors(anna).unwrap();
    assert!(home.store.session(&there, NOW).unwrap().is_none(), "also when another owner takes it off");
}
