//! Routers that change calls: what is known of the way to each provider, and asking for it to be examined.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use centrale_call_control::Command;
use centrale_call_control::view::routers;

use crate::body::DoctorReport;
use crate::edge::{Edge, Wish};
use crate::problem::Refused;

/// What the doctor says of the way to each provider, and how a router's SIP ALG is switched off.
#[utoipa::path(get, path = "/api/v1/doctor", responses((status = 200, description = "The ways", body = DoctorReport)))]
pub(super) async fn doctor(State(edge): State<Edge>) -> Json<DoctorReport> {
    Json(DoctorReport { trunks: edge.0.live.doctors(), routers: routers() })
}

/// Examines the way to a provider, as soon as that is not too often: once a minute. It takes a minute at the most, rings nobody
/// and disturbs no call.
#[utoipa::path(post, path = "/api/v1/trunks/{name}/examine",
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 202, description = "It will be examined"), (status = 404, description = "There is no such provider")))]
pub(super) async fn examine(State(edge): State<Edge>, Path(name): Path<String>) -> Result<StatusCode, Refused> {
    if !edge.0.live.has_trunk(&name) {
        return Err(Refused::not_found());
    }
    edge.wish(Wish::Command(Command::Examine { trunk: name })).await;
    Ok(StatusCode::ACCEPTED)
}

/// Goes round whatever changes calls on the way to a provider: the ways there are tried, and one is kept when it is better. Where
/// a router is proven to change calls, the box does so by itself.
#[utoipa::path(post, path = "/api/v1/trunks/{name}/go-round",
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 202, description = "It is being tried"), (status = 404, description = "There is no such provider")))]
pub(super) async fn go_round(State(edge): State<Edge>, Path(name): Path<String>) -> Result<StatusCode, Refused> {
    if !edge.0.live.has_trunk(&name) {
        return Err(Refused::not_found());
    }
    edge.wish(Wish::Command(Command::GoRound { trunk: name })).await;
    Ok(StatusCode::ACCEPTED)
}
