//! The call log, and calls that live.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_call_control::Command;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::asker::Asker;
use crate::body::{CallLog, CallLogEntry};
use crate::edge::{Edge, Wish, blocking};
use crate::problem::Refused;

/// Calls on a page of the log when nothing else is asked for.
const PAGE: u32 = 50;
/// Most calls on a page.
const LONGEST_PAGE: u32 = 200;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only calls that were logged before the one with this id.
    #[param(nullable = false)]
    before: Option<String>,
    /// At most this many, 1 to 200; 50 when left out.
    #[param(nullable = false)]
    limit: Option<u32>,
}

/// A page of the call log, newest first. A person gets the own calls.
#[utoipa::path(get, path = "/api/v1/calls", params(Page),
    responses((status = 200, description = "Calls", body = CallLog)))]
pub(super) async fn calls(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    Query(Page { before, limit }): Query<Page>,
) -> Result<Json<CallLog>, Refused> {
    let limit = limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let store = edge.0.store.clone();
    let (rows, marked) = blocking(move || {
        let rows = match asker.only() {
            Some(own) => store.calls_of(own, before.as_deref(), limit),
            None => store.calls(before.as_deref(), limit),
        }?;
        let marked = store.marked_among(&rows)?;
        Ok((rows, marked))
    })
    .await?;
    Ok(Json(CallLog { calls: rows.into_iter().map(|row| CallLogEntry::of(row, &marked)).collect() }))
}

/// Ends a call.
#[utoipa::path(post, path = "/api/v1/calls/{id}/hang-up",
    params(("id" = String, Path, description = "The call's id")),
    responses((status = 202, description = "It is being ended")))]
pub(super) async fn hang_up(State(edge): State<Edge>, Path(call): Path<String>) -> Result<StatusCode, Refused> {
    if !edge.0.live.has_call(&call) {
        return Err(Refused::not_found());
    }
    edge.wish(Wish::Command(Command::HangUp { call })).await;
    Ok(StatusCode::ACCEPTED)
}
