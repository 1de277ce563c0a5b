//! TLS for SIP: our certificate towards phones, the public authorities (and what the installer trusts) towards providers.

use std::sync::Arc;

use rustls::server::ResolvesServerCert;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The certificate is no PEM, or there is none.
    #[error("the certificate cannot be read")]
    Certificate,
    /// TLS cannot be spoken as asked.
    #[error("TLS cannot be set up: {0}")]
    Unusable(#[from] rustls::Error),
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|chain| !chain.is_empty()).ok_or(TlsFault::Certificate)
}

/// For phones: TLS 1.2 and 1.3 with the certificate that is shown at the moment. Phones prove themselves by digest.
///
/// # Errors
/// [`TlsFault::Unusable`] when no version can be spoken.
pub fn server_config(shown: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, TlsFault> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_no_client_auth().with_cert_resolver(shown)))
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
