//! The digest of a day and the report of a week: what they count, and when they are due.

use centrale_ledger::Zone;
use centrale_ledger::incident::Story;

/// The hour at which a digest leaves, by the clock in the office.
const HOUR: i8 = 7;
/// The night begins so many hours before: at 18:00.
const NIGHT_HOURS: u64 = 13;
/// Calls that a report names; those that cost most.
const MOST_NAMED: usize = 5;
/// Ten-thousandths of a euro in a cent.
const OF_A_CENT: u64 = 100;
const HOUR_MS: u64 = 3_600_000;

/// What a digest is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From one morning to the next.
    Day,
    /// From one Monday morning to the next: whatever is in it can still be complained about, for which there are eight days
    /// (contract 5.4).
    Week,
}

impl Period {
    /// Stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// When the next one is due after a moment; times are milliseconds since 1970 UTC. `None` at the end of time.
    pub fn due_after(self, zone: &Zone, unix_ms: u64) -> Option<u64> {
        zone.next_hour(unix_ms, HOUR, self == Self::Week)
    }
}

/// What happened in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Of what.
    pub period: Period,
    /// From when on, in milliseconds since 1970 UTC.
    pub from: u64,
    /// Until when.
    pub until: u64,
    /// Attempts that were written down in it.
    pub attempts: u64,
    /// Stories in which somebody got in while it lasted; not those in which that was before.
    pub got_in: u64,
    /// Calls that cost something, and what they cost.
    pub calls: Spent,
    /// Of these, those of the night before `until`.
    pub night: Spent,
    /// The dearest, first the dearest: the number that was called, and cents.
    pub dearest: Vec<(String, u64)>,
}

/// How many calls cost how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many.
    pub calls: u64,
    /// What they cost in all, in ten-thousandths of a euro.
    price: u64,
}

impl Spent {
    fn add(&mut self, price: u64) {
        self.calls += 1;
        self.price = self.price.saturating_add(price);
    }

    /// What they cost, in cents; a part of a cent counts as one.
    pub const fn cents(self) -> u64 {
        self.price.div_ceil(OF_A_CENT)
    }
}

impl Digest {
    /// A period in which nothing happened yet.
    pub fn new(period: Period, from: u64, until: u64) -> Self {
        let (calls, night) = (Spent::default(), Spent::default());
        Self { period, from, until, attempts: 0, got_in: 0, calls, night, dearest: Vec::new() }
    }

    /// Counts a story as it was written down, the oldest line first, each with when that was: the attempts by which it grew in
    /// the period, and that somebody got in if that was in it. An attempt of a story of days is so in one digest of its kind.
    pub fn add_story(&mut self, lines: &[(u64, Story)]) {
        let written_before = |moment: u64| {
            let lines = lines.iter().filter(|(at, _)| *at < moment);
            lines.map(|(_, story)| story.attempts).max().unwrap_or(0)
        };
        let grown = written_before(self.until).saturating_sub(written_before(self.from));
        self.attempts = self.attempts.saturating_add(grown);
        let got_in = |story: &Story| story.got_in() && (self.from..self.until).contains(&story.counted_from());
        self.got_in += u64::from(lines.last().is_some_and(|(_, story)| got_in(story)));
    }

    /// Counts a call to outside that began at `started` and cost `price` ten-thousandths of a euro.
    pub fn add_call(&mut self, to: &str, started: u64, price: u64) {
        if price == 0 || !(self.from..self.until).contains(&started) {
            return;
        }
        self.calls.add(price);
        if started >= self.until.saturating_sub(NIGHT_HOURS * HOUR_MS) {
            self.night.add(price);
        }
        self.dearest.push((to.to_owned(), price.div_ceil(OF_A_CENT)));
        self.dearest.sort_by_key(|(_, cents)| std::cmp::Reverse(*cents));
        self.dearest.truncate(MOST_NAMED);
    }
}

#[cfg(test)]
mod tests {
    use centrale_ledger::incident::Names;

