//! From where owners and installers log in.

use axum::extract::State;
use axum::{Extension, Json};
use centrale_config::Change;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::edge::Edge;
use crate::extract::Body;
use crate::peer::Peer;

/// From where owners and installers log in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Administration {
    /// Networks, such as `192.168.1.0/24`; none means the office's own.
    networks: Vec<String>,
    /// The address of whoever asks.
    here: String,
}

/// From where they are to.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AdministrationChange {
    /// Networks or addresses, 32 at most; none means the office's own.
    networks: Vec<String>,
}

/// From where owners and installers log in.
#[utoipa::path(get, path = "/api/v1/office/administration",
    responses((status = 200, description = "The networks", body = Administration)))]
pub(super) async fn administration(State(edge): State<Edge>, Extension(peer): Extension<Peer>) -> Json<Administration> {
    let networks = edge.office().await.administration.iter().map(ToString::to_string).collect();
    Json(Administration { networks, here: peer.source_ip().to_string() })
}

/// Says from where owners and installers log in. It asks for a proof, and never locks out who says it.
#[utoipa::path(put, path = "/api/v1/office/administration", request_body = AdministrationChange,
    responses((status = 200, description = "The new revision", body = crate::body::Revision),
        (status = 422, description = "No network, or whoever asks is in none of them")))]
pub(super) async fn change_administration(
    State(edge): State<Edge>,
    Body(AdministrationChange { networks }): Body<AdministrationChange>,
) -> Revised {
    revised(&edge, Change::SetAdministration { networks }).await
}
