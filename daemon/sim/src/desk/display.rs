//! What a person in front of the phone sees.

use std::fmt;

use centrale_sip::message::Status;

use super::keys::{Key, Seen, Spot};
use super::station::Standing;
use super::wire::TlsFault;
use super::{DeskPhone, Maker, snom, yealink};
use crate::agent::Lamp;

/// Why the settings could not be read the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No server there, or files that always broke off.
    Unreachable,
    /// The server had none of the phone's files.
    NoFiles,
    /// It wanted a password.
    Denied,
    /// TLS failed.
    Tls(TlsFault),
    /// An app's link gave it nothing.
    Link,
}

impl Trouble {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "server unreachable",
            Self::NoFiles => "no settings found",
            Self::Denied => "server asks for a password",
            Self::Tls(fault) => fault.words(),
            Self::Link => "provisioning failed",
        }
    }
}

/// The display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The big line: whose phone it is, or that it has no service.
    pub title: String,
    /// The small line under it: what goes wrong, if something does.
    pub message: Option<String>,
    /// The labels beside its keys, in order.
    pub keys: Vec<String>,
    /// The picture behind all that, with its size, where it is not the one it came with.
    pub picture: Option<String>,
    /// Every key that does something, on all pages and modules, with its lamp.
    pub lamps: Vec<Seen>,
    /// New messages that wait; where there are any its message lamp is lit.
    pub messages: u32,
}

impl Display {
    /// The lamp of a key; off where there is none.
    pub fn lamp(&self, spot: Spot) -> Lamp {
        self.lamps.iter().find(|seen| seen.spot == spot).map_or(Lamp::Off, |seen| seen.lamp)
    }

    /// Where the key with this label is.
    pub fn spot(&self, label: &str) -> Option<Spot> {
        self.lamps.iter().find(|seen| seen.label == label).map(|seen| seen.spot)
    }

    /// The lamps that are not off, in a sentence each: `key 2 on page 1 (Anna) is blinking`.
    pub fn lit(&self) -> Vec<String> {
        let said = |seen: &Seen| {
            let how = match seen.lamp {
                Lamp::Off => return None,
                Lamp::Blinking => "is blinking",
                Lamp::On => "is on",
            };
            Some(format!("{} ({}) {how}", seen.spot, seen.label))
        };
        self.lamps.iter().filter_map(said).collect()
    }
}

impl fmt::Display for Display {
    /// `title (message) [key, key]`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        if let Some(message) = &self.message {
            write!(f, " ({message})")?;
        }
        if self.keys.is_empty() { Ok(()) } else { write!(f, " [{}]", self.keys.join(", ")) }
    }
}

impl DeskPhone {
    /// What a person sees on it now.
    pub fn display(&self) -> Display {
        let picture = match self.profile.maker {
            Maker::Yealink => yealink::picture(&self.store),
            Maker::Snom => snom::picture(&self.store),
            Maker::Linphone => None,
        };
        let seen = |key: Key| Seen { lamp: self.lamp(&key), spot: key.spot, label: key.label };
        let lamps: Vec<Seen> = self.keys().into_iter().map(seen).collect();
        let own = lamps.iter().filter(|seen| seen.spot.module == 0 && !seen.label.is_empty());
        let keys = own.map(|seen| seen.label.clone()).collect();
        let failed = self.stations.iter().find_map(|station| match station.standing {
            Standing::Failed(status) => Some(failure(status)),
            Standing::Trying | Standing::Registered => None,
        });
        let title = match self.stations.first() {
            None => "No service".to_owned(),
            Some(first) if first.standing == Standing::Registered => first.account.label.clone(),
            Some(first) => format!("{}: not registered", first.account.label),
        };
        let message = failed.or_else(|| self.trouble.map(|trouble| trouble.words().to_owned()));
        Display { title, message, keys, picture, lamps, messages: self.messages() }
    }

    /// Its accounts that are registered.
    pub fn registered(&self) -> usize {
        self.stations.iter().filter(|station| station.standing == Standing::Registered).count()
    }
}

fn failure(status: Status) -> String {
    match status {
        Status::UNAUTHORIZED | Status::FORBIDDEN => "wrong user name or password".to_owned(),
        Status::REQUEST_TIMEOUT => "exchange does not answer".to_owned(),
        other => format!("exchange says {}", other.code()),
    }
}
