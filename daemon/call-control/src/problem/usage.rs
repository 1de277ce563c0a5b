//! What people use: far more than they usually do, very long talks, paid minutes to one number, floods of very short calls.
//! The subject is the person's number.

use std::time::{Duration, Instant};

use centrale_guard::Sign;
use centrale_numbering::Class;

use crate::exchange::{Due, Exchange};
use crate::view::{ProblemView, Severity};

/// Today costs far more than this person's days do. The detail is what it costs so far, in whole euros.
const USE_FAR_ABOVE_USUAL: &str = "use-far-above-usual";
/// Somebody talks all day, or for hours in one call. The detail is whole hours.
const USE_VERY_LONG: &str = "use-very-long";
/// Most of this or last week's paid minutes go to one number. The detail is that number.
const USE_ONE_NUMBER: &str = "use-one-number";
/// Very short calls, many in a minute: such calls of this person are refused for an hour.
const USE_FLASH_CALLS: &str = "use-flash-calls";

impl Exchange {
    /// Tells what there is to tell now of what people use, and takes back what is over.
    pub(crate) fn check_usage(&mut self, now: Instant) {
        let civil = self.costs.civil(now);
        let signs = self.costs.ledger.signs(now, civil);
        let told: Vec<ProblemView> = signs.into_iter().map(problem).collect();
        for code in [USE_FAR_ABOVE_USUAL, USE_VERY_LONG, USE_ONE_NUMBER] {
            let is_told = |subject: &str| told.iter().any(|one| one.code == code && one.subject == subject);
            self.live.retain_problems(code, is_told);
        }
        told.into_iter().for_each(|problem| self.live.raise(problem));
    }

    /// A call to outside is over that its caller made, and that was answered or given up.
    pub(crate) fn note_flash(&mut self, now: Instant, person: &str, class: Class, lasted: Duration) {
        if self.costs.flashes.note(now, person, class, lasted) {
            self.check_flashes(now);
        }
    }

    /// Tells whose very short calls are refused.
    pub(crate) fn check_flashes(&mut self, now: Instant) {
        let held: Vec<String> = self.costs.flashes.held(now).map(str::to_owned).collect();
        self.live.retain_problems(USE_FLASH_CALLS, |subject| held.iter().any(|person| person == subject));
        for person in held {
            self.live.raise(of(USE_FLASH_CALLS, person, String::new()));
        }
        if let Some(until) = self.costs.flashes.until() {
            self.agenda.set(Due::FlashesOver, until);
        }
    }
}

fn problem(sign: Sign) -> ProblemView {
    match sign {
        Sign::FarAboveUsual { person, cost } => {
            of(USE_FAR_ABOVE_USUAL, person, (cost.ten_thousandths() / 10_000).to_string())
        }
        Sign::VeryLong { person, hours } => of(USE_VERY_LONG, person, hours.to_string()),
        Sign::OneNumber { person, number, .. } => of(USE_ONE_NUMBER, person, number),
    }
}

fn of(code: &str, subject: String, detail: String) -> ProblemView {
    let severity = if code == USE_ONE_NUMBER { Severity::Note } else { Severity::Warning };
    ProblemView { code: code.into(), subject, severity, detail }
}
