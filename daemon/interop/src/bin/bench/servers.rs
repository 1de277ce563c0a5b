//! The two registrars that are compared, started the same way: pinned to the server's core, with the same people.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use centrale_interop::{
    Account, Centraled, Credentials, Group, Installed, Kamailio, Place, Result, Subscriber, Transport, on_core,
};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use crate::load::Phones;

/// Where servers run.
pub(crate) const SERVER_CORE: usize = 0;
/// Where the load is made.
pub(crate) const LOAD_CORE: usize = 1;
/// People of the office: 200 to 399.
const PEOPLE: std::ops::Range<u32> = 200..400;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Debian's kamailio as a registrar and nothing else.
    Kamailio,
    /// The same with the configuration that Debian ships.
    Shipped,
    /// The box.
    Box,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Kamailio => "kamailio",
            Kind::Shipped => "kamailio as shipped",
            Kind::Box => "centrale",
        })
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Running {
    server: Server,
    place: Place,
    people: Vec<Subscriber>,
}

#[derive(Debug)]
enum Server {
    Kamailio(Kamailio),
    Box(Centraled),
}

impl Running {
    pub(crate) fn start(kind: Kind) -> Result<Running> {
        Running::start_timed(kind).map(|(running, _)| running)
    }

    /// Starts it, and says when.
    pub(crate) fn start_timed(kind: Kind) -> Result<(Running, Instant)> {
        let place = Place::here();
        let people: Vec<Subscriber> = PEOPLE.map(|number| Subscriber::new(&number.to_string())).collect();
        let (server, started) = match kind {
            Kind::Shipped => on_server_core(|| Kamailio::start_shipped(&place, &people).map(Server::Kamailio))?,
            Kind::Kamailio => {
                let start = || Kamailio::start_registrar(&place, &people).map(Server::Kamailio);
                on_server_core(start)?
            }
            Kind::Box => {
                let installed = Installed::new(&place, &people, None, "warn")?;
                on_server_core(|| installed.launch().map(Server::Box))?
            }
        };
        Ok((Running { server, place, people }, started))
    }

    fn address(&self) -> SocketAddr {
        match &self.server {
            Server::Kamailio(kamailio) => kamailio.address(),
            Server::Box(centraled) => centraled.address(),
        }
    }

    /// Its processes.
    pub(crate) fn group(&self) -> Group {
        Group(match &self.server {
            Server::Kamailio(kamailio) => kamailio.id(),
            Server::Box(centraled) => centraled.id(),
        })
    }

    /// Where it runs.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// How many people it knows.
    pub(crate) fn people(&self) -> usize {
        self.people.len()
    }

    /// A phone for each of its people.
    pub(crate) fn phones(&self) -> io::Result<Phones> {
        let credentials = self.people.iter().map(|person| Credentials::new(&person.user, &person.password));
        Phones::new(self.address(), credentials.collect())
    }

    /// The accounts of two of its people.
    pub(crate) fn accounts(&self) -> Result<[Account; 2]> {
        let server = self.address();
        let account = |person: &Subscriber| Account::new(person, server, Transport::Udp);
        Ok([account(&self.people[1]), account(&self.people[2])])
    }
}

/// Keeps this thread, which makes the load, on the load's core.
pub(crate) fn pin_load() -> io::Result<()> {
    pin(LOAD_CORE)
}

/// What `start` starts inherits the server's core.
pub(crate) fn on_server_core<T>(start: impl FnOnce() -> Result<T>) -> Result<(T, Instant)> {
    let started = Instant::now();
    on_core(SERVER_CORE, start).map(|server| (server, started))
}

fn pin(core: usize) -> io::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &cores)?)
}
