//! The simulation: the real [`centrale_call_control::Exchange`] in an office of scripted phones and providers, on a virtual
//! clock and a virtual network, everything from one seed.
//!
//! In: a seed. Out: a [`Report`]: what happened, and which invariant broke if one did. [`scenario`] draws the office and what
//! its people do, [`world`] lets time pass, [`checks`] looks after every step, [`ladder`] shows it. Hours of office time take
//! milliseconds. It may read no clock of its own: the moment it begins at is passed in.

pub mod agent;
pub mod checks;
pub mod desk;
pub mod drill;
pub mod ladder;
pub mod media;
mod messages;
pub mod network;
pub mod scenario;
pub mod world;

pub use world::{Report, run};
