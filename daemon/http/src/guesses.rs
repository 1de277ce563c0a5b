//! What is guessed at the page: distinct wrong passwords and codes, by source and by whose they would be. A browser that repeats
//! one that it has kept guesses nothing.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use centrale_config::Secret;

use crate::peer::network_of;

/// In which they are counted.
const WINDOW: Duration = Duration::from_secs(600);
/// How many may be mistakes. They cost 15 seconds of waiting.
pub(crate) const MISTAKES: usize = 5;
/// How many sources are kept apart. Those beyond share one place.
const MAX_SOURCES: usize = 1024;
/// How many of a source are told apart: of more, each is taken for another one.
const REMEMBERED: usize = 32;

/// In which the wrong passwords of a user are counted, from however many sources.
const DAY: Duration = Duration::from_secs(24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);
/// Different wrong passwords of a user, or out of a browser, that are judged in an hour and in a day (threats B-05, B-07).
const IN_AN_HOUR: usize = 10;
const IN_A_DAY: usize = 20;
/// Users and browsers of which guesses are remembered: of more, the one with the fewest goes.
const MAX_TARGETS: usize = 1024;

/// Against whom guesses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A user, by a hash of the name, from the box's own networks.
    Near(u64),
    /// The same, from elsewhere.
    Far(u64),
    /// A browser in which somebody logged in before, by a hash of what it shows.
    Browser(u64),
}

/// What was guessed.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    /// Nothing that was typed is kept, only a hash under a key of this start.
    key: RandomState,
    sources: BTreeMap<IpAddr, Vec<(u64, Instant)>>,
    targets: BTreeMap<Target, Vec<(u64, Instant)>>,
}

impl Guesses {
    /// A secret was wrong, for a user of this name; empty for a code that names none. Whether it is one more than anybody
    /// mistypes.
    pub(crate) fn wrong(&mut self, now: Instant, source: IpAddr, name: &str, secret: &Secret) -> bool {
        let guess = self.key.hash_one((name.trim().to_ascii_lowercase(), secret.reveal()));
        self.forget_old(now);
        let place = self.place(source);
        let known = self.sources.entry(place).or_default();
        if let Some(again) = known.iter_mut().find(|(one, _)| *one == guess) {
            again.1 = now;
            return false;
        }
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push((guess, now));
        known.len() > MISTAKES
    }

    /// A name or a token as it may be remembered.
    pub(crate) fn hash(&self, text: &str) -> u64 {
        self.key.hash_one(text.trim().to_ascii_lowercase())
    }

    /// A password was judged, and is none of this user, or came out of this browser.
    pub(crate) fn judged_wrong(&mut self, now: Instant, target: Target, secret: &Secret) {
        let guess = self.key.hash_one(secret.reveal());
        self.targets.retain(|_, known| {
            known.retain(|(_, at)| now.saturating_duration_since(*at) < DAY);
            !known.is_empty()
        });
        if self.targets.len() >= MAX_TARGETS
            && !self.targets.contains_key(&target)
            && let Some(fewest) = self.targets.iter().min_by_key(|(_, known)| known.len()).map(|(target, _)| *target)
        {
            self.targets.remove(&fewest);
        }
        let known = self.targets.entry(target).or_default();
        if known.len() < IN_A_DAY && !known.iter().any(|(one, _)| *one == guess) {
            known.push((guess, now));
        }
    }

    /// Whether so many different ones were judged that only who is known is listened to.
    pub(crate) fn is_watched(&self, now: Instant, target: Target) -> bool {
        let Some(known) = self.targets.get(&target) else { return false };
        let within = |window| known.iter().filter(|(_, at)| now.saturating_duration_since(*at) < window).count();
        within(HOUR) >= IN_AN_HOUR || within(DAY) >= IN_A_DAY
    }

