//! Contacts outside, and files of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was read of a file of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadContacts {
    /// How many contacts can be added.
    pub(crate) added: usize,
    /// How many the office has already.
    pub(crate) known: usize,
    /// What cannot be taken: the first hundred.
    pub(crate) refused: Vec<RefusedContact>,
    /// How much cannot be taken.
    pub(crate) refused_count: usize,
}

/// Something in a file of contacts that cannot be taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedContact {
    /// The line on which its contact begins, from 1.
    pub(crate) line: u32,
    /// What the contact is called, as far as that could be read.
    pub(crate) name: String,
    /// Stable word that the page translates.
    pub(crate) code: &'static str,
    /// A sentence.
    pub(crate) detail: String,
    /// Whether the contact itself is taken, without the number that is wrong.
    pub(crate) rest_taken: bool,
}

/// Everybody's contacts outside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contacts {
    /// By name.
    pub(crate) contacts: Vec<Contact>,
}

/// Somebody outside, in the phone book of every phone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Contact {
    /// Name.
    pub(crate) name: String,
    /// Where they work; empty when nobody said.
    pub(crate) company: String,
    /// 1 to 5 numbers, the usual one first: in E.164 or as they are dialled inside the country; written in any usual way.
    pub(crate) numbers: Vec<String>,
}
