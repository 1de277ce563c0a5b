//! The call records as a file, page by page from the store: however many there are, a few hundred are in memory.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use centrale_ledger::{Separator, Zone, write_row};
use centrale_store::{ChainedCall, Place, Store, StoreError};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::edge::{Edge, blocking};
use crate::problem::Refused;
use crate::pseudonyms::Pseudonyms;
use crate::statement::{CallExport, ExportedCall, ExportedHead};

/// The kind of a file of comma-separated values whose first line names the columns.
pub(super) const CSV: &str = "text/csv; charset=utf-8; header=present";

/// The columns, in no language.
const COLUMNS: [&str; 29] = [
    "sequence",
    "id",
    "direction",
    "from",
    "from_name",
    "to",
    "class",
    "answered_by",
    "transferred_by",
    "trunk",
    "started",
    "answered",
    "ended",
    "seconds",
    "outcome",
    "cause",
    "status",
    "emergency",
    "withheld",
    "spoofed",
    "price_eur",
    "marks",
    "caller_packets",
    "caller_lost",
    "caller_jitter_ms",
    "callee_packets",
    "callee_lost",
    "callee_jitter_ms",
    "hash",
];

/// Which calls, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CsvForm {
    /// The first day, in the office's calendar: `2026-11-01`. All days when left out.
    #[param(nullable = false)]
    from: Option<String>,
    /// The last day, which is included.
    #[param(nullable = false)]
    to: Option<String>,
    /// What stands between two cells; a comma when left out.
    #[param(nullable = false, inline)]
    separator: Option<SeparatorWord>,
    /// Whether the file begins with a byte order mark, without which Excel takes an é for two signs.
    #[param(nullable = false)]
    bom: Option<bool>,
    /// Whether numbers and names are hidden: each number is another word, the same in the whole file.
    #[param(nullable = false)]
    pseudonyms: Option<bool>,
}

/// What stands between two cells.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SeparatorWord {
    /// As RFC 4180 has it.
    Comma,
    /// As Dutch and French spreadsheets want it.
    Semicolon,
}

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Days {
    /// The first day, in the office's calendar: `2026-11-01`. All days when left out.
    #[param(nullable = false)]
    from: Option<String>,
    /// The last day, which is included.
    #[param(nullable = false)]
    to: Option<String>,
    /// Whether numbers and names are hidden: each number is another word, the same in the whole file.
    #[param(nullable = false)]
    pseudonyms: Option<bool>,
}

/// Every call as comma-separated values (RFC 4180), one a line, in the order in which they began. A cell that a spreadsheet
/// would take for a formula has an apostrophe in front, a telephone number has not.
#[utoipa::path(get, path = "/api/v1/calls.csv", params(CsvForm),
    responses((status = 200, description = "The calls", content_type = "text/csv", body = String)))]
pub(super) async fn calls_csv(State(edge): State<Edge>, Query(form): Query<CsvForm>) -> Result<Response, Refused> {
    let zone = zone_of(&edge).await?;
    let range = range(&zone, form.from.as_deref(), form.to.as_deref())?;
    let separator = match form.separator {
        Some(SeparatorWord::Semicolon) => Separator::Semicolon,
        Some(SeparatorWord::Comma) | None => Separator::Comma,
    };
    let hidden = hidden(form.pseudonyms)?;
    let mut head = String::from(if form.bom == Some(true) { "\u{feff}" } else { "" });
    write_row(&mut head, separator, COLUMNS);
    let pages = pages(edge.0.store.clone(), range).map(move |page| {
        let mut text = String::new();
        page?.into_iter().for_each(|call| write_call(&mut text, separator, &exported(call, &zone, hidden.as_ref())));
        Ok::<_, StoreError>(Bytes::from(text))
    });
    let body = Body::from_stream(stream::iter([Ok(Bytes::from(head))]).chain(pages));
    Ok(file(body, CSV, "calls.csv"))
}

/// Every call with its legs as JSON, in the order in which they began, with the end of the chain that they are in; null where
/// numbers are hidden, as it is over them.
#[utoipa::path(get, path = "/api/v1/calls.json", params(Days),
    responses((status = 200, description = "The calls", body = CallExport)))]
