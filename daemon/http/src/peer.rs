//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use centrale_provisioning::enrolment::ClientCertificate;

/// Which port a connection came in on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// In clear: the bootstrap of phones, and nothing else.
    Http,
    /// TLS.
    Https,
}

/// A connection, as the handlers of its requests see it.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The port it came in on.
    pub door: Door,
    /// The other end.
    pub source: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
    /// The certificate that was shown, of which the handshake proved that the other end has its key.
    pub certificate: ClientCertificate,
}

impl Peer {
    /// The other end's address, an IPv4 one as such.
    pub(crate) fn source_ip(&self) -> IpAddr {
        self.source.ip().to_canonical()
    }

    /// The other end's network as far as a session is bound to it: of an IPv6 address a computer changes the rest from day to
    /// day (RFC 8981).
    pub(crate) fn source_place(&self) -> IpAddr {
        network_of(self.source_ip())
    }

    /// Our address, an IPv4 one as such.
    pub(crate) fn local_ip(&self) -> IpAddr {
        self.local.ip().to_canonical()
    }
}

/// What stands for one office or home in the network: an IPv4 address, or 64 bits of an IPv6 one (RFC 6177).
pub(crate) fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        ip @ IpAddr::V4(_) => ip,
    }
}
