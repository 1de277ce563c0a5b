//! Where numbers from outside ring.

use axum::extract::{Path, State};
use centrale_config::Change;

use super::{Revised, revised};
use crate::body::{InboundTarget, Revision};
use crate::edge::Edge;
use crate::extract::Body;

/// Decides where a number from outside rings.
#[utoipa::path(put, path = "/api/v1/inbound/{number}", request_body = InboundTarget,
    params(("number" = String, Path, description = "Number in E.164")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_inbound(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(InboundTarget { to, closed }): Body<InboundTarget>,
) -> Revised {
    let closed = closed.map(|closed| (closed.to, closed.voicemail));
    revised(&edge, Change::PutInbound { number, to, closed }).await
}

/// Lets a number from outside ring nowhere.
#[utoipa::path(delete, path = "/api/v1/inbound/{number}",
    params(("number" = String, Path, description = "Number in E.164")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_inbound(State(edge): State<Edge>, Path(number): Path<String>) -> Revised {
    revised(&edge, Change::RemoveInbound { number }).await
}
