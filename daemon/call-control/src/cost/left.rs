//! INVITEs at a provider that were taken back: an answer may cross the CANCEL, and then it is paid for.
//!
//! So what is held back for such an INVITE stays so until the provider's last word, or until there will be none.

use std::time::Instant;

use centrale_guard::Reject;
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

    /// Another provider is asked instead of one whose INVITE was taken back: it may be paid for both.
    ///
    /// # Errors
    /// The cap that does not allow it.
    pub(crate) fn reserve_anew(&mut self, now: Instant, call: &mut Call, silent: ForkId) -> Result<(), Reject> {
        let left = self.costs.left.get(&(call.key, silent));
        let Some(order) = left.and_then(|charge| self.costs.ledger.order(*charge)).cloned() else { return Ok(()) };
        call.bill.charge = Some(self.hold_back(now, order)?);
        Ok(())
    }

    /// The last word on an INVITE. One that was taken back and is accepted all the same is ended at once, and costs its first
    /// step. It counts under the caps; on the call's record it stands only where the call goes on, as records are written at
    /// the end of a call.
    pub(crate) fn settle_left(&mut self, now: Instant, call: CallKey, fork: ForkId, status: Status) {
        let Some(charge) = self.costs.left.remove(&(call, fork)) else { return };
        let civil = self.costs.civil(now);
        if status.is_success() {
            self.costs.ledger.answer(now, civil, charge);
        }
        let cost = self.costs.ledger.close(now, civil, charge);
        if let Some(call) = self.calls.get_mut(&call) {
            call.bill.add(cost);
        }
        self.live.costs_changed();
    }
}
