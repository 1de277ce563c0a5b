//! The SIP ALG doctor behind real routers: the Linux kernel with and without its SIP helper, and Debian's kamailio as it comes
//! as an ordinary provider that knows nothing of the doctor. Its probes are driven by `centrale-alg`'s example `examine`.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::laboratory::{Played, hold, play_all};
use super::routers::{Between, HAIRPIN, HASTY, HELPER, HELPER_ON_TCP, MASQUERADE, REMAP};
use crate::failure::Tried;
use crate::private_world::ThreeHosts;
use crate::transcript::PATIENCE;
use crate::{Failure, Place, Process, Program, Result, Rewriting};

/// kamailio's settings as Debian ships them, but that it asks no name server for its own addresses: there is none.
const STOCK: &str = "#!KAMAILIO\nauto_aliases=no\ninclude_file \"/etc/kamailio/kamailio.cfg\"\n";
/// A run is bounded at 60 s.
const RUN: Duration = Duration::from_secs(75);

/// A router and what is to be said behind it.
struct Case {
    name: &'static str,
    between: Between,
    /// What the doctor says when it asked an ordinary provider, as the example `examine` begins its verdict.
    verdict: &'static str,
    /// Probes that must hit, by the words that they begin with.
    hits: &'static [&'static str],
    /// What `centraled reflect` says when a reflector stands there. Nothing: it is not asked.
    reflected: &'static str,
}

const CLEAN: &str = "None, Strong";
const CERTAIN: &str = "Proven, Certain";
const AS_SENT: &str = "Every message arrived as it was sent.";

const fn kernel(
    name: &'static str,
    rules: &'static [&'static str],
    verdict: &'static str,
    hits: &'static [&'static str],
) -> Case {
    Case { name, between: Between::Kernel(rules), verdict, hits, reflected: "" }
}

const fn in_a_row(
    name: &'static str,
    routers: [&'static [&'static str]; 2],
    verdict: &'static str,
    hits: &'static [&'static str],
) -> Case {
    Case { name, between: Between::InARow(routers), verdict, hits, reflected: "" }
}

const fn program(
    name: &'static str,
    rewriting: Rewriting,
    verdict: &'static str,
    hits: &'static [&'static str],
    reflected: &'static str,
) -> Case {
    Case { name, between: Between::Program(rewriting), verdict, hits, reflected }
}

const KERNEL: [Case; 13] = [
    kernel("no NAT", &[], CLEAN, &[]),
    kernel("plain NAT", &[MASQUERADE], CLEAN, &[]),
    kernel("NAT with port remap", &[REMAP], CLEAN, &[]),
    kernel("hairpin", &[MASQUERADE, HAIRPIN], CLEAN, &[]),
    kernel("short UDP timers", &[MASQUERADE, HASTY], CLEAN, &[]),
    in_a_row("two routers in a row", [&[MASQUERADE], &[MASQUERADE]], CLEAN, &[]),
    kernel("helper on UDP", &[MASQUERADE, HELPER], CERTAIN, &["V1", "V2", "V3", "V4", "V12"]),
    kernel("helper and remap", &[REMAP, HELPER], CERTAIN, &["V1", "V2", "V3", "V4", "V12"]),
    kernel("helper on UDP and TCP", &[MASQUERADE, HELPER, HELPER_ON_TCP], CERTAIN, &["V1", "V2", "V3", "V4", "V9"]),
    kernel("helper and hairpin", &[MASQUERADE, HELPER, HAIRPIN], CERTAIN, &["V1", "V2", "V3", "V4", "V12"]),
    // What the first wrote, the second hides: the server sees the second.
    in_a_row("two routers, the helper in the first", [&[MASQUERADE, HELPER], &[MASQUERADE]], CERTAIN, &["V2", "V4"]),
    in_a_row(
        "two routers, the helper in both",
        [&[MASQUERADE, HELPER], &[MASQUERADE, HELPER]],
        CERTAIN,
        &["V1", "V2", "V12"],
    ),
    // It changes nothing and drops what it cannot read. Without TLS to compare with, that stays a suspicion.
    kernel("helper without NAT", &[HELPER], "Suspected, Weak", &[]),
];

