//! What is known of each model that is simulated: how it names itself, what its TLS can do, how many lines it has.
//!
//! Strings that were captured from a real phone stand as they were; T54W, T57W, D785 and the User-Agents of bases' PnP
//! packets but the W52P's follow their makers' documents.

use std::time::Duration;

/// A vendor's way of setting phones up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// Yealink desk phones and DECT bases.
    Yealink,
    /// Snom D7xx.
    Snom,
    /// Linphone, the app: no PnP, one file behind a link.
    Linphone,
}

/// The certificate that a phone came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnCertificate {
    /// It has none.
    None,
    /// Its own, with its MAC address, signed by its maker with SHA-256.
    Maker,
    /// The same, signed with SHA-1, as Snom's first authority did.
    MakerOfOld,
    /// One that it shares with all hardware older than certificates: it says "a Yealink", and not which.
    Shared,
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
    /// The version of the software that it came with.
    pub firmware: &'static str,
    /// Number of a Yealink's common file; 0 where there is none.
    pub file_code: u16,
    /// Accounts it can hold.
    pub accounts: u8,
    /// Keys with a label, on all its pages together.
    pub keys: u8,
    /// Its pages of keys. What a touch screen shows at once is one.
    pub pages: u8,
    /// Modules that it can carry.
    pub modules: u8,
    /// Keys of a module, on all pages together.
    pub module_keys: u8,
    /// A module's pages of keys.
    pub module_pages: u8,
    /// What its TLS can do.
    pub tls: TlsVersion,
    /// Whether its TLS does elliptic curves: without, it has no cipher in common with a modern server.
    pub elliptic: bool,
    /// What certificate it came with.
    pub certificate: OwnCertificate,
    /// Whether a Snom, from the factory, checks a server's certificate and compares its name with where it went.
    pub checks_servers: bool,
    /// Whether its HTTP User-Agent says its MAC address.
    pub says_mac: bool,
    /// Whether a Linphone says in a header that it is one; releases before 5.3 do not.
    pub says_linphone: bool,
    /// Whether it is a DECT base: its accounts are its handsets', and it restarts whenever its settings change.
    pub is_base: bool,
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
    pages: 3,
    modules: 3,
    module_keys: 60,
    module_pages: 3,
    tls: TlsVersion::V1_2,
    elliptic: true,
    certificate: OwnCertificate::Maker,
    checks_servers: false,
    says_mac: true,
    says_linphone: false,
    is_base: false,
};

const SNOM: Profile = Profile {
    maker: Maker::Snom,
    accounts: 12,
    keys: 24,
    pages: 4,
    modules: 4,
    module_keys: 18,
    module_pages: 1,
    checks_servers: true,
    firmware: "10.1.198.19",
    ..YEALINK
};

/// Firmware 8.9.3: servers are not checked, the phone's certificate is signed with SHA-1.
const OLD_SNOM: Profile = Profile {
    firmware: "8.9.3.80",
    checks_servers: false,
    keys: 5,
    pages: 1,
    modules: 3,
    accounts: 4,
    certificate: OwnCertificate::MakerOfOld,
    ..SNOM
};

/// An app checks the server's certificate and the name in it; it shows none of its own.
const LINPHONE: Profile = Profile {
    maker: Maker::Linphone,
    name: "Linphone",
    accounts: 1,
    keys: 0,
    modules: 0,
    certificate: OwnCertificate::None,
    checks_servers: true,
    says_mac: false,
    says_linphone: true,
    ..YEALINK
};

