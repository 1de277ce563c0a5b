//! Who is at the other end of a connection.

use std::net::{IpAddr, SocketAddr};

use centrale_provisioning::enrolment::ClientCertificate;
use rustls_pki_types::CertificateDer;

use crate::certificate::claim;

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
    /// The certificate that was shown. If its key can prove anything, the handshake proved that the other end has it; who
    /// signed it was not looked at.
    pub certificate: Option<CertificateDer<'static>>,
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

    /// What the certificate says.
    pub(crate) fn claim(&self) -> ClientCertificate {
        self.certificate.as_ref().map_or(ClientCertificate::None, claim)
    }
}
