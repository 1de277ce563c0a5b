//! A person stops calls: what rings or talks now ends, and nothing of the kind begins, until a person takes that back.
//!
//! The stop itself is the guard's ([`centrale_guard::Stops`]), asked by every way out. Help is never asked about; and for an
//! hour after a call for help whoever calls reaches everybody, also who is left colleagues alone: it may be help calling back.

use std::time::Instant;

use centrale_guard::{Pressed, Reject, Stop};

use crate::call::{Call, CallKey, Fork, Leg, Route, Side};
use crate::exchange::Exchange;
use crate::io::{Output, Told};
use crate::record::{Cause, Outcome};
use crate::view::StopView;

impl Exchange {
    pub(crate) fn press(&mut self, now: Instant, stop: Stop, pressed: Pressed) {
        if let Stop::Paid(person) = &stop {
            self.costs.hot.held(person);
        }
        if self.stops.press(stop, pressed) {
            self.tell_stops();
            self.end_stopped_calls(now);
        }
    }

    pub(crate) fn release(&mut self, stop: &Stop) {
        if self.stops.release(stop) {
            self.tell_stops();
        }
    }

    /// A person's call was refused. When its calls look like a thief's the dear ones are to be held, and whoever may says when no longer.
    pub(crate) fn hold_if_hot(&mut self, now: Instant, person: &str, number: &str, reject: Reject) {
        if !self.stops.holds(person) && self.costs.hot.refused(now, person, number, reject) {
            self.outputs.push_back(Output::Hold(person.to_owned()));
        }
    }

    /// The same of a call that was to be sent on by itself.
    pub(crate) fn hold_if_not_sent_on(&mut self, now: Instant, person: &str, number: &str, reject: Reject) {
        if !self.stops.holds(person) && self.costs.hot.not_sent_on(now, person, number, reject) {
            self.outputs.push_back(Output::Hold(person.to_owned()));
        }
    }

    fn tell_stops(&mut self) {
        let views = self.stops.iter().map(StopView::of).collect();
        self.outputs.push_back(Output::Told(Told::Stops(views)));
    }

    /// Whether somebody reaches colleagues alone now, and only they reach that person.
    pub(crate) fn is_isolated(&self, now: Instant, person: &str) -> bool {
        self.stops.isolates(person) && !self.expects_help(now)
    }

    /// Why an end of a call goes nowhere outside, whoever of the office sends it there: it is a phone of who reaches colleagues
    /// alone, or a device that nobody knows.
    pub(crate) fn held_inside(&self, now: Instant, leg: &Leg) -> Option<Reject> {
        let login = leg.username.as_deref().and_then(|username| self.directory.login(username));
        if login.is_some_and(|login| self.is_isolated(now, login.number().as_str())) {
            return Some(Reject::ISOLATED);
        }
        leg.apart.then_some(Reject::UNKNOWN_DEVICE)
    }

    /// Why two ends must not be connected: one is outside, the other is held inside. A device that nobody knows may be called
    /// from outside, so it is kept only from whom the office called.
    pub(crate) fn kept_apart(&self, now: Instant, one: Option<&Leg>, two: Option<&Leg>) -> Option<Reject> {
        let (phone, outside) = match (one?, two?) {
            (one, two) if one.username.is_some() && two.username.is_none() => (one, two),
            (one, two) if one.username.is_none() && two.username.is_some() => (two, one),
            _ => return None,
        };
        let is_called = outside.order.as_ref().is_some_and(|order| !order.always_passes);
        self.held_inside(now, phone).filter(|reject| is_called || *reject == Reject::ISOLATED)
    }

    /// The provider's end is gone at once, the phone hears for a moment that it is over.
    fn end_stopped_calls(&mut self, now: Instant) {
        let mut keys: Vec<CallKey> = self.calls.keys().copied().collect();
        keys.sort();
        for key in keys {
            self.with_call(now, key, |exchange, call| {
                if call.emergency || call.dismissed.is_some() {
                    return;
                }
                let Some(reject) = exchange.stopped_by(now, call) else { return exchange.stop_ringing(now, call) };
                let outcome = if call.answered.is_some() { Outcome::Answered } else { Outcome::Blocked };
                call.bill.reject = Some(reject);
                call.cause = Some(Cause::Page);
                exchange.dismiss(now, call, outcome, reject.status);
            });
        }
    }

    /// Why a call may not go on, if it may not: what it was placed for, or who is in it.
    fn stopped_by(&self, now: Instant, call: &Call) -> Option<Reject> {
        let [caller, callee] =
            [Side::Caller, Side::Callee].map(|side| call.leg(side).filter(|_| self.owns(call, side)));
        let mut orders = [caller, callee].into_iter().flatten().filter_map(|leg| leg.order.as_ref());
        let always_passes = orders.clone().any(|order| order.always_passes);
        let apart = self.kept_apart(now, caller, callee).filter(|_| !always_passes);
        // It rings outside: who waits was sent there.
        let rings_out = call.bill.order.as_ref().is_some_and(|order| !order.always_passes);
        let held = self.held_inside(now, &call.caller).filter(|_| rings_out);
        let mut orders = call.bill.order.iter().chain(&mut orders);
        orders
            .find_map(|order| self.stops.allow(order).err())
            .or(apart)
            .or(held)
            .or_else(|| self.must_leave_room(now, call))
    }

    /// A call from outside no longer rings at who reaches colleagues alone.
    fn stop_ringing(&mut self, now: Instant, call: &mut Call) {
        if call.forks.is_empty() || call.caller.username.is_some() {
            return;
        }
        let kept_in = |fork: &Fork| match &fork.route {
            Route::Phone { person, .. } => self.is_isolated(now, person),
            Route::Trunk { .. } => false,
        };
        let (gone, kept) = std::mem::take(&mut call.forks).into_iter().partition(kept_in);
        call.forks = kept;
        self.cancel_forks(now, call, gone);
        self.settle_if_nobody_rings(now, call);
    }
}
