//! The table of the drill: what came of every attack and every day, over all backgrounds and seeds, beside what is aimed at.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use centrale_numbering::Money;

use super::elsewhere::ELSEWHERE;
use super::points::{CLOSED, MEDIAN, ONE_REFUSED_OF, OPEN, P95, Tally};
use super::timing::{MOST_AHEAD, told_apart};
use super::{ATTACKS, Attack, Background, DAYS, Day, Goal, Run, attacked, lived};

/// A day of 57,600 guesses: it comes last, and once, as it is the same whatever it is played before.
const LONG: &str = "T06";

/// Plays everything in full length from so many seeds, and hands each row of the table to `tell` as it is ready. What was not met of
/// what is aimed at. `spent` says how much processor time this program took so far, where it can be said.
pub fn play(
    start: Instant,
    seeds: u64,
    spent: impl Fn() -> Option<Duration>,
    mut tell: impl FnMut(&str),
) -> Vec<String> {
    let before = spent();
    let mut book = Book::default();
    let (long, others): (Vec<_>, Vec<_>) = ATTACKS.iter().partition(|attack| attack.code == LONG);
    for attack in others {
        book.play(start, attack, seeds);
        tell(&std::mem::take(&mut book.rows));
    }
    for day in DAYS {
        book.live(start, day, seeds);
        tell(&std::mem::take(&mut book.rows));
    }
    for one in ELSEWHERE {
        let _ = writeln!(book.rows, "| {} | {} | {} | |", one.code, one.what, one.played);
    }
    book.sum_up();
    tell(&std::mem::take(&mut book.rows));
    for attack in long {
        book.play(start, attack, seeds);
    }
    book.listen(start);
    book.tally.cpu = before.zip(spent()).map(|(before, now)| (now.saturating_sub(before), book.lasted));
    book.rows.push_str(&book.tally.rows());
    tell(&book.rows);
    if book.tally.is_void() {
        book.missed.push("there are no points at all".to_owned());
    }
    book.missed
}

#[derive(Debug, Default)]
struct Book {
    rows: String,
    missed: Vec<String>,
    watched: Vec<Money>,
    runs: usize,
    days: usize,
    alerts: usize,
    prevented: usize,
    named: (usize, usize),
    /// What the points are reckoned by, and how long everything lasted by its own clock.
    tally: Tally,
    lasted: Duration,
    helps: (usize, usize),
    bans: usize,
    calls: (usize, usize),
    /// Which of them were refused, and in which run.
    refused: Vec<String>,
    phones: (usize, usize),
}

impl Book {
    fn play(&mut self, start: Instant, attack: &Attack, seeds: u64) {
        let is_long = attack.code == LONG;
        let (backgrounds, seeds) = if is_long { (&Background::ALL[..1], 1) } else { (&Background::ALL[..], seeds) };
        let (mut leaked, mut reached, mut sum) = ([Vec::new(), Vec::new()], 0, Sum::default());
        for background in backgrounds.iter().copied() {
            for seed in 0..seeds {
                let run = attacked(start, seed, attack, background, true);
                self.take(attack.code, background, seed, &run);
                leaked[usize::from(background != Background::QuietNight)].push(run.leaked);
                reached += usize::from(!run.reached.is_empty());
                sum.take(attack, &run);
            }
        }
        self.prevented += sum.runs - reached;
        self.tally.attacks = (self.tally.attacks.0 + sum.runs, self.prevented);
        let most = |worst: Money, of: &[Money]| of.iter().copied().max().unwrap_or_default().max(worst);
        let worst = self.tally.worst;
        self.tally.worst = (most(worst.0, &leaked[0]), most(worst.1, &leaked[1]));
        self.tally.evaluated.extend(&sum.all);
        self.named = (self.named.0 + sum.named, self.named.1 + if attack.named.is_empty() { 0 } else { sum.runs });
        let [closed, open] = leaked.map(sorted);
        let all = sorted(closed.iter().chain(&open).copied().collect());
        let (came, aim) = match attack.goal {
            Goal::Access => (format!("reached in {reached} of {} runs", all.len()), "never"),
            Goal::Money | Goal::Allowance => (
                format!(
                    "reached in {reached} of {} runs; {}, {} at the 95th percentile, at worst {} while the office is closed and {} while it is open",
                    all.len(),
                    euros(percentile(&all, 50)),
                    euros(percentile(&all, 95)),
                    euros(percentile(&closed, 100)),
                    euros(percentile(&open, 100))
                ),
                if attack.goal == Goal::Money { "see all together" } else { "at worst EUR 10 closed, EUR 50 open" },
            ),
        };
        let _ = writeln!(self.rows, "| {} | {} | {came}; {} | {aim} |", attack.code, attack.what, sum.said(attack));
        if attack.goal == Goal::Money {
            self.watched.extend(all);
        }
    }

