//! What a person in front of the phone sees.

use std::fmt;

use centrale_sip::message::Status;

use super::station::Standing;
use super::wire::TlsFault;
use super::{DeskPhone, Maker, snom, yealink};

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
        let (keys, picture) = match self.profile.maker {
            Maker::Yealink => (yealink::key_labels(&self.store, &self.profile), yealink::picture(&self.store)),
            Maker::Snom => (snom::key_labels(&self.store, &self.profile), snom::picture(&self.store)),
            Maker::Linphone => (Vec::new(), None),
        };
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
        Display { title, message, keys, picture }
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
