//! The end: nothing of the office stays in the box.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_config::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::asker::Asker;
use crate::edge::{Edge, Wish};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;

/// That everything is to go.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WipeWish {
    /// The name of the office, as it is written on the page: nobody types that by accident.
    phrase: String,
    /// The password of whoever asks.
    #[schema(format = Password)]
    password: String,
    /// A code of the second factor of who has one; asked for when the password was right.
    #[schema(nullable = false)]
    code: Option<String>,
}

/// What is to come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WipeBegun {
    /// Calls that are ended by it, also one for help.
    calls_ended: usize,
}

/// Destroys the key of the box and all that it keeps: the office, passwords, certificates, calls, messages, logs. Every call ends,
/// one for help too, and until somebody sets the box up again nobody calls anybody over it, not even 112. It asks for the
/// password, for a code of who has a second factor, and for the name of the office. The box then starts as new.
#[utoipa::path(post, path = "/api/v1/wipe", request_body = WipeWish,
    responses((status = 202, description = "It begins now", body = WipeBegun),
        (status = 422, description = "This is not the name of the office")))]
pub(super) async fn wipe(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(WipeWish { phrase, password, code }): Body<WipeWish>,
) -> Result<(StatusCode, Json<WipeBegun>), Refused> {
    if phrase.trim() != edge.office().await.identity.name {
        return Err(Refused::field("phrase", "phrase-wrong", "this is not the name of the office"));
    }
    edge.proves_with_code(&asker, &peer, Secret::new(password), code).await?;
    let calls_ended = edge.0.live.calls_now();
    tracing::warn!(source = %peer.source_ip(), user = asker.user.name, "the box is wiped");
    edge.wish(Wish::Wipe).await;
    Ok((StatusCode::ACCEPTED, Json(WipeBegun { calls_ended })))
}
