//! The drill's points (E4 of the catalogue of attacks): of a hundred, and none at all where help was kept back, a secret left the box
//! or it fell over. What a full number is for are the aims beside which the table stands (E5).

use std::time::Duration;

use centrale_numbering::Money;

/// The most that may leak: of attacks that are watched in the middle and in 95 of a hundred, and of any when the office is closed or
/// open.
pub const MEDIAN: Money = Money::from_cents(5);
/// See [`MEDIAN`].
pub const P95: Money = Money::from_cents(200);
/// See [`MEDIAN`].
pub const CLOSED: Money = Money::from_cents(1_000);
/// See [`MEDIAN`].
pub const OPEN: Money = Money::from_cents(5_000);
/// One call of the office's own of so many may be refused (0.02 %).
pub const ONE_REFUSED_OF: usize = 5_000;
/// Attempts that may be evaluated on one account in a day.
const EVALUATED: u64 = 20;
/// How much of a core attacks may take, in hundredths.
const CORE: u64 = 25;

/// What the points are reckoned by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Attacks, and how many of them did not reach their goal.
    pub attacks: (usize, usize),
    /// What was lost to ways that are watched: in the middle, and in 95 of a hundred runs.
    pub watched: (Money, Money),
    /// The most that was lost in one run while the office is closed, and while it is open.
    pub worst: (Money, Money),
    /// Calls of the office's own, and how many of them were refused.
    pub calls: (usize, usize),
    /// Addresses of the office that were blocked as a whole.
    pub bans: usize,
    /// Quiet days, and alerts that they brought.
    pub days: (usize, usize),
    /// How many attempts each attack had evaluated, and how long after its first packet the last of them was.
    pub evaluated: Vec<(u64, Duration)>,
    /// Processor time that all of it took, and how long it lasted by its own clock; `None` where nobody measured it.
    pub cpu: Option<(Duration, Duration)>,
    /// Calls for help that were not answered.
    pub without_help: usize,
    /// Packets that left the box with a secret in clear.
    pub secrets: usize,
    /// Whether the box fell over.
    pub crashed: bool,
}

/// Points, in hundredths of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Points {
    /// Goals that were not reached: 30.
    pub prevention: u64,
    /// Euros that were not lost: 25.
    pub euros: u64,
    /// Nobody of the office was refused, blocked or bothered: 25.
    pub peace: u64,
    /// Time to block: few attempts were evaluated, 15.
    pub time_to_block: u64,
    /// Processor time: 5.
    pub cpu: u64,
}

impl Points {
    /// All together.
    pub const fn sum(self) -> u64 {
        self.prevention + self.euros + self.peace + self.time_to_block + self.cpu
    }
}

impl Tally {
    /// Whether something happened for which there are no points at all.
    pub const fn is_void(&self) -> bool {
        self.without_help > 0 || self.secrets > 0 || self.crashed
    }

    /// What it is worth.
    pub fn points(&self) -> Points {
        if self.is_void() {
            return Points::default();
        }
        let (attacks, prevented) = self.attacks;
        let lost = [(self.watched.0, MEDIAN), (self.watched.1, P95), (self.worst.0, CLOSED), (self.worst.1, OPEN)];
        let euros = lost.iter().map(|(lost, most)| within(625, most.cents_up(), lost.cents_up())).sum();
        let (calls, refused) = self.calls;
        let quiet = part(500, self.days.0 + self.days.1, self.days.0);
        let peace = match self.bans {
            0 => within(2_000, calls as u64, (refused * ONE_REFUSED_OF) as u64) + quiet,
            _ => 0,
        };
        Points {
            prevention: part(3_000, attacks, prevented),
            euros,
            peace,
            time_to_block: within(1_500, EVALUATED, self.evaluated_at(95).0),
            cpu: self.cpu.map_or(0, |(took, lasted)| {
                within(500, lasted.as_millis() as u64 * CORE / 100, took.as_millis() as u64)
            }),
        }
    }

    /// How many attempts so many of a hundred attacks had evaluated at most, and until when.
    pub fn evaluated_at(&self, hundredths: usize) -> (u64, Duration) {
        let rank = |many: usize| (many * hundredths).div_ceil(100).saturating_sub(1);
        let (mut counts, mut ends): (Vec<u64>, Vec<Duration>) = self.evaluated.iter().copied().unzip();
        counts.sort_unstable();
        ends.sort_unstable();
        let at = rank(counts.len());
        (counts.get(at).copied().unwrap_or_default(), ends.get(at).copied().unwrap_or_default())
    }

