//! Recognises a phone, chooses its template, renders its files, keeps its tokens.
//!
//! In: what was heard from a phone (a PnP packet, an HTTP request, facts about the connection), the office, the time and
//! a random generator, all as values. Out: answers as bytes and effects as values: what to save, to show, to warn of.
//! It may not touch a socket, a clock, a disk or the system's randomness, and it never writes a secret anywhere but into
//! the answer to the one phone it is meant for.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

pub mod catalogue;
pub mod dhcp;
pub mod enrolment;
mod keys;
pub mod logo;
pub mod phonebook;
pub mod pnp;
pub mod recognise;

pub use catalogue::{Catalogue, CatalogueError, Model};
pub use enrolment::{Enrolment, Moment};
pub use logo::{Logo, LogoRefused};
pub use phonebook::{Book, PhoneBook};
