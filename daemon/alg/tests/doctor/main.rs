//! The doctor against a made-up world: servers with their ways, routers with theirs, on a clock of their own.
#![allow(clippy::disallowed_methods, reason = "a test begins time")]
#![allow(clippy::unwrap_used, reason = "the made-up world stops where it is surprised")]

mod helper;
mod honest;
mod hostile;
mod lent;
mod network;
mod passive;
mod recorded;
mod rewriters;
mod servers;
mod truth;
