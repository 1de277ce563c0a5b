//! Wrong PINs, as they are typed on phones: the office's own, and those of conference rooms.
//!
//! Different ones count, not failures: who has forgotten a PIN types the same one again, who looks for it never does (threats
//! B-22). They count against who typed them, over all doors together, and against the door, over everybody: so that a day of
//! guessing gets nowhere, and a colleague who mistypes waits a minute at most.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, Instant};

/// Wrong ones of one who types that are judged one after the other.
const AT_ONCE: usize = 3;
/// How long that one waits then, and after each further one.
const WAIT: Duration = Duration::from_secs(60);
/// Different wrong ones of one who types that are judged in a day.
const OF_TYPIST: usize = 10;
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Most that are remembered. What is not judged is not, so only callers who show ever other numbers could be more; the oldest
/// of those from outside makes room.
const MOST: usize = 4096;

/// What a PIN opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lock<'a> {
    /// What a phone orders of the box.
    Office,
    /// A conference room, by its number.
    Room(&'a str),
}

/// How many different wrong PINs close a lock, and to whom.
struct Bound {
    most: usize,
    within: Duration,
    /// Colleagues are kept out as well by what others tried.
    is_for_all: bool,
}

impl Lock<'_> {
    const fn bound(self) -> Bound {
        match self {
            // Of a million PINs at least.
            Self::Office => Bound { most: 20, within: DAY, is_for_all: true },
            Self::Room(_) => Bound { most: 6, within: Duration::from_secs(15 * 60), is_for_all: false },
        }
    }

    fn name(self) -> Option<Box<str>> {
        match self {
            Self::Office => None,
            Self::Room(number) => Some(number.into()),
        }
    }
}

/// Who types a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typist<'a> {
    /// A person of the office, by number.
    Colleague(&'a str),
    /// Somebody outside, by the number that is shown.
    Outside(&'a str),
    /// Somebody outside who shows no number, or one that is not the own: whoever that is, others may be taken for the same.
    Unknown,
}

impl Typist<'_> {
    const fn is_outside(self) -> bool {
        !matches!(self, Self::Colleague(_))
    }

    fn name(self) -> Option<Box<str>> {
        match self {
            Self::Colleague(number) | Self::Outside(number) => Some(number.into()),
            Self::Unknown => None,
        }
    }
}

/// A wrong PIN.
#[derive(Debug)]
struct Wrong {
    /// The room, if it was one.
    room: Option<Box<str>>,
    is_outside: bool,
    /// The number of who typed it; nothing of one who may be anybody.
    number: Option<Box<str>>,
    guess: u64,
    at: Instant,
}

impl Wrong {
    fn is_at(&self, lock: Lock<'_>) -> bool {
        match lock {
            Lock::Office => self.room.is_none(),
            Lock::Room(number) => self.room.as_deref() == Some(number),
        }
    }

    fn is_of(&self, who: Typist<'_>) -> bool {
        match who {
            Typist::Colleague(number) | Typist::Outside(number) => {
                self.is_outside == who.is_outside() && self.number.as_deref() == Some(number)
            }
            Typist::Unknown => false,
        }
    }
}

