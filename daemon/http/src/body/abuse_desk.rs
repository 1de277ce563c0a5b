//! Who at a provider is told of abuse.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A provider's abuse desk.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AbuseDesk {
    /// What it is called.
    pub(crate) name: String,
    /// Its mail address.
    pub(crate) address: String,
    /// Within how many days it answers, 1 to 90; 30 when left out.
    #[schema(nullable = false)]
    pub(crate) answer_days: Option<u16>,
}

impl AbuseDesk {
    /// As the office has it.
    pub(crate) fn of(desk: &centrale_config::AbuseDesk) -> Self {
        let centrale_config::AbuseDesk { name, address, answer_days } = desk;
        Self { name: name.clone(), address: address.to_string(), answer_days: Some(*answer_days) }
    }
}
