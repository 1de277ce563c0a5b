//! The table of the drill: what came of every attack and every day, over all backgrounds and seeds, beside what is aimed at.

use std::fmt::Write as _;
use std::panic::{UnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use centrale_numbering::Money;

use super::door::Tried;
use super::elsewhere::ELSEWHERE;
use super::points::{A_DAY, AT_ONCE, CLOSED, MEDIAN, ONE_REFUSED_OF, OPEN, P95, SHUT_WITHIN, Tally, percentile};
use super::timing::{MOST_AHEAD, MOST_LONGER, told_apart};
use super::{ATTACKS, Attack, Background, DAYS, Day, Goal, Run, attacked, lived};

/// A day of 57,600 guesses: it comes last, and once, as it is the same whatever it is played before.
const LONG: &str = "T06";
/// Who guesses as fast as can be.
const AT_FULL_SPEED: [&str; 3] = ["T03", "T05", "T10"];
/// How soon the office is told of what was tried, in 95 of a hundred (E5).
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// Stories that lack something, of which the table says what.
const SHOWN: usize = 5;

/// Plays everything in full length from so many seeds, and hands each row of the table to `tell` as it is ready. What was not met of
/// what is aimed at.
pub fn play(start: Instant, seeds: u64, mut tell: impl FnMut(&str)) -> Vec<String> {
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
    for attack in long {
        book.play(start, attack, seeds);
        tell(&std::mem::take(&mut book.rows));
    }
    book.sum_up();
    book.listen(start);
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
    /// What was lost to T14 to T24, and to each attack on money but those that only the allowance bounds.
    lost: Vec<Money>,
    watched: Vec<Money>,
    /// What guessed at full speed, and what a packet of it and one of a phone's cost.
    at_full_speed: Vec<Tried>,
    costs: [Vec<Duration>; 2],
    told_after: Vec<Duration>,
    stories: (usize, Vec<String>),
    holds: usize,
    runs: usize,
    days: usize,
    alerts: usize,
    prevented: usize,
    named: (usize, usize),
    /// What the points are reckoned by.
    tally: Tally,
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
                let Some(run) = self.survive(attack.code, || attacked(start, seed, attack, background, true)) else {
                    continue;
                };
                self.take(attack.code, background, seed, &run);
                self.look(attack, &run);
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
        self.named = (self.named.0 + sum.named, self.named.1 + if attack.named.is_empty() { 0 } else { sum.runs });
        let [closed, open] = leaked;
        let all = [&closed[..], &open[..]].concat();
        let (came, aim) = match attack.goal {
            Goal::Access => (format!("reached in {reached} of {} runs", all.len()), "never"),
            Goal::Money | Goal::Allowance => (
                format!(
                    "reached in {reached} of {} runs; {}, {} at the 95th percentile, at worst {} while the office is closed and {} while it is open",
                    all.len(),
                    euros(percentile(all.clone(), 50)),
                    euros(percentile(all.clone(), 95)),
                    euros(percentile(closed, 100)),
                    euros(percentile(open, 100))
                ),
                if attack.goal == Goal::Money { "see all together" } else { "at worst EUR 10 closed, EUR 50 open" },
            ),
        };
        let _ = writeln!(self.rows, "| {} | {} | {came}; {} | {aim} |", attack.code, attack.what, sum.said(attack));
        if is_in_e5(attack.code) {
            self.lost.extend(&all);
        }
        if attack.goal == Goal::Money {
            self.watched.extend(all);
        }
    }

    /// A run, unless something falls over in it: then there are no points at all.
    fn survive(&mut self, code: &str, play: impl FnOnce() -> Run + UnwindSafe) -> Option<Run> {
        let run = catch_unwind(play).ok();
        if run.is_none() {
            self.tally.crashed = true;
            self.missed.push(format!("{code}: it fell over"));
        }
        run
    }

    /// What a run of an attack says of how it was shut out, and of how the office was told.
    fn look(&mut self, attack: &Attack, run: &Run) {
        let (sources, at_one_account) = &run.tried;
        self.tally.a_day = self.tally.a_day.max(*at_one_account);
        self.told_after.extend(&run.told_after);
        self.stories.0 += run.stories.0;
        self.stories.1.extend(run.stories.1.iter().map(|what| format!("{}: {what}", attack.code)));
        if AT_FULL_SPEED.contains(&attack.code) {
            let guessing = sources.iter().filter(|source| source.at_all > 0);
            self.at_full_speed.extend(guessing);
            let costs = run.costs.into_iter().flat_map(|(attack, phone)| [attack, phone]);
            self.costs.iter_mut().zip(costs).for_each(|(all, one)| all.push(one));
        }
    }

    fn live(&mut self, start: Instant, day: &Day, seeds: u64) {
        let (mut calls, mut alerts, mut wrong) = ((0, 0), 0, 0);
        for seed in 0..seeds {
            let Some(run) = self.survive(day.code, || lived(start, seed, day, true)) else { continue };
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
            "| {} | {} | {} of {} calls refused, late or cut, {alerts} alerts{of_the_day}; {wrong} of {seeds} days not quiet | quiet |",
            day.code, day.what, calls.1, calls.0
        );
    }

    /// T02, by the time that answers take.
    fn listen(&mut self, start: Instant) {
        let heard = told_apart(start, 100);
        let [asked, guessed] = heard.longer();
        let came = format!(
            "of two answers the longer one is a user's in {:.0} % of all pairs where one asks, and in {:.0} % where one guesses ({} of each); \
             in the middle they differ by {:.1} % and {:.1} % ({:?} and {:?} where one guesses)",
            heard.asked * 100.0,
            heard.guessed * 100.0,
            heard.answers,
            asked * 100.0,
            guessed * 100.0,
            heard.middle[1].0,
            heard.middle[1].1
        );
        let (most, longer) = (MOST_AHEAD * 100.0, MOST_LONGER * 100.0);
        let missed = if heard.says_nothing() { "" } else { "MISSED: " };
        let what = "users told from nobody by the time that an answer takes";
        let _ = writeln!(
            self.rows,
            "| T02 | {what} | {came} | {missed}50 %, give or take {most:.0}, and {longer:.0} % in the middle |"
        );
        if !heard.says_nothing() {
            self.missed.push(format!("{what}: {came}"));
        }
    }

    fn take(&mut self, code: &str, background: Background, seed: u64, run: &Run) {
        let run_of = format!("{code}, {background:?}, seed {seed}");
        self.runs += 1;
        let (asked, helped) = run.helps;
        self.helps = (self.helps.0 + asked, self.helps.1 + helped);
        self.tally.without_help += asked - helped;
        self.tally.secrets += run.secrets;
        self.bans += run.bans;
        self.holds += run.holds;
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

    /// One row about everything, and whether what is aimed at was met.
    fn row(&mut self, what: &str, came: &str, aim: &str, is_met: bool) {
        let missed = if is_met { "" } else { "MISSED: " };
        self.write_row(what, came, &format!("{missed}{aim}"));
        if !is_met {
            self.missed.push(format!("{what}: {came}"));
        }
    }

    fn write_row(&mut self, what: &str, came: &str, aim: &str) {
        let _ = writeln!(self.rows, "| all | {what} | {came} | {aim} |");
    }

    fn sum_up(&mut self) {
        (self.tally.calls, self.tally.bans) = (self.calls, self.bans);
        self.tally.days = (self.days, self.alerts + self.holds);
        self.sum_money();
        self.sum_guesses();
        self.sum_alerts();
        self.sum_attacks();
        self.sum_office();
    }

    fn sum_money(&mut self) {
        let (lost, watched) = (std::mem::take(&mut self.lost), std::mem::take(&mut self.watched));
        let losses = |of: &[Money]| (percentile(of.to_vec(), 50), percentile(of.to_vec(), 95));
        self.tally.lost = losses(&lost);
        let came = |of: &[Money]| {
            let (median, p95) = losses(of);
            let came = format!("{}, {} at the 95th percentile of {} runs", euros(median), euros(p95), of.len());
            (came, median <= MEDIAN && p95 <= P95)
        };
        let aim = "EUR 0.05, EUR 2.00 at the 95th percentile";
        // That T22 misses it was decided; it costs points, and is no news to whoever plays the drill.
        let (all, is_met) = came(&lost);
        let missed = if is_met { "" } else { "MISSED, as DECISIONS 392 has it: " };
        self.write_row("money lost in E5's runs, T14 to T24", &all, &format!("{missed}{aim}"));
        let what = "money lost where a way is watched: T07 to T25 without those that spend an allowance on purpose (T22, T24's enquiries)";
        let (without, is_met) = came(&watched);
        self.row(what, &without, aim, is_met);
    }

    fn sum_guesses(&mut self) {
        let sources = std::mem::take(&mut self.at_full_speed);
        // Who goes from one account to the next is slower by the pace of asking, and is held to how many there are (B-05).
        let (users, secrets): (Vec<&Tried>, Vec<&Tried>) =
            sources.iter().partition(|source| source.at_all > source.at_one);
        self.tally.at_once = sources.iter().map(|source| source.at_one).collect();
        self.tally.until = secrets.iter().map(|source| source.until).collect();
        let costs = std::mem::take(&mut self.costs);
        if costs.iter().all(|costs| !costs.is_empty()) {
            let [attack, phone] = costs.map(|costs| percentile(costs, 50));
            self.tally.costs = Some((attack, phone));
        }
        let (at_once, until) = self.tally.shut();
        let half = percentile(self.tally.until.clone(), 50);
        let at_all = sources.iter().map(|source| source.at_all).max().unwrap_or_default();
        let of_users = percentile(users.iter().map(|source| source.until).collect(), 95);
        let blocked = sources.iter().filter(|source| source.blocked.is_some()).count();
        let came = format!(
            "{at_once} at one account and {at_all} at all, at most; from the first packet to the last of them {} ms in the middle, {} ms at the \
             95th percentile ({} ms where it guesses at several accounts); {} of {} sources blocked",
            half.as_millis(),
            until.as_millis(),
            of_users.as_millis(),
            blocked,
            sources.len()
        );
        let is_met = at_once <= AT_ONCE && until <= SHUT_WITHIN;
        let what = "guesses of one source that were judged at full speed (T03, T05, T10)";
        self.row(what, &came, "3 at one account, 50 ms at the 95th percentile", is_met);
        let a_day = self.tally.a_day;
        let what = "guesses at one account that were judged in a day, over all sources";
        self.row(what, &format!("{a_day} at most"), "20 at most", a_day <= A_DAY);
    }

    fn sum_alerts(&mut self) {
        let after = std::mem::take(&mut self.told_after);
        let [half, most] = [50, 95].map(|hundredths| percentile(after.clone(), hundredths));
        let came = format!(
            "{:.1} s in the middle, {:.1} s at the 95th percentile of {}",
            half.as_secs_f64(),
            most.as_secs_f64(),
            after.len()
        );
        let what = "from an attempt of a new kind to the order to tell of it";
        self.row(what, &came, "5 s at the 95th percentile", most <= TOLD_WITHIN);
        let (stories, missing) = std::mem::take(&mut self.stories);
        let some: String = missing.iter().take(SHOWN).map(|one| format!("; {one}")).collect();
        let came = format!("{stories}, of which {} lack something{some}", missing.len());
        let what = "stories of attacks, with all that an abuse desk asks for";
        self.row(what, &came, "all of them", missing.is_empty());
    }

    fn sum_attacks(&mut self) {
        let (attacks, prevented, (named, nameable)) = (self.runs - self.days, self.prevented, self.named);
        let came = format!("{} of {attacks} attacks", attacks - prevented);
        self.row("goals reached", &came, "none", prevented == attacks);
        let what = "the kind of attack named to the office, where there is one to name";
        self.row(what, &format!("{named} of {nameable} attacks"), "all", named == nameable);
    }

    fn sum_office(&mut self) {
        let (calls, refused) = self.calls;
        let each: String = std::mem::take(&mut self.refused).iter().map(|one| format!("; {one}")).collect();
        let came = format!("{refused} of {calls} refused, kept waiting for more than a second, or cut{each}");
        let what = format!("calls of the office's own in {} attacks and {} days", self.runs - self.days, self.days);
        self.row(&what, &came, "0.02 % at most", refused * ONE_REFUSED_OF <= calls);
        let (days, alerts, holds) = (self.days, self.alerts, self.holds);
        let what = format!("alerts that a quiet day brought, in {days} days");
        self.row(&what, &alerts.to_string(), "0", alerts == 0);
        let what = format!("phones' ports that were blocked, and people whose calls were held, in {days} days");
        self.row(&what, &holds.to_string(), "0", holds == 0);
        let ((asked, helped), (there, all), bans) = (self.helps, self.phones, self.bans);
        let what = "112 in the midst of each attack, and after it";
        self.row(what, &format!("{helped} of {asked} answered"), "all", helped == asked);
        self.row("addresses of the office that were blocked", &bans.to_string(), "0", bans == 0);
        let came = format!("{there} of {all} registered");
        self.row("phones with a right password at the end", &came, "all", there == all);
    }
}

/// What came of the runs of one attack, besides money.
#[derive(Debug, Default)]
struct Sum {
    runs: usize,
    named: usize,
    evaluated: u64,
    until: Duration,
}

impl Sum {
    fn take(&mut self, attack: &Attack, run: &Run) {
        self.runs += 1;
        self.named += usize::from(!attack.named.is_empty() && attack.is_named(run));
        self.evaluated = self.evaluated.max(run.evaluated);
        self.until = self.until.max(run.evaluated_until);
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

/// Whether it is of the set whose losses E5 bounds: T14 to T24, all of them.
fn is_in_e5(code: &str) -> bool {
    code.strip_prefix('T').and_then(|number| number.parse().ok()).is_some_and(|number: u8| (14..=24).contains(&number))
}

fn euros(amount: Money) -> String {
    let cents = amount.cents_up();
    format!("EUR {}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e5_bounds_what_t14_to_t24_lose_and_t22_is_one_of_them() {
        let codes: Vec<&str> = ATTACKS.iter().map(|attack| attack.code).filter(|code| is_in_e5(code)).collect();
        for number in 14..=24 {
            assert!(codes.contains(&format!("T{number}").as_str()), "T{number} is not played");
        }
        assert!(["T13", "T25", "B-23", "T07"].iter().all(|code| !is_in_e5(code)));
        assert_eq!(euros(Money::from_cents(1_205)), "EUR 12.05");
    }
}