    /// The rows that tell of it.
    pub fn rows(&self) -> String {
        let points = self.points();
        let ((half, half_until), (most, until)) = (self.evaluated_at(50), self.evaluated_at(95));
        let cpu = match self.cpu {
            Some((took, lasted)) => {
                let of_a_core = took.as_millis() * 10_000 / lasted.as_millis().max(1);
                format!("{} % of a core by the drill's own clock, attackers and all", hundredths(of_a_core as u64))
            }
            None => "not measured".to_owned(),
        };
        let void = if self.is_void() { "; no points at all: help, a secret or a crash" } else { "" };
        [
            ("prevention", points.prevention, 30, format!("{} of {} attacks", self.attacks.1, self.attacks.0)),
            ("euros", points.euros, 25, "as above".to_owned()),
            ("no wrong refusal, block or alert", points.peace, 25, "as above".to_owned()),
            (
                "time to block",
                points.time_to_block,
                15,
                format!(
                    "{half} attempts evaluated in the middle, {most} at the 95th percentile; the last after {:.1} s and {:.1} s",
                    half_until.as_secs_f64(),
                    until.as_secs_f64()
                ),
            ),
            ("processor", points.cpu, 5, cpu),
            (
                "together",
                points.sum(),
                100,
                format!("{} calls for help kept back, {} secrets left{void}", self.without_help, self.secrets),
            ),
        ]
        .map(|(what, came, of, why)| format!("| points | {what} | {} of {of}: {why} | {of} |\n", hundredths(came)))
        .concat()
    }
}

/// All of it while no more came than was aimed at, and less in proportion beyond.
fn within(all: u64, most: u64, came: u64) -> u64 {
    if came <= most { all } else { all * most / came }
}

/// As much of it as there are of all; all of it where there are none.
fn part(all: u64, of: usize, came: usize) -> u64 {
    if of == 0 { all } else { all * came as u64 / of as u64 }
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Tally {
        Tally {
            attacks: (100, 100),
            watched: (Money::ZERO, P95),
            worst: (CLOSED, Money::from_cents(12)),
            calls: (50_000, 10),
            days: (280, 0),
            evaluated: vec![(3, Duration::from_secs(1)); 100],
            cpu: Some((Duration::from_secs(25), Duration::from_secs(100))),
            ..Tally::default()
        }
    }

    #[test]
    fn who_meets_every_aim_has_a_hundred_points() {
        let Points { prevention, euros, peace, time_to_block, cpu } = good().points();
        assert_eq!([prevention, euros, peace, time_to_block, cpu], [3_000, 2_500, 2_500, 1_500, 500]);
        assert!(good().rows().contains("| points | together | 100.00 of 100: "), "{}", good().rows());
    }

    #[test]
    fn a_call_for_help_that_was_kept_back_a_secret_or_a_crash_is_worth_nothing_at_all() {
        for void in
            [Tally { without_help: 1, ..good() }, Tally { secrets: 1, ..good() }, Tally { crashed: true, ..good() }]
        {
            assert_eq!(void.points().sum(), 0, "{void:?}");
            assert!(void.rows().contains("no points at all"));
        }
    }

    #[test]
    fn what_is_missed_costs_points_in_proportion_and_what_nobody_measured_has_none() {
        let missed = |change: fn(&mut Tally)| {
            let mut tally = good();
            change(&mut tally);
            10_000 - tally.points().sum()
        };
        assert_eq!(missed(|it| it.attacks.1 = 90), 300, "a tenth of thirty");
        assert_eq!(missed(|it| it.watched.1 = Money::from_cents(400)), 313, "half of a quarter of twenty-five");
        assert_eq!(missed(|it| it.calls.1 = 20), 1_000, "half of twenty");
        assert_eq!(missed(|it| it.bans = 1), 2_500, "a whole office");
        assert_eq!(missed(|it| it.days.1 = 280), 250, "an alert a day");
        assert_eq!(
            missed(|it| it.evaluated[..6].iter_mut().for_each(|one| one.0 = 40)),
            750,
            "forty attempts at the 95th"
        );
        assert_eq!(missed(|it| it.evaluated[..5].iter_mut().for_each(|one| one.0 = 40)), 0);
        assert_eq!(missed(|it| it.cpu = None), 500);
        assert_eq!(missed(|it| it.cpu = Some((Duration::from_secs(50), Duration::from_secs(100)))), 250);
    }
}
