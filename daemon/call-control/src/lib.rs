//! The exchange: calls, legs, forking, trunks. One pure state machine.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

mod record;
pub mod view;

pub use record::{CallRecord, Outcome};
