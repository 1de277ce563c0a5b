//! What the box costs, beside what Debian has, in one run: `make bench`.
//!
//! Server on one core, load on the other; the server's processor time (user and system, its workers too) per unit of work
//! at the same offered rate; the median of the runs, the servers taking turns. Ratios are what counts: the
//! machine differs, the ratio hardly does. Phones' settings are measured beside nginx, in a private network where there
//! may be one; relayed packets by `relay-bench` of the media room, whose table follows ours.
#![allow(clippy::print_stdout, reason = "a program whose product is what it prints")]

mod dial;
mod files;
mod load;
mod servers;
mod table;

use std::error::Error;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use centrale_interop::{CallLoad, Memory, Privacy, Sipp, enter};
use dial::Added;
use files::PerCpuSecond;
use load::{Load, Outcome};
use servers::{Kind, Running, pin_load};
use table::Table;

/// Runs per server and rate; the median counts.
const RUNS: usize = 3;
/// Offered REGISTERs per second, and how many of them are measured.
const RATES: [(u32, usize); 2] = [(200, 2_000), (5_000, 25_000)];
/// What phones that are new to a server set in motion is over by then: the box writes down each device, once.
const SETTLED: Duration = Duration::from_secs(2);
/// Longer than a finished transaction is remembered over UDP (Timer J, 64 times T1: RFC 3261 17.2.2).
const FORGOTTEN: Duration = Duration::from_secs(34);
/// New bindings per phone when memory is measured.
const BINDINGS: usize = 4;
/// Calls at a time when memory is measured.
const CALLS: u32 = 100;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<()> {
    let privacy = enter()?;
    pin_load()?;
    let kinds: Vec<Kind> = match std::env::args().nth(1).as_deref() {
        None => vec![Kind::Kamailio, Kind::Box],
        Some("calls") => return alone(compare_calls),
        Some("memory") => return alone(compare_memory),
        Some("registers") => return alone(compare_registers),
        Some("kamailio") => vec![Kind::Kamailio],
        Some("centrale") => vec![Kind::Box],
        Some("nginx") => return settings_of_phones(&privacy),
        Some(other) => {
            return Err(format!("'{other}' is none of kamailio, centrale, nginx, calls, memory and registers").into());
        }
    };
    if kinds.len() > 1 {
        settings_of_phones(&privacy)?;
    }
    let mut table = Table::beside("kamailio");
    compare_registers(&mut table, &kinds)?;
    table.bound("start to first REGISTER answered", "ms", &start_times(&kinds)?, 200.0);
    compare_memory(&mut table, &kinds)?;
    compare_calls(&mut table, &kinds)?;
    println!("{table}");
    if kinds.contains(&Kind::Box) { relayed_packets() } else { Ok(()) }
}

/// One comparison of both, and nothing else.
fn alone(compare: fn(&mut Table, &[Kind]) -> Result<()>) -> Result<()> {
    let mut table = Table::beside("kamailio");
    compare(&mut table, &[Kind::Kamailio, Kind::Box])?;
    println!("{table}");
    Ok(())
}

/// What a registration costs the server.
fn compare_registers(table: &mut Table, kinds: &[Kind]) -> Result<()> {
    let shipped = kinds.contains(&Kind::Kamailio).then_some(Kind::Shipped);
    let kinds: Vec<Kind> = kinds.iter().copied().chain(shipped).collect();
    for (rate, units) in RATES {
        let costs = register_costs(&kinds, rate, units)?;
        table.compare(&format!("CPU per REGISTER at {rate}/s"), "us", &costs, Some(0.5));
        table.compare_with(
            Kind::Shipped,
            &format!("... beside kamailio as shipped, {rate}/s"),
            "us",
            &costs,
            Some(0.5),
        );
    }
    Ok(())
}

