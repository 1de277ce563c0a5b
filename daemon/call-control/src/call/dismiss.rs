//! A call is ended and neither end wanted it: the provider's end at once, since its channel or its price is why; the office's
//! own end hears for a moment that it is over, instead of a line that goes dead.

use std::time::{Duration, Instant};

use centrale_rtp::relay::Command;
use centrale_sip::message::Status;

use super::sound::speech_to;
use super::transfer::is_outside;
use super::{Call, Ending, Side, other};
use crate::exchange::{Due, Exchange};
use crate::io::Output;
use crate::record::{Cause, Outcome};

/// How long the tone is heard: some phones pass over the first second of a voice that is new to them, and whoever stops calls
/// sees them end within two.
const TONE: Duration = Duration::from_millis(1_900);

/// What is left of a call that was ended so.
#[derive(Debug)]
pub(crate) struct Dismissed {
    /// Whose end hears it.
    pub(crate) hears: Side,
    /// How it ended, whatever comes now.
    pub(crate) ending: Ending,
    /// When: what it costs and how long it was ends here.
    pub(crate) ended: Instant,
    /// The provider whose channel it no longer takes.
    pub(crate) trunk: Option<String>,
}

impl Exchange {
    /// Ends a call with a provider: its channel there is free at once, the phone hears the tone and is hung up then. Every
    /// other call ends at once.
    pub(crate) fn dismiss(&mut self, now: Instant, call: &mut Call, outcome: Outcome, status: u16) {
        let Some(hears) = self.who_hears_the_end(call) else { return self.end(now, call, None, outcome, status) };
        let gone = other(hears);
        self.part_from(now, call, gone);
        self.outputs.push_back(Output::Media(Command::CloseSide { relay: call.relay, side: gone }));
        let trunk = call.trunk.take().or(call.other_trunk.take());
        let cause = call.cause.unwrap_or_else(|| Cause::of(None, outcome, status));
        let ending = Ending { outcome, status, cause };
        call.dismissed = Some(Dismissed { hears, ending, ended: now, trunk });
        self.agenda.set(Due::Dismissal(call.key), now + TONE);
    }

    /// The tone was heard for long enough.
    pub(crate) fn end_dismissed(&mut self, now: Instant, call: &mut Call) {
        self.end(now, call, None, Outcome::Lost, Status::SERVICE_UNAVAILABLE.code());
    }

    /// The one phone of a call that has a provider at its other end, when it can hear something and nothing is under way.
    fn who_hears_the_end(&self, call: &Call) -> Option<Side> {
        let settled = call.answered.is_some() && call.transfer.is_none() && !call.is_changing();
        let outside = |side| call.leg(side).map(is_outside);
        let hears = match (outside(Side::Caller)?, outside(Side::Callee)?) {
            (false, true) => Side::Caller,
            (true, false) => Side::Callee,
            _ => return None,
        };
        let both_here = self.owns(call, hears) && self.owns(call, other(hears));
        let heard = self.may_hear(call, hears) && speech_to(call, hears).is_some();
        (settled && both_here && heard).then_some(hears)
    }
}
