//! How the daemon is.

use axum::Json;
use axum::extract::State;

use crate::body::{Counter, Counters, Health};
use crate::edge::Edge;

/// That the daemon answers. For everybody: programs that watch machines have no session.
#[utoipa::path(get, path = "/health", responses((status = 200, description = "It answers", body = Health)))]
pub(super) async fn health(State(edge): State<Edge>) -> Json<Health> {
    Json(Health { status: "ok", version: edge.0.settings.version })
}

/// Refusals and traffic since the start.
#[utoipa::path(get, path = "/api/v1/counters", responses((status = 200, description = "Totals", body = Counters)))]
pub(super) async fn counters(State(edge): State<Edge>) -> Json<Counters> {
    let counter = |(name, value, help): (String, u64, String)| Counter { name, value, help };
    let mut counters: Vec<Counter> = (edge.0.counters)().into_iter().map(counter).collect();
    let own = |(name, value, help): (&str, u64, &str)| counter((name.to_owned(), value, help.to_owned()));
    counters.extend(edge.0.traffic.counters().into_iter().map(own));
    let refusals: Vec<_> = edge.0.desk.lock().await.enrolment.refusals().collect();
    counters.extend(refusals.into_iter().map(|(refusal, value)| Counter {
        name: format!("provisioning-{}", refusal.code()),
        value,
        help: "requests and packets of phones that were not answered, by reason".to_owned(),
    }));
    Json(Counters { counters })
}
