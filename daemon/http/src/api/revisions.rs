//! Who changed the office, and when.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::body::RevisionEntry;
use crate::edge::{Edge, blocking};
use crate::problem::Refused;

/// Revisions in the list when nothing else is asked for.
const LISTED: u32 = 50;
/// Most revisions in the list: all that are kept.
const LONGEST_LIST: u32 = 1000;

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Limit {
    /// At most this many, 1 to 1000; 50 when left out.
    #[param(nullable = false)]
    limit: Option<u32>,
}

/// The latest revisions, newest first.
#[utoipa::path(get, path = "/api/v1/revisions", params(Limit),
    responses((status = 200, description = "Revisions", body = Vec<RevisionEntry>)))]
pub(super) async fn revisions(
    State(edge): State<Edge>,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Vec<RevisionEntry>>, Refused> {
    let limit = limit.unwrap_or(LISTED).clamp(1, LONGEST_LIST);
    let store = edge.0.store.clone();
    let revisions = blocking(move || store.revisions(limit)).await?;
    let entry = |revision: centrale_store::Revision| RevisionEntry {
        revision: revision.number,
        who: revision.author.who,
        when: revision.author.when_unix_ms,
        why: revision.author.why,
    };
    Ok(Json(revisions.into_iter().map(entry).collect()))
}
