//! The second factor: begun, confirmed, asked for, and taken away.

use centrale_config::Secret;
use centrale_store::{AccessRefused, RECOVERY_CODES, Role, Standing, TotpSecret, step_at};

use crate::Home;

const NOW: u64 = 1_800_000_000_000;
const STEP_MS: u64 = 30_000;

impl Home {
    fn somebody(&self, name: &str) -> u64 {
        let standing = Standing { role: Role::Owner, person: None, ends_unix_ms: None };
        self.store.invite(name, standing, NOW).unwrap().0
    }

    fn with_factor(&self, name: &str) -> (u64, TotpSecret, Vec<Secret>) {
        let user = self.somebody(name);
        let secret = self.store.begin_factor(user).unwrap();
        let codes = self.store.confirm_factor(user, &secret.code(step_at(NOW)), NOW).unwrap();
        (user, secret, codes)
    }

    fn has_factor(&self, user: u64) -> bool {
        self.store.users().unwrap().iter().find(|row| row.number == user).unwrap().has_factor
    }

    fn takes(&self, user: u64, code: &str, now: u64) -> bool {
        self.store.take_second_code(user, code, now).unwrap().is_some()
    }
}

#[test]
fn a_factor_counts_when_a_code_of_the_secret_that_was_made_last_was_seen() {
    let home = Home::new();
    let user = home.somebody("Anna");
    assert!(matches!(home.store.confirm_factor(user, "000000", NOW), Err(AccessRefused::NoFactor)));
    let older = home.store.begin_factor(user).unwrap();
    let secret = home.store.begin_factor(user).unwrap();
    let now = step_at(NOW);
    assert!(matches!(home.store.confirm_factor(user, &older.code(now), NOW), Err(AccessRefused::WrongSecondCode)));
    assert!(!home.has_factor(user) && !home.takes(user, &secret.code(now), NOW), "nothing is asked before it is on");
    assert_eq!(home.store.app_and_codes_left(user).unwrap(), (false, 0));
    let spaced = format!("{} {}", &secret.code(now)[..3], &secret.code(now)[3..]);
    let codes = home.store.confirm_factor(user, &spaced, NOW).unwrap();
    assert_eq!((codes.len(), home.has_factor(user)), (RECOVERY_CODES, true));
    assert!(matches!(home.store.begin_factor(user), Err(AccessRefused::FactorOn)));
    assert!(matches!(home.store.confirm_factor(user, &secret.code(now + 1), NOW), Err(AccessRefused::FactorOn)));
    assert!(matches!(home.store.begin_factor(user + 100), Err(AccessRefused::NoSuchUser)));
}

#[test]
fn a_code_is_taken_once_and_only_of_its_own_user_also_after_a_restart() {
    let home = Home::new();
    let (user, secret, _) = home.with_factor("Anna");
    let (other, ..) = home.with_factor("Bert");
    let step = step_at(NOW);
    assert!(!home.takes(user, &secret.code(step), NOW), "that which confirmed it is used");
    assert!(!home.takes(other, &secret.code(step + 1), NOW));
    assert!(home.takes(user, &secret.code(step + 1), NOW), "a clock that is ahead");
    let home = home.restarted();
    assert!(!home.takes(user, &secret.code(step + 1), NOW));
    assert!(!home.takes(user, &secret.code(step), NOW + STEP_MS), "nor one of before");
    assert!(home.takes(user, &secret.code(step + 2), NOW + 3 * STEP_MS), "a clock that is behind");
    assert!(!home.takes(user, &secret.code(step + 3), NOW + 5 * STEP_MS), "by a step and no more");
}

#[test]
fn a_code_says_since_when_its_user_has_what_it_is_of_and_those_for_a_day_without_go_by_when_they_were_given() {
    let home = Home::new();
    let (user, secret, codes) = home.with_factor("Anna");
    let later = NOW + 40 * 24 * 3_600_000;
    let since = |code: &str| home.store.take_second_code(user, code, later).unwrap();
    assert_eq!(since(&secret.code(step_at(later))), Some(NOW));
    for code in &codes {
        assert_eq!(since(code.reveal()), Some(NOW));
    }
    assert_eq!(since("000000000000000"), None);
}

#[test]
fn each_recovery_code_opens_once_however_it_is_typed() {
    let home = Home::new();
    let (user, _, codes) = home.with_factor("Anna");
    let typed = codes[3].reveal().to_lowercase();
    let typed = format!("{}-{} {}", &typed[..5], &typed[5..10], &typed[10..]);
    assert!(home.takes(user, &typed, NOW) && !home.takes(user, &typed, NOW));
    assert_eq!(home.store.app_and_codes_left(user).unwrap(), (true, 9));
    assert!(!home.takes(user, "", NOW));
}

#[test]
fn a_factor_that_is_taken_away_is_asked_for_no_more_and_its_codes_are_void() {
    let home = Home::new();
    let (user, secret, codes) = home.with_factor("Anna");
    assert!(home.store.drop_factors(user).unwrap() && !home.store.drop_factors(user).unwrap());
    assert!(!home.has_factor(user));
    assert!(!home.takes(user, codes[0].reveal(), NOW) && !home.takes(user, &secret.code(step_at(NOW) + 1), NOW));
    // Who is taken away leaves nothing behind.
    let (gone, ..) = home.with_factor("Bert");
    let owner = home.store.new_setup_code().unwrap();
    home.store.set_up(owner.reveal(), &Secret::new("a long enough password")).unwrap();
    home.store.remove_user(gone, NOW).unwrap();
    assert_eq!(home.store.app_and_codes_left(gone).unwrap(), (false, 0));
}
