//! Numbers at which there are several people: ring groups and conference rooms.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A number that rings several people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RingGroup {
    /// Internal number.
    pub(crate) number: String,
    /// Name.
    pub(crate) name: String,
    /// Numbers of people.
    pub(crate) members: Vec<String>,
}

/// A new or changed ring group.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RingGroupChange {
    /// Name.
    pub(crate) name: String,
    /// Numbers of people.
    pub(crate) members: Vec<String>,
}

/// A room in which several people hear one another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conference {
    /// Internal number.
    pub(crate) number: String,
    /// Name.
    pub(crate) name: String,
    /// Whether whoever dials it is asked for a PIN.
    pub(crate) has_pin: bool,
    /// Whether who calls from outside may be let in.
    pub(crate) outside: bool,
}

impl Conference {
    pub(crate) fn of(room: &centrale_config::Conference) -> Self {
        let (number, name) = (room.number.to_string(), room.name.clone());
        Self { number, name, has_pin: room.pin.is_some(), outside: room.outside }
    }
}

/// A new or changed conference room.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConferenceChange {
    /// Name.
    pub(crate) name: String,
    /// Its PIN, 4 to 10 digits, or empty for none; left out or null for the one there is.
    pub(crate) pin: Option<String>,
    /// Whether who calls from outside may be let in; only with a PIN.
    pub(crate) outside: bool,
}
