//! A provider's bill held against the box's own calls.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use centrale_ledger::{Bill, BillRefused, Money, OwnCall, Plan, compare, period};
use centrale_store::{CallRow, Store, StoreError};

use super::export::zone_named;
use crate::edge::{Edge, blocking};
use crate::extract::CsvFile;
use crate::problem::Refused;
use crate::statement::BillComparison;

/// A leg that was handed on stands in the record of a call that began later than the leg did: how much later we look.
const HANDED_ON_WITHIN_MS: u64 = 24 * 3_600_000;
/// Calls of ours that began this long before the first line of a bill may still be on it.
const BEFORE_MS: u64 = 3_600_000;

/// Compares a provider's bill with the calls that the box wrote down. Nothing is kept of it.
#[utoipa::path(post, path = "/api/v1/calls/compare",
    request_body(content = String, content_type = "text/csv",
        description = "The bill as CSV: with `;`, `,` or tabs, and a line that names its columns in Dutch, French or English"),
    responses((status = 200, description = "What differs", body = BillComparison)))]
pub(super) async fn compare_bill(
    State(edge): State<Edge>,
    CsvFile(file): CsvFile,
) -> Result<Json<BillComparison>, Refused> {
    let office = edge.office().await;
    let identity = &office.identity;
    let zone = zone_named(&identity.time_zone)?;
    let (store, plan) = (edge.0.store.clone(), Plan::of(identity.country, &identity.area_code));
    blocking(move || {
        let bill = match Bill::read(&file, &plan, &zone) {
            Ok(bill) => bill,
            Err(refused) => return Ok(Err(refused)),
        };
        let own = match period(&bill.calls) {
            Some(period) => own_calls(&store, &plan, period)?,
            None => Vec::new(),
        };
        let compared = compare(&bill.calls, &own);
        let head = store.calls_head()?;
        Ok(Ok(BillComparison::new(&bill, &own, &compared, head)))
    })
    .await?
    .map(Json)
    .map_err(|refused: BillRefused| {
        let code = match refused {
            BillRefused::NotText => "bill-not-text",
            BillRefused::NoHeader => "bill-no-header",
            BillRefused::TooLong => "bill-too-long",
        };
        Refused::new(StatusCode::UNPROCESSABLE_ENTITY, code, refused.to_string())
    })
}

/// Every call around that time that a provider may bill. Help is free, and on no bill.
fn own_calls(store: &Store, plan: &Plan, (first, last): (u64, u64)) -> Result<Vec<OwnCall>, StoreError> {
    let range = (first.saturating_sub(BEFORE_MS), last.saturating_add(HANDED_ON_WITHIN_MS));
    let (mut own, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = store.calls_between(range, after)?;
        let calls = page.into_iter().map(|chained| chained.call).filter(|call| !call.emergency);
        own.extend(calls.flat_map(|call| placed_calls(&call, plan)));
        if next.is_none() {
            return Ok(own);
        }
        after = next;
    }
}

/// The legs of a call that a provider may bill. A record from before legs were written down has but the call itself.
fn placed_calls(call: &CallRow, plan: &Plan) -> Vec<OwnCall> {
    let own = |number: &str, started, answered: Option<u64>, ended| {
        let number = plan.normalise(number).number().unwrap_or(number).to_owned();
        let price = call.price.map(Money::from_ten_thousandths);
        Some(OwnCall { id: call.id.clone(), number, started, answered: answered?, ended, price })
    };
    if call.legs.is_empty() && call.direction == "outgoing" {
        return own(&call.to, call.started_unix_ms, call.answered_unix_ms, call.ended_unix_ms).into_iter().collect();
    }
    let placed = call.legs.iter().filter(|leg| leg.placed && leg.trunk.is_some());
    let mut own: Vec<OwnCall> = placed
        .filter_map(|leg| own(&leg.number, leg.started_unix_ms, leg.answered_unix_ms, leg.ended_unix_ms))
        .collect();
    if own.len() > 1 {
        // The price is that of both.
        own.iter_mut().for_each(|own| own.price = None);
    }
    own
}
