//! Dialling that only a machine does: by the clock, through lists of numbers, one number without end.
//!
//! Looked at are calls to outside that are over and that somebody answered or let ring. A number that is busy, or is no number,
//! counts for nothing: who dials a busy number again and again is a person.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use centrale_numbering::Class;

use crate::reject::Reject;

/// How far back is looked, and for how long what was found is told.
const HOUR: Duration = Duration::from_secs(3_600);
/// Calls to one number in so long that are too many; then that number is refused to that person for as long.
const AGAIN: (usize, Duration) = (12, Duration::from_secs(600));
/// What is brief: nobody says in it what an office says.
const BRIEF: Duration = Duration::from_secs(10);
/// Different numbers with a brief call each in an hour that are too many; then that person calls nobody outside for an hour.
const SWEPT: usize = 60;
/// Different numbers in an hour that differ in their last digits only: so many numbers, and so many digits.
const IN_A_ROW: (usize, usize) = (8, 2);
/// Calls that begin at the same distance and last as long, to numbers of one kind.
const BY_THE_CLOCK: usize = 8;
/// How far the longest and the shortest may be apart for that, in percent of the longest, and in any case.
const SPREAD: (u32, Duration) = (4, Duration::from_millis(100));
/// Calls of a person that are remembered.
const MOST: usize = 256;

/// A call to outside that is over, and was answered or given up.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// Who of the office.
    pub person: &'a str,
    /// Whom, as the plan writes it.
    pub number: &'a str,
    /// What that is.
    pub class: Class,
    /// When it began.
    pub began: Instant,
    /// How long it was, from its answer, or until its caller gave up.
    pub lasted: Duration,
    /// The office wrote the number down among its contacts: it may be dialled again and again.
    pub is_contact: bool,
}

/// What somebody's calls look like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
    /// One number again and again, which is refused for a while.
    Again(String),
    /// Brief calls through a list of numbers. The person calls nobody outside for a while.
    Sweep,
    /// Numbers in a row, which begin like this.
    Row(String),
    /// At the same distance, and of the same length.
    Clockwork,
}

#[derive(Debug)]
struct Past {
    number: String,
    class: Class,
    began: Instant,
    lasted: Duration,
}

/// Whose calls look like a machine's.
#[derive(Debug, Default)]
pub struct Machines {
    past: BTreeMap<String, VecDeque<Past>>,
    found: BTreeMap<(String, Habit), Instant>,
}

impl Machines {
    /// A call is over; whether there is something new to tell.
    pub fn note(&mut self, now: Instant, call: &Placed<'_>) -> bool {
        let past = self.past.entry(call.person.to_owned()).or_default();
        let Placed { number, class, began, lasted, .. } = *call;
        past.push_back(Past { number: number.to_owned(), class, began, lasted });
        while past.len() > MOST {
            past.pop_front();
        }
        let mut is_new = false;
        for (habit, lasts) in habits(now, past, call.is_contact) {
            match &habit {
                // What was counted is not counted once more when it is allowed again.
                Habit::Again(number) => past.retain(|one| one.number != *number),
                Habit::Sweep => past.clear(),
                Habit::Row(_) | Habit::Clockwork => {}
            }
            is_new |= self.found.insert((call.person.to_owned(), habit), now + lasts).is_none();
        }
        is_new
    }

