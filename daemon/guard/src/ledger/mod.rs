//! What is spent and what is held back, and for how long a call may go on with that.
//!
//! Before a call rings, what its first minute can cost at worst is held back under every cap; while it lasts, the next minute
//! is held back half a minute before it begins. What cannot be held back is not talked: then the call is warned and ended. So
//! no cap is ever exceeded, whatever way a call took (threats B0, rule 6). All whole numbers; the time is handed in, and a
//! clock that is set back, or forward, gives nobody a second allowance.

mod books;
mod charge;
mod kept;
mod pattern;
mod usage;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_config::{Opening, Role};
use centrale_numbering::Money;

use crate::caps::{Cap, Raise, RaiseRefused};
use crate::civil::Civil;
use crate::order::Order;
use crate::reject::Reject;
use books::{Books, Counter};
use charge::Charge;
use pattern::Rows;
use usage::{Living, Usage};

pub use kept::Kept;
pub use usage::Sign;

/// For how long money is held back at a time.
const SLICE: Duration = Duration::from_secs(60);
/// How long before its end a call is warned.
const WARNING: Duration = Duration::from_secs(30);
/// A call ends so much before its time is over: the provider's clock is not ours, and a minute that begins is paid.
const EARLY: Duration = Duration::from_secs(1);

/// What may be spent in a day by somebody of whom a new device was taken in, for so long.
const NEW_DEVICE: (Money, Duration) = (Money::from_cents(200), Duration::from_secs(24 * 3_600));

/// Names a leg that is paid for; the caller's to choose, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChargeKey(pub u64);

/// What is to be done about a call now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It goes on; ask again then.
    GoesOn(Instant),
    /// Its people are to be warned: it ends then.
    Warn(Instant),
    /// It goes on for ever: everything that it can cost is held back.
    Settled,
    /// It ends now, for this reason.
    Over(Reject),
}

/// How much of a cap is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Which.
    pub cap: Cap,
    /// Spent and held back in its present hour, day, night, weekend or month; of a person or country, of the one with most.
    pub used: Money,
    /// The amount that counts now.
    pub limit: Money,
    /// Until when it is raised.
    pub raised_until: Option<Civil>,
}

/// The money of the office.
#[derive(Debug)]
pub struct Ledger {
    books: Books,
    raises: BTreeMap<Cap, Raise>,
    charges: BTreeMap<ChargeKey, Charge>,
    usage: Usage,
    rows: Rows,
    /// Until when people have a device that is new.
    newcomers: BTreeMap<String, Civil>,
    /// What is spent cannot be written down: a restart would give it back.
    unwritten: bool,
}

impl Ledger {
    /// A ledger in which nothing is spent. `now` is when its hours begin.
    pub fn new(now: Instant) -> Self {
        let (raises, charges, newcomers) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (usage, rows) = (Usage::default(), Rows::default());
        Self { books: Books::new(now), raises, charges, usage, rows, newcomers, unwritten: false }
    }

    /// Holds back what the first minute of a call can cost, before it rings.
    ///
    /// # Errors
    /// The cap that does not allow it. Nothing is held back then.
    pub fn reserve(&mut self, now: Instant, civil: Civil, key: ChargeKey, order: Order) -> Result<(), Reject> {
        let civil = self.books.at(now, civil);
        let of_person = |charge: &&Charge| charge.order.is_enquiry && charge.order.person == order.person;
        let open = self.charges.values().filter(of_person).count() as u64;
        if !self.usage.allows(civil.day, &order, open) {
            return Err(Reject::ENQUIRIES_SPENT);
        }
        let mut charge = Charge::new(order);
        self.check_pattern(now, civil, &charge.order)?;
        let (room, tightest) = self.room(now, civil, &charge);
        let (paid, needed) = charge.next_slice();
        if needed > room {
            return Err(tightest);
        }
        self.books.hold(now, civil, &mut charge, paid, needed);
        self.charges.insert(key, charge);
        Ok(())
    }

    /// Whether an order leads to a country that the office does not call regularly.
    pub fn is_new_country(&mut self, now: Instant, civil: Civil, order: &Order) -> bool {
        let civil = self.books.at(now, civil);
        self.books.new_country(order, civil.day).is_some()
    }

