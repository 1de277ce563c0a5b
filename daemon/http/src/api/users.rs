//! Who may log in, and as what.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_store::{AccessRefused, CODE_MS, Deed, Role, Standing, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::asker::{Asker, is_about};
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::extract::Body;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// For how many days an installer may come in at most.
const LONGEST_VISIT: u16 = 31;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// Somebody who may log in, or is invited to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    /// Names the user.
    id: u64,
    /// What is typed to log in.
    name: String,
    /// `owner`, `installer`, `reception`, `person` or `auditor`.
    role: &'static str,
    /// Whose calls and mailbox are the user's own: an internal number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    person: Option<String>,
    /// When it is over by itself, in milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ends: Option<u64>,
    /// Whether the user chose a password; before that, the user is invited.
    joined: bool,
    /// Whether a code of a second factor is asked for beside the password.
    second_factor: bool,
    /// Whether it is the one that asks.
    me: bool,
}

/// Who is to come in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Invitation {
    /// What the user will type to log in: 1 to 40 characters.
    name: String,
    #[serde(flatten)]
    place: Place,
}

/// What a user may do, as an owner says.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Place {
    /// `owner`, `installer`, `reception`, `person` or `auditor`.
    role: String,
    /// For a person: whose calls and mailbox are the user's own.
    #[schema(nullable = false)]
    person: Option<String>,
    /// For an installer: how many days, 1 to 31.
    #[schema(nullable = false)]
    days: Option<u16>,
}

/// A code with which a user comes in once. It is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneTimeCode {
    /// The user.
    id: u64,
    /// The code.
    code: String,
    /// Until when it is good, in milliseconds since 1970 UTC.
    until: u64,
}

/// Who may log in, in the order in which they came.
#[utoipa::path(get, path = "/api/v1/users", responses((status = 200, description = "The users", body = Vec<User>)))]
pub(super) async fn users(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
) -> Result<Json<Vec<User>>, Refused> {
    let store = edge.0.store.clone();
    let shown = |row: UserRow| User {
        id: row.number,
        me: row.number == asker.user.number,
        name: row.name,
        role: row.standing.role.word(),
        person: row.standing.person,
        ends: row.standing.ends_unix_ms,
        joined: row.has_password,
        second_factor: row.has_factor,
    };
    Ok(Json(blocking(move || store.users()).await?.into_iter().map(shown).collect()))
}

/// Adds a user, who comes in with the code that is given, once and within a day, and chooses a password then. It asks for a proof.
#[utoipa::path(post, path = "/api/v1/users", request_body = Invitation,
    responses((status = 201, description = "The code", body = OneTimeCode)))]
pub(super) async fn invite(
    State(edge): State<Edge>,
    Body(Invitation { name, place }): Body<Invitation>,
) -> Result<(StatusCode, Json<OneTimeCode>), Refused> {
    let standing = edge.standing(place).await?;
    must_be_proved()?;
    let (store, now) = (edge.0.store.clone(), clock::unix_ms());
    is_about(format!("{} {}", name.trim(), standing.role.word()));
    let invited = name.trim().to_owned();
    let (id, code) = blocking(move || Ok(store.invite(&name, standing, now))).await??;
    edge.note_deed(Deed::UserAdded { user: id, name: invited }).await;
    Ok((StatusCode::CREATED, Json(OneTimeCode { id, code: code.reveal().to_owned(), until: now + CODE_MS })))
}

/// Makes another code for a user, with which a new password is chosen. The password of before is good until then. It asks for a
/// proof.
#[utoipa::path(post, path = "/api/v1/users/{id}/code",
    params(("id" = u64, Path, description = "The user's number")),
    responses((status = 200, description = "The code", body = OneTimeCode)))]
pub(super) async fn new_code(State(edge): State<Edge>, Path(id): Path<u64>) -> Result<Json<OneTimeCode>, Refused> {
    must_be_proved()?;
    let user = edge.user(id).await?;
    is_about(format!("{} {}", user.name, user.standing.role.word()));
    let (store, now) = (edge.0.store.clone(), clock::unix_ms());
    // First of all the way back: the password of now is kept with it.
    edge.note_deed(Deed::CodeMade { user: id, name: user.name }).await;
    let code = blocking(move || Ok(store.new_user_code(id, now))).await??;
    Ok(Json(OneTimeCode { id, code: code.reveal().to_owned(), until: now + CODE_MS }))
}

/// Gives a user another role, who must log in again. It asks for a proof.
#[utoipa::path(put, path = "/api/v1/users/{id}", request_body = Place,
    params(("id" = u64, Path, description = "The user's number")),
    responses((status = 204, description = "It is so"), (status = 409, description = "This is the last owner, or every other one is that for less than a day")))]
pub(super) async fn change_user(
    State(edge): State<Edge>,
    Path(id): Path<u64>,
    Body(place): Body<Place>,
) -> Result<StatusCode, Refused> {
    let standing = edge.standing(place).await?;
    must_be_proved()?;
    let store = edge.0.store.clone();
    let UserRow { name, standing: before, .. } = edge.user(id).await?;
    is_about(format!("{name} {}", standing.role.word()));
    let is_raised = standing.is_above(&before);
    blocking(move || Ok(store.change_user(id, standing, clock::unix_ms()))).await??;
    edge.sessions_ended();
    if is_raised {
        edge.note_deed(Deed::UserRaised { user: id, name, before }).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a user away, who is out at once. It asks for a proof: a thief with a session locks no owner out.
#[utoipa::path(delete, path = "/api/v1/users/{id}", params(("id" = u64, Path, description = "The user's number")),
    responses((status = 204, description = "The user is gone"), (status = 409, description = "This is the last owner, or every other one is that for less than a day")))]
pub(super) async fn remove_user(State(edge): State<Edge>, Path(id): Path<u64>) -> Result<StatusCode, Refused> {
    must_be_proved()?;
    let user = edge.user(id).await?;
    is_about(format!("{} {}", user.name, user.standing.role.word()));
    let store = edge.0.store.clone();
    blocking(move || Ok(store.remove_user(id, clock::unix_ms()))).await??;
    edge.sessions_ended();
    Ok(StatusCode::NO_CONTENT)
}

impl Edge {
    /// A user by number: the log says who it was, which the number does not once the user is gone.
    async fn user(&self, id: u64) -> Result<UserRow, Refused> {
        let store = self.0.store.clone();
        let found = blocking(move || store.users()).await?.into_iter().find(|user| user.number == id);
        found.ok_or_else(|| AccessRefused::NoSuchUser.into())
    }

    /// What a user is to be: a person has a number of the office, an installer an end, nobody else either.
    async fn standing(&self, Place { role, person, days }: Place) -> Result<Standing, Refused> {
        let role =
            Role::of_word(&role).ok_or_else(|| Refused::field("role", "no-such-role", "there is no such role"))?;
        let mut standing = Standing { role, person: None, ends_unix_ms: None };
        if role == Role::Person {
            let office = self.office().await;
            standing.person = person.filter(|number| office.people.iter().any(|one| one.number.as_str() == number));
            if standing.person.is_none() {
                return Err(Refused::field("person", "no-such-person", "there is no person with this number"));
            }
        }
        if role == Role::Installer {
            let days = days.filter(|days| (1..=LONGEST_VISIT).contains(days)).ok_or_else(|| {
                Refused::field("days", "days-out-of-range", format!("an installer comes for 1 to {LONGEST_VISIT} days"))
            })?;
            standing.ends_unix_ms = Some(clock::unix_ms() + u64::from(days) * DAY_MS);
        }
        Ok(standing)
    }
}
