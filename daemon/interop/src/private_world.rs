//! A network of our own: the runner moves itself into fresh namespaces before its first thread.
//!
//! Inside, no port of the machine is in use and nothing that a scenario starts can outlive the runner. As root, or as
//! anybody where user namespaces are allowed; where neither is, the loopback of the machine serves and scenarios that
//! need several hosts are skipped, with the reason.

use std::ffi::OsStr;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use nix::sched::{CloneFlags, setns};

use crate::failure::Tried;
use crate::{Failure, Result, free_port_block};

/// Set in the runner that was started inside the private world.
const INSIDE: &str = "CENTRALE_INTEROP_INSIDE";

/// Whether the runner has a network of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Privacy {
    /// It has: namespaces can be made.
    Private,
    /// It has not, and why.
    Refused(String),
}

/// Moves this process into a private network, by starting it again inside one. Call it first in `main`.
///
/// # Errors
/// When the private network was granted but cannot be furnished.
pub fn enter() -> Result<Privacy> {
    if std::env::var_os(INSIDE).is_some() {
        furnish()?;
        return Ok(Privacy::Private);
    }
    let mut reasons = Vec::new();
    for way in [&["--net"][..], &["--user", "--map-root-user", "--net"][..]] {
        let mut trial = unshare(way);
        match trial.arg("true").stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => return again_inside(way),
            Ok(output) => reasons.push(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => reasons.push(format!("unshare: {error}")),
        }
    }
    Ok(Privacy::Refused(reasons.join("; ")))
}

fn unshare(way: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(way).args(["--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "--"]);
    command
}

fn again_inside(way: &[&str]) -> Result<Privacy> {
    let runner = std::env::current_exe().tried(|| "find the runner's own program".to_owned())?;
    let error = unshare(way).arg(runner).args(std::env::args_os().skip(1)).env(INSIDE, "yes").exec();
    Err(error).tried(|| "start the runner in a private network".to_owned())
}

/// Brings up loopback, and a link that leads nowhere with a default route over it: linphonec takes a machine without a
/// default route for one without network and opens no port.
fn furnish() -> Result<()> {
    run("mount", ["-t", "tmpfs", "tmpfs", "/run"])?;
    // Names are asked for on loopback, where a scenario may have somebody who answers.
    std::fs::write("/run/resolv.conf", "nameserver 127.0.0.1\n").tried(|| "write resolv.conf".to_owned())?;
    run("mount", ["--bind", "/run/resolv.conf", "/etc/resolv.conf"])?;
    ip("link set lo up")?;
    ip("link add uplink type veth peer name nowhere")?;
    ip("addr add 192.0.2.10/24 dev uplink")?;
    ip("link set uplink up")?;
    ip("link set nowhere up")?;
    ip("route add default via 192.0.2.1")
}

/// Where a program runs: a network namespace, and the address that is its own there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    namespace: Option<String>,
    /// Address to bind to and to be called on.
    pub address: IpAddr,
}

impl Place {
    /// The runner's own network, on loopback.
    #[must_use]
    pub fn here() -> Place {
        Place { namespace: None, address: IpAddr::V4(Ipv4Addr::LOCALHOST) }
    }

    /// A host in a namespace of its own.
    pub(crate) fn in_namespace(namespace: &str, address: impl Into<IpAddr>) -> Place {
        Place { namespace: Some(namespace.to_owned()), address: address.into() }
    }

    /// The same host under another of its addresses.
    #[must_use]
    pub fn with_address(&self, address: impl Into<IpAddr>) -> Place {
        Place { namespace: self.namespace.clone(), address: address.into() }
    }

    /// Whether it is a host of its own, in which one box runs at the most.
    #[must_use]
    pub(crate) const fn is_a_host(&self) -> bool {
        self.namespace.is_some()
    }

    /// Runs `work` in this place's network, on a thread of its own.
    ///
    /// # Errors
    /// Those of `work`, and `Machine` when the namespace is gone.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let Some(namespace) = &self.namespace else { return work() };
        let path = format!("/run/netns/{namespace}");
        let enter = || {
            let file = File::open(&path)?;
            setns(file, CloneFlags::CLONE_NEWNET).map_err(std::io::Error::from)
        };
        thread::scope(|scope| {
            let worker = scope.spawn(|| {
                enter().tried(|| format!("enter {path}"))?;
                work()
            });
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// `length` consecutive ports, the first of them even, free here for UDP and TCP.
    ///
    /// # Errors
    /// When there are none.
    pub fn free_ports(&self, length: u16) -> Result<u16> {
        self.inside(|| free_port_block(self.address, length))
    }

    /// A command that will run `program` here.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        match &self.namespace {
            None => Command::new(program),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace]).arg(program);
                command
            }
        }
    }
}

/// Three hosts in a row: the phones' network, the middle, the provider's network. The middle has a leg in both.
#[derive(Debug)]
pub(crate) struct ThreeHosts {
    /// Where the phones are, 10.20.0.2.
    pub(crate) phones: Place,
    /// The middle as the phones see it, 10.20.0.1.
    pub(crate) middle: Place,
    /// The middle as the provider sees it, 203.0.113.2.
    pub(crate) middle_outside: Place,
    /// Where the provider is, 203.0.113.1.
    pub(crate) provider: Place,
    /// A second router between the middle and the provider, where there is one.
    pub(crate) beyond: Option<Place>,
    names: Vec<String>,
}

