//! Namespaces and the wires between them.

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd as _;
use std::process::{Command, Stdio};
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getgid, getuid};

/// Moves this process, which has one thread yet, into a network where it may do all. The error is a reason in words.
pub(crate) fn enter() -> Result<(), String> {
    let (uid, gid) = (getuid(), getgid());
    if unshare(CloneFlags::CLONE_NEWNET).is_err() {
        let refused = |cause| format!("network namespaces are not allowed here: {cause}");
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).map_err(refused)?;
        for (file, text) in
            [("setgroups", "deny".to_owned()), ("uid_map", format!("0 {uid} 1")), ("gid_map", format!("0 {gid} 1"))]
        {
            std::fs::write(format!("/proc/self/{file}"), text)
                .map_err(|cause| format!("/proc/self/{file}: {cause}"))?;
        }
    }
    match Command::new("ip").arg("-V").stdout(Stdio::null()).status() {
        Ok(_) => Ok(()),
        Err(cause) => Err(format!("iproute2 is missing: ip: {cause}")),
    }
}

/// A host: a network namespace.
pub(crate) struct Host(File);

impl Host {
    pub(crate) fn new() -> Self {
        let made = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            let namespace = File::open("/proc/thread-self/ns/net").unwrap();
            // A packet is taken where it arrives, even when the way back to its sender leads elsewhere.
            for scope in ["all", "default"] {
                std::fs::write(format!("/proc/sys/net/ipv4/conf/{scope}/rp_filter"), "0").unwrap();
            }
            ip("link set lo up");
            Self(namespace)
        });
        made.join().unwrap()
    }

    /// Runs `work` in this host's network, on a thread of its own.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let worker = scope.spawn(|| {
                setns(&self.0, CloneFlags::CLONE_NEWNET).unwrap();
                work()
            });
            worker.join().unwrap()
        })
    }

    /// A name for `ip` that leads to this host's network.
    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }

    pub(crate) fn ip(&self, arguments: &str) {
        self.inside(|| ip(arguments));
    }

    /// A wire from here to `other`, called `name` at both ends, each end with its address; /24 networks.
    pub(crate) fn wire(&self, other: &Host, name: &str, here: Ipv4Addr, there: Ipv4Addr) {
        self.ip(&format!("link add {name} type veth peer name {name} netns {}", other.path()));
        for (host, address) in [(other, there), (self, here)] {
            host.ip(&format!("addr add {address}/24 dev {name}"));
            host.ip(&format!("link set {name} up"));
        }
    }

    /// A wire from here to a switch (a host with a bridge of that name): its end here is called `lan` and
    /// has an address, the other one is called `port`.
    pub(crate) fn plug(&self, switch: &Host, port: &str, address: Ipv4Addr) {
        self.ip(&format!("link add lan type veth peer name {port} netns {}", switch.path()));
        self.ip(&format!("addr add {address}/24 dev lan"));
        self.ip("link set lan up");
        switch.ip(&format!("link set {port} up"));
        switch.ip(&format!("link set {port} master switch"));
    }

    /// Sets a value of this host's network, as in `ipv4/conf/lan/arp_notify`.
    pub(crate) fn set(&self, what: &str, value: &str) {
        self.inside(|| std::fs::write(format!("/proc/sys/net/{what}"), value).unwrap());
    }

    /// The MAC address of an end of a wire.
    pub(crate) fn mac(&self, name: &str) -> [u8; 6] {
        let shown = self.inside(|| Command::new("ip").args(["-o", "link", "show", name]).output().unwrap().stdout);
        let text = String::from_utf8(shown).unwrap();
        let octets = text.split("link/ether ").nth(1).unwrap()[..17].split(':');
        octets.map(|octet| u8::from_str_radix(octet, 16).unwrap()).collect::<Vec<_>>().try_into().unwrap()
    }
}

fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
