//! The end: nothing of the office stays in the box.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::asker::Asker;
use crate::edge::{Edge, Wish};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// That everything is to go.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WipeWish {
    /// The name of the office, as it is written on the page: nobody types that by accident.
    phrase: String,
}

/// What is to come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WipeBegun {
    /// Calls that are ended by it, also one for help.
    calls_ended: usize,
}

/// Destroys the key of the box and all that it keeps: the office, passwords, certificates, calls, messages, logs. Every call ends,
/// one for help too, and until somebody sets the box up again nobody calls anybody over it, not even 112. It asks for a
/// proof and for the name of the office. The box then starts as new.
#[utoipa::path(post, path = "/api/v1/wipe", request_body = WipeWish,
    responses((status = 202, description = "It begins now", body = WipeBegun),
        (status = 422, description = "This is not the name of the office")))]
pub(super) async fn wipe(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(WipeWish { phrase }): Body<WipeWish>,
) -> Result<(StatusCode, Json<WipeBegun>), Refused> {
    if phrase.trim() != edge.office().await.identity.name {
        return Err(Refused::field("phrase", "phrase-wrong", "this is not the name of the office"));
    }
    must_be_proved()?;
    let calls_ended = edge.0.live.calls_now();
    tracing::warn!(source = %peer.source_ip(), user = asker.user.name, "the box is wiped");
    edge.wish(Wish::Wipe).await;
    Ok((StatusCode::ACCEPTED, Json(WipeBegun { calls_ended })))
}
