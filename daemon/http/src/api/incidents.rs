//! What was tried against the office: the stories, one in full, its report, and what somebody did about it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use centrale_call_control::incident::plain;
use centrale_config::{Office, Trunk};
use centrale_ledger::incident::{AbuseDesk, Duty, Language, LogHead, LogLine, Report, Service, Story};
use centrale_store::{Act, AuditRow, ChainedIncident, IncidentRow};
use serde::Deserialize;
use utoipa::IntoParams;

use super::AuditEntry;
use super::export::{file, zone_named};
use crate::asker::{Asker, author_name};
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::incident::{IncidentView, Incidents};
use crate::peer::Peer;
use crate::problem::Refused;
use crate::roles::may;

/// The kind of a line that says how an incident stands.
pub(super) const STORY: &str = "story";
/// The log of who did what.
const AUDIT: &str = "/api/v1/audit";
/// Lines of it that are told of somebody who got in.
const AFTERWARDS: usize = 20;
/// Lines that are looked through for them, this many at once, so often at most.
const LOOKED_THROUGH: (u32, usize) = (500, 20);
/// Incidents on a page when nobody asks for another number.
const PAGE: u32 = 50;

/// Which incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// How many; 50 when left out, 500 at most.
    #[param(nullable = false)]
    limit: Option<u32>,
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Tongue {
    /// `nl`, `fr` or `en`; the office's when left out.
    #[param(nullable = false)]
    language: Option<String>,
}

/// Incidents as they stand, the one that went on last first.
#[utoipa::path(get, path = "/api/v1/incidents", params(Page),
    responses((status = 200, description = "The incidents", body = Incidents)))]
pub(super) async fn incidents(State(edge): State<Edge>, Query(page): Query<Page>) -> Result<Json<Incidents>, Refused> {
    let store = edge.0.store.clone();
    let rows = blocking(move || store.incidents(page.limit.unwrap_or(PAGE))).await?;
    let incidents = rows.iter().filter_map(story_of).map(|story| IncidentView::new(&story, &[], Vec::new())).collect();
    Ok(Json(Incidents { incidents }))
}

/// One incident, with what is due and what somebody did about it.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", params(("id" = String, Path, description = "As in the list")),
    responses((status = 200, description = "The incident", body = IncidentView)))]
pub(super) async fn incident(
    State(edge): State<Edge>,
    Extension(asker): Extension<Arc<Asker>>,
    Path(id): Path<String>,
) -> Result<Json<IncidentView>, Refused> {
    let (story, log) = edge.incident(id).await?;
    let afterwards = if may(&asker, &Method::GET, AUDIT, AUDIT) { edge.afterwards(&story).await? } else { Vec::new() };
    Ok(Json(IncidentView::new(&story, &log, afterwards)))
}

/// Says that something which is due was done: a provider was told, say. It is written into the log, and nobody takes it back.
#[utoipa::path(put, path = "/api/v1/incidents/{id}/deadlines/{duty}",
    params(("id" = String, Path, description = "As in the list"),
        ("duty" = String, Path, description = "`provider`, `authority`, `damage` or `claim`")),
    responses((status = 204, description = "It is written down")))]
pub(super) async fn note_done(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Path((id, duty)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let duty = Duty::of_code(&duty).ok_or_else(Refused::not_found)?;
    let (story, log) = edge.incident(id).await?;
    if !story.deadlines().iter().any(|deadline| deadline.duty == duty) {
        return Err(Refused::not_found());
    }
    if !log.iter().any(|line| line.kind == duty.code()) {
        let document = serde_json::json!({ "source": peer.source_ip().to_string() }).to_string();
        let (kind, who) = (duty.code().to_owned(), author_name());
        let row = IncidentRow { id: story.id, kind, at_unix_ms: clock::unix_ms(), who, document };
        let store = edge.0.store.clone();
        blocking(move || store.append_incident(&row)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The report of an incident for a provider's abuse desk: service, times with their offset, evidence, measures; and the lines
/// of the log that prove it.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/report.json",
    params(("id" = String, Path, description = "As in the list")),
    responses((status = 200, description = "The report", body = serde_json::Value)))]
pub(super) async fn report_json(State(edge): State<Edge>, Path(id): Path<String>) -> Result<Response, Refused> {
    let report = edge.report(id, &*edge.office().await).await?;
    let text = serde_json::to_string_pretty(&report).map_err(|_| Refused::fault())? + "\n";
    Ok(file(text, "application/json", &format!("incident-{}.json", report.id)))
}

/// The same as PDF.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/report.pdf",
    params(Tongue, ("id" = String, Path, description = "As in the list")),
    responses((status = 200, description = "The report", content_type = "application/pdf", body = Vec<u8>)))]
