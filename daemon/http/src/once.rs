//! Which refused calls may be allowed once: those that were refused for what their person may call and for nothing else, to an ordinary number.
//! The exchange keeps what is allowed.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::StatusCode;
use centrale_call_control::is_allowable_once;
use centrale_config::Office;
use centrale_store::CallRow;

use crate::edge::Edge;
use crate::problem::Refused;

/// What says which calls may be allowed once now.
pub(crate) struct Allowable {
    office: Arc<Office>,
    /// The last calls that were refused so, by id; none of before a restart.
    refused: BTreeSet<String>,
}

impl Allowable {
    /// Whether that call of the log may be.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn judge(&self, row: &CallRow) -> Result<(), Refused> {
        let known = self.office.people.iter().any(|one| one.number.as_str() == row.from);
        if !known || row.direction != "outgoing" || row.outcome != "blocked" || row.emergency {
            return Err(not_allowable());
        }
        if !is_allowable_once(&self.office, &row.to) {
            let detail = "numbers that cost extra or are blocked for everybody are not allowed once";
            return Err(Refused::new(StatusCode::CONFLICT, "never-allowed-once", detail));
        }
        self.refused.contains(&row.id).then_some(()).ok_or_else(not_allowable)
    }
}

impl Edge {
    pub(crate) async fn allowable(&self) -> Allowable {
        Allowable { office: self.office().await, refused: self.0.live.out_of_reach() }
    }
}

fn not_allowable() -> Refused {
    let detail = "only a call that was refused lately because its person may not call there can be allowed once";
    Refused::new(StatusCode::CONFLICT, "not-allowable", detail)
}
