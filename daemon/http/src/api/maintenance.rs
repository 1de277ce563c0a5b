//! Work on the telephones: for some hours calls that do not work alarm nobody.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::asker::is_about;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// The longest that it lasts, in hours.
const LONGEST_HOURS: u64 = 8;
const HOUR_MS: u64 = 3_600_000;

/// How long somebody works on the telephones.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MaintenanceWish {
    /// Hours, 1 to 8.
    #[schema(minimum = 1, maximum = 8)]
    hours: u64,
}

/// Until when somebody works on the telephones.
#[derive(Serialize, ToSchema)]
pub(crate) struct Maintenance {
    /// In milliseconds since 1970 UTC.
    until: u64,
}

/// Says that somebody works on the telephones: until the end of that no mail tells of calls that do not work; of break-ins,
/// money and help it does as ever. It asks for a proof, ends by itself, and is a problem on the
/// page meanwhile.
#[utoipa::path(post, path = "/api/v1/maintenance", request_body = MaintenanceWish,
    responses((status = 200, description = "Until when", body = Maintenance)))]
pub(super) async fn begin_maintenance(
    State(edge): State<Edge>,
    Body(MaintenanceWish { hours }): Body<MaintenanceWish>,
) -> Result<Json<Maintenance>, Refused> {
    if !(1..=LONGEST_HOURS).contains(&hours) {
        let detail = format!("work on the telephones lasts an hour to {LONGEST_HOURS} hours");
        return Err(Refused::field("hours", "maintenance-too-long", detail));
    }
    must_be_proved()?;
    is_about(hours.to_string());
    let until = clock::unix_ms() + hours * HOUR_MS;
    edge.maintain(until).await?;
    Ok(Json(Maintenance { until }))
}

/// The work is done.
#[utoipa::path(delete, path = "/api/v1/maintenance", responses((status = 204, description = "It is over")))]
pub(super) async fn end_maintenance(State(edge): State<Edge>) -> Result<StatusCode, Refused> {
    edge.maintain(0).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Edge {
    async fn maintain(&self, until: u64) -> Result<(), Refused> {
        let store = self.0.store.clone();
        blocking(move || store.set_maintenance(until)).await?;
        Ok(self.look_at_alerts().await?)
    }
}