impl Profile {
    /// Yealink T19P E2, the last firmware it gets.
    pub const T19P_E2: Self = Self {
        name: "T19P_E2",
        pnp_model: "T19P_E2",
        agent_model: "SIP-T19P_E2",
        firmware: "53.84.0.125",
        file_code: 53,
        accounts: 1,
        keys: 0,
        modules: 0,
        certificate: OwnCertificate::None,
        ..YEALINK
    };
    /// The same as it names itself in PnP packets of some firmware, with the TLS that a published workaround leaves it.
    pub const T19P_E2_WITHOUT_CURVES: Self = Self { pnp_model: "T19D", elliptic: false, ..Self::T19P_E2 };
    /// Yealink T41S.
    pub const T41S: Self = Self {
        name: "T41S",
        pnp_model: "SIP-T41S",
        agent_model: "SIP-T41S",
        firmware: "66.86.0.15",
        file_code: 68,
        accounts: 6,
        keys: 15,
        modules: 0,
        ..YEALINK
    };
    /// Yealink T42S whose User-Agent says no MAC address, as captured from a T46S of the same firmware.
    pub const T42S: Self = Self {
        name: "T42S",
        pnp_model: "SIP-T42S",
        agent_model: "SIP-T42S",
        file_code: 67,
        accounts: 12,
        says_mac: false,
        ..Self::T41S
    };
    /// Yealink T46G.
    pub const T46G: Self = Self {
        name: "T46G",
        pnp_model: "SIP-T46G",
        agent_model: "SIP-T46G",
        firmware: "28.83.0.120",
        file_code: 28,
        modules: 6,
        module_keys: 40,
        module_pages: 2,
        ..YEALINK
    };
    /// The same from the years before phones had certificates, with firmware of today.
    pub const T46G_SHARED_CERTIFICATE: Self = Self { certificate: OwnCertificate::Shared, ..Self::T46G };
    /// The same with firmware of the years before it learnt TLS 1.2.
    pub const T46G_OLD: Self = Self { firmware: "28.72.0.1", tls: TlsVersion::V1_0, ..Self::T46G };
    /// Yealink T53W.
    pub const T53W: Self = Self {
        name: "T53W",
        pnp_model: "SIP-T53W",
        agent_model: "SIP-T53W",
        firmware: "96.87.0.16",
        file_code: 95,
        accounts: 12,
        keys: 21,
        ..YEALINK
    };
    /// Yealink T54W with firmware 96.86.
    pub const T54W: Self = Self {
        name: "T54W",
        pnp_model: "SIP-T54W",
        agent_model: "SIP-T54W",
        firmware: "96.86.0.70",
        file_code: 96,
        ..YEALINK
    };
    /// The same without a certificate of its own.
    pub const T54W_WITHOUT_CERTIFICATE: Self = Self { certificate: OwnCertificate::None, ..Self::T54W };
    /// The T53W, likewise.
    pub const T53W_WITHOUT_CERTIFICATE: Self = Self { certificate: OwnCertificate::None, ..Self::T53W };
    /// The T57W, likewise.
    pub const T57W_WITHOUT_CERTIFICATE: Self = Self { certificate: OwnCertificate::None, ..Self::T57W };
    /// Yealink T57W.
    pub const T57W: Self = Self {
        name: "T57W",
        pnp_model: "SIP-T57W",
        agent_model: "SIP-T57W",
        firmware: "96.86.0.70",
        file_code: 97,
        keys: 29,
        pages: 1,
        ..YEALINK
    };
    /// Yealink W60B, the DECT base of the W60P.
    pub const W60B: Self = Self {
        name: "W60B",
        pnp_model: "W60B",
        agent_model: "W60B",
        firmware: "77.85.0.160",
        file_code: 77,
        accounts: 8,
        keys: 0,
        modules: 0,
        is_base: true,
        ..YEALINK
    };
    /// Yealink W52P, the DECT base before it, whose PnP packet was captured. It knows TLS 1.0 and nothing newer.
    pub const W52P: Self = Self {
        name: "W52P",
        pnp_model: "W52P",
        agent_model: "W52P",
        firmware: "25.81.0.10",
        file_code: 25,
        accounts: 5,
        keys: 0,
        modules: 0,
        tls: TlsVersion::V1_0,
        certificate: OwnCertificate::Shared,
        is_base: true,
        ..YEALINK
    };
    /// Snom D785 with firmware 10.1.198.
    pub const D785: Self = Self { name: "D785", pnp_model: "snomD785", agent_model: "snomD785", ..SNOM };
    /// Snom D735.
    pub const D735: Self =
        Self { name: "D735", pnp_model: "snomD735", agent_model: "snomD735", keys: 32, modules: 3, ..SNOM };
    /// Snom D717.
    pub const D717: Self = Self {
        name: "D717",
        pnp_model: "snomD717",
        agent_model: "snomD717",
        keys: 3,
        pages: 1,
        modules: 3,
        accounts: 6,
        ..SNOM
    };
    /// Snom D710, which names itself without the D.
    pub const D710: Self = Self { name: "D710", pnp_model: "snom710", agent_model: "snom710", modules: 0, ..OLD_SNOM };
    /// Snom D715.
    pub const D715: Self = Self { name: "D715", pnp_model: "snom715", agent_model: "snom715", ..OLD_SNOM };
    /// Snom D725.
    pub const D725: Self =
        Self { name: "D725", pnp_model: "snom725", agent_model: "snom725", keys: 18, accounts: 12, ..OLD_SNOM };

