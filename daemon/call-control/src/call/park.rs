//! Park places: a call is put down at a number and taken up again there by whoever dials it.
//!
//! A parked call is one without a second end: its caller's leg was handed on to it, and hears that somebody will come. It is parked by a REFER to
//! the place, or by dialling the place while one call is on hold, which any phone and any key can do. Whom nobody takes up
//! rings back at who parked it, again and again, and is hung up in the end.

use std::time::{Duration, Instant};

use centrale_config::PARK_PLACES;
use centrale_sip::message::Status;

use super::pickup::Picker;
use super::refer::{Refusal, phone_of};
use super::{Call, CallKey, Knock, Party, Pickup, Side};
use crate::exchange::{Due, Exchange};
use crate::record::Outcome;

/// How long a call waits at a place before it rings back, and again after that was in vain.
const WAITS: Duration = Duration::from_secs(120);
/// How long it then rings.
const RINGS_BACK: Duration = Duration::from_secs(60);
/// How often it rings back before it is given up.
const MOST_RINGS: u8 = 5;

/// Where a call is parked.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) place: String,
    /// The number that it rings back at.
    by: String,
    /// How often it has.
    rang: u8,
}

/// Whether a number is a park place.
pub(crate) fn is_park_place(number: &str) -> bool {
    number.len() == 3 && number.parse().is_ok_and(|number: u16| PARK_PLACES.contains(&number))
}

impl Exchange {
    /// The call that is parked at a place.
    pub(super) fn parked_at(&self, place: &str) -> Option<CallKey> {
        let is_there = |call: &&Call| call.parked.as_ref().is_some_and(|parked| parked.place == place);
        self.calls.values().find(is_there).map(|call| call.key)
    }

    /// A park place is dialled: what is parked there is taken up, else the call that the phone holds is parked there.
    pub(super) fn visit_place(&mut self, now: Instant, knock: &Knock, picker: &Picker, place: String) {
        if self.parked_at(&place).is_some() {
            return self.pick_up(now, knock, picker, &Pickup::Parked(place));
        }
        let done = match self.held_by(&picker.username) {
            Some(held) => self.park(now, held, &place, None, |_| {}),
            None => Err((Status::TEMPORARILY_UNAVAILABLE, "Nothing Parked Here")),
        };
        match done {
            // The call is no call with anybody: its words are what the phone shows.
            Ok(()) => self.reject_with(now, knock, Status::TEMPORARILY_UNAVAILABLE, &format!("Parked At {place}")),
            Err((status, words)) => self.refuse_pickup(now, knock, status, words),
        }
    }

    /// The call that this phone holds, the youngest if there are several.
    fn held_by(&self, username: &str) -> Option<(CallKey, Side)> {
        let held = self.calls.values().filter(|call| call.may_part()).flat_map(|call| {
            let sides = [Side::Caller, Side::Callee].into_iter();
            let holds = move |side: &Side| {
                call.leg(*side).is_some_and(|leg| leg.username.as_deref() == Some(username) && leg.description.holds())
            };
            sides.filter(holds).map(|side| (call.key, side))
        });
        held.max_by_key(|(key, _)| *key)
    }

    /// Parks the other end of that side's call. `refer` names the REFER whose sender is told.
    pub(super) fn park(
        &mut self,
        now: Instant,
        (key, side): (CallKey, Side),
        place: &str,
        refer: Option<u32>,
        accept: impl FnOnce(&mut Self),
    ) -> Result<(), Refusal> {
        if self.parked_at(place).is_some() {
            return Err((Status::BUSY_HERE, "Place Is Taken"));
        }
        let to = Party::nameless(place);
        self.bring_to_box(now, (key, side), to, refer, accept, |_, parked| {
            let by = parked.transferred_by.clone().unwrap_or_default();
            parked.parked = Some(Parked { place: place.to_owned(), by, rang: 0 });
        })?;
        self.counters.parked += 1;
        Ok(())
    }

    /// A parked call whom nobody takes up waits, and rings back after a time.
    pub(super) fn wait_at_place(&mut self, now: Instant, call: &mut Call) {
        if call.parked.as_ref().is_some_and(|parked| parked.rang >= MOST_RINGS) {
            return self.end(now, call, None, Outcome::NoAnswer, Status::TEMPORARILY_UNAVAILABLE.code());
        }
        self.agenda.set(Due::RingsTooLong(call.key), now + WAITS);
    }

    /// A parked call has waited, or rung back, for long enough.
    pub(super) fn leave_place(&mut self, now: Instant, call: &mut Call) {
        let forks = std::mem::take(&mut call.forks);
        if !forks.is_empty() {
            self.cancel_forks(now, call, forks);
            return self.wait_at_place(now, call);
        }
        let Some(parked) = &mut call.parked else { return };
        parked.rang += 1;
        let routes = self.phones_of(now, &[parked.by.as_str()], phone_of(&call.caller).as_ref());
        let bound = call.callee_bind;
        call.callee_bind = self.bind_address(routes.iter());
        if call.callee_bind != bound {
            self.reopen_side(call, Side::Callee);
        }
        self.agenda.set(Due::RingsTooLong(call.key), now + RINGS_BACK);
        for route in routes {
            self.ring(now, call, route);
        }
        self.settle_if_nobody_rings(now, call);
    }
}
