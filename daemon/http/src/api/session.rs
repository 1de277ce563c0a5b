//! Set-up, login, the way in with a one-time code, another password, logout.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use axum::{Extension, Json};
use centrale_alerts::Access;
use centrale_config::{Change, Office, Secret};
use centrale_store::{AccessRefused, FIRST_OWNER, Role, SessionToken, Standing, Store, StoreError, UserRow};

use crate::asker::Asker;
use crate::attempts::Place;
use crate::body::{Join, LogIn, Me, NewPassword, PageLanguage, Session, SessionState, SetUp};
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::roles::reached_by;
use crate::session::{browser_cookie, browser_in, cookie, csrf, no_cookie, whence};

/// How far whoever asks is, and in which language.
#[utoipa::path(get, path = "/api/v1/session", responses((status = 200, description = "How far", body = Session)))]
pub(super) async fn session(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Json<Session>, Refused> {
    let open = edge.session_of(&headers, &peer).await?;
    let store = edge.0.store.clone();
    let set_up = blocking(move || store.is_set_up()).await?;
    let office = edge.office().await;
    Ok(Json(match open {
        Some((token, session)) => edge.opened(&token, session.user, &office).await?,
        None => closed(if set_up { SessionState::Login } else { SessionState::Setup }, &office),
    }))
}

/// Sets the first password with the code that the box shows, and logs in.
#[utoipa::path(post, path = "/api/v1/setup", request_body = SetUp,
    responses((status = 200, description = "Set up and logged in", body = Session)))]
pub(super) async fn set_up(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(SetUp { code, password, language }): Body<SetUp>,
) -> Result<Response, Refused> {
    edge.is_where_it_may_be(Role::Owner, &peer).await?;
    let (password, tried) = (Secret::new(password), Secret::new(&*code));
    let owner = edge.checked(peer.source_ip(), move |store| verdict(store.set_up(&code, &password)));
    let owner = edge.by_code(&peer, &headers, &tried, owner.await?).await?;
    let identity = edge.office().await.identity.clone();
    edge.change(Change::SetIdentity {
        name: identity.name,
        country: identity.country.to_string(),
        area_code: identity.area_code,
        language: language.code().to_owned(),
        time_zone: identity.time_zone,
    })
    .await?;
    tracing::info!(source = %peer.source_ip(), "the box was set up");
    edge.note(&peer, &owner.name, "set-up", String::new()).await;
    begin(&edge, owner, None, &headers, &peer).await
}

/// Logs in. Who has a second factor is asked for its code once the password was right.
#[utoipa::path(post, path = "/api/v1/session", request_body = LogIn,
    responses((status = 200, description = "Logged in", body = Session)))]
pub(super) async fn log_in(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(LogIn { name, password, code }): Body<LogIn>,
) -> Result<Response, Refused> {
    let (name, password) = (name.unwrap_or_else(|| FIRST_OWNER.to_owned()), Secret::new(password));
    let (whence, visitor) = (whence(&headers, &peer), edge.visitor(&headers, &peer, &name).await?);
    let (tried, typed) = (password.clone(), name.clone());
    if let Err(refused) = edge.receives(&visitor) {
        edge.note_distributed(&peer, &whence.agent, &typed).await;
        return Err(refused);
    }
    let found = edge.checked_at(peer.source_ip(), visitor.place(), move |store| {
        let user = store.user_of(&name, &password, clock::unix_ms())?;
        Ok(user.map_or(Verdict::Wrong(()), Verdict::Right))
    });
    let Ok(user) = found.await? else {
        edge.note_often(&peer, "", "log-in-wrong").await;
        if edge.judged_wrong(&visitor, &tried) {
            edge.note_distributed(&peer, &whence.agent, &typed).await;
        }
        if !visitor.is_known() {
            edge.note_wrong(&peer, &whence.agent, &typed, &tried).await;
        }
        return Err(wrong_password(peer.source_ip()));
    };
    edge.proves_second(&user, &peer, code).await?;
    edge.comes_from_where_it_may(&user, &peer).await?;
    edge.note(&peer, &user.name, "log-in", String::new()).await;
    edge.note_right(&peer, &whence.agent, &user.name, visitor.is_known()).await;
    edge.comes_in(user, None, &headers, &peer).await
}

