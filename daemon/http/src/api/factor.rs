//! The second factor: codes of an authenticator app (RFC 6238) beside the password.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
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
use crate::proofs::must_be_proved;
use crate::qr::qr_svg;

/// Whether whoever asks has a second factor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Factor {
    /// Whether a code is asked for beside the password.
    on: bool,
    /// How many of the codes for a day without the app are left.
    recovery_codes: u64,
}

/// The password of whoever asks, once more.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PasswordAgain {
    /// It.
    #[schema(format = Password)]
    password: String,
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

/// Codes for a day without the app. They are shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each is good once.
    codes: Vec<String>,
}

/// Both that show who asks.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BothFactors {
    /// The password.
    #[schema(format = Password)]
    pub(super) password: String,
    /// A code of the app, or one for a day without it; asked for when the password was right.
    #[schema(nullable = false)]
    pub(super) code: Option<String>,
}

/// Whether whoever asks has a second factor.
#[utoipa::path(get, path = "/api/v1/session/factor", responses((status = 200, description = "Whether", body = Factor)))]
pub(super) async fn factor(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<Json<Factor>, Refused> {
    let (store, user) = (edge.0.store.clone(), asker.user.number);
    let left = blocking(move || store.recovery_codes_left(user)).await?;
    Ok(Json(Factor { on: left.is_some(), recovery_codes: left.unwrap_or_default() }))
}

/// Makes a secret for an authenticator app. It counts once a code of it was seen. It asks for the password: a thief with a session
/// gives nobody another factor.
#[utoipa::path(post, path = "/api/v1/session/factor", request_body = PasswordAgain,
    responses((status = 200, description = "The secret", body = FactorSecret)))]
pub(super) async fn begin_factor(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(PasswordAgain { password }): Body<PasswordAgain>,
) -> Result<Json<FactorSecret>, Refused> {
    edge.proves(&asker, &peer, Secret::new(password)).await?;
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
    Ok(Json(RecoveryCodes { codes: codes.iter().map(|code| code.reveal().to_owned()).collect() }))
}

/// Switches the own second factor off.
#[utoipa::path(post, path = "/api/v1/session/factor/release", request_body = BothFactors,
    responses((status = 204, description = "It is off")))]
pub(super) async fn release_factor(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(BothFactors { password, code }): Body<BothFactors>,
) -> Result<StatusCode, Refused> {
    edge.proves_with_code(&asker, &peer, Secret::new(password), code).await?;
    edge.drop_factor_of(asker.user.number).await
}

/// Takes the second factor off another user, who lost it. It asks for a proof. The own one goes with a code alone.
#[utoipa::path(delete, path = "/api/v1/users/{id}/factor", params(("id" = u64, Path, description = "The user's number")),
    responses((status = 204, description = "It is off"), (status = 409, description = "This is the own one")))]
pub(super) async fn drop_factor(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refused> {
    if id == asker.user.number {
        return Err(Refused::new(StatusCode::CONFLICT, "own-factor", "the own second factor goes with a code of it"));
    }
    must_be_proved()?;
    edge.drop_factor_of(id).await
}

impl Edge {
    async fn drop_factor_of(&self, user: u64) -> Result<StatusCode, Refused> {
        let store = self.0.store.clone();
        let was_on = blocking(move || store.drop_factor(user)).await?;
        was_on.then_some(StatusCode::NO_CONTENT).ok_or_else(Refused::not_found)
    }

    /// Refuses what does not prove again that it is the user who asks, with the password and, of who has a second factor, a code.
    pub(super) async fn proves_with_code(
        &self,
        asker: &Asker,
        peer: &Peer,
        password: Secret,
        code: Option<String>,
    ) -> Result<Proof, Refused> {
        self.proves(asker, peer, password).await?;
        let proof = self.proves_second(&asker.user, peer, code).await?;
        asker.proved();
        Ok(proof)
    }

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
            let detail = "this user logs in with a code of an authenticator app too";
            return Err(Refused::new(StatusCode::FORBIDDEN, "second-code-needed", detail));
        };
        let (number, tried) = (user.number, Secret::new(&*code));
        let right = self.checked_at(peer.source_ip(), Place::User(number), move |store| {
            let right = store.take_second_code(number, &code, clock::unix_ms())?;
            Ok(if right { Verdict::Right(()) } else { Verdict::Wrong(()) })
        });
        if right.await?.is_err() {
            tracing::warn!(user = user.name, source = %peer.source_ip(), "a wrong code of a second factor");
            self.note_often(peer, &user.name, "second-code-wrong").await;
            self.note_wrong(peer, "", &user.name, &tried).await;
            return Err(AccessRefused::WrongSecondCode.into());
        }
        Ok(Proof::SecondFactor)
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
