//! Paths that other exchanges have and this box never had: whoever asks for one looks for something to break into.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::edge::Edge;
use crate::peer::{Door, Peer};
use crate::session::whence;

/// First parts of paths, small letters. FreePBX and what is built on it, A2Billing, Elastix and Issabel, FusionPBX, VICIdial,
/// Asterisk's manager and REST interface over HTTP, 3CX, Yeastar, Grandstream; and what the same programs try beside them.
const FOLDERS: &[&str] = &[
    "a2billing",
    "admin",
    "agc",
    "amportal",
    "ari",
    "asterisk",
    "cgi-bin",
    "digium_phones",
    "elastix",
    "fop2",
    "freepbx",
    "fusionpbx",
    "issabel",
    "manager",
    "mxml",
    "panel",
    "phpmyadmin",
    "provisioning",
    "rawman",
    "recordings",
    "restapps",
    "sangoma",
    "tftpboot",
    "ucp",
    "vicidial",
    "vtigercrm",
    "webcgi",
    "webclient",
    "webrtc_phone",
    "wp-admin",
    ".env",
    ".git",
];
/// Endings of programs that the box does not have.
const ENDINGS: [&str; 6] = [".php", ".cgi", ".asp", ".aspx", ".jsp", ".pl"];
/// A question of FreePBX (`/admin/config.php?display=extensions`).
const QUESTION: &str = "display";

/// Whether a path with its query is another exchange's.
fn is_anothers(path: &str, query: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let path = path.trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    // A program's path may go on behind it: `index.php/login`.
    FOLDERS.contains(&first)
        || path.split('/').any(|part| ENDINGS.iter().any(|ending| part.ends_with(ending)))
        || query.split('&').any(|pair| pair.split('=').next() == Some(QUESTION))
}

/// Whether a page from elsewhere made a browser ask, or may have: its user tried nothing. Browsers say so over HTTPS (W3C Fetch
/// Metadata), and where they do not, what they come from is told by `Referer` (RFC 9110 10.1.3). A page can have them leave
/// that out, and in clear nothing else tells: so there whoever says which language it wants, as every browser does and hardly a
/// tool, is not held to it.
fn is_another_pages(headers: &HeaderMap, door: Door) -> bool {
    let said = |name: &'static str| headers.get(HeaderName::from_static(name)).map(|value| value.as_bytes());
    let (site, what) = (said("sec-fetch-site"), said("sec-fetch-dest"));
    if site.is_some() || what.is_some() {
        return site == Some(b"cross-site") || what.is_some_and(|what| !matches!(what, b"document" | b"empty"));
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let place = text(header::REFERER).and_then(|from| from.split_once("://"));
    let from = place.and_then(|(_, place)| place.split(['/', '?', '#']).next());
    if from.is_none() && !headers.contains_key(header::REFERER) && door == Door::Http {
        return headers.contains_key(header::ACCEPT_LANGUAGE);
    }
    from.is_some_and(|from| !from.eq_ignore_ascii_case(text(header::HOST).unwrap_or_default()))
}

/// Notes who asks for such a path, unless it was made to. It is answered as what is not there.
pub(crate) async fn honey(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if !is_anothers(request.uri().path(), request.uri().query().unwrap_or_default()) {
        return next.run(request).await;
    }
    if !is_another_pages(request.headers(), peer.door) {
        let (agent, path) = (whence(request.headers(), &peer).agent, request.uri().path().to_owned());
        edge.note_honey(&peer, &agent, &path).await;
    }
    match peer.door {
        Door::Https => StatusCode::NOT_FOUND.into_response(),
        // The one answer of that port.
        Door::Http => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_exchanges_have_is_told_from_what_the_page_and_phones_ask_for() {
        for (path, query) in [
            ("/admin/config.php", "display=extensions"),
            ("/admin/", ""),
            ("//recordings/index.php", ""),
            ("/a2billing/customer/", ""),
            ("/ARI/asterisk/info", ""),
            ("/index.php/login", ""),
            ("/", "display=fax&x=1"),
            ("/.env", ""),
            ("/cgi-bin/api.values.get", ""),
        ] {
            assert!(is_anothers(path, query), "{path}?{query}");
        }
        for (path, query) in [
            ("/", ""),
            ("/settings/incidents", ""),
            ("/people/201", ""),
            ("/assets/index-abc.js", ""),
            ("/setup.html", ""),
            ("/favicon.ico", ""),
            ("/api/v1/calls", "limit=50&displayed=1"),
            ("/p/0123/805ec0000001.cfg", ""),
            ("/y000000000000.boot", ""),
            ("/snomD785-000413A11FA7.htm", ""),
            ("/805ec0000001.cfg", ""),
            ("/robots.txt", ""),
        ] {
            assert!(!is_anothers(path, query), "{path}?{query}");
        }
    }
}
