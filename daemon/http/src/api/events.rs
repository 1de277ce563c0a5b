//! Live events: a snapshot, then what changes.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use centrale_store::SessionToken;
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::asker::Asker;
use crate::body::LiveSnapshot;
use crate::clock;
use crate::edge::Edge;
use crate::live::{Message, Position};
use crate::problem::Refused;
use crate::session::token_in;

/// A comment is sent after this long without an event, so that a dead connection shows.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is looked at whether the session has ended by itself. Looking counts as a use, which is written down.
const SESSION_CHECK: Duration = Duration::from_secs(300);

/// Events as they happen (server-sent events). The first is `snapshot`, with everything; then `person`, `person-gone`,
/// `call`, `call-gone`, `trunk`, `trunk-gone`, `problem`, `problem-gone`, `device`, `device-gone`, `window`, `office`
/// and `record`, each with what changed. A person gets what is the own of that person. Who comes back with `Last-Event-ID` gets what was missed.
#[utoipa::path(get, path = "/api/v1/events",
    responses((status = 200, description = "A stream without end", body = LiveSnapshot, content_type = "text/event-stream")))]
pub(super) async fn events(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let token = token_in(&headers)
        .ok_or_else(|| Refused::new(StatusCode::UNAUTHORIZED, "logged-out", "this needs a session"))?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let listener = Listener {
        position: edge.0.live.position(last),
        news: edge.0.live.listen(),
        sessions_ended: edge.0.sessions_ended.subscribe(),
        check_at: Instant::now() + SESSION_CHECK,
        ready: VecDeque::new(),
        token,
        asker,
        edge,
    };
    let messages = stream::unfold(listener, async |mut listener| {
        let message = listener.next().await?;
        let event = Event::default().id(message.id).event(message.name).data(message.data);
        Some((Ok::<_, Infallible>(event), listener))
    });
    let mut response = Sse::new(messages).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A browser that listens.
struct Listener {
    edge: Edge,
    token: SessionToken,
    asker: Arc<Asker>,
    position: Position,
    ready: VecDeque<Message>,
    news: watch::Receiver<u64>,
    sessions_ended: watch::Receiver<u64>,
    check_at: Instant,
}

impl Listener {
    /// The next event; `None` when the session is over.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            self.news.mark_unchanged();
            let (messages, position) = self.edge.0.live.read(clock::moment().now, &self.position, self.asker.only());
            (self.ready, self.position) = (messages.into(), position);
            if self.ready.is_empty() && !self.wait().await {
                return None;
            }
        }
    }

    /// Waits for news. Whether the session still is.
    async fn wait(&mut self) -> bool {
        loop {
            tokio::select! {
                news = self.news.changed() => return news.is_ok(),
                _ = self.sessions_ended.changed() => {}
                () = tokio::time::sleep_until(self.check_at) => {}
            }
            self.check_at = Instant::now() + SESSION_CHECK;
            if !self.edge.is_open(&self.token).await.unwrap_or(false) {
                return false;
            }
        }
    }
}
