//! The page: files that were built from `web-ui`, in the binary.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use rust_embed::RustEmbed;

use crate::problem::Refused;

/// What was built. Empty when it was not.
#[derive(RustEmbed)]
#[folder = "../../web-ui/dist"]
#[allow_missing = true]
struct Dist;

/// Shown when the daemon was built without its page.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Centrale</title>\
    <h1>The page was not built</h1><p>The exchange works. Build web-ui, then the daemon.</p></html>";

/// What was built under a name.
type Files<'a> = &'a (dyn Fn(&str) -> Option<Cow<'static, [u8]>> + Sync);

/// Any path that is nothing else.
pub(crate) async fn page(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Refused::not_found().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let dist: Files<'_> = &|name| Dist::get(name).map(|file| file.data);
    answer(dist, path, request.headers())
}

fn answer(files: Files<'_>, path: &str, headers: &HeaderMap) -> Response {
    let Some(name) = name_of(path) else { return StatusCode::NOT_FOUND.into_response() };
    let coded = [("br", ".br"), ("gzip", ".gz"), ("", "")];
    let taken = coded.iter().filter(|(coding, _)| coding.is_empty() || takes(headers, coding));
    let mut found = taken.filter_map(|(coding, ending)| Some((*coding, files(&format!("{name}{ending}"))?)));
    match found.next() {
        Some((coding, content)) => file(name, coding, content, headers),
        None if matches!(name, "index.html" | "setup.html") => {
            file(name, "", Cow::Borrowed(NOT_BUILT.as_bytes()), headers)
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The file that a path means. Paths without a dot are the page's own: it finds its way by them.
fn name_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix('/')?;
    match name {
        // What is stored twice for saving is no address.
        _ if name.ends_with(".br") || name.ends_with(".gz") => None,
        _ if name.contains('.') => Some(name),
        _ => Some("index.html"),
    }
}

fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let mut items = lines.flat_map(|line| line.split(','));
    items.any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        // RFC 9110 12.4.2: a weight of zero means "not this one".
        named && !parts.any(|weight| weight.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0f32)))
    })
}

fn file(name: &str, coding: &'static str, content: Cow<'static, [u8]>, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest(&SHA256, &content).as_ref()[..12]));
    let tag = HeaderValue::try_from(tag).expect("base64 in quotes is a header's value");
    let known = headers.get(header::IF_NONE_MATCH) == Some(&tag);
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(content.into_owned())) };
    let out = response.headers_mut();
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(type_of(name)));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    out.insert(header::ETAG, tag);
    if !coding.is_empty() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// The types of what `web-ui` builds.
fn type_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "webmanifest" => "application/json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(name: &str) -> Option<Cow<'static, [u8]>> {
        let names = ["index.html", "index.html.br", "index.html.gz", "setup.html", "assets/a-1.js", "assets/a-1.js.gz"];
        names.contains(&name).then(|| Cow::Owned(name.as_bytes().to_vec()))
    }

    async fn got(files: Files<'_>, path: &str, accept: &str) -> (StatusCode, HeaderMap, String) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
        let (parts, body) = answer(files, path, &headers).into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_path_of_the_page_gives_its_entry_and_a_file_is_a_file() {
        for (path, file) in [
            ("/", "index.html"),
            ("/people", "index.html"),
            ("/people/201", "index.html"),
            ("/setup.html", "setup.html"),
            ("/assets/a-1.js", "assets/a-1.js"),
        ] {
            let (status, _, body) = got(&built, path, "identity").await;
            assert_eq!((status, body.as_str()), (StatusCode::OK, file), "{path}");
        }
        for path in ["/nothing.js", "/assets/none.js", "/index.html.br", "/../Cargo.toml", "/assets/../index.html"] {
            assert_eq!(got(&built, path, "br").await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn the_smallest_form_that_the_browser_takes_is_sent() {
        for (path, accept, coding, file) in [
            ("/", "gzip, deflate, br", Some("br"), "index.html.br"),
            ("/", "gzip", Some("gzip"), "index.html.gz"),
            ("/", "br;q=0, gzip;q=1.0", Some("gzip"), "index.html.gz"),
            ("/", "", None, "index.html"),
            ("/assets/a-1.js", "gzip, br", Some("gzip"), "assets/a-1.js.gz"),
        ] {
            let (_, headers, body) = got(&built, path, accept).await;
            assert_eq!(
                headers.get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap()),
                coding,
                "{accept}"
            );
            assert_eq!(body, file);
        }
    }

    #[tokio::test]
    async fn hashed_files_are_kept_for_good_and_entries_are_asked_for_again() {
        let cache = |headers: &HeaderMap| headers[header::CACHE_CONTROL].to_str().unwrap().to_owned();
        let (_, asset, _) = got(&built, "/assets/a-1.js", "").await;
        assert!(cache(&asset).contains("immutable"));
        let (_, entry, _) = got(&built, "/", "").await;
        assert_eq!(cache(&entry), "no-cache");
        let mut again = HeaderMap::new();
        again.insert(header::IF_NONE_MATCH, entry[header::ETAG].clone());
        assert_eq!(answer(&built, "/", &again).status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn a_daemon_without_its_page_says_so() {
        let (status, _, body) = got(&|_| None, "/", "br").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("was not built"));
    }
}
