//! The call log, and calls that live.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_call_control::Command;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::decks::today;
use crate::asker::{Asker, is_about};
use crate::body::{CallLog, CallLogEntry};
use crate::edge::{Edge, Wish, blocking};
use crate::once::{OPEN_FOR, is_allowable, not_allowable};
use crate::problem::Refused;
use crate::proofs::must_be_proved;

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

/// A call that is allowed once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllowedOnce {
    /// The new revision.
    revision: u64,
    /// Within how many seconds it is to be made.
    seconds: u64,
}

/// Allows a call once that the rules of the office refused: its person may call that number until the call was made, for a quarter of
/// an hour at most. It asks for a proof, is told as what that person may call, and can be taken back. Limits on money hold, and so do
/// stops; what costs the caller extra is not allowed so.
#[utoipa::path(post, path = "/api/v1/calls/{id}/allow",
    params(("id" = String, Path, description = "The refused call's id")),
    responses((status = 200, description = "It may be made", body = AllowedOnce),
        (status = 409, description = "It is no such call, or allowed already")))]
pub(super) async fn allow_call(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    Path(call): Path<String>,
) -> Result<Json<AllowedOnce>, Refused> {
    let store = edge.0.store.clone();
    let row = blocking(move || store.call(&call)).await?.ok_or_else(Refused::not_found)?;
    if !is_allowable(&row) {
        return Err(not_allowable());
    }
    must_be_proved()?;
    let today = today(&edge).await?.to_string();
    is_about(format!("{} {}", row.from, row.to));
    let revision = edge.allow_once(asker, &row, today).await?;
    Ok(Json(AllowedOnce { revision, seconds: OPEN_FOR.as_secs() }))
}