    /// Linphone on Android.
    pub const LINPHONE_ANDROID: Self =
        Self { agent_model: "LinphoneAndroid/5.2.5 (Nokia 6.1) LinphoneSDK/5.3.47 (tags/5.3.47^0)", ..LINPHONE };
    /// Linphone on an iPhone.
    pub const LINPHONE_IOS: Self =
        Self { agent_model: "LinphoneiOS/4.3.0 (Bob's iPhone) LinphoneSDK/4.4.0", ..LINPHONE };
    /// Linphone on a desk.
    pub const LINPHONE_DESKTOP: Self =
        Self { agent_model: "Linphone Desktop/4.2.5 (macOS 10.15, Qt 5.15.2)", ..LINPHONE };
    /// Debian's liblinphone 5.1: it sends no header of its own, and does not know its name yet.
    pub const LINPHONE_DEBIAN: Self = Self { agent_model: "Unknown", says_linphone: false, ..LINPHONE };

    /// Every desk phone and base that the box sets up by itself, in each way to behave that is known.
    pub const DESK: [Self; 18] = [
        Self::T19P_E2,
        Self::T41S,
        Self::T42S,
        Self::T46G,
        Self::T46G_SHARED_CERTIFICATE,
        Self::T53W,
        Self::T53W_WITHOUT_CERTIFICATE,
        Self::T54W,
        Self::T54W_WITHOUT_CERTIFICATE,
        Self::T57W,
        Self::T57W_WITHOUT_CERTIFICATE,
        Self::W60B,
        Self::D785,
        Self::D735,
        Self::D717,
        Self::D710,
        Self::D715,
        Self::D725,
    ];

    /// The User-Agent of its SIP messages. A desk phone says there what it is, and not which.
    pub fn sip_user_agent(&self, firmware: &str) -> String {
        let Self { agent_model, .. } = self;
        match self.maker {
            Maker::Yealink => format!("Yealink {agent_model} {firmware}"),
            Maker::Snom => format!("{agent_model}/{firmware}"),
            Maker::Linphone if *agent_model == "Unknown" => "Linphone (belle-sip)".to_owned(),
            Maker::Linphone => (*agent_model).to_owned(),
        }
    }

    /// The User-Agent of its HTTP requests.
    pub fn user_agent(&self, firmware: &str, mac: &str) -> String {
        let Self { agent_model, .. } = self;
        match (self.maker, self.says_mac) {
            (Maker::Linphone, _) => (*agent_model).to_owned(),
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
            Maker::Snom | Maker::Linphone => Duration::from_secs(30),
        }
    }
}

fn with_colons(mac: &str) -> String {
    let pairs: Vec<&str> = (0..mac.len() / 2).filter_map(|at| mac.get(at * 2..at * 2 + 2)).collect();
    pairs.join(":")
}
