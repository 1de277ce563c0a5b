//! A certificate for the box, made for one test: what shows it, and itself for who is to trust it.

#![allow(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::PrivateKeyDer;

/// What shows a new certificate of that name, and the certificate as PEM.
pub(crate) fn issued_to(name: &str) -> (Arc<SingleCertAndKey>, String) {
    let pair = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
    let shown = CertifiedKey::from_der(vec![pair.cert.der().clone()], key, &default_provider()).unwrap();
    (Arc::new(SingleCertAndKey::from(shown)), pair.cert.pem())
}
