//! Phones that were heard.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_call_control::Command;
use centrale_config::{Change, ExtensionNumber, Mac};
use centrale_provisioning::enrolment::AdoptError;

use super::{Revised, revised};
use crate::body::{Adoption, HandsetModel, Modules, PlainHttp, Recognised, Replacement, Revision, Room, Unencrypted};
use crate::change::Decided;
use crate::clock;
use crate::desk::Desk;
use crate::edge::{Edge, Wish};
use crate::extract::Body;
use crate::peer::Peer;
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
    let person = read_person(&person)?;
    let mut desk = edge.0.desk.lock().await;
    let change = desk.enrolment.adopt(mac, &person).map_err(refusal)?;
    let decided = Decided { confirmed: Some(mac), removed: None };
    Ok(Json(Revision { revision: edge.change_with(&mut desk, change, decided).await? }))
}

/// Forgets a phone; its secret is dead at once.
#[utoipa::path(delete, path = "/api/v1/devices/{mac}",
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 200, description = "The current revision", body = Revision)))]
pub(super) async fn remove_device(State(edge): State<Edge>, Path(mac): Path<String>) -> Revised {
    let mac = read_mac(&mac)?;
    let mut desk = edge.0.desk.lock().await;
    let revision = if desk.office.phone(mac).is_some() {
        let decided = Decided { confirmed: None, removed: Some(mac) };
        edge.change_with(&mut desk, Change::RemovePhone { mac: mac.to_string() }, decided).await?
    } else if edge.forget(&mut desk, mac).await? {
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

/// Gives a phone a new password, which it is told to read. Whoever else has the one before is out at once.
#[utoipa::path(post, path = "/api/v1/devices/{mac}/renew",
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 202, description = "The old password is dead, and the phone is told")))]
pub(super) async fn renew_device(State(edge): State<Edge>, Path(mac): Path<String>) -> Result<StatusCode, Refused> {
    let mac = read_mac(&mac)?;
    let mut desk = edge.0.desk.lock().await;
    let Desk { enrolment, rng, .. } = &mut *desk;
    let effects = enrolment.renew(clock::moment(), mac, rng);
    if effects.is_empty() {
        return Err(Refused::not_found());
    }
    edge.carry_out(&mut desk, effects).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Says of a device that registered with the right password, as the problem shows it, that it is the office's.
#[utoipa::path(post, path = "/api/v1/accounts/{account}/recognise", request_body = Recognised,
    params(("account" = String, Path, description = "What the problem is about")),
    responses((status = 202, description = "It may do what the person may")))]
