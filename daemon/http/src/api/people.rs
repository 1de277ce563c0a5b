//! People, and how their phones that the box does not set up by itself get in.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_config::{Change, ExtensionNumber};
use centrale_provisioning::enrolment::Scheme;
use centrale_store::generate_sip_password;

use super::{Revised, revised};
use crate::body::{HandPassword, Person, PersonName, Revision, SoftphoneLink, SoftphoneWay};
use crate::clock;
use crate::desk::Desk;
use crate::edge::Edge;
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::qr::qr_svg;

/// Adds a person.
#[utoipa::path(post, path = "/api/v1/people", request_body = Person,
    responses((status = 201, description = "The new revision", body = Revision)))]
pub(super) async fn add_person(
    State(edge): State<Edge>,
    Body(Person { number, name }): Body<Person>,
) -> Result<(StatusCode, Json<Revision>), Refused> {
    let change = Change::AddPerson { number, name, sip_password: generate_sip_password()? };
    Ok((StatusCode::CREATED, revised(&edge, change).await?))
}

/// Gives a person another name.
#[utoipa::path(put, path = "/api/v1/people/{number}", request_body = PersonName,
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn rename_person(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(PersonName { name }): Body<PersonName>,
) -> Revised {
    revised(&edge, Change::RenamePerson { number, name }).await
}

/// Takes a person away, with the person's phones.
#[utoipa::path(delete, path = "/api/v1/people/{number}",
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_person(State(edge): State<Edge>, Path(number): Path<String>) -> Revised {
    revised(&edge, Change::RemovePerson { number }).await
}

/// Makes a new password for a phone that is configured by hand. It is shown this once; the one before it is dead.
#[utoipa::path(post, path = "/api/v1/people/{number}/password",
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "What to type into the phone", body = HandPassword)))]
pub(super) async fn new_password(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Path(number): Path<String>,
) -> Result<Json<HandPassword>, Refused> {
    let password = generate_sip_password()?;
    edge.change(Change::ReplacePassword { number: number.clone(), sip_password: password.clone() }).await?;
    Ok(Json(HandPassword {
        username: number,
        password: password.reveal().to_owned(),
        server: peer.local_ip().to_string(),
        port: edge.0.settings.sip_port,
        transport: "udp",
    }))
}

/// Makes a link that sets up one soft phone, once.
#[utoipa::path(post, path = "/api/v1/people/{number}/softphone", request_body = SoftphoneWay,
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The link, and as a picture", body = SoftphoneLink)))]
pub(super) async fn softphone_link(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Path(number): Path<String>,
    Body(SoftphoneWay { in_clear }): Body<SoftphoneWay>,
) -> Result<Json<SoftphoneLink>, Refused> {
    let scheme = if in_clear { Scheme::Http } else { Scheme::Https };
    let person: ExtensionNumber = number.parse().map_err(|_| Refused::not_found())?;
    let link = {
        let mut desk = edge.0.desk.lock().await;
        let Desk { enrolment, rng, .. } = &mut *desk;
        let link = enrolment.softphone_link(clock::moment(), &person, peer.local_ip(), scheme, rng);
        link.map_err(|_| Refused::not_found())?
    };
    edge.0.timeouts_moved.notify_one();
    let qr_svg = qr_svg(&link.url)?;
    Ok(Json(SoftphoneLink { url: link.url, qr_svg, expires_in_seconds: link.expires_in_seconds }))
}
