//! The edge as browsers and phones meet it: its two routers, and once its ports.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod administration;
mod alerts;
mod audit;
mod authenticator;
mod by_phone;
mod contacts;
mod costs;
mod decks;
mod doctor;
mod document;
mod doors;
mod events;
mod factor;
mod finding;
mod forwards;
mod guard;
mod health;
mod in_force;
mod incidents;
mod kit;
mod logo;
mod mailbox;
mod office;
mod once;
mod outfit;
mod passkeys;
mod phones;
mod premium;
mod proofs;
mod retention;
mod roles;
mod rules;
mod session;
mod statement;
mod stops;
mod tried;
mod undos;
mod users;
mod whole;
mod wipe;
mod wire;
