//! Request bodies, with limits on size and time.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::problem::Refused;

/// The longest body. The largest that is meant, a trunk with a hundred numbers, has 3 KiB.
const LONGEST_BODY: usize = 64 * 1024;
/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(10);

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        // A page of another origin cannot send this type without asking first (the Fetch standard, CORS-preflight).
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "a body is application/json"));
        }
        let too_large = |_| Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "a body has at most 64 KiB");
        let too_slow = |_| Refused::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the body did not come in time");
        let body = tokio::time::timeout(BODY_TIME, to_bytes(request.into_body(), LONGEST_BODY)).await;
        let bytes = body.map_err(too_slow)?.map_err(too_large)?;
        // Only the place: the library's own words may hold what was sent, and that may be a password.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let place =
                format!("the body is not what it should be at line {}, column {}", error.line(), error.column());
            Refused::new(StatusCode::BAD_REQUEST, "malformed", place)
        })
    }
}
