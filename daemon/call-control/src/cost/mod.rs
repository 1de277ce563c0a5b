//! What calls may cost: every way out is asked for here, and a call whose money is used ends.
//!
//! The ledger ([`centrale_guard::Ledger`]) says what is held back and until when a call may go on; this room joins it to legs.
//! A leg to a provider carries its charge with it, wherever a transfer takes it, and closes it when it is hung up. A call for
//! help has no order and no charge, so nothing here can refuse or end it (invariant 1).

mod admission;
mod fuse;
mod left;
mod price;
#[cfg(test)]
mod spelling_tests;

use std::time::{Duration, Instant};

use centrale_guard::{
    Baits, ChargeKey, Civil, Flashes, Hot, Kept, Ledger, Machines, Order, Quote, Raise, Refused, Reject, Transit,
    is_opened, may_call, may_forward, while_closed,
};
use centrale_numbering::{Date, Dialled, Money};
use hashbrown::HashMap;

use crate::call::{CallKey, ForkId, Plan, Route};
use crate::exchange::Exchange;
use crate::io::{Output, Told};
use crate::view::CostsView;

/// How long a call lasts at most of which both ends are outside (threats B-21).
pub(crate) const LONGEST_BRIDGE: Duration = Duration::from_secs(30 * 60);

pub use price::Decks;

/// The office's money, and its civil time.
#[derive(Debug)]
pub(crate) struct Costs {
    pub(crate) ledger: Ledger,
    /// What the clock on the wall said, and when.
    clock: (Instant, Civil),
    /// The day on which prices count: never one before what was seen.
    pub(crate) today: Date,
    /// What each provider asks, by the names of trunks.
    decks: Decks,
    next: u64,
    /// Who makes very short calls.
    pub(crate) flashes: Flashes,
    /// Whose calls look like a machine's.
    pub(crate) machines: Machines,
    /// Who sends callers from outside out again.
    pub(crate) transit: Transit,
    /// Who rang once to be called back.
    pub(crate) baits: Baits,
    /// Whose calls look like a thief's.
    pub(crate) hot: Hot,
    /// Who calls numbers that are nobody's.
    pub(crate) unallocated: Refused,
    /// Whether what is spent can be written down.
    written: bool,
    /// What is held back for INVITEs that were taken back and have no final answer yet.
    left: HashMap<(CallKey, ForkId), ChargeKey>,
    /// What the page was told last.
    told: CostsView,
}

/// What a call costs, for its record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bill {
    /// What there is to pay for, at the worst price: each provider has its own. The leg takes it over when it is answered.
    pub(crate) order: Option<Order>,
    /// What is held back for it while it rings; the leg takes it over when it is answered.
    pub(crate) charge: Option<ChargeKey>,
    /// What its legs cost that are gone; nothing while there is nothing to pay.
    pub(crate) price: Option<Money>,
    /// Why the exchange refused or ended it.
    pub(crate) reject: Option<Reject>,
}

impl Bill {
    /// Something that the call cost is known.
    pub(crate) fn add(&mut self, cost: Money) {
        self.price = Some(self.price.unwrap_or_default() + cost);
    }
}

impl Costs {
    /// Until the wall clock is known it is held for night.
    pub(crate) fn new(now: Instant) -> Self {
        let (clock, told) = ((now, Civil::default()), CostsView::default());
        let (today, decks) = (Date::from_days(0), Decks::new());
        let (ledger, flashes, machines) = (Ledger::new(now), Flashes::default(), Machines::default());
        let (transit, baits, hot) = (Transit::default(), Baits::default(), Hot::default());
        let (unallocated, next, written, left) = (Refused::default(), 0, true, HashMap::new());
        Self {
            ledger,
            clock,
            today,
            decks,
            next,
            flashes,
            machines,
            transit,
            baits,
            hot,
            unallocated,
            written,
            left,
            told,
        }
    }

    pub(crate) fn civil(&self, now: Instant) -> Civil {
        let (at, civil) = self.clock;
        civil.after(now.saturating_duration_since(at))
    }
}

