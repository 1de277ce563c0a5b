//! What the office decided: people, numbers, phones, trunks, ring groups. Typed and validated.
//!
//! In: the text of an office file, or a single [`Change`](change) made on the page. Out: an [`Office`] that is whole and
//! consistent, or a list of refusals that each name the line and the reason. It may not read files, know SQL or the
//! network. Secrets live here as [`Secret`], which cannot be printed.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

mod identifiers;
mod office;
mod secret;

pub use identifiers::{ExtensionNumber, IdentifierError, Mac, OutsideNumber};
pub use office::{
    Country, Credential, Inbound, Language, Office, OfficeIdentity, Person, Phone, RingGroup, Server, Settled, Trunk,
    TrunkTransport,
};
pub use secret::Secret;
