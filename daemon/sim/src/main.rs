//! `sim --seed N` replays one run and shows its ladder; `sim --seeds A..B` runs many and stops at the first that fails;
//! `sim --drill N` plays attacks and benign days; `sim --fuse DAYS` lives office days and reads the provider's meter.

#![allow(clippy::print_stdout, reason = "a tool for people at a terminal")]

use std::process::ExitCode;
use std::time::Instant;

use centrale_guard::knock::thresholds;
use centrale_numbering::Money;
use centrale_sim::drill::crowd::{MOST_SOURCES, crowd};
use centrale_sim::drill::meter::Scene;

/// Sources of the drill's crowd.
const CROWD: u64 = 10_000_000;
/// Rows of the ladder of a run that fails among many.
const ROWS: usize = 400;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--seed", seed] => seed.parse().map_or_else(|_| usage(), |seed| replay(seed, false)),
        ["--seed", seed, "--all"] => seed.parse().map_or_else(|_| usage(), |seed| replay(seed, true)),
        ["--seed", seed, "--bytes"] => seed.parse().map_or_else(|_| usage(), show_messages),
        ["--fuse", days] => days.parse().map_or_else(|_| usage(), fuse),
        ["--drill", seeds] => seeds.parse().map_or_else(|_| usage(), drill),
        ["--seeds", range] => match range.split_once("..").map(|(from, to)| (from.parse(), to.parse())) {
            Some((Ok(from), Ok(to))) => run_many(from, to),
            _ => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    println!("sim --seed N [--all]   replay one run and show its ladder, with REGISTER and OPTIONS in it if asked");
    println!("sim --seed N --bytes   replay one run and show every message in full");
    println!(
        "sim --drill N          play every attack and every benign day in full from N seeds, and print the drill's rows"
    );
    println!(
        "sim --fuse DAYS        live so many office days, and look whether a cap was passed by the provider's meter"
    );
    println!("sim --seeds A..B       run seeds A to B-1, stop at the first that fails");
    ExitCode::from(64)
}

fn replay(seed: u64, all: bool) -> ExitCode {
    let report = centrale_sim::run(Instant::now(), seed);
    println!("{}", report.explain(usize::MAX, all));
    println!("{} steps, {} answered calls, endings {:?}", report.steps, report.answered, report.endings);
    if report.violation.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn show_messages(seed: u64) -> ExitCode {
    print!("{}", centrale_sim::run(Instant::now(), seed).trace.to_messages());
    ExitCode::SUCCESS
}

/// Streets of so many days each: a life of its own every year, so that no day hangs on how the first began.
const YEAR: u32 = 365;

fn fuse(days: u32) -> ExitCode {
    let (mut lived, mut calls, mut full, mut dearest) = (0, 0, 0, Money::ZERO);
    for (seed, scene) in (0_u64..).zip(Scene::ALL.into_iter().cycle()) {
        if lived >= days {
            break;
        }
        let year = YEAR.min(days - lived);
        let spent = centrale_sim::drill::fuse::days(Instant::now(), seed, year, scene);
        (lived, calls) = (lived + year, calls + spent.calls);
        full += spent.full + spent.full_abroad + spent.full_ordinary;
        dearest = dearest.max(spent.dearest_day);
        if !spent.passed.is_empty() {
            spent.passed.iter().for_each(|what| println!("seed {seed}, {scene:?}: {what}"));
            return ExitCode::FAILURE;
        }
    }
    println!(
        "{lived} office days, {calls} calls that cost something, the dearest day {dearest}, {full} times a cap was spent: \
         none was passed by more than one charging unit"
    );
    ExitCode::SUCCESS
}

fn drill(seeds: u64) -> ExitCode {
    // First, as what is measured is the most memory that there ever was.
    let before = memory();
    let left = crowd(Instant::now(), CROWD);
    let grown = memory().saturating_sub(before);
    let missed = centrale_sim::drill::table::play(Instant::now(), seeds, |rows| print!("{rows}"));
    println!(
        "| B-36 | {CROWD} distinct sources as fast as strangers are heard, a quarter of them in the office, each asking and most guessing | {} \
         sources and {} accounts remembered, {grown} kB of memory, {} not heard; who was blocked before still is: {}; the office's phones \
         are still known: {} | {MOST_SOURCES} sources and {} accounts, as there is room for |",
        left.sources,
        left.accounts,
        left.unheard,
        left.is_blocked,
        left.are_known,
        thresholds::ACCOUNTS
    );
    if !left.is_as_it_should() {
        eprintln!("not as aimed at: {left:?}");
        return ExitCode::FAILURE;
    }
    missed.iter().for_each(|what| eprintln!("not as aimed at: {what}"));
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The most memory that this program ever had, kB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

fn run_many(from: u64, to: u64) -> ExitCode {
    let (mut answered, mut steps) = (0, 0);
    for seed in from..to {
        let report = centrale_sim::run(Instant::now(), seed);
        if report.violation.is_some() {
            println!("{}", report.explain(ROWS, false));
            return ExitCode::FAILURE;
        }
        answered += report.answered;
        steps += report.steps;
    }
    println!("seeds {from}..{to}: every invariant holds; {answered} answered calls, {steps} steps");
    ExitCode::SUCCESS
}
