//! Who is at the other end of a connection.

use std::net::{IpAddr, SocketAddr};

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

    /// Our address, an IPv4 one as such.
    pub(crate) fn local_ip(&self) -> IpAddr {
        self.local.ip().to_canonical()
    }
}