pub(super) async fn calls_json(State(edge): State<Edge>, Query(days): Query<Days>) -> Result<Response, Refused> {
    let office = edge.office().await;
    let time_zone = office.identity.time_zone.as_str();
    let zone = zone_named(time_zone)?;
    let range = range(&zone, days.from.as_deref(), days.to.as_deref())?;
    let store = edge.0.store.clone();
    let hidden = hidden(days.pseudonyms)?;
    let chain = blocking(move || store.calls_head()).await?;
    let head = format!(
        "{{\"time_zone\":{},\"chain\":{},\"calls\":[",
        serde_json::Value::from(time_zone),
        serde_json::json!(hidden.is_none().then(|| ExportedHead::from(chain))),
    );
    let mut first = true;
    let pages = pages(edge.0.store.clone(), range).map(move |page| {
        let mut text = String::new();
        for call in page? {
            text.push_str(if std::mem::take(&mut first) { "" } else { ",\n" });
            text.push_str(&serde_json::to_string(&exported(call, &zone, hidden.as_ref())).unwrap_or_default());
        }
        Ok::<_, StoreError>(Bytes::from(text))
    });
    let (head, foot) = (stream::iter([Ok(Bytes::from(head))]), stream::iter([Ok(Bytes::from_static(b"]}\n"))]));
    Ok(file(Body::from_stream(head.chain(pages).chain(foot)), "application/json", "calls.json"))
}

/// The words that hide numbers, where somebody wants them hidden.
fn hidden(wanted: Option<bool>) -> Result<Option<Pseudonyms>, Refused> {
    Ok((wanted == Some(true)).then(Pseudonyms::new).transpose()?)
}

fn exported(call: ChainedCall, zone: &Zone, hidden: Option<&Pseudonyms>) -> ExportedCall {
    let mut call = ExportedCall::new(call, zone);
    if let Some(words) = hidden {
        words.hide(&mut call);
    }
    call
}

fn write_call(text: &mut String, separator: Separator, call: &ExportedCall) {
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    let (caller, callee) = (&call.quality.caller, &call.quality.callee);
    let cells = [
        call.sequence.to_string(),
        call.id.clone(),
        call.direction.clone(),
        call.from.clone(),
        call.from_name.clone(),
        call.to.clone(),
        word(&call.class),
        word(&call.answered_by),
        word(&call.transferred_by),
        word(&call.trunk),
        call.started.clone(),
        word(&call.answered),
        call.ended.clone(),
        call.seconds.to_string(),
        call.outcome.clone(),
        word(&call.cause),
        call.status.to_string(),
        call.emergency.to_string(),
        call.withheld.to_string(),
        call.spoofed.to_string(),
        word(&call.price_eur),
        word(&call.marks),
        caller.packets.to_string(),
        caller.lost.to_string(),
        caller.jitter_ms.to_string(),
        callee.packets.to_string(),
        callee.lost.to_string(),
        callee.jitter_ms.to_string(),
        call.hash.clone(),
    ];
    write_row(text, separator, cells.iter().map(String::as_str));
}

/// The records of a time, a page at a time.
fn pages(store: Store, range: (u64, u64)) -> impl Stream<Item = Result<Vec<ChainedCall>, StoreError>> {
    /// Where to go on: not begun, after a place, or at the end.
    enum At {
        Begin,
        After(Place),
        End,
    }
    stream::try_unfold(At::Begin, move |at| {
        let store = store.clone();
        async move {
            let after = match at {
                At::Begin => None,
                At::After(place) => Some(place),
                At::End => return Ok(None),
            };
            let (page, next) = blocking(move || store.calls_between(range, after)).await?;
            Ok(Some((page, next.map_or(At::End, At::After))))
        }
    })
}

/// The office's time zone.
pub(super) async fn zone_of(edge: &Edge) -> Result<Zone, Refused> {
    zone_named(&edge.office().await.identity.time_zone)
}

/// The time zone of this name.
pub(super) fn zone_named(name: &str) -> Result<Zone, Refused> {
    Zone::named(name)
        .map_err(|_| Refused::field("time_zone", "time-zone-unknown", format!("there is no time zone {name}")))
}

/// From the beginning of the first day to the end of the last, in milliseconds since 1970.
pub(super) fn range(zone: &Zone, from: Option<&str>, to: Option<&str>) -> Result<(u64, u64), Refused> {
    let day = |field, text: Option<&str>| match text {
        None => Ok(None),
        Some(text) => zone
            .day(text)
            .map(Some)
            .ok_or_else(|| Refused::field(field, "day-unknown", "a day is written as 2026-11-30")),
    };
    let (from, to) = (day("from", from)?, day("to", to)?);
    let (begins, over) = (from.map_or(0, |day| day.0), to.map_or(u64::MAX, |day| day.1));
    if begins >= over {
        return Err(Refused::field("to", "days-reversed", "the last day is before the first"));
    }
    Ok((begins, over))
}

/// A file of this kind, to be kept under this name.
pub(super) fn file(body: impl Into<Body>, kind: &'static str, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body.into()).into_response()
}
