//! A new revision of the office, or new addresses of the box.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use centrale_config::Settled;
use centrale_guard::Lock;

use super::Exchange;
use crate::call::{Call, CallKey, Fork, Route};
use crate::directory::Directory;
use crate::interfaces::Interfaces;
use crate::io::Output;
use crate::problem::{
    ACCOUNT_UNDER_ATTACK, PHONE_KEYS_IN_CLEAR, PHONE_MESSAGES_HEALED, PHONE_MOVED, PHONE_PASSWORD_STALE,
    PHONE_PATH_MAY_REWRITE, PHONE_PATH_REWRITES,
};
use crate::record::{Cause, Outcome};
use crate::view::Direction;

impl Exchange {
    pub(super) fn handle_interfaces(&mut self, now: Instant, interfaces: Interfaces) {
        if self.interfaces != interfaces {
            self.interfaces = interfaces;
            self.restart_trunks(now);
        }
    }

    pub(super) fn handle_settled(&mut self, now: Instant, settled: Arc<Settled>) {
        let next = self.directory.next(settled, &self.settings.realm);
        self.leave_behind(&next);
        let earlier = std::mem::replace(&mut self.directory, next);
        let directory = &self.directory;
        // A removed or changed secret dies at once, and so does what was registered with it.
        self.registrar.drop_where(|binding| !directory.keeps(&earlier, &binding.username));
        self.forget_bonds(&earlier);
        self.forget_pins(&earlier);
        let directory = &self.directory;
        let of_phones = [PHONE_PATH_REWRITES, PHONE_PATH_MAY_REWRITE, PHONE_MESSAGES_HEALED];
        for code in [ACCOUNT_UNDER_ATTACK, PHONE_PASSWORD_STALE, PHONE_KEYS_IN_CLEAR].into_iter().chain(of_phones) {
            self.live.retain_problems(code, |name| directory.login(name).is_some());
        }
        for person in earlier.office().people.iter().chain(&directory.office().people) {
            self.live.person_changed(person.number.as_str());
        }
        self.end_orphaned_calls(now);
        self.forget_people(now);
        self.settle_subscriptions(now);
        self.settle_trunks(now);
        self.check_providers();
        self.check_zones();
        self.settle_alarm_lines(now);
        self.settle_hours();
        self.check_line();
        if self.directory.office().line_kbit != earlier.office().line_kbit {
            self.forget_line_losses();
        }
    }

    /// What was typed in vain where another PIN opens now says nothing any more.
    fn forget_pins(&mut self, earlier: &Directory) {
        let (now, before) = (self.directory.office(), earlier.office());
        self.pins.forget_lock(|lock| {
            let [now, before] = [now, before].map(|office| match lock {
                Lock::Office => office.pin.as_ref(),
                Lock::Room(room) => office.conference(room).and_then(|room| room.pin.as_ref()),
            });
            now != before
        });
    }

    /// Who has a number next inherits nothing of who had it before.
    fn forget_people(&mut self, now: Instant) {
        let directory = &self.directory;
        let is_there = |person: &str| directory.person(person).is_some();
        self.last_calls.keep(is_there);
        self.costs.machines.keep(is_there);
        self.costs.transit.keep(is_there);
        self.costs.flashes.keep(is_there);
        self.pins.keep(is_there);
        self.forget_stays();
        self.check_machines(now);
        self.check_transit(now);
        self.check_flashes(now);
    }

    /// The same of where people and phones are, which is written down. Without anybody the box is being stopped, or starts.
    pub(crate) fn forget_stays(&mut self) {
        let directory = &self.directory;
        if directory.office().people.is_empty() {
            return;
        }
        let mut gone = self.stays.keep(|person| directory.person(person).is_some());
        let devices: BTreeSet<String> = directory.devices().map(|mac| mac.to_string()).collect();
        gone.extend(self.homes.keep(|mac| devices.contains(mac)));
        self.live.retain_problems(PHONE_MOVED, |mac| devices.contains(mac));
        if !gone.is_empty() {
            self.outputs.push_back(Output::Spent(gone));
        }
    }

    /// Ends the calls of people who left and of trunks that are gone. A call for help goes on.
    fn end_orphaned_calls(&mut self, now: Instant) {
        for key in self.call_keys() {
            self.with_call(now, key, |exchange, call| {
                if !call.emergency && is_orphaned(&exchange.directory, call) {
                    return exchange.end_because(now, call, Cause::OfficeChanged);
                }
                exchange.cancel_removed_phones(now, call);
            });
        }
    }

    /// The box is being stopped: whoever is told nothing would listen to silence.
    pub(super) fn end_every_call(&mut self, now: Instant) {
        for key in self.call_keys() {
            self.with_call(now, key, |exchange, call| exchange.end_because(now, call, Cause::BoxStopped));
        }
    }

    fn end_because(&mut self, now: Instant, call: &mut Call, cause: Cause) {
        let outcome = if call.answered.is_some() { Outcome::Answered } else { Outcome::Abandoned };
        call.cause = Some(cause);
        self.end(now, call, None, outcome, 480);
    }

    fn call_keys(&self) -> Vec<CallKey> {
        let mut keys: Vec<CallKey> = self.calls.keys().copied().collect();
        keys.sort();
        keys
    }

    fn cancel_removed_phones(&mut self, now: Instant, call: &mut Call) {
        if call.forks.is_empty() {
            return;
        }
        let directory = &self.directory;
        let stays = |fork: &Fork| match &fork.route {
            Route::Phone { username, .. } => directory.login(username).is_some(),
            Route::Trunk { .. } => true,
        };
        let (kept, gone) = std::mem::take(&mut call.forks).into_iter().partition(stays);
        call.forks = kept;
        self.cancel_forks(now, call, gone);
        self.settle_if_nobody_rings(now, call);
    }
}

fn is_orphaned(directory: &Directory, call: &Call) -> bool {
    let is_gone = |number: &str| directory.person(number).is_none();
    let caller = call.direction != Direction::Incoming && is_gone(&call.from.number);
    let answerer = call.answered_by.as_deref().is_some_and(is_gone);
    let mailbox = call.at_mailbox.as_ref().is_some_and(|at| is_gone(&at.number));
    let room = call.at_conference.as_ref().is_some_and(|at| directory.office().conference(&at.room).is_none());
    let trunk = call.trunks().any(|trunk| directory.trunk(trunk).is_none());
    caller || answerer || mailbox || room || trunk
}