    /// Forgets whose number is nobody's any more: who has it next is another.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.past.retain(|person, _| is_there(person));
        self.found.retain(|(person, _), _| is_there(person));
    }

    /// Whether that person may call that number now.
    ///
    /// # Errors
    /// Its calls were a machine's.
    pub fn allow(&self, now: Instant, person: &str, number: &str) -> Result<(), Reject> {
        let is_held = |habit| self.found.get(&(person.to_owned(), habit)).is_some_and(|until| now < *until);
        if is_held(Habit::Sweep) {
            return Err(Reject::LIKE_A_MACHINE);
        }
        if is_held(Habit::Again(number.to_owned())) { Err(Reject::TOO_OFTEN) } else { Ok(()) }
    }

    /// What there is to tell of whom. What is over is forgotten.
    pub fn found(&mut self, now: Instant) -> impl Iterator<Item = (&str, &Habit)> {
        self.found.retain(|_, until| now < *until);
        for past in self.past.values_mut() {
            past.retain(|call| now.saturating_duration_since(call.began) < 12 * HOUR);
        }
        self.past.retain(|_, past| !past.is_empty());
        self.found.keys().map(|(person, habit)| (person.as_str(), habit))
    }

    /// How many calls are remembered of the person with most: bounded, whatever comes.
    pub fn remembered(&self) -> usize {
        self.past.values().map(VecDeque::len).max().unwrap_or_default()
    }

    /// When the first of it is over.
    pub fn until(&self) -> Option<Instant> {
        self.found.values().min().copied()
    }
}

/// What the last call makes of those before it, and for how long that is told.
fn habits(now: Instant, past: &VecDeque<Past>, is_contact: bool) -> Vec<(Habit, Duration)> {
    let Some(last) = past.back() else { return Vec::new() };
    let within = |time| past.iter().filter(move |one| now.saturating_duration_since(one.began) < time);
    let mut found = Vec::new();
    if !is_contact && within(AGAIN.1).filter(|one| one.number == last.number).count() >= AGAIN.0 {
        found.push((Habit::Again(last.number.clone()), AGAIN.1));
    }
    let brief: BTreeSet<_> = within(HOUR).filter(|one| one.lasted < BRIEF).map(|one| &one.number).collect();
    if brief.len() >= SWEPT {
        found.push((Habit::Sweep, HOUR));
    }
    let row = last.number.get(..last.number.len().saturating_sub(IN_A_ROW.1)).unwrap_or_default();
    let of_row = |one: &&Past| one.number.len() == last.number.len() && one.number.starts_with(row);
    let in_a_row: BTreeSet<_> = within(HOUR).filter(of_row).map(|one| &one.number).collect();
    if in_a_row.len() >= IN_A_ROW.0 {
        found.push((Habit::Row(row.to_owned()), HOUR));
    }
    if is_clockwork(past) {
        found.push((Habit::Clockwork, HOUR));
    }
    found
}

fn is_clockwork(past: &VecDeque<Past>) -> bool {
    let calls: Vec<&Past> = past.iter().rev().take(BY_THE_CLOCK).collect();
    let Some(last) = calls.first().filter(|_| calls.len() == BY_THE_CLOCK) else { return false };
    let gaps = calls.windows(2).map(|two| two[0].began.saturating_duration_since(two[1].began));
    calls.iter().all(|one| one.class == last.class)
        && are_alike(gaps.collect())
        && are_alike(calls.iter().map(|one| one.lasted).collect())
}

