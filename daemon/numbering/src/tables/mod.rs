//! The plans as data.

mod areas;
mod belgium;
mod netherlands;
mod risk;
mod world;

pub use areas::AreaCode;
pub use risk::RiskRange;

pub(crate) use areas::{BELGIUM as BELGIAN_AREAS, NETHERLANDS as DUTCH_AREAS};
pub(crate) use belgium::RULES as BELGIAN_RULES;
pub(crate) use netherlands::RULES as DUTCH_RULES;
pub(crate) use risk::RISK_RANGES;
pub(crate) use world::country_code;
