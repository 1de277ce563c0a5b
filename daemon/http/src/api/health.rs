//! How the telephones are, for a program that watches them; and the token that it shows.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::{Extension, Json};
use centrale_alerts::Access;
use centrale_call_control::view::{Severity, TrunkState};
use centrale_config::Secret;
use serde::Serialize;
use utoipa::ToSchema;

use crate::asker::Asker;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::must_be_proved;
use crate::session::whence;

/// How the telephones are. Nothing in it is about a person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthReport {
    /// Whether they work.
    telephony: Telephony,
    /// Version of the daemon.
    version: &'static str,
    /// Since its start, in seconds.
    uptime_seconds: u64,
    /// The providers.
    trunks: Vec<TrunkHealth>,
    /// Stable codes of what is wrong, each once.
    problems: Vec<String>,
}

/// Whether the telephones work.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Telephony {
    /// They do.
    Works,
    /// Not all of it: a way out is gone, or calls fail somewhere.
    Limited,
    /// The exchange does not answer.
    Down,
}

/// A provider.
#[derive(Debug, Serialize, ToSchema)]
struct TrunkHealth {
    /// The administrator's name for it.
    name: String,
    /// Its state.
    state: TrunkState,
}

/// The token of programs that watch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthToken {
    /// When it was made, in milliseconds since 1970 UTC; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    made: Option<u64>,
}

/// A token that was made. It is shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct NewHealthToken {
    /// For the header `Authorization: Bearer` of `GET /api/v1/health`, and for nothing else.
    token: String,
}

/// How the telephones are, for a program that watches them. It shows the token that an owner made for it
/// (`Authorization: Bearer`, RFC 6750 2.1); no session opens this, and the token opens nothing else.
#[utoipa::path(get, path = "/api/v1/health",
    responses((status = 200, description = "How they are", body = HealthReport),
        (status = 401, description = "Not this token")))]
pub(super) async fn report(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Json<HealthReport>, Refused> {
    let shown = bearer(&headers).ok_or_else(|| not_this("this needs the token of a program that watches"))?;
    let (store, tried) = (edge.0.store.clone(), shown.clone());
    if !blocking(move || store.is_health_token(&tried)).await? {
        edge.note_often(&peer, "", "health-token-wrong").await;
        edge.note_wrong(&peer, &whence(&headers, &peer).agent, "", &shown).await;
        return Err(not_this("this is not the token"));
    }
    let is_down = edge.0.wishes.is_closed() || !edge.is_in_force().await;
    Ok(Json(edge.health(is_down)))
}

/// Whether there is a token for programs that watch.
#[utoipa::path(get, path = "/api/v1/health-token",
    responses((status = 200, description = "Whether", body = HealthToken)))]
pub(super) async fn token(State(edge): State<Edge>) -> Result<Json<HealthToken>, Refused> {
    let store = edge.0.store.clone();
    Ok(Json(HealthToken { made: blocking(move || store.health_token_made()).await? }))
}

/// Makes a token for programs that watch; the one before opens nothing any more. It asks for a proof.
#[utoipa::path(post, path = "/api/v1/health-token",
    responses((status = 201, description = "The token", body = NewHealthToken)))]
pub(super) async fn make_token(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<(StatusCode, Json<NewHealthToken>), Refused> {
    must_be_proved()?;
    let store = edge.0.store.clone();
    let token = blocking(move || store.new_health_token(clock::unix_ms())).await?;
    edge.tell_access(Access::WatcherMade, &asker.user.name, peer.source_ip());
    Ok((StatusCode::CREATED, Json(NewHealthToken { token: token.reveal().to_owned() })))
}

/// Takes the token away. It asks for a proof: nobody is told any more when the telephones fail.
#[utoipa::path(delete, path = "/api/v1/health-token",
    responses((status = 204, description = "It opens nothing any more"), (status = 404, description = "There is none")))]
pub(super) async fn drop_token(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<StatusCode, Refused> {
    must_be_proved()?;
    let store = edge.0.store.clone();
    let was_there = blocking(move || store.drop_health_token()).await?;
    if !was_there {
        return Err(Refused::not_found());
    }
    edge.tell_access(Access::WatcherGone, &asker.user.name, peer.source_ip());
    Ok(StatusCode::NO_CONTENT)
}

/// What is shown as a token.
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

fn not_this(detail: &str) -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, "token-wrong", detail)
}

impl Edge {
    fn health(&self, is_down: bool) -> HealthReport {
        let trunks = self.0.live.trunks();
        let problems = self.0.live.problems();
        let is_gone = !trunks.is_empty() && trunks.iter().all(|trunk| trunk.state != TrunkState::Connected);
        let fails = problems.iter().any(|problem| problem.severity == Severity::CallsFail);
        let telephony = match (is_down, is_gone || fails) {
            (true, _) => Telephony::Down,
            (false, true) => Telephony::Limited,
            (false, false) => Telephony::Works,
        };
        // A problem's subject may be somebody's number: it stays here.
        let mut problems: Vec<String> = problems.into_iter().map(|problem| problem.code).collect();
        problems.sort();
        problems.dedup();
        HealthReport {
            telephony,
            version: self.0.settings.version,
            uptime_seconds: clock::moment().now.saturating_duration_since(self.0.started).as_secs(),
            trunks: trunks.into_iter().map(|trunk| TrunkHealth { name: trunk.name, state: trunk.state }).collect(),
            problems,
        }
    }
}
