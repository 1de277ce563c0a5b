//! Passkeys: made, used to log in and to show again who asks, and taken away.

use std::sync::{Arc, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use axum::{Extension, Json};
use centrale_alerts::Access;
use centrale_call_control::Proof;
use centrale_config::Secret;
use centrale_store::{NewPasskey, PasskeyRow, Store, StoreError, UserRow, generate_token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::factor::RecoveryCodes;
use super::session::Verdict;
use crate::asker::{Asker, is_about};
use crate::attempts::Place;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::passkey::{ALGORITHMS, Made, MadeText, Signed, SignedText, Site, Spent, Unproven, text};
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::{must_be_proved, shown_with};
use crate::session::{asker_cookie, asker_in, whence};

/// What a challenge is for.
const TO_LOG_IN: &str = "log-in";
const TO_REGISTER: &str = "register";
const TO_PROVE: &str = "prove";

/// A passkey of whoever asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Passkey {
    /// Names the passkey.
    id: u64,
    /// What its user calls it.
    name: String,
    /// The name of the box at which it works.
    at: String,
    /// When it was made, in milliseconds since 1970 UTC.
    created: u64,
    /// When it was used last, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    used: Option<u64>,
}

/// What a browser is to ask of a passkey. Bytes are base64 for URLs, without padding.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasskeyAsked {
    /// What is to be signed: good once, here, for five minutes.
    challenge: String,
    /// The name of the box.
    rp_id: String,
    /// Passkeys that may answer; empty where any may.
    known: Vec<String>,
}

/// What a browser is to have made. Bytes are base64 for URLs, without padding.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasskeyWanted {
    #[serde(flatten)]
    asked: PasskeyAsked,
    /// What the authenticator is to know the user by.
    user_handle: String,
    /// What it is to show of the user.
    user_name: String,
    /// Kinds of keys, as COSE numbers them, the best first.
    algorithms: Vec<i64>,
}

/// A passkey that was made. Bytes are base64 for URLs, without padding.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PasskeyMade {
    /// What its user calls it: 1 to 40 characters.
    name: String,
    /// `clientDataJSON` of the browser.
    client_data: String,
    /// `attestationObject` of the authenticator.
    attestation: String,
}

/// What a passkey signed. Bytes are base64 for URLs, without padding.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PasskeySigned {
    /// Which passkey.
    credential: String,
    /// `clientDataJSON` of the browser.
    client_data: String,
    /// `authenticatorData`.
    authenticator_data: String,
    /// `signature`.
    signature: String,
    /// `userHandle`, where the authenticator gave one.
    #[schema(nullable = false)]
    user_handle: Option<String>,
}

impl PasskeySigned {
    fn read(&self, site: &Site) -> Result<Signed, Unproven> {
        let Self { credential, client_data, authenticator_data, signature, user_handle } = self;
        let user_handle = user_handle.as_deref();
        Signed::read(SignedText { credential, client_data, authenticator_data, signature, user_handle }, site)
    }
}

/// The passkeys of whoever asks.
#[utoipa::path(get, path = "/api/v1/session/passkeys",
    responses((status = 200, description = "The passkeys, the oldest first", body = Vec<Passkey>)))]
pub(super) async fn passkeys(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<Json<Vec<Passkey>>, Refused> {
    let shown = |row: PasskeyRow| Passkey {
        id: row.number,
        name: row.made.name,
        at: row.made.rp_id,
        created: row.created_unix_ms,
        used: row.used_unix_ms,
    };
    Ok(Json(edge.passkeys_of(asker.user.number).await?.into_iter().map(shown).collect()))
}

/// Says what a browser is to ask of a passkey with which somebody logs in.
#[utoipa::path(post, path = "/api/v1/session/passkey/challenge",
    responses((status = 200, description = "What to ask", body = PasskeyAsked),
        (status = 409, description = "No passkey works at this address")))]