impl Exchange {
    /// What the wall clock says now.
    pub(crate) fn handle_clock(&mut self, now: Instant, civil: Civil) {
        self.costs.clock = (now, civil);
        let today = Date::from_days(self.costs.ledger.today(now, civil));
        if std::mem::replace(&mut self.costs.today, today) != today {
            self.lift_expected();
        }
        self.check_decks();
        self.check_usage(now);
        self.check_stays(now);
        self.forget_not_heard(now);
        self.check_alarm_tests(now);
        self.live.costs_changed();
    }

    /// What was spent before a restart. It comes before the first call; with calls it would forget what is held back for them.
    pub(crate) fn handle_kept(&mut self, now: Instant, kept: &[Kept]) {
        if self.calls.is_empty() {
            self.costs.ledger = Ledger::restore(now, kept);
            self.settle_hours();
            self.costs.ledger.set_written(self.costs.written);
            self.live.costs_changed();
        }
        self.restore_proofs(kept);
        self.stays.restore(kept);
        self.homes.restore(kept);
        self.forget_stays();
        self.restore_alarm_tests(kept);
    }

    /// The hours of the office are those of its revision.
    pub(crate) fn settle_hours(&mut self) {
        self.costs.ledger.set_hours(self.directory.hours().clone());
    }

    /// Whether nobody is in the office now, by its hours. A clock that was never set says nothing.
    pub(crate) fn is_closed(&self, now: Instant) -> bool {
        let Civil { day, minute } = self.costs.civil(now);
        Civil::is_known(day) && !self.directory.hours().is_open(Date::from_days(day), minute)
    }

    /// Whether there are people in the office: not while nobody knows what time it is.
    fn is_surely_open(&self, now: Instant) -> bool {
        Civil::is_known(self.costs.civil(now).day) && !self.is_closed(now)
    }

    /// Whether what is spent can be written down. While it cannot, no call is made, or made longer, that a cap holds.
    pub(crate) fn handle_written(&mut self, can: bool) {
        self.costs.written = can;
        self.costs.ledger.set_written(can);
        self.tell_of_disk(can);
    }

    /// A cap is raised for a time. What is too much changes nothing.
    pub(crate) fn raise_cap(&mut self, now: Instant, raise: Raise) {
        let civil = self.costs.civil(now);
        if self.costs.ledger.raise(now, civil, raise).is_ok() {
            self.live.costs_changed();
        }
    }

