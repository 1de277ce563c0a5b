//! INVITEs at a provider that were taken back: an answer may cross the CANCEL, and then it is paid for.
//!
//! So what is held back for such an INVITE stays so until the provider's last word, or until there will be none.

use std::time::Instant;

use centrale_rtp::relay::RelayId;
use centrale_sip::message::Status;

use crate::call::{Call, CallKey, Fork, ForkId, Route};
use crate::exchange::Exchange;

impl Exchange {
    /// An INVITE is taken back that has no final answer: what is held back for it leaves the call.
    pub(crate) fn leave_charge(&mut self, call: &mut Call, fork: &Fork) {
        if let (Route::Trunk { .. }, Some(charge)) = (&fork.route, call.bill.charge) {
            call.bill.charge = None;
            self.costs.left.insert((call.key, fork.id), charge);
        }
    }

    /// The last word on an INVITE. One that was taken back and is accepted all the same is ended at once, and costs its first
    /// step, also on the record of a call that is over meanwhile: that waits for it.
    pub(crate) fn settle_left(&mut self, now: Instant, call: CallKey, fork: ForkId, status: Status) {
        let Some(charge) = self.costs.left.remove(&(call, fork)) else { return };
        let civil = self.costs.civil(now);
        if status.is_success() {
            self.costs.ledger.answer(now, civil, charge);
        }
        let cost = self.costs.ledger.close(now, civil, charge);
        match self.calls.get_mut(&call) {
            Some(call) => call.bill.add(cost),
            None => self.add_to_record(RelayId(call.0), cost),
        }
        self.live.costs_changed();
    }

    /// Whether a provider may still want money for an INVITE of that call's that was taken back.
    pub(crate) fn awaits_last_word(&self, call: CallKey) -> bool {
        self.costs.left.keys().any(|(left, _)| *left == call)
    }
}
