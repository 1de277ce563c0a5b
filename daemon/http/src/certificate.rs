//! The certificate that a phone shows: which phone it names, and whether that phone's maker really signed it.

use std::collections::BTreeMap;
use std::sync::Arc;

use centrale_config::Mac;
use centrale_provisioning::Catalogue;
use centrale_provisioning::enrolment::{ClientCertificate, Distrust, Issuer};
use ring::digest::{SHA256, digest};
use rustls::crypto::ring::default_provider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{Error, RootCertStore};
use rustls_pki_types::{CertificateDer, UnixTime};
use x509_parser::oid_registry::OID_PKCS1_SHA1WITHRSA;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

/// RSA keys that are strong enough to prove anything, in bits (NIST SP 800-57 5.6.2 forbids less; the library takes no
/// more).
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Elliptic curves that the library knows: P-256 and P-384.
const EC_BITS: [usize; 2] = [256, 384];

/// Whether a signature under this certificate's key can be checked and means something. Phones of 2010 show keys of
/// 1024 bits, which the library refuses: they are served like phones without a certificate, which is all that such a
/// key is worth.
pub(crate) fn is_provable(der: &CertificateDer<'_>) -> bool {
    if ParsedCertificate::try_from(der).is_err() {
        return false;
    }
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return false };
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => RSA_BITS.contains(&key.key_size()),
        Ok(PublicKey::EC(point)) => EC_BITS.contains(&point.key_size()),
        _ => false,
    }
}

/// What phones' makers write into certificates, and the authorities of theirs that the box was given.
#[derive(Debug, Clone)]
pub struct Makers {
    catalogue: Arc<Catalogue>,
    /// By the maker's folder name.
    authorities: BTreeMap<String, Authorities>,
}

/// A maker's authorities, and what checks signatures under them.
#[derive(Debug, Clone)]
struct Authorities {
    roots: RootCertStore,
    verifier: Arc<dyn ClientCertVerifier>,
}

impl Makers {
    /// The makers of this catalogue, of whom no authority is given.
    pub const fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, authorities: BTreeMap::new() }
    }

    /// Adds an authority of a maker: what it signs under the name of one of the maker's issuers is believed of its own
    /// phones, and of nobody else's.
    ///
    /// # Errors
    /// The certificate's: it is none of an authority. Those of before stay.
    pub fn add_authority(&mut self, maker: &str, authority: CertificateDer<'static>) -> Result<(), Error> {
        let known = self.authorities.get(maker);
        let mut roots = known.map_or_else(RootCertStore::empty, |known| known.roots.clone());
        roots.add(authority)?;
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots.clone()), provider);
        let verifier = verifier.build().map_err(|fault| Error::General(fault.to_string()))?;
        self.authorities.insert(maker.to_owned(), Authorities { roots, verifier });
        Ok(())
    }

    /// How many authorities of a maker the box was given.
    pub fn authorities(&self, maker: &str) -> usize {
        self.authorities.get(maker).map_or(0, |known| known.roots.len())
    }

    /// What a certificate says, with those that came along to lead to its authority. The handshake proved that who
    /// shows it has its key.
    pub(crate) fn claim(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> ClientCertificate {
        let Some((leaf, between)) = chain.split_first() else { return ClientCertificate::None };
        let Ok((_, certificate)) = X509Certificate::from_der(leaf) else { return ClientCertificate::Generic };
        match self.mac_of(&certificate).filter(|_| is_provable(leaf)) {
            Some(mac) => {
                let verified = self.verify(mac, &certificate, (leaf, between), now);
                let issuer = verified.map_or_else(Issuer::Unproven, |()| Issuer::Trusted);
                ClientCertificate::Named { mac, key: key_of(&certificate), issuer }
            }
            None => ClientCertificate::Generic,
        }
    }

    /// The MAC address in the subject, where one of the makers writes it.
    fn mac_of(&self, certificate: &X509Certificate<'_>) -> Option<Mac> {
        let makers = || self.catalogue.vendors().filter_map(|maker| maker.certificate.as_ref());
        common_names(certificate.subject()).find_map(|name| makers().find_map(|made| made.common_name.mac_in(name)))
    }

    /// Whether the maker of this phone signed its certificate.
    fn verify(
        &self,
        mac: Mac,
        certificate: &X509Certificate<'_>,
        (leaf, between): (&CertificateDer<'_>, &[CertificateDer<'_>]),
        now: UnixTime,
    ) -> Result<(), Distrust> {
        let maker = self.catalogue.vendor_of_mac(mac).ok_or(Distrust::IssuerUnknown)?;
        let issuers = maker.certificate.as_ref().map(|made| made.issuers.as_slice()).unwrap_or_default();
        if !common_names(certificate.issuer()).any(|name| issuers.iter().any(|issuer| issuer == name)) {
            return Err(Distrust::IssuerUnknown);
        }
        if certificate.signature_algorithm.algorithm == OID_PKCS1_SHA1WITHRSA {
            return Err(Distrust::SignatureTooOld);
        }
        let authority = self.authorities.get(&maker.id).ok_or(Distrust::NoAuthority)?;
        authority.verifier.verify_client_cert(leaf, between, now).map(drop).map_err(|_| Distrust::NotSigned)
    }
}

