//! The fuse: the moment at which a call must end, so that it costs no more than it may.

use std::time::Instant;

use centrale_guard::{ChargeKey, Reject, Turn};

use super::LONGEST_BRIDGE;
use crate::call::{Call, CallKey, Leg, Side};
use crate::exchange::{Due, Exchange};
use crate::record::{Cause, Outcome};

impl Exchange {
    /// A leg to a provider was answered: from now on it costs.
    pub(crate) fn start_charge(&mut self, now: Instant, call: &mut Call) {
        let (charge, order) = (call.bill.charge.take(), call.bill.order.take());
        let person = order.as_ref().map(|order| order.person.clone());
        if let Some(leg) = &mut call.callee {
            (leg.charge, leg.order) = (charge, order);
        }
        person.into_iter().for_each(|person| self.check_at_once(call, &person));
        let Some(charge) = charge else { return };
        let turn = self.costs.ledger.answer(now, self.costs.civil(now), charge);
        self.obey_turn(now, charge, turn);
    }

    /// A leg is hung up, or a call ends that nobody answered: what was not used is given back.
    pub(crate) fn close_charge(&mut self, now: Instant, charge: Option<ChargeKey>, call: &mut Call) {
        let Some(charge) = charge else { return };
        self.agenda.cancel(&Due::Fuse(charge));
        let cost = self.costs.ledger.close(now, self.costs.civil(now), charge);
        call.bill.add(cost);
        self.check_usage(now);
        self.live.costs_changed();
    }

    /// Both ends of a call are outside now, and nobody of the office hears how long they talk.
    pub(crate) fn shorten_bridge(&mut self, now: Instant, call: &Call) {
        let legs = [Side::Caller, Side::Callee].map(|side| call.leg(side));
        if legs.iter().any(|leg| leg.is_none_or(|leg| leg.username.is_some())) {
            return;
        }
        let charges = legs.into_iter().flatten().filter_map(|leg| leg.charge);
        charges.for_each(|charge| self.shorten_charge(now, charge));
    }

    /// What is paid for lasts no longer than two who are outside may talk by the office.
    pub(crate) fn shorten_charge(&mut self, now: Instant, charge: ChargeKey) {
        self.costs.ledger.shorten(now, charge, LONGEST_BRIDGE);
        // The call may be in hand: it is asked about when that is over.
        self.agenda.set(Due::Fuse(charge), now);
    }

    /// The time has come for which the ledger asked.
    pub(crate) fn handle_fuse(&mut self, now: Instant, charge: ChargeKey) {
        let turn = self.costs.ledger.turn(now, self.costs.civil(now), charge);
        self.check_usage(now);
        self.live.costs_changed();
        match turn {
            Turn::Over(reject) => self.burn(now, charge, reject),
            turn => self.obey_turn(now, charge, turn),
        }
    }

    fn obey_turn(&mut self, now: Instant, charge: ChargeKey, turn: Turn) {
        match turn {
            Turn::Settled => self.agenda.cancel(&Due::Fuse(charge)),
            Turn::GoesOn(at) => {
                self.agenda.set(Due::Fuse(charge), at);
                if !self.costs.ledger.ends_soon(charge) {
                    self.take_warning_back(now, charge);
                }
            }
            Turn::Warn(at) => {
                self.agenda.set(Due::Fuse(charge), at);
                if let Some(call) = self.call_of(charge) {
                    self.with_call(now, call, |exchange, call| exchange.warn_of_fuse(call));
                    self.warn_room(now, call);
                }
            }
            // The call may be in hand: it ends when that is over.
            Turn::Over(_) => self.agenda.set(Due::Fuse(charge), now),
        }
    }

    /// Its people are told that it ends within half a minute: the page shows it, and who is at a phone hears it.
    fn warn_of_fuse(&mut self, call: &mut Call) {
        call.ending_soon = true;
        self.warn_office(call);
        self.counters.calls_warned += 1;
    }

    fn take_warning_back(&mut self, now: Instant, charge: ChargeKey) {
        let call = self.call_of(charge).filter(|key| self.calls.get(key).is_some_and(|call| call.ending_soon));
        if let Some(call) = call {
            self.with_call(now, call, |_, call| call.ending_soon = false);
        }
    }

    fn burn(&mut self, now: Instant, charge: ChargeKey, reject: Reject) {
        let Some(key) = self.call_of(charge) else { return };
        self.counters.fuses_burnt += 1;
        self.with_call(now, key, |exchange, call| {
            exchange.note_refused(now, &call.from.number, &call.to.number, reject, None);
            call.bill.reject = Some(reject);
            call.cause = Some(Cause::LimitReached);
            exchange.dismiss(now, call, Outcome::Answered, 0);
        });
    }

    /// The call that has the leg with that charge; not one that only rings for it.
    fn call_of(&self, charge: ChargeKey) -> Option<CallKey> {
        let has = |leg: Option<&Leg>| leg.is_some_and(|leg| leg.charge == Some(charge));
        let owns = |call: &&Call| {
            [Side::Caller, Side::Callee].into_iter().any(|side| has(call.leg(side)) && self.owns(call, side))
        };
        self.calls.values().find(owns).map(|call| call.key)
    }
}
