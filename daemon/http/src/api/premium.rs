//! The office's own numbers that cost the caller extra: their profiles, complaints about them, and evidence.

use axum::Json;
use axum::extract::{Path, Query, State};
use centrale_config::{Change, Date, PremiumNumber, PremiumPrice, TypedPremium};
use centrale_ledger::{Money, Zone};
use centrale_store::{ChainedCall, Complaint, NewComplaint, Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::export::{range, zone_of};
use super::{Revised, revised};
use crate::asker::author_name;
use crate::body::Revision;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::problem::Refused;
use crate::statement::{ExportedCall, ExportedHead};

/// What a provider charges for a complaint, in cents (premium terms 2.3).
const CENTS_PER_COMPLAINT: u32 = 2_500;
/// Within so many days it is answered, or nothing is paid out (7.1).
const DAYS_TO_ANSWER: u32 = 5;
/// Most characters of a complaint, and of its answer.
const LONGEST: usize = 2_000;

/// A number of the office that costs the caller extra.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnPremium {
    /// As callers dial it.
    number: String,
    /// The office's number at which its calls arrive.
    line: String,
    /// To whom it was assigned.
    owner: String,
    /// Cents a minute, VAT included; null when it is paid by the call.
    cents_per_minute: Option<u16>,
    /// Cents a call; null when it is paid by the minute.
    cents_per_call: Option<u16>,
    /// When somebody heard that the price is said before the call costs anything, oldest first.
    announced: Vec<HeardPrice>,
    /// Whether its calls are answered.
    active: bool,
    /// Complaints about its calls, the newest first.
    complaints: Vec<ToldComplaint>,
}

/// Somebody heard which price callers are told first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeardPrice {
    /// On which day.
    on: String,
    /// Who.
    by: String,
    /// Cents a minute; null when it is paid by the call.
    cents_per_minute: Option<u16>,
    /// Cents a call; null when it is paid by the minute.
    cents_per_call: Option<u16>,
}

/// A new or changed number.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PremiumChange {
    /// The office's number at which its calls arrive, in E.164.
    line: String,
    /// To whom it was assigned.
    owner: String,
    /// Cents a minute, VAT included; one of the two.
    cents_per_minute: Option<u16>,
    /// Cents a call.
    cents_per_call: Option<u16>,
    /// Whoever asks called it today and heard this price before the call cost anything.
    announced: bool,
    /// Whether its calls are to be answered.
    active: bool,
}

/// A complaint about a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToldComplaint {
    /// Its number.
    id: u64,
    /// On which day it came in.
    received: String,
    /// The last day on which it is answered in time.
    due: String,
    /// From which number was called; empty when nobody said.
    caller: String,
    /// What it says.
    text: String,
    /// What the provider charges for it, in cents.
    cents: u32,
    /// Who wrote it down.
    by: String,
    /// How it was answered; null while it waits.
    answer: Option<String>,
    /// When it was answered, in milliseconds since 1970 UTC; null while it waits.
    answered: Option<u64>,
    /// Who answered it; null while it waits.
    answered_by: Option<String>,
}

/// A complaint as it came in.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ComplaintIn {
    /// On which day, as `2026-11-29`.
    received: String,
    /// From which number was called; empty when nobody said.
    caller: String,
    /// What it says.
    text: String,
}

/// How a complaint was answered.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ComplaintAnswer {
    /// In words.
    answer: String,
}

/// A complaint that was written down.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComplaintNumber {
    /// Its number.
    id: u64,
}

/// From which day to which.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EvidenceDays {
    /// The first day, in the office's calendar: `2026-11-01`. All days when left out.
    #[param(nullable = false)]
    from: Option<String>,
    /// The last day, which is included.
    #[param(nullable = false)]
    to: Option<String>,
}

/// What the office can show of a number of its own: each call with its place in the chain of records, which price callers were
/// told, and every complaint.
#[derive(Serialize, ToSchema)]
pub(crate) struct PremiumEvidence {
    /// The number, with what was heard and every complaint.
    number: OwnPremium,
    /// The office's time zone.
    time_zone: String,
    /// When this was made: ISO 8601 with the office's offset.
    made: String,
    /// The end of the chain of all call records.
    chain: ExportedHead,
    /// Calls that arrived at its line, in the order in which they began. Records from before this was noted are not among them.
    calls: Vec<EvidenceCall>,
    /// What callers paid for them together, in euro.
    charged_eur: String,
}

