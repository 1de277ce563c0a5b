//! A person's mailbox: whether there is one, and what is in it. Only with a session, as all that is not for everybody.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use centrale_config::Change;
use centrale_store::{MessageRow, Role};

use super::{Revised, revised};
use crate::asker::Asker;
use crate::body::{Mailbox, MailboxChoice, Message, Revision};
use crate::edge::{Edge, Wish, blocking};
use crate::extract::Body;
use crate::problem::Refused;
use crate::wav::wav;

/// When a caller reaches a person's mailbox, and the messages in it, the newest first: to an owner, and to the person.
#[utoipa::path(get, path = "/api/v1/people/{number}/mailbox",
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The mailbox", body = Mailbox)))]
pub(super) async fn mailbox(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    Path(number): Path<String>,
) -> Result<Json<Mailbox>, Refused> {
    let office = edge.office().await;
    let person = office.people.iter().find(|person| person.number.as_str() == number).ok_or_else(Refused::not_found)?;
    let store = edge.0.store.clone();
    let mut rows = blocking(move || store.messages(&number)).await?;
    // Who switches mailboxes on for others has no business with who called.
    rows.retain(|_| matches!(asker.role(), Role::Owner | Role::Person));
    Ok(Json(Mailbox {
        after_seconds: person.voicemail.map(|voicemail| voicemail.after_seconds.into()),
        kept_days: office.retention.messages,
        messages: rows.into_iter().rev().map(message).collect(),
    }))
}

/// Gives a person a mailbox, or takes it away. What is in it stays until it is listened to, deleted, or too old.
#[utoipa::path(put, path = "/api/v1/people/{number}/mailbox", request_body = MailboxChoice,
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_mailbox(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(MailboxChoice { after_seconds }): Body<MailboxChoice>,
) -> Revised {
    revised(&edge, Change::SetVoicemail { number, after_seconds }).await
}

/// What was said, to be heard. It stays as new as it was: its person has not heard it yet.
#[utoipa::path(get, path = "/api/v1/people/{number}/messages/{id}",
    params(("number" = String, Path, description = "Internal number"), ("id" = u64, Path, description = "The message's number")),
    responses((status = 200, description = "The message", content_type = "audio/wav"),
        (status = 404, description = "It is not there, or not there any more")))]
pub(super) async fn message_sound(
    State(edge): State<Edge>,
    Path((number, id)): Path<(String, u64)>,
) -> Result<Response, Refused> {
    let store = edge.0.store.clone();
    let codes = blocking(move || store.message_voice(&number, id)).await?.ok_or_else(Refused::not_found)?;
    Ok(([(header::CONTENT_TYPE, "audio/wav")], wav(&codes)).into_response())
}

/// Deletes a message for good.
#[utoipa::path(delete, path = "/api/v1/people/{number}/messages/{id}",
    params(("number" = String, Path, description = "Internal number"), ("id" = u64, Path, description = "The message's number")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn delete_message(
    State(edge): State<Edge>,
    Path((number, id)): Path<(String, u64)>,
) -> Result<StatusCode, Refused> {
    let (store, mailbox) = (edge.0.store.clone(), number.clone());
    if !blocking(move || store.delete_message(&mailbox, id)).await? {
        return Err(Refused::not_found());
    }
    edge.wish(Wish::MailboxChanged(number)).await;
    Ok(StatusCode::NO_CONTENT)
}

fn message(row: MessageRow) -> Message {
    let MessageRow { id, from, from_name, received_unix_ms, length_ms, heard, .. } = row;
    Message { id, from, from_name, received_unix_ms, length_ms, heard }
}
