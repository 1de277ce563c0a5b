//! The office's PIN, as it is typed on phones: how often it may be wrong.
//!
//! Different wrong ones are counted, by the account that typed them and of all together, so that a day of guessing gets nowhere
//! and somebody who mistypes waits a minute at most.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, Instant};

/// Wrong ones of an account that are judged one after the other.
const AT_ONCE: usize = 3;
/// How long an account waits after that, and after each further one.
const WAIT: Duration = Duration::from_secs(60);
/// Different wrong ones of an account that are judged in a day.
const OF_ACCOUNT: usize = 10;
/// The same of all accounts together: of a million PINs.
const OF_OFFICE: usize = 20;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A wrong PIN.
#[derive(Debug)]
struct Wrong {
    account: String,
    guess: u64,
    at: Instant,
}

/// What was typed in vain. Bounded: what is not judged is not remembered.
#[derive(Debug)]
pub struct Pins {
    key: u64,
    wrong: Vec<Wrong>,
}

impl Pins {
    /// Nothing was typed yet. `key` is random: what is typed is remembered as a hash under it.
    pub const fn new(key: u64) -> Self {
        Self { key, wrong: Vec::new() }
    }

    /// Whether what an account types is looked at now.
    pub fn may_try(&self, now: Instant, account: &str) -> bool {
        let since = |wrong: &Wrong| now.saturating_duration_since(wrong.at);
        let today = || self.wrong.iter().filter(|wrong| since(wrong) < DAY);
        let own = || today().filter(|wrong| wrong.account == account);
        let waits = own().count() >= AT_ONCE && own().any(|wrong| since(wrong) < WAIT);
        !waits && own().count() < OF_ACCOUNT && today().count() < OF_OFFICE
    }

    /// What an account typed was looked at, and is wrong; the same again is no other guess. Whether it is more than a mistake.
    pub fn wrong(&mut self, now: Instant, account: &str, typed: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (self.key, typed).hash(&mut hasher);
        let guess = hasher.finish();
        self.wrong.retain(|wrong| now.saturating_duration_since(wrong.at) < DAY);
        self.wrong.retain(|wrong| wrong.account != account || wrong.guess != guess);
        self.wrong.push(Wrong { account: account.to_owned(), guess, at: now });
        self.wrong.iter().filter(|wrong| wrong.account == account).count() >= AT_ONCE
    }

    /// Forgets what accounts typed that are gone: who has the name next is another.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.wrong.retain(|wrong| is_there(&wrong.account));
    }

    /// An account knew it: what it mistyped before is forgotten.
    pub fn right(&mut self, account: &str) {
        self.wrong.retain(|wrong| wrong.account != account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(pins: &mut Pins, now: Instant, account: &str, guess: u64) -> bool {
        let may = pins.may_try(now, account);
        if may {
            pins.wrong(now, account, &guess.to_string());
        }
        may
    }

    #[test]
    fn three_are_judged_at_once_and_whoever_mistypes_waits_a_minute_at_most() {
        let (mut now, mut pins) = (Instant::now(), Pins::new(7));
        assert_eq!((0..100).filter(|guess| judged(&mut pins, now, "201", *guess)).count(), AT_ONCE);
        assert!(pins.may_try(now, "202"), "nobody else waits");
        now += WAIT;
        assert!(pins.may_try(now, "201"));
        pins.right("201");
        assert_eq!((0..100).filter(|guess| judged(&mut pins, now, "201", *guess)).count(), AT_ONCE);
    }

    #[test]
    fn a_day_of_guessing_has_ten_judged_of_one_account_and_twenty_of_a_whole_office() {
        let (start, mut pins) = (Instant::now(), Pins::new(7));
        let minutes = || (0..24 * 60_u64).map(|minute| (minute, start + WAIT * minute as u32));
        let one = minutes().filter(|(minute, now)| judged(&mut pins, *now, "201", *minute)).count();
        let all = minutes().filter(|(minute, now)| judged(&mut pins, *now, &minute.to_string(), *minute)).count();
        assert_eq!((one, one + all, pins.wrong.len()), (OF_ACCOUNT, OF_OFFICE, OF_OFFICE));
        assert!(pins.may_try(start + DAY * 3, "201"), "and a day later it is forgotten");
    }

    #[test]
    fn the_same_wrong_one_again_is_no_other_guess() {
        let (mut now, mut pins) = (Instant::now(), Pins::new(7));
        for _ in 0..100 {
            assert!(judged(&mut pins, now, "201", 7));
            now += WAIT;
        }
        assert!(!pins.wrong(now, "201", "8") && pins.wrong(now, "201", "9"), "the third is more than a mistake");
    }
}
