//! A transfer is carried out: a call of its own rings for it, and whoever is transferred stays where it is until that call is
//! answered or the transferor has gone.
//!
//! A leg belongs to the call that the book of dialogs names. A call that rings for a transfer has a copy of the transferee's,
//! for what it can do; when the leg comes over, the book says so, and the call that it came from leaves it alone.

use std::collections::VecDeque;
use std::time::Instant;

use centrale_sip::message::Status;

use super::begin::{Foundation, HOPS, Plan};
use super::refer::Refusal;
use super::refuse::status_of;
use super::sound::at;
use super::{Call, CallKey, Leg, Party, Side, Transfer, Transferee, other};
use crate::exchange::{Due, Exchange, Reply};
use crate::record::Outcome;
use crate::view::Direction;

/// Who is handed on, out of a call.
pub(super) struct Handed {
    /// The leg.
    pub(super) leg: Leg,
    /// Who is at it.
    pub(super) party: Party,
    /// Who hands it on.
    pub(super) by: Party,
    /// The provider that it leads to, if it does.
    pub(super) trunk: Option<String>,
}

impl Exchange {
    /// The other end of that side's call, which is to be handed on.
    pub(super) fn handed(&self, (key, side): (CallKey, Side)) -> Result<Handed, Refusal> {
        let gone = (Status::CALL_DOES_NOT_EXIST, "");
        let call = self.calls.get(&key).ok_or(gone)?;
        let leg = call.leg(other(side)).ok_or(gone)?.clone();
        let trunk = if is_outside(&leg) { call.trunks().next().map(str::to_owned) } else { None };
        let (party, by) = (self.party_at(call, other(side)), self.party_at(call, side));
        Ok(Handed { leg, party, by, trunk })
    }

    /// Whether a side's leg is this call's: not one that was transferred away, or is not here yet.
    pub(crate) fn owns(&self, call: &Call, side: Side) -> bool {
        let owner = call.leg(side).and_then(|leg| self.dialogs.get(&leg.dialog.id));
        owner == Some(&(call.key, side))
    }

    /// The other end of that side's call has a call of the own with the box alone, to whom or what it stands for there;
    /// `settle` says what it does there. `refer` names the REFER whose sender is told.
    pub(super) fn bring_to_box(
        &mut self,
        now: Instant,
        (key, side): (CallKey, Side),
        to: Party,
        refer: Option<u32>,
        accept: impl FnOnce(&mut Self),
        settle: impl FnOnce(&mut Self, &mut Call),
    ) -> Result<CallKey, Refusal> {
        let Handed { leg: mut caller, party: from, by, trunk } = self.handed((key, side))?;
        let direction = if is_outside(&caller) { Direction::Incoming } else { Direction::Internal };
        let Some(ports) = self.allocate_ports(now, false) else {
            self.counters.ports_exhausted += 1;
            return Err((Status::SERVICE_UNAVAILABLE, ""));
        };
        accept(self);
        caller.description.part_to(ports[0]);
        let plan = Plan { trunk, ..Plan::new(direction, from, to) };
        let brought = self.new_call(now, None, plan, Foundation { caller, ports, hops: HOPS }, &VecDeque::new());
        let mut brought = Call { transferred_by: Some(by.number), ..brought };
        settle(self, &mut brought);
        let place = brought.key;
        self.book(place, Side::Caller, &brought.caller);
        self.with_call(now, key, |exchange, call| {
            exchange.tell_it_is_done(now, call, (side, place), refer);
            exchange.end(now, call, None, Outcome::Answered, 0);
        });
        self.open(now, brought, VecDeque::new(), false);
        self.with_call(now, place, |exchange, call| {
            exchange.start_timer(now, call, Side::Caller);
            exchange.join(now, call, Side::Caller, false);
        });
        Ok(place)
    }

    /// Calls whom a REFER names, for the other end of that call. The transferor's plan becomes the transferee's.
    pub(super) fn transfer_to(
        &mut self,
        now: Instant,
        (key, side): (CallKey, Side),
        mut plan: Plan,
        refer: Option<u32>,
        accept: impl FnOnce(&mut Self),
    ) -> Result<(), Refusal> {
        let Handed { leg: mut caller, party, trunk: other_trunk, .. } = self.handed((key, side))?;
        let transferor = std::mem::replace(&mut plan.from, party);
        let Some(ports) = self.allocate_ports(now, false) else {
            self.counters.ports_exhausted += 1;
            self.record_unstarted(now, &plan, (Outcome::Unreachable, Status::SERVICE_UNAVAILABLE));
            return Err((Status::SERVICE_UNAVAILABLE, ""));
        };
        let bill = match self.reserve(now, &mut plan) {
            Ok(bill) => bill,
            Err(reject) => {
                self.release_ports(now, ports);
                self.counters.calls_blocked += 1;
                self.record_blocked(now, &plan, reject, None);
                return Err((status_of(reject), reject.words));
            }
        };
        accept(self);
        plan.direction = if is_outside(&caller) { Direction::Incoming } else { plan.direction };
        caller.description.part_to(ports[0]);
        let at_once = plan.rings_first();
        let rings = self.new_call(now, None, plan, Foundation { caller, ports, hops: HOPS }, &at_once);
        let transferee = Some(Transferee { call: key, side: other(side) });
        let transferred_by = Some(transferor.number);
        let rings = Call { transferee, transferred_by, other_trunk, bill, ..rings };
        let transfer = Transfer { by: side, to: rings.key, refer, told: None, rings: false };
        self.with_call(now, key, |exchange, call| {
            call.transfer = Some(transfer);
            exchange.tell_transferor(now, call, Status::TRYING);
        });
        self.open(now, rings, at_once, false);
        Ok(())
    }

