//! The certificate that a phone shows, and what it is worth before anybody looks at who signed it.

use centrale_config::Mac;
use centrale_provisioning::enrolment::{ClientCertificate, Issuer};
use ring::digest::{SHA256, digest};
use rustls::server::ParsedCertificate;
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

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

/// What a certificate says. No maker's authority is built in, so each is of unknown origin: its key is recognised the
/// next time.
pub(crate) fn claim(der: &CertificateDer<'_>) -> ClientCertificate {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return ClientCertificate::Generic };
    let names = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
    let named: Option<Mac> = names.filter_map(|name| name.trim().parse().ok()).next();
    match named.filter(|_| is_provable(der)) {
        Some(mac) => ClientCertificate::Named { mac, issuer: Issuer::Unknown { key: key_of(&certificate) } },
        None => ClientCertificate::Generic,
    }
}

fn key_of(certificate: &X509Certificate<'_>) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, certificate.public_key().raw).as_ref());
    key
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn named(name: &str, key: &KeyPair) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.self_signed(key).unwrap().der().clone()
    }

    fn mac_in(der: &CertificateDer<'_>) -> Option<String> {
        match claim(der) {
            ClientCertificate::Named { mac, .. } => Some(mac.to_string()),
            ClientCertificate::Generic | ClientCertificate::None => None,
        }
    }

    #[test]
    fn a_mac_address_in_the_name_is_read_however_the_maker_writes_it() {
        let key = KeyPair::generate().unwrap();
        for name in ["80:5e:c0:00:00:15", "805EC0000015", "80-5E-C0-00-00-15"] {
            assert_eq!(mac_in(&named(name, &key)).as_deref(), Some("805ec0000015"), "{name}");
        }
        for name in ["yealink.com", "", "80:5e:c0", "805ec0000015 or so"] {
            assert_eq!(mac_in(&named(name, &key)), None, "{name}");
        }
    }

    #[test]
    fn the_same_key_is_recognised_in_another_certificate_and_another_key_is_not() {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let name = "805ec0000015";
        assert_eq!(claim(&named(name, &key)), claim(&named(name, &key)));
        assert_ne!(claim(&named(name, &key)), claim(&named(name, &other)));
    }

    #[test]
    fn a_short_key_and_rubbish_prove_nothing() {
        let short = CertificateDer::from(include_bytes!("../tests/http/data/rsa-1024.der").to_vec());
        for der in [short, CertificateDer::from(Vec::new()), CertificateDer::from(vec![0x30, 0x82, 0xff, 0xff])] {
            assert!(!is_provable(&der));
            assert_eq!(claim(&der), ClientCertificate::Generic);
        }
    }
}