/// Comes in with a one-time code and chooses a password. Every other session of that user is over. Who has a second factor logs
/// in then.
#[utoipa::path(post, path = "/api/v1/session/join", request_body = Join,
    responses((status = 200, description = "Logged in, or to log in", body = Session)))]
pub(super) async fn join(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(Join { code, password }): Body<Join>,
) -> Result<Response, Refused> {
    let (password, tried) = (Secret::new(password), Secret::new(&*code));
    let joined = edge.checked(peer.source_ip(), move |store| verdict(store.join(&code, &password, clock::unix_ms())));
    let user = edge.by_code(&peer, &headers, &tried, joined.await?).await?;
    edge.sessions_ended();
    tracing::info!(user = user.name, source = %peer.source_ip(), "a user came in with a one-time code");
    edge.note(&peer, &user.name, "joined", String::new()).await;
    if user.has_factor {
        return Ok(Json(closed(SessionState::Login, &*edge.office().await)).into_response());
    }
    edge.comes_from_where_it_may(&user, &peer).await?;
    edge.comes_in(user, None, &headers, &peer).await
}

/// Chooses another password. Every session of this user is over, and a new one begins here.
#[utoipa::path(put, path = "/api/v1/session/password", request_body = NewPassword,
    responses((status = 200, description = "It is the password, and this is the session", body = Session)))]
pub(super) async fn change_password(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    headers: HeaderMap,
    Body(NewPassword { password, new_password }): Body<NewPassword>,
) -> Result<Response, Refused> {
    edge.proves(&asker, &peer, Secret::new(password)).await?;
    let (store, user, chosen) = (edge.0.store.clone(), asker.user.number, Secret::new(new_password));
    blocking(move || Ok(store.replace_password(user, &chosen))).await??;
    edge.sessions_ended();
    begin(&edge, asker.user.clone(), None, &headers, &peer).await
}

/// Ends the session of whoever asks.
#[utoipa::path(delete, path = "/api/v1/session", responses((status = 204, description = "Logged out")))]
pub(super) async fn log_out(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<Response, Refused> {
    edge.end_session(asker.session).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, no_cookie())]).into_response())
}

/// What came of a secret that was tried.
pub(super) enum Verdict<T, E> {
    /// It is the right one.
    Right(T),
    /// It is a wrong one, which counts.
    Wrong(E),
    /// Something else is in the way, which does not count.
    Neither(E),
}

/// A wrong code counts; whatever else is wrong does not.
pub(super) fn verdict<T>(tried: Result<T, AccessRefused>) -> Result<Verdict<T, Refused>, StoreError> {
    Ok(match tried {
        Ok(done) => Verdict::Right(done),
        Err(AccessRefused::Store(error)) => return Err(error),
        Err(wrong @ (AccessRefused::WrongCode | AccessRefused::WrongSecondCode)) => Verdict::Wrong(wrong.into()),
        Err(other) => Verdict::Neither(other.into()),
    })
}

fn wrong_password(source: IpAddr) -> Refused {
    tracing::warn!(%source, "a wrong password on the page");
    Refused::new(StatusCode::FORBIDDEN, "wrong-password", "this is not the password")
}

impl Edge {
    /// What came of a one-time code: a wrong one is noted.
    async fn by_code(
        &self,
        peer: &Peer,
        headers: &HeaderMap,
        code: &Secret,
        came: Result<UserRow, Refused>,
    ) -> Result<UserRow, Refused> {
        if came.as_ref().is_err_and(|refused| refused.is("wrong-code")) {
            self.note_wrong(peer, &whence(headers, peer).agent, "", code).await;
        }
        came
    }

    /// Begins the session of who proved everything, with this passkey or with none, and tells it where the browser is new to that
    /// user.
    pub(super) async fn comes_in(
        &self,
        user: UserRow,
        passkey: Option<u64>,
        headers: &HeaderMap,
        peer: &Peer,
    ) -> Result<Response, Refused> {
        if !self.knows_browser(headers, &user.name).await? {
            self.tell_access(Access::NewBrowser, &user.name, peer.source_ip());
        }
        begin(self, user, passkey, headers, peer).await
    }