    /// What thieves do, where the office does not call.
    fn check_pattern(&mut self, now: Instant, civil: Civil, order: &Order) -> Result<(), Reject> {
        let is_new = |order: &Order| self.books.new_country(order, civil.day).is_some();
        if !is_new(order) {
            return Ok(());
        }
        pattern::beside(order, self.charges.values().map(|charge| &charge.order).filter(|other| is_new(other)))?;
        self.rows.call(now, order)
    }

    /// There are people in the office at those hours: while there are none, caps of their own count. What is spent in a time
    /// that began by other hours stays so.
    pub fn set_hours(&mut self, opening: Arc<Opening>) {
        self.books.set_hours(opening);
    }

    /// Somebody took in another device for a person: for a day it may spend little.
    pub fn welcome_device(&mut self, now: Instant, civil: Civil, person: &str) {
        let until = self.books.at(now, civil).after(NEW_DEVICE.1);
        self.newcomers.insert(person.to_owned(), until);
        self.books.note(Kept::of_newcomer(person, until));
    }

    /// Somebody answered: the time of the call begins.
    pub fn answer(&mut self, now: Instant, civil: Civil, key: ChargeKey) -> Turn {
        if let Some(charge) = self.charges.get_mut(&key) {
            charge.answered.get_or_insert(now);
        }
        self.turn(now, civil, key)
    }

    /// From now on the call lasts so long at most: its inside end has left it. It is never made longer by that. Ask for its
    /// turn then.
    pub fn shorten(&mut self, now: Instant, key: ChargeKey, longest: Duration) {
        if let Some(charge) = self.charges.get_mut(&key) {
            charge.shorten(now, longest);
        }
    }

    /// What is to be done about a call at the time for which the last turn asked, or at any other.
    pub fn turn(&mut self, now: Instant, civil: Civil, key: ChargeKey) -> Turn {
        let civil = self.books.at(now, civil);
        let Some(mut charge) = self.charges.remove(&key) else { return Turn::Settled };
        let Some(answered) = charge.answered else {
            self.charges.insert(key, charge);
            return Turn::Settled;
        };
        let talked = now.saturating_duration_since(answered);
        let (paid, needed) = charge.next_slice();
        if charge.stopped_by.is_some() && paid > charge.paid && needed <= self.room(now, civil, &charge).0 {
            charge.go_on();
        }
        while charge.wants_more(talked) {
            self.extend(now, civil, &mut charge);
        }
        let turn = charge.turn(answered, talked);
        self.charges.insert(key, charge);
        turn
    }

    /// The leg is gone: what was not talked is given back. Gives what it cost.
    pub fn close(&mut self, now: Instant, civil: Civil, key: ChargeKey) -> Money {
        let civil = self.books.at(now, civil);
        let Some(charge) = self.charges.remove(&key) else { return Money::ZERO };
        let cost = charge.cost(now);
        self.books.settle(now, civil, &charge, cost);
        if let (Some(country), Some(_)) = (&charge.order.country, charge.answered) {
            self.books.called(country, civil.day);
        }
        if let Some(call) = charge.living(now) {
            self.usage.note(civil.day, &call);
        }
        cost
    }

    /// What there is to tell now of what people use. `role_of` says what a person's telephone is for, by the person's number.
    pub fn signs(&mut self, now: Instant, civil: Civil, role_of: impl Fn(&str) -> Role) -> Vec<Sign> {
        let today = self.books.at(now, civil).day;
        let living: Vec<Living<'_>> = self.charges.values().filter_map(|charge| charge.living(now)).collect();
        self.usage.signs(today, &living, role_of)
    }

    /// The office's day, counted from 1970, when its clock says that: never one before what was seen, as for money.
    pub fn today(&mut self, now: Instant, civil: Civil) -> u32 {
        self.books.at(now, civil).day
    }

    /// What was ordered for a leg.
    pub fn order(&self, key: ChargeKey) -> Option<&Order> {
        self.charges.get(&key).map(|charge| &charge.order)
    }

    /// How many rows of numbers are remembered: bounded, whatever is called.
    pub fn remembered(&self) -> usize {
        self.rows.len()
    }

    /// For how many legs something is held back.
    pub fn charges(&self) -> usize {
        self.charges.len()
    }

    /// Whether the people of a leg were warned that it ends, and nothing has come up since.
    pub fn ends_soon(&self, key: ChargeKey) -> bool {
        self.charges.get(&key).is_some_and(Charge::is_warned)
    }

    /// What a leg has cost so far.
    pub fn cost(&self, now: Instant, key: ChargeKey) -> Money {
        self.charges.get(&key).map_or(Money::ZERO, |charge| charge.cost(now))
    }

