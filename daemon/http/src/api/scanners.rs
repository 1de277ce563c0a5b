//! From where the office has the box looked at for weak places.

use axum::Json;
use axum::extract::State;
use centrale_config::Change;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::edge::Edge;
use crate::extract::Body;

/// From where the box is looked at.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Scanners {
    /// Eight at most.
    scanners: Vec<Scanner>,
}

/// One of those. It is blocked for nothing in the thirty days up to its last one, and on no other.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Scanner {
    /// An address such as `192.168.1.66`, or a network no wider than a /24, or a /48 of IPv6.
    network: String,
    /// Its last day, such as `2026-12-31`.
    until: String,
}

/// From where the office has the box looked at for weak places.
#[utoipa::path(get, path = "/api/v1/office/scanners",
    responses((status = 200, description = "Those", body = Scanners)))]
pub(super) async fn scanners(State(edge): State<Edge>) -> Json<Scanners> {
    let office = edge.office().await;
    let scanner =
        |one: &centrale_config::Scanner| Scanner { network: one.network.to_string(), until: one.until.to_string() };
    Json(Scanners { scanners: office.scanners.iter().map(scanner).collect() })
}

/// Says from where, in place of those before. It asks for a proof where one is new.
#[utoipa::path(put, path = "/api/v1/office/scanners", request_body = Scanners,
    responses((status = 200, description = "The new revision", body = crate::body::Revision),
        (status = 422, description = "No network, too wide a one, no day, or too many")))]
pub(super) async fn change_scanners(State(edge): State<Edge>, Body(Scanners { scanners }): Body<Scanners>) -> Revised {
    let scanners = scanners.into_iter().map(|one| (one.network, one.until)).collect();
    revised(&edge, Change::SetScanners { scanners }).await
}
