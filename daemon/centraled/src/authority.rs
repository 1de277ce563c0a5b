//! The box's own certificate authority and the certificate it shows: phones are taught the authority when they are set up.
//!
//! RSA-2048 and SHA-256 throughout, because desk phones' TLS knows nothing newer for sure (Yealink up to V86, Snom 8.9).

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use centrale_config::Secret;
use centrale_store::Store;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, SanType,
};
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use rustls::ServerConfig;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::cli::Fault;

/// The name every box has besides its addresses.
pub(crate) const NAME: &str = "centrale.local";
const BITS: usize = 2048;
/// Names of the values in the store.
const AUTHORITY_KEY: &str = "authority-key";
const AUTHORITY_CERTIFICATE: &str = "authority-certificate";
const SERVER_KEY: &str = "server-key";

/// The authority, and the certificate in use.
#[derive(Debug)]
pub(crate) struct Authority {
    /// The authority's certificate as PEM: what phones are given to trust.
    pub(crate) ca_pem: String,
    issuer_key: KeyPair,
    server_key: KeyPair,
    shown: Arc<Shown>,
}

/// The certificate shown now. Exchanged when the box's addresses change.
#[derive(Debug)]
pub(crate) struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Authority {
    /// Opens the authority that the store keeps, or makes one at the first start.
    pub(crate) fn open(store: &Store, addresses: &[IpAddr]) -> Result<Self, Fault> {
        let issuer_key = key(store, AUTHORITY_KEY)?;
        let server_key = key(store, SERVER_KEY)?;
        let kept = store.secret(AUTHORITY_CERTIFICATE).map_err(Fault::machine)?;
        let ca_pem = match kept {
            Some(pem) => pem.reveal().to_owned(),
            None => {
                let pem = authority_params().self_signed(&issuer_key).map_err(Fault::machine)?.pem();
                store.put_secret(AUTHORITY_CERTIFICATE, &Secret::new(&pem)).map_err(Fault::machine)?;
                pem
            }
        };
        let first = certify(&issuer_key, &server_key, &ca_pem, addresses)?;
        Ok(Self { ca_pem, issuer_key, server_key, shown: Arc::new(Shown(RwLock::new(first))) })
    }

    /// Issues a certificate for the addresses the box has now.
    pub(crate) fn renew(&self, addresses: &[IpAddr]) -> Result<(), Fault> {
        let next = certify(&self.issuer_key, &self.server_key, &self.ca_pem, addresses)?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    /// What SIP speaks TLS with.
    pub(crate) fn sip_config(&self) -> Result<Arc<ServerConfig>, Fault> {
        centrale_net::server_config(self.shown()).map_err(Fault::machine)
    }

    /// What shows the certificate, for servers that configure TLS themselves.
    pub(crate) fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.shown)
    }
}

/// The kept key, or a new one.
fn key(store: &Store, name: &str) -> Result<KeyPair, Fault> {
    let pem = match store.secret(name).map_err(Fault::machine)? {
        Some(pem) => pem,
        None => {
            let key = rsa::PrivateKey::new(&mut rand::rng(), BITS).map_err(Fault::machine)?;
            let pem = Secret::new(key.to_pkcs8_pem(LineEnding::LF).map_err(Fault::machine)?.as_str());
            store.put_secret(name, &pem).map_err(Fault::machine)?;
            pem
        }
    };
    KeyPair::from_pkcs8_pem_and_sign_algo(pem.reveal(), &PKCS_RSA_SHA256).map_err(Fault::machine)
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Centrale");
    params.distinguished_name.push(DnType::OrganizationName, "This office's telephone exchange");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // A phone without a clock battery believes it is 2000, or 1970; one that is replaced in ten years still has this authority.
    params.not_before = rcgen::date_time_ymd(1970, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 12, 31);
    params
}

fn certify(
    issuer_key: &KeyPair,
    server_key: &KeyPair,
    ca_pem: &str,
    addresses: &[IpAddr],
) -> Result<Arc<CertifiedKey>, Fault> {
    let mut params = CertificateParams::new(vec![NAME.to_owned(), "localhost".to_owned()]).map_err(Fault::machine)?;
    params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
    // Linphone's TLS (mbedTLS before 3.5) passes over addresses in a certificate, and finds them as names.
    for address in addresses.iter().filter(|address| address.is_ipv4()) {
        params.subject_alt_names.push(SanType::DnsName(address.to_string().try_into().map_err(Fault::machine)?));
    }
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = rcgen::date_time_ymd(1970, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 12, 31);
    let issuer = Issuer::from_ca_cert_pem(ca_pem, issuer_key).map_err(Fault::machine)?;
    let certificate = params.signed_by(server_key, &issuer).map_err(Fault::machine)?;
    let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).map_err(Fault::machine)?;
    let key = PrivateKeyDer::from_pem_slice(server_key.serialize_pem().as_bytes()).map_err(Fault::machine)?;
    let key = any_supported_type(&key).map_err(Fault::machine)?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate.der().clone(), ca], key)))
}
