//! The lines of lifts and alarms: whether each has its phone, whether its last call got through, and whether it called when it
//! tests itself.

use std::time::{Duration, Instant};

use centrale_guard::Kept;
use centrale_sip::registrar::AddressOfRecord;

use crate::call::Party;
use crate::exchange::{Due, Exchange};
use crate::io::Output;
use crate::record::Outcome;
use crate::view::{AlarmLineView, ProblemView, Severity};

/// No phone of an alarm line is registered; a device that nobody knows is none. About its number; gone when one is.
const ALARM_LINE_LOST: &str = "alarm-line-lost";
/// The last call of an alarm line was not answered. About its number; the detail is whom it called.
const ALARM_CALL_FAILED: &str = "alarm-call-failed";
/// No call of an alarm line that tests itself got through in its time. About its number; the detail is in how many hours it calls.
/// Gone with the next call that gets through.
const ALARM_TEST_MISSED: &str = "alarm-test-missed";

/// A phone may start anew in this time, and the box as well. Twice it is looked before anything is told.
const LOOK: Duration = Duration::from_secs(300);

impl Exchange {
    /// The office changed: looks after its alarm lines from now on, and forgets those that are gone.
    pub(crate) fn settle_alarm_lines(&mut self, now: Instant) {
        let directory = &self.directory;
        for code in [ALARM_LINE_LOST, ALARM_CALL_FAILED, ALARM_TEST_MISSED] {
            self.live.retain_problems(code, |person| directory.alarm_numbers(person).is_some());
        }
        if self.directory.office().alarm_lines.is_empty() {
            self.agenda.cancel(&Due::AlarmLines);
        } else if !self.agenda.has(&Due::AlarmLines) {
            self.agenda.set(Due::AlarmLines, now + LOOK);
        }
        self.forget_alarm_tests();
        self.check_alarm_tests(now);
    }

    /// Before a restart they called too.
    pub(crate) fn restore_alarm_tests(&mut self, kept: &[Kept]) {
        self.alarm_tests.restore(kept);
        self.forget_alarm_tests();
        self.show_alarm_lines();
    }

    /// Who has a number next is no such line. Without anybody the box is being stopped, or starts.
    fn forget_alarm_tests(&mut self) {
        let directory = &self.directory;
        if directory.office().people.is_empty() {
            return;
        }
        let gone = self.alarm_tests.keep(|person| directory.alarm_numbers(person).is_some());
        if !gone.is_empty() {
            self.outputs.push_back(Output::Spent(gone));
        }
    }

    /// The clock on the wall went on: tells of each line that tests itself, and did not.
    pub(crate) fn check_alarm_tests(&mut self, now: Instant) {
        let civil = self.costs.civil(now);
        for line in self.directory.office().alarm_lines.clone() {
            let person = line.person.as_str();
            let kept = self.alarm_tests.watch(civil, person);
            self.outputs.extend(kept.map(|kept| Output::Spent(vec![kept])));
            match line.test_hours {
                Some(hours) if self.alarm_tests.is_missed(civil, person, hours) => {
                    self.live.raise(of(ALARM_TEST_MISSED, person, &hours.to_string()));
                }
                _ => self.live.solve(ALARM_TEST_MISSED, person),
            }
        }
    }

    /// What the page shows of a person that is such a line.
    pub(crate) fn alarm_line_view(&self, person: &str) -> Option<AlarmLineView> {
        let line = self.directory.office().alarm_lines.iter().find(|line| line.person.as_str() == person)?;
        Some(AlarmLineView { last_call: self.alarm_tests.last_call(person), test_hours: line.test_hours })
    }

    fn show_alarm_lines(&mut self) {
        for line in &self.directory.office().alarm_lines {
            self.live.person_changed(line.person.as_str());
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
    pub(crate) fn note_alarm_call(&mut self, now: Instant, from: &Party, to: &Party, outcome: Outcome) {
        let (person, number) = (&from.number, &to.number);
        if !self.directory.is_alarm_call(person, number) {
            return;
        }
        if outcome == Outcome::Answered {
            let kept = self.alarm_tests.note(self.costs.civil(now), person);
            self.outputs.extend(kept.map(|kept| Output::Spent(vec![kept])));
            [ALARM_CALL_FAILED, ALARM_TEST_MISSED].into_iter().for_each(|code| self.live.solve(code, person));
            self.live.person_changed(person);
        } else {
            self.live.raise(of(ALARM_CALL_FAILED, person, number));
        }
    }
}

fn of(code: &str, person: &str, detail: &str) -> ProblemView {
    let (code, subject, detail) = (code.to_owned(), person.to_owned(), detail.to_owned());
    ProblemView { code, subject, severity: Severity::CallsFail, detail }
}
