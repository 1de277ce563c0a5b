//! Calls for help while no provider has been found yet: they wait a moment instead of being refused (invariant 1).

use std::time::{Duration, Instant};

use super::{Call, CallKey};
use crate::exchange::{Due, Exchange};
use crate::record::Outcome;

/// How long a call for help waits for a provider's address. Longer, and the caller should rather take another phone.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon a name that was not found is asked for again while help is waited for.
const AGAIN: Duration = Duration::from_secs(1);

impl Exchange {
    /// Whether a provider may still be found, other than the one that the call came from.
    pub(crate) fn may_find_a_provider(&self, came_over: Option<&str>) -> bool {
        self.trunks.iter().any(|trunk| trunk.target().is_none() && came_over != Some(trunk.name()))
    }

    /// Looks for every provider at once; the call rings as soon as one is found.
    pub(crate) fn wait_for_a_provider(&mut self, now: Instant, call: CallKey) {
        self.agenda.set(Due::RingsTooLong(call), now + PATIENCE);
        let lost = self.trunks.iter().filter(|trunk| trunk.target().is_none());
        let names: Vec<String> = lost.map(|trunk| trunk.name().to_owned()).collect();
        names.iter().for_each(|name| self.find_trunk(now, name));
    }

    /// A provider was found: calls for help that waited for one ring.
    pub(crate) fn ring_waiting_help(&mut self, now: Instant) {
        for key in self.waiting_help() {
            self.with_call(now, key, |exchange, call| {
                let routes = exchange.trunks_to(now, &call.to.number, true, None);
                if !routes.is_empty() {
                    exchange.agenda.cancel(&Due::RingsTooLong(call.key));
                    (call.waits, call.spare_routes) = (false, routes.into());
                    exchange.settle_if_nobody_rings(now, call);
                }
            });
        }
    }

    /// A provider was not found. When help waits for it, it is looked for again much sooner than otherwise.
    pub(crate) fn look_again_for_help(&mut self, now: Instant, trunk: &str) {
        if !self.waiting_help().is_empty() {
            self.agenda.set(Due::TrunkFind(trunk.to_owned()), now + AGAIN);
        }
    }

    /// Nobody answered, or no provider was found, for long enough.
    pub(crate) fn give_up_ringing(&mut self, now: Instant, call: &mut Call) {
        if call.parked.is_some() {
            return self.leave_place(now, call);
        }
        if self.reach_mailbox(now, call) {
            return;
        }
        let (outcome, status) = if call.waits { (Outcome::Unreachable, 503) } else { (Outcome::NoAnswer, 480) };
        self.end(now, call, None, outcome, status);
    }

    fn waiting_help(&self) -> Vec<CallKey> {
        let mut keys: Vec<CallKey> = self.calls.values().filter(|call| call.waits).map(|call| call.key).collect();
        keys.sort();
        keys
    }
}
