//! The pairing window.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::body::{PairingWindow, WindowRequest};
use crate::clock;
use crate::edge::Edge;
use crate::extract::Body;
use crate::problem::Refused;

/// Takes in new phones for some minutes.
#[utoipa::path(post, path = "/api/v1/pairing-window", request_body = WindowRequest,
    responses((status = 200, description = "Until when", body = PairingWindow)))]
pub(super) async fn open_window(
    State(edge): State<Edge>,
    Body(WindowRequest { minutes }): Body<WindowRequest>,
) -> Result<Json<PairingWindow>, Refused> {
    let moment = clock::moment();
    let mut desk = edge.0.desk.lock().await;
    let effects = desk.enrolment.open_window(moment, minutes);
    edge.carry_out(&mut desk, effects).await?;
    Ok(Json(PairingWindow { open_until: desk.enrolment.window_open_until(moment) }))
}

/// Takes in no more new phones.
#[utoipa::path(delete, path = "/api/v1/pairing-window", responses((status = 204, description = "Closed")))]
pub(super) async fn close_window(State(edge): State<Edge>) -> Result<StatusCode, Refused> {
    let mut desk = edge.0.desk.lock().await;
    let effects = desk.enrolment.close_window();
    edge.carry_out(&mut desk, effects).await?;
    Ok(StatusCode::NO_CONTENT)
}
