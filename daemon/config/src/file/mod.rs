//! The office as one readable TOML file.
//!
//! Reading goes in three steps, so that every fault is told at once with its line: the text becomes tables with the
//! place of each value (`tables`), the tables become entries under the rules of each field (`read`), the entries are
//! checked against each other. Writing is the inverse. Secrets are written encrypted or not at all.

mod draft;
mod read;
mod tables;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use crate::{ExtensionNumber, Secret};

pub use draft::Draft;
pub use read::{parse_kept_office, parse_office};
pub use write::write_office;

/// Something in an office file that is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}: {key}: {reason}")]
pub struct Refusal {
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in that line, from 1, in characters.
    pub column: usize,
    /// Table and key, for example `person.number`.
    pub key: String,
    /// Stable word for programs, the same as for a change on the page, for example `number-taken`.
    pub code: &'static str,
    /// What is wrong, in a sentence. Never holds a secret.
    pub reason: String,
}

/// Whose secret it is. Encryption is bound to it, so that a value cannot be moved to another entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPlace<'a> {
    /// A person's SIP password.
    Person(&'a ExtensionNumber),
    /// A trunk's password, by the trunk's name.
    Trunk(&'a str),
    /// The PIN of a conference room.
    Conference(&'a ExtensionNumber),
    /// The password at the mail server.
    MailServer,
    /// The office's PIN.
    Pin,
}

impl fmt::Display for SecretPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(number) => write!(f, "person/{number}/sip_password"),
            Self::Trunk(name) => write!(f, "trunk/{name}/password"),
            Self::Conference(number) => write!(f, "conference/{number}/pin"),
            Self::MailServer => f.write_str("alerts/password"),
            Self::Pin => f.write_str("office/pin"),
        }
    }
}

/// How the secrets of an exported office are written. There is no way to write them in clear.
#[derive(Clone, Copy)]
pub enum ExportSecrets<'a> {
    /// Encrypted by this function; only the box that wrote them reads them back.
    Encrypted(&'a dyn Fn(SecretPlace<'_>, &Secret) -> String),
    /// Left out: for looking, and for carrying people to another box.
    Omitted,
}
