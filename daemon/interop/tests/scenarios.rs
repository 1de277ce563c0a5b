//! Runs the scenarios, each peer to peer and through the box, and ends with one line: N passed, N failed, N skipped.
//!
//! Arguments are parts of names; without any, everything runs. `--list` only lists.

#![allow(clippy::print_stdout)] // telling is what a runner is for

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use centrale_interop::scenarios::{ALL, Scenario};
use centrale_interop::{Middle, Privacy, drill, enter};

/// How many scenarios play at a time; they wait most of the time. In the drill, which measures, one.
const AT_A_TIME: usize = 3;

enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, wanted): (Vec<String>, Vec<String>) = arguments.into_iter().partition(|text| text.starts_with("--"));
    let runs = runs(&wanted);
    if options.iter().any(|option| option == "--list") {
        runs.iter().for_each(|(name, ..)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let privacy = match enter() {
        Ok(privacy) => privacy,
        Err(failure) => {
            eprintln!("the private network cannot be made: {failure}");
            return ExitCode::FAILURE;
        }
    };
    let verdicts = play_all(&runs, &privacy);
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| wanted(verdict)).count();
    let passed = count(|verdict| matches!(verdict, Verdict::Passed));
    let failed = count(|verdict| matches!(verdict, Verdict::Failed(_)));
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn runs(wanted: &[String]) -> Vec<(String, &'static Scenario, Middle)> {
    let all = ALL.iter().filter(|scenario| scenario.plays()).flat_map(|scenario| {
        scenario.middles().iter().map(move |middle| {
            let prefix = match middle {
                Middle::Peers => "peer_to_peer",
                Middle::Box => "through_the_box",
            };
            (format!("{prefix}::{}", scenario.name), scenario, *middle)
        })
    });
    all.filter(|(name, ..)| wanted.is_empty() || wanted.iter().any(|part| name.contains(part))).collect()
}

fn play_all(runs: &[(String, &'static Scenario, Middle)], privacy: &Privacy) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..if drill::is_full() { 1 } else { AT_A_TIME } {
            scope.spawn(|| {
                while let Some((name, scenario, middle)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let started = Instant::now();
                    let verdict = play(scenario, *middle, privacy);
                    let seconds = started.elapsed().as_secs_f32();
                    match &verdict {
                        Verdict::Passed => println!("passed  {name} ({seconds:.1} s)"),
                        Verdict::Skipped(why) => println!("skipped {name}: {why}"),
                        Verdict::Failed(why) => println!("FAILED  {name} ({seconds:.1} s): {why}"),
                    }
                    verdicts.lock().expect("no holder panics").push(verdict);
                }
            });
        }
    });
    verdicts.into_inner().expect("no holder panics")
}

fn play(scenario: &Scenario, middle: Middle, privacy: &Privacy) -> Verdict {
    match privacy {
        Privacy::Refused(why) if scenario.needs_namespaces() => {
            return Verdict::Skipped(format!("network namespaces are not allowed here: {why}"));
        }
        _ => {}
    }
    if let Some(why) = scenario.refusal() {
        return Verdict::Skipped(why);
    }
    match scenario.play(middle) {
        Ok(()) => Verdict::Passed,
        Err(why) => Verdict::Failed(why),
    }
}