    /// Whether a person may call that number, and what there is to pay for. The same for a call, a transfer and whatever else
    /// leads out.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn order_of(&mut self, now: Instant, person: &str, meant: &Dialled) -> Result<Order, Reject> {
        let civil = self.costs.civil(now);
        let today = self.costs.ledger.today(now, civil);
        let plan = self.directory.plan();
        let number = meant.number().unwrap_or_default();
        if self.directory.is_alarm_call(person, number) {
            return Ok(Order::new(plan, meant, person, Quote::worst(plan, meant)).of_alarm());
        }
        if self.directory.alarm_numbers(person).is_some() && !plan.never_blocks(meant) {
            return Err(Reject::ALARM_LINE);
        }
        if self.directory.is_support(meant) {
            return Ok(Order::new(plan, meant, person, Quote::worst(plan, meant)).to_support());
        }
        let permit = self.directory.permit_of(person).ok_or(Reject::OUT_OF_REACH)?;
        let permit = if self.is_surely_open(now) { permit } else { while_closed(permit) };
        may_call(plan, &permit, meant, today)?;
        let is_meant = is_opened(&permit, number, today);
        let order = self.order_within_limits(now, person, meant)?;
        // Whoever opened a destination for somebody meant it to be called.
        if !is_meant && self.costs.ledger.is_new_country(now, civil, &order) {
            self.costs.baits.call(now, meant.number().unwrap_or_default())?;
        }
        Ok(order)
    }

    /// The same for what that person may call, and was meant to: whether nothing else holds it.
    ///
    /// # Errors
    /// What does.
    pub(crate) fn order_within_limits(&mut self, now: Instant, person: &str, meant: &Dialled) -> Result<Order, Reject> {
        let plan = self.directory.plan();
        let number = meant.number().unwrap_or_default();
        let order = Order::new(plan, meant, person, Quote::worst(plan, meant));
        self.stops.allow(&order)?;
        if !order.always_passes {
            self.costs.flashes.allow(now, person, order.class)?;
            self.costs.machines.allow(now, person, number)?;
        }
        Ok(order)
    }

    /// Whether a phone may send its person's calls on to that number by itself.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn may_forward(&mut self, now: Instant, person: &str, meant: &Dialled) -> Result<(), Reject> {
        let civil = self.costs.civil(now);
        let today = self.costs.ledger.today(now, civil);
        let permit = self.directory.permit_of(person).ok_or(Reject::OUT_OF_REACH)?;
        may_forward(&permit, meant, today)
    }

    /// Holds back what the first minute of a planned call can cost, over the first of its providers that leaves money for
    /// it; those before it are not asked.
    ///
    /// # Errors
    /// The cap that allows it over none of them.
    pub(crate) fn reserve(&mut self, now: Instant, plan: &mut Plan) -> Result<Bill, Reject> {
        let Some(order) = plan.order.take() else { return Ok(Bill::default()) };
        let mut bill = Bill { order: Some(order), price: Some(Money::ZERO), ..Bill::default() };
        let mut refused = None;
        while let Some(Route::Trunk { trunk, .. }) = plan.routes.front() {
            match self.reserve_at(now, &mut bill, trunk) {
                Ok(()) => return Ok(bill),
                Err(reject) => refused = refused.or(Some(reject)),
            }
            plan.routes.pop_front();
        }
        refused.map_or(Ok(bill), Err)
    }

    /// The same for a call that is about to ring at a provider. What is held back for it at another one's price is given
    /// back: only one of them rings.
    ///
    /// # Errors
    /// The cap that does not allow it. Nothing is held back then.
    pub(crate) fn reserve_at(&mut self, now: Instant, bill: &mut Bill, trunk: &str) -> Result<(), Reject> {
        let Some(order) = &bill.order else { return Ok(()) };
        self.knows_price(trunk, order)?;
        let order = order.at(self.quote_at(trunk, &order.meant));
        if let Some(charge) = bill.charge {
            if self.costs.ledger.order(charge).is_some_and(|held| held.quote == order.quote) {
                return Ok(());
            }
            bill.charge = None;
            self.costs.ledger.close(now, self.costs.civil(now), charge);
        }
        if !order.is_free() {
            bill.charge = Some(self.hold_back(now, order)?);
        }
        Ok(())
    }

    /// A SIM card's bundle and its exceptions are in no plan: over a gateway a price must have been said. What is urgent
    /// passes.
    fn knows_price(&self, trunk: &str, order: &Order) -> Result<(), Reject> {
        let is_gateway = self.directory.trunk(trunk).is_some_and(|trunk| trunk.dialect.gateway);
        let number = order.meant.number().unwrap_or_default();
        let is_known = order.is_urgent() || order.is_free() || self.price_over(trunk, number).is_some();
        if is_gateway && !is_known { Err(Reject::PRICE_UNKNOWN) } else { Ok(()) }
    }

    fn hold_back(&mut self, now: Instant, order: Order) -> Result<ChargeKey, Reject> {
        let civil = self.costs.civil(now);
        self.costs.next += 1;
        let key = ChargeKey(self.costs.next);
        self.costs.ledger.reserve(now, civil, key, order)?;
        self.live.costs_changed();
        Ok(key)
    }

    /// Puts what is spent and held back into the outputs: to be kept, and to be seen.
    pub(crate) fn tell_costs(&mut self, now: Instant) {
        let kept = self.costs.ledger.take_changed();
        if !kept.is_empty() {
            self.outputs.push_back(Output::Spent(kept));
        }
        if self.live.take_costs_changed() {
            let view = self.costs_view(now);
            if self.costs.told != view {
                self.costs.told = view.clone();
                self.outputs.push_back(Output::Told(Told::Costs(view)));
            }
        }
    }

    /// The caps as they are now.
    pub(crate) fn costs_view(&mut self, now: Instant) -> CostsView {
        let civil = self.costs.civil(now);
        CostsView::of(&self.costs.ledger.meters(now, civil))
    }
}