pub(super) async fn report_pdf(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    Query(tongue): Query<Tongue>,
) -> Result<Response, Refused> {
    let office = edge.office().await;
    let wanted = tongue.language.as_deref().unwrap_or(office.identity.language.code());
    let language = Language::of_code(wanted).unwrap_or(Language::English);
    let report = edge.report(id, &office).await?;
    Ok(file(report.pdf(language), "application/pdf", &format!("incident-{}.pdf", report.id)))
}

impl Edge {
    /// What whoever got in to the page did there next, from the same address and as the same user, the first of it first.
    async fn afterwards(&self, story: &Story) -> Result<Vec<AuditEntry>, Refused> {
        let Some(first) = story.got_in.clone().filter(|_| story.reached == "page") else { return Ok(Vec::new()) };
        let source = first.from.parse().map(|from: SocketAddr| from.ip().to_string()).unwrap_or_default();
        let store = self.0.store.clone();
        let found = blocking(move || {
            let (mut found, mut before) = (Vec::new(), u64::MAX >> 1);
            for _ in 0..LOOKED_THROUGH.1 {
                let page = store.audit(before, LOOKED_THROUGH.0)?;
                let Some(oldest) = page.last() else { break };
                before = oldest.sequence;
                let is_over = oldest.act.at_unix_ms < first.at;
                let is_it = |row: &AuditRow| {
                    let Act { at_unix_ms, who, source: from, .. } = &row.act;
                    *at_unix_ms >= first.at && plain(who) == first.account && *from == source
                };
                found.extend(page.into_iter().filter(is_it));
                if is_over {
                    break;
                }
            }
            Ok(found)
        })
        .await?;
        Ok(found.into_iter().rev().take(AFTERWARDS).map(AuditEntry::from).collect())
    }

    /// How an incident stands, and every line of the log about it.
    async fn incident(&self, id: String) -> Result<(Story, Vec<LogLine>), Refused> {
        let store = self.0.store.clone();
        let lines = blocking(move || store.incident(&id)).await?;
        let story = lines.iter().rev().filter(|line| line.row.kind == STORY).find_map(|line| story_of(&line.row));
        Ok((story.ok_or_else(Refused::not_found)?, lines.into_iter().map(line_of).collect()))
    }

    async fn report(&self, id: String, office: &Office) -> Result<Report, Refused> {
        let (story, log) = self.incident(id).await?;
        let zone = zone_named(&office.identity.time_zone)?;
        let store = self.0.store.clone();
        let head = blocking(move || store.incidents_head()).await?;
        let service = Service {
            office: office.identity.name.clone(),
            kind: "SIP telephone exchange of an office",
            program: format!("Centrale {}", self.0.settings.version),
            port: self.0.settings.sip_port,
            providers: office.trunks.iter().map(|trunk| trunk.name.to_string()).collect(),
            abuse_desks: office.trunks.iter().filter_map(abuse_desk).collect(),
        };
        let zone = (&zone, office.identity.time_zone.as_str());
        let head = LogHead { sequence: head.sequence, hash: head.hash.to_string() };
        Ok(Report::new(&story, service, zone, clock::unix_ms(), &log, head))
    }
}

fn abuse_desk(trunk: &Trunk) -> Option<AbuseDesk> {
    let centrale_config::AbuseDesk { name, address, answer_days } = trunk.abuse.as_ref()?;
    let (provider, name, address) = (trunk.name.clone(), name.clone(), address.to_string());
    Some(AbuseDesk { provider, name, address, answer_days: *answer_days })
}

fn story_of(row: &IncidentRow) -> Option<Story> {
    let story = serde_json::from_str(&row.document);
    if story.is_err() {
        tracing::error!(id = row.id, "what is kept of an incident cannot be read");
    }
    story.ok()
}

fn line_of(line: ChainedIncident) -> LogLine {
    let ChainedIncident { sequence, hash, row } = line;
    LogLine { sequence, at: row.at_unix_ms, who: row.who, kind: row.kind, hash: hash.to_string() }
}
