//! Everything a template may say, as one value.

use centrale_config::ExtensionNumber;
use minijinja::Value;
use serde::{Serialize, Serializer};

use super::manifest::Model;
use crate::keys::Key;

/// The names that templates use are the names of these fields: `{{ account.number }}`, `{{ office.ntp }}`.
#[derive(Serialize)]
pub(crate) struct Sheet<'a> {
    pub(crate) phone: PhoneSheet<'a>,
    pub(crate) model: &'a Model,
    pub(crate) office: OfficeSheet<'a>,
    pub(crate) words: WordsSheet<'a>,
    pub(crate) provisioning: ProvisioningSheet<'a>,
    /// One per handset of a base, else one; none in the files that hold no secret.
    pub(crate) accounts: &'a [AccountSheet<'a>],
    /// The first of them.
    pub(crate) account: Option<&'a AccountSheet<'a>>,
    pub(crate) web: Option<WebSheet<'a>>,
    /// The phone's own software, where the box has some for it.
    pub(crate) firmware: Option<FirmwareSheet<'a>>,
    pub(crate) logo: Option<LogoSheet>,
    /// The phone's own keys that do something, from the first on.
    pub(crate) keys: &'a [Key],
    /// The same of each module that is plugged in.
    pub(crate) modules: &'a [Vec<Key>],
}

/// The phone itself.
#[derive(Serialize)]
pub(crate) struct PhoneSheet<'a> {
    /// Twelve lower-case digits.
    pub(crate) mac: String,
    /// Four digits, shown by the phone and on the page until it is adopted.
    pub(crate) code: &'a str,
    /// Rises when a phone must read a file that is otherwise the same.
    pub(crate) generation: u32,
}

/// The office.
#[derive(Serialize)]
pub(crate) struct OfficeSheet<'a> {
    /// `NL` or `BE`.
    pub(crate) country: &'static str,
    /// `nl`, `fr`, `en` or `de`.
    pub(crate) language: &'static str,
    /// Time server.
    pub(crate) ntp: &'a str,
    /// The country's emergency numbers, the most general first.
    pub(crate) emergency: &'static [&'static str],
    /// The VLAN for phones, where there is one.
    pub(crate) vlan: Option<u16>,
    /// Dialled before a number, takes over the call that rings there.
    pub(crate) pickup_code: &'static str,
    /// What is dialled to hear one's messages.
    pub(crate) voicemail_code: &'static str,
}

/// The office's choices in the maker's words. Empty when the maker has none.
#[derive(Serialize)]
pub(crate) struct WordsSheet<'a> {
    pub(crate) time_zone: &'a str,
    pub(crate) tones: &'a str,
    pub(crate) language: &'a str,
}

/// Where the phone gets its files.
#[derive(Serialize)]
pub(crate) struct ProvisioningSheet<'a> {
    /// The address to ask from now on.
    pub(crate) url: &'a str,
    /// The address of the phone's own file beside the one that is being read.
    pub(crate) config_url: &'a str,
    /// The address of the certificate.
    pub(crate) ca_url: &'a str,
    /// The certificate without its BEGIN and END lines.
    pub(crate) ca_base64: Value,
    /// The address of the phone book.
    pub(crate) phone_book_url: &'a str,
    /// Minutes between two looks for changes.
    pub(crate) poll_minutes: u32,
    /// Whether the phone reads its account in clear, and so was shown no certificate to know the box by.
    pub(crate) in_clear: bool,
}

/// The SIP account.
#[derive(Serialize)]
pub(crate) struct AccountSheet<'a> {
    /// Internal number.
    #[serde(serialize_with = "number_text")]
    pub(crate) number: &'a ExtensionNumber,
    /// Which of the phone's accounts it is: on a base the place of its handset, else 1.
    pub(crate) place: u8,
    /// What the phone shows on its key: number and name.
    pub(crate) label: String,
    /// Whether the person has a mailbox.
    pub(crate) mailbox: bool,
    /// Model of the handset that the account is for; empty on a desk phone, and when nobody said.
    pub(crate) handset: &'a str,
    /// Name, without what SIP cannot carry in a quoted string.
    pub(crate) display_name: String,
    /// Digest user name.
    pub(crate) username: String,
    /// Digest password.
    pub(crate) password: String,
    /// Digest realm.
    pub(crate) realm: &'a str,
    /// In place of the password.
    pub(crate) digest: Digest,
    /// Where to register.
    pub(crate) server: &'a str,
    /// The same as it stands in a URI: IPv6 in brackets.
    pub(crate) uri_host: &'a str,
    pub(crate) port: u16,
    /// `udp`, `tcp` or `tls`.
    pub(crate) transport: &'static str,
    /// Whether speech is encrypted.
    pub(crate) srtp: bool,
    pub(crate) expires_seconds: u32,
}

/// A(1) of RFC 7616 3.4.2: the hash of username, realm and password.
#[derive(Serialize)]
pub(crate) struct Digest {
    pub(crate) algorithm: &'static str,
    pub(crate) ha1: String,
}

/// The phone's own software.
#[derive(Serialize)]
pub(crate) struct FirmwareSheet<'a> {
    /// As its maker writes it.
    pub(crate) version: &'a str,
    /// The address of the file.
    pub(crate) url: String,
    /// The address of the list that Snom phones want.
    pub(crate) status_url: String,
}

/// The office's logo.
#[derive(Serialize)]
pub(crate) struct LogoSheet {
    /// The address of a picture of the size of the phone's screen.
    pub(crate) url: String,
    /// Its name: the end of the address.
    pub(crate) name: String,
}

/// Passwords of the phone's own page.
#[derive(Serialize)]
pub(crate) struct WebSheet<'a> {
    pub(crate) administrator: &'a str,
    pub(crate) user: &'a str,
    pub(crate) various: &'a str,
}

fn number_text<S: Serializer>(number: &ExtensionNumber, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(number.as_str())
}