    /// Refuses what does not prove again that it is the user who asks: a thief with a session knows no password. Who was
    /// wrong must wait.
    pub(super) async fn proves(&self, asker: &Asker, peer: &Peer, password: Secret) -> Result<(), Refused> {
        let (user, source, tried) = (asker.user.number, peer.source_ip(), password.clone());
        let right = self.checked(source, move |store| {
            let right = store.is_password_of(user, &password)?;
            Ok(if right { Verdict::Right(()) } else { Verdict::Wrong(()) })
        });
        if right.await?.is_err() {
            self.note_wrong(peer, "", &asker.user.name, &tried).await;
            return Err(wrong_password(source));
        }
        Ok(())
    }

    /// Tries a secret, unless who asks must wait after a wrong one.
    async fn checked<T: Send + 'static, E: Send + 'static>(
        &self,
        source: IpAddr,
        check: impl FnOnce(&Store) -> Result<Verdict<T, E>, StoreError> + Send + 'static,
    ) -> Result<Result<T, E>, Refused> {
        self.checked_at(source, source.into(), check).await
    }

    /// The same, with the wrong ones counted at this place.
    pub(super) async fn checked_at<T: Send + 'static, E: Send + 'static>(
        &self,
        source: IpAddr,
        place: Place,
        check: impl FnOnce(&Store) -> Result<Verdict<T, E>, StoreError> + Send + 'static,
    ) -> Result<Result<T, E>, Refused> {
        let attempts = || self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_near = (self.0.surroundings.is_attached)(source);
        let begun = attempts().of(is_near).begin(clock::moment().now, place);
        begun.map_err(|left| Refused::wait(left.as_secs_f64().ceil() as u64))?;
        let _turn = self.0.password_checks.acquire().await.map_err(|_| Refused::fault())?;
        let store = self.0.store.clone();
        let verdict = blocking(move || check(&store)).await;
        if !matches!(verdict, Ok(Verdict::Wrong(_))) {
            attempts().of(is_near).forgive(place);
        }
        Ok(match verdict? {
            Verdict::Right(right) => Ok(right),
            Verdict::Wrong(wrong) | Verdict::Neither(wrong) => Err(wrong),
        })
    }
}

async fn begin(
    edge: &Edge,
    user: UserRow,
    passkey: Option<u64>,
    headers: &HeaderMap,
    peer: &Peer,
) -> Result<Response, Refused> {
    let (store, number) = (edge.0.store.clone(), user.number);
    let (whence, shown) = (whence(headers, peer), browser_in(headers));
    let (token, browser) = blocking(move || {
        let now = clock::unix_ms();
        Ok((store.open_session(number, passkey, whence, now)?, store.remember_browser(number, shown, now)?))
    })
    .await?;
    edge.forget_who_is_at_home().await;
    let session = edge.opened(&token, user, &*edge.office().await).await?;
    let cookies = [cookie(&token), browser_cookie(&browser)].map(|cookie| (header::SET_COOKIE, cookie));
    Ok((AppendHeaders(cookies), Json(session)).into_response())
}

fn closed(state: SessionState, office: &Office) -> Session {
    let language = PageLanguage::of(office.identity.language);
    Session { state, language, csrf: None, office_name: None, me: None, rules: None }
}

impl Edge {
    async fn opened(&self, token: &SessionToken, user: UserRow, office: &Office) -> Result<Session, Refused> {
        let UserRow { number, name, standing: Standing { role, person, ends_unix_ms }, .. } = user;
        Ok(Session {
            state: SessionState::Open,
            language: PageLanguage::of(office.identity.language),
            csrf: Some(csrf(token)),
            office_name: Some(office.identity.name.clone()),
            me: Some(Me { name, role: role.word(), person, ends: ends_unix_ms, may: reached_by(role) }),
            rules: self.rules_due(number, office).await?,
        })
    }
}
