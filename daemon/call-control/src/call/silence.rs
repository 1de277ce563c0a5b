//! What the media thread hears of each end. A call in which neither is heard for a minute is over: a BYE got lost, or a router
//! lets no sound pass, and nobody in it would notice what it costs. Who is in a room and is not heard may only listen, so it is
//! asked whether it is still there.

use std::time::{Duration, Instant};

use centrale_rtp::relay::{LegQuality, RelayId, Side};

use super::sound::at;
use super::{Call, CallKey, other};
use crate::exchange::{Due, Exchange};
use crate::record::{Cause, Outcome};

/// How long nobody is heard before a call is over (threats B-26), and how long somebody hears nothing before that is held to be why
/// they hang up.
const LONGEST: Duration = Duration::from_secs(60);

/// What is heard of one end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heard {
    /// Packets that came from it.
    packets: u64,
    /// Since when it should send and does not; `None` unless that was so for some time.
    silent_since: Option<Instant>,
    /// It was asked whether it is still there, and has not answered.
    asked: bool,
}

impl Heard {
    /// The end is another one, or need not send: how long nothing came before does not count.
    pub(super) const fn start_anew(&mut self) {
        (self.silent_since, self.asked) = (None, false);
    }

    /// It answered a request of ours: it is still there.
    pub(super) const fn is_there(&mut self) {
        self.asked = false;
    }
}

impl Exchange {
    /// So many packets came from each end: who sends again is not silent.
    pub(crate) fn note_heard(&mut self, relay: RelayId, qualities: [LegQuality; 2]) {
        let key = CallKey(relay.0);
        let Some(call) = self.calls.get_mut(&key) else { return };
        for (heard, quality) in call.heard.iter_mut().zip(qualities) {
            if heard.packets != quality.packets {
                *heard = Heard { packets: quality.packets, ..Heard::default() };
                self.agenda.cancel(&Due::Silence(key));
            }
        }
    }

    /// Nothing came from one end for that long, and it should send.
    pub(crate) fn note_silent(&mut self, now: Instant, relay: RelayId, side: Side, duration: Duration) {
        self.with_call(now, CallKey(relay.0), |_, call| {
            call.heard[at(side)].silent_since = Some(now.checked_sub(duration).unwrap_or(now));
        });
    }

    /// Keeps in mind when a call is over because nobody is heard in it. After each change of a call.
    pub(crate) fn settle_silence(&mut self, call: &mut Call) {
        for side in [Side::Caller, Side::Callee] {
            if call.leg(side).is_some_and(|leg| !leg.description.expects_audio()) {
                call.heard[at(side)].start_anew();
            }
        }
        let since = silent_since(call).filter(|_| !call.emergency && call.dismissed.is_none());
        match since {
            Some(since) => self.agenda.set(Due::Silence(call.key), since + LONGEST),
            None => self.agenda.cancel(&Due::Silence(call.key)),
        }
    }

    /// Nobody was heard for long enough. Where an end is being connected with somebody else, there is another while.
    pub(crate) fn end_silent(&mut self, now: Instant, call: &mut Call) {
        if call.transfer.is_some() || call.is_changing() {
            call.heard.iter_mut().for_each(|heard| heard.silent_since = Some(now));
            return;
        }
        let is_lost = call.caller.lost;
        let heard = &mut call.heard[at(Side::Caller)];
        if call.at_conference.is_some() && !heard.asked && !is_lost {
            (heard.asked, heard.silent_since) = (true, Some(now));
            return self.refresh_session(now, call, Side::Caller);
        }
        self.blame_silence(call);
        self.end(now, call, None, Outcome::Lost, 408);
    }

    /// An end is gone that was asked whether it is still there, if it was.
    pub(super) fn note_asked_in_vain(&mut self, call: &mut Call, side: Side) {
        if call.heard[at(side)].asked {
            self.blame_silence(call);
        }
    }

    const fn blame_silence(&mut self, call: &mut Call) {
        self.counters.calls_silent += 1;
        call.cause = Some(Cause::Silence);
    }
}

/// Why a call was over, when one end hung up: perhaps it had heard nothing of the other one.
pub(super) fn hung_up_on_silence(now: Instant, call: &Call, gone: Option<Side>, outcome: Outcome) -> Option<Cause> {
    let silent_since = call.heard[at(other(gone?))].silent_since?;
    let long = now.saturating_duration_since(silent_since.max(call.answered?)) >= LONGEST;
    (outcome == Outcome::Answered && long).then_some(Cause::HeardNothing)
}

/// Since when nobody at any end of an answered call says anything. A room is none.
fn silent_since(call: &Call) -> Option<Instant> {
    let [caller, callee] = call.heard.map(|heard| heard.silent_since);
    let others = match (&call.callee, &call.at_conference) {
        (Some(_), _) => callee,
        (None, Some(_)) => caller,
        (None, None) => None,
    };
    Some(call.answered?.max(caller?).max(others?))
}
