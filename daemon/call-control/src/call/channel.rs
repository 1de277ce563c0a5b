//! A channel at a provider for a call for help, where ordinary calls of ours may have taken them all (invariant 1).
//!
//! Nothing is given up before every provider has refused, or has let us wait for too long. Then one ordinary call ends on
//! one of those that may be full, which is asked at once, beside the BYE; then on the next one. Who still has no channel then
//! is asked again when a BYE that was sent has been worked off there.

use std::time::{Duration, Instant};

use centrale_sip::message::{Response, Status};

use super::{Call, Fork, Route};
use crate::exchange::{Due, Exchange};
use crate::record::{Cause, Outcome};
use crate::trunk::{Verdict, verdict};

/// The pauses after which providers are asked again that may not have worked off a BYE yet: the first is a way there and back,
/// the last for one that is overloaded.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// How long a provider may still count what ended for help before it was asked, such as a call of the box's own.
const WORKED_OFF: Duration = Duration::from_secs(5);
/// How long a provider whose name is being looked up is waited for before an ordinary call ends: a name is found sooner, or hardly.
const FOUND_SOON: Duration = Duration::from_secs(2);
/// Most ordinary calls that one call for help ends at one provider: one that rings there may never have had a channel.
const MOST_GIVEN_UP: usize = 2;

/// What was done for a call for help at the providers that may be full.
#[derive(Debug, Default)]
pub(crate) struct Scarcity {
    /// Those that refused it so, each once, and how many ordinary calls were given up there.
    full: Vec<(String, usize)>,
    /// How many pauses are over.
    pauses: usize,
}

impl Scarcity {
    /// Notes a provider that refused.
    pub(super) fn note(&mut self, trunk: &str, response: &Response) {
        if is_perhaps_full(response) && !self.has(trunk) {
            self.full.push((trunk.to_owned(), 0));
        }
    }

    fn has(&self, trunk: &str) -> bool {
        self.full.iter().any(|(name, _)| name == trunk)
    }

    /// How many calls may have been given up at each provider before the next pause.
    fn allowance(&self) -> usize {
        MOST_GIVEN_UP.min(self.pauses + 1)
    }

    fn given_up_at(&self, trunk: &str) -> usize {
        self.full.iter().find(|(name, _)| name == trunk).map_or(0, |(_, given_up)| *given_up)
    }

    fn give_up_at(&mut self, trunk: &str) {
        let same = self.full.iter_mut().filter(|(name, _)| name == trunk);
        same.for_each(|(_, given_up)| *given_up += 1);
    }
}

impl Exchange {
    /// Where a call for help is tried next when every provider has refused it, or says nothing: where an ordinary call has just
    /// made room. `None` when there is nothing to give up, or only a pause will tell.
    pub(super) fn make_room(&mut self, now: Instant, call: &mut Call) -> Option<Route> {
        if self.pauses_for_room(call) {
            return None;
        }
        // Another provider may have been found by then: nobody's call is ended before.
        let found_by = call.started + FOUND_SOON;
        if now < found_by && self.waits_for_a_provider(call) && self.could_give_up(call) {
            self.agenda.set(Due::RoomMade(call.key), found_by);
            return None;
        }
        let routes = self.routes_to_the_full(now, call);
        for route in &routes {
            let Route::Trunk { trunk, .. } = route else { continue };
            if call.scarcity.given_up_at(trunk) < call.scarcity.allowance() && self.give_up_a_channel(now, trunk) {
                call.scarcity.give_up_at(trunk);
                return Some(route.clone());
            }
        }
        let made_room = self.made_room(now, call);
        if let Some(pause) = PAUSES.get(call.scarcity.pauses).filter(|_| made_room && !routes.is_empty()) {
            self.agenda.set(Due::RoomMade(call.key), now + *pause);
        }
        None
    }

    /// Whether a provider may have a channel soon, because something ended there for help.
    fn made_room(&self, now: Instant, call: &Call) -> bool {
        let yielded = self.last_yielded.is_some_and(|at| now < at + WORKED_OFF);
        yielded || call.scarcity.full.iter().any(|(_, given_up)| *given_up > 0)
    }

    /// Whether a call for help waits until a provider may have worked off what made room.
    pub(super) fn pauses_for_room(&self, call: &Call) -> bool {
        self.agenda.has(&Due::RoomMade(call.key))
    }

    /// A provider may have worked off the BYE by now: all that may be full are asked again.
    pub(crate) fn ask_again_for_help(&mut self, now: Instant, call: &mut Call) {
        call.scarcity.pauses += usize::from(self.made_room(now, call));
        let full = self.routes_to_the_full(now, call);
        call.spare_routes.extend(full);
        self.settle_if_nobody_rings(now, call);
    }

    /// One server of each provider that may be full.
    fn routes_to_the_full(&mut self, now: Instant, call: &Call) -> Vec<Route> {
        if call.scarcity.full.is_empty() {
            return Vec::new();
        }
        let mut names: Vec<String> = Vec::new();
        let mut routes = self.trunks_to(now, &call.to.number, true, None);
        routes.retain(|route| match route {
            Route::Trunk { trunk, .. } if call.scarcity.has(trunk) && !names.contains(trunk) => {
                names.push(trunk.clone());
                true
            }
            _ => false,
        });
        routes
    }

    /// Whether an ordinary call goes on at one of those that may be full.
    fn could_give_up(&self, call: &Call) -> bool {
        self.loses_least(|other| call.scarcity.full.iter().any(|(trunk, _)| other.channels_at(trunk) > 0)).is_some()
    }

    /// Ends the ordinary call at that provider whose end is the least loss. False when there is none.
    fn give_up_a_channel(&mut self, now: Instant, trunk: &str) -> bool {
        let Some(key) = self.loses_least(|other| other.channels_at(trunk) > 0) else { return false };
        self.counters.calls_given_up += 1;
        self.with_call(now, key, |exchange, call| {
            let outcome = if call.answered.is_some() { Outcome::Lost } else { Outcome::Blocked };
            call.cause = Some(Cause::NeededForHelp);
            exchange.dismiss(now, call, outcome, Status::SERVICE_UNAVAILABLE.code());
        });
        true
    }
}

/// Whether nobody rings, or for help only who let us wait for too long.
pub(super) fn nobody_rings(call: &Call) -> bool {
    call.forks.iter().all(|fork| call.emergency && lets_us_wait(fork))
}

const fn lets_us_wait(fork: &Fork) -> bool {
    fork.passed_over && !fork.rings
}

/// Whether a provider may have refused because all its channels are taken. Providers say it in many ways.
fn is_perhaps_full(response: &Response) -> bool {
    matches!(response.status.code(), 403 | 480 | 486 | 500 | 503 | 600 | 603)
        || verdict(response) == Some(Verdict::Full)
}
