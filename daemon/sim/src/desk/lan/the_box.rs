//! What the box of a network is: what it knows of phones, where it is, and who vouches for it.

use std::sync::{Arc, OnceLock};

use centrale_provisioning::Catalogue;
use centrale_provisioning::enrolment::{BoxAddresses, SipTransport};

/// A line of the authority's certificate and how many there are: as long as a real one of RSA-2048.
const CA_LINE: &str = "Q2VudHJhbGUgb2YgdGhlIHNpbXVsYXRpb24+Q2VudHJhbGUgb2YgdGhlIHNpbXVs\n";
const CA_LINES: usize = 18;

/// Read once for all networks.
pub(super) fn catalogue() -> Arc<Catalogue> {
    static SHIPPED: OnceLock<Arc<Catalogue>> = OnceLock::new();
    let read = || Arc::new(Catalogue::embedded().expect("the shipped catalogue is whole"));
    Arc::clone(SHIPPED.get_or_init(read))
}

pub(super) fn addresses() -> BoxAddresses {
    BoxAddresses {
        name: None,
        http_port: 8080,
        https_port: 8443,
        sip_port: 5060,
        sip_tls_port: 5061,
        transport: SipTransport::Tls,
        srtp: true,
        realm: "centrale".into(),
        ntp: "pool.ntp.org".into(),
        ca_pem: ca_pem(),
    }
}

/// The authority, as far as it matters: its bytes are compared, not computed with.
pub(super) fn ca_pem() -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n", CA_LINE.repeat(CA_LINES))
}
