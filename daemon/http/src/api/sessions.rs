//! Who is logged in where, and ending that.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_store::{Role, SessionRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::asker::Asker;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::problem::Refused;

/// A browser that is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenSession {
    /// Names it.
    id: u64,
    /// Whose it is.
    user: String,
    /// The network address that it was begun from; of an IPv6 one the network.
    source: String,
    /// What the browser calls itself.
    agent: String,
    /// Since when, in milliseconds since 1970 UTC.
    since: u64,
    /// When it was last used, to the minute.
    last_seen: u64,
    /// Whether it is the one that asks.
    here: bool,
}

/// An owner sees everybody's sessions, anybody else the own ones.
fn is_shown(asker: &Asker, session: &SessionRow) -> bool {
    asker.role() == Role::Owner || session.user.number == asker.user.number
}

async fn shown(edge: &Edge, asker: &Asker) -> Result<Vec<SessionRow>, Refused> {
    let store = edge.0.store.clone();
    let mut all = blocking(move || store.sessions(clock::unix_ms())).await?;
    all.retain(|session| is_shown(asker, session));
    Ok(all)
}

/// The sessions that are open, the one that was used last first: an owner sees everybody's, anybody else the own ones.
#[utoipa::path(get, path = "/api/v1/sessions",
    responses((status = 200, description = "The sessions", body = Vec<OpenSession>)))]
pub(super) async fn sessions(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<Json<Vec<OpenSession>>, Refused> {
    let open = |session: SessionRow| OpenSession {
        id: session.number,
        user: session.user.name,
        source: session.whence.source,
        agent: session.whence.agent,
        since: session.created_unix_ms,
        last_seen: session.last_used_unix_ms,
        here: session.number == asker.session,
    };
    Ok(Json(shown(&edge, &asker).await?.into_iter().map(open).collect()))
}

/// Ends a session: whoever has it is out at once.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", params(("id" = u64, Path, description = "Its number")),
    responses((status = 204, description = "It is over")))]
pub(super) async fn end_session(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refused> {
    if !shown(&edge, &asker).await?.iter().any(|session| session.number == id) {
        return Err(Refused::not_found());
    }
    edge.end_session(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
