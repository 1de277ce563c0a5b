//! The SIP ALG doctor behind real routers: the Linux kernel with and without its SIP helper, and Debian's kamailio as it comes
//! as an ordinary provider that knows nothing of the doctor. Its probes are driven by `centrale-alg`'s example `examine`.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::failure::Tried;
use crate::private_world::ThreeHosts;
use crate::transcript::PATIENCE;
use crate::{Failure, Middlebox, Place, Process, Program, Result, Rewriting};

/// kamailio's settings as Debian ships them, but that it asks no name server for its own addresses: there is none.
const STOCK: &str = "#!KAMAILIO\nauto_aliases=no\ninclude_file \"/etc/kamailio/kamailio.cfg\"\n";
/// A run is bounded at 60 s.
const RUN: Duration = Duration::from_secs(75);

pub(super) const MASQUERADE: &str =
    "table ip nat {\n chain post {\n  type nat hook postrouting priority 100;\n  oifname wan masquerade\n }\n}\n";
pub(super) const REMAP: &str = "table ip nat {\n chain post {\n  type nat hook postrouting priority 100;\n  oifname wan meta l4proto { tcp, udp } \
                     masquerade to :20000-30000 random\n }\n}\n";
pub(super) const HELPER: &str = "table ip sip {\n ct helper sip {\n  type \"sip\" protocol udp\n }\n chain pre {\n  type filter hook prerouting \
                      priority 0;\n  udp dport 5060 ct helper set \"sip\"\n }\n}\n";
pub(super) const HELPER_ON_TCP: &str = "table ip siptcp {\n ct helper siptcp {\n  type \"sip\" protocol tcp\n }\n chain pre {\n  type filter hook \
                             prerouting priority 0;\n  tcp dport 5060 ct helper set \"siptcp\"\n }\n}\n";

/// Who stands between the office and its provider.
#[derive(Clone, Copy)]
enum Between {
    /// The kernel, with these rules.
    Kernel(&'static [&'static str]),
    /// A program that does this to what leaves on UDP port 5060.
    Program(Rewriting),
}

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

const fn program(
    name: &'static str,
    rewriting: Rewriting,
    verdict: &'static str,
    hits: &'static [&'static str],
    reflected: &'static str,
) -> Case {
    Case { name, between: Between::Program(rewriting), verdict, hits, reflected }
}

