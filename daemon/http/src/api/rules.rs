//! The rules of use: which text holds, and that whoever logs in accepted it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_config::{Change, Office};
use centrale_store::Act;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::asker::Asker;
use crate::body::Revision;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// Names the usual text, which the page has in its languages. Another number when its sense changes.
const USUAL: &str = "usual-1";

/// A text that whoever logs in is to read and accept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RulesDue {
    /// Names the text.
    version: String,
    /// It; empty for the usual one, which the page has in the reader's language.
    text: String,
}

/// The office's own rules of use.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RulesOfUse {
    /// At most 4000 characters; empty for the usual text.
    text: String,
}

/// Which text was read and accepted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AcceptedRules {
    /// As it was given with the session.
    version: String,
}

/// The office's own rules of use.
#[utoipa::path(get, path = "/api/v1/rules", responses((status = 200, description = "The text", body = RulesOfUse)))]
pub(super) async fn rules(State(edge): State<Edge>) -> Json<RulesOfUse> {
    Json(RulesOfUse { text: edge.office().await.rules_of_use.clone() })
}

/// Says what whoever logs in is to accept. Everybody is shown another text once more. It asks for a proof.
#[utoipa::path(put, path = "/api/v1/rules", request_body = RulesOfUse,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_rules(State(edge): State<Edge>, Body(RulesOfUse { text }): Body<RulesOfUse>) -> Revised {
    must_be_proved()?;
    revised(&edge, Change::SetRulesOfUse { text }).await
}

/// Accepts the text that holds. It is written into the log with the time and the user.
#[utoipa::path(post, path = "/api/v1/session/rules", request_body = AcceptedRules,
    responses((status = 204, description = "It is written down"), (status = 409, description = "Another text holds now")))]
pub(super) async fn accept_rules(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(AcceptedRules { version }): Body<AcceptedRules>,
) -> Result<StatusCode, Refused> {
    if version != version_of(&*edge.office().await) {
        return Err(Refused::new(StatusCode::CONFLICT, "rules-changed", "another text of the rules holds now"));
    }
    let (who, source) = (asker.user.name.clone(), peer.source_ip().to_string());
    let (what, about) = ("rules-accepted".to_owned(), version.clone());
    let act = Act { at_unix_ms: clock::unix_ms(), who, source, what, about, revision: None };
    let (store, user) = (edge.0.store.clone(), asker.user.number);
    blocking(move || store.accept_rules(user, &version, act)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn version_of(office: &Office) -> String {
    if office.rules_of_use.is_empty() {
        return USUAL.to_owned();
    }
    let hash = digest(&SHA256, office.rules_of_use.as_bytes());
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl Edge {
    /// What a user is still to accept.
    pub(super) async fn rules_due(&self, user: u64, office: &Office) -> Result<Option<RulesDue>, Refused> {
        let (store, version) = (self.0.store.clone(), version_of(office));
        let accepted = blocking(move || store.accepted_rules(user)).await?;
        if accepted.is_some_and(|accepted| accepted.version == version) {
            return Ok(None);
        }
        Ok(Some(RulesDue { version, text: office.rules_of_use.clone() }))
    }
}
