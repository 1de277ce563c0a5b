//! What is due after somebody got in, and was not done: said on the page when it is time, and taken back when it is done.

use std::collections::BTreeMap;

use centrale_alerts::News;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_ledger::Zone;
use centrale_ledger::incident::{Duty, Reminder, Story};
use centrale_store::{Store, StoreError};

use crate::edge::{Edge, blocking};
use crate::live::Event;

/// Something is due. About an incident, by its id; the detail is what, which reminder it is, and until when.
const INCIDENT_DUE: &str = "incident-due";
/// Incidents that are looked through: those that went on last.
const LOOKED_THROUGH: u32 = 500;

/// The reminders that are on the page.
#[derive(Debug, Default)]
pub struct Reminders {
    shown: BTreeMap<String, Reminder>,
}

impl Reminders {
    /// Looks what is due at `now` (milliseconds since 1970 UTC), and tells the page of what changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look(&mut self, edge: &Edge, now: u64) -> Result<(), StoreError> {
        let store = edge.0.store.clone();
        let due = blocking(move || due(&store, now)).await?;
        for (id, reminder) in &due {
            if self.shown.get(id) != Some(reminder) {
                edge.publish(Event::Problem(problem(id, reminder)));
                edge.news(News::Due { story: id.clone(), reminder: *reminder });
            }
        }
        for id in self.shown.keys().filter(|id| !due.contains_key(*id)) {
            edge.publish(Event::ProblemGone { code: INCIDENT_DUE.to_owned(), subject: id.clone() });
        }
        self.shown = due;
        Ok(())
    }
}

fn problem(id: &str, reminder: &Reminder) -> ProblemView {
    let Reminder { duty, step, until } = reminder;
    ProblemView {
        code: INCIDENT_DUE.to_owned(),
        subject: id.to_owned(),
        severity: Severity::Warning,
        detail: format!("{}, reminder {step}, due {}", duty.code(), utc().written(*until)),
    }
}

/// For whoever installs the box; the page writes the office's own time.
fn utc() -> Zone {
    Zone::named("UTC").expect("UTC is among the zones that are built in")
}

fn due(store: &Store, now: u64) -> Result<BTreeMap<String, Reminder>, StoreError> {
    let mut due = BTreeMap::new();
    for row in store.incidents(LOOKED_THROUGH)? {
        let Ok(story) = serde_json::from_str::<Story>(&row.document) else { continue };
        if story.reminder(&[], now).is_none() {
            continue;
        }
        let lines = store.incident(&story.id)?;
        let done: Vec<Duty> = lines.iter().filter_map(|line| Duty::of_code(&line.row.kind)).collect();
        if let Some(reminder) = story.reminder(&done, now) {
            due.insert(story.id, reminder);
        }
    }
    Ok(due)
}
