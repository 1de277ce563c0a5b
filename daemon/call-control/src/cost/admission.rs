//! Whether one more leg may go to a provider, or come from it: what its contract allows at once, and what the line carries. A phone
//! outside the office, such as one at home, is reached over the same line.

use std::time::Instant;

use centrale_guard::{Order, Reject, admit_on_account, admit_on_line};
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::Status;

use crate::call::{Call, Leg, Route, Side};
use crate::exchange::Exchange;

impl Exchange {
    /// Whether `call`, which is in hand, may ring at that provider under that number, for what is ordered. A call for help is not asked,
    /// nor one to a helpline, nor one of a lift or an alarm: whether there is a channel for that is for the provider to say.
    pub(crate) fn admit(&self, call: &Call, order: Option<&Order>, trunk: &str, number: &str) -> Result<(), Reject> {
        if call.emergency || order.is_some_and(Order::is_urgent) {
            return Ok(());
        }
        let calls = || self.calls.values().chain([call]).filter(|call| !call.emergency);
        let account = calls().map(|call| call.channels_at(trunk)).sum();
        let with_number = calls().map(|call| self.legs_under(call, number)).sum();
        let channels = self.directory.trunk(trunk).map(|trunk| trunk.channels).unwrap_or_default();
        admit_on_account(channels, account, with_number)?;
        self.admit_on_line(Some(call))
    }

    /// Whether the office can be called over its line, as far as that carries. Whoever was called for help can call back.
    pub(crate) fn admit_incoming(&self, now: Instant) -> Result<(), Reject> {
        if self.expects_help(now) {
            return Ok(());
        }
        // A provider that is told 503 may leave the office alone for a while; busy is said of this call only.
        self.admit_on_line(None).map_err(|reject| Reject { status: Status::BUSY_HERE.code(), ..reject })
    }

    /// Whether a phone may ring for that call as far as the line carries it: one of the office's needs none of it, nor does one more
    /// than rings over it already, because one of them is talked to.
    pub(crate) fn admit_phone(&self, call: &Call, route: &Route) -> Result<(), Reject> {
        let is_urgent = call.emergency || call.bill.order.as_ref().is_some_and(Order::is_urgent);
        let passes = is_urgent || !self.is_over_the_line(&route.path()) || self.rings_a_phone_over_the_line(call);
        if passes { Ok(()) } else { self.admit_on_line(Some(call)) }
    }

    /// Whether a phone of ours can be heard over the line as well, where it calls over it.
    pub(crate) fn admit_caller(&self, order: Option<&Order>, flow: Flow) -> Result<(), Reject> {
        let passes = order.is_some_and(Order::is_urgent) || !self.is_over_the_line(&Path::Flow(flow));
        if passes { Ok(()) } else { self.admit_on_line(None) }
    }

    /// Whether one more call fits on the line to the internet. Calls for help count, and are not asked.
    pub(crate) fn admit_on_line(&self, in_hand: Option<&Call>) -> Result<(), Reject> {
        admit_on_line(self.directory.office().line_kbit, self.calls_outside(in_hand))
    }

    /// How many legs there are over the line, to providers and to phones elsewhere, with those of the call in hand.
    pub(crate) fn calls_outside(&self, in_hand: Option<&Call>) -> usize {
        self.calls.values().chain(in_hand).map(|call| self.legs_outside(call)).sum()
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
        let at_providers: usize = self.trunks.iter().map(|trunk| call.channels_at(trunk.name())).sum();
        let caller = usize::from(self.is_phone_over_the_line(call, Side::Caller));
        // Of the phones that ring one is talked to.
        let callee = self.rings_a_phone_over_the_line(call) || self.is_phone_over_the_line(call, Side::Callee);
        at_providers + caller + usize::from(callee)
    }

    fn rings_a_phone_over_the_line(&self, call: &Call) -> bool {
        let is_there = |route: &Route| matches!(route, Route::Phone { .. }) && self.is_over_the_line(&route.path());
        call.forks.iter().any(|fork| is_there(&fork.route))
    }

    /// Whether a leg of that call leads to a phone of ours over the line. One that is to be transferred is another call's until then.
    fn is_phone_over_the_line(&self, call: &Call, side: Side) -> bool {
        let is_there = |leg: &Leg| leg.username.is_some() && self.is_over_the_line(&leg.dialog.path);
        self.owns(call, side) && call.leg(side).is_some_and(is_there)
    }

    fn is_over_the_line(&self, path: &Path) -> bool {
        !self.interfaces.is_office(path.remote().ip())
    }
}
