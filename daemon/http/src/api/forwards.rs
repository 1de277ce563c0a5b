//! Where whoever calls a person is sent instead: seen, set and taken back at the page. A phone has forwards of its own besides,
//! which are known at a call alone.

use axum::Json;
use axum::extract::{Path, State};
use centrale_call_control::may_send_to;
use centrale_config::{Change, Date, Office, Person};
use centrale_ledger::Zone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::decks::day_in;
use super::{Revised, revised};
use crate::body::Revision;
use crate::edge::Edge;
use crate::extract::Body;
use crate::problem::Refused;

/// Where whoever calls a person is sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Forward {
    /// A colleague's number, or one outside in E.164; null when the person's phones ring.
    to: Option<String>,
    /// Whether that may be by what the person may call now. Where it may not, the person's phones ring.
    allowed: bool,
}

/// Where whoever calls a person is to be sent.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ForwardChange {
    /// A colleague's number, or one outside in any usual form; null rings the person's phones again.
    to: Option<String>,
}

/// Where whoever calls a person is sent.
#[utoipa::path(get, path = "/api/v1/people/{number}/forward",
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "Where", body = Forward)))]
pub(super) async fn forward(State(edge): State<Edge>, Path(number): Path<String>) -> Result<Json<Forward>, Refused> {
    let office = edge.office().await;
    let person = office.people.iter().find(|person| person.number.as_str() == number).ok_or_else(Refused::not_found)?;
    let to = person.forward.as_ref().map(ToString::to_string);
    Ok(Json(Forward { to, allowed: forbidden(&office, person).is_none() }))
}

/// Sends whoever calls a person elsewhere, or not any more. To outside it asks for a proof, and is told and taken back as what
/// the person may call is.
#[utoipa::path(put, path = "/api/v1/people/{number}/forward", request_body = ForwardChange,
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_forward(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(ForwardChange { to }): Body<ForwardChange>,
) -> Revised {
    revised(&edge, Change::SetForward { number, to }).await
}

/// Why nobody may be sent to where an office sends them that an earlier one did not: what a call there asks, asked beforehand.
pub(crate) fn forward_refused(before: &Office, after: &Office) -> Option<Refused> {
    let is_new = |person: &&Person| before.person(&person.number).is_none_or(|one| one.forward != person.forward);
    let mut codes = after.people.iter().filter(is_new).filter_map(|person| forbidden(after, person));
    let detail = |code| format!("this person may send nobody to there: {code}");
    codes.next().map(|code| Refused::field("to", "forward-not-allowed", detail(code)))
}

/// Why a person may not send callers to where they are sent.
fn forbidden(office: &Office, person: &Person) -> Option<&'static str> {
    let to = person.forward.as_ref()?;
    may_send_to(office, person, to, today(office).days()).err()
}

/// The day in the office. Where its time zone is none, nothing is open until a day.
fn today(office: &Office) -> Date {
    Zone::named(&office.identity.time_zone).map_or(Date::from_days(0), |zone| day_in(&zone))
}