    /// A call that rings for a transfer is at this point.
    pub(super) fn tell_of_transfer(&mut self, now: Instant, call: &Call, status: Status) {
        if let Some(Transferee { call: from, .. }) = call.transferee {
            self.with_call(now, from, |exchange, from| exchange.tell_transferor(now, from, status));
        }
    }

    /// The transfer target answered: the transferee is connected with it.
    pub(super) fn connect_transferee(&mut self, now: Instant, call: &mut Call, reply: &Reply<'_>) {
        if self.take_own_answer(now, call, reply) {
            self.bring_transferee(now, call);
        }
    }

    /// Somebody has answered: the transferee's leg comes over from the call it is still in, which is over with it.
    pub(super) fn bring_transferee(&mut self, now: Instant, call: &mut Call) {
        call.parked = None;
        if let Some(Transferee { call: from, side }) = call.transferee.take() {
            let mut came = None;
            self.with_call(now, from, |exchange, from| {
                exchange.tell_transferor(now, from, Status::OK);
                from.transfer = None;
                came = from.leg(side).cloned();
                came.iter().for_each(|leg| exchange.book(call.key, Side::Caller, leg));
                exchange.end(now, from, None, Outcome::Answered, 0);
            });
            let Some(leg) = came else { return self.end(now, call, None, Outcome::Lost, 481) };
            self.place(call, Side::Caller, leg);
        }
        self.shorten_bridge(now, call);
        self.start_timer(now, call, Side::Caller);
        self.start_timer(now, call, Side::Callee);
        self.change_own_media(call, Side::Callee);
        self.join(now, call, Side::Caller, false);
    }

    /// A call ends that a transfer is about. A transferor who hangs up leaves its transferee to the call that rings; when
    /// anything else ends it, nobody is left to be connected. A call that rang in vain leaves both where they are.
    pub(super) fn end_transfer(&mut self, now: Instant, call: &mut Call, gone: Option<Side>, status: u16) {
        if let Some(transfer) = call.transfer.take() {
            let side = other(transfer.by);
            let leaves = call.leg(side).filter(|_| gone == Some(transfer.by)).cloned();
            self.with_call(now, transfer.to, |exchange, rings| {
                rings.transferee = None;
                let Some(leg) = leaves else { return exchange.end(now, rings, None, Outcome::Abandoned, 487) };
                exchange.book(rings.key, Side::Caller, &leg);
                exchange.place(rings, Side::Caller, leg);
                exchange.start_timer(now, rings, Side::Caller);
                // Nobody listens any more where it sends to, and the port will be somebody else's. It hears how far that is.
                exchange.join(now, rings, Side::Caller, false);
            });
        }
        if let Some(Transferee { call: from, .. }) = call.transferee.take() {
            let status =
                Status::new(status).filter(|status| status.code() >= 300).unwrap_or(Status::REQUEST_TERMINATED);
            self.with_call(now, from, |exchange, from| {
                exchange.tell_transferor(now, from, status);
                from.transfer = None;
            });
        }
    }

    /// From now on a leg is that call's, on that side.
    pub(super) fn book(&mut self, call: CallKey, side: Side, leg: &Leg) {
        self.dialogs.insert(leg.dialog.id.clone(), (call, side));
    }

    /// A leg that was booked for a side takes its place there, at the side's port.
    pub(super) fn place(&mut self, call: &mut Call, side: Side, mut leg: Leg) {
        leg.description.part_to(call.ports[at(side)]);
        call.heard[at(side)].start_anew();
        let bound = call.bind(side);
        match side {
            Side::Caller => call.caller = leg,
            Side::Callee => call.callee = Some(leg),
        }
        self.rebind(call, side, bound);
    }

    /// Takes what the transferor's leg had in a call out of the books, and hangs it up.
    pub(super) fn part_from(&mut self, now: Instant, call: &mut Call, side: Side) {
        self.bye(now, call, side);
        self.note_leg(now, call, side);
        if let Some(leg) = call.leg_mut(side) {
            let charge = leg.charge.take();
            self.dialogs.remove(&leg.dialog.id);
            self.close_charge(now, charge, call);
        }
        // An ACK that it still owes is no business of who comes in its place.
        self.servers.retain(|_, asker| *asker != (call.key, side));
        self.agenda.cancel(&Due::Refresh(call.key, side));
        self.agenda.cancel(&Due::Expiry(call.key, side));
    }
}

/// Whether a leg leads to a provider.
pub(super) const fn is_outside(leg: &Leg) -> bool {
    leg.username.is_none()
}
