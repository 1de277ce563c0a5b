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
/// All names in the certificate that are no addresses.
pub(crate) const NAMES: [&str; 2] = [NAME, "localhost"];
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
    /// Addresses that the box was told to listen on. No interface need list them: every one of 127.0.0.0/8 is the machine's.
    told: Vec<IpAddr>,
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
    /// Opens the authority that the store keeps, or makes one at the first start. The certificate names the `addresses`
    /// that the box has now, and those that it was `told` to listen on, whatever it has.
    pub(crate) fn open(store: &Store, addresses: &[IpAddr], told: &[IpAddr]) -> Result<Self, Fault> {
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
        let told: Vec<IpAddr> = told.iter().copied().filter(|ip| !ip.is_unspecified()).collect();
        let first = certify(&issuer_key, &server_key, &ca_pem, &both(addresses, &told))?;
        Ok(Self { ca_pem, issuer_key, server_key, told, shown: Arc::new(Shown(RwLock::new(first))) })
    }

    /// Issues a certificate for the addresses the box has now.
    pub(crate) fn renew(&self, addresses: &[IpAddr]) -> Result<(), Fault> {
        let next = certify(&self.issuer_key, &self.server_key, &self.ca_pem, &both(addresses, &self.told))?;
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

/// Each address once.
fn both(addresses: &[IpAddr], told: &[IpAddr]) -> Vec<IpAddr> {
    let mut both = addresses.to_vec();
    for ip in told {
        if !both.contains(ip) {
            both.push(*ip);
        }
    }
    both
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
    let mut params = CertificateParams::new(NAMES.map(str::to_owned)).map_err(Fault::machine)?;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::RootCertStore;
    use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
    use rustls::crypto::ring;
    use rustls::server::ParsedCertificate;
    use rustls_pki_types::{ServerName, UnixTime};

    use super::*;

    /// What a phone makes of the certificate that is shown, which was taught the authority and checks all that can be checked.
    fn judged(authority: &Authority, name: &str, believes: u64) -> Result<(), rustls::Error> {
        let shown = Arc::clone(&authority.shown.0.read().unwrap());
        let (leaf, between) = shown.cert.split_first().unwrap();
        let leaf = ParsedCertificate::try_from(leaf)?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.ca_pem.as_bytes()).unwrap())?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(believes));
        let algorithms = ring::default_provider().signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&leaf, &roots, between, now, algorithms)?;
        verify_server_name(&leaf, &ServerName::try_from(name).unwrap())
    }

    #[test]
    fn a_phone_that_checks_everything_believes_the_box_at_each_address_whatever_its_clock_says() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let before = ["127.0.0.1", "::1"].map(|ip| ip.parse().unwrap());
        let authority = Authority::open(&store, &before, &[]).unwrap();
        let names = ["127.0.0.1", "::1"].into_iter().chain(NAMES);
        // 1970, 2000, and two years within the life of a phone.
        for believes in [0, 946_684_800, 1_795_824_000, 2_200_000_000] {
            for name in names.clone() {
                assert_eq!(judged(&authority, name, believes), Ok(()), "{name} in {believes}");
            }
        }
        assert!(judged(&authority, "192.0.2.1", 0).is_err(), "not an address of the box");
        authority.renew(&["192.0.2.1".parse().unwrap()]).unwrap();
        assert_eq!(judged(&authority, "192.0.2.1", 0), Ok(()), "it became one");
        assert!(judged(&authority, "127.0.0.1", 0).is_err(), "and that is none any more");
        store.close();
    }

    #[test]
    fn an_address_to_listen_on_that_no_interface_lists_is_in_the_certificate_before_and_after_a_change() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let told = ["127.0.0.9", "0.0.0.0", "127.0.0.1"].map(|ip| ip.parse().unwrap());
        let authority = Authority::open(&store, &["127.0.0.1".parse().unwrap()], &told).unwrap();
        assert_eq!(judged(&authority, "127.0.0.9", 0), Ok(()));
        assert!(judged(&authority, "0.0.0.0", 0).is_err(), "every address is none");
        authority.renew(&["192.0.2.1".parse().unwrap()]).unwrap();
        for name in ["127.0.0.9", "127.0.0.1", "192.0.2.1"] {
            assert_eq!(judged(&authority, name, 0), Ok(()), "{name}");
        }
        store.close();
    }
}
