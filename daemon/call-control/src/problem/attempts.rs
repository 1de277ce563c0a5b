//! Attempts to get in that were stopped: one story for all of them, and one for each account that is tried from many places.

use std::time::{Duration, Instant};

use crate::exchange::{Due, Exchange};
use crate::view::{ProblemView, Severity};

/// Somebody tried to get in during the last 24 hours, and did not. About the whole box; the detail is the number of attempts.
const ATTEMPTS_STOPPED: &str = "attempts-stopped";
/// The same, and somebody did: a right password in other hands, a log-in after guessing, the office's account at a provider. The
/// detail is the number of attempts, and in how many stories somebody got in.
const ATTEMPTS_GOT_IN: &str = "attempts-got-in";
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
        let (attempts, inside) = (self.attempts(now).attempts, self.incidents.got_in(now));
        if attempts > 0 {
            self.agenda.set(Due::TellAttempts, now + TAKEN_BACK_EVERY);
        }
        let detail = if inside == 0 { attempts.to_string() } else { format!("{attempts} {inside}") };
        let told = [
            (ATTEMPTS_STOPPED, Severity::Note, attempts > 0 && inside == 0),
            (ATTEMPTS_GOT_IN, Severity::Warning, attempts > 0 && inside > 0),
        ];
        for (code, severity, holds) in told {
            if holds {
                let (code, detail) = (code.into(), detail.clone());
                self.live.raise(ProblemView { code, subject: String::new(), severity, detail });
            } else {
                self.live.solve(code, "");
            }
        }
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