fn common_names<'a>(name: &'a X509Name<'a>) -> impl Iterator<Item = &'a str> {
    name.iter_common_name().filter_map(|name| name.as_str().ok())
}

fn key_of(certificate: &X509Certificate<'_>) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, certificate.public_key().raw).as_ref());
    key
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

    use super::*;

    const YEALINK: &str = "Yealink Equipment Issuing CA";
    const PHONE: &str = "805ec0000015";

    fn makers() -> Makers {
        Makers::new(Arc::new(Catalogue::embedded().unwrap()))
    }

    /// The makers when the box was given this authority of one of them.
    fn given(maker: &str, authority: &CertificateDer<'static>) -> Makers {
        let mut makers = makers();
        makers.add_authority(maker, authority.clone()).unwrap();
        makers
    }

    /// A maker's authority of this name, as a maker would have it.
    struct Authority {
        issuer: rcgen::Issuer<'static, KeyPair>,
        der: CertificateDer<'static>,
    }

    impl Authority {
        fn called(name: &str) -> Self {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let der = params.self_signed(&key).unwrap().der().clone();
            Self { issuer: rcgen::Issuer::new(params, key), der }
        }

        fn signs(&self, name: &str) -> CertificateDer<'static> {
            self.signs_until(name, 2049)
        }

        fn signs_until(&self, name: &str, year: i32) -> CertificateDer<'static> {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            params.not_after = rcgen::date_time_ymd(year, 12, 31);
            params.signed_by(&KeyPair::generate().unwrap(), &self.issuer).unwrap().der().clone()
        }
    }

    /// A certificate that its owner signed.
    fn named(name: &str, key: &KeyPair) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.self_signed(key).unwrap().der().clone()
    }

    fn claim(makers: &Makers, der: CertificateDer<'static>) -> ClientCertificate {
        // 2026-11-24.
        makers.claim(&[der], UnixTime::since_unix_epoch(Duration::from_secs(1_795_500_000)))
    }

    fn worth(makers: &Makers, der: CertificateDer<'static>) -> Option<&'static str> {
        claim(makers, der).code()
    }

    #[test]
    fn a_mac_address_in_the_name_is_read_however_the_maker_writes_it() {
        let key = KeyPair::generate().unwrap();
        let mac_in = |name: &str| match claim(&makers(), named(name, &key)) {
            ClientCertificate::Named { mac, .. } => Some(mac.to_string()),
            ClientCertificate::Generic | ClientCertificate::None => None,
        };
        for name in ["80:5e:c0:00:00:15", "805EC0000015", "80-5E-C0-00-00-15"] {
            assert_eq!(mac_in(name).as_deref(), Some(PHONE), "{name}");
        }
        for name in ["yealink.com", "", "80:5e:c0", "805ec0000015 or so"] {
            assert_eq!(mac_in(name), None, "{name}");
        }
    }

    #[test]
    fn the_same_key_is_recognised_in_another_certificate_and_another_key_is_not() {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let claim = |key| claim(&makers(), named(PHONE, key));
        assert_eq!(claim(&key), claim(&key));
        assert_ne!(claim(&key), claim(&other));
    }

    #[test]
    fn a_maker_is_believed_of_its_own_phones_when_the_box_was_given_its_authority() {
        let (yealink, forger) = (Authority::called(YEALINK), Authority::called(YEALINK));
        let alone = makers();
        let makers = given("yealink", &yealink.der);
        assert_eq!(worth(&alone, yealink.signs(PHONE)), Some("no-authority"));
        assert_eq!(worth(&makers, yealink.signs(PHONE)), Some("maker"));
        assert_eq!(worth(&makers, forger.signs(PHONE)), Some("not-signed"), "the name alone is anybody's");
        assert_eq!(worth(&makers, yealink.signs_until(PHONE, 2020)), Some("not-signed"));
        assert_eq!(
            worth(&makers, yealink.signs("000413000015")),
            Some("issuer-unknown"),
            "not of another maker's phone"
        );
        assert_eq!(worth(&makers, yealink.signs("aabbcc000015")), Some("issuer-unknown"), "nor of nobody's");
        assert_eq!(worth(&makers, yealink.signs("yealink.com")), None, "and one that many share names none");
    }

    #[test]
    fn what_a_makers_authority_signs_under_another_name_is_not_for_phones() {
        let offices = Authority::called("Yealink Office CA");
        let makers = given("yealink", &offices.der);
        assert_eq!(worth(&makers, offices.signs(PHONE)), Some("issuer-unknown"));
    }

    #[test]
    fn an_authority_that_comes_between_is_taken_along_from_the_phone() {
        let root = Authority::called("Yealink Root CA");
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, YEALINK);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.signed_by(&key, &root.issuer).unwrap().der().clone();
        let issuing = Authority { issuer: rcgen::Issuer::new(params, key), der: der.clone() };
        let makers = given("yealink", &root.der);
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_795_500_000));
        assert_eq!(makers.claim(&[issuing.signs(PHONE), der], now).code(), Some("maker"));
        assert_eq!(worth(&makers, issuing.signs(PHONE)), Some("not-signed"));
    }

    #[test]
    fn an_old_snoms_signature_is_not_followed_even_with_its_makers_authority() {
        let authority = CertificateDer::from(include_bytes!("../tests/http/data/snom-sha1-authority.der").to_vec());
        let phone = CertificateDer::from(include_bytes!("../tests/http/data/snom-sha1-phone.der").to_vec());
        let makers = given("snom", &authority);
        assert_eq!(worth(&makers, phone), Some("signature-too-old"));
    }

    #[test]
    fn a_short_key_and_rubbish_prove_nothing() {
        let short = CertificateDer::from(include_bytes!("../tests/http/data/rsa-1024.der").to_vec());
        for der in [short, CertificateDer::from(Vec::new()), CertificateDer::from(vec![0x30, 0x82, 0xff, 0xff])] {
            assert!(!is_provable(&der));
            assert_eq!(claim(&makers(), der), ClientCertificate::Generic);
        }
    }

    #[test]
    fn a_certificate_that_is_no_authoritys_takes_no_other_one_with_it() {
        let (first, second) = (Authority::called(YEALINK), Authority::called(YEALINK));
        let mut makers = makers();
        makers.add_authority("yealink", first.der.clone()).unwrap();
        makers.add_authority("yealink", CertificateDer::from(vec![0x30, 0x82, 0xff, 0xff])).unwrap_err();
        makers.add_authority("yealink", second.der.clone()).unwrap();
        for authority in [first, second] {
            assert_eq!(worth(&makers, authority.signs(PHONE)), Some("maker"));
        }
    }
}
