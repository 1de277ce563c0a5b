//! The proof that it is a user who asks, for one write that widens what a thief could do.

use std::sync::{Arc, PoisonError};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use centrale_call_control::Proof;
use centrale_config::Secret;
use centrale_store::generate_token;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::passkeys::PasskeySigned;
use crate::asker::Asker;
use crate::clock;
use crate::edge::Edge;
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::PROOF_TIME;

/// What shows again who asks: the password, and of who has a second factor a code of it; or a passkey, which is both.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ProofAgain {
    /// The password; empty beside a passkey.
    #[schema(format = Password)]
    password: String,
    /// A code of the app, or one for a day without; asked for when the password was right.
    #[schema(nullable = false)]
    code: Option<String>,
    /// What a passkey signed for this.
    #[schema(nullable = false)]
    passkey: Option<PasskeySigned>,
}

/// What shows that it is the user who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct GivenProof {
    /// For the header `X-Centrale-Proof` of one write of this session.
    proof: String,
    /// For how long it is good.
    seconds: u64,
}

/// Gives a proof for one write, for a passkey, or for the password and, of who has a second factor, a code. A write that answers `proof-needed` is
/// asked again with it: whatever is told by mail because a thief would do it, what opens a way in or out or lets something go, and what cannot be taken back.
#[utoipa::path(post, path = "/api/v1/session/proof", request_body = ProofAgain,
    responses((status = 200, description = "The proof", body = GivenProof)))]
pub(super) async fn prove(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    headers: HeaderMap,
    Body(proof): Body<ProofAgain>,
) -> Result<Json<GivenProof>, Refused> {
    let how = edge.proves_again(&asker, &peer, &headers, proof).await?;
    let token = generate_token()?;
    let proof = token.reveal().to_owned();
    edge.0.proofs.lock().unwrap_or_else(PoisonError::into_inner).give(clock::moment().now, asker.session, token, how);
    Ok(Json(GivenProof { proof, seconds: PROOF_TIME.as_secs() }))
}

impl Edge {
    /// Refuses what does not prove again that it is the user who asks: with a passkey, or with the password and, of who has a
    /// second factor, a code.
    async fn proves_again(
        &self,
        asker: &Asker,
        peer: &Peer,
        headers: &HeaderMap,
        ProofAgain { password, code, passkey }: ProofAgain,
    ) -> Result<Proof, Refused> {
        if let Some(signed) = passkey {
            return self.proves_with_passkey(asker, peer, headers, signed).await;
        }
        self.proves(asker, peer, Secret::new(password)).await?;
        self.proves_second(&asker.user, peer, code).await
    }
}