    /// Whether a source tried more than anybody mistypes.
    pub(crate) fn is_guesser(&mut self, now: Instant, source: IpAddr) -> bool {
        self.forget_old(now);
        self.sources.get(&self.place(source)).is_some_and(|known| known.len() > MISTAKES)
    }

    /// A source gave the right one.
    pub(crate) fn forgive(&mut self, source: IpAddr) {
        self.sources.remove(&self.place(source));
    }

    /// Nothing was guessed so far.
    pub(crate) fn forget(&mut self) {
        self.sources.clear();
        self.targets.clear();
    }

    fn forget_old(&mut self, now: Instant) {
        self.sources.retain(|_, known| {
            known.retain(|(_, at)| now.saturating_duration_since(*at) < WINDOW);
            !known.is_empty()
        });
    }

    fn place(&self, source: IpAddr) -> IpAddr {
        let network = network_of(source);
        let full = self.sources.len() >= MAX_SOURCES && !self.sources.contains_key(&network);
        if full { Ipv6Addr::UNSPECIFIED.into() } else { network }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 5));

    fn wrong(guesses: &mut Guesses, now: Instant, secret: &str) -> bool {
        guesses.wrong(now, HERE, "admin", &Secret::new(secret))
    }

    #[test]
    fn five_mistakes_are_none_however_often_each_is_repeated_and_the_sixth_is_a_guess() {
        let (now, mut guesses) = (Instant::now(), Guesses::default());
        for round in 0..100 {
            assert!(!wrong(&mut guesses, now, &format!("mistake {}", round % 5)));
        }
        assert!(!guesses.is_guesser(now, HERE));
        assert!(wrong(&mut guesses, now, "another"));
        assert!(!wrong(&mut guesses, now, "another"), "a repeated one is no other guess");
        assert!(guesses.is_guesser(now, HERE) && !guesses.is_guesser(now, "192.168.1.6".parse().unwrap()));
        assert!(!guesses.is_guesser(now + WINDOW, HERE), "ten minutes later it is forgotten");
        guesses.forgive(HERE);
        assert!(!guesses.is_guesser(now, HERE));
    }

    #[test]
    fn ten_different_ones_in_an_hour_or_twenty_in_a_day_are_judged_of_a_user_and_no_more_however_many_names_are_made_up()
     {
        let (mut now, mut guesses) = (Instant::now(), Guesses::default());
        let owner = Target::Far(guesses.hash("Admin "));
        assert_eq!(owner, Target::Far(guesses.hash("admin")));
        let mut judged = 0;
        for minute in 0..24 * 60 {
            if !guesses.is_watched(now, owner) {
                guesses.judged_wrong(now, owner, &Secret::new(format!("guess {minute}")));
                judged += 1;
            }
            for name in 0..3 {
                let made_up = Target::Far(guesses.hash(&format!("{minute} {name}")));
                guesses.judged_wrong(now, made_up, &Secret::new("guess"));
            }
            now += Duration::from_secs(60);
        }
        assert_eq!(judged, 20);
        assert!(!guesses.is_watched(now, Target::Near(guesses.hash("admin"))), "the office is counted apart");
        assert!(!guesses.is_watched(now + DAY, owner));
        assert!(guesses.targets.len() <= MAX_TARGETS);
    }

    #[test]
    fn one_password_for_many_users_is_many_guesses_and_what_is_remembered_is_bounded() {
        let (now, mut guesses) = (Instant::now(), Guesses::default());
        let secret = Secret::new("welkom");
        let told = (0..100).filter(|user| guesses.wrong(now, HERE, &format!("user {user}"), &secret)).count();
        assert_eq!(told, 95);
        for source in 0..5000_u32 {
            let source = IpAddr::from(std::net::Ipv4Addr::from_bits(0xcb00_0000 + source));
            guesses.wrong(now, source, "admin", &secret);
        }
        assert!(guesses.sources.len() <= MAX_SOURCES + 1);
        assert!(guesses.sources.values().all(|known| known.len() <= REMEMBERED));
    }
}