    /// Raises a cap until some minute, or takes that back.
    ///
    /// # Errors
    /// When that is too much, too long, or more than its proof carries.
    pub fn raise(&mut self, now: Instant, civil: Civil, raise: Raise) -> Result<(), RaiseRefused> {
        let civil = self.books.at(now, civil);
        raise.check(civil)?;
        let raise = raise.as_proven(self.raised(raise.cap, civil))?;
        // What is taken back is kept as over: by its amount alone another program might take it for a raise.
        let until = if raise.ends_another() { civil } else { raise.until };
        self.books.note_raise(&Raise { until, ..raise });
        self.put_raise(raise);
        Ok(())
    }

    fn put_raise(&mut self, raise: Raise) {
        if raise.ends_another() {
            self.raises.remove(&raise.cap);
        } else {
            self.raises.insert(raise.cap, raise);
        }
    }

    /// Each cap and what is used of it.
    pub fn meters(&mut self, now: Instant, civil: Civil) -> Vec<Meter> {
        let civil = self.books.at(now, civil);
        let meter = |cap| {
            let raised_until = self.raised(cap, civil).map(|raise| raise.until);
            Meter { cap, used: self.books.used(now, civil, cap), limit: self.limit(cap, civil), raised_until }
        };
        Cap::ALL.into_iter().map(meter).collect()
    }

    /// What ordinary calls have cost this month.
    pub fn ordinary(&mut self, now: Instant, civil: Civil) -> Money {
        let civil = self.books.at(now, civil);
        self.books.amount(now, civil, &Counter::Ordinary)
    }

    /// Whether what is spent can be written down. While it cannot, nothing more is held back for what costs extra, since a
    /// restart would give it all back.
    pub const fn set_written(&mut self, can: bool) {
        self.unwritten = !can;
    }

    /// What changed and must survive a power cut, each once.
    pub fn take_changed(&mut self) -> Vec<Kept> {
        let mut kept = self.books.take_changed();
        kept.append(&mut self.usage.take_news());
        kept
    }

    fn raised(&self, cap: Cap, civil: Civil) -> Option<&Raise> {
        self.raises.get(&cap).filter(|raise| civil < raise.until)
    }

    fn limit(&self, cap: Cap, civil: Civil) -> Money {
        self.raised(cap, civil).map_or(cap.amount(), |raise| raise.to)
    }

    /// What a counter is held to now, and what is said when that is not enough.
    fn limit_of(&self, counter: &Counter, civil: Civil) -> (Money, Reject) {
        let Some(cap) = counter.cap() else {
            let is_counted_alone = *counter == Counter::Ordinary;
            let most = if is_counted_alone { Money::MOST } else { books::PER_CALL_A_DAY };
            return (most, Reject::PER_CALL_SPENT);
        };
        let is_new = matches!(counter, Counter::Person(person) if self.newcomers.get(person).is_some_and(|until| civil < *until));
        if is_new && self.raised(cap, civil).is_none() {
            return (NEW_DEVICE.0, Reject::NEW_DEVICE_SPENT);
        }
        (self.limit(cap, civil), cap.spent())
    }

    /// Holds back one slice more, or as much of it as there is room for.
    fn extend(&mut self, now: Instant, civil: Civil, charge: &mut Charge) {
        let (room, tightest) = self.room(now, civil, charge);
        let (paid, needed) = charge.next_slice();
        if needed <= room {
            return self.books.hold(now, civil, charge, paid, needed);
        }
        let (paid, needed) = charge.within(room);
        self.books.hold(now, civil, charge, paid, needed);
        charge.stopped_by = Some(tightest);
    }

    /// What can still be held back for a call, and what is said when that is not enough.
    fn room(&mut self, now: Instant, civil: Civil, charge: &Charge) -> (Money, Reject) {
        let mut tightest = if charge.order.is_ordinary() {
            (Money::MOST, Reject::LONGEST)
        } else if self.unwritten {
            return (Money::ZERO, Reject::UNWRITTEN);
        } else {
            (self.limit(Cap::Call, civil).less(charge.held), Cap::Call.spent())
        };
        for counter in self.books.counters(&charge.order, civil) {
            let (limit, reject) = self.limit_of(&counter, civil);
            let room = limit.less(self.books.amount(now, civil, &counter));
            if room < tightest.0 {
                tightest = (room, reject);
            }
        }
        tightest
    }
}
