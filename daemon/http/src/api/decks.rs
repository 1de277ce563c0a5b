//! What each provider asks.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use centrale_config::Date;
use centrale_ledger::deck::{Coverage, DAYS_VALID, Freshness, Vat};
use centrale_ledger::{Class, Zone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::export::zone_of;
use crate::clock;
use crate::deck::{Asked, TakenDeck};
use crate::edge::Edge;
use crate::extract::CsvFile;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// What a file does not say of itself.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeckTerms {
    /// The day from which its prices count: `2026-11-01`.
    valid_from: String,
    /// Whether VAT is in its prices. Else 21 % is added.
    vat_included: bool,
}

/// A provider's tariff deck, if there is one.
#[derive(Serialize, ToSchema)]
pub(super) struct TrunkDeck {
    /// What was read of it. Without it, or while it does not count, each call is reckoned at the worst price of its class.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    deck: Option<DeckSummary>,
}

/// What was read of a tariff deck.
#[derive(Serialize, ToSchema)]
pub(super) struct DeckSummary {
    /// How many prices it has.
    rows: usize,
    /// The currency of its prices.
    currency: Currency,
    /// Whether VAT was in its prices; else it was added.
    vat_included: bool,
    /// The day from which it counts.
    valid_from: String,
    /// The last day on which it does.
    valid_until: String,
    /// Whether it counts today.
    state: DeckState,
    /// For how many days it counts, this one included; 0 when it does not.
    days_left: u32,
    /// When it was taken in, in milliseconds since 1970.
    taken: u64,
    /// Which numbers of the country have prices.
    classes: Vec<PricedClass>,
    /// How many countries abroad have prices.
    countries: usize,
    /// Columns of the file with a name that says nothing here.
    unread_columns: Vec<String>,
}

/// A currency.
#[derive(Serialize, ToSchema)]
enum Currency {
    /// Euro.
    #[serde(rename = "EUR")]
    Euro,
}

/// Whether a deck counts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum DeckState {
    /// Its day has not come.
    NotYet,
    /// It does.
    Counts,
    /// It is too old.
    Old,
}

/// Whether the numbers of a class have prices.
#[derive(Serialize, ToSchema)]
pub(super) struct PricedClass {
    /// Which.
    class: PricedKind,
    /// How many of them.
    priced: Priced,
}

/// A class of numbers in the office's own country.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum PricedKind {
    /// Fixed numbers.
    National,
    /// Mobile numbers.
    Mobile,
    /// Numbers that cost somewhat more.
    SharedCost,
    /// Numbers that cost extra by the minute.
    PremiumPerMinute,
    /// Numbers that cost extra by the call.
    PremiumPerCall,
}

/// How many of a class.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Priced {
    /// Each.
    All,
    /// Some of them.
    Some,
    /// None.
    None,
}

/// What is known of a provider's prices.
#[utoipa::path(get, path = "/api/v1/trunks/{name}/deck",
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 200, description = "The deck", body = TrunkDeck)))]
pub(super) async fn deck(State(edge): State<Edge>, Path(name): Path<String>) -> Result<Json<TrunkDeck>, Refused> {
    must_be_there(&edge, &name).await?;
    let taken = edge.0.desk.lock().await.decks.get(&name).cloned();
    let today = today(&edge).await?;
    Ok(Json(TrunkDeck { deck: taken.map(|taken| summary(&taken, today)) }))
}

/// Takes a provider's prices in, in place of those before: the whole file, or nothing when a line of it is wrong. It asks for a
/// proof: prices decide what every cap reserves.
#[utoipa::path(put, path = "/api/v1/trunks/{name}/deck",
    params(("name" = String, Path, description = "The administrator's name for it"), DeckTerms),
    request_body(content = String, content_type = "text/csv",
        description = "The prices as CSV: with `;`, `,` or tabs, and a line that names its columns in Dutch, French or English"),
    responses((status = 200, description = "What was read", body = TrunkDeck)))]
pub(super) async fn take_deck(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Query(DeckTerms { valid_from, vat_included }): Query<DeckTerms>,
    CsvFile(file): CsvFile,
) -> Result<Json<TrunkDeck>, Refused> {
    let today = today(&edge).await?;
    let day: Date = valid_from
        .parse()
        .map_err(|_| Refused::field("valid_from", "day-unknown", "a day is written as 2026-11-30"))?;
    if today.days_after(day).is_some_and(|age| age >= DAYS_VALID) {
        let detail = format!("prices count for {DAYS_VALID} days: fetch the newest from the provider");
        return Err(Refused::field("valid_from", "deck-too-old", detail));
    }
    let taken = edge.take_deck(name, Asked { valid_from: day, vat_included }, file).await?;
    Ok(Json(TrunkDeck { deck: Some(summary(&taken, today)) }))
}

/// Takes a provider's prices away: each call is reckoned at the worst price again. It asks for a proof.
#[utoipa::path(delete, path = "/api/v1/trunks/{name}/deck",
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn remove_deck(State(edge): State<Edge>, Path(name): Path<String>) -> Result<StatusCode, Refused> {
    must_be_there(&edge, &name).await?;
    must_be_proved()?;
    edge.remove_deck(name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn must_be_there(edge: &Edge, name: &str) -> Result<(), Refused> {
    let desk = edge.0.desk.lock().await;
    if desk.office.trunks.iter().any(|trunk| trunk.name == name) { Ok(()) } else { Err(Refused::not_found()) }
}

/// The day in the office.
async fn today(edge: &Edge) -> Result<Date, Refused> {
    Ok(day_in(&zone_of(edge).await?))
}

/// The day in a time zone.
pub(super) fn day_in(zone: &Zone) -> Date {
    zone.written(clock::unix_ms()).get(..10).and_then(|day| day.parse().ok()).unwrap_or(Date::from_days(0))
}

fn summary(TakenDeck { deck, vat, taken_unix_ms, .. }: &TakenDeck, today: Date) -> DeckSummary {
    let (state, days_left) = match deck.freshness(today) {
        Freshness::NotYet => (DeckState::NotYet, 0),
        Freshness::Fresh { days_left } => (DeckState::Counts, days_left),
        Freshness::Expired => (DeckState::Old, 0),
    };
    let classes = [
        (PricedKind::National, Class::National),
        (PricedKind::Mobile, Class::Mobile),
        (PricedKind::SharedCost, Class::SharedCost),
        (PricedKind::PremiumPerMinute, Class::PremiumPerMinute),
        (PricedKind::PremiumPerCall, Class::PremiumPerCall),
    ];
    let priced = |(kind, class)| {
        let priced = match deck.coverage(class)? {
            Coverage::All => Priced::All,
            Coverage::Some => Priced::Some,
            Coverage::None => Priced::None,
        };
        Some(PricedClass { class: kind, priced })
    };
    DeckSummary {
        rows: deck.rows().len(),
        currency: Currency::Euro,
        vat_included: *vat == Vat::Included,
        valid_from: deck.valid_from().to_string(),
        valid_until: Date::from_days(deck.valid_from().days() + DAYS_VALID - 1).to_string(),
        state,
        days_left,
        taken: *taken_unix_ms,
        classes: classes.into_iter().filter_map(priced).collect(),
        countries: deck.countries(),
        unread_columns: deck.unread().to_vec(),
    }
}