    fn live(&mut self, start: Instant, day: &Day, seeds: u64) {
        let (mut calls, mut alerts, mut wrong) = ((0, 0), 0, 0);
        for seed in 0..seeds {
            let run = lived(start, seed, day, true);
            self.take(day.code, day.background, seed, &run);
            self.days += 1;
            calls = (calls.0 + run.calls.0, calls.1 + run.calls.1.len());
            alerts += run.alerts.len();
            wrong += usize::from(!run.reached.is_empty());
        }
        self.alerts += alerts;
        let of_the_day =
            if day.alerts.is_empty() { String::new() } else { format!(" (beside {})", day.alerts.join(", ")) };
        let _ = writeln!(
            self.rows,
            "| {} | {} | {} of {} calls refused, {alerts} alerts{of_the_day}; {wrong} of {seeds} days not quiet | quiet |",
            day.code, day.what, calls.1, calls.0
        );
    }

    /// T02, by the time that answers take.
    fn listen(&mut self, start: Instant) {
        let heard = told_apart(start, 100);
        let came = format!(
            "of two answers the longer one is a user's in {:.0} % of all pairs where one asks, and in {:.0} % where one guesses ({} of each; in the middle {:?} and {:?})",
            heard.asked * 100.0,
            heard.guessed * 100.0,
            heard.answers,
            heard.middle.0,
            heard.middle.1
        );
        let most = MOST_AHEAD * 100.0;
        let what = "users told from nobody by the time that an answer takes";
        let _ = writeln!(self.rows, "| T02 | {what} | {came} | 50 %, give or take {most:.0} |");
        if !heard.says_nothing() {
            self.missed.push(format!("{what}: {came}"));
        }
    }

    fn take(&mut self, code: &str, background: Background, seed: u64, run: &Run) {
        let run_of = format!("{code}, {background:?}, seed {seed}");
        self.runs += 1;
        let (asked, helped) = run.helps;
        self.helps = (self.helps.0 + asked, self.helps.1 + helped);
        self.lasted += run.lasted;
        self.tally.without_help += asked - helped;
        self.tally.secrets += run.secrets;
        self.bans += run.bans;
        self.calls = (self.calls.0 + run.calls.0, self.calls.1 + run.calls.1.len());
        self.refused.extend(run.calls.1.iter().map(|call| format!("{run_of}: {call}")));
        self.phones = (self.phones.0 + run.phones.0, self.phones.1 + run.phones.1);
        self.missed.extend(run.reached.iter().map(|what| format!("{run_of}: {what}")));
        if helped < asked {
            self.missed.push(format!("{run_of}: of {asked} calls to 112 {helped} were answered"));
        }
        let most = if background == Background::QuietNight { CLOSED } else { OPEN };
        if run.secrets > 0 {
            self.missed.push(format!("{run_of}: {} packets left with a secret in them", run.secrets));
        }
        if run.leaked > most {
            self.missed.push(format!("{run_of}: {} were lost", euros(run.leaked)));
        }
    }