/// What a server keeps in memory: when nobody asks anything, for each phone, and, of the box, for each call.
fn compare_memory(table: &mut Table, kinds: &[Kind]) -> Result<()> {
    let [mut idle, mut bindings] = [(); 2].map(|()| Vec::new());
    for kind in kinds {
        let runs = (0..RUNS).map(|_| binding_memory(*kind)).collect::<Result<Vec<_>>>()?;
        let middle = |value: fn(&Held) -> f64| median(runs.iter().map(value).collect());
        idle.push((*kind, middle(|held| megabytes(held.idle.resident))));
        bindings.push((*kind, middle(|held| held.per_binding)));
        let unshared = middle(|held| megabytes(held.idle.unshared));
        table.note(&format!("{kind}: {unshared:.1} MB of its idle memory are unshared"));
    }
    table.bound("resident idle, 200 people", "MB", &idle, 30.0);
    table.bound("memory per binding", "kB", &bindings, 4.0);
    if kinds.contains(&Kind::Box) {
        let calls = median((0..RUNS).map(|_| call_memory()).collect::<Result<_>>()?);
        table.bound("memory per relayed call, with sound", "kB", &[(Kind::Box, calls)], 64.0);
    }
    Ok(())
}

/// What a caller waits longer until it rings.
fn compare_calls(table: &mut Table, kinds: &[Kind]) -> Result<()> {
    let measure = |kind: &Kind| dial::post_dial_delay(*kind).map(|added| (*kind, added));
    let measured: Vec<(Kind, Vec<Added>)> = kinds.iter().map(measure).collect::<Result<_>>()?;
    for (at, (rate, _)) in dial::RATES.iter().enumerate() {
        let each = |value: fn(&Added) -> f64| measured.iter().map(|(kind, added)| (*kind, value(&added[at]))).collect();
        let [median, p99]: [Vec<(Kind, f64)>; 2] = [each(|added| added.median), each(|added| added.p99)];
        table.compare(&format!("added until it rings, p50 at {rate}/s"), "us", &median, None);
        table.compare(&format!("added until it rings, p99 at {rate}/s"), "us", &p99, None);
    }
    table.note("until it rings: kamailio passes the call on, the box asks for proof first and makes the call anew");
    Ok(())
}

/// The box beside nginx.
fn settings_of_phones(privacy: &Privacy) -> Result<()> {
    if let Privacy::Refused(why) = privacy {
        println!("(Phones' settings were not measured: network namespaces are not allowed here: {why})");
        return Ok(());
    }
    let PerCpuSecond { nginx, centrale } = files::configurations()?;
    let mut table = Table::beside("nginx");
    table.reach("phones' files per CPU second", nginx, centrale, 0.5);
    println!("{table}");
    Ok(())
}

/// Microseconds of processor time per REGISTER with both its round trips, median of the runs.
fn register_costs(kinds: &[Kind], per_second: u32, units: usize) -> Result<Vec<(Kind, f64)>> {
    let mut runs: Vec<(Kind, Vec<f64>)> = kinds.iter().map(|kind| (*kind, Vec::new())).collect();
    for run in 1..=RUNS {
        for (kind, costs) in &mut runs {
            let server = Running::start(*kind)?;
            let mut phones = server.phones()?;
            phones.first_answer(Instant::now())?;
            whole(phones.register(Load { per_second: 500, units: 400, contact: 0 })?)?;
            thread::sleep(SETTLED);
            let before = [server.group().cpu_time(), server.group().system_time()];
            let outcome = phones.register(Load { per_second, units, contact: 0 })?;
            let spent = [server.group().cpu_time() - before[0], server.group().system_time() - before[1]];
            whole(outcome)?;
            let each = f64::from(u32::try_from(outcome.registered)?);
            let [micros, system] = spent.map(|spent| spent.as_secs_f64() * 1e6 / each);
            let again = outcome.again;
            eprintln!(
                "run {run}: {kind} at {per_second}/s: {micros:.1} us, {system:.1} in the system, {again} sent again"
            );
            costs.push(micros);
        }
    }
    Ok(runs.into_iter().map(|(kind, costs)| (kind, median(costs))).collect())
}

