//! What is written down of each leg. One that goes on in another call is written down there, when it ends.

use std::time::Instant;

use super::{Call, Fork, Route, Side};
use crate::exchange::Exchange;
use crate::record::LegRecord;

impl Fork {
    /// What is written down of it when nobody answered there. `status` is its refusal, 0 when it was taken back.
    pub(crate) fn over(&self, now: Instant, status: u16) -> LegRecord {
        let (number, account, trunk) = match &self.route {
            Route::Phone { person, username, .. } => (person, Some(username.to_string()), None),
            Route::Trunk { trunk, number, .. } => (number, None, Some(trunk.clone())),
        };
        LegRecord {
            side: Side::Callee,
            number: number.clone(),
            account,
            trunk,
            placed: true,
            codec: None,
            started: self.started,
            answered: None,
            ended: now,
            status,
        }
    }
}

impl Exchange {
    /// Writes down the leg on that side, which is over, unless it is another call's by now.
    pub(crate) fn note_leg(&self, now: Instant, call: &mut Call, side: Side) {
        call.past_legs.extend(self.leg_until(now, call, side));
    }

    /// What would be written down of the leg on that side if it were over now.
    pub(crate) fn leg_until(&self, now: Instant, call: &Call, side: Side) -> Option<LegRecord> {
        if !self.owns(call, side) {
            return None;
        }
        let number = self.party_at(call, side).number;
        let leg = call.leg(side)?;
        let (answered, refusal) = (leg.origin.answered, call.ending.map_or(0, |ending| ending.status));
        Some(LegRecord {
            side,
            number,
            account: leg.username.as_deref().map(str::to_owned),
            trunk: leg.origin.trunk.clone(),
            placed: leg.origin.placed,
            codec: leg.description.codec().filter(|_| answered.is_some()),
            started: leg.origin.started,
            answered,
            ended: now,
            status: if answered.is_some() { 0 } else { refusal },
        })
    }
}
