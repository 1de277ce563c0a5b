//! Who may: sessions, the CSRF token, where a request comes from.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use centrale_config::Secret;
use centrale_store::{BROWSER_KNOWN_MS, BrowserToken, SessionRow, SessionToken, Whence};
use ring::hmac;

use crate::asker::{Asker, in_the_name_of};
use crate::audit::Done;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::pace::Whose;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::PROOF_HEADER;
use crate::roles::may;
use crate::room::Proven;

/// The cookie's name.
const COOKIE: &str = "centrale_session";
/// The name of the cookie by which a browser is known.
const BROWSER_COOKIE: &str = "centrale_browser";
/// The name of the cookie by which a browser is known that asks for a passkey.
const ASKER_COOKIE: &str = "centrale_asker";
/// Most characters that are kept of what a browser calls itself.
const LONGEST_AGENT: usize = 200;
/// The header that every write carries.
pub(crate) const CSRF_HEADER: &str = "x-centrale-csrf";
/// Where calls are stopped.
const STOPS: &str = "/api/v1/stops";
/// What the session's token signs to become its CSRF token.
const CSRF_PURPOSE: &[u8] = b"centrale csrf 1";

/// The session's token in a request.
pub(crate) fn token_in(headers: &HeaderMap) -> Option<SessionToken> {
    value_of(headers, COOKIE).map(SessionToken::from_cookie)
}

/// What a browser shows in which somebody logged in before.
pub(crate) fn browser_in(headers: &HeaderMap) -> Option<BrowserToken> {
    value_of(headers, BROWSER_COOKIE).map(BrowserToken::from_cookie)
}

/// What a browser shows that asked what a passkey is to sign.
pub(crate) fn asker_in(headers: &HeaderMap) -> Option<&str> {
    value_of(headers, ASKER_COOKIE)
}

/// The header by which a browser is known that asks what a passkey is to sign: what is signed is good there alone.
pub(crate) fn asker_cookie(token: &Secret) -> HeaderValue {
    let cookie =
        format!("{ASKER_COOKIE}={}; Path=/api/v1/session/passkey; Secure; HttpOnly; SameSite=Strict", token.reveal());
    let mut value = HeaderValue::try_from(cookie).expect("a token is base64");
    value.set_sensitive(true);
    value
}

fn value_of<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// The header that gives a browser its session. Without an end, so that it goes with the browser.
pub(crate) fn cookie(token: &SessionToken) -> HeaderValue {
    let cookie = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict", token.reveal());
    let mut value = HeaderValue::try_from(cookie).expect("a token is base64");
    value.set_sensitive(true);
    value
}

/// The header by which a browser is known when it comes back, as long as the box knows it. It goes to the log-in alone.
pub(crate) fn browser_cookie(token: &BrowserToken) -> HeaderValue {
    let (value, seconds) = (token.reveal(), BROWSER_KNOWN_MS / 1000);
    let cookie =
        format!("{BROWSER_COOKIE}={value}; Path=/api/v1/session; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
    let mut value = HeaderValue::try_from(cookie).expect("a token is base64");
    value.set_sensitive(true);
    value
}

/// The header that takes it away.
pub(crate) const fn no_cookie() -> HeaderValue {
    HeaderValue::from_static("centrale_session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// The CSRF token of a session: what only who can read the session's answers knows.
pub(crate) fn csrf(token: &SessionToken) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(&key(token), CSRF_PURPOSE))
}

fn key(token: &SessionToken) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, token.reveal().as_bytes())
}

fn carries_csrf(headers: &HeaderMap, token: &SessionToken) -> bool {
    let tag = headers.get(CSRF_HEADER).and_then(|given| URL_SAFE_NO_PAD.decode(given.as_bytes()).ok());
    // Compares in constant time.
    tag.is_some_and(|tag| hmac::verify(&key(token), CSRF_PURPOSE, &tag).is_ok())
}

impl Edge {
    /// A request's session with its token, if that is open. One that comes from elsewhere than where it was begun was
    /// stolen, as far as anybody can tell: it is over. So is one of who administers, where the office lets that be done no more.
    pub(crate) async fn session_of(
        &self,
        headers: &HeaderMap,
        peer: &Peer,
    ) -> Result<Option<(SessionToken, SessionRow)>, Refused> {
        let Some(token) = token_in(headers) else { return Ok(None) };
        let (store, asked) = (self.0.store.clone(), token.clone());
        let Some(session) = blocking(move || store.session(&asked, clock::unix_ms())).await? else { return Ok(None) };
        let is_here = session.whence == whence(headers, peer);
        if is_here && self.may_come_from(session.user.standing.role, peer.source_ip()).await {
            return Ok(Some((token, session)));
        }
        tracing::warn!(user = session.user.name, source = %peer.source_ip(), "a session came from elsewhere; it is over");
        self.end_session(session.number).await?;
        self.note(peer, &session.user.name, "session-elsewhere", String::new()).await;
        Ok(None)
    }

