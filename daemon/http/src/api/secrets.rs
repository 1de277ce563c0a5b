//! All secrets of the telephones at once, where somebody has one who should not.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use centrale_alerts::News;
use centrale_config::{Change, Mac, Secret};
use centrale_ledger::incident::{Count, Names, SUSPECTED, Story};
use centrale_provisioning::enrolment::Effect;
use centrale_store::{IncidentRow, generate_sip_password};
use serde::Serialize;
use utoipa::ToSchema;

use super::incidents::STORY;
use crate::asker::{author_name, is_about};
use crate::clock;
use crate::desk::Desk;
use crate::edge::{Edge, Wish, blocking};
use crate::peer::Peer;
use crate::problem::Refused;
use crate::proofs::must_be_proved;

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenewedSecrets {
    /// Phones with a new password, each told to fetch it.
    phones: usize,
    /// People whose password for a phone that was set up by hand is another one: it is to be typed in again.
    people: usize,
    /// The incident with the report for the provider.
    incident: String,
}

/// Gives every phone and person another SIP password. A phone that is reached fetches it at once, any other when it is back; until
/// then its old one is known for what it is, and attacks nobody. Whoever is told by mail is told, and there is an incident whose
/// report is ready for the provider. It asks for a proof.
#[utoipa::path(post, path = "/api/v1/secrets",
    responses((status = 202, description = "Every old password is dead, and phones are told", body = RenewedSecrets)))]
pub(super) async fn renew_secrets(
    State(edge): State<Edge>,
    Extension(peer): Extension<Peer>,
) -> Result<(StatusCode, Json<RenewedSecrets>), Refused> {
    must_be_proved()?;
    let (phones, people) = edge.renew_all().await?;
    tracing::warn!(phones, people, source = %peer.source_ip(), "every SIP password was changed");
    is_about(format!("{phones} {people}"));
    let incident = edge.suspect(phones + people).await?;
    Ok((StatusCode::ACCEPTED, Json(RenewedSecrets { phones, people, incident })))
}

impl Edge {
    /// Another password for every person and phone: how many of each.
    async fn renew_all(&self) -> Result<(usize, usize), Refused> {
        let mut desk = self.0.desk.lock().await;
        let numbers = desk.office.people.iter().map(|person| person.number.to_string());
        let given = numbers.map(|number| Ok((number, generate_sip_password()?)));
        let passwords: Vec<(String, Secret)> = given.collect::<Result<_, Refused>>()?;
        let people = passwords.len();
        self.change_at(&mut desk, Change::ReplacePasswords { passwords }).await?;
        let macs: Vec<Mac> = desk.devices().iter().filter_map(|device| device.mac.parse().ok()).collect();
        let (mut effects, mut phones) = (Vec::new(), 0);
        for mac in macs {
            let Desk { enrolment, rng, .. } = &mut *desk;
            let of_one = enrolment.renew(clock::moment(), mac, rng);
            phones += usize::from(!of_one.is_empty());
            effects.extend(of_one);
        }
        // Once is enough: the exchange is told all that holds by then.
        let mut told = false;
        effects.retain(|effect| !matches!(effect, Effect::CredentialsChanged) || !std::mem::replace(&mut told, true));
        self.carry_out(&mut desk, effects).await?;
        Ok((phones, people))
    }

    /// Writes down, and tells, that somebody has reason to think that a secret is known.
    async fn suspect(&self, secrets: usize) -> Result<String, Refused> {
        let (now, who) = (clock::unix_ms(), author_name());
        let count =
            |what: &str| vec![Count { what: what.to_owned(), count: u64::try_from(secrets).unwrap_or(u64::MAX) }];
        let story = Story {
            id: format!("secrets-{now}"),
            about: "many".to_owned(),
            subject: String::new(),
            first: now,
            last: now,
            attempts: 1,
            tried: vec![Count { what: SUSPECTED.to_owned(), count: 1 }],
            done: count("secrets-changed"),
            blocked_until: None,
            reached: SUSPECTED.to_owned(),
            got_in: None,
            sources: Names::default(),
            accounts: Names::default(),
            targets: Names::default(),
            devices: Names::default(),
            samples: Vec::new(),
            over: false,
        };
        let document = serde_json::to_string(&story).map_err(|_| Refused::fault())?;
        let row = IncidentRow { id: story.id.clone(), kind: STORY.to_owned(), at_unix_ms: now, who, document };
        let store = self.0.store.clone();
        blocking(move || store.append_incident(&row)).await?;
        let id = story.id.clone();
        self.wish(Wish::News(News::Story(Box::new(story)))).await;
        Ok(id)
    }
}
