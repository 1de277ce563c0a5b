//! Connections to providers.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use centrale_call_control::Command;
use centrale_call_control::view::HelpTest;
use centrale_config::{Change, Secret, TypedAbuseDesk};

use super::{Revised, revised};
use crate::body::{AbuseDesk, Channels, Dialect, Preset, Revision, TrunkChange, TrunkOrder};
use crate::edge::{Edge, Wish};
use crate::extract::Body;
use crate::problem::Refused;

/// Creates a connection to a provider, or changes it. Without a password the old one stays.
#[utoipa::path(put, path = "/api/v1/trunks/{name}", request_body = TrunkChange,
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_trunk(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Body(body): Body<TrunkChange>,
) -> Revised {
    let TrunkChange { server, transport, username, password, register, numbers, dialect } = body;
    let (password, dialect) = (password.map(Secret::new), dialect.map(Into::into));
    revised(&edge, Change::PutTrunk { name, server, transport, username, password, register, numbers, dialect }).await
}

/// Says which provider is asked first where neither its state nor the kind of number nor the price decides, which second, and
/// so on.
#[utoipa::path(put, path = "/api/v1/trunks", request_body = TrunkOrder,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn order_trunks(State(edge): State<Edge>, Body(TrunkOrder { names }): Body<TrunkOrder>) -> Revised {
    revised(&edge, Change::OrderTrunks { names }).await
}

/// The settings that providers publish of their SIP trunks, by name. Any other provider is filled in by hand.
#[utoipa::path(get, path = "/api/v1/provider-presets",
    responses((status = 200, description = "The providers", body = [Preset])))]
pub(super) async fn presets() -> Json<Vec<Preset>> {
    Json(centrale_config::Preset::all().into_iter().map(Preset::from).collect())
}

/// Says how a provider wants to be spoken to.
#[utoipa::path(put, path = "/api/v1/trunks/{name}/dialect", request_body = Dialect,
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_dialect(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Body(body): Body<Dialect>,
) -> Revised {
    revised(&edge, Change::SetDialect { name, dialect: body.into() }).await
}

/// Says who at a provider is told of abuse, and within how many days it answers. All of it empty is nobody.
#[utoipa::path(put, path = "/api/v1/trunks/{name}/abuse-desk", request_body = AbuseDesk,
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_abuse_desk(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Body(AbuseDesk { name: called, address, answer_days }): Body<AbuseDesk>,
) -> Revised {
    let desk = TypedAbuseDesk { name: called, address, answer_days };
    revised(&edge, Change::SetAbuseDesk { name, desk }).await
}

/// Says how many calls a provider's contract allows at once.
#[utoipa::path(put, path = "/api/v1/trunks/{name}/channels", request_body = Channels,
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_channels(
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Body(Channels { account, number }): Body<Channels>,
) -> Revised {
    revised(&edge, Change::SetChannels { name, account, number }).await
}

/// Tests now whether a call for help would find its way out, with a call to the office's test number that is taken back when it
/// rings. What comes of it is told as an event; within five minutes of another one nothing is done.
#[utoipa::path(post, path = "/api/v1/trunks/{name}/help-test",
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 202, description = "It is tested")))]
pub(super) async fn test_help(State(edge): State<Edge>, Path(trunk): Path<String>) -> Result<StatusCode, Refused> {
    let help = edge.0.live.help(&trunk).ok_or_else(Refused::not_found)?;
    if help.state == HelpTest::None {
        let detail = "the office has no number that may be rung for a test";
        return Err(Refused::new(StatusCode::CONFLICT, "test-number-missing", detail));
    }
    edge.wish(Wish::Command(Command::TestHelp { trunk })).await;
    Ok(StatusCode::ACCEPTED)
}

/// Takes a connection to a provider away, and with it where its numbers ring.
#[utoipa::path(delete, path = "/api/v1/trunks/{name}",
    params(("name" = String, Path, description = "The administrator's name for it")),
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn remove_trunk(State(edge): State<Edge>, Path(name): Path<String>) -> Revised {
    revised(&edge, Change::RemoveTrunk { name }).await
}
