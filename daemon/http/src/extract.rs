//! Request bodies, with limits on size and time.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::problem::Refused;

/// The longest body. The largest that is meant, a trunk with a hundred numbers, has 3 KiB.
const LONGEST_BODY: usize = 64 * 1024;
/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The longest file: a tariff deck of a hundred thousand rows.
const LONGEST_FILE: usize = centrale_ledger::deck::MOST_BYTES;
/// How long a file may take to come.
const FILE_TIME: Duration = Duration::from_secs(60);

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        expect_kind(&request, "application/json", "not-json")?;
        let bytes = bytes_of(request, LONGEST_BODY, BODY_TIME).await?;
        // Only the place: the library's own words may hold what was sent, and that may be a password.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let place =
                format!("the body is not what it should be at line {}, column {}", error.line(), error.column());
            Refused::new(StatusCode::BAD_REQUEST, "malformed", place)
        })
    }
}

/// A file of comma-separated values, in whatever text it is.
pub(crate) struct CsvFile(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for CsvFile {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        expect_kind(&request, "text/csv", "not-csv")?;
        bytes_of(request, LONGEST_FILE, FILE_TIME).await.map(Self)
    }
}

/// A file of contacts: comma-separated values or vCards, in whatever text it is.
pub(crate) struct ContactsFile(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for ContactsFile {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        expect_kind(&request, "text/csv", "not-csv")
            .or_else(|_| expect_kind(&request, "text/vcard", "not-contacts"))?;
        bytes_of(request, LONGEST_FILE, FILE_TIME).await.map(Self)
    }
}

/// A page of another origin cannot send these types without asking first (the Fetch standard, CORS-preflight).
fn expect_kind(request: &Request, expected: &str, code: &'static str) -> Result<(), Refused> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected)) {
        return Ok(());
    }
    Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, format!("a body is {expected}")))
}

async fn bytes_of(request: Request, longest: usize, time: Duration) -> Result<Bytes, Refused> {
    let too_large = |_| {
        let detail = format!("a body has at most {} KiB", longest / 1024);
        Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    };
    let too_slow = |_| Refused::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the body did not come in time");
    let body = tokio::time::timeout(time, to_bytes(request.into_body(), longest)).await;
    body.map_err(too_slow)?.map_err(too_large)
}
