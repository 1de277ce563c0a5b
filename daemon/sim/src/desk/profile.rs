//! What is known of each model that is simulated: how it names itself, what its TLS can do, how many lines it has.
//!
//! Strings that were captured from a real phone stand as they were; T54W, T57W and D785 follow their makers' documents.

use std::time::Duration;

/// A vendor's way of setting phones up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// Yealink desk phones and DECT bases.
    Yealink,
    /// Snom D7xx.
    Snom,
}

/// The best protocol version of a phone's TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// 1.0 (RFC 2246), the end for firmware of the years before 2015.
    V1_0,
    /// 1.2 (RFC 5246).
    V1_2,
}

/// A model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Whose it is.
    pub maker: Maker,
    /// Its name in the shop: `T54W`, `D785`.
    pub name: &'static str,
    /// Its name in a PnP packet, and in a Snom's file names.
    pub pnp_model: &'static str,
    /// Its name in an HTTP User-Agent.
    pub agent_model: &'static str,
    /// Firmware version.
    pub firmware: &'static str,
    /// Number of a Yealink's common file; 0 where there is none.
    pub file_code: u16,
    /// Accounts it can hold.
    pub accounts: u8,
    /// Keys with a label.
    pub keys: u8,
    /// What its TLS can do.
    pub tls: TlsVersion,
    /// Whether its TLS does elliptic curves: without, it has no cipher in common with a modern server.
    pub elliptic: bool,
    /// Whether it has a certificate with its MAC address in it.
    pub certificate: bool,
    /// Whether it compares the name in a server's certificate with where it went.
    pub checks_name: bool,
    /// Whether its HTTP User-Agent says its MAC address.
    pub says_mac: bool,
    /// Whether it restarts whenever its settings change (DECT bases do).
    pub restarts_on_change: bool,
}

const YEALINK: Profile = Profile {
    maker: Maker::Yealink,
    name: "",
    pnp_model: "",
    agent_model: "",
    firmware: "",
    file_code: 0,
    accounts: 16,
    keys: 27,
    tls: TlsVersion::V1_2,
    elliptic: true,
    certificate: true,
    checks_name: false,
    says_mac: true,
    restarts_on_change: false,
};

const SNOM: Profile = Profile {
    maker: Maker::Snom,
    accounts: 12,
    keys: 24,
    certificate: true,
    checks_name: true,
    firmware: "10.1.198.19",
    ..YEALINK
};

impl Profile {
    /// Yealink T54W with firmware 96.86.
    pub const T54W: Self = Self {
        name: "T54W",
        pnp_model: "SIP-T54W",
        agent_model: "SIP-T54W",
        firmware: "96.86.0.70",
        file_code: 96,
        ..YEALINK
    };
    /// Snom D785 with firmware 10.1.198.
    pub const D785: Self = Self { name: "D785", pnp_model: "snomD785", agent_model: "snomD785", ..SNOM };

    /// The User-Agent of its HTTP requests.
    pub fn user_agent(&self, mac: &str) -> String {
        let Self { agent_model, firmware, .. } = self;
        match (self.maker, self.says_mac) {
            (Maker::Yealink, false) => format!("Yealink {agent_model} {firmware}"),
            (Maker::Yealink, true) => format!("Yealink {agent_model} {firmware} {}", with_colons(mac)),
            (Maker::Snom, _) => {
                let mac = mac.to_ascii_uppercase();
                format!(
                    "Mozilla/4.0 (compatible; {agent_model}-SIP {firmware} 2010.12-00001-gd311851f1 (Feb 25 2019 - \
                     14:19:43) {mac} SXM:0 UXM:0 UXMC:0)"
                )
            }
        }
    }

    /// The longest it waits for an answer to a request when its settings do not say.
    pub const fn patience(&self) -> Duration {
        match self.maker {
            Maker::Yealink => Duration::from_secs(5),
            Maker::Snom => Duration::from_secs(30),
        }
    }
}

fn with_colons(mac: &str) -> String {
    let pairs: Vec<&str> = (0..mac.len() / 2).filter_map(|at| mac.get(at * 2..at * 2 + 2)).collect();
    pairs.join(":")
}
