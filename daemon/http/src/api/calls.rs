//! The call log, and calls that live.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_call_control::{ALLOWED_ONCE_FOR, Command};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::asker::{Asker, is_about};
use crate::body::{CallLog, CallLogEntry};
use crate::clock;
use crate::edge::{Edge, Wish, blocking};
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
    let allowable = edge.allowable().await;
    Ok(Json(CallLog { calls: rows.into_iter().map(|row| CallLogEntry::of(row, &marked, &allowable)).collect() }))
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
    /// Within how many seconds it is to be made.
    seconds: u64,
}

/// Allows a call once that was refused for what its person may call: one call of that person to exactly that number, within a quarter of an
/// hour. It asks for a proof. Limits on money hold, and so do stops; a forward or a transfer does not use it, and a number that costs extra
/// or is blocked for everybody is not allowed so.
#[utoipa::path(post, path = "/api/v1/calls/{id}/allow",
    params(("id" = String, Path, description = "The refused call's id")),
    responses((status = 200, description = "It may be made", body = AllowedOnce),
        (status = 409, description = "It is no such call (`not-allowable`), or no such number (`never-allowed-once`)")))]
pub(super) async fn allow_call(
    State(edge): State<Edge>,
    Path(call): Path<String>,
) -> Result<Json<AllowedOnce>, Refused> {
    let store = edge.0.store.clone();
    let row = blocking(move || store.call(&call)).await?.ok_or_else(Refused::not_found)?;
    edge.allowable().await.judge(&row)?;
    must_be_proved()?;
    is_about(format!("{} {}", row.from, row.to));
    let until = clock::moment().now + ALLOWED_ONCE_FOR;
    edge.wish(Wish::Command(Command::AllowOnce { person: row.from, number: row.to, until })).await;
    Ok(Json(AllowedOnce { seconds: ALLOWED_ONCE_FOR.as_secs() }))
}