fn are_alike(mut times: Vec<Duration>) -> bool {
    times.sort();
    let (Some(shortest), Some(longest)) = (times.first(), times.last()) else { return false };
    *longest - *shortest <= (*longest * SPREAD.0 / 100).max(SPREAD.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Person {
        machines: Machines,
        now: Instant,
    }

    impl Person {
        fn new() -> Self {
            Self { machines: Machines::default(), now: Instant::now() }
        }

        /// A call that begins now, lasts so many milliseconds, and a pause after it.
        fn calls(&mut self, number: &str, lasted: u64, pause: u64) -> Result<(), Reject> {
            self.machines.allow(self.now, "201", number)?;
            let (began, lasted) = (self.now, Duration::from_millis(lasted));
            self.now += lasted;
            let call = Placed { person: "201", number, class: Class::National, began, lasted, is_contact: false };
            self.machines.note(self.now, &call);
            self.now += Duration::from_millis(pause);
            Ok(())
        }

        fn habits(&mut self) -> Vec<Habit> {
            self.machines.found(self.now).map(|(_, habit)| habit.clone()).collect()
        }
    }

    fn number(index: u64) -> String {
        format!("+31201{:06}", index * 7_919 % 1_000_000)
    }

    /// Something between nothing and `most` that no clock has.
    fn uneven(index: u64, most: u64) -> u64 {
        index * index * 7_907 % most
    }

    #[test]
    fn a_007_the_twelfth_call_to_one_number_in_ten_minutes_is_told_and_the_next_refused_for_ten() {
        let mut person = Person::new();
        for call in 0..12 {
            assert_eq!(person.habits(), []);
            person.calls("+31612345678", 5_000 + uneven(call, 9_000), 20_000 + uneven(call, 8_000)).unwrap();
        }
        assert_eq!(person.habits(), [Habit::Again("+31612345678".into())]);
        assert_eq!(person.calls("+31612345678", 5_000, 0), Err(Reject::TOO_OFTEN));
        assert_eq!(person.calls("+31612345679", 5_000, 0), Ok(()), "nobody else is refused");
        person.now += AGAIN.1;
        assert_eq!(person.calls("+31612345678", 5_000, 0), Ok(()));
        assert_eq!(person.habits(), []);
    }

    #[test]
    fn a_010_sixty_numbers_in_an_hour_with_a_brief_call_each_stop_that_person_for_an_hour() {
        let mut person = Person::new();
        for call in 0..60 {
            assert_eq!(person.habits(), [], "{call}");
            person.calls(&number(call), 2_000 + uneven(call, 7_000), 20_000 + uneven(call, 20_000)).unwrap();
        }
        assert_eq!(person.habits(), [Habit::Sweep]);
        assert_eq!(person.calls("+31301234567", 60_000, 0), Err(Reject::LIKE_A_MACHINE));
        assert_eq!(person.machines.allow(person.now, "202", "+31301234567"), Ok(()));
        person.now += HOUR;
        assert_eq!(person.calls("+31301234567", 60_000, 0), Ok(()));
    }

    #[test]
    fn a_010_a_busy_seller_who_talks_and_a_slow_one_who_does_not_are_no_machines() {
        let mut person = Person::new();
        for call in 0..300 {
            person.calls(&number(call), 11_000 + uneven(call, 60_000), 5_000 + uneven(call, 30_000)).unwrap();
            assert_eq!(person.habits(), [], "{call}");
        }
        for call in 0..300 {
            person.calls(&number(call), 2_000 + uneven(call, 6_000), 60_000 + uneven(call, 60_000)).unwrap();
            assert_eq!(person.habits(), [], "{call}");
        }
    }

    #[test]
    fn a_016_calls_by_the_clock_are_told_by_the_eighth_also_when_the_clock_is_two_percent_off() {
        for (gap, lasted) in [(20_000, 5_000), (3_600_000, 30_000), (2_000, 700)] {
            let mut person = Person::new();
            for call in 0..8 {
                assert_eq!(person.habits(), []);
                let off = |time: u64| time * (98 + uneven(call, 5)) / 100;
                let (period, lasted) = (gap, off(lasted));
                person.calls(&number(call), lasted, period - lasted).unwrap();
            }
            assert_eq!(person.habits(), [Habit::Clockwork], "{gap}");
        }
    }

    #[test]
    fn a_078_numbers_in_a_row_are_told_and_a_firm_with_a_few_of_them_is_not() {
        let mut person = Person::new();
        for call in 0..7 {
            person.calls(&format!("+3120765430{call}"), 20_000 + uneven(call, 70_000), 60_000).unwrap();
            person.calls("+31207654300", 20_000 + uneven(call, 80_000), 60_000).unwrap();
        }
        assert_eq!(person.habits(), []);
        person.calls("+31207654319", 15_000, 0).unwrap();
        person.calls("+31207654399", 15_000, 0).unwrap();
        person.calls("+31207654308", 15_000, 0).unwrap();
        assert_eq!(person.habits(), [Habit::Row("+312076543".into())]);
        assert_eq!(person.calls("+31207654309", 15_000, 0), Ok(()), "told, not refused");
    }
}
