//! Whom the box tells by e-mail, over which server, and what became of the last mails.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_alerts::News;
use centrale_config::{Change, Office, OutsideNumber, Secret, TypedAlerts, TypedContact};
use centrale_store::{AlertPhone, AlertRing, CONFIRMED_FOR_MS, Confirmation, MailRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::Verdict;
use super::{Revised, revised};
use crate::asker::is_about;
use crate::body::{OfficeLanguage, Revision};
use crate::clock;
use crate::edge::{Edge, Wish, blocking};
use crate::extract::Body;
use crate::peer::Peer;
use crate::problem::Refused;

/// Mails and calls that are shown, of each.
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
    /// What is known of each who is told, in the same order.
    confirmations: Vec<ContactConfirmed>,
    /// What is known of the telephone numbers among them that the box may ring.
    phones: Vec<PhoneConfirmed>,
    /// The last calls to them, the newest first; fifty at most.
    calls: Vec<AlertCall>,
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
    /// A telephone number in E.164: an ordinary one of the country, which the box rings when something cannot wait. Left out in a change the one of before stays; empty takes it
    /// away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    phone: Option<String>,
}

/// Whether somebody who is told showed that mail arrives.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactConfirmed {
    /// Where.
    address: String,
    /// When that was last, in milliseconds since 1970 UTC; left out of one who never did, and is told nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    confirmed: Option<u64>,
    /// When a code was mailed there last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    asked: Option<u64>,
    /// Whether it is to be shown again.
    old: bool,
}

/// A telephone number of somebody who is told.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhoneConfirmed {
    /// Whose, by the address.
    address: String,
    /// The number.
    phone: String,
    /// When somebody there said by a 1 that it may be rung, in milliseconds since 1970 UTC; left out where nobody did, and nobody is rung.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    confirmed: Option<u64>,
    /// Whether it is about to be asked by a call.
    rings: bool,
}

/// A call that the box made to somebody who is told.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertCall {
    /// When, in milliseconds since 1970 UTC.
    at: u64,
    /// Whom.
    phone: String,
    /// What it said: `inside`, `money`, `page`, `provider`, `no-help`, `other`, or `accept`, which asks whether such calls are wanted.
    spoken: String,
    /// How it ended: `heard`, `not-confirmed`, `no-answer`, `not-made`.
    ended: String,
}

/// A code that was mailed to somebody who is told.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MailedCode {
    /// As it was mailed; spaces, dashes and small letters do no harm.
    code: String,
}

/// Whom to mail another code.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AskedContact {
    /// The address.
    address: String,
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

impl From<AlertRing> for AlertCall {
    fn from(AlertRing { at_unix_ms, phone, spoken, ended }: AlertRing) -> Self {
        Self { at: at_unix_ms, phone, spoken, ended }
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
}

/// Who is told, over which server, and what became of the last mails.
#[utoipa::path(get, path = "/api/v1/alerts", responses((status = 200, description = "The alerts", body = Alerts)))]
pub(super) async fn alerts(State(edge): State<Edge>) -> Result<Json<Alerts>, Refused> {
    let office = edge.office().await;
    let TypedAlerts { server, security, username, sender, contacts, digest, .. } = TypedAlerts::from(&office.alerts);
    let contact = |TypedContact { address, language, phone }| {
        let phone = phone.filter(|phone| !phone.is_empty());
        AlertContact { address, language, phone }
    };
    let contacts: Vec<_> = contacts.into_iter().map(contact).collect();
    let store = edge.0.store.clone();
    let read =
        move || Ok((store.mails(0, SHOWN)?, store.confirmations()?, store.alert_phones()?, store.alert_rings(SHOWN)?));
    let (mails, known, numbers, rings) = blocking(read).await?;
    let mails = mails.into_iter().map(SentMail::from).collect();
    let confirmations = contacts.iter().map(|contact| confirmed(&known, &contact.address)).collect();
    let has_password = office.alerts.server.as_ref().is_some_and(|server| !server.password.reveal().is_empty());
    let settings = AlertSettings { server, security, username, sender, contacts, digest };
    let phones = phones(&office, &numbers);
    let calls = rings.into_iter().map(AlertCall::from).collect();
    Ok(Json(Alerts { settings, has_password, confirmations, phones, calls, mails }))
}

/// Says who is told, and over which server. It asks for a proof: a thief with a session does not silence the alarm.
#[utoipa::path(put, path = "/api/v1/alerts", request_body = AlertsChange,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_alerts(
    State(edge): State<Edge>,
    Body(AlertsChange { settings, mail_password }): Body<AlertsChange>,
) -> Revised {
    let AlertSettings { server, security, username, sender, contacts, digest } = settings;
    let typed = |AlertContact { address, language, phone }| TypedContact { address, language, phone };
    let contacts: Vec<_> = contacts.into_iter().map(typed).collect();
    is_about(contacts.iter().map(|contact| contact.address.as_str()).collect::<Vec<_>>().join(" "));
    let password = mail_password.filter(|text| !text.is_empty()).map(Secret::new);
    let alerts = TypedAlerts { server, security, username, password, sender, contacts, digest };
    revised(&edge, Change::SetAlerts { alerts }).await
}

