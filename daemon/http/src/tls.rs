//! TLS: the box's certificate, and whichever one a phone shows.

use std::sync::Arc;

use centrale_provisioning::enrolment::TlsFault;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ResolvesServerCert;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{AlertDescription, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};

use crate::certificate::is_provable;

/// The name `CN=phones` in DER, as who may show a certificate. Phones show theirs whatever is asked for; a browser asks
/// its user to choose one when it has one from a named authority, and none is called this.
const PHONES: &[u8] = &[0x31, 15, 0x30, 13, 0x06, 3, 0x55, 4, 3, 0x0c, 6, b'p', b'h', b'o', b'n', b'e', b's'];

/// How the HTTPS port speaks TLS.
pub(crate) fn server_config(certificate: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(AnyCertificate {
            provider,
            hints: [DistinguishedName::in_sequence(PHONES)],
        }))
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Why a handshake came to nothing, where it tells something about a phone.
pub(crate) fn tls_fault(error: &std::io::Error) -> Option<TlsFault> {
    use AlertDescription as Alert;
    match error.get_ref()?.downcast_ref::<Error>()? {
        Error::PeerIncompatible(_) => Some(TlsFault::TooOld),
        Error::AlertReceived(alert) => match alert {
            Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity => Some(TlsFault::TooOld),
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateExpired
            | Alert::CertificateUnknown => Some(TlsFault::NotTrusted),
            _ => None,
        },
        _ => None,
    }
}

/// Takes any certificate, or none, from who has its key; a key that can prove nothing need not be proved. What a
/// certificate is worth is provisioning's to judge.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
    hints: [DistinguishedName; 1],
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if !is_provable(certificate) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if !is_provable(certificate) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
