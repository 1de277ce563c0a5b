//! Attempts to get in that were stopped: one story for all of them, and one for each account that is tried from many places.

use std::time::{Duration, Instant};

use crate::exchange::{Due, Exchange};
use crate::view::{ProblemView, Severity};

/// Somebody tried to get in during the last 24 hours, and did not. About the whole box; the detail is the number of attempts.
const ATTEMPTS_STOPPED: &str = "attempts-stopped";
/// Secrets of an account are tried from many places. About the digest user; gone when that stopped for a day.
pub(crate) const ACCOUNT_UNDER_ATTACK: &str = "account-under-attack";
/// So many networks guess that no device but those that are known may log in from the internet. About the whole box; gone an hour
/// after it has ended.
const OFFICE_UNDER_ATTACK: &str = "office-under-attack";
/// A story that grows is told this often at most.
const TOLD_EVERY: Duration = Duration::from_secs(10);
/// Numbers of yesterday are taken back this often.
const TAKEN_BACK_EVERY: Duration = Duration::from_secs(3600);

impl Exchange {
    /// One more attempt.
    pub(crate) fn note_attempts(&mut self, now: Instant) {
        let next = self.door.told_at.map(|at| at + TOLD_EVERY).filter(|next| *next > now);
        match next {
            None => self.tell_attempts(now),
            Some(next) => self.agenda.set(Due::TellAttempts, next),
        }
    }

    /// Tells how many there were, or that there are none any more.
    pub(crate) fn tell_attempts(&mut self, now: Instant) {
        self.door.told_at = Some(now);
        let keeper = &self.door.keeper;
        self.live.retain_problems(ACCOUNT_UNDER_ATTACK, |name| keeper.is_watched(now, name));
        self.tell_siege(now);
        let attempts = self.attempts(now).attempts;
        if attempts == 0 {
            return self.live.solve(ATTEMPTS_STOPPED, "");
        }
        self.agenda.set(Due::TellAttempts, now + TAKEN_BACK_EVERY);
        self.live.raise(ProblemView {
            code: ATTEMPTS_STOPPED.into(),
            subject: String::new(),
            severity: Severity::Note,
            detail: attempts.to_string(),
        });
    }

    fn tell_siege(&mut self, now: Instant) {
        if !self.door.keeper.is_besieged(now) {
            return self.live.solve(OFFICE_UNDER_ATTACK, "");
        }
        self.live.raise(ProblemView {
            code: OFFICE_UNDER_ATTACK.into(),
            subject: String::new(),
            severity: Severity::Warning,
            detail: String::new(),
        });
    }

    /// Says so when an account is tried from many places.
    pub(crate) fn note_under_attack(&mut self, now: Instant, account: &str) {
        if self.directory.login(account).is_some() && self.door.keeper.is_watched(now, account) {
            self.live.raise(ProblemView {
                code: ACCOUNT_UNDER_ATTACK.into(),
                subject: account.to_owned(),
                severity: Severity::Warning,
                detail: String::new(),
            });
        }
    }
}
