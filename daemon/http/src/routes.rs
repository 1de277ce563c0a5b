//! Which path is answered by whom, and the OpenAPI document that says so.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use crate::api;
use crate::body::LiveSnapshot;
use crate::edge::Edge;
use crate::honey::honey;
use crate::problem::{PROBLEM_TYPE, Problem, Refused};
use crate::session::{admit, paced, same_origin, uninterrupted};
use crate::{page, provision};

/// What a browser may load and do on the page: only what the box itself serves.
const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Nothing of an office's exchange belongs into anybody's index (RFC 9309).
const NO_ROBOTS: &str = "User-agent: *\nDisallow: /\n";

/// Headers of every answer over HTTPS. No HSTS: where the box's own authority is not installed, a browser that was told
/// to insist could not reach the page any more.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Centrale",
        description = "What the page of the box asks of it. Stable codes in problems; no secrets \
        but where a description says so."
    ),
    components(schemas(Problem, LiveSnapshot))
)]
struct Document;

/// The API with its document. Whatever is under the second router asks for a session.
fn described() -> (OpenApiRouter<Edge>, OpenApiRouter<Edge>) {
    (OpenApiRouter::with_openapi(Document::openapi()).merge(api::open()), api::guarded())
}

/// The OpenAPI document of the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (open, guarded) = described();
    let mut document = open.merge(guarded).into_openapi();
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let refused = ResponseBuilder::new().description("Refused").content(PROBLEM_TYPE, problem).build();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), refused.clone().into());
        }
    }
    document
}

impl Edge {
    /// Everything that is answered over HTTPS. Each request carries its [`crate::Peer`] as an extension.
    pub fn https_router(&self) -> Router {
        let (open, guarded) = described();
        let guarded = guarded.layer(from_fn_with_state(self.clone(), admit));
        let open = open.layer(from_fn_with_state(self.clone(), paced));
        let api: Router<Edge> = open.merge(guarded).into();
        api.layer(map_response(uniform))
            .layer(from_fn(uninterrupted))
            .layer(from_fn(same_origin))
            .method_not_allowed_fallback(async || {
                Refused::new(axum::http::StatusCode::METHOD_NOT_ALLOWED, "method", "not with this method")
            })
            .route("/api/v1/openapi.json", get(async || axum::Json(openapi())))
            .route("/robots.txt", get(async || NO_ROBOTS))
            .route("/p/{*rest}", axum::routing::any(provision::file))
            .route("/l/{*rest}", axum::routing::any(provision::file))
            .fallback(page::page)
            .layer(from_fn_with_state(self.clone(), honey))
            .layer(from_fn(with_headers))
            .with_state(self.clone())
    }

    /// Everything that is answered in clear: phones that do not know the box yet, and nobody else.
    pub fn http_router(&self) -> Router {
        Router::new()
            .fallback(provision::in_clear)
            .layer(from_fn_with_state(self.clone(), honey))
            .with_state(self.clone())
    }
}

/// What the framework refuses by itself, a path that is no text or a limit that is no number, in the API's form.
async fn uniform(response: Response) -> Response {
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_TYPE);
    if !response.status().is_client_error() || is_problem {
        return response;
    }
    Refused::new(response.status(), "malformed", "the address is not what it should be").into_response()
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(HEADERS);
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
