//! Calls for help while a provider has not been found yet: it is looked for at once, is asked in its turn once it is found, and
//! until then no such call is refused (invariant 1).

use std::time::{Duration, Instant};

use super::{Call, CallKey, Route};
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

    /// Whether a call for help may yet be given to a provider that is being looked for.
    pub(super) fn waits_for_a_provider(&self, call: &Call) -> bool {
        call.waits && self.may_find_a_provider(call.came_over.as_deref())
    }

    /// Looks at once for every provider that nobody has found yet, whoever else rings for that call for help.
    pub(crate) fn look_for_providers(&mut self, now: Instant, call: CallKey) {
        self.agenda.set(Due::NobodyFound(call), now + PATIENCE);
        let lost = self.trunks.iter().filter(|trunk| trunk.target().is_none());
        let names: Vec<String> = lost.map(|trunk| trunk.name().to_owned()).collect();
        names.iter().for_each(|name| self.find_trunk(now, name));
    }

    /// A provider was found: calls for help that nobody answered yet have it to turn to, before anybody's second server.
    pub(crate) fn ring_found_for_help(&mut self, now: Instant, found: &str) {
        for key in self.unanswered_help(|_| true) {
            self.with_call(now, key, |exchange, call| {
                let (number, came_over) = (call.to.number.clone(), call.came_over.clone());
                let mut routes = exchange.trunks_to(now, &number, true, came_over.as_deref());
                routes.retain(|route| matches!(route, Route::Trunk { trunk, .. } if trunk == found));
                let mut routes = routes.into_iter();
                routes.next().into_iter().for_each(|first| call.spare_routes.push_front(first));
                call.spare_routes.extend(routes);
                exchange.settle_if_nobody_rings(now, call);
            });
        }
    }

    /// A provider was not found. When help waits for it, it is looked for again much sooner than otherwise.
    pub(crate) fn look_again_for_help(&mut self, now: Instant, trunk: &str) {
        if !self.unanswered_help(|call| call.waits).is_empty() {
            self.agenda.set(Due::TrunkFind(trunk.to_owned()), now + AGAIN);
        }
    }

    /// No provider was found for long enough: a call for help has those that there are.
    pub(crate) fn wait_for_no_provider(&mut self, now: Instant, call: &mut Call) {
        call.waits = false;
        self.settle_if_nobody_rings(now, call);
    }

    /// Nobody answered for long enough.
    pub(crate) fn give_up_ringing(&mut self, now: Instant, call: &mut Call) {
        if call.parked.is_some() {
            return self.leave_place(now, call);
        }
        if self.reach_mailbox(now, call) {
            return;
        }
        self.end(now, call, None, Outcome::NoAnswer, 480);
    }

    fn unanswered_help(&self, which: impl Fn(&Call) -> bool) -> Vec<CallKey> {
        let is_open = |call: &&Call| call.emergency && call.callee.is_none() && call.ending.is_none();
        let calls = self.calls.values().filter(is_open).filter(|call| which(call));
        let mut keys: Vec<CallKey> = calls.map(|call| call.key).collect();
        keys.sort();
        keys
    }
}
