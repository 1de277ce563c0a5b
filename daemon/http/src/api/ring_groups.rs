//! Numbers that ring several people.

use axum::extract::{Path, State};
use centrale_config::Change;

use super::{Revised, revised};
use crate::body::{Revision, RingGroupChange};
use crate::edge::Edge;
use crate::extract::Body;

/// Creates a ring group, or changes it.
#[utoipa::path(put, path = "/api/v1/ring-groups/{number}", request_body = RingGroupChange,
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_ring_group(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(RingGroupChange { name, members }): Body<RingGroupChange>,
) -> Revised {
    revised(&edge, Change::PutRingGroup { number, name, members }).await
}

/// Takes a ring group away.
#[utoipa::path(delete, path = "/api/v1/ring-groups/{number}",
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_ring_group(State(edge): State<Edge>, Path(number): Path<String>) -> Revised {
    revised(&edge, Change::RemoveRingGroup { number }).await
}
