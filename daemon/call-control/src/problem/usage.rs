//! What people use: far more than they usually do, very long talks, paid minutes to one number, floods of very short calls;
//! calls that only a machine makes, and calls of strangers that go through the office.
//! The subject is the person's number.

use std::time::{Duration, Instant};

use centrale_guard::{Habit, Placed, Sign};
use centrale_numbering::Class;

use crate::call::{Call, Leg, Side};
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

/// One number was called again and again. The detail is that number, which is refused to this person for a while.
const USE_ONE_NUMBER_AGAIN: &str = "use-one-number-again";
/// Brief calls to very many numbers: this person calls nobody outside for an hour.
const USE_MACHINE: &str = "use-machine";
/// Numbers in a row. The detail is how they begin.
const USE_ROW: &str = "use-row";
/// Calls at the same distance and of the same length, as no person makes them.
const USE_CLOCKWORK: &str = "use-clockwork";
/// Very many calls to outside at once. The detail is how many.
const USE_AT_ONCE: &str = "use-at-once";
/// Callers from outside are sent out again to many numbers. The detail is to how many in the last hour.
const USE_TRANSIT: &str = "use-transit";

/// Calls to outside that nobody makes at once: two at a phone, one that is handed on, and some.
const MOST_AT_ONCE: usize = 5;

impl Exchange {
    /// Tells what there is to tell now of what people use, and takes back what is over.
    pub(crate) fn check_usage(&mut self, now: Instant) {
        let civil = self.costs.civil(now);
        let office = self.directory.office();
        let signs = self.costs.ledger.signs(now, civil, |person| office.role_of(person));
        let told = signs.into_iter().map(problem).collect();
        self.live.tell_instead(&[USE_FAR_ABOVE_USUAL, USE_VERY_LONG, USE_ONE_NUMBER], told);
    }

    /// A call to outside is over that its caller made, and that was answered or given up.
    pub(crate) fn note_flash(&mut self, now: Instant, person: &str, class: Class, lasted: Duration) {
        if self.costs.flashes.note(now, person, class, lasted) {
            self.check_flashes(now);
        }
    }

    /// A call to outside is over that its caller made, and that was answered or given up, or rang for long enough.
    pub(crate) fn note_placed(&mut self, now: Instant, call: &Placed<'_>) {
        if self.costs.machines.note(now, call) {
            self.check_machines(now);
        }
    }

    /// Tells whose calls look like a machine's.
    pub(crate) fn check_machines(&mut self, now: Instant) {
        let found = self.costs.machines.found(now).map(|(person, habit)| machine(person, habit));
        self.live.tell_instead(&[USE_ONE_NUMBER_AGAIN, USE_MACHINE, USE_ROW, USE_CLOCKWORK], found.collect());
        if let Some(until) = self.costs.machines.until() {
            self.agenda.set(Due::MachinesOver, until);
        }
    }

    /// Tells whose calls at once are more than a person makes. `in_hand` is one of them that is no longer, or not yet, among the
    /// others.
    pub(crate) fn check_at_once(&mut self, in_hand: &Call, person: &str) {
        let of_person = |leg: &Leg| leg.order.as_ref().is_some_and(|order| order.person == person);
        let legs = |call: &Call| {
            [Side::Caller, Side::Callee].into_iter().filter(|side| call.leg(*side).is_some_and(of_person)).count()
        };
        // Who meets others in a room is no call of one person.
        let counts = |call: &&Call| call.ending.is_none() && call.meets_in().is_none();
        let count = self.calls.values().chain([in_hand]).filter(counts).map(legs).sum::<usize>();
        if count > MOST_AT_ONCE {
            self.live.raise(of(USE_AT_ONCE, person.to_owned(), count.to_string()));
        } else {
            self.live.solve(USE_AT_ONCE, person);
        }
    }

    /// Tells who sends callers from outside out again, and takes back what is over.
    pub(crate) fn check_transit(&mut self, now: Instant) {
        let told = self.costs.transit.told(now);
        let told = told.map(|(person, numbers)| of(USE_TRANSIT, person.to_owned(), numbers.to_string()));
        self.live.tell_instead(&[USE_TRANSIT], told.collect());
        if let Some(until) = self.costs.transit.until() {
            self.agenda.set(Due::TransitOver, until);
        }
    }

    /// Tells whose very short calls are refused.
    pub(crate) fn check_flashes(&mut self, now: Instant) {
        let held = self.costs.flashes.held(now).map(|person| of(USE_FLASH_CALLS, person.to_owned(), String::new()));
        self.live.tell_instead(&[USE_FLASH_CALLS], held.collect());
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

fn machine(person: &str, habit: &Habit) -> ProblemView {
    let (code, detail) = match habit {
        Habit::Again(number) => (USE_ONE_NUMBER_AGAIN, number.clone()),
        Habit::Sweep => (USE_MACHINE, String::new()),
        Habit::Row(begin) => (USE_ROW, begin.clone()),
        Habit::Clockwork => (USE_CLOCKWORK, String::new()),
    };
    of(code, person.to_owned(), detail)
}

fn of(code: &str, subject: String, detail: String) -> ProblemView {
    let severity = if code == USE_ONE_NUMBER { Severity::Note } else { Severity::Warning };
    ProblemView { code: code.into(), subject, severity, detail }
}
