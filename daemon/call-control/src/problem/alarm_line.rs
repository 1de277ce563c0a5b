//! The lines of lifts and alarms: whether each has its phone, and whether its last call got through.

use std::time::{Duration, Instant};

use centrale_sip::registrar::AddressOfRecord;

use crate::call::Party;
use crate::exchange::{Due, Exchange};
use crate::record::Outcome;
use crate::view::{ProblemView, Severity};

/// No phone of an alarm line is registered; a device that nobody knows is none. About its number; gone when one is.
const ALARM_LINE_LOST: &str = "alarm-line-lost";
/// The last call of an alarm line was not answered. About its number; the detail is whom it called.
const ALARM_CALL_FAILED: &str = "alarm-call-failed";

/// A phone may start anew in this time, and the box as well. Twice it is looked before anything is told.
const LOOK: Duration = Duration::from_secs(300);

impl Exchange {
    /// The office changed: looks after its alarm lines from now on, and forgets those that are gone.
    pub(crate) fn settle_alarm_lines(&mut self, now: Instant) {
        let directory = &self.directory;
        for code in [ALARM_LINE_LOST, ALARM_CALL_FAILED] {
            self.live.retain_problems(code, |person| directory.alarm_numbers(person).is_some());
        }
        if self.directory.office().alarm_lines.is_empty() {
            self.agenda.cancel(&Due::AlarmLines);
        } else if !self.agenda.has(&Due::AlarmLines) {
            self.agenda.set(Due::AlarmLines, now + LOOK);
        }
    }

    /// Tells of each line that has no phone, as it had none when it was looked last, and takes back what is mended.
    pub(crate) fn check_alarm_lines(&mut self, now: Instant) {
        self.agenda.set(Due::AlarmLines, now + LOOK);
        let lines = self.directory.office().alarm_lines.iter().map(|line| line.person.to_string());
        let is_lost = |person: &String| {
            self.registrar.lookup(now, &AddressOfRecord::new(person)).iter().all(|binding| binding.apart)
        };
        let lost: Vec<String> = lines.filter(is_lost).collect();
        self.live.retain_problems(ALARM_LINE_LOST, |person| lost.iter().any(|one| one == person));
        for person in &lost {
            if self.lost_alarm_lines.contains(person) {
                self.live.raise(of(ALARM_LINE_LOST, person, ""));
            }
        }
        self.lost_alarm_lines = lost;
    }

    /// A call is over, or never began: when an alarm line made it, it got through or it did not.
    pub(crate) fn note_alarm_call(&mut self, from: &Party, to: &Party, outcome: Outcome) {
        let (person, number) = (&from.number, &to.number);
        if !self.directory.is_alarm_call(person, number) {
            return;
        }
        if outcome == Outcome::Answered {
            self.live.solve(ALARM_CALL_FAILED, person);
        } else {
            self.live.raise(of(ALARM_CALL_FAILED, person, number));
        }
    }
}

fn of(code: &str, person: &str, detail: &str) -> ProblemView {
    let (code, subject, detail) = (code.to_owned(), person.to_owned(), detail.to_owned());
    ProblemView { code, subject, severity: Severity::CallsFail, detail }
}
