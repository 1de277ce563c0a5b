//! TLS for SIP: our certificate towards phones, the public authorities (and what the installer trusts) towards providers.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why TLS cannot be set up: always a matter of the files that were given.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The certificate is no PEM, or there is none.
    #[error("the certificate cannot be read")]
    Certificate,
    /// The key is no PEM.
    #[error("the private key cannot be read")]
    Key,
    /// Certificate and key do not belong together, or are of a kind that is not spoken.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|chain| !chain.is_empty()).ok_or(TlsFault::Certificate)
}

/// For phones: TLS 1.2 and 1.3 with the box's certificate chain and key (PEM).
///
/// # Errors
/// [`TlsFault`] when the files are no pair.
pub fn server_config(chain: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsFault> {
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsFault::Key)?;
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_no_client_auth().with_single_cert(certificates(chain)?, key)?))
}

/// For providers: the public authorities, and those of `trusted` (PEM) besides.
///
/// # Errors
/// [`TlsFault::Certificate`] when `trusted` is given and holds none.
pub fn client_config(trusted: Option<&[u8]>) -> Result<Arc<ClientConfig>, TlsFault> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = trusted {
        for certificate in certificates(pem)? {
            roots.add(certificate).map_err(|_| TlsFault::Certificate)?;
        }
    }
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
