//! One leg that is paid for, from before it rings until it is gone.

use std::time::{Duration, Instant};

use centrale_numbering::Money;

use super::books::Counter;
use super::usage::Living;
use super::{EARLY, SLICE, Turn, WARNING};
use crate::order::Order;
use crate::reject::Reject;

/// Paid for as long as it lasts.
const FOR_EVER: Duration = Duration::MAX;

/// Not nothing.
const MOMENT: Duration = Duration::from_nanos(1);

#[derive(Debug)]
pub(super) struct Charge {
    pub(super) order: Order,
    pub(super) answered: Option<Instant>,
    /// The talking time for which money is held back.
    pub(super) paid: Duration,
    /// That money.
    pub(super) held: Money,
    /// Where it is booked: under which counters on which of their pages, in the order of time.
    pub(super) bookings: Vec<Booking>,
    /// The cap for which no more could be held back.
    pub(super) stopped_by: Option<Reject>,
    warned: bool,
}

#[derive(Debug)]
pub(super) struct Booking {
    pub(super) under: Vec<(Counter, u64)>,
    pub(super) amount: Money,
}

impl Charge {
    pub(super) const fn new(order: Order) -> Self {
        let (answered, stopped_by) = (None, None);
        Self {
            order,
            answered,
            paid: Duration::ZERO,
            held: Money::ZERO,
            bookings: Vec::new(),
            stopped_by,
            warned: false,
        }
    }

    /// The talking time with one slice more, and what is to be held back for it beyond what is.
    pub(super) fn next_slice(&self) -> (Duration, Money) {
        let reserve = &self.order.quote.reserve;
        if reserve.longest(Money::from_ten_thousandths(u64::MAX)).is_none() {
            return (FOR_EVER, reserve.setup.less(self.held));
        }
        let paid = (self.paid + SLICE).min(self.longest_paid());
        (paid, reserve.cost(paid).less(self.held))
    }

    /// The longest talking time for which `room` more is enough.
    pub(super) fn within(&self, room: Money) -> (Duration, Money) {
        let reserve = &self.order.quote.reserve;
        let budget = self.held + room;
        let paid = reserve.longest(budget).unwrap_or(FOR_EVER).min(self.longest_paid()).max(self.paid);
        (paid, reserve.cost(paid).less(self.held))
    }

    /// Whether the next slice is to be held back now.
    pub(super) fn wants_more(&self, talked: Duration) -> bool {
        let complete = self.paid == FOR_EVER || self.paid >= self.longest_paid() || self.stopped_by.is_some();
        !complete && talked >= self.asks_at()
    }

    /// What is to be done after so much talking, when nothing more is to be held back.
    pub(super) fn turn(&mut self, answered: Instant, talked: Duration) -> Turn {
        let at = |talked: Duration| answered.checked_add(talked);
        let (end, reject) = self.end();
        if talked >= end {
            return Turn::Over(reject);
        }
        let warns = end.saturating_sub(WARNING);
        if !self.ends_for_sure() {
            return at(self.asks_at()).map_or(Turn::Settled, Turn::GoesOn);
        }
        if !self.warned && talked >= warns {
            self.warned = true;
            return at(end).map_or(Turn::Settled, Turn::Warn);
        }
        at(if self.warned { end } else { warns }).map_or(Turn::Settled, Turn::GoesOn)
    }

    /// There is room again: a cap was raised, or its next window began.
    pub(super) const fn go_on(&mut self) {
        (self.stopped_by, self.warned) = (None, false);
    }

    pub(super) const fn is_warned(&self) -> bool {
        self.warned
    }

    pub(super) fn shorten(&mut self, now: Instant, longest: Duration) {
        let talked = self.answered.map_or(Duration::ZERO, |answered| now.saturating_duration_since(answered));
        let longest = talked + longest;
        self.order.longest = Some(self.order.longest.map_or(longest, |before| before.min(longest)));
    }

    /// What it has cost so far: once it was answered its first step at least, however soon it was hung up.
    pub(super) fn cost(&self, now: Instant) -> Money {
        let talked = self.answered.map(|answered| now.saturating_duration_since(answered).max(MOMENT));
        talked.map_or(Money::ZERO, |talked| self.order.quote.price.cost(talked))
    }

    /// The call as it is now, once it was answered.
    pub(super) fn living(&self, now: Instant) -> Option<Living<'_>> {
        let talked = now.saturating_duration_since(self.answered?);
        Some(Living { order: &self.order, talked, cost: self.cost(now) })
    }

    fn ends_for_sure(&self) -> bool {
        self.stopped_by.is_some() || self.paid >= self.longest_paid() || self.paid == FOR_EVER
    }

    /// When it must end, and why.
    fn end(&self) -> (Duration, Reject) {
        let money = if self.paid == FOR_EVER { FOR_EVER } else { self.paid.saturating_sub(EARLY) };
        let longest = self.order.longest.map_or(FOR_EVER, |longest| longest.saturating_sub(EARLY));
        if longest <= money { (longest, Reject::LONGEST) } else { (money, self.stopped_by.unwrap_or(Reject::LONGEST)) }
    }

    /// Money is never held back for longer than this.
    fn longest_paid(&self) -> Duration {
        self.order.longest.unwrap_or(FOR_EVER)
    }

    /// The talking time at which the next slice is held back: early enough to warn when there is none.
    const fn asks_at(&self) -> Duration {
        self.paid.saturating_sub(WARNING).saturating_sub(EARLY)
    }
}
