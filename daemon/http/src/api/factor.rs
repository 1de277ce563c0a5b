//! The second factor beside the password: codes of an authenticator app (RFC 6238). `passkeys` has the other one.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_alerts::Access;
use centrale_call_control::Proof;
use centrale_config::Secret;
use centrale_store::{AccessRefused, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::{Verdict, verdict};
use crate::asker::Asker;
use crate::attempts::Place;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::{must_be_proved, shown_with};
use crate::qr::qr_svg;

/// Whether whoever asks has an app that shows codes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Factor {
    /// Whether a code is asked for beside the password.
    on: bool,
    /// How many of the codes for a day without the app, or without a passkey, are left.
    recovery_codes: u64,
}

/// What an authenticator app is given. It is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactorSecret {
    /// The secret to type into an app: 32 letters and digits.
    secret: String,
    /// The same, with whose it is, as a picture for its camera (SVG).
    qr_svg: String,
}

/// A code that the app shows.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SecondCode {
    /// Six digits.
    code: String,
}

/// Codes for a day without the app, or without a passkey. They are shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each is good once; none of who has some already.
    codes: Vec<String>,
}

impl RecoveryCodes {
    pub(super) fn of(codes: &[Secret]) -> Self {
        Self { codes: codes.iter().map(|code| code.reveal().to_owned()).collect() }
    }
}

/// Whether whoever asks has an app that shows codes.
#[utoipa::path(get, path = "/api/v1/session/factor", responses((status = 200, description = "Whether", body = Factor)))]
pub(super) async fn factor(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<Json<Factor>, Refused> {
    let (store, user) = (edge.0.store.clone(), asker.user.number);
    let (on, recovery_codes) = blocking(move || store.app_and_codes_left(user)).await?;
    Ok(Json(Factor { on, recovery_codes }))
}

/// Makes a secret for an authenticator app. It counts once a code of it was seen. It asks for a proof: a thief with a session gives
/// nobody another factor.
#[utoipa::path(post, path = "/api/v1/session/factor",
    responses((status = 200, description = "The secret", body = FactorSecret)))]
pub(super) async fn begin_factor(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<Json<FactorSecret>, Refused> {
    must_be_proved()?;
    let (store, user) = (edge.0.store.clone(), asker.user.number);
    let secret = blocking(move || Ok(store.begin_factor(user))).await??.reveal();
    let qr_svg = qr_svg(&app_address(&asker.user.name, &secret))?;
    Ok(Json(FactorSecret { secret, qr_svg }))
}

/// Switches the second factor on with a code that the app shows.
#[utoipa::path(put, path = "/api/v1/session/factor", request_body = SecondCode,
    responses((status = 200, description = "It is on", body = RecoveryCodes)))]
pub(super) async fn confirm_factor(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(SecondCode { code }): Body<SecondCode>,
) -> Result<Json<RecoveryCodes>, Refused> {
    let user = asker.user.number;
    let confirmed = edge.checked_at(peer.source_ip(), Place::User(user), move |store| {
        verdict(store.confirm_factor(user, &code, clock::unix_ms()))
    });
    let codes = confirmed.await??;
    edge.tell_access(Access::FactorMade, &asker.user.name, peer.source_ip());
    Ok(Json(RecoveryCodes::of(&codes)))
}

/// Switches the own app off. It asks for a proof.
#[utoipa::path(post, path = "/api/v1/session/factor/release",
    responses((status = 204, description = "It is off")))]
pub(super) async fn release_factor(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<StatusCode, Refused> {
    must_be_proved()?;
    let (store, user) = (edge.0.store.clone(), asker.user.number);
    was_on(blocking(move || store.drop_app(user)).await?)?;
    edge.tell_access(Access::FactorGone, &asker.user.name, peer.source_ip());
    Ok(StatusCode::NO_CONTENT)
}

/// Takes every second factor off another user, who lost it: the app and the passkeys. It asks for a proof. The own ones go with a
/// proof by them alone.
#[utoipa::path(delete, path = "/api/v1/users/{id}/factor", params(("id" = u64, Path, description = "The user's number")),
    responses((status = 204, description = "It is off"), (status = 409, description = "This is the own one")))]
pub(super) async fn drop_factor(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refused> {
    if id == asker.user.number {
        return Err(Refused::new(StatusCode::CONFLICT, "own-factor", "the own second factor goes with a proof by it"));
    }
    must_be_proved()?;
    let store = edge.0.store.clone();
    let (was_there, users) = blocking(move || Ok((store.drop_factors(id)?, store.users()?))).await?;
    edge.sessions_ended();
    was_on(was_there)?;
    let name = users.into_iter().find(|user| user.number == id).map(|user| user.name);
    edge.tell_access(Access::FactorGone, &name.unwrap_or_default(), peer.source_ip());
    Ok(StatusCode::NO_CONTENT)
}

fn was_on(was_on: bool) -> Result<(), Refused> {
    was_on.then_some(()).ok_or_else(Refused::not_found)
}

impl Edge {
    /// Refuses who has a second factor and gives no right code of it. The caller has seen the right password: nobody else learns
    /// who has a factor. Who was wrong must wait, wherever the next attempt comes from.
    pub(super) async fn proves_second(
        &self,
        user: &UserRow,
        peer: &Peer,
        code: Option<String>,
    ) -> Result<Proof, Refused> {
        if !user.has_factor {
            return Ok(Proof::PasswordAgain);
        }
        let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
            let detail = "this user logs in with a code or a passkey too";
            return Err(Refused::new(StatusCode::FORBIDDEN, "second-code-needed", detail));
        };
        let (number, tried) = (user.number, Secret::new(&*code));
        let right = self.checked_at(peer.source_ip(), Place::User(number), move |store| {
            let since = store.take_second_code(number, &code, clock::unix_ms())?;
            Ok(since.map_or(Verdict::Wrong(()), Verdict::Right))
        });
        let Ok(since_unix_ms) = right.await? else {
            tracing::warn!(user = user.name, source = %peer.source_ip(), "a wrong code of a second factor");
            self.note_often(peer, &user.name, "second-code-wrong").await;
            self.note_wrong(peer, "", &user.name, &tried).await;
            return Err(AccessRefused::WrongSecondCode.into());
        };
        Ok(shown_with(since_unix_ms, clock::unix_ms()))
    }
}

/// How authenticator apps take a secret from a picture (the key URI format of Google Authenticator). What it leaves out, six
/// digits each half minute with SHA-1, is what they all assume.
fn app_address(user: &str, secret: &str) -> String {
    let mut name = String::new();
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    format!("otpauth://totp/Centrale:{name}?secret={secret}&issuer=Centrale")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_name_in_the_address_for_an_app() {
        let address = app_address("Zoë & Jan?", "GEZDGNBV");
        assert_eq!(address, "otpauth://totp/Centrale:Zo%C3%AB%20%26%20Jan%3F?secret=GEZDGNBV&issuer=Centrale");
    }
}
