//! E.164, the Dutch and Belgian number plans, the emergency numbers, and what a call costs.
//!
//! In: whatever a person types or a phone sends. Out: one canonical number with the class that decides what it may
//! cost, or the reason why it is no number; and what a call to it costs, by the provider's tariff deck ([`deck`]) or at
//! the most. [`is_emergency`] stands apart: exact, cheap, and asked before every rule. It knows the plan, not the
//! office: which internal numbers exist is the caller's to say. It may not allow or refuse a call. Nothing here is a
//! prefix test for emergencies: `1129` is an ordinary wrong number.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

#[cfg(test)]
mod agreement;
mod amount;
mod country;
pub mod csv;
mod date;
pub mod deck;
mod emergency;
mod money;
mod plan;
mod rule;
mod symbols;
mod tables;
mod tariff;
mod typed;
mod worst_case;

pub use country::{Country, UnknownCountry};
pub use date::{Date, NoDate};
pub use emergency::is_emergency;
pub use money::Money;
pub use plan::{Dialled, Plan, Reason};
pub use rule::{Class, Policy, Price, Risk, Rule};
pub use tables::{AreaCode, RiskRange};
pub use tariff::{Step, Tariff};
pub use typed::Identity;