/// Milliseconds from the start of the program to the first 200, median of the runs.
fn start_times(kinds: &[Kind]) -> Result<Vec<(Kind, f64)>> {
    let time = |kind: Kind| -> Result<f64> {
        let (server, started) = Running::start_timed(kind)?;
        Ok(server.phones()?.first_answer(started)?.as_secs_f64() * 1e3)
    };
    kinds.iter().map(|kind| Ok((*kind, median((0..RUNS).map(|_| time(*kind)).collect::<Result<_>>()?)))).collect()
}

/// What one run of a server kept.
struct Held {
    /// When it has started and settled.
    idle: Memory,
    /// kB more for each binding that phones add.
    per_binding: f64,
}

/// Memory of a server that has started and settled, and of its bindings.
///
/// The same number of REGISTERs that add nothing goes before, so that what they need for themselves is there already.
fn binding_memory(kind: Kind) -> Result<Held> {
    let server = Running::start(kind)?;
    let mut phones = server.phones()?;
    phones.first_answer(Instant::now())?;
    thread::sleep(FORGOTTEN);
    let idle = server.group().memory();
    let units = server.people();
    for _ in 0..BINDINGS {
        whole(phones.register(Load { per_second: 500, units, contact: 0 })?)?;
    }
    thread::sleep(FORGOTTEN);
    let before = server.group().memory();
    for contact in 1..=BINDINGS {
        whole(phones.register(Load { per_second: 500, units, contact })?)?;
    }
    thread::sleep(FORGOTTEN);
    let grown = server.group().memory().unshared.saturating_sub(before.unshared);
    let per_binding = kilobytes_each(grown, BINDINGS * units)?;
    eprintln!("{kind}: {:.1} MB idle, {per_binding:.1} kB per binding", megabytes(idle.resident));
    Ok(Held { idle, per_binding })
}

/// kB for each of the calls that are up at a time, after a second of sound each way, in a box that has had a call before and has
/// settled since.
fn call_memory() -> Result<f64> {
    let server = Running::start(Kind::Box)?;
    let [caller, callee] = server.accounts()?;
    let _callee = Sipp::answering_with_sound(server.place(), &callee)?;
    let one = CallLoad { calls: 1, per_second: 1, at_once: 1, talking: Duration::from_secs(2) };
    Sipp::calling_with_sound(server.place(), &caller, &callee.user, &one)?.wait_for_tally()?;
    thread::sleep(FORGOTTEN);
    let before = server.group().memory();
    let load = CallLoad { calls: CALLS, per_second: 50, at_once: 1000, talking: Duration::from_secs(8) };
    let mut caller = Sipp::calling_with_sound(server.place(), &caller, &callee.user, &load)?;
    // All of them have begun after 2 s and were heard after 3, and the first ends after 8.
    thread::sleep(Duration::from_secs(5));
    let during = server.group().memory();
    let tally = caller.wait_for_tally()?;
    if tally.successful != CALLS {
        return Err(format!("{} of {CALLS} calls failed: {}", tally.failed, caller.complaints()).into());
    }
    let each = kilobytes_each(during.unshared.saturating_sub(before.unshared), CALLS as usize)?;
    eprintln!("centrale: {each:.1} kB per call with sound");
    Ok(each)
}

/// Runs the media room's own bench, which stands beside this program once it is built.
fn relayed_packets() -> Result<()> {
    let program = std::env::current_exe()?.with_file_name("examples").join("relay-bench");
    println!("Relayed RTP packets:");
    let status = Command::new(&program).status().map_err(|error| format!("{}: {error}", program.display()))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", program.display()).into()) }
}

fn whole(outcome: Outcome) -> Result<()> {
    match outcome.failed {
        0 => Ok(()),
        failed => Err(format!("{failed} REGISTERs failed; the run does not count").into()),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn megabytes(kilobytes: u64) -> f64 {
    f64::from(u32::try_from(kilobytes).unwrap_or(u32::MAX)) / 1024.0
}

fn kilobytes_each(kilobytes: u64, count: usize) -> Result<f64> {
    Ok(f64::from(u32::try_from(kilobytes)?) / f64::from(u32::try_from(count)?))
}
