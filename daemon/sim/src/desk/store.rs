//! What a phone keeps in flash: settings, certificates, the files it read last.

use std::collections::BTreeMap;

use bytes::Bytes;
use centrale_sip::flow::Transport;

/// Certificates a phone has room for.
const MAX_CERTIFICATES: usize = 10;

/// A phone's flash.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    /// One value by key, as last written.
    pub(super) values: BTreeMap<String, String>,
    /// The values of keys that one file may hold several times.
    pub(super) repeated: BTreeMap<String, Vec<String>>,
    /// What the person at the phone changed by hand.
    pub(super) by_hand: BTreeMap<String, String>,
    /// Files as they were when they were last applied, by name.
    pub(super) files: BTreeMap<String, Bytes>,
    /// Authorities, as the base64 of their certificates.
    pub(super) certificates: Vec<String>,
    /// Where certificates and pictures were already fetched from.
    pub(super) fetched: Vec<String>,
    /// The picture that was fetched last, by the end of its address.
    pub(super) picture: Option<(String, Bytes)>,
}

impl Store {
    /// A value; empty when there is none.
    pub(super) fn value(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    /// A value or what it is from the factory.
    pub(super) fn value_or<'a>(&'a self, key: &str, factory: &'a str) -> &'a str {
        self.values.get(key).map_or(factory, String::as_str)
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.value(key).trim().parse().ok()
    }

    /// The picture that is to be fetched: it was not yet.
    pub(super) fn new_picture(&self, key: &str) -> Option<String> {
        let url = self.value(key);
        (!url.is_empty() && !self.fetched.iter().any(|known| known == url)).then(|| url.to_owned())
    }

    /// Takes a picture; what is none leaves the one before.
    pub(super) fn keep_picture(&mut self, url: &str, picture: Bytes) {
        self.fetched.push(url.to_owned());
        if picture.starts_with(b"\x89PNG\r\n\x1a\n") {
            self.picture = Some((url.rsplit('/').next().unwrap_or_default().to_owned(), picture));
        }
    }

    /// The picture behind what the screen shows, if the one of this name was fetched: its name and size.
    pub(super) fn shown_picture(&self, name: &str) -> Option<String> {
        let (known, picture) = self.picture.as_ref().filter(|(known, _)| known == name)?;
        // Width and height stand at the beginning of every PNG (its specification, 11.2.2).
        let side = |at: usize| Some(u32::from_be_bytes(picture.get(at..at + 4)?.try_into().ok()?));
        Some(format!("{known} {}x{}", side(16)?, side(20)?))
    }

    /// Learns an authority; a known one twice is one.
    pub(super) fn trust(&mut self, base64: String) {
        if !base64.is_empty() && !self.certificates.contains(&base64) && self.certificates.len() < MAX_CERTIFICATES {
            self.certificates.push(base64);
        }
    }
}

/// An account as a phone reads it out of its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which, from 1.
    pub index: u8,
    /// What stands on the display.
    pub label: String,
    /// The user part of its address.
    pub number: String,
    /// Digest user name.
    pub username: String,
    /// Digest secret; empty where it was told a digest alone.
    pub password: String,
    /// The digest's algorithm and HA1 in its place (RFC 7616 3.4.2), as hexadecimal text.
    pub digest: Option<(String, String)>,
    /// Registrar: an address or a name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How to reach it.
    pub transport: Transport,
    /// Whether speech is encrypted.
    pub srtp: bool,
    /// For how long it registers, seconds.
    pub expires: u32,
}

/// The base64 of the first certificate of a PEM text, or of a DER file's own bytes when it is no PEM (not supported:
/// empty then).
pub(super) fn base64_of_pem(pem: &[u8]) -> String {
    let text = String::from_utf8_lossy(pem);
    let mut inside = text.lines().map(str::trim).skip_while(|line| *line != "-----BEGIN CERTIFICATE-----").skip(1);
    inside.by_ref().take_while(|line| !line.starts_with("-----")).collect()
}