/// An ordinary provider's answers show what they repeat; what they do not repeat, the reflector shows. What is lost only within a
/// call no question can see: it is told by the first hold that gets no answer (`call-control`'s flows).
const PROGRAMS: [Case; 12] = [
    program("carries across", Rewriting::Nothing, CLEAN, &[], AS_SENT),
    program("Contact only", Rewriting::ContactOnly, CLEAN, &[], "rewrites Contact"),
    program("SDP only", Rewriting::SdpOnly, CLEAN, &[], "rewrites the session description"),
    program("Via stripped", Rewriting::ViaStripped, CERTAIN, &["V1"], "rewrites Via"),
    program("Call-ID changed", Rewriting::CallIdChanged, CERTAIN, &["V3"], "rewrites Call-ID"),
    program("order and case changed", Rewriting::OrderAndCase, CLEAN, &[], "changes order, case or form"),
    program("Content-Length wrong", Rewriting::LengthWrong, CLEAN, &[], "rewrites the session description"),
    program(
        "large messages dropped",
        Rewriting::LargeDropped,
        "None, ",
        &["V8"],
        "a large message (OPTIONS): NO ANSWER",
    ),
    program("REFER and re-INVITE dropped", Rewriting::ReferAndReInviteDropped, CLEAN, &[], AS_SENT),
    program("port pinned to 5060", Rewriting::PinnedTo5060, "None, ", &[], "NO ANSWER"),
    program("expires lowered", Rewriting::ExpiresLowered, CLEAN, &[], "changes how long a registration lasts"),
    program("compact forms expanded", Rewriting::CompactExpanded, CLEAN, &[], "changes order, case or form"),
];

/// What was said behind one router.
#[derive(Debug, Clone)]
pub struct Row {
    /// The doctor's verdict.
    pub said: String,
    /// The probes that hit.
    pub hits: Vec<String>,
    /// How long it took, seconds.
    pub seconds: u64,
    /// What a reflector shows; empty where none was asked.
    pub reflected: String,
}

/// Routers of the kernel's, every one at the same time, each with its own hosts.
pub(super) fn behind_real_routers() -> Result<()> {
    hold(&all(&KERNEL))
}

/// Programs that rewrite, likewise.
pub(super) fn behind_programs() -> Result<()> {
    hold(&all(&PROGRAMS))
}

/// The rows of routers of the kernel's and of programs, as `docs/sip-alg.md` has them.
#[must_use]
pub fn table() -> [Vec<Played<Row>>; 2] {
    [all(&KERNEL), all(&PROGRAMS)]
}

fn all(cases: &'static [Case]) -> Vec<Played<Row>> {
    play_all(cases, cases.len(), |case| case.name, play)
}

fn play(case: &Case) -> Result<Row> {
    let network = case.between.make()?;
    let hosts = &network.hosts;
    let row = examine_way(case, hosts, SocketAddr::new(hosts.provider.address, 5060))?;
    let reflected = if case.reflected.is_empty() { String::new() } else { reflect(hosts)? };
    let row = Row { reflected, ..row };
    complaint(case, &row).map_or(Ok(row), |complaint| Err(Failure::Unexpected(complaint)))
}

/// What is not as it should be in a row.
fn complaint(case: &Case, row: &Row) -> Option<String> {
    let missed = case.hits.iter().find(|probe| !row.hits.iter().any(|hit| hit == *probe));
    let is_right = row.said.starts_with(case.verdict) && missed.is_none() && row.reflected.contains(case.reflected);
    let Row { said, hits, reflected, .. } = row;
    (!is_right).then(|| format!("the doctor says {said:?} by {hits:?}, and the reflector:\n{reflected}"))
}

