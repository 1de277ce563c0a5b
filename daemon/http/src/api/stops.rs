//! Calls that somebody stops at once, and lets go again.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_call_control::view::StopView;
use centrale_call_control::{Command, Pressed, Stop};
use centrale_config::{Change, Secret};
use centrale_store::{StopRow, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::asker::{author_name, is_about};
use crate::body::Revision;
use crate::clock;
use crate::edge::{Edge, Wish, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// What is stopped, and who stopped what and let it go again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stops {
    /// Those that are on.
    stops: Vec<StopView>,
    /// Whether the office has a PIN, with which phones can stop calls. Nobody is shown it.
    has_pin: bool,
    /// What was pressed and taken back, the newest first; two hundred at most.
    log: Vec<StopEntry>,
}

/// A stop was pressed, or taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StopEntry {
    /// `outgoing`, `abroad`, or `person/` or `paid/` with a number.
    stop: String,
    /// Whether it was pressed; else it was taken back.
    pressed: bool,
    /// By whom.
    by: String,
    /// The network address that it was asked from; empty for what the box pressed by itself.
    source: String,
    /// When, in milliseconds since 1970 UTC.
    at: u64,
}

impl From<StopRow> for StopEntry {
    fn from(row: StopRow) -> Self {
        Self { stop: row.stop, pressed: row.is_on, by: row.who, source: row.source, at: row.at_unix_ms }
    }
}

/// What to stop.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StopPress {
    /// `outgoing`: every call to outside. `abroad`: calls abroad. `person/` with a number: that person reaches colleagues
    /// alone. `paid/` with a number: of that person's calls none that costs more than an ordinary one in the country. Help and
    /// helplines pass whatever is stopped.
    stop: String,
}

/// What to let go again.
#[derive(Deserialize, ToSchema)]
pub(crate) struct StopRelease {
    /// As when it was pressed.
    stop: String,
}

/// The PIN for phones.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PinChange {
    /// Six to ten digits, in no row; left out, phones can order nothing any more.
    #[schema(nullable = false, format = Password)]
    pin: Option<String>,
}

/// Which calls are stopped, and who stopped what before.
#[utoipa::path(get, path = "/api/v1/stops", responses((status = 200, description = "The stops", body = Stops)))]
pub(super) async fn stops(State(edge): State<Edge>) -> Result<Json<Stops>, Refused> {
    let store = edge.0.store.clone();
    let log = blocking(move || store.stops()).await?.into_iter().map(StopEntry::from).collect();
    let has_pin = edge.office().await.pin.is_some();
    Ok(Json(Stops { stops: edge.0.live.stops(), has_pin, log }))
}

/// Stops calls, those that are going on too. It works before it is written down: a full disk keeps nobody from it.
#[utoipa::path(post, path = "/api/v1/stops", request_body = StopPress,
    responses((status = 202, description = "It is being stopped, and stays so through a restart")))]
pub(super) async fn press_stop(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Body(StopPress { stop }): Body<StopPress>,
) -> Result<StatusCode, Refused> {
    let stop = named(&stop)?;
    if let Stop::Person(number) | Stop::Paid(number) = &stop {
        let office = edge.office().await;
        let is_there = office.people.iter().any(|person| person.number.as_str() == number);
        is_there.then_some(()).ok_or_else(Refused::not_found)?;
    }
    if !edge.is_on(&stop) {
        let row = note(&peer, &stop, true);
        edge.press_stop(stop, row).await?;
    }
    Ok(StatusCode::ACCEPTED)
}

/// Says with which PIN phones of the office can let the page in again and stop calls. It asks for a proof: a thief with a session makes himself no way back.
#[utoipa::path(put, path = "/api/v1/stops/pin", request_body = PinChange,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_pin(State(edge): State<Edge>, Body(PinChange { pin }): Body<PinChange>) -> Revised {
    revised(&edge, Change::SetPin { pin: pin.map(Secret::new) }).await
}

/// Lets calls go again. It asks for a proof: a thief with a session lets nothing go.
#[utoipa::path(post, path = "/api/v1/stops/release", request_body = StopRelease,
    responses((status = 202, description = "It is being taken back")))]
pub(super) async fn release_stop(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Body(StopRelease { stop }): Body<StopRelease>,
) -> Result<StatusCode, Refused> {
    let stop = named(&stop)?;
    if !edge.is_on(&stop) {
        return Err(Refused::not_found());
    }
    must_be_proved()?;
    let row = note(&peer, &stop, false);
    edge.release_stop(stop, row).await?;
    Ok(StatusCode::ACCEPTED)
}

fn named(word: &str) -> Result<Stop, Refused> {
    Stop::of_word(word).ok_or_else(|| Refused::field("stop", "no-such-stop", "there is no such stop"))
}

fn note(peer: &Peer, stop: &Stop, is_on: bool) -> StopRow {
    is_about(stop.to_string());
    let (who, source) = (author_name(), peer.source_ip().to_string());
    tracing::warn!(%stop, is_on, source, "calls were stopped or let go");
    StopRow { stop: stop.to_string(), is_on, who, source, at_unix_ms: clock::unix_ms() }
}

impl Edge {
    /// Stops calls, and then writes it down.
    pub(crate) async fn press_stop(&self, stop: Stop, row: StopRow) -> Result<(), StoreError> {
        let pressed = Pressed { by: row.who.clone(), at_unix_ms: row.at_unix_ms };
        self.wish(Wish::Command(Command::Stop { stop, pressed })).await;
        self.write_stop(row).await
    }

    /// Writes down that calls go again, and then lets them.
    pub(crate) async fn release_stop(&self, stop: Stop, row: StopRow) -> Result<(), StoreError> {
        self.write_stop(row).await?;
        self.wish(Wish::Command(Command::Release { stop })).await;
        Ok(())
    }

    async fn write_stop(&self, row: StopRow) -> Result<(), StoreError> {
        let store = self.0.store.clone();
        blocking(move || store.note_stop(&row)).await
    }

    pub(crate) fn is_on(&self, stop: &Stop) -> bool {
        let word = stop.to_string();
        self.0.live.stops().iter().any(|on| on.stop == word)
    }
}
