//! The office's contacts outside, which every phone has in its book.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use centrale_config::Change;

use super::{Revised, revised};
use crate::body::{Contact, Contacts, Revision};
use crate::edge::Edge;
use crate::extract::Body;
use crate::problem::Refused;

/// Every contact of the office, at most 2,000.
#[utoipa::path(get, path = "/api/v1/contacts",
    responses((status = 200, description = "The contacts", body = Contacts)))]
pub(super) async fn contacts(State(edge): State<Edge>) -> Json<Contacts> {
    let office = std::sync::Arc::clone(&edge.0.desk.lock().await.office);
    let shown = |contact: &centrale_config::Contact| Contact {
        name: contact.name.clone(),
        company: contact.company.clone(),
        numbers: contact.numbers.iter().map(ToString::to_string).collect(),
    };
    Json(Contacts { contacts: office.contacts.iter().map(shown).collect() })
}

/// Adds a contact.
#[utoipa::path(post, path = "/api/v1/contacts", request_body = Contact,
    responses((status = 201, description = "The new revision", body = Revision)))]
pub(super) async fn add_contact(
    State(edge): State<Edge>,
    Body(Contact { name, company, numbers }): Body<Contact>,
) -> Result<(StatusCode, Json<Revision>), Refused> {
    let change = Change::PutContact { known: None, name, company, numbers };
    Ok((StatusCode::CREATED, revised(&edge, change).await?))
}

/// Gives a contact another name, company or other numbers.
#[utoipa::path(put, path = "/api/v1/contacts/{number}", request_body = Contact,
    params(("number" = String, Path, description = "One of the contact's numbers")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_contact(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(Contact { name, company, numbers }): Body<Contact>,
) -> Revised {
    revised(&edge, Change::PutContact { known: Some(number), name, company, numbers }).await
}

/// Takes a contact away.
#[utoipa::path(delete, path = "/api/v1/contacts/{number}",
    params(("number" = String, Path, description = "One of the contact's numbers")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_contact(State(edge): State<Edge>, Path(number): Path<String>) -> Revised {
    revised(&edge, Change::RemoveContact { number }).await
}