pub(super) async fn ask_log_in(State(edge): State<Edge>, headers: HeaderMap) -> Result<Response, Refused> {
    let site = edge.site(&headers)?;
    let browser = generate_token()?;
    let asked = edge.asks_passkey(TO_LOG_IN, &site, browser.reveal(), &[]);
    let cookie = [(header::SET_COOKIE, asker_cookie(&browser))];
    Ok((AppendHeaders(cookie), Json(asked)).into_response())
}

/// Logs in with a passkey, which is both: something one has, and that looked who uses it. Nothing else is asked.
#[utoipa::path(post, path = "/api/v1/session/passkey", request_body = PasskeySigned,
    responses((status = 200, description = "Logged in", body = crate::body::Session)))]
pub(super) async fn log_in_with_passkey(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(signed): Body<PasskeySigned>,
) -> Result<Response, Refused> {
    let by = asker_in(&headers).unwrap_or_default().to_owned();
    let wanted = Wanted { what: TO_LOG_IN, by, of: None };
    let (user, passkey) = edge.takes_passkey(&peer, &headers, signed, wanted).await?;
    edge.comes_from_where_it_may(&user, &peer).await?;
    let is_known = edge.knows_browser(&headers, &user.name).await?;
    edge.note(&peer, &user.name, "log-in-passkey", String::new()).await;
    edge.note_right(&peer, &whence(&headers, &peer).agent, &user.name, is_known).await;
    edge.comes_in(user, Some(passkey.number), &headers, &peer).await
}

/// Says what a browser is to ask of a passkey with which whoever is logged in shows it again.
#[utoipa::path(post, path = "/api/v1/session/passkeys/challenge",
    responses((status = 200, description = "What to ask", body = PasskeyAsked),
        (status = 409, description = "No passkey works at this address")))]
pub(super) async fn ask_proof(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    headers: HeaderMap,
) -> Result<Json<PasskeyAsked>, Refused> {
    let site = edge.site(&headers)?;
    let own = edge.passkeys_of(asker.user.number).await?;
    Ok(Json(edge.asks_passkey(TO_PROVE, &site, &asker.session.to_string(), &own)))
}

/// Says what a browser is to have made as another passkey of whoever asks. It asks for a proof.
#[utoipa::path(post, path = "/api/v1/session/passkeys/begin",
    responses((status = 200, description = "What to make", body = PasskeyWanted),
        (status = 409, description = "No passkey works at this address")))]
pub(super) async fn begin_passkey(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    headers: HeaderMap,
) -> Result<Json<PasskeyWanted>, Refused> {
    let site = edge.site(&headers)?;
    must_be_proved()?;
    let own = edge.passkeys_of(asker.user.number).await?;
    let (store, user) = (edge.0.store.clone(), asker.user.number);
    let handle = blocking(move || Ok(store.passkey_handle(user))).await??;
    Ok(Json(PasskeyWanted {
        asked: edge.asks_passkey(TO_REGISTER, &site, &asker.session.to_string(), &own),
        user_handle: text(&handle),
        user_name: asker.user.name.clone(),
        algorithms: ALGORITHMS.to_vec(),
    }))
}

/// Keeps a passkey of whoever asks. Gives codes for a day without it, to who has none yet.
#[utoipa::path(post, path = "/api/v1/session/passkeys", request_body = PasskeyMade,
    responses((status = 201, description = "It is kept", body = RecoveryCodes)))]
pub(super) async fn add_passkey(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    headers: HeaderMap,
    Body(PasskeyMade { name, client_data, attestation }): Body<PasskeyMade>,
) -> Result<(StatusCode, Json<RecoveryCodes>), Refused> {
    let site = edge.site(&headers)?;
    let made = Made::read(MadeText { client_data: &client_data, attestation: &attestation }, &site);
    let made = made.map_err(|fault| {
        tracing::warn!(user = asker.user.name, %fault, "a passkey is not kept");
        Unfit(fault)
    })?;
    edge.takes_challenge(TO_REGISTER, &site, &asker.session.to_string(), &made.challenge)
        .map_err(|_| Refused::from(Fault::Late))?;
    let Made { credential, public_key, counter, .. } = made;
    let kept = NewPasskey { credential, public_key, rp_id: site.name, name: name.clone(), counter };
    let (store, user) = (edge.0.store.clone(), asker.user.number);
    let codes = blocking(move || Ok(store.put_passkey(user, kept, clock::unix_ms()))).await??;
    edge.tell_access(Access::PasskeyMade, &asker.user.name, peer.source_ip());
    is_about(name.trim().to_owned());
    Ok((StatusCode::CREATED, Json(RecoveryCodes::of(&codes))))
}

