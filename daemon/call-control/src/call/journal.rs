//! Calls that last, as they are kept for the case that the box stops without a word: a power cut, or a fault of ours.
//!
//! From its answer on a call is kept every [`EVERY`], so its record is found at the next start with what was known last, and
//! its price until then. All calls at once: a disk is written to as often for twenty of them as for one.

use std::time::{Duration, Instant};

use super::{Call, CallKey, Ending, Side};
use crate::exchange::{Due, Exchange};
use crate::io::Output;
use crate::record::{CallRecord, Cause, Outcome};

/// As much of a call as a power cut can take from its record.
const EVERY: Duration = Duration::from_secs(15);

impl Exchange {
    /// A call changed: it is kept from its answer on, until its record is written.
    pub(crate) fn journal_call(&mut self, now: Instant, key: CallKey) {
        match self.calls.get(&key) {
            None => {
                self.journal.remove(&key);
                if self.journal.is_empty() {
                    self.agenda.cancel(&Due::Journal);
                }
            }
            Some(call) if call.answered.is_some() && !self.journal.contains(&key) => {
                self.outputs.push_back(Output::InProgress(vec![self.until_now(now, call)]));
                self.journal.insert(key);
                if !self.agenda.has(&Due::Journal) {
                    self.agenda.set(Due::Journal, now + EVERY);
                }
            }
            Some(_) => {}
        }
    }

    /// Keeps every call that lasts as it is now.
    pub(crate) fn journal_all(&mut self, now: Instant) {
        let calls = self.journal.iter().filter_map(|key| self.calls.get(key));
        let kept: Vec<CallRecord> = calls.map(|call| self.until_now(now, call)).collect();
        self.outputs.push_back(Output::InProgress(kept));
        self.agenda.set(Due::Journal, now + EVERY);
    }

    /// The record of a call as if the box were lost now.
    fn until_now(&self, now: Instant, call: &Call) -> CallRecord {
        let lost = Ending { outcome: Outcome::Lost, status: 0, cause: Cause::BoxLost };
        let ending = call.dismissed.as_ref().map_or(lost, |dismissed| dismissed.ending);
        let mut record = self.record_of(now, call, ending);
        for side in [Side::Caller, Side::Callee] {
            record.legs.extend(self.leg_until(now, call, side));
            let charge = call.leg(side).filter(|_| self.owns(call, side)).and_then(|leg| leg.charge);
            if let Some(charge) = charge {
                let cost = self.costs.ledger.cost(now, charge);
                record.price = Some(record.price.unwrap_or_default() + cost);
            }
        }
        record
    }
}
