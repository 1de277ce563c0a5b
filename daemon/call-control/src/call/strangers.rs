//! Who is outside is connected with somebody else outside: what counts as such, by whichever way.
//!
//! One rule for forwards, transfers and rooms: of those outside who come to hear each other by the office, each whom the office
//! called counts as one to whom the others were sent, by the person who called. Who is alone with colleagues is not sent on.

use std::time::Instant;

use centrale_guard::{Order, Reject, Transit};

use super::begin::Plan;
use super::transfer::is_outside;
use super::{Call, Leg, Side, other};
use crate::exchange::Exchange;

/// Somebody outside whom the office called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Called {
    person: String,
    number: String,
}

impl Called {
    /// Helplines are for everybody.
    fn of(order: &Order) -> Option<Self> {
        let number = order.meant.number().filter(|_| !order.always_passes)?.to_owned();
        Some(Self { person: order.person.clone(), number })
    }
}

/// Whom the office called, of those legs that are outside and hear each other. Nobody while there is one alone.
pub(super) fn called_among<'a>(legs: impl Iterator<Item = &'a Leg>) -> Vec<Called> {
    let outside: Vec<&Leg> = legs.filter(|leg| is_outside(leg)).collect();
    let called = outside.iter().filter_map(|leg| Called::of(leg.order.as_ref()?));
    if outside.len() > 1 { called.collect() } else { Vec::new() }
}

/// The same of a leg, and of who is called for it.
pub(super) fn called_for(leg: &Leg, plan: &Plan) -> Vec<Called> {
    let orders = leg.order.iter().chain(&plan.order).filter_map(Called::of);
    if is_outside(leg) && plan.order.is_some() { orders.collect() } else { Vec::new() }
}

impl Exchange {
    /// Whom the office called, of those outside who hear each other once the other ends of two calls are connected. In a room
    /// these are all who are there.
    pub(super) fn called_by_joining(&self, ends: [(&Call, Side); 2]) -> Vec<Called> {
        let mut legs = ends.into_iter().filter_map(|(call, side)| call.leg(other(side)));
        match ends.into_iter().find_map(|(call, _)| Some((call.meets_in()?, call.key))) {
            Some((room, place)) => legs.next().map_or_else(Vec::new, |comes| self.called_in(room, comes, Some(place))),
            None => called_among(legs),
        }
    }

    /// Who is outside is connected with those whom the office called.
    ///
    /// # Errors
    /// Somebody called too many different ones for that.
    pub(super) fn send_on(&mut self, now: Instant, called: &[Called]) -> Result<(), Reject> {
        self.costs.transit = self.after_sending(now, called)?;
        self.check_transit(now);
        Ok(())
    }

    /// Whether that may be. Contacts of the office are no strangers.
    ///
    /// # Errors
    /// As [`Self::send_on`].
    pub(super) fn may_send_on(&self, now: Instant, called: &[Called]) -> Result<(), Reject> {
        self.after_sending(now, called).map(drop)
    }

    /// How it stands once all of them are connected: all, or none.
    fn after_sending(&self, now: Instant, called: &[Called]) -> Result<Transit, Reject> {
        let mut transit = self.costs.transit.clone();
        let mut strangers = called.iter().filter(|called| self.directory.contact(&called.number).is_none());
        strangers.try_for_each(|called| transit.send(now, &called.person, &called.number))?;
        Ok(transit)
    }
}
