//! The drill's points (E4 of the catalogue of attacks): of a hundred, and none at all where help was kept back, a secret left the box
//! or it fell over. What a full number is for are the aims beside which the table stands (E5).

use std::time::Duration;

use centrale_numbering::Money;

/// The most that T14 to T24 may lose: in the middle and in 95 of a hundred runs, and any when the office is closed or open.
pub const MEDIAN: Money = Money::from_cents(5);
/// See [`MEDIAN`].
pub const P95: Money = Money::from_cents(200);
/// See [`MEDIAN`].
pub const CLOSED: Money = Money::from_cents(1_000);
/// See [`MEDIAN`].
pub const OPEN: Money = Money::from_cents(5_000);
/// One call of the office's own of so many may be refused, late or cut (0.02 %).
pub const ONE_REFUSED_OF: usize = 5_000;
/// Distinct guesses of one source at one account that may be judged at full speed.
pub const AT_ONCE: u64 = 3;
/// From the first packet of such a source to the last guess of it that is judged, in 95 of a hundred.
pub const SHUT_WITHIN: Duration = Duration::from_millis(50);
/// Distinct guesses at one account that may be judged in a day, over all sources.
pub const A_DAY: u64 = 20;

/// What the points are reckoned by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Attacks, and how many of them did not reach their goal.
    pub attacks: (usize, usize),
    /// What T14 to T24 lost: in the middle, and in 95 of a hundred runs.
    pub lost: (Money, Money),
    /// The most that was lost in one run while the office is closed, and while it is open.
    pub worst: (Money, Money),
    /// Calls of the office's own, and how many of them were refused, late or cut.
    pub calls: (usize, usize),
    /// Addresses of the office that were blocked as a whole.
    pub bans: usize,
    /// Quiet days; and alerts, holds and blocks of phones that they brought.
    pub days: (usize, usize),
    /// Of each source that guessed at full speed: distinct guesses at one account that were judged.
    pub at_once: Vec<u64>,
    /// Of each that guessed passwords, not who there is: how long after its first packet the last guess was judged.
    pub until: Vec<Duration>,
    /// Distinct guesses that were judged at one account in a day over all sources, at most.
    pub a_day: u64,
    /// What a packet of who guesses at full speed costs the exchange, and what a REGISTER of a phone's costs in the same run.
    pub costs: Option<(Duration, Duration)>,
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
    /// Nobody of the office was refused, kept waiting, blocked or bothered: 25.
    pub peace: u64,
    /// Time to block: few guesses were judged, and none for long, 15.
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
        let lost = [(self.lost.0, MEDIAN), (self.lost.1, P95), (self.worst.0, CLOSED), (self.worst.1, OPEN)];
        let euros = lost.iter().map(|(lost, most)| within(625, most.cents_up(), lost.cents_up())).sum();
        let (calls, refused) = self.calls;
        let quiet = part(500, self.days.0 + self.days.1, self.days.0);
        let peace = match self.bans {
            0 => within(2_000, calls as u64, (refused * ONE_REFUSED_OF) as u64) + quiet,
            _ => 0,
        };
        let (at_once, until) = self.shut();
        Points {
            prevention: part(3_000, attacks, prevented),
            euros,
            peace,
            time_to_block: within(500, AT_ONCE, at_once)
                + within(500, micros(SHUT_WITHIN), micros(until))
                + within(500, A_DAY, self.a_day),
            cpu: self.costs.map_or(0, |(attack, phone)| within(500, nanos(phone), nanos(attack))),
        }
    }

    /// Of sources at full speed: the most guesses at one account that were judged, and after how long 95 of a hundred were shut out.
    pub fn shut(&self) -> (u64, Duration) {
        (self.at_once.iter().copied().max().unwrap_or_default(), percentile(self.until.clone(), 95))
    }

    /// The rows that tell of it.
    pub fn rows(&self) -> String {
        let points = self.points();
        let (at_once, until) = self.shut();
        let cpu = match self.costs {
            Some((attack, phone)) => format!(
                "a packet of who guesses at full speed costs {attack:?}, a REGISTER of a phone's that is taken {phone:?}: {} times \
                 as much, and 1 at most; what a flood takes of a core is measured with real packets (T32)",
                hundredths(nanos(attack) * 100 / nanos(phone).max(1))
            ),
            None => "not measured".to_owned(),
        };
        let void = if self.is_void() { "; no points at all: help, a secret or a crash" } else { "" };
        [
            ("prevention", points.prevention, 30, format!("{} of {} attacks", self.attacks.1, self.attacks.0)),
            ("euros", points.euros, 25, "T14 to T24, all of them, as above".to_owned()),
            ("no wrong refusal, delay, block or alert", points.peace, 25, "as above".to_owned()),
            (
                "time to block",
                points.time_to_block,
                15,
                format!(
                    "at full speed {at_once} judged at most and {} ms at the 95th percentile, {} a day and account",
                    until.as_millis(),
                    self.a_day
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

/// What so many of a hundred do not exceed.
pub fn percentile<T: Ord + Copy + Default>(mut all: Vec<T>, hundredths: usize) -> T {
    all.sort_unstable();
    let rank = (all.len() * hundredths).div_ceil(100);
    all.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// All of it while no more came than was aimed at, and less in proportion beyond.
fn within(all: u64, most: u64, came: u64) -> u64 {
    if came <= most { all } else { all * most / came }
}

/// As much of it as there are of all; all of it where there are none.
fn part(all: u64, of: usize, came: usize) -> u64 {
    if of == 0 { all } else { all * came as u64 / of as u64 }
}

const fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}

const fn nanos(time: Duration) -> u64 {
    time.as_nanos() as u64
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    fn good() -> Tally {
        Tally {
            attacks: (100, 100),
            lost: (Money::ZERO, P95),
            worst: (CLOSED, Money::from_cents(12)),
            calls: (50_000, 10),
            days: (280, 0),
            at_once: vec![3; 100],
            until: vec![49 * MILLI; 100],
            a_day: 20,
            costs: Some((MILLI, MILLI)),
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
        assert_eq!(missed(|it| it.lost.1 = Money::from_cents(1_000)), 500, "four fifths of a quarter of twenty-five");
        assert_eq!(missed(|it| it.calls.1 = 20), 1_000, "half of twenty");
        assert_eq!(missed(|it| it.bans = 1), 2_500, "a whole office");
        assert_eq!(missed(|it| it.days.1 = 280), 250, "an alert, a hold or a block a day");
        assert_eq!(missed(|it| it.at_once[0] = 6), 250, "one source had twice as many judged");
        assert_eq!(missed(|it| it.until[..6].fill(100 * MILLI)), 250, "at the 95th");
        assert_eq!(missed(|it| it.until[..5].fill(100 * MILLI)), 0);
        assert_eq!(missed(|it| it.a_day = 40), 250, "twice as many a day");
        assert_eq!(missed(|it| it.costs = None), 500);
        assert_eq!(missed(|it| it.costs = Some((2 * MILLI, MILLI))), 250, "a guess costs twice what a phone does");
    }

    #[test]
    fn of_twenty_amounts_the_nineteenth_is_the_ninety_fifth_percentile() {
        let amounts = || (1..=20).collect::<Vec<u64>>();
        assert_eq!([95, 100, 50].map(|hundredths| percentile(amounts(), hundredths)), [19, 20, 10]);
        assert_eq!(percentile(Vec::<u64>::new(), 50), 0);
    }
}
