//! What a relayed packet costs: Centrale's media thread beside a bare receive-and-send loop (the limit) and Debian's
//! rtpengine in user space (the peer), at the same offered load, server and load on different cores.
//!
//! `cargo run --release -p centrale-media --example relay-bench` prints one line per server and number of calls: the
//! server's CPU time (user and system) per relayed packet, the median of the runs, and its ratio to the others. Every packet
//! is counted on arrival; a run in which the machine kept the load from its core is repeated, and marked `~` when that does
//! not help.
#![allow(clippy::print_stdout, reason = "a program whose product is what it prints")]

mod load;
mod process;
mod rtpengine;
mod servers;

use clap::{Parser, Subcommand, ValueEnum};
use load::{Load, Measured};
use process::Server;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

/// What a relayed packet may cost, as a part of what it costs each of the others.
const TARGETS: [(Kind, f64); 2] = [(Kind::Bare, 1.5), (Kind::Rtpengine, 0.5)];
/// What a relayed call may take of memory, kB.
const MEMORY_PER_CALL: f64 = 64.0;

/// How often a run is tried until the machine leaves it alone.
const ATTEMPTS: usize = 3;

/// Measures the CPU time per relayed RTP packet.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// Two-way calls at a time.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 500])]
    calls: Vec<usize>,
    /// Seconds measured per run, after the warm-up.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Runs per server and number of calls; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Who is measured.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Bare, Kind::Centrale, Kind::Rtpengine])]
    servers: Vec<Kind>,
    /// Core of the server.
    #[arg(long, default_value_t = 0)]
    server_core: usize,
    /// Core of the load.
    #[arg(long, default_value_t = 1)]
    load_core: usize,
}

#[derive(Subcommand)]
enum Role {
    /// Serves, as a child of the measuring process: pairs of phone addresses on standard input, its own ports on standard
    /// output, until the input ends.
    Serve {
        /// As what.
        #[arg(value_enum)]
        kind: Kind,
    },
}

/// A server that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A loop of epoll, recvfrom and sendto, and nothing else.
    Bare,
    /// Centrale's media thread.
    Centrale,
    /// Debian's rtpengine-daemon without its kernel module.
    Rtpengine,
}

/// The two addresses of one call: of its phones, or of the server's ports for them.
type Pair = (SocketAddr, SocketAddr);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Serve { kind: Kind::Bare }) => servers::serve_bare(),
        Some(Role::Serve { kind: Kind::Centrale }) => servers::serve_centrale(),
        Some(Role::Serve { kind: Kind::Rtpengine }) => Err("rtpengine serves by itself".into()),
        None => compare(&arguments),
    }
}

fn compare(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    println!(
        "{:>5} {:10} {:>9} {:>8} {:>14} {:>12}  runs",
        "calls", "server", "packets", "lost", "us per packet", "kB per call"
    );
    for &calls in &arguments.calls {
        // The servers take turns, so that a busy minute of the machine falls on all of them.
        let mut runs: Vec<(Kind, Vec<Measured>)> = arguments.servers.iter().map(|kind| (*kind, Vec::new())).collect();
        for _ in 0..arguments.runs {
            for (kind, measured) in &mut runs {
                measured.push(measure_undisturbed(arguments, *kind, calls)?);
            }
        }
        let mut medians = Vec::new();
        for (kind, mut measured) in runs {
            measured.sort_by(|a, b| a.micros_per_packet().total_cmp(&b.micros_per_packet()));
            let median = measured[measured.len() / 2];
            print_line(calls, kind, &median, &measured);
            medians.push((kind, median));
        }
        print_verdicts(calls, &medians);
    }
    Ok(())
}

fn print_line(calls: usize, kind: Kind, median: &Measured, runs: &[Measured]) {
    let name = format!("{kind:?}").to_lowercase();
    let mark = |run: &Measured| if run.is_disturbed() { "~" } else { "" };
    let all: Vec<_> = runs.iter().map(|run| format!("{}{:.2}", mark(run), run.micros_per_packet())).collect();
    println!(
        "{calls:>5} {name:10} {:>9} {:>8} {:>14.2} {:>12.1}  {}",
        median.sent,
        median.lost(),
        median.micros_per_packet(),
        median.memory_kb as f64 / calls as f64,
        all.join(" ")
    );
}

fn print_verdicts(calls: usize, medians: &[(Kind, Measured)]) {
    let of = |wanted| medians.iter().find(|(kind, _)| *kind == wanted).map(|(_, median)| median);
    let Some(ours) = of(Kind::Centrale) else { return };
    for (peer, target) in TARGETS {
        if let Some(theirs) = of(peer) {
            let ratio = ours.micros_per_packet() / theirs.micros_per_packet();
            let name = format!("{peer:?}").to_lowercase();
            println!("{calls:>5} centrale / {name} = {ratio:.2} (target: at most {target}) {}", verdict(ratio, target));
        }
    }
    let memory = ours.memory_kb as f64 / calls as f64;
    let met = verdict(memory, MEMORY_PER_CALL);
    println!("{calls:>5} centrale: {memory:.1} kB per call with sound (target: at most {MEMORY_PER_CALL}) {met}");
}

fn verdict(value: f64, most: f64) -> &'static str {
    if value <= most { "met" } else { "MISSED" }
}

fn measure_undisturbed(arguments: &Arguments, kind: Kind, calls: usize) -> Result<Measured, Box<dyn Error>> {
    let mut measured = measure(arguments, kind, calls)?;
    for _ in 1..ATTEMPTS {
        if !measured.is_disturbed() {
            break;
        }
        measured = measure(arguments, kind, calls)?;
    }
    Ok(measured)
}

/// One run: a fresh server, fresh phones, all calls at once.
fn measure(arguments: &Arguments, kind: Kind, calls: usize) -> Result<Measured, Box<dyn Error>> {
    process::stay_on(arguments.server_core)?;
    let server = Server::start(kind)?;
    process::stay_on(arguments.load_core)?;
    let mut load = Load::new(calls)?;
    let idle_kb = server.resident_kb()?;
    let (server, ports) = server.open(&load.phones()?)?;
    load.connect(&ports)?;
    load.run(&server, process::WARM_UP, Duration::from_secs(arguments.seconds), idle_kb)
}
