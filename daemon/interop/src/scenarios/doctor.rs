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
use crate::{Failure, Place, Process, Program, Result};

/// kamailio's settings as Debian ships them, but that it asks no name server for its own addresses: there is none.
const STOCK: &str = "#!KAMAILIO\nauto_aliases=no\ninclude_file \"/etc/kamailio/kamailio.cfg\"\n";
/// A run is bounded at 60 s.
const RUN: Duration = Duration::from_secs(75);

pub(super) const MASQUERADE: &str =
    "table ip nat {\n chain post {\n  type nat hook postrouting priority 100;\n  oifname wan masquerade\n }\n}\n";
const REMAP: &str = "table ip nat {\n chain post {\n  type nat hook postrouting priority 100;\n  oifname wan meta l4proto { tcp, udp } \
                     masquerade to :20000-30000 random\n }\n}\n";
pub(super) const HELPER: &str = "table ip sip {\n ct helper sip {\n  type \"sip\" protocol udp\n }\n chain pre {\n  type filter hook prerouting \
                      priority 0;\n  udp dport 5060 ct helper set \"sip\"\n }\n}\n";
const HELPER_ON_TCP: &str = "table ip siptcp {\n ct helper siptcp {\n  type \"sip\" protocol tcp\n }\n chain pre {\n  type filter hook \
                             prerouting priority 0;\n  tcp dport 5060 ct helper set \"siptcp\"\n }\n}\n";

/// A router and what the doctor is to say behind it.
struct Case {
    name: &'static str,
    rules: &'static [&'static str],
    verdict: &'static str,
    /// Probes that must hit, by the words that they begin with.
    hits: &'static [&'static str],
}

const CASES: [Case; 7] = [
    Case { name: "no NAT", rules: &[], verdict: "None, Strong", hits: &[] },
    Case { name: "plain NAT", rules: &[MASQUERADE], verdict: "None, Strong", hits: &[] },
    Case { name: "NAT with port remap", rules: &[REMAP], verdict: "None, Strong", hits: &[] },
    Case {
        name: "helper on UDP",
        rules: &[MASQUERADE, HELPER],
        verdict: "Proven, Certain",
        hits: &["V1", "V2", "V3", "V4", "V12"],
    },
    Case {
        name: "helper and remap",
        rules: &[REMAP, HELPER],
        verdict: "Proven, Certain",
        hits: &["V1", "V2", "V3", "V4", "V12"],
    },
    Case {
        name: "helper on UDP and TCP",
        rules: &[MASQUERADE, HELPER, HELPER_ON_TCP],
        verdict: "Proven, Certain",
        hits: &["V1", "V2", "V3", "V4", "V9"],
    },
    // It changes nothing and drops what it cannot read. Without TLS to compare with, that stays a suspicion.
    Case { name: "helper without NAT", rules: &[HELPER], verdict: "Suspected, Weak", hits: &[] },
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

/// Every case at the same time, each with its own three hosts.
pub(super) fn behind_real_routers() -> Result<()> {
    thread::scope(|scope| {
        let cases = CASES.map(|case| scope.spawn(move || play(&case)));
        cases.into_iter().try_for_each(|case| case.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn play(case: &Case) -> Result<()> {
    let hosts = ThreeHosts::make(true)?;
    set_rules(&hosts.middle, case.rules)?;
    let provider = SocketAddr::new(hosts.provider.address, 5060);
    let _kamailio = Provider::start(&hosts.provider, provider)?;
    let program = examine().ok_or_else(|| Failure::NotInstalled { program: "examine".to_owned() })?;
    let (server, domain) = (provider.to_string(), provider.ip().to_string());
    let doctor = Program::new(&hosts.phones, case.name, &program.display().to_string())?;
    let mut doctor = doctor.args([&server, &domain, "5080"]).start()?;
    let said = doctor.wait_for_any_within(RUN, &["None, ", "Suspected, ", "Proven, "])?;
    let missed = case.hits.iter().find(|probe| doctor.lines_with(&format!("HIT   {probe}:")).is_empty());
    if !said.starts_with(case.verdict) || missed.is_some() {
        return Err(Failure::Unexpected(format!(
            "{}: the doctor says {said:?}, and {missed:?} did not hit",
            case.name
        )));
    }
    Ok(())
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
