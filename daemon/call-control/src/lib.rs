//! The exchange: calls, legs, forking, trunks. One pure state machine.

mod record;
pub mod view;

pub use record::{CallRecord, Outcome};
