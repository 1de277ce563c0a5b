//! The logo on the phones' screens.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use centrale_config::Change;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::body::Revision;
use crate::edge::Edge;
use crate::extract::Body;
use crate::problem::Refused;

/// A picture.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LogoChoice {
    /// A PNG picture of at most 45 KiB and 1024 pixels a side, in base64.
    png: String,
}

/// The picture that was chosen.
#[utoipa::path(get, path = "/api/v1/logo", responses(
    (status = 200, description = "The picture", content_type = "image/png"),
    (status = 404, description = "There is none, or the box does not have it")))]
pub(super) async fn logo(State(edge): State<Edge>) -> Result<Response, Refused> {
    let file = edge.logo_file().await?.ok_or_else(Refused::not_found)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], file).into_response())
}

/// Puts a logo on the screens of phones that can show one.
#[utoipa::path(put, path = "/api/v1/logo", request_body = LogoChoice,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn choose_logo(State(edge): State<Edge>, Body(LogoChoice { png }): Body<LogoChoice>) -> Revised {
    // What is no base64 is no picture either.
    let file = STANDARD.decode(png).unwrap_or_default();
    Ok(Json(Revision { revision: edge.choose_logo(file).await? }))
}

/// Takes the logo off the phones.
#[utoipa::path(delete, path = "/api/v1/logo",
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_logo(State(edge): State<Edge>) -> Revised {
    revised(&edge, Change::SetLogo { sha256: None }).await
}
