//! Call records as the store takes them, in civil times and stable words; and the proof of their chain.

use centrale_call_control::{CallRecord, Cause, LegRecord, Outcome};
use centrale_numbering::{Class, Money};
use centrale_rtp::relay::{LegQuality, Side};
use centrale_store::{CallRow, Chain, ChainFault, ChainHash, LegRow, QualityRow, Store, StoreError};

use crate::cli::{Fault, say};
use crate::settings::Settings;
use crate::time::Clocks;

/// A call as it stands in the store.
pub(crate) fn row_of(record: CallRecord) -> CallRow {
    let clocks = Clocks::read();
    CallRow {
        id: record.id,
        direction: word(&record.direction),
        from: record.from,
        from_name: record.from_name,
        to: record.to,
        class: Some(class_word(record.class).into()),
        price: record.price.map(Money::ten_thousandths),
        spoofed: record.spoofed,
        withheld: record.withheld,
        answered_by: record.answered_by,
        transferred_by: record.transferred_by,
        trunk: record.trunk,
        started_unix_ms: clocks.unix_ms_of(record.started),
        answered_unix_ms: record.answered.map(|answered| clocks.unix_ms_of(answered)),
        ended_unix_ms: clocks.unix_ms_of(record.ended),
        outcome: outcome_word(record.outcome).into(),
        cause: Some(cause_word(record.cause).into()),
        status: record.status,
        emergency: record.emergency,
        caller: quality_of(&record.caller_quality),
        callee: quality_of(&record.callee_quality),
        marks: record.marks,
        line: record.line,
        legs: record.legs.into_iter().map(|leg| leg_of(&clocks, leg)).collect(),
    }
}

fn leg_of(clocks: &Clocks, leg: LegRecord) -> LegRow {
    let side = match leg.side {
        Side::Caller => "caller",
        Side::Callee => "callee",
    };
    LegRow {
        side: side.into(),
        number: leg.number,
        account: leg.account,
        trunk: leg.trunk,
        placed: leg.placed,
        codec: leg.codec,
        started_unix_ms: clocks.unix_ms_of(leg.started),
        answered_unix_ms: leg.answered.map(|answered| clocks.unix_ms_of(answered)),
        ended_unix_ms: clocks.unix_ms_of(leg.ended),
        status: leg.status,
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
        fell_silent: quality.fell_silent,
        hears_nothing: quality.hears_nothing,
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
        Outcome::Mailbox => "mailbox",
        Outcome::Abandoned => "abandoned",
        Outcome::NoAnswer => "no-answer",
        Outcome::Busy => "busy",
        Outcome::Unreachable => "unreachable",
        Outcome::Refused => "refused",
        Outcome::Blocked => "blocked",
        Outcome::Lost => "lost",
    }
}

/// Never changed once written: the words stand in the store and in exports.
const fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::CallerHungUp => "caller-hung-up",
        Cause::CalleeHungUp => "callee-hung-up",
        Cause::CallerGaveUp => "caller-gave-up",
        Cause::NoAnswer => "no-answer",
        Cause::Refused => "refused",
        Cause::Blocked => "blocked",
        Cause::Unreachable => "unreachable",
        Cause::HandedOn => "handed-on",
        Cause::Page => "page",
        Cause::LimitReached => "limit-reached",
        Cause::NeededForHelp => "needed-for-help",
        Cause::OfficeChanged => "office-changed",
        Cause::BoxStopped => "box-stopped",
        Cause::BoxLost => "box-lost",
        Cause::SessionExpired => "session-expired",
        Cause::PeerLost => "peer-lost",
        Cause::NoMedia => "no-media",
        Cause::Silence => "silence",
        Cause::HeardNothing => "heard-nothing",
    }
}

/// Likewise.
const fn class_word(class: Class) -> &'static str {
    match class {
        Class::Internal => "internal",
        Class::Emergency => "emergency",
        Class::Helpline => "helpline",
        Class::Free => "free",
        Class::Local => "local",
        Class::National => "national",
        Class::Mobile => "mobile",
        Class::SharedCost => "shared-cost",
        Class::PremiumPerMinute => "premium-per-minute",
        Class::PremiumPerCall => "premium-per-call",
        Class::International(_) => "international",
        Class::Unknown => "unknown",
    }
}

/// Computes the hashes of a log anew.
type Proof = fn(&Store, Option<ChainHash>) -> Result<Result<Chain, ChainFault>, StoreError>;

/// Each chained log, by its name.
const LOGS: [(&str, Proof); 3] = [
    ("Call records", Store::verify_calls),
    ("Lines of the log of incidents", Store::verify_incidents),
    ("Lines of the log of changes", Store::verify_audit),
];

/// Proves the chains of the records without the box running, and says what stands at the end of each. The noted head may be
/// of any of them.
pub(crate) fn verify(settings: &Settings, noted: Option<ChainHash>) -> Result<(), Fault> {
    let store = Store::open(&settings.state_dir).map_err(Fault::machine)?;
    let mut is_found = noted.is_none();
    for (name, proof) in LOGS {
        let prove = |noted| proof(&store, noted).map_err(Fault::machine);
        let proven = match prove(noted)? {
            Err(ChainFault::NotedMissing) => prove(None)?,
            proven => {
                is_found = true;
                proven
            }
        };
        let Chain { first, last, head } = proven.map_err(|fault| Fault::Records(name, fault))?;
        if first > last {
            say(&format!("There are no {}.", name.to_lowercase()))?;
        } else {
            say(&format!("{name} {first} to {last} are as they were written.\nHead: {head}"))?;
        }
    }
    if is_found { Ok(()) } else { Err(Fault::Records("In every log", ChainFault::NotedMissing)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_that_stops_during_a_call_is_written_down_as_it_was_measured() {
        let stops = LegQuality { packets: 500, fell_silent: true, ..LegQuality::default() };
        let unheard = LegQuality { packets: 500, hears_nothing: true, ..LegQuality::default() };
        let written =
            [stops, unheard, LegQuality { packets: 500, ..LegQuality::default() }].map(|one| quality_of(&one));
        let noted = written.map(|row| (row.packets, row.one_way, row.fell_silent, row.hears_nothing));
        assert_eq!(noted, [(500, false, true, false), (500, false, false, true), (500, false, false, false)]);
    }
}
