//! Attackers and benign days at the doorkeeper's door, with a clock that only moves when told to.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests begin time and may fail")]

mod attacks;
mod benign;
mod bounds;
mod door;
mod known;
mod restart;
