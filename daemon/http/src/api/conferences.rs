//! Rooms in which several people hear one another.

use axum::extract::{Path, State};
use centrale_config::{Change, Secret};

use super::{Revised, revised};
use crate::body::{ConferenceChange, Revision};
use crate::edge::Edge;
use crate::extract::Body;

/// Makes a conference room, or changes it.
#[utoipa::path(put, path = "/api/v1/conferences/{number}", request_body = ConferenceChange,
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_conference(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(ConferenceChange { name, pin, outside }): Body<ConferenceChange>,
) -> Revised {
    revised(&edge, Change::PutConference { number, name, pin: pin.map(Secret::new), outside }).await
}

/// Takes a conference room away.
#[utoipa::path(delete, path = "/api/v1/conferences/{number}",
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_conference(State(edge): State<Edge>, Path(number): Path<String>) -> Revised {
    revised(&edge, Change::RemoveConference { number }).await
}
