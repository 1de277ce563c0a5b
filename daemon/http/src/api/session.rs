//! Set-up, login, logout.

use std::net::IpAddr;
use std::sync::PoisonError;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use centrale_config::{Change, Office, Secret};
use centrale_store::{AdminRefused, SHORTEST_ADMIN_PASSWORD, SessionToken, Store, StoreError};

use crate::body::{LogIn, PageLanguage, Session, SessionState, SetUp};
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::session::{cookie, csrf, no_cookie, token_in};

/// How far whoever asks is, and in which language.
#[utoipa::path(get, path = "/api/v1/session", responses((status = 200, description = "How far", body = Session)))]
pub(super) async fn session(State(edge): State<Edge>, headers: HeaderMap) -> Result<Json<Session>, Refused> {
    let open = edge.session_of(&headers).await?;
    let store = edge.0.store.clone();
    let set_up = blocking(move || store.is_set_up()).await?;
    let office = office(&edge).await;
    Ok(Json(match open {
        Some(token) => opened(&token, &office),
        None => Session {
            state: if set_up { SessionState::Login } else { SessionState::Setup },
            language: PageLanguage::of(office.identity.language),
            csrf: None,
            office_name: None,
        },
    }))
}

/// Sets the first password with the code that the box shows, and logs in.
#[utoipa::path(post, path = "/api/v1/setup", request_body = SetUp,
    responses((status = 200, description = "Set up and logged in", body = Session)))]
pub(super) async fn set_up(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Body(SetUp { code, password, language }): Body<SetUp>,
) -> Result<Response, Refused> {
    let password = Secret::new(password);
    edge.checked(peer.source_ip(), move |store| set_password(store, &code, &password)).await??;
    let identity = office(&edge).await.identity.clone();
    edge.change(Change::SetIdentity {
        name: identity.name,
        country: identity.country.to_string(),
        area_code: identity.area_code,
        language: language.code().to_owned(),
        time_zone: identity.time_zone,
    })
    .await?;
    tracing::info!(source = %peer.source_ip(), "the box was set up");
    begin(&edge).await
}

/// Logs in.
#[utoipa::path(post, path = "/api/v1/session", request_body = LogIn,
    responses((status = 200, description = "Logged in", body = Session)))]
pub(super) async fn log_in(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Body(LogIn { password }): Body<LogIn>,
) -> Result<Response, Refused> {
    edge.is_the_password(peer.source_ip(), Secret::new(password)).await?;
    begin(&edge).await
}

/// Ends the session of whoever asks.
#[utoipa::path(delete, path = "/api/v1/session", responses((status = 204, description = "Logged out")))]
pub(super) async fn log_out(State(edge): State<Edge>, headers: HeaderMap) -> Result<Response, Refused> {
    if let Some(token) = token_in(&headers) {
        let store = edge.0.store.clone();
        blocking(move || store.end_session(&token)).await?;
        edge.0.sessions_ended.send_modify(|ended| *ended += 1);
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, no_cookie())]).into_response())
}

/// What came of a secret that was tried.
enum Verdict<T, E> {
    /// It is the right one.
    Right(T),
    /// It is a wrong one, which counts.
    Wrong(E),
    /// Something else is in the way, which does not count.
    Neither(E),
}

fn set_password(store: &Store, code: &str, password: &Secret) -> Result<Verdict<(), Refused>, StoreError> {
    let length = format!("a password has at least {SHORTEST_ADMIN_PASSWORD} characters");
    Ok(match store.set_up(code, password) {
        Ok(()) => Verdict::Right(()),
        Err(AdminRefused::WrongCode) => {
            Verdict::Wrong(Refused::new(StatusCode::FORBIDDEN, "wrong-code", "this is not the code that the box shows"))
        }
        Err(AdminRefused::AlreadySetUp) => {
            Verdict::Neither(Refused::new(StatusCode::CONFLICT, "already-set-up", "the box has a password already"))
        }
        Err(AdminRefused::PasswordTooShort) => {
            Verdict::Neither(Refused::field("password", "password-too-short", length))
        }
        Err(AdminRefused::PasswordTooLong) => {
            Verdict::Neither(Refused::field("password", "password-too-long", "a password has at most 1024 bytes"))
        }
        Err(AdminRefused::Store(error)) => return Err(error),
    })
}

impl Edge {
    /// Refuses a password that is not the page's. Who was wrong must wait.
    pub(super) async fn is_the_password(&self, source: IpAddr, password: Secret) -> Result<(), Refused> {
        let right = self.checked(source, move |store| {
            let right = store.is_password(&password)?;
            Ok(if right { Verdict::Right(()) } else { Verdict::Wrong(()) })
        });
        right.await?.map_err(|()| {
            tracing::warn!(%source, "a wrong password on the page");
            Refused::new(StatusCode::FORBIDDEN, "wrong-password", "this is not the password")
        })
    }

    /// Tries a secret, unless who asks must wait after a wrong one.
    async fn checked<T: Send + 'static, E: Send + 'static>(
        &self,
        source: IpAddr,
        check: impl FnOnce(&Store) -> Result<Verdict<T, E>, StoreError> + Send + 'static,
    ) -> Result<Result<T, E>, Refused> {
        let attempts = || self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = attempts().begin(clock::moment().now, source);
        begun.map_err(|left| Refused::wait(left.as_secs_f64().ceil() as u64))?;
        let _turn = self.0.password_checks.acquire().await.map_err(|_| Refused::fault())?;
        let store = self.0.store.clone();
        let verdict = blocking(move || check(&store)).await;
        if !matches!(verdict, Ok(Verdict::Wrong(_))) {
            attempts().forgive(source);
        }
        Ok(match verdict? {
            Verdict::Right(right) => Ok(right),
            Verdict::Wrong(wrong) | Verdict::Neither(wrong) => Err(wrong),
        })
    }
}

async fn begin(edge: &Edge) -> Result<Response, Refused> {
    let store = edge.0.store.clone();
    let token = blocking(move || store.open_session(clock::unix_ms())).await?;
    let session = opened(&token, &*office(edge).await);
    Ok(([(header::SET_COOKIE, cookie(&token))], Json(session)).into_response())
}

fn opened(token: &SessionToken, office: &Office) -> Session {
    Session {
        state: SessionState::Open,
        language: PageLanguage::of(office.identity.language),
        csrf: Some(csrf(token)),
        office_name: Some(office.identity.name.clone()),
    }
}

async fn office(edge: &Edge) -> std::sync::Arc<Office> {
    std::sync::Arc::clone(&edge.0.desk.lock().await.office)
}