fn examine_way(case: &Case, hosts: &ThreeHosts, provider: SocketAddr) -> Result<Row> {
    let _kamailio = Provider::start(&hosts.provider, provider)?;
    let program = examine().ok_or_else(|| Failure::NotInstalled { program: "examine".to_owned() })?;
    let (server, domain) = (provider.to_string(), provider.ip().to_string());
    let doctor = Program::new(&hosts.phones, case.name, &program.display().to_string())?;
    let begun = Instant::now();
    let mut doctor = doctor.args([&server, &domain, "5080"]).start()?;
    let said = doctor.wait_for_any_within(RUN, &["None, ", "Suspected, ", "Proven, "])?;
    let probe = |line: &String| line.trim_start_matches("HIT").trim().split(':').next().unwrap_or_default().to_owned();
    let hits = doctor.lines_with("HIT   ").iter().map(probe).collect();
    Ok(Row { said, hits, seconds: begun.elapsed().as_secs(), reflected: String::new() })
}

/// The same way to a reflector in the provider's place: what `centraled reflect` says there.
fn reflect(hosts: &ThreeHosts) -> Result<String> {
    let address = hosts.provider.address.to_string();
    let reflector = Program::new(&hosts.provider, "centraled reflector", &crate::centraled::program())?;
    let mut reflector = reflector.args(["reflector", "--bind", &address]).start()?;
    let fingerprint = reflector.wait_for("fingerprint ")?;
    reflector.wait_for("ready")?;
    let fingerprint = fingerprint.trim_start_matches("fingerprint ").to_owned();
    let asks = Program::new(&hosts.phones, "centraled reflect", &crate::centraled::program())?;
    let mut asks = asks.args(["reflect", &address, "--fingerprint", &fingerprint]).start()?;
    asks.wait_to_end(RUN)?;
    Ok(asks.lines_with("").join("\n"))
}

/// The example beside this runner, where cargo puts it.
fn examine() -> Option<PathBuf> {
    let runner = std::env::current_exe().ok()?;
    runner.ancestors().skip(1).take(2).map(|folder| folder.join("examples/examine")).find(|path| path.is_file())
}

/// kamailio as it comes, on two ports.
pub(super) struct Provider {
    _process: Process,
    _directory: TempDir,
}

impl Provider {
    pub(super) fn start(place: &Place, address: SocketAddr) -> Result<Provider> {
        let directory = tempfile::tempdir().tried(|| "make a folder for kamailio".to_owned())?;
        let ip = address.ip();
        let listen = [format!("udp:{ip}:5060"), format!("tcp:{ip}:5060"), format!("udp:{ip}:5080")];
        let config = directory.path().join("kamailio.cfg");
        std::fs::write(&config, STOCK).tried(|| "write kamailio's configuration".to_owned())?;
        let program = Program::new(place, "kamailio", "kamailio")?.args(["-DD", "-E", "-m", "64", "-M", "8"]);
        let mut program = program.args(["-n", "1", "-N", "1", "-f"]).arg(&config);
        for listen in listen {
            program = program.arg("-l").arg(listen);
        }
        let mut process = program.arg("-Y").arg(directory.path()).arg("-w").arg(directory.path()).start()?;
        let deadline = Instant::now() + PATIENCE;
        while place.inside(|| TcpStream::connect(address).tried(|| "reach kamailio".to_owned())).is_err() {
            if Instant::now() >= deadline {
                let said = process.lines_with("").join("\n");
                return Err(Failure::Unexpected(format!("kamailio does not listen: {said}")));
            }
            // It says nothing when it is ready: look again. The deadline ends the test, this does not.
            thread::park_timeout(Duration::from_millis(50));
        }
        Ok(Provider { _process: process, _directory: directory })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_what_is_found_has_every_case_with_the_verdict_that_is_held_to() {
        let page = include_str!("../../../../docs/sip-alg.md");
        for case in KERNEL.iter().chain(&PROGRAMS) {
            let verdict = case.verdict.trim_end_matches(", ");
            let row = page.lines().find(|line| line.starts_with(&format!("| {} | {verdict}", case.name)));
            let row =
                row.unwrap_or_else(|| panic!("{} is not {verdict:?} in docs/sip-alg.md: run `make doctor`", case.name));
            assert!(case.hits.iter().all(|probe| row.contains(probe)), "{row}");
        }
    }
}