/// What was typed in vain, the oldest first.
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

    /// Whether what somebody types is looked at now.
    pub fn may_try(&self, now: Instant, lock: Lock<'_>, who: Typist<'_>) -> bool {
        let since = |wrong: &Wrong| now.saturating_duration_since(wrong.at);
        let own = || self.wrong.iter().filter(|wrong| since(wrong) < DAY && wrong.is_of(who));
        let waits = own().count() >= AT_ONCE && own().any(|wrong| since(wrong) < WAIT);
        let Bound { most, within, is_for_all } = lock.bound();
        let is_closed = (is_for_all || who.is_outside()) && self.guesses(now, lock, within) >= most;
        !waits && own().count() < OF_TYPIST && !is_closed
    }

    /// How many different PINs were tried at a lock, by whomever.
    fn guesses(&self, now: Instant, lock: Lock<'_>, within: Duration) -> usize {
        let lately = |wrong: &&Wrong| wrong.is_at(lock) && now.saturating_duration_since(wrong.at) < within;
        let mut guesses: Vec<u64> = self.wrong.iter().filter(lately).map(|wrong| wrong.guess).collect();
        guesses.sort_unstable();
        guesses.dedup();
        guesses.len()
    }

    /// What somebody typed was looked at, and is wrong; the same again is no other guess. Whether it is more than a mistake.
    pub fn wrong(&mut self, now: Instant, lock: Lock<'_>, who: Typist<'_>, typed: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (self.key, lock, typed).hash(&mut hasher);
        let guess = hasher.finish();
        self.wrong.retain(|wrong| now.saturating_duration_since(wrong.at) < DAY);
        let (room, is_outside, number) = (lock.name(), who.is_outside(), who.name());
        self.wrong.retain(|wrong| (wrong.guess, wrong.is_outside, &wrong.number) != (guess, is_outside, &number));
        if self.wrong.len() >= MOST {
            let oldest = self.wrong.iter().position(|wrong| wrong.is_outside);
            self.wrong.remove(oldest.unwrap_or_default());
        }
        self.wrong.push(Wrong { room, is_outside, number, guess, at: now });
        self.wrong.iter().filter(|wrong| wrong.is_of(who)).count() >= AT_ONCE
    }

    /// A colleague knew it: what that one mistyped there before is forgotten. Of who is outside it is not, since others may
    /// show the same number.
    pub fn right(&mut self, lock: Lock<'_>, who: Typist<'_>) {
        self.wrong.retain(|wrong| wrong.is_outside || !wrong.is_of(who) || !wrong.is_at(lock));
    }

    /// How many wrong ones are remembered: bounded, whatever comes.
    pub const fn remembered(&self) -> usize {
        self.wrong.len()
    }

    /// Another PIN opens a lock now, or there is no such lock any more: what was typed there says nothing.
    pub fn forget_lock(&mut self, is_changed: impl Fn(Lock<'_>) -> bool) {
        self.wrong.retain(|wrong| !is_changed(wrong.room.as_deref().map_or(Lock::Office, Lock::Room)));
    }

    /// Forgets what colleagues typed who are gone: who has the number next is another.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        let is_gone = |wrong: &Wrong| !wrong.is_outside && wrong.number.as_deref().is_some_and(|one| !is_there(one));
        self.wrong.retain(|wrong| !is_gone(wrong));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Typist<'_> = Typist::Colleague("201");
    const BOARD: Lock<'_> = Lock::Room("600");

    fn judged(pins: &mut Pins, now: Instant, lock: Lock<'_>, who: Typist<'_>, guess: u64) -> bool {
        let may = pins.may_try(now, lock, who);
        if may {
            pins.wrong(now, lock, who, &guess.to_string());
        }
        may
    }

    #[test]
    fn three_are_judged_at_once_at_whatever_lock_and_whoever_mistypes_waits_a_minute_at_most() {
        let (mut now, mut pins) = (Instant::now(), Pins::new(7));
        let locks = [Lock::Office, BOARD, Lock::Room("601")];
        assert_eq!((0..99).filter(|at| judged(&mut pins, now, locks[*at as usize % 3], ANNA, *at)).count(), AT_ONCE);
        assert!(pins.may_try(now, Lock::Office, Typist::Colleague("202")), "nobody else waits");
        now += WAIT;
        assert!(pins.may_try(now, Lock::Office, ANNA));
        pins.right(Lock::Office, ANNA);
        assert_eq!((0..100).filter(|at| judged(&mut pins, now, Lock::Office, ANNA, *at)).count(), 1);
        assert!(!pins.may_try(now, BOARD, ANNA), "a right PIN forgives no guesses at another lock");
    }

    #[test]
    fn a_day_of_guessing_has_ten_judged_of_one_phone_and_twenty_of_a_whole_office() {
        let (start, mut pins) = (Instant::now(), Pins::new(7));
        let minutes = || (0..24 * 60_u64).map(|minute| (minute, start + WAIT * minute as u32));
        let lock = Lock::Office;
        let one = minutes().filter(|(at, now)| judged(&mut pins, *now, lock, ANNA, *at)).count();
        let each = |at: u64| (at.to_string(), at);
        let all = minutes().map(|(at, now)| (each(at), now));
        let all = all.filter(|((name, at), now)| judged(&mut pins, *now, lock, Typist::Colleague(name), *at + 2000));
        assert_eq!((one, one + all.count(), pins.wrong.len()), (OF_TYPIST, 20, 20));
        assert!(pins.may_try(start + DAY * 3, Lock::Office, ANNA), "and a day later it is forgotten");
    }

    #[test]
    fn the_same_wrong_one_again_is_no_other_guess() {
        let (mut now, mut pins) = (Instant::now(), Pins::new(7));
        for _ in 0..100 {
            assert!(judged(&mut pins, now, Lock::Office, ANNA, 7));
            now += WAIT;
        }
        assert!(!pins.wrong(now, Lock::Office, ANNA, "8"));
        assert!(pins.wrong(now, Lock::Office, ANNA, "9"), "the third is more than a mistake");
    }

    #[test]
    fn six_different_pins_close_a_room_to_the_outside_for_a_quarter_of_an_hour_and_never_to_a_colleague() {
        let (mut pins, now) = (Pins::new(7), Instant::now());
        for typed in 0..5 {
            pins.wrong(now, BOARD, Typist::Outside(&format!("+3161234567{typed}")), &typed.to_string());
            pins.wrong(now, BOARD, Typist::Outside("+31612345670"), "0");
        }
        let caller = Typist::Outside("+31201111111");
        assert!(pins.may_try(now, BOARD, caller), "the same one again is no guess");
        pins.wrong(now, BOARD, Typist::Unknown, "9");
        assert!(!pins.may_try(now, BOARD, caller));
        assert!(pins.may_try(now, BOARD, ANNA) && pins.may_try(now, Lock::Room("601"), caller));
        assert!(pins.may_try(now, Lock::Office, ANNA));
        assert!(pins.may_try(now + Duration::from_secs(15 * 60), BOARD, caller));
    }

    #[test]
    fn nobody_loses_a_way_in_by_who_shows_the_same_number_or_none() {
        let (mut pins, now) = (Pins::new(7), Instant::now());
        for typed in 0..10 {
            pins.wrong(now, BOARD, Typist::Outside("201"), &typed.to_string());
            pins.wrong(now, BOARD, Typist::Unknown, &(typed + 10).to_string());
        }
        assert!(pins.may_try(now, BOARD, ANNA));
        assert!(pins.may_try(now + Duration::from_secs(15 * 60), BOARD, Typist::Unknown));
    }

    #[test]
    fn the_table_stays_small_and_forgets_who_and_what_is_gone() {
        let (mut pins, now) = (Pins::new(7), Instant::now());
        pins.wrong(now, BOARD, ANNA, "1");
        for caller in 0..5000 {
            pins.wrong(now, BOARD, Typist::Outside(&caller.to_string()), "1");
        }
        assert_eq!((pins.wrong.len(), pins.wrong[0].is_outside), (MOST, false));
        pins.wrong(now, Lock::Office, ANNA, "1");
        pins.forget_lock(|lock| lock == BOARD);
        assert_eq!(pins.wrong.len(), 1);
        pins.keep(|number| number != "201");
        assert!(pins.wrong.is_empty());
    }
}