/// The numbers that may be rung.
fn phones(office: &Office, known: &[AlertPhone]) -> Vec<PhoneConfirmed> {
    let one = |(contact, phone): (&centrale_config::AlertContact, &OutsideNumber)| {
        let phone = phone.to_string();
        let known = known.iter().find(|known| known.phone == phone);
        let (confirmed, rings) =
            (known.and_then(|known| known.confirmed_unix_ms), known.is_none_or(|known| known.wanted));
        PhoneConfirmed { address: contact.address.to_string(), phone, confirmed, rings }
    };
    office.rung_contacts().map(one).collect()
}

/// Rings the number of somebody in the list and asks whether such calls are wanted there, unless that was asked in the last five minutes or
/// three times in a day.
#[utoipa::path(post, path = "/api/v1/alerts/ring", request_body = AskedContact,
    responses((status = 202, description = "It is being rung")))]
pub(super) async fn ring_contact(
    State(edge): State<Edge>,
    Body(AskedContact { address }): Body<AskedContact>,
) -> Result<StatusCode, Refused> {
    let office = edge.office().await;
    let is_rung = office.rung_contacts().any(|(contact, _)| contact.address.as_str() == address);
    is_rung.then_some(()).ok_or_else(Refused::not_found)?;
    is_about(address.clone());
    edge.wish(Wish::News(News::Ring(address))).await;
    Ok(StatusCode::ACCEPTED)
}

fn confirmed(known: &[Confirmation], address: &str) -> ContactConfirmed {
    let known = known.iter().find(|known| known.address == address);
    let confirmed = known.and_then(|known| known.confirmed_unix_ms);
    let old = confirmed.is_some_and(|at| clock::unix_ms().saturating_sub(at) >= CONFIRMED_FOR_MS);
    ContactConfirmed { address: address.to_owned(), confirmed, asked: known.and_then(|known| known.asked_unix_ms), old }
}

/// Mails another code to somebody in the list, if none was mailed there in the last five minutes.
#[utoipa::path(post, path = "/api/v1/alerts/ask", request_body = AskedContact,
    responses((status = 202, description = "It is being mailed")))]
pub(super) async fn ask_contact(
    State(edge): State<Edge>,
    Body(AskedContact { address }): Body<AskedContact>,
) -> Result<StatusCode, Refused> {
    let office = edge.office().await;
    let is_there = office.alerts.contacts.iter().any(|contact| contact.address.as_str() == address);
    is_there.then_some(()).ok_or_else(Refused::not_found)?;
    is_about(address.clone());
    edge.wish(Wish::News(News::Ask(address))).await;
    Ok(StatusCode::ACCEPTED)
}

/// Takes a code that was mailed: from now on its address is told. Who was wrong must wait.
#[utoipa::path(post, path = "/api/v1/alerts/confirm", request_body = MailedCode,
    responses((status = 204, description = "It is confirmed"), (status = 422, description = "A wrong code, or an old one")))]
pub(super) async fn confirm_contact(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
    Body(MailedCode { code }): Body<MailedCode>,
) -> Result<StatusCode, Refused> {
    let source = peer.source_ip();
    let taken = edge.checked_at(source, source.into(), move |store| {
        let address = store.confirm_by_code(&code, clock::unix_ms())?;
        Ok(address.map_or(Verdict::Wrong(()), Verdict::Right))
    });
    let wrong = |()| Refused::field("code", "mailed-code-wrong", "this is no code that was mailed in the last week");
    let address = taken.await?.map_err(wrong)?;
    is_about(address);
    edge.look_at_alerts().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a mail to everybody who is told, to see whether it arrives. What becomes of it stands in the list.
#[utoipa::path(post, path = "/api/v1/alerts/test",
    responses((status = 202, description = "It is being sent"), (status = 409, description = "Nobody is told")))]
pub(super) async fn test_alerts(State(edge): State<Edge>) -> Result<StatusCode, Refused> {
    let (store, now, alerts) = (edge.0.store.clone(), clock::unix_ms(), edge.office().await.alerts.clone());
    if !alerts.reach_somebody() {
        return Err(Refused::new(StatusCode::CONFLICT, "nobody-told", "there is no mail server, or nobody to tell"));
    }
    let read = move || Ok((store.mails(now.saturating_sub(HOUR_MS), u32::MAX)?, store.confirmations()?));
    let (mails, known) = blocking(read).await?;
    if alerts.contacts.iter().all(|contact| confirmed(&known, contact.address.as_str()).confirmed.is_none()) {
        let detail = "nobody in the list has confirmed that mail arrives";
        return Err(Refused::new(StatusCode::CONFLICT, "nobody-confirmed", detail));
    }
    let mut tests: Vec<u64> = mails.iter().filter(|mail| mail.about == TEST).map(|mail| mail.made_unix_ms).collect();
    tests.dedup();
    if let Some(oldest) = tests.last().filter(|_| tests.len() >= MOST_TESTS) {
        return Err(Refused::wait((oldest + HOUR_MS).saturating_sub(now).div_ceil(1000).max(1)));
    }
    edge.wish(Wish::News(News::Test)).await;
    Ok(StatusCode::ACCEPTED)
}
