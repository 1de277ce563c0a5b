//! Whether one more leg may go to a provider: what its contract allows at once, and what the line carries.

use centrale_guard::{Reject, admit_on_account, admit_on_line};

use crate::call::{Call, Side};
use crate::exchange::Exchange;

impl Exchange {
    /// Whether `call`, which is in hand, may ring at that provider under that number. A call for help is not asked.
    pub(crate) fn admit(&self, call: &Call, trunk: &str, number: &str) -> Result<(), Reject> {
        if call.emergency {
            return Ok(());
        }
        let calls = || self.calls.values().chain([call]).filter(|call| !call.emergency);
        let account = calls().map(|call| call.channels_at(trunk)).sum();
        let with_number = calls().map(|call| self.legs_under(call, number)).sum();
        let channels = self.directory.trunk(trunk).map(|trunk| trunk.channels).unwrap_or_default();
        admit_on_account(channels, account, with_number)?;
        self.admit_on_line(Some(call))
    }

    /// Whether one more call fits on the line to the internet. Calls for help count, and are not asked.
    pub(crate) fn admit_on_line(&self, in_hand: Option<&Call>) -> Result<(), Reject> {
        let outside: usize = self.calls.values().chain(in_hand).map(|call| self.legs_outside(call)).sum();
        admit_on_line(self.directory.office().line_kbit, outside)
    }

    /// A call's legs under one of the office's numbers, ringing or talking.
    fn legs_under(&self, call: &Call, number: &str) -> usize {
        let rings = call.forks.iter().filter(|fork| fork.line.as_deref() == Some(number)).count();
        let sides = [Side::Caller, Side::Callee].into_iter();
        let legs = sides.filter(|side| {
            call.leg(*side).is_some_and(|leg| leg.line.as_deref() == Some(number)) && self.owns(call, *side)
        });
        rings + legs.count()
    }

    fn legs_outside(&self, call: &Call) -> usize {
        self.trunks.iter().map(|trunk| call.channels_at(trunk.name())).sum()
    }
}