impl ThreeHosts {
    /// Makes the hosts. With `routed` the middle forwards packets as a router does; without, nothing but a program that
    /// runs in the middle can bring a packet across.
    pub(crate) fn make(routed: bool) -> Result<ThreeHosts> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let names = ["phones", "middle", "provider"].map(|role| format!("{role}{count}"));
        let [phones, middle, provider] = &names;
        let at = |name: &String, address: [u8; 4]| Place::in_namespace(name, address);
        let hosts = ThreeHosts {
            phones: at(phones, [10, 20, 0, 2]),
            middle: at(middle, [10, 20, 0, 1]),
            middle_outside: at(middle, [203, 0, 113, 2]),
            provider: at(provider, [203, 0, 113, 1]),
            beyond: None,
            names: names.to_vec(),
        };
        names.iter().try_for_each(|name| add_host(name))?;
        join(phones, "10.20.0.2/24", middle, "10.20.0.1/24", "lan")?;
        join(provider, "203.0.113.1/24", middle, "203.0.113.2/24", "wan")?;
        ip(&format!("-n {phones} route add default via 10.20.0.1"))?;
        ip(&format!("-n {provider} route add default via 203.0.113.2"))?;
        ip(&format!("-n {middle} route add default via 203.0.113.1"))?;
        forward(middle, routed)?;
        Ok(hosts)
    }

    /// The middle is a router, 100.64.0.2 outside, and another one stands between it and the provider, as at an internet provider
    /// that has too few addresses.
    pub(crate) fn make_behind_two() -> Result<ThreeHosts> {
        let mut hosts = Self::make(true)?;
        let middle = hosts.names[1].clone();
        let beyond = middle.replace("middle", "beyond");
        hosts.names.push(beyond.clone());
        add_host(&beyond)?;
        // The line to the provider moves, and an interface leaves its addresses and routes behind.
        ip(&format!("-n {middle} link set wan netns {beyond}"))?;
        plug(&beyond, "wan", "203.0.113.2/24")?;
        ip(&format!("-n {beyond} route add default via 203.0.113.1"))?;
        ip(&format!("link add wan netns {middle} type veth peer name lan netns {beyond}"))?;
        plug(&middle, "wan", "100.64.0.2/24")?;
        plug(&beyond, "lan", "100.64.0.1/24")?;
        ip(&format!("-n {middle} route add default via 100.64.0.1"))?;
        forward(&beyond, true)?;
        hosts.middle_outside = hosts.middle.with_address([100, 64, 0, 2]);
        hosts.beyond = Some(Place::in_namespace(&beyond, [203, 0, 113, 2]));
        Ok(hosts)
    }

    /// The middle, a router, has this address outside from now on. What went over the other one is forgotten.
    ///
    /// # Errors
    /// When the machine refuses.
    pub(crate) fn move_middle(&self, to: [u8; 4]) -> Result<()> {
        let [_, middle, provider] = &self.names[..3] else {
            return Err(Failure::Unexpected("three hosts are two".to_owned()));
        };
        let to = Ipv4Addr::from(to);
        ip(&format!("-n {middle} addr flush dev wan"))?;
        ip(&format!("-n {middle} addr add {to}/24 dev wan"))?;
        ip(&format!("-n {middle} route replace default via 203.0.113.1"))?;
        ip(&format!("-n {provider} route replace default via {to}"))
    }

    /// The power of the middle, a router, goes and comes back: what it knew of connections is forgotten, its rules are not.
    ///
    /// # Errors
    /// When the machine refuses.
    pub(crate) fn restart_middle(&self) -> Result<()> {
        let middle = &self.names[1];
        // Masquerading forgets what went over an interface that is gone.
        ip(&format!("-n {middle} link set wan down"))?;
        ip(&format!("-n {middle} link set wan up"))?;
        ip(&format!("-n {middle} route add default via 203.0.113.1"))
    }
}

fn add_host(name: &str) -> Result<()> {
    ip(&format!("netns add {name}"))?;
    ip(&format!("-n {name} link set lo up"))
}

fn forward(host: &str, routed: bool) -> Result<()> {
    let forward = format!("echo {} > /proc/sys/net/ipv4/ip_forward", u8::from(routed));
    run("ip", ["netns", "exec", host, "sh", "-c", &forward])
}

impl Drop for ThreeHosts {
    fn drop(&mut self) {
        for name in &self.names {
            // Nothing to do about a failure here; the private world as a whole ends with the runner.
            let _ = ip(&format!("netns del {name}"));
        }
    }
}

pub(crate) fn join(one: &str, one_address: &str, other: &str, other_address: &str, link: &str) -> Result<()> {
    ip(&format!("link add {link} netns {one} type veth peer name {link} netns {other}"))?;
    plug(one, link, one_address)?;
    plug(other, link, other_address)
}

fn plug(host: &str, link: &str, address: &str) -> Result<()> {
    ip(&format!("-n {host} addr add {address} dev {link}"))?;
    ip(&format!("-n {host} link set {link} up"))
}

pub(crate) fn ip(arguments: &str) -> Result<()> {
    run("ip", arguments.split(' '))
}

pub(crate) fn run<'a>(program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let output = command.output().tried(|| format!("{command:?}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
