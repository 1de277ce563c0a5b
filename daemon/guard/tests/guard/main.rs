//! What the guard lets pass and what it stops, as an office and its provider would notice it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests begin time and may fail"
)]

mod caps;
mod clocks;
mod days;
mod draw;
mod office;
mod patterns;
mod policy;
mod premium;
mod spell;
mod spellings;
mod usage;