/// A call to an own premium number.
#[derive(Serialize, ToSchema)]
pub(crate) struct EvidenceCall {
    /// Its record.
    call: ExportedCall,
    /// What the caller paid, in euro, by the price that was said on its day; null when nobody had heard one by then.
    charged_eur: Option<String>,
}

/// The office's own premium numbers.
#[utoipa::path(get, path = "/api/v1/premium-numbers",
    responses((status = 200, description = "The numbers", body = [OwnPremium])))]
pub(super) async fn premium_numbers(State(edge): State<Edge>) -> Result<Json<Vec<OwnPremium>>, Refused> {
    let (office, store) = (edge.office().await, edge.0.store.clone());
    let all = blocking(move || office.premium_numbers.iter().map(|own| shown(&store, own)).collect()).await?;
    Ok(Json(all))
}

/// Adds an own premium number, or changes it. It is not active before somebody heard its price said.
#[utoipa::path(put, path = "/api/v1/premium-numbers/{number}", request_body = PremiumChange,
    params(("number" = String, Path, description = "As callers dial it")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_premium_number(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(body): Body<PremiumChange>,
) -> Revised {
    let today = today(&zone_of(&edge).await?);
    let PremiumChange { line, owner, cents_per_minute, cents_per_call, announced, active } = body;
    let announced = announced.then(|| (today, author_name()));
    let premium = TypedPremium { line, owner, cents_per_minute, cents_per_call, announced, active };
    revised(&edge, Change::PutPremiumNumber { number, premium }).await
}

/// Takes an own premium number away. Complaints about it are kept.
#[utoipa::path(delete, path = "/api/v1/premium-numbers/{number}",
    params(("number" = String, Path, description = "As the office writes it")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_premium_number(State(edge): State<Edge>, Path(number): Path<String>) -> Revised {
    revised(&edge, Change::RemovePremiumNumber { number }).await
}

/// Writes down a complaint about a call.
#[utoipa::path(post, path = "/api/v1/premium-numbers/{number}/complaints", request_body = ComplaintIn,
    params(("number" = String, Path, description = "As the office writes it")),
    responses((status = 200, description = "It is kept", body = ComplaintNumber)))]
pub(super) async fn complain(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(body): Body<ComplaintIn>,
) -> Result<Json<ComplaintNumber>, Refused> {
    let own = own(&edge, &number).await?;
    let wrong = |_| Refused::field("received", "day-unknown", "a day is written as 2026-11-30");
    let received: Date = body.received.parse().map_err(wrong)?;
    let complaint = NewComplaint {
        premium: own.number.to_string(),
        received: received.to_string(),
        due: Date::from_days(received.days() + DAYS_TO_ANSWER).to_string(),
        caller: text("caller", &body.caller, 0)?,
        said: text("text", &body.text, 1)?,
        cents: CENTS_PER_COMPLAINT,
        noted_unix_ms: clock::unix_ms(),
        noted_by: author_name(),
    };
    let store = edge.0.store.clone();
    let id = blocking(move || store.add_complaint(complaint)).await?;
    Ok(Json(ComplaintNumber { id }))
}

/// Notes how a complaint was answered.
#[utoipa::path(put, path = "/api/v1/premium-numbers/{number}/complaints/{id}", request_body = ComplaintAnswer,
    params(("number" = String, Path, description = "As the office writes it"),
        ("id" = u64, Path, description = "The complaint")),
    responses((status = 200, description = "It is kept", body = ComplaintNumber)))]
pub(super) async fn answer_complaint(
    State(edge): State<Edge>,
    Path((number, id)): Path<(String, u64)>,
    Body(body): Body<ComplaintAnswer>,
) -> Result<Json<ComplaintNumber>, Refused> {
    let (answer, by, store) = (text("answer", &body.answer, 1)?, author_name(), edge.0.store.clone());
    let now = clock::unix_ms();
    let is_kept = blocking(move || store.answer_complaint((&number, id), (now, &by, &answer))).await?;
    if is_kept { Ok(Json(ComplaintNumber { id })) } else { Err(Refused::not_found()) }
}

/// Every call to an own premium number, what its callers were told and paid, and every complaint.
#[utoipa::path(get, path = "/api/v1/premium-numbers/{number}/evidence.json",
    params(("number" = String, Path, description = "As the office writes it"), EvidenceDays),
    responses((status = 200, description = "The evidence", body = PremiumEvidence)))]
