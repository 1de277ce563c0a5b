//! The manifests: `<vendor>/vendor.toml` and `<vendor>/<family>/manifest.toml`.

use std::collections::BTreeMap;

use centrale_config::Mac;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{CatalogueError, fault};
use crate::recognise::Dialect;

/// What is the same for every phone of a maker.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Folder name, for example `yealink`; also what the page calls the maker.
    #[serde(skip)]
    pub id: String,
    /// Name as the maker writes it.
    pub name: String,
    /// How its phones speak.
    pub dialect: Dialect,
    /// How it is written in PnP packets; compared without case.
    pub pnp_names: Vec<String>,
    /// The first six hexadecimal digits of its MAC addresses, lower case.
    pub ouis: Vec<String>,
    /// The certificate that it puts into its phones, if it does.
    #[serde(default)]
    pub certificate: Option<DeviceCertificate>,
    /// What it calls time zones, languages and tones.
    pub words: Words,
}

/// The certificate that a maker puts into each phone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceCertificate {
    /// How the subject's common name is made.
    pub common_name: CommonName,
    /// The common names of who signs it. Anybody can write them: they count with the maker's authority alone.
    pub issuers: Vec<String>,
}

/// A common name with `{mac}` where a phone's MAC address stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct CommonName {
    before: String,
    after: String,
}

impl CommonName {
    /// The MAC address in a name that is made like this, however the twelve digits are written.
    pub fn mac_in(&self, name: &str) -> Option<Mac> {
        name.trim().strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?.parse().ok()
    }
}

impl TryFrom<String> for CommonName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (before, after) =
            text.split_once("{mac}").ok_or("a common name says with {mac} where the address stands")?;
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }
}

/// A maker's words for what an office decides. The key is ours, the value goes into the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// By IANA name, and by country (`NL`, `BE`) for a zone that has no entry.
    pub time_zone: BTreeMap<String, String>,
    /// By country.
    pub tones: BTreeMap<String, String>,
    /// By language: `nl`, `fr`, `en`, `de`.
    pub language: BTreeMap<String, String>,
}

/// Which template makes which file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The list of files to read, where phones want one first (Yealink `<mac>.boot`).
    pub boot: Option<String>,
    /// The first file, sent in clear over HTTP: clock, certificate, where to ask next. Never a secret.
    pub bootstrap: Option<String>,
    /// What a phone gets until somebody says whose it is: a code on its display, no account.
    pub waiting: Option<String>,
    /// Everything, over HTTPS.
    pub phone: String,
}

/// What proves a phone's MAC address when it speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateKind {
    /// Each phone has its own, with the MAC address as CN.
    Unique,
    /// As `Unique`, but old hardware holds one that many phones share.
    UniqueOrGeneric,
    /// None.
    None,
}

/// How well a model is known to us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// From the maker's documents and from what other systems write to it; no real one was at hand.
    #[default]
    Documents,
    /// Tried by us on a real one.
    Tried,
}

/// A screen that a picture fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// In pixels.
    #[serde(deserialize_with = "side")]
    pub width: u16,
    /// In pixels.
    #[serde(deserialize_with = "side")]
    pub height: u16,
    /// What is around the logo: what the phone writes over it must stand out.
    pub ground: Ground,
}

/// A colour, written as six hexadecimal digits: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Ground(pub [u8; 3]);

impl TryFrom<String> for Ground {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "a colour is six hexadecimal digits";
        let part = |at: usize| text.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok()).ok_or(wrong);
        if text.len() == 6 { Ok(Self([part(0)?, part(2)?, part(4)?])) } else { Err(wrong) }
    }
}

fn side<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let side = u16::deserialize(deserializer)?;
    if (64..=2048).contains(&side) { Ok(side) } else { Err(D::Error::custom("a screen has 64 to 2048 pixels a side")) }
}

