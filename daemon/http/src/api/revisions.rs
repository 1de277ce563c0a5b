//! Who changed the office, when and what, and the way back.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Revised;
use crate::body::{Revision, RevisionEntry};
use crate::edge::{Edge, blocking};
use crate::problem::Refused;

/// Revisions in the list when nothing else is asked for.
const LISTED: usize = 50;
/// Most revisions in the list: each is read whole to tell what it changed.
const LONGEST_LIST: usize = 200;

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Limit {
    /// At most this many, 1 to 200; 50 when left out.
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
    let limit = limit.map_or(LISTED, |limit| usize::try_from(limit).unwrap_or(LONGEST_LIST)).clamp(1, LONGEST_LIST);
    let store = edge.0.store.clone();
    let revisions: Vec<_> = blocking(move || store.revisions().take(limit).collect()).await?;
    let entry = |revision: centrale_store::Revision| RevisionEntry {
        revision: revision.number,
        who: revision.author.who,
        when: revision.author.when_unix_ms,
        why: revision.author.why,
        differences: revision.differences.into_iter().map(Into::into).collect(),
    };
    Ok(Json(revisions.into_iter().map(entry).collect()))
}

/// Makes the office again what it was at a revision, as a new one. Phones' passwords that died since stay dead.
#[utoipa::path(post, path = "/api/v1/revisions/{revision}/revert",
    params(("revision" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn revert(State(edge): State<Edge>, Path(number): Path<u64>) -> Revised {
    Ok(Json(Revision { revision: edge.revert(number).await? }))
}
