//! How long is kept what the box knows of people.

use axum::Json;
use axum::extract::State;
use centrale_config::Change;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::body::Revision;
use crate::edge::Edge;
use crate::extract::Body;

/// Days for which each kind is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Retention {
    /// Call records.
    calls_days: u16,
    /// Stories of what was tried, and what was done about it.
    incidents_days: u16,
    /// The log of who did what.
    log_days: u16,
    /// Messages in mailboxes, heard or not.
    messages_days: u16,
}

/// What is kept for how long, and how long it may be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Kept {
    #[serde(flatten)]
    days: Retention,
    /// The bounds of each, in the same order.
    bounds: Vec<KeptBounds>,
}

/// How long one kind may be kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptBounds {
    /// Its name above.
    key: &'static str,
    /// Fewest days.
    least: u16,
    /// Most days.
    most: u16,
    /// Why not fewer and not more, for the installer.
    why: &'static str,
}

impl From<centrale_config::Retention> for Retention {
    fn from(kept: centrale_config::Retention) -> Self {
        let [calls_days, incidents_days, log_days, messages_days] = kept.days();
        Self { calls_days, incidents_days, log_days, messages_days }
    }
}

/// How long things are kept, and how long they may be.
#[utoipa::path(get, path = "/api/v1/retention", responses((status = 200, description = "How long", body = Kept)))]
pub(super) async fn retention(State(edge): State<Edge>) -> Json<Kept> {
    let bound = |bounds: centrale_config::Bounds| {
        let centrale_config::Bounds { key, least, most, why } = bounds;
        KeptBounds { key, least, most, why }
    };
    let bounds = centrale_config::Retention::BOUNDS.into_iter().map(bound).collect();
    Json(Kept { days: edge.office().await.retention.into(), bounds })
}

/// Says how long things are kept. Keeping less asks for a proof, and nothing goes for a day, in which that can be taken back.
#[utoipa::path(put, path = "/api/v1/retention", request_body = Retention,
    responses((status = 200, description = "The new revision", body = Revision),
        (status = 422, description = "Longer or shorter than the law and a dispute allow")))]
pub(super) async fn change_retention(State(edge): State<Edge>, Body(days): Body<Retention>) -> Revised {
    let Retention { calls_days, incidents_days, log_days, messages_days } = days;
    let retention = centrale_config::Retention::of_days([calls_days, incidents_days, log_days, messages_days]);
    revised(&edge, Change::SetRetention { retention }).await
}