/// One model of phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Maker's folder name.
    #[serde(skip_deserializing)]
    pub vendor: String,
    /// The name on the box and on the page, for example `T54W`.
    pub name: String,
    /// Other ways in which phones of this model write it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Number in the name of the file that all phones of the model share (`y0000000000NN.cfg`), where there is one.
    #[serde(default)]
    pub file_code: Option<u16>,
    /// First numbers of the firmware versions made for it, as a hint for people.
    #[serde(default)]
    pub firmware_prefixes: Vec<u16>,
    /// Of a DECT base: the handsets it serves, by model. Each has an account of the base and no file of its own.
    #[serde(default)]
    pub handsets: Vec<String>,
    /// SIP accounts the phone holds; those we do not use are switched off one by one.
    pub accounts: u16,
    /// Keys that can be programmed, on all pages, without modules.
    pub line_keys: u16,
    /// Of those, how many there are to press; 0 where they are on a touch screen.
    pub physical_line_keys: u16,
    /// Pages that they are on; 0 where there are none.
    #[serde(default = "one_page")]
    pub pages: u16,
    /// The kind of expansion module it can carry, for people.
    #[serde(default)]
    pub expansion: Option<String>,
    /// How many of those it can carry.
    #[serde(default)]
    pub modules: u8,
    /// Keys on each, all pages together.
    #[serde(default)]
    pub module_keys: u16,
    /// Display, for people.
    pub display: String,
    /// The screen that the office's logo is drawn for, where it is known how the phone takes one.
    #[serde(default)]
    pub logo: Option<Screen>,
    /// Codecs it knows, lower case.
    pub codecs: Vec<String>,
    /// What proves its MAC address.
    pub certificate: CertificateKind,
    /// Whether it may be told to signal over TLS.
    pub tls: bool,
    /// Whether it may be told to encrypt speech (SDES).
    pub srtp: bool,
    /// How well the entry is known.
    #[serde(default)]
    pub confidence: Confidence,
    /// What in it is only general knowledge, or told in two ways: to be watched on the first phone of the kind.
    #[serde(default)]
    pub unverified: Vec<String>,
    /// What to know before touching its template.
    #[serde(default)]
    pub quirks: Vec<String>,
    /// Its templates.
    #[serde(skip)]
    pub files: Option<Files>,
}

const fn one_page() -> u16 {
    1
}

impl Model {
    /// Whether it is a DECT base, with a person per handset.
    pub fn is_base(&self) -> bool {
        !self.handsets.is_empty()
    }

    /// Whether expansion modules of this model may be of a kind that another carries, too (`EXP50 or EXP43` names two kinds).
    pub fn takes_modules_of(&self, other: &Self) -> bool {
        let (Some(ours), Some(theirs)) = (&self.expansion, &other.expansion) else { return false };
        ours.split(" or ").any(|kind| theirs.split(" or ").any(|other| other == kind))
    }

    /// How many handsets it carries: one an account; none when it is no base.
    pub fn most_handsets(&self) -> u16 {
        if self.is_base() { self.accounts } else { 0 }
    }
}

/// A family manifest as it is written: `[common]` holds what models leave out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyManifest {
    files: Files,
    #[serde(default)]
    common: toml::Table,
    model: Vec<toml::Spanned<toml::Table>>,
}

/// Reads `<vendor>/vendor.toml`.
pub(super) fn read_vendor(path: &str, id: &str, text: &str) -> Result<Vendor, CatalogueError> {
    let mut vendor: Vendor = toml::from_str(text).map_err(|cause| CatalogueError::manifest(path, text, 0, &cause))?;
    id.clone_into(&mut vendor.id);
    match vendor.ouis.iter().find(|oui| !is_oui(oui)) {
        Some(odd) => {
            let line = fault::line_with(text, &format!("\"{odd}\""));
            Err(CatalogueError::Oui { path: path.to_owned(), line, oui: odd.clone() })
        }
        None => Ok(vendor),
    }
}

/// Reads `<vendor>/<family>/manifest.toml`: every model, with the line at which it begins.
pub(super) fn read_family(path: &str, vendor: &str, text: &str) -> Result<Vec<(usize, Model)>, CatalogueError> {
    let wrong = |from, cause: &toml::de::Error| CatalogueError::manifest(path, text, from, cause);
    let family: FamilyManifest = toml::from_str(text).map_err(|cause| wrong(0, &cause))?;
    let read = |table: toml::Spanned<toml::Table>| {
        let from = table.span().start;
        let mut whole = family.common.clone();
        whole.extend(table.into_inner());
        let mut model: Model = whole.try_into().map_err(|cause| wrong(from, &cause))?;
        vendor.clone_into(&mut model.vendor);
        model.files = Some(family.files.clone());
        Ok((fault::line_at(text, from), model))
    };
    family.model.into_iter().map(read).collect()
}

fn is_oui(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panic")]

    use super::*;

    #[test]
    fn a_makers_certificate_names_its_phone_where_the_manifest_says() {
        let read = |text: &str| toml::from_str::<DeviceCertificate>(text).map_err(|fault| fault.message().to_owned());
        let certificate = read("common_name = \"phone {mac} of ours\"\nissuers = []").unwrap();
        let mac = |name: &str| certificate.common_name.mac_in(name).map(|mac| mac.to_string());
        assert_eq!(mac("phone 80:5E:C0:00:00:15 of ours").as_deref(), Some("805ec0000015"));
        for other in ["80:5e:c0:00:00:15", "phone of ours", "phone 805ec0000015 of theirs", ""] {
            assert_eq!(mac(other), None, "{other}");
        }
        assert!(read("common_name = \"mac\"\nissuers = []").unwrap_err().contains("{mac}"));
    }
}