pub(super) async fn evidence(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Query(days): Query<EvidenceDays>,
) -> Result<Json<PremiumEvidence>, Refused> {
    let own = own(&edge, &number).await?;
    let zone = zone_of(&edge).await?;
    let days = range(&zone, days.from.as_deref(), days.to.as_deref())?;
    let (office, store) = (edge.office().await, edge.0.store.clone());
    let identity = office.identity.clone();
    let gathered = blocking(move || {
        let (mut calls, mut sum) = (Vec::new(), Money::ZERO);
        for chained in calls_at(&store, own.line.as_str(), days)? {
            let charged = charged(&own, &chained, &zone, identity.country);
            sum += charged.unwrap_or_default();
            let charged_eur = charged.map(|charged| charged.to_string());
            calls.push(EvidenceCall { call: ExportedCall::new(chained, &zone), charged_eur });
        }
        Ok(PremiumEvidence {
            number: shown(&store, &own)?,
            time_zone: identity.time_zone,
            made: zone.written(clock::unix_ms()),
            chain: store.calls_head()?.into(),
            calls,
            charged_eur: sum.to_string(),
        })
    });
    Ok(Json(gathered.await?))
}

/// What the caller paid: from the answer to the end, by the price that was said on that day.
fn charged(
    own: &PremiumNumber,
    chained: &ChainedCall,
    zone: &Zone,
    country: centrale_config::Country,
) -> Option<Money> {
    let call = &chained.call;
    let Some(answered) = call.answered_unix_ms else { return Some(Money::ZERO) };
    let day = zone.written(call.started_unix_ms).get(..10)?.parse().ok()?;
    let lasted = std::time::Duration::from_millis(call.ended_unix_ms.saturating_sub(answered));
    Some(own.said_on(day)?.tariff(country.step()).cost(lasted))
}

fn calls_at(store: &Store, line: &str, days: (u64, u64)) -> Result<Vec<ChainedCall>, StoreError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = store.calls_between(days, after)?;
        found.extend(page.into_iter().filter(|chained| chained.call.line.as_deref() == Some(line)));
        match next {
            Some(place) => after = Some(place),
            None => return Ok(found),
        }
    }
}

async fn own(edge: &Edge, number: &str) -> Result<PremiumNumber, Refused> {
    edge.office().await.premium_number(number).cloned().ok_or_else(Refused::not_found)
}

fn today(zone: &Zone) -> String {
    zone.written(clock::unix_ms()).chars().take(10).collect()
}

/// A text without what no sheet can show.
fn text(field: &'static str, typed: &str, least: usize) -> Result<String, Refused> {
    let text = typed.trim();
    let fits = (least..=LONGEST).contains(&text.chars().count());
    if fits && !text.chars().any(|one| one.is_control() && one != '\n') {
        return Ok(text.to_owned());
    }
    Err(Refused::field(field, "text-malformed", format!("a text has {least} to {LONGEST} characters")))
}

fn shown(store: &Store, own: &PremiumNumber) -> Result<OwnPremium, StoreError> {
    let (cents_per_minute, cents_per_call) = own.price.cents();
    let complaints = store.complaints(own.number.as_str())?.into_iter().map(told).collect();
    let heard = |on: Date, by: &str, price: PremiumPrice| {
        let (cents_per_minute, cents_per_call) = price.cents();
        HeardPrice { on: on.to_string(), by: by.to_owned(), cents_per_minute, cents_per_call }
    };
    Ok(OwnPremium {
        number: own.number.to_string(),
        line: own.line.to_string(),
        owner: own.owner.clone(),
        cents_per_minute,
        cents_per_call,
        announced: own.announced.iter().map(|one| heard(one.on, &one.by, one.price)).collect(),
        active: own.active,
        complaints,
    })
}

fn told(Complaint { number, complaint, answered }: Complaint) -> ToldComplaint {
    let (answered, answered_by, answer) = match answered {
        Some((at, by, words)) => (Some(at), Some(by), Some(words)),
        None => (None, None, None),
    };
    ToldComplaint {
        id: number,
        received: complaint.received,
        due: complaint.due,
        caller: complaint.caller,
        text: complaint.said,
        cents: complaint.cents,
        by: complaint.noted_by,
        answer,
        answered,
        answered_by,
    }
}
