//! The office's contacts outside, which every phone has in its book.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use centrale_config::{Change, write_contacts};

use super::export::{CSV, file};
use super::{Revised, revised};
use crate::body::{Contact, Contacts, ReadContacts, RefusedContact, Revision};
use crate::edge::{Edge, blocking};
use crate::extract::{Body, ContactsFile};
use crate::problem::Refused;

/// Every contact of the office, at most 2,000.
#[utoipa::path(get, path = "/api/v1/contacts",
    responses((status = 200, description = "The contacts", body = Contacts)))]
pub(super) async fn contacts(State(edge): State<Edge>) -> Json<Contacts> {
    let office = edge.office().await;
    let shown = |contact: &centrale_config::Contact| Contact {
        name: contact.name.clone(),
        company: contact.company.clone(),
        numbers: contact.numbers.iter().map(ToString::to_string).collect(),
    };
    Json(Contacts { contacts: office.contacts.iter().map(shown).collect() })
}

/// Every contact as comma-separated values (RFC 4180), which can be imported again. A cell that a spreadsheet would take for a
/// formula has an apostrophe in front, a telephone number has not.
#[utoipa::path(get, path = "/api/v1/contacts.csv",
    responses((status = 200, description = "The contacts", content_type = "text/csv", body = String)))]
pub(super) async fn contacts_csv(State(edge): State<Edge>) -> Response {
    let office = edge.office().await;
    file(write_contacts(&office.contacts), CSV, "contacts.csv")
}

/// What a file of contacts holds that the office could add, and what it could not: nothing is changed. CSV with a line that
/// names its columns in Dutch, French or English, or vCards of any version; 8 MiB at most.
#[utoipa::path(post, path = "/api/v1/contacts/preview",
    request_body(content = String, content_type = "text/csv", description = "The file, also as text/vcard"),
    responses((status = 200, description = "What was read", body = ReadContacts)))]
pub(super) async fn preview_contacts(
    State(edge): State<Edge>,
    ContactsFile(file): ContactsFile,
) -> Result<Json<ReadContacts>, Refused> {
    let office = edge.office().await;
    // A large file takes a moment, in which nobody waits for the desk.
    let read = blocking(move || Ok(office.read_contacts(&file))).await?;
    let read = read.map_err(|(code, detail)| Refused::field("file", code, detail))?;
    let shown = |line: centrale_config::RefusedLine| {
        let centrale_config::RefusedLine { line, name, code, detail, rest_taken } = line;
        RefusedContact { line, name, code, detail, rest_taken }
    };
    Ok(Json(ReadContacts {
        added: read.added.len(),
        known: read.known,
        refused: read.refused.into_iter().map(shown).collect(),
        refused_count: read.refused_count,
    }))
}

/// Adds the contacts of a file that the office can take and does not have yet, as the preview says it.
#[utoipa::path(post, path = "/api/v1/contacts/import",
    request_body(content = String, content_type = "text/csv", description = "The file, also as text/vcard"),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn import_contacts(State(edge): State<Edge>, ContactsFile(file): ContactsFile) -> Revised {
    revised(&edge, Change::ImportContacts { file: file.to_vec() }).await
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
