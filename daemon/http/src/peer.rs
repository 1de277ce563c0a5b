//! Who is at the other end of a connection.

use std::net::{IpAddr, SocketAddr};

use centrale_config::Mac;
use centrale_provisioning::enrolment::{ClientCertificate, Issuer};
use ring::digest::{SHA256, digest};
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};

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
    /// The certificate that was shown, with a valid signature under the handshake; who signed it was not looked at.
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

    /// What the certificate says. No maker's authority is built in, so each is of unknown origin: its key is recognised
    /// the next time.
    pub(crate) fn claim(&self) -> ClientCertificate {
        let Some(der) = &self.certificate else { return ClientCertificate::None };
        let Ok((_, certificate)) = X509Certificate::from_der(der) else { return ClientCertificate::Generic };
        let mut named =
            certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()?.trim().parse::<Mac>().ok());
        match named.next() {
            Some(mac) => ClientCertificate::Named { mac, issuer: Issuer::Unknown { key: key_of(&certificate) } },
            None => ClientCertificate::Generic,
        }
    }
}

fn key_of(certificate: &X509Certificate<'_>) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, certificate.public_key().raw).as_ref());
    key
}