const KERNEL: [Case; 7] = [
    kernel("no NAT", &[], CLEAN, &[]),
    kernel("plain NAT", &[MASQUERADE], CLEAN, &[]),
    kernel("NAT with port remap", &[REMAP], CLEAN, &[]),
    kernel("helper on UDP", &[MASQUERADE, HELPER], CERTAIN, &["V1", "V2", "V3", "V4", "V12"]),
    kernel("helper and remap", &[REMAP, HELPER], CERTAIN, &["V1", "V2", "V3", "V4", "V12"]),
    kernel("helper on UDP and TCP", &[MASQUERADE, HELPER, HELPER_ON_TCP], CERTAIN, &["V1", "V2", "V3", "V4", "V9"]),
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

/// Why this cannot play here: a kernel without the helper, or without leave to load it.
pub(super) fn refusal() -> Option<String> {
    let try_it = || {
        let hosts = ThreeHosts::make(true)?;
        set_rules(&hosts.middle, &[MASQUERADE, HELPER])
    };
    let failure = try_it().err()?.to_string();
    // What nft says when the kernel refuses what nft itself understood.
    failure.contains("Could not process rule").then(|| format!("the kernel's SIP helper is not to be had: {failure}"))
}

/// What was said behind one router.
#[derive(Debug, Clone)]
pub struct Row {
    /// Who stands between.
    pub name: &'static str,
    /// The doctor's verdict.
    pub said: String,
    /// The probes that hit.
    pub hits: Vec<String>,
    /// How long it took, seconds.
    pub seconds: u64,
    /// What a reflector shows; empty where none was asked.
    pub reflected: String,
}

/// Routers of the kernel's, every one at the same time, each with its own three hosts.
pub(super) fn behind_real_routers() -> Result<()> {
    all(&KERNEL).map(drop)
}

/// Programs that rewrite, likewise.
pub(super) fn behind_programs() -> Result<()> {
    all(&PROGRAMS).map(drop)
}

/// The rows of routers of the kernel's and of programs, as `docs/sip-alg.md` has them.
///
/// # Errors
/// All that is not as it should be.
pub fn table() -> Result<(Vec<Row>, Vec<Row>)> {
    Ok((all(&KERNEL)?, all(&PROGRAMS)?))
}

fn all(cases: &'static [Case]) -> Result<Vec<Row>> {
    let rows: Vec<Row> = thread::scope(|scope| {
        let cases: Vec<_> = cases.iter().map(|case| scope.spawn(move || play(case))).collect();
        let rows = cases.into_iter().map(|case| case.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        rows.collect::<Result<_>>()
    })?;
    let complaints: Vec<String> = cases.iter().zip(&rows).filter_map(|(case, row)| complaint(case, row)).collect();
    if complaints.is_empty() { Ok(rows) } else { Err(Failure::Unexpected(complaints.join("\n\n"))) }
}

fn play(case: &Case) -> Result<Row> {
    let hosts = ThreeHosts::make(true)?;
    let provider = SocketAddr::new(hosts.provider.address, 5060);
    let _middlebox = match case.between {
        Between::Kernel(rules) => set_rules(&hosts.middle, rules).map(|()| None)?,
        Between::Program(rewriting) => Some(stand_between(&hosts, provider, rewriting)?),
    };
    let row = examine_way(case, &hosts, provider)?;
    let reflected = if case.reflected.is_empty() { String::new() } else { reflect(&hosts)? };
    Ok(Row { reflected, ..row })
}

/// What is not as it should be in a row.
fn complaint(case: &Case, row: &Row) -> Option<String> {
    let missed = case.hits.iter().find(|probe| !row.hits.iter().any(|hit| hit == *probe));
    let is_right = row.said.starts_with(case.verdict) && missed.is_none() && row.reflected.contains(case.reflected);
    (!is_right).then(|| {
        format!(
            "{}: the doctor says {:?} by {:?}, and the reflector:\n{}",
            case.name, row.said, row.hits, row.reflected
        )
    })
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
    Ok(Row { name: case.name, said, hits, seconds: begun.elapsed().as_secs(), reflected: String::new() })
}

/// The router lets no packet live on that has come to its last hop, hands what is for port 5060 of the provider to a middlebox, and masquerades the rest.
pub(super) fn stand_between(hosts: &ThreeHosts, provider: SocketAddr, rewriting: Rewriting) -> Result<Middlebox> {
    let middlebox = Middlebox::start(&hosts.middle, hosts.middle_outside.address, provider, rewriting)?;
    let redirect = format!(
        "table ip middlebox {{\n chain pre {{\n  type nat hook prerouting priority -100;\n  iifname lan udp dport 5060 redirect to \
         :{}\n }}\n chain hops {{\n  type filter hook prerouting priority -300;\n  iifname lan ip ttl 1 drop\n }}\n}}\n",
        middlebox.port
    );
    set_rules(&hosts.middle, &[MASQUERADE, &redirect])?;
    Ok(middlebox)
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

pub(super) fn set_rules(router: &Place, rules: &[&str]) -> Result<()> {
    let directory = tempfile::tempdir().tried(|| "make a folder for the router".to_owned())?;
    let path = directory.path().join("rules");
    std::fs::write(&path, rules.concat()).tried(|| "write the router's rules".to_owned())?;
    let output = router.command("nft").arg("-f").arg(&path).output().tried(|| "run nft".to_owned())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(Failure::Unexpected(format!("nft: {}", said.trim()))) }
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
