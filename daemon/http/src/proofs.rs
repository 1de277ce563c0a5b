//! Proofs that it is a user who asks and not only whoever holds the session: each is good once, for a little while.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use centrale_call_control::Proof;
use centrale_config::Secret;

use crate::asker::{Asker, proof};
use crate::edge::Edge;
use crate::problem::Refused;

/// The header in which a write shows its proof.
pub(crate) const PROOF_HEADER: &str = "x-centrale-proof";
/// How long a proof is good: what it is for was asked already, and comes at once.
pub(crate) const PROOF_TIME: Duration = Duration::from_secs(60);
/// Most that are kept: a session has one, so only many sessions at once push one out.
const MOST: usize = 256;
/// How long a user has a second factor before it shows more than the password: whoever learned that, and stands in the office,
/// sets up one of their own, and its mail is to be read first.
const SETTLES_MS: u64 = 24 * 3_600_000;

/// Proofs that were given and not used yet.
#[derive(Debug, Default)]
pub(crate) struct Proofs {
    given: Vec<Given>,
}

#[derive(Debug)]
struct Given {
    session: u64,
    token: Secret,
    how: Proof,
    ends: Instant,
}

impl Proofs {
    /// Gives a session a proof in place of the one before; `how` it was proven.
    pub(crate) fn give(&mut self, now: Instant, session: u64, token: Secret, how: Proof) {
        self.given.retain(|given| given.session != session && given.ends > now);
        if self.given.len() == MOST {
            self.given.remove(0);
        }
        self.given.push(Given { session, token, how, ends: now + PROOF_TIME });
    }

    /// How it was proven, where this is a session's proof. It is used up by that, and also by a wrong one.
    pub(crate) fn take(&mut self, now: Instant, session: u64, token: &Secret) -> Option<Proof> {
        let place = self.given.iter().position(|given| given.session == session)?;
        let given = self.given.remove(place);
        (given.ends > now && given.token == *token).then_some(given.how)
    }
}

impl Edge {
    /// Takes what a write shows for a proof of this user.
    pub(crate) fn take_proof(&self, now: Instant, asker: &Asker, shown: &str) {
        let mut proofs = self.0.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(how) = proofs.take(now, asker.session, &Secret::new(shown)) {
            asker.proved(how);
        }
    }
}

/// How it is shown who asks with what the user has had since then, in milliseconds since 1970 UTC.
pub(crate) fn shown_with(since_unix_ms: u64, now_unix_ms: u64) -> Proof {
    let is_settled = now_unix_ms.saturating_sub(since_unix_ms) >= SETTLES_MS;
    if is_settled { Proof::SecondFactor } else { Proof::PasswordAgain }
}

/// What widens is asked again, with a proof: a thief with a session knows no password.
pub(crate) fn proof_needed() -> Refused {
    let detail = "this opens a way out, a price or an alarm: it needs a proof that it is the user who asks";
    Refused::new(StatusCode::FORBIDDEN, "proof-needed", detail)
}

/// Refuses whoever did not show to be the user, where nothing else would tell that it widens something. How it was shown.
pub(crate) fn must_be_proved() -> Result<Proof, Refused> {
    proof().ok_or_else(proof_needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_good_once_for_its_own_session_and_not_for_long() {
        let now = Instant::now();
        let token = |text: &str| Secret::new(text);
        let mut proofs = Proofs::default();
        proofs.give(now, 1, token("one"), Proof::PasswordAgain);
        assert_eq!(proofs.take(now, 2, &token("one")), None, "another session");
        assert_eq!(proofs.take(now, 1, &token("one")), Some(Proof::PasswordAgain));
        assert_eq!(proofs.take(now, 1, &token("one")), None, "used");
        proofs.give(now, 1, token("two"), Proof::PasswordAgain);
        assert_eq!(proofs.take(now, 1, &token("guessed")), None);
        assert_eq!(proofs.take(now, 1, &token("two")), None, "gone with the guess");
        proofs.give(now, 1, token("three"), Proof::PasswordAgain);
        assert_eq!(proofs.take(now + PROOF_TIME, 1, &token("three")), None, "old");
    }

    #[test]
    fn what_somebody_has_for_less_than_a_day_shows_no_more_than_the_password() {
        let made = 1_800_000_000_000;
        for (now, how) in [
            (made, Proof::PasswordAgain),
            (made - 1, Proof::PasswordAgain),
            (made + SETTLES_MS - 1, Proof::PasswordAgain),
            (made + SETTLES_MS, Proof::SecondFactor),
        ] {
            assert_eq!(shown_with(made, now), how, "{now}");
        }
    }

    #[test]
    fn sessions_without_end_fill_no_memory() {
        let now = Instant::now();
        let mut proofs = Proofs::default();
        (0..10_000).for_each(|session| proofs.give(now, session, Secret::new("x"), Proof::PasswordAgain));
        assert_eq!(proofs.given.len(), MOST);
    }
}
