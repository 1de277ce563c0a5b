//! Where a message came from and where one goes: the words shared by the protocol and the sockets.

use std::fmt;
use std::net::SocketAddr;

/// The transports of RFC 3261 18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// Streams in clear.
    Tcp,
    /// Streams under TLS.
    Tls,
}

impl Transport {
    /// Whether the transport itself delivers, so that no message is sent twice (RFC 3261 17).
    pub const fn is_reliable(self) -> bool {
        !matches!(self, Self::Udp)
    }

    /// The port when none is written (RFC 3261 19.1.2).
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
        }
    }

    /// As in a Via header.
    pub const fn in_via(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// As in a URI's `transport` parameter.
    pub const fn in_uri(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// Reads the name in any case; `None` for one that is not spoken here.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Udp, Self::Tcp, Self::Tls].into_iter().find(|transport| name.eq_ignore_ascii_case(transport.in_uri()))
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_uri())
    }
}

/// Names one listening socket or one connection for as long as the daemon runs. A UDP socket is one flow for every peer;
/// a TCP or TLS connection is a flow of its own and its number is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub u64);

/// The path of one message: which socket, from where to where (RFC 5626 3: the 5-tuple).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// The socket or connection.
    pub id: FlowId,
    /// Its transport.
    pub transport: Transport,
    /// Our end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
}

/// Where to send when there is no flow yet: a new connection is opened, or the UDP socket of the right family is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// By which transport.
    pub transport: Transport,
    /// To whom.
    pub remote: SocketAddr,
    /// Whether each message leaves in two segments, cut where nobody finds it whole in one: over a connection of its own. No
    /// datagram does.
    pub split: bool,
}

impl Target {
    /// An address to which messages leave whole.
    pub const fn new(transport: Transport, remote: SocketAddr) -> Self {
        Self { transport, remote, split: false }
    }
}

/// How a message leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Path {
    /// Over an existing flow; a closed one is a transport error, never silently another.
    Flow(Flow),
    /// To an address: an open connection to it is used again, else one is opened.
    Target(Target),
}

impl Path {
    /// The transport the message takes.
    pub const fn transport(&self) -> Transport {
        match self {
            Self::Flow(flow) => flow.transport,
            Self::Target(target) => target.transport,
        }
    }

    /// The address it goes to.
    pub const fn remote(&self) -> SocketAddr {
        match self {
            Self::Flow(flow) => flow.remote,
            Self::Target(target) => target.remote,
        }
    }
}
