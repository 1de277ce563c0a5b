//! Requests of phones for their settings: handed to the enrolment as they came.

use std::str;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, http};
use centrale_provisioning::enrolment::{Answer, HttpRequest, Neighbour, Reach, Scheme};

use crate::clock;
use crate::desk::Desk;
use crate::edge::Edge;
use crate::peer::{Door, Peer};
use crate::room::Proven;

/// Says that an app of Linphone asks, and not a browser that was shown the link.
const LINPHONE_HEADER: &str = "x-linphone-provisioning";

/// The whole of the port in clear: phones, and a hint for people who forgot the s.
pub(crate) async fn in_clear(State(edge): State<Edge>, peer: Extension<Peer>, request: Request) -> Response {
    if request.method() == Method::GET && request.uri().path() == "/" {
        let host = host_of(request.headers()).unwrap_or_else(|| literal(&peer));
        return Redirect::temporary(&format!("https://{host}:{}/", edge.0.settings.https_port)).into_response();
    }
    file(State(edge), peer, request).await
}

/// A file for a phone, or the one 404.
pub(crate) async fn file(State(edge): State<Edge>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let (asking, asked, source) = (edge.clone(), parts.headers.clone(), peer.source_ip());
    // To its end, even if the phone hangs up: what was handed out must be what was kept.
    let answer = tokio::spawn(async move { answer(&asking, &peer, &parts).await }).await;
    let Ok(Some(answer)) = answer else {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response();
    };
    tokio::time::sleep(answer.delay).await;
    let given = answer.status == 200;
    let mut response = match &answer.firmware {
        Some(firmware) => with_headers(edge.send_firmware(firmware, &asked, source).await, answer.headers),
        None => response(answer),
    };
    if given {
        response.extensions_mut().insert(Proven);
    }
    response
}

/// What a phone that is told nothing now is told to wait, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// `None` when the answer may not go out: what must be kept could not be, or the exchange does not know its password yet.
async fn answer(edge: &Edge, peer: &Peer, parts: &http::request::Parts) -> Option<Answer> {
    let (source, now) = (peer.source_ip(), clock::moment().now);
    let reach = edge.reach_of(source);
    let flood = edge.0.desk.lock().await.enrolment.is_flood(now, source, reach, parts.uri.path());
    let neighbour = match (flood, reach) {
        (false, _) => edge.neighbour_of(source, peer.local_ip()).await,
        // It is not asked who that is, but must count where it counted.
        (true, Reach::OnLink) => Neighbour::NoEntry,
        (true, Reach::Routed) => Neighbour::Routed,
    };
    let knock = HttpRequest {
        scheme: if peer.door == Door::Https { Scheme::Https } else { Scheme::Http },
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        user_agent: parts.headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default(),
        linphone_header: parts.headers.contains_key(LINPHONE_HEADER),
        source,
        local: peer.local_ip(),
        neighbour,
        certificate: peer.certificate,
    };
    let mut desk = edge.0.desk.lock().await;
    let Desk { enrolment, rng, .. } = &mut *desk;
    let (answer, effects) = enrolment.handle_request(clock::moment(), &knock, rng);
    let kept = edge.carry_out(&mut desk, effects).await.is_ok();
    drop(desk);
    if kept && (answer.status != 200 || edge.is_in_force().await) {
        return Some(answer);
    }
    if answer.status == 200 {
        let mut desk = edge.0.desk.lock().await;
        let effects = desk.enrolment.handle_not_sent(clock::moment(), knock.scheme, knock.path);
        // What could not be kept is in the log; the phone is told nothing anyway.
        let _ = edge.carry_out(&mut desk, effects).await;
    }
    None
}

fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::NOT_FOUND);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    with_headers(response, answer.headers)
}

fn with_headers(mut response: Response, headers: &[(&'static str, &'static str)]) -> Response {
    for (name, value) in headers {
        response.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    response
}

/// The host that was asked for, without its port, if it is one.
fn host_of(headers: &HeaderMap) -> Option<String> {
    let host = str::from_utf8(headers.get(header::HOST)?.as_bytes()).ok()?;
    let authority: http::uri::Authority = host.parse().ok()?;
    Some(authority.host().to_owned()).filter(|host| !host.is_empty())
}

fn literal(peer: &Peer) -> String {
    match peer.local_ip() {
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    }
}
