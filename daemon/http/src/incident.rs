//! Incidents as the API gives them. The page owns the words.

use centrale_ledger::incident::{Count, LogLine, Names, Sample, Story};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::AuditEntry;

/// What was tried against the office.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Incidents {
    /// The one that went on last first.
    pub(crate) incidents: Vec<IncidentView>,
}

/// A story of what was tried. Times in milliseconds since 1970 UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentView {
    /// Names it.
    id: String,
    /// What it is about: `address`, `network`, `account`, `provider` or `many`.
    about: String,
    /// Which; empty for `many`.
    subject: String,
    /// The first attempt.
    first: u64,
    /// The last one.
    last: u64,
    /// How many attempts.
    attempts: u64,
    /// What was tried.
    tried: Vec<IncidentCount>,
    /// What the box did about it.
    done: Vec<IncidentCount>,
    /// Until when it lets nothing more in from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    blocked_until: Option<u64>,
    /// Whether anything got in: `nothing`, `apart`, `page` or `at-provider`.
    reached: String,
    /// The first that got in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    got_in: Option<IncidentEntry>,
    /// What was done on the page after that from there, as that user, the first of it; never in the list, and only for who may
    /// read the log.
    afterwards: Vec<AuditEntry>,
    /// Addresses it came from.
    sources: IncidentNames,
    /// Accounts that were named.
    accounts: IncidentNames,
    /// Numbers that were called or asked for.
    targets: IncidentNames,
    /// What the devices call themselves.
    devices: IncidentNames,
    /// Whether nothing more came for half an hour.
    over: bool,
    /// What is due, when somebody got in.
    deadlines: Vec<IncidentDeadline>,
}

/// Somebody who got in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentEntry {
    /// When.
    at: u64,
    /// As which user or account; empty when there was none.
    account: String,
    /// Address and port; empty when it did not come over the network.
    from: String,
    /// How, as a stable word.
    what: String,
    /// What the box did about it.
    done: String,
}

/// How often something was tried or done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentCount {
    /// What, as a stable word.
    what: String,
    /// How often.
    count: u64,
}

/// A few names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentNames {
    /// The first of them.
    some: Vec<String>,
    /// Whether there were others.
    more: bool,
}

/// Something that is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentDeadline {
    /// `provider`: tell the provider. `authority`: report the breach of data. `damage`: report the damage. `claim`: the last day
    /// to claim it.
    duty: String,
    /// Until when.
    until: u64,
    /// When somebody said that it was done; never in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    done: Option<u64>,
}

impl IncidentView {
    pub(crate) fn new(story: &Story, log: &[LogLine], afterwards: Vec<AuditEntry>) -> Self {
        let deadline = |deadline: &centrale_ledger::incident::Deadline| IncidentDeadline {
            duty: deadline.duty.code().to_owned(),
            until: deadline.until,
            done: log.iter().find(|line| line.kind == deadline.duty.code()).map(|line| line.at),
        };
        Self {
            id: story.id.clone(),
            about: story.about.clone(),
            subject: story.subject.clone(),
            first: story.first,
            last: story.last,
            attempts: story.attempts,
            tried: story.tried.iter().map(IncidentCount::from).collect(),
            done: story.done.iter().map(IncidentCount::from).collect(),
            blocked_until: story.blocked_until,
            reached: story.reached.clone(),
            got_in: story.got_in.as_ref().map(IncidentEntry::from),
            afterwards,
            sources: (&story.sources).into(),
            accounts: (&story.accounts).into(),
            targets: (&story.targets).into(),
            devices: (&story.devices).into(),
            over: story.over,
            deadlines: story.deadlines().iter().map(deadline).collect(),
        }
    }
}

impl From<&Sample> for IncidentEntry {
    fn from(first: &Sample) -> Self {
        Self {
            at: first.at,
            account: first.account.clone(),
            from: first.from.clone(),
            what: first.what.clone(),
            done: first.done.clone(),
        }
    }
}

impl From<&Count> for IncidentCount {
    fn from(count: &Count) -> Self {
        Self { what: count.what.clone(), count: count.count }
    }
}

impl From<&Names> for IncidentNames {
    fn from(names: &Names) -> Self {
        Self { some: names.some.clone(), more: names.more }
    }
}
