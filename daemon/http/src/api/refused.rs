//! Who asked for phones' files in vain.

use axum::Json;
use axum::extract::State;
use centrale_provisioning::enrolment::RefusedView;

use crate::edge::Edge;

/// Who asked for phones' files and was refused since the box started, the latest first; of many the last hundred.
#[utoipa::path(get, path = "/api/v1/refused",
    responses((status = 200, description = "Who, what, when and why", body = Vec<RefusedView>)))]
pub(super) async fn list_refused(State(edge): State<Edge>) -> Json<Vec<RefusedView>> {
    Json(edge.0.desk.lock().await.enrolment.refused())
}
