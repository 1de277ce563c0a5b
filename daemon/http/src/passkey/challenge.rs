//! What an authenticator is given to sign: once, soon, and where it was asked for. A challenge carries its own time and seal, so
//! that one which nobody answers costs no memory.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ring::hmac;

/// How long a challenge is good: who uses a passkey looks for it first.
const CHALLENGE_LIVES: Duration = Duration::from_secs(300);
/// Answered challenges that are remembered. Beyond, all that are older than the oldest of these are void.
const MOST_ANSWERED: usize = 4096;

/// Bytes of a number.
const NUMBER: usize = 8;

/// Why a challenge proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    /// It is none of ours, was made for something else, or was answered.
    No,
    /// It was good, and is too old.
    Late,
}

/// The challenges of this start.
#[derive(Debug)]
pub(crate) struct Challenges {
    key: hmac::Key,
    began: Instant,
    next: u64,
    /// Those before this one are void.
    floor: u64,
    answered: BTreeSet<u64>,
}

impl Challenges {
    /// None so far, under a secret of this start.
    pub(crate) fn new(secret: &[u8], now: Instant) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self { key, began: now, next: 0, floor: 0, answered: BTreeSet::new() }
    }

    /// A challenge that is good for this alone: what is asked for, at which site, and by whom.
    pub(crate) fn issue(&mut self, now: Instant, bound_to: &str) -> Vec<u8> {
        let millis = u64::try_from(now.saturating_duration_since(self.began).as_millis()).unwrap_or(u64::MAX);
        let head = [self.next.to_be_bytes(), millis.to_be_bytes()].concat();
        self.next += 1;
        let tag = hmac::sign(&self.key, &[&head, bound_to.as_bytes()].concat());
        [&head, tag.as_ref()].concat()
    }

    /// Takes a challenge that was answered, whatever the answer is worth: it is good no second time.
    pub(crate) fn take(&mut self, now: Instant, bound_to: &str, challenge: &[u8]) -> Result<(), Spent> {
        let (head, tag) = challenge.split_at_checked(2 * NUMBER).ok_or(Spent::No)?;
        hmac::verify(&self.key, &[head, bound_to.as_bytes()].concat(), tag).map_err(|_| Spent::No)?;
        let number = |at: usize| {
            let mut bytes = [0; NUMBER];
            bytes.copy_from_slice(&head[at..at + NUMBER]);
            u64::from_be_bytes(bytes)
        };
        let (serial, issued) = (number(0), self.began + Duration::from_millis(number(NUMBER)));
        if serial < self.floor || !self.answered.insert(serial) {
            return Err(Spent::No);
        }
        if self.answered.len() > MOST_ANSWERED
            && let Some(oldest) = self.answered.pop_first()
        {
            self.floor = oldest + 1;
        }
        if now.saturating_duration_since(issued) > CHALLENGE_LIVES { Err(Spent::Late) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenges(now: Instant) -> Challenges {
        Challenges::new(b"a secret of this start", now)
    }

    #[test]
    fn a_challenge_is_good_once_for_five_minutes_and_for_what_it_was_made_for() {
        let now = Instant::now();
        let mut all = challenges(now);
        let (one, other) = (all.issue(now, "log-in a"), all.issue(now, "log-in a"));
        assert_ne!(one, other);
        assert_eq!(all.take(now, "log-in b", &one), Err(Spent::No));
        assert_eq!(all.take(now, "log-in a", &one), Ok(()));
        assert_eq!(all.take(now, "log-in a", &one), Err(Spent::No), "once");
        assert_eq!(all.take(now + CHALLENGE_LIVES, "log-in a", &other), Ok(()));
        let late = all.issue(now, "log-in a");
        assert_eq!(all.take(now + CHALLENGE_LIVES + Duration::from_millis(1), "log-in a", &late), Err(Spent::Late));
        assert_eq!(all.take(now, "log-in a", &late), Err(Spent::No), "nor when the clock is set back");
    }

    #[test]
    fn what_is_none_of_ours_is_refused_whatever_its_length() {
        let now = Instant::now();
        let mut all = challenges(now);
        let mut forged = all.issue(now, "log-in a");
        *forged.last_mut().unwrap() ^= 1;
        let earlier = Challenges::new(b"a secret of an earlier start", now).issue(now, "log-in a");
        for bad in [&forged[..], &earlier, b"", b"short", &[0; 48], &[255; 500]] {
            assert_eq!(all.take(now, "log-in a", bad), Err(Spent::No));
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_nothing_is_good_twice_for_that() {
        let now = Instant::now();
        let mut all = challenges(now);
        let (waiting, first) = (all.issue(now, "a"), all.issue(now, "a"));
        assert_eq!(all.take(now, "a", &first), Ok(()));
        for _ in 0..MOST_ANSWERED {
            let next = all.issue(now, "a");
            assert_eq!(all.take(now, "a", &next), Ok(()));
        }
        assert!(all.answered.len() <= MOST_ANSWERED);
        assert_eq!(all.take(now, "a", &first), Err(Spent::No));
        assert_eq!(all.take(now, "a", &waiting), Err(Spent::No), "what is older than is remembered is void");
        let newer = all.issue(now, "a");
        assert_eq!(all.take(now, "a", &newer), Ok(()));
    }
}
