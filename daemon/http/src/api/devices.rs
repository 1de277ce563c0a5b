//! Phones that were heard.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use centrale_config::{Change, ExtensionNumber, Mac};
use centrale_provisioning::enrolment::AdoptError;

use super::Revised;
use crate::body::{Adoption, PlainHttp, Revision};
use crate::clock;
use crate::edge::Edge;
use crate::extract::Body;
use crate::problem::Refused;

/// Gives a phone to a person; it is set up when it next asks.
#[utoipa::path(post, path = "/api/v1/devices/{mac}/adopt", request_body = Adoption,
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn adopt_device(
    State(edge): State<Edge>,
    Path(mac): Path<String>,
    Body(Adoption { person }): Body<Adoption>,
) -> Revised {
    let mac = read_mac(&mac)?;
    let unknown = || Refused::field("person", "unknown-person", "nobody has this number");
    let person: ExtensionNumber = person.parse().map_err(|_| unknown())?;
    let mut desk = edge.0.desk.lock().await;
    let (change, effects) = desk.enrolment.adopt(mac, &person).map_err(|error| match error {
        AdoptError::UnknownDevice => Refused::new(StatusCode::NOT_FOUND, "unknown-device", error.to_string()),
        AdoptError::UnknownModel => Refused::field("mac", "unknown-model", error.to_string()),
        AdoptError::UnknownPerson => unknown(),
        AdoptError::BaseFull => Refused::field("mac", "handsets-too-many", error.to_string()),
    })?;
    edge.calm(&mut desk, mac);
    edge.carry_out(&mut desk, effects).await?;
    Ok(Json(Revision { revision: edge.change_at(&mut desk, change).await? }))
}

/// Forgets a phone; its secret is dead at once.
#[utoipa::path(delete, path = "/api/v1/devices/{mac}",
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 200, description = "The current revision", body = Revision)))]
pub(super) async fn remove_device(State(edge): State<Edge>, Path(mac): Path<String>) -> Revised {
    let mac = read_mac(&mac)?;
    let mut desk = edge.0.desk.lock().await;
    let effects = desk.enrolment.remove(mac);
    let heard = !effects.is_empty();
    edge.carry_out(&mut desk, effects).await?;
    let revision = if desk.office.phone(mac).is_some() {
        edge.change_at(&mut desk, Change::RemovePhone { mac: mac.to_string() }).await?
    } else if heard {
        desk.revision
    } else {
        return Err(Refused::not_found());
    };
    Ok(Json(Revision { revision }))
}

/// Tells a phone to read its settings again.
#[utoipa::path(post, path = "/api/v1/devices/{mac}/resync",
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 202, description = "It is told")))]
pub(super) async fn resync_device(State(edge): State<Edge>, Path(mac): Path<String>) -> Result<StatusCode, Refused> {
    let mac = read_mac(&mac)?;
    let mut desk = edge.0.desk.lock().await;
    let effects = desk.enrolment.resync(clock::moment(), mac);
    if effects.is_empty() {
        return Err(Refused::not_found());
    }
    edge.carry_out(&mut desk, effects).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Allows a phone whose TLS is too old to be set up without it, or no longer. Its settings, with its password, then
/// travel in clear in the office's network, once per change. When it is no longer allowed its password dies.
#[utoipa::path(put, path = "/api/v1/devices/{mac}/plain-http", request_body = PlainHttp,
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 204, description = "It is so")))]
pub(super) async fn allow_plain_http(
    State(edge): State<Edge>,
    Path(mac): Path<String>,
    Body(PlainHttp { allowed }): Body<PlainHttp>,
) -> Result<StatusCode, Refused> {
    let mac = read_mac(&mac)?;
    let mut desk = edge.0.desk.lock().await;
    let effects = desk.enrolment.allow_plain_http(mac, allowed).map_err(|_| Refused::not_found())?;
    edge.carry_out(&mut desk, effects).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read_mac(text: &str) -> Result<Mac, Refused> {
    text.parse().map_err(|_| Refused::not_found())
}