/// Takes a passkey of whoever asks away, and ends the sessions that it began, but for the one that asks. It asks for a proof.
#[utoipa::path(post, path = "/api/v1/session/passkeys/{id}/release",
    params(("id" = u64, Path, description = "Which passkey")),
    responses((status = 204, description = "It opens nothing any more")))]
pub(super) async fn release_passkey(
    State(edge): State<Edge>,
    Path(id): Path<u64>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<StatusCode, Refused> {
    must_be_proved()?;
    let (store, user, session) = (edge.0.store.clone(), asker.user.number, asker.session);
    let name = blocking(move || store.drop_passkey(user, id, session)).await?.ok_or_else(Refused::not_found)?;
    edge.sessions_ended();
    edge.tell_access(Access::PasskeyGone, &asker.user.name, peer.source_ip());
    is_about(name);
    Ok(StatusCode::NO_CONTENT)
}

/// What a passkey is to prove: what for, to whom, and whose it must be where that is known.
struct Wanted {
    what: &'static str,
    by: String,
    of: Option<u64>,
}

/// Why a passkey proves nothing.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Unproven(#[from] Unproven),
    #[error("its challenge is none of ours, or was answered")]
    Challenge,
    #[error("it came too late")]
    Late,
    #[error("nobody has it, or it is not asked for")]
    Unknown,
    #[error("its counter went back")]
    Copied,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let (status, code) = match fault {
            Fault::Late => (StatusCode::CONFLICT, "passkey-late"),
            Fault::Copied => (StatusCode::FORBIDDEN, "passkey-copied"),
            Fault::Unproven(Unproven::NotVerified) => (StatusCode::FORBIDDEN, "passkey-unverified"),
            Fault::Unproven(_) | Fault::Challenge | Fault::Unknown => (StatusCode::FORBIDDEN, "passkey-wrong"),
        };
        Self::new(status, code, "this passkey opens nothing here")
    }
}

/// A passkey that cannot be kept.
struct Unfit(Unproven);

impl From<Unfit> for Refused {
    fn from(Unfit(fault): Unfit) -> Self {
        let code = if fault == Unproven::NotVerified { "passkey-unverified" } else { "passkey-unfit" };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, fault.to_string())
    }
}

impl Edge {
    /// Shows with a passkey again who asks.
    pub(super) async fn proves_with_passkey(
        &self,
        asker: &Asker,
        peer: &Peer,
        headers: &HeaderMap,
        signed: PasskeySigned,
    ) -> Result<Proof, Refused> {
        let wanted = Wanted { what: TO_PROVE, by: asker.session.to_string(), of: Some(asker.user.number) };
        let (_, passkey) = self.takes_passkey(peer, headers, signed, wanted).await?;
        Ok(shown_with(passkey.created_unix_ms, clock::unix_ms()))
    }