    use super::*;

    const DAY_MS: u64 = 24 * HOUR_MS;
    /// Sunday 25 October 2026, 00:30 UTC, in the night in which summer time ends.
    const NIGHT: u64 = 1_792_888_200_000;

    fn amsterdam() -> Zone {
        Zone::named("Europe/Amsterdam").unwrap()
    }

    #[test]
    fn a_113_the_costs_of_a_night_are_told_at_seven_the_next_morning_whatever_the_clock_does() {
        let zone = amsterdam();
        let due = Period::Day.due_after(&zone, NIGHT).unwrap();
        assert_eq!(zone.written(due), "2026-10-25T07:00:00.000+01:00");
        let after = Period::Day.due_after(&zone, due).unwrap();
        assert_eq!(zone.written(after), "2026-10-26T07:00:00.000+01:00");
        let mut digest = Digest::new(Period::Day, due - DAY_MS, due);
        digest.add_call("+4685078", NIGHT, 12_345);
        digest.add_call("+31612", due - 20 * HOUR_MS, 10_000);
        digest.add_call("+31613", due - 30 * HOUR_MS, 10_000);
        digest.add_call("201", NIGHT, 0);
        assert_eq!((digest.calls.calls, digest.calls.cents()), (2, 224));
        assert_eq!((digest.night.calls, digest.night.cents()), (1, 124), "the call of half past two");
        assert_eq!(digest.dearest, [("+4685078".to_owned(), 124), ("+31612".to_owned(), 100)]);
    }

    fn story(attempts: u64, last: u64) -> Story {
        Story {
            id: "1-1".into(),
            about: "account".into(),
            subject: "201".into(),
            first: NIGHT,
            last,
            attempts,
            tried: Vec::new(),
            done: Vec::new(),
            blocked_until: None,
            reached: "apart".into(),
            got_in: None,
            sources: Names::default(),
            accounts: Names::default(),
            targets: Names::default(),
            devices: Names::default(),
            samples: Vec::new(),
            over: false,
        }
    }

    #[test]
    fn what_a_story_of_days_brought_is_counted_in_the_day_in_which_it_came_and_in_no_other() {
        let lines = [(0, 1), (1, 10), (2 * DAY_MS, 100), (2 * DAY_MS + 1, 214)]
            .map(|(after, attempts)| (NIGHT + after, story(attempts, NIGHT + after)));
        let counted = |from: u64, days: u64| {
            let mut digest = Digest::new(Period::Day, from, from + days * DAY_MS);
            digest.add_story(&lines);
            (digest.attempts, digest.got_in)
        };
        let days: Vec<_> = (0..4).map(|day| counted(NIGHT + day * DAY_MS, 1)).collect();
        assert_eq!(days, [(10, 1), (0, 0), (204, 0), (0, 0)], "who got in is counted in the night of that as well");
        assert_eq!(counted(NIGHT, 7), (214, 1));
        assert_eq!(counted(NIGHT - DAY_MS, 1), (0, 0), "what was written after it is in the next");
    }

    #[test]
    fn a_097_a_report_comes_each_monday_so_that_every_call_in_it_can_be_complained_about_within_eight_days() {
        let zone = amsterdam();
        let first = Period::Week.due_after(&zone, NIGHT).unwrap();
        assert_eq!(zone.written(first), "2026-10-26T07:00:00.000+01:00");
        let second = Period::Week.due_after(&zone, first).unwrap();
        assert_eq!(second - first, 7 * DAY_MS, "the oldest call in it is seven days old");
        let mut report = Digest::new(Period::Week, first, second);
        (0..9).for_each(|call| report.add_call(&format!("+3161{call}"), first + call, 1_000 * (call + 1)));
        assert_eq!((report.calls.calls, report.dearest.len()), (9, MOST_NAMED));
        assert_eq!(report.dearest[0], ("+31618".to_owned(), 90));
    }
}
