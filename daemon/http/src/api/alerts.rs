//! Whom the box tells by e-mail, over which server, and what became of the last mails.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_alerts::News;
use centrale_config::{Change, Secret, TypedAlerts};
use centrale_store::MailRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Revised, revised};
use crate::asker::{Asker, is_about};
use crate::body::{OfficeLanguage, Revision};
use crate::clock;
use crate::edge::{Edge, Wish, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;

/// Mails that are shown.
const SHOWN: u32 = 50;
/// Tests that can be asked for in an hour: each is a mail to everybody who is told.
const MOST_TESTS: usize = 10;
const HOUR_MS: u64 = 3_600_000;
/// What a test's mails are about.
const TEST: &str = "test";

/// Who is told, over which server, and what was.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alerts {
    #[serde(flatten)]
    settings: AlertSettings,
    /// Whether there is a password for the mail server. Nobody is shown it again.
    has_password: bool,
    /// The last mails, the newest first; fifty at most.
    mails: Vec<SentMail>,
}

/// Who is told, and over which server. What is empty is not there.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AlertSettings {
    /// The mail server: host or host:port. Without a port 587, or 465 with TLS.
    server: String,
    /// `starttls` or `tls`.
    #[schema(value_type = MailSecurity)]
    security: String,
    /// The user name there.
    username: String,
    /// From whom the mail is; the user name when empty.
    sender: String,
    /// Who is told.
    contacts: Vec<AlertContact>,
    /// Whether a digest is sent each morning.
    digest: bool,
}

/// How the way to a mail server is protected.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "only its schema is used: the values are read by config, which knows them")]
pub(crate) enum MailSecurity {
    /// In clear first, then encrypted.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
}

/// Somebody who is told by e-mail.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AlertContact {
    /// Where.
    address: String,
    /// In which language; German is written in English.
    #[schema(value_type = OfficeLanguage)]
    language: String,
}

/// A mail that left, waits, or did not leave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentMail {
    /// What it is about, as a stable word.
    about: String,
    /// To whom.
    recipient: String,
    /// When it was written, in milliseconds since 1970 UTC.
    made: u64,
    /// When it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sent: Option<u64>,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<u64>,
    /// Why it did not leave the last time: `host-unknown`, `unreachable`, `not-encrypted`, `certificate`, `login-refused`,
    /// `address-refused`, `refused`; `no-contact`, `damaged` and `too-many` when it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fault: Option<String>,
}

impl From<MailRow> for SentMail {
    fn from(row: MailRow) -> Self {
        let MailRow { about, recipient, made_unix_ms, sent_unix_ms, next_unix_ms, fault, .. } = row;
        Self { about, recipient, made: made_unix_ms, sent: sent_unix_ms, next: next_unix_ms, fault }
    }
}

/// Who is to be told, and over which server.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AlertsChange {
    #[serde(flatten)]
    settings: AlertSettings,
    /// The password at the mail server; left out, the one of before stays for its server and user name.
    #[schema(nullable = false, format = Password)]
    mail_password: Option<String>,
    /// The password of whoever asks.
    #[schema(format = Password)]
    password: String,
}

/// Who is told, over which server, and what became of the last mails.
#[utoipa::path(get, path = "/api/v1/alerts", responses((status = 200, description = "The alerts", body = Alerts)))]
pub(super) async fn alerts(State(edge): State<Edge>) -> Result<Json<Alerts>, Refused> {
    let office = edge.office().await;
    let TypedAlerts { server, security, username, sender, contacts, digest, .. } = TypedAlerts::from(&office.alerts);
    let contacts = contacts.into_iter().map(|(address, language)| AlertContact { address, language }).collect();
    let store = edge.0.store.clone();
    let mails = blocking(move || store.mails(0, SHOWN)).await?.into_iter().map(SentMail::from).collect();
    let has_password = office.alerts.server.as_ref().is_some_and(|server| !server.password.reveal().is_empty());
    let settings = AlertSettings { server, security, username, sender, contacts, digest };
    Ok(Json(Alerts { settings, has_password, mails }))
}

/// Says who is told, and over which server. It asks for the password, also of who is logged in: a thief with a session does not
/// silence the alarm.
#[utoipa::path(put, path = "/api/v1/alerts", request_body = AlertsChange,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_alerts(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Extension(asker): Extension<Arc<Asker>>,
    Body(AlertsChange { settings, mail_password, password }): Body<AlertsChange>,
) -> Revised {
    edge.proves(&asker, &peer, Secret::new(password)).await?;
    let AlertSettings { server, security, username, sender, contacts, digest } = settings;
    let contacts: Vec<_> = contacts.into_iter().map(|one| (one.address, one.language)).collect();
    is_about(contacts.iter().map(|(address, _)| address.as_str()).collect::<Vec<_>>().join(" "));
    let password = mail_password.filter(|text| !text.is_empty()).map(Secret::new);
    let alerts = TypedAlerts { server, security, username, password, sender, contacts, digest };
    revised(&edge, Change::SetAlerts { alerts }).await
}

/// Sends a mail to everybody who is told, to see whether it arrives. What becomes of it stands in the list.
#[utoipa::path(post, path = "/api/v1/alerts/test",
    responses((status = 202, description = "It is being sent"), (status = 409, description = "Nobody is told")))]
pub(super) async fn test_alerts(State(edge): State<Edge>) -> Result<StatusCode, Refused> {
    if !edge.office().await.alerts.reach_somebody() {
        return Err(Refused::new(StatusCode::CONFLICT, "nobody-told", "there is no mail server, or nobody to tell"));
    }
    let (store, now) = (edge.0.store.clone(), clock::unix_ms());
    let mails = blocking(move || store.mails(now.saturating_sub(HOUR_MS), u32::MAX)).await?;
    let mut tests: Vec<u64> = mails.iter().filter(|mail| mail.about == TEST).map(|mail| mail.made_unix_ms).collect();
    tests.dedup();
    if let Some(oldest) = tests.last().filter(|_| tests.len() >= MOST_TESTS) {
        return Err(Refused::wait((oldest + HOUR_MS).saturating_sub(now).div_ceil(1000).max(1)));
    }
    edge.wish(Wish::News(News::Test)).await;
    Ok(StatusCode::ACCEPTED)
}
