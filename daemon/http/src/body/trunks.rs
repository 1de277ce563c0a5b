//! How much providers carry, and in which order they are asked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many calls a provider carries at once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Channels {
    /// Over the account together, 1 to 1000.
    pub(crate) account: u16,
    /// With one of the office's numbers, likewise; null when the contract does not say it.
    pub(crate) number: Option<u16>,
}

/// In which order providers are asked.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TrunkOrder {
    /// The name of every one, each once; the first is asked first.
    pub(crate) names: Vec<String>,
}
