//! How phones find the box beside PnP: what to write into the router, and whether the box answers DHCP itself.

use axum::extract::State;
use axum::{Extension, Json};
use centrale_config::Change;
use centrale_provisioning::dhcp::RouterTexts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::edge::Edge;
use crate::extract::Body;
use crate::peer::Peer;

/// How phones find the box.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Finding {
    /// Texts for the router, with the IPv4 address at which the box was asked. Null when it was asked by IPv6: then the
    /// box does not know which of its addresses phones can reach.
    texts: Option<RouterTexts>,
    /// Whether the box answers phones that ask for DHCP options. Never with an address.
    dhcp_options: bool,
}

/// Whether the box answers DHCP.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct FindingChange {
    /// Whether phones that ask for DHCP options are answered.
    dhcp_options: bool,
}

/// What to write into the router so that phones find the box.
#[utoipa::path(get, path = "/api/v1/finding", responses((status = 200, description = "The texts", body = Finding)))]
pub(super) async fn finding(State(edge): State<Edge>, Extension(peer): Extension<Peer>) -> Json<Finding> {
    let desk = edge.0.desk.lock().await;
    let local = Some(peer.local_ip()).filter(std::net::IpAddr::is_ipv4);
    let texts = local.and_then(|ip| desk.enrolment.router_texts(&ip.to_string()));
    Json(Finding { texts, dhcp_options: desk.office.dhcp_options })
}

/// Says whether the box answers phones that ask for DHCP options.
#[utoipa::path(put, path = "/api/v1/finding", request_body = FindingChange,
    responses((status = 200, description = "The new revision", body = crate::body::Revision)))]
pub(super) async fn change_finding(State(edge): State<Edge>, Body(body): Body<FindingChange>) -> Revised {
    revised(&edge, Change::SetDhcpOptions { answered: body.dhcp_options }).await
}
