//! What may be spent, who may call what, and raising a cap for a time.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_call_control::view::CostsView;
use centrale_call_control::{Cap, Command, MOST_RAISED, Proof};
use centrale_config::Change;
use centrale_store::Deed;

use super::{Revised, revised};
use crate::asker::{Asker, is_about};
use crate::body::{CapRaise, OpenedDestination, Permit, PersonPermit, Revision, RightsChange};
use crate::edge::{Edge, Wish};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// For how many hours a cap can be raised at most: 31 days.
const LONGEST_RAISE: u16 = 31 * 24;

/// The caps, what is used of each, and until when one is raised.
#[utoipa::path(get, path = "/api/v1/costs", responses((status = 200, description = "The caps", body = CostsView)))]
pub(super) async fn costs(State(edge): State<Edge>) -> Json<CostsView> {
    Json(edge.0.live.costs())
}

/// Raises a cap for a time. It asks for a proof with a passkey or a code that its user has had for a day: a stolen session spends no
/// money, nor does a learned password, with which a thief sets up one of their own. Who has no second factor is refused as
/// `second-factor-needed`, who has a new one as `second-factor-new`; either may lower what is raised, for as long as it is.
#[utoipa::path(post, path = "/api/v1/costs/raise", request_body = CapRaise,
    responses((status = 202, description = "It is being raised"), (status = 403, description = "Not proven enough")))]
pub(super) async fn raise_cap(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(CapRaise { cap, to_cents, hours }): Body<CapRaise>,
) -> Result<StatusCode, Refused> {
    let cap = Cap::of_word(&cap).ok_or_else(|| Refused::field("cap", "no-such-cap", "there is no such cap"))?;
    let usual = cap.amount().cents_up();
    let within = u64::from(to_cents) >= usual && u64::from(to_cents) <= usual * MOST_RAISED;
    if !within {
        let detail = format!("a cap is raised to no less than it is, and to {MOST_RAISED} times that at most");
        return Err(Refused::field("to_cents", "raise-out-of-range", detail));
    }
    if !(1..=LONGEST_RAISE).contains(&hours) {
        return Err(Refused::field("hours", "raise-too-long", "a cap is raised for an hour to 31 days"));
    }
    let proof = must_be_proved()?;
    if proof == Proof::PasswordAgain && u64::from(to_cents) > limit_now(&edge.0.live.costs(), cap) {
        let (code, detail) = if asker.user.has_factor {
            ("second-factor-new", "a cap is raised with a second factor that was set up a day ago or earlier")
        } else {
            ("second-factor-needed", "a cap is raised with a second factor: this user has none yet")
        };
        return Err(Refused::new(StatusCode::FORBIDDEN, code, detail));
    }
    is_about(format!("{} {to_cents} {hours}", cap.word()));
    tracing::warn!(cap = cap.word(), to_cents, hours, source = %peer.source_ip(), "a cap was raised");
    edge.wish(Wish::Command(Command::Raise { cap, to_cents, hours, proof })).await;
    if u64::from(to_cents) > usual {
        edge.note_deed(Deed::CapRaised { cap: cap.word().to_owned() }).await;
    }
    Ok(StatusCode::ACCEPTED)
}

/// What a cap is held to now, in cents.
fn limit_now(costs: &CostsView, cap: Cap) -> u64 {
    let shown = costs.caps.iter().find(|shown| shown.cap == cap.word());
    shown.map_or(cap.amount().cents_up(), |shown| shown.limit_cents)
}

/// What a person may call.
#[utoipa::path(get, path = "/api/v1/people/{number}/permit",
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "What may be called", body = PersonPermit)))]
pub(super) async fn permit(
    State(edge): State<Edge>,
    Path(number): Path<String>,
) -> Result<Json<PersonPermit>, Refused> {
    let office = edge.office().await;
    let person = office.people.iter().find(|person| person.number.as_str() == number).ok_or_else(Refused::not_found)?;
    let opened = |opened: &centrale_config::Opened| OpenedDestination {
        prefix: opened.prefix.clone(),
        until: opened.until.to_string(),
    };
    let centrale_config::OwnPermit { rights, reach, premium, opened: all } = &person.permit;
    let own = Permit {
        rights: rights.clone(),
        calls: reach.map(|reach| reach.word().to_owned()),
        premium: *premium,
        opened: all.iter().map(opened).collect(),
    };
    let in_force = office.permit_of(person);
    Ok(Json(PersonPermit { own, calls: in_force.reach.word().to_owned(), premium: in_force.premium }))
}

/// Decides what a person may call.
#[utoipa::path(put, path = "/api/v1/people/{number}/permit", request_body = Permit,
    params(("number" = String, Path, description = "Internal number")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_permit(
    State(edge): State<Edge>,
    Path(number): Path<String>,
    Body(Permit { rights, calls, premium, opened }): Body<Permit>,
) -> Revised {
    let opened = opened.into_iter().map(|opened| (opened.prefix, opened.until)).collect();
    revised(&edge, Change::SetPermit { number, rights, calls, premium, opened }).await
}

/// Creates a group of rights, or changes it.
#[utoipa::path(put, path = "/api/v1/rights/{name}", request_body = RightsChange,
    params(("name" = String, Path, description = "What the group is called")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_rights(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Body(RightsChange { calls, premium }): Body<RightsChange>,
) -> Revised {
    revised(&edge, Change::PutRights { name, calls, premium }).await
}

/// Takes a group of rights away that nobody is in.
#[utoipa::path(delete, path = "/api/v1/rights/{name}",
    params(("name" = String, Path, description = "What the group is called")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_rights(State(edge): State<Edge>, Path(name): Path<String>) -> Revised {
    revised(&edge, Change::RemoveRights { name }).await
}