    /// Refuses what no passkey signed for this, here, just now. Whose it is, and which. Who was wrong must wait.
    async fn takes_passkey(
        &self,
        peer: &Peer,
        headers: &HeaderMap,
        signed: PasskeySigned,
        wanted: Wanted,
    ) -> Result<(UserRow, PasskeyRow), Refused> {
        let site = self.site(headers)?;
        let read = signed.read(&site);
        let known = match &read {
            Ok(read) => {
                let (store, credential) = (self.0.store.clone(), read.credential.clone());
                blocking(move || store.passkey(credential)).await?
            }
            Err(_) => None,
        };
        let name = known.as_ref().map(|(_, user, _)| user.name.clone()).unwrap_or_default();
        let place = match wanted.of {
            Some(user) => Place::User(user),
            None => self.visitor(headers, peer, &name).await?.place(),
        };
        let edge = self.clone();
        let judged = self.checked_at(peer.source_ip(), place, move |store| {
            let known = known.filter(|(passkey, ..)| passkey.made.rp_id == site.name);
            edge.judge(store, &site, read, known, &wanted)
        });
        match judged.await? {
            Ok(proven) => Ok(proven),
            Err(fault) => {
                tracing::warn!(user = name, source = %peer.source_ip(), %fault, "a passkey that proves nothing");
                if !matches!(fault, Fault::Late) {
                    let what = if matches!(fault, Fault::Copied) { "passkey-copied" } else { "passkey-wrong" };
                    self.note_often(peer, &name, what).await;
                    let tried = Secret::new(signed.signature);
                    self.note_wrong(peer, &whence(headers, peer).agent, &name, &tried).await;
                }
                Err(fault.into())
            }
        }
    }

    fn judge(
        &self,
        store: &Store,
        site: &Site,
        read: Result<Signed, Unproven>,
        known: Option<(PasskeyRow, UserRow, Vec<u8>)>,
        wanted: &Wanted,
    ) -> Result<Verdict<(UserRow, PasskeyRow), Fault>, StoreError> {
        let now = clock::unix_ms();
        let signed = match read {
            Ok(signed) => signed,
            Err(fault) => return Ok(Verdict::Wrong(fault.into())),
        };
        match self.takes_challenge(wanted.what, site, &wanted.by, &signed.challenge) {
            Ok(()) => {}
            Err(Spent::Late) => return Ok(Verdict::Neither(Fault::Late)),
            Err(Spent::No) => return Ok(Verdict::Wrong(Fault::Challenge)),
        }
        let is_wanted = |(passkey, user, handle): &(PasskeyRow, UserRow, Vec<u8>)| {
            wanted.of.is_none_or(|of| of == passkey.user)
                && signed.user_handle.as_ref().is_none_or(|named| named == handle)
                && !user.is_over(now)
        };
        let Some((passkey, user, _)) = known.filter(is_wanted) else { return Ok(Verdict::Wrong(Fault::Unknown)) };
        if let Err(fault) = signed.is_by(&passkey.made.public_key) {
            return Ok(Verdict::Wrong(fault.into()));
        }
        let is_used = store.use_passkey(passkey.number, signed.counter, now)?;
        Ok(if is_used { Verdict::Right((user, passkey)) } else { Verdict::Wrong(Fault::Copied) })
    }

    /// The site that a request is for, if passkeys can work there.
    fn site(&self, headers: &HeaderMap) -> Result<Site, Refused> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        Site::of(host, self.0.settings.names).ok_or_else(|| {
            let detail = format!("passkeys work at a name alone: {}", self.0.settings.names.join(", "));
            Refused::new(StatusCode::CONFLICT, "passkey-elsewhere", detail)
        })
    }

    fn asks_passkey(&self, what: &str, site: &Site, by: &str, known: &[PasskeyRow]) -> PasskeyAsked {
        let mut challenges = self.0.challenges.lock().unwrap_or_else(PoisonError::into_inner);
        let here = known.iter().filter(|passkey| passkey.made.rp_id == site.name);
        PasskeyAsked {
            challenge: text(&challenges.issue(clock::moment().now, &site.bound(what, by))),
            rp_id: site.name.clone(),
            known: here.map(|passkey| text(&passkey.made.credential)).collect(),
        }
    }

    fn takes_challenge(&self, what: &str, site: &Site, by: &str, challenge: &[u8]) -> Result<(), Spent> {
        let mut challenges = self.0.challenges.lock().unwrap_or_else(PoisonError::into_inner);
        challenges.take(clock::moment().now, &site.bound(what, by), challenge)
    }

    async fn passkeys_of(&self, user: u64) -> Result<Vec<PasskeyRow>, Refused> {
        let store = self.0.store.clone();
        Ok(blocking(move || store.passkeys_of(user)).await?)
    }
}