pub(super) async fn recognise_device(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Path(account): Path<String>,
    Body(Recognised { shown }): Body<Recognised>,
) -> Result<StatusCode, Refused> {
    if !edge.0.live.shows("phone-unknown", &account, &shown) {
        return Err(Refused::not_found());
    }
    tracing::warn!(account, shown, source = %peer.source_ip(), "a device was recognised");
    edge.wish(Wish::Command(Command::Recognise { account, shown })).await;
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

/// Gives a person a handset of a base, or says which model the one is that the person has.
#[utoipa::path(put, path = "/api/v1/devices/{mac}/handsets/{person}", request_body = HandsetModel,
    params(("mac" = String, Path, description = "MAC address of the base"),
        ("person" = String, Path, description = "The person's number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn give_handset(
    State(edge): State<Edge>,
    Path((mac, person)): Path<(String, String)>,
    Body(HandsetModel { model }): Body<HandsetModel>,
) -> Revised {
    let (mac, person) = (read_mac(&mac)?, read_person(&person)?);
    let mut desk = edge.0.desk.lock().await;
    let change = desk.enrolment.give_handset(mac, &person, &model).map_err(refusal)?;
    Ok(Json(Revision { revision: edge.change_at(&mut desk, change).await? }))
}

/// Takes a person's handset of a base away. The last one is refused: then the base is to be removed.
#[utoipa::path(delete, path = "/api/v1/devices/{mac}/handsets/{person}",
    params(("mac" = String, Path, description = "MAC address of the base"),
        ("person" = String, Path, description = "The person's number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn take_handset(State(edge): State<Edge>, Path((mac, person)): Path<(String, String)>) -> Revised {
    revised(&edge, Change::RemoveHandset { mac: read_mac(&mac)?.to_string(), person }).await
}

/// Says how many expansion modules are plugged into a phone; its keys are laid out anew.
#[utoipa::path(put, path = "/api/v1/devices/{mac}/modules", request_body = Modules,
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn set_modules(
    State(edge): State<Edge>,
    Path(mac): Path<String>,
    Body(Modules { modules }): Body<Modules>,
) -> Revised {
    let mac = read_mac(&mac)?;
    let mut desk = edge.0.desk.lock().await;
    let change = desk.enrolment.set_modules(mac, modules).map_err(refusal)?;
    Ok(Json(Revision { revision: edge.change_at(&mut desk, change).await? }))
}

/// Says where a phone stands, so that whoever mends it finds it.
#[utoipa::path(put, path = "/api/v1/devices/{mac}/room", request_body = Room,
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn set_room(
    State(edge): State<Edge>,
    Path(mac): Path<String>,
    Body(Room { room }): Body<Room>,
) -> Revised {
    revised(&edge, Change::SetRoom { mac: read_mac(&mac)?.to_string(), room }).await
}

/// Says whether a phone registers and speaks without encryption. It is told to read its settings; one that is not registered reads them
/// when it next starts.
#[utoipa::path(put, path = "/api/v1/devices/{mac}/unencrypted", request_body = Unencrypted,
    params(("mac" = String, Path, description = "MAC address")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn set_unencrypted(
    State(edge): State<Edge>,
    Path(mac): Path<String>,
    Body(Unencrypted { unencrypted }): Body<Unencrypted>,
) -> Revised {
    let mac = read_mac(&mac)?;
    let mut desk = edge.0.desk.lock().await;
    let change = desk.enrolment.set_unencrypted(mac, unencrypted).map_err(refusal)?;
    Ok(Json(Revision { revision: edge.change_at(&mut desk, change).await? }))
}

/// Puts a phone that was heard in the place of one of the office; its keys are laid out anew. The secret of the one before
/// it is dead at once.
#[utoipa::path(post, path = "/api/v1/devices/{mac}/replace", request_body = Replacement,
    params(("mac" = String, Path, description = "MAC address of the phone that goes")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn replace_device(
    State(edge): State<Edge>,
    Path(mac): Path<String>,
    Body(Replacement { by }): Body<Replacement>,
) -> Revised {
    let mac = read_mac(&mac)?;
    let by: Mac = by.parse().map_err(|_| refusal(AdoptError::UnknownDevice))?;
    let mut desk = edge.0.desk.lock().await;
    let change = desk.enrolment.replace(mac, by).map_err(refusal)?;
    // One that was never set up is known as well; it is nobody's now, and what was said about it is about nobody.
    let decided = Decided { confirmed: Some(by), removed: Some(mac) };
    Ok(Json(Revision { revision: edge.change_with(&mut desk, change, decided).await? }))
}

fn refusal(error: AdoptError) -> Refused {
    let text = error.to_string();
    match error {
        AdoptError::UnknownDevice => Refused::new(StatusCode::NOT_FOUND, "unknown-device", text),
        AdoptError::UnknownModel => Refused::field("mac", "unknown-model", text),
        AdoptError::UnknownPerson => Refused::field("person", "unknown-person", text),
        AdoptError::BaseFull => Refused::field("mac", "handsets-too-many", text),
        AdoptError::NotABase => Refused::field("mac", "not-a-base", text),
        AdoptError::UnknownHandset => Refused::field("model", "unknown-handset", text),
        AdoptError::TooManyModules(_) => Refused::field("modules", "modules-too-many", text),
        AdoptError::InUse => Refused::field("by", "phone-in-use", text),
        AdoptError::KindDiffers => Refused::field("by", "phone-kind-differs", text),
    }
}

fn read_person(text: &str) -> Result<ExtensionNumber, Refused> {
    text.parse().map_err(|_| refusal(AdoptError::UnknownPerson))
}

fn read_mac(text: &str) -> Result<Mac, Refused> {
    text.parse().map_err(|_| Refused::not_found())
}