    fn sum_up(&mut self) {
        let watched = sorted(std::mem::take(&mut self.watched));
        let (median, p95) = (percentile(&watched, 50), percentile(&watched, 95));
        self.tally.watched = (median, p95);
        (self.tally.calls, self.tally.bans, self.tally.days) = (self.calls, self.bans, (self.days, self.alerts));
        let (attacks, prevented, (named, nameable)) = (self.runs - self.days, self.prevented, self.named);
        let mut row = |what: &str, came: String, aim: &str, is_met: bool| {
            let _ = writeln!(self.rows, "| all | {what} | {came} | {aim} |");
            if !is_met {
                self.missed.push(format!("{what}: {came}"));
            }
        };
        row(
            &format!("money lost in {} runs of T07 to T24", watched.len()),
            format!("{}, {} at the 95th percentile", euros(median), euros(p95)),
            "EUR 0.05, EUR 2.00 at the 95th percentile",
            median <= MEDIAN && p95 <= P95,
        );
        let (calls, refused) = self.calls;
        row(
            &format!("calls of the office's own in {} attacks and {} days", self.runs - self.days, self.days),
            format!(
                "{refused} of {calls} refused{}",
                self.refused.iter().map(|one| format!("; {one}")).collect::<String>()
            ),
            "0.02 % at most",
            refused * ONE_REFUSED_OF <= calls,
        );
        row("goals reached", format!("{} of {} attacks", attacks - prevented, attacks), "none", prevented == attacks);
        row(
            "the kind of attack named to the office, where there is one to name",
            format!("{named} of {nameable} attacks"),
            "all",
            named == nameable,
        );
        row(
            &format!("alerts that a quiet day brought, in {} days", self.days),
            self.alerts.to_string(),
            "0",
            self.alerts == 0,
        );
        let (asked, helped) = self.helps;
        row(
            "112 in the midst of each attack, and after it",
            format!("{helped} of {asked} answered"),
            "all",
            helped == asked,
        );
        row("addresses of the office that were blocked", self.bans.to_string(), "0", self.bans == 0);
        let (there, all) = self.phones;
        row("phones with a right password at the end", format!("{there} of {all} registered"), "all", there == all);
    }
}

/// What came of the runs of one attack, besides money.
#[derive(Debug, Default)]
struct Sum {
    runs: usize,
    named: usize,
    evaluated: u64,
    until: Duration,
    all: Vec<(u64, Duration)>,
}

impl Sum {
    fn take(&mut self, attack: &Attack, run: &Run) {
        self.runs += 1;
        self.named += usize::from(!attack.named.is_empty() && attack.is_named(run));
        self.evaluated = self.evaluated.max(run.evaluated);
        self.until = self.until.max(run.evaluated_until);
        self.all.push((run.evaluated, run.evaluated_until));
    }

    fn said(&self, attack: &Attack) -> String {
        let named = match attack.named {
            [] => String::new(),
            [first, ..] => format!("told as `{}` in {} of {}; ", first.trim_end_matches('-'), self.named, self.runs),
        };
        let Self { evaluated, until, .. } = self;
        format!("{named}{evaluated} attempts evaluated at most, the last after {:.1} s", until.as_secs_f64())
    }
}

fn sorted(mut amounts: Vec<Money>) -> Vec<Money> {
    amounts.sort_unstable();
    amounts
}

/// The amount that so many of a hundred do not exceed.
fn percentile(sorted: &[Money], hundredths: usize) -> Money {
    let rank = (sorted.len() * hundredths).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn euros(amount: Money) -> String {
    let cents = amount.cents_up();
    format!("EUR {}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_twenty_amounts_the_nineteenth_is_the_ninety_fifth_percentile() {
        let amounts: Vec<Money> = (1..=20).map(Money::from_cents).collect();
        assert_eq!(percentile(&amounts, 95), Money::from_cents(19));
        assert_eq!(percentile(&amounts, 100), Money::from_cents(20));
        assert_eq!(percentile(&amounts, 50), Money::from_cents(10));
        assert_eq!(percentile(&[], 50), Money::ZERO);
        assert_eq!(euros(Money::from_cents(1_205)), "EUR 12.05");
    }
}