    /// Whether a user of that name logged in with this browser before.
    pub(crate) async fn knows_browser(&self, headers: &HeaderMap, name: &str) -> Result<bool, Refused> {
        let Some(shown) = browser_in(headers) else { return Ok(false) };
        let (store, name) = (self.0.store.clone(), name.to_owned());
        Ok(blocking(move || store.knows_browser(&name, &shown, clock::unix_ms())).await?)
    }

    /// Ends a session, and what is streamed to it.
    pub(crate) async fn end_session(&self, number: u64) -> Result<(), Refused> {
        let store = self.0.store.clone();
        blocking(move || store.end_session(number)).await?;
        self.sessions_ended();
        Ok(())
    }

    /// Sessions were ended: what is streamed to them ends too.
    pub(crate) fn sessions_ended(&self) {
        self.0.sessions_ended.send_modify(|ended| *ended += 1);
    }

    pub(crate) async fn is_open(&self, token: &SessionToken) -> Result<bool, Refused> {
        let (store, token) = (self.0.store.clone(), token.clone());
        Ok(blocking(move || store.session(&token, clock::unix_ms())).await?.is_some())
    }
}

/// Where a request comes from, as far as a session is bound to it.
pub(crate) fn whence(headers: &HeaderMap, peer: &Peer) -> Whence {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Whence { source: peer.source_place().to_string(), agent: agent.chars().take(LONGEST_AGENT).collect() }
}

/// Lets through who has a session whose role reaches the route and, for a write, shows that it is the page that asks.
pub(crate) async fn admit(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    route: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let (token, session) = match edge.session_of(request.headers(), &peer).await {
        Ok(Some(open)) => open,
        Ok(None) => {
            let logged_out = Refused::new(StatusCode::UNAUTHORIZED, "logged-out", "this needs a session");
            return edge.keeps_pace(Whose::source(&peer)).err().unwrap_or(logged_out).into_response();
        }
        Err(refused) => return refused.into_response(),
    };
    // Whoever stops calls has no time to wait.
    let is_stop = request.method() == Method::POST && route.as_str() == STOPS;
    if let Err(refused) = edge.keeps_pace(Whose::Session(session.number))
        && !is_stop
    {
        return refused.into_response();
    }
    if !request.method().is_safe() && !carries_csrf(request.headers(), &token) {
        return foreign("the header X-Centrale-CSRF is missing or not this session's");
    }
    let asker = Asker::of(session, peer.source_ip());
    if !may(&asker, request.method(), route.as_str(), request.uri().path()) {
        let detail = "your role does not allow this";
        edge.note_often(&peer, &asker.user.name, "refused").await;
        return Refused::new(StatusCode::FORBIDDEN, "not-allowed", detail).into_response();
    }
    if let Some(shown) = request.headers().get(PROOF_HEADER).and_then(|shown| shown.to_str().ok()) {
        edge.take_proof(clock::moment().now, &asker, shown);
    }
    request.extensions_mut().insert(Arc::clone(&asker));
    let done = Done::of(&request, &route);
    let mut response = in_the_name_of(Arc::clone(&asker), next.run(request)).await;
    response.extensions_mut().insert(Proven);
    if let Some(done) = done.filter(|_| response.status().is_success()) {
        edge.note_done(&peer, &asker, done).await;
        // It stands, and is answered as such, even when the exchange is late.
        let _ = edge.is_in_force().await;
    }
    response
}

/// Counts what is asked by whoever needs no session for it.
pub(crate) async fn paced(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    match edge.keeps_pace(Whose::source(&peer)) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// Refuses writes that a page of another origin asks for (RFC 6454 7).
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    let ours = |origin: &HeaderValue| {
        origin.as_bytes().strip_prefix(b"https://").is_some_and(|origin| origin.eq_ignore_ascii_case(host))
    };
    if !request.method().is_safe() && !headers.get_all(header::ORIGIN).iter().all(ours) {
        return foreign("a page of another origin asks");
    }
    next.run(request).await
}

/// Runs a write to its end, even if who asked for it goes away: half of one must never be left.
pub(crate) async fn uninterrupted(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refused::fault().into_response(),
    }
}

fn foreign(detail: &str) -> Response {
    Refused::new(StatusCode::FORBIDDEN, "csrf", detail).into_response()
}
