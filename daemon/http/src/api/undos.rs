//! Changes that a thief would make, and the way back from each for a day.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_store::{Deed, StoreError, UNDO_MS, Undo};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Revised;
use super::session::Verdict;
use crate::asker::is_about;
use crate::body::Revision;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// A change that can be taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToldChange {
    /// Its number.
    id: u64,
    /// Who made it.
    who: String,
    /// When it was told, in milliseconds since 1970 UTC.
    at: u64,
    /// Until when it can be taken back.
    until: u64,
    /// What was changed: `alerts`, `administration`, `retention`, `opening`, `support-numbers`, `scanners`, `place` or `pin`; or `trunk/`, `prices/`, `permit/`,
    /// `forward/`, `rights/`, `user/`, `code/` or `cap/` with a name or number.
    what: Vec<String>,
}

/// The code of a change, as it was mailed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UndoCode {
    /// Spaces, dashes and small letters do no harm.
    code: String,
}

/// The changes that can be taken back, the newest first.
#[utoipa::path(get, path = "/api/v1/undos", responses((status = 200, description = "The changes", body = [ToldChange])))]
pub(super) async fn undos(State(edge): State<Edge>) -> Result<Json<Vec<ToldChange>>, Refused> {
    let (store, now) = (edge.0.store.clone(), clock::unix_ms());
    let told = blocking(move || {
        let open = store.undos()?.into_iter().filter(|undo| undo.is_open(now));
        let told = |undo: Undo| {
            let what = match &undo.deed {
                Some(deed) => vec![word_of(deed)],
                None => {
                    let (before, after) = (store.revision(undo.before)?, store.revision(undo.after)?);
                    after.sensitive_changes_from(&before).iter().map(ToString::to_string).collect()
                }
            };
            let Undo { number: id, who, at_unix_ms: at, .. } = undo;
            Ok(ToldChange { id, who, at, until: at + UNDO_MS, what })
        };
        // One whose revisions went cannot be gone back to.
        Ok(open.filter_map(|undo| told(undo).map_err(|_: StoreError| ()).ok()).collect())
    });
    Ok(Json(told.await?))
}

/// Takes a change back. It asks for a proof.
#[utoipa::path(post, path = "/api/v1/undos/{id}",
    params(("id" = u64, Path, description = "As in the list")),
    responses((status = 200, description = "The new revision", body = Revision),
        (status = 409, description = "It was changed once more since, or does not fit any more")))]
pub(super) async fn take_back(State(edge): State<Edge>, Path(id): Path<u64>) -> Revised {
    let (store, now) = (edge.0.store.clone(), clock::unix_ms());
    let undos = blocking(move || store.undos()).await?;
    let undo = undos.into_iter().find(|undo| undo.number == id && undo.is_open(now)).ok_or_else(Refused::not_found)?;
    must_be_proved()?;
    Ok(Json(Revision { revision: edge.take_back(undo).await? }))
}

/// Takes a change back with the code that was mailed to whoever is told. Who was wrong must wait.
#[utoipa::path(post, path = "/api/v1/undo", request_body = UndoCode,
    responses((status = 200, description = "The new revision", body = Revision),
        (status = 409, description = "It was changed once more since, or does not fit any more"),
        (status = 422, description = "A wrong code, or an old one")))]
pub(super) async fn take_back_by_code(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Body(UndoCode { code }): Body<UndoCode>,
) -> Revised {
    let source = peer.source_ip();
    let taken = edge.checked_at(source, source.into(), move |store| {
        let undo = store.undo_by_code(&code, clock::unix_ms())?;
        Ok(undo.map_or(Verdict::Wrong(()), Verdict::Right))
    });
    let wrong = |()| Refused::field("code", "mailed-code-wrong", "this is no code that was mailed in the last day");
    let undo = taken.await?.map_err(wrong)?;
    Ok(Json(Revision { revision: edge.take_back(undo).await? }))
}

/// Says in the log which change it was.
pub(crate) fn named(undo: &Undo) {
    is_about(undo.deed.as_ref().map_or_else(|| format!("{} {}", undo.before, undo.after), word_of));
}

/// A deed as the page and the log tell it.
fn word_of(deed: &Deed) -> String {
    match deed {
        Deed::UserAdded { name, .. } | Deed::UserRaised { name, .. } => format!("user/{name}"),
        Deed::CodeMade { name, .. } => format!("code/{name}"),
        Deed::CapRaised { cap } => format!("cap/{cap}"),
        Deed::PricesChanged { trunk } => format!("prices/{trunk}"),
    }
}

/// Why a change is not taken back.
pub(crate) fn not_taken_back(refused: &centrale_config::NotTakenBack) -> Refused {
    use centrale_config::NotTakenBack::{ChangedSince, DoesNotFit};
    let code = match refused {
        ChangedSince(_) => "changed-since",
        DoesNotFit(_) => "fits-no-more",
    };
    Refused::new(StatusCode::CONFLICT, code, refused.to_string())
}
