//! The network of a large office: the box on one host, hundreds of phones, and a provider outside.
//!
//! The phones share a host, because hundreds of hosts are heavy. Each has an interface of its own there, with a MAC
//! address and an address, and its connections leave by it: for the box they are as many neighbours.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use nix::sys::socket::sockopt::{BindToDevice, ReceiveTimeout, SendTimeout};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket};
use nix::sys::time::{TimeVal, TimeValLike};

use crate::failure::Tried;
use crate::lan::with_colons;
use crate::private_world::{ip, join, run};
use crate::transcript::PATIENCE;
use crate::{Failure, Place, Result};

/// Phones in one row of addresses, 10.40.1.1 to 10.40.1.200, 10.40.2.1 and on.
const ROW: usize = 200;

/// The network, for as long as this lives.
#[derive(Debug)]
pub struct Street {
    names: [String; 3],
}

/// Where a phone is plugged in.
#[derive(Debug, Clone)]
pub struct Plug {
    /// The phone's address.
    pub address: Ipv4Addr,
    interface: String,
    /// Whether who waits for an answer looks again and again instead of sleeping.
    pub(crate) polls: bool,
}

/// A connection of a phone.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    polls: bool,
}

impl Wire {
    pub(crate) fn own_address(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    fn patiently<T>(&mut self, mut attempt: impl FnMut(&mut TcpStream) -> io::Result<T>) -> io::Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match attempt(&mut self.stream) {
                Err(error) if self.polls && error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline => {
                    std::hint::spin_loop();
                }
                done => return done,
            }
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|stream| stream.read(buffer))
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Street {
    /// The network with a phone for each MAC address of twelve digits.
    ///
    /// # Errors
    /// When namespaces are not allowed here.
    pub fn make(macs: &[String]) -> Result<Street> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let names = ["street", "tenants", "beyond"].map(|role| format!("{role}{count}"));
        let street = Street { names };
        for name in &street.names {
            ip(&format!("netns add {name}"))?;
            ip(&format!("-n {name} link set lo up"))?;
        }
        let [host, phones, provider] = &street.names;
        street.keep_apart()?;
        join(host, "10.40.0.1/16", phones, "10.40.0.2/16", "lan")?;
        join(host, "203.0.113.2/24", provider, "203.0.113.1/24", "wan")?;
        ip(&format!("-n {host} route add default via 203.0.113.1"))?;
        ip(&format!("-n {provider} route add default via 203.0.113.2"))?;
        street.plug_in(macs)?;
        Ok(street)
    }

    /// An interface answers for its own address alone, as a phone does, though all of them are on one host.
    fn keep_apart(&self) -> Result<()> {
        const RULES: &str = "cd /proc/sys/net; echo 1 >ipv4/conf/all/arp_ignore; echo 2 >ipv4/conf/all/arp_announce; \
             for which in all default; do echo 0 >ipv4/conf/$which/rp_filter; \
             if [ -e ipv6 ]; then echo 1 >ipv6/conf/$which/disable_ipv6; fi; done";
        run("ip", ["netns", "exec", &self.names[1], "sh", "-c", RULES])
    }

    fn plug_in(&self, macs: &[String]) -> Result<()> {
        let mut commands = String::new();
        for (number, mac) in macs.iter().enumerate() {
            let Plug { address, interface, .. } = Street::plug(number);
            let mac = with_colons(mac);
            // Writing to a String cannot fail.
            let _ = writeln!(commands, "link add link lan name {interface} address {mac} type macvlan mode bridge");
            let _ = writeln!(commands, "addr add {address}/16 dev {interface}\nlink set {interface} up");
        }
        let batch = tempfile::NamedTempFile::new().tried(|| "make a file for ip".to_owned())?;
        std::fs::write(batch.path(), commands).tried(|| "write ip's commands".to_owned())?;
        let path = batch.path().display().to_string();
        run("ip", ["-n", &self.names[1], "-batch", &path])
    }

    /// Where the box runs, 10.40.0.1.
    #[must_use]
    pub fn host(&self) -> Place {
        Place::in_namespace(&self.names[0], Ipv4Addr::new(10, 40, 0, 1))
    }

    /// The host that all the phones share.
    #[must_use]
    pub fn phones(&self) -> Place {
        Place::in_namespace(&self.names[1], Ipv4Addr::new(10, 40, 0, 2))
    }

    /// Where the provider runs, 203.0.113.1.
    #[must_use]
    pub fn provider(&self) -> Place {
        Place::in_namespace(&self.names[2], Ipv4Addr::new(203, 0, 113, 1))
    }

    /// Where the phone of the MAC address with this number, from 0, is plugged in.
    #[must_use]
    pub fn plug(number: usize) -> Plug {
        let octet = |number: usize| u8::try_from(number).expect("a street has at most 254 rows of 200 phones");
        let address = Ipv4Addr::new(10, 40, octet(1 + number / ROW), octet(1 + number % ROW));
        Plug { address, interface: format!("phone{number}"), polls: false }
    }

    /// The box's host forgets its neighbours, as a machine without power does.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn forget_neighbours(&self) -> Result<()> {
        ip(&format!("-n {} neigh flush all", self.names[0]))
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        for name in &self.names {
            // Nothing to do about a failure here; the private world as a whole ends with the runner.
            let _ = ip(&format!("netns del {name}"));
        }
    }
}

impl Plug {
    /// Connects to `server` from here. Only inside the network of the phones.
    ///
    /// # Errors
    /// `Machine` when nobody is there, or does not answer within 20 s; that is also how long the connection waits for
    /// anything from then on.
    pub fn connect(&self, server: SocketAddr) -> Result<Wire> {
        let SocketAddr::V4(server) = server else {
            return Err(Failure::Unexpected(format!("{server}: phones on this street have IPv4 only")));
        };
        let what = || format!("{} to {server}", self.address);
        let stream = self.connected(server).map_err(io::Error::from).tried(what)?;
        stream.set_nodelay(true).and_then(|()| stream.set_nonblocking(self.polls)).tried(what)?;
        Ok(Wire { stream, polls: self.polls })
    }

    fn connected(&self, server: SocketAddrV4) -> nix::Result<TcpStream> {
        let socket = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
        let patience = TimeVal::seconds(i64::try_from(PATIENCE.as_secs()).expect("seconds are few"));
        setsockopt(&socket, BindToDevice, &OsString::from(&self.interface))?;
        setsockopt(&socket, SendTimeout, &patience)?;
        setsockopt(&socket, ReceiveTimeout, &patience)?;
        bind(socket.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(self.address, 0)))?;
        connect(socket.as_raw_fd(), &SockaddrIn::from(server))?;
        Ok(TcpStream::from(socket))
    }

    /// The phone's address.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.address.into()
    }
}
