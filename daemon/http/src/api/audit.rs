//! The log of who did what, and the same as a file.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::Response;
use bytes::Bytes;
use centrale_ledger::{Separator, write_row};
use centrale_store::AuditRow;
use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::export::{CSV, file};
use crate::edge::{Edge, blocking};
use crate::problem::Refused;

/// Entries on a page when nothing else is asked for.
const PAGE: u32 = 20;
/// Most entries on a page.
const LONGEST_PAGE: u32 = 200;
/// Entries that are read at once for a file.
const READ: u32 = 500;

/// The columns, in no language.
const COLUMNS: [&str; 9] = ["number", "at", "who", "source", "what", "about", "revision", "why", "hash"];

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only entries with lower numbers.
    #[param(nullable = false)]
    before: Option<u64>,
    /// At most this many, 1 to 200; 20 when left out.
    #[param(nullable = false)]
    limit: Option<u32>,
}

/// Something that somebody did, or tried.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Its number, rising from 1 without a gap.
    number: u64,
    /// When, in milliseconds since 1970 UTC.
    at: u64,
    /// Who, by name; empty when nobody knows.
    who: String,
    /// The network address that it came from; empty for the console, and for what came of something else.
    source: String,
    /// A route with its method, such as `PUT /api/v1/office/identity`, or `log-in`, `log-in-wrong`, `joined`, `recovered`, `applied`, `set-up`,
    /// `refused`, `session-elsewhere`, `second-code-wrong`, `user-left` (with a person who was taken out of the office).
    what: String,
    /// About whom or what; of what may come without end, how many there were that day.
    about: String,
    /// The revision of the office that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revision: Option<u64>,
    /// Why, as that revision says, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    why: Option<String>,
    /// The hash of this entry and of all before it, in hexadecimal digits.
    hash: String,
}

impl From<AuditRow> for AuditEntry {
    fn from(AuditRow { sequence, act, why, hash }: AuditRow) -> Self {
        Self {
            number: sequence,
            at: act.at_unix_ms,
            who: act.who,
            source: act.source,
            what: act.what,
            about: act.about,
            revision: act.revision,
            why,
            hash: hash.to_string(),
        }
    }
}

/// Who did what, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(Page),
    responses((status = 200, description = "The entries", body = Vec<AuditEntry>)))]
pub(super) async fn audit(
    State(edge): State<Edge>,
    Query(Page { before, limit }): Query<Page>,
) -> Result<Json<Vec<AuditEntry>>, Refused> {
    let limit = limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let store = edge.0.store.clone();
    let rows = blocking(move || store.audit(before.unwrap_or(u64::MAX), limit)).await?;
    Ok(Json(rows.into_iter().map(AuditEntry::from).collect()))
}

/// Who did what as comma-separated values (RFC 4180), the newest first. Times are milliseconds since 1970 UTC.
#[utoipa::path(get, path = "/api/v1/audit.csv",
    responses((status = 200, description = "The entries", content_type = "text/csv", body = String)))]
pub(super) async fn audit_csv(State(edge): State<Edge>) -> Response {
    let mut head = String::new();
    write_row(&mut head, Separator::Comma, COLUMNS);
    let store = edge.0.store.clone();
    let pages = stream::try_unfold(Some(u64::MAX), move |before| {
        let store = store.clone();
        async move {
            let Some(before) = before else { return Ok::<_, centrale_store::StoreError>(None) };
            let page = blocking(move || store.audit(before, READ)).await?;
            let next = page.last().map(|row| row.sequence);
            let mut text = String::new();
            page.into_iter().for_each(|row| write_entry(&mut text, row.into()));
            Ok(Some((Bytes::from(text), next)))
        }
    });
    let body = Body::from_stream(stream::iter([Ok(Bytes::from(head))]).chain(pages));
    file(body, CSV, "log.csv")
}

fn write_entry(text: &mut String, entry: AuditEntry) {
    let revision = entry.revision.map(|number| number.to_string()).unwrap_or_default();
    let (number, at) = (entry.number.to_string(), entry.at.to_string());
    let why = entry.why.unwrap_or_default();
    let cells = [&number, &at, &entry.who, &entry.source, &entry.what, &entry.about, &revision, &why, &entry.hash];
    write_row(text, Separator::Comma, cells.map(String::as_str));
}
