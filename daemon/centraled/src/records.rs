//! Call records on their way into the store: a thread of their own, because the disk is slower than the exchange.

use std::sync::mpsc;

use centrale_call_control::{CallRecord, Outcome};
use centrale_rtp::relay::LegQuality;
use centrale_store::{CallRow, QualityRow, Store};

use crate::time::Clocks;

/// Writes records in the order in which they come; `written` is told the id of each that is safe.
pub(crate) fn start(
    store: Store,
    written: impl Fn(&str) + Send + 'static,
) -> std::io::Result<mpsc::Sender<CallRecord>> {
    let (sender, records) = mpsc::channel::<CallRecord>();
    std::thread::Builder::new().name("records".into()).spawn(move || {
        for record in records {
            let row = row_of(record);
            match store.insert_call(&row) {
                Ok(()) => written(&row.id),
                Err(fault) => tracing::error!(call = row.id, %fault, "a call could not be written down"),
            }
        }
    })?;
    Ok(sender)
}

fn row_of(record: CallRecord) -> CallRow {
    let clocks = Clocks::read();
    CallRow {
        id: record.id,
        direction: word(&record.direction),
        from: record.from,
        from_name: record.from_name,
        to: record.to,
        answered_by: record.answered_by,
        transferred_by: record.transferred_by,
        trunk: record.trunk,
        started_unix_ms: clocks.unix_ms_of(record.started),
        answered_unix_ms: record.answered.map(|answered| clocks.unix_ms_of(answered)),
        ended_unix_ms: clocks.unix_ms_of(record.ended),
        outcome: outcome_word(record.outcome).into(),
        status: record.status,
        emergency: record.emergency,
        caller: quality_of(&record.caller_quality),
        callee: quality_of(&record.callee_quality),
    }
}

const fn quality_of(quality: &LegQuality) -> QualityRow {
    QualityRow {
        packets: quality.packets,
        lost: quality.lost,
        jitter_ms: quality.jitter_ms,
        jitter_max_ms: quality.jitter_max_ms,
        intruders: quality.intruders,
        unauthentic: quality.unauthentic,
        malformed: quality.malformed,
        one_way: quality.one_way,
    }
}

/// The page's word for a view's value.
fn word(value: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Abandoned => "abandoned",
        Outcome::NoAnswer => "no-answer",
        Outcome::Busy => "busy",
        Outcome::Unreachable => "unreachable",
        Outcome::Refused => "refused",
        Outcome::Blocked => "blocked",
        Outcome::Lost => "lost",
    }
}
