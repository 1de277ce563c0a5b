//! An office with a ledger and two clocks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_config::Opening;
use centrale_guard::{Cap, ChargeKey, Civil, Ledger, Order, Proof, Quote, Raise, Reject, Turn};
use centrale_numbering::{Country, Dialled, Money, Plan};

/// Tuesday, 24 November 2026, ten in the morning.
pub(crate) const TUESDAY: Civil = Civil { day: 20_781, minute: 600 };

pub(crate) struct Office {
    pub(crate) plan: Plan,
    pub(crate) ledger: Ledger,
    pub(crate) now: Instant,
    pub(crate) civil: Civil,
    next: u64,
}

impl Office {
    pub(crate) fn new(country: Country) -> Self {
        let now = Instant::now();
        let mut ledger = Ledger::new(now);
        ledger.set_hours(Arc::new(Opening::usual(country)));
        Self { plan: Plan::of(country, ""), ledger, now, civil: TUESDAY, next: 0 }
    }

    pub(crate) fn meant(&self, dialled: &str) -> Dialled {
        self.plan.normalise(dialled)
    }

    /// Both clocks go on.
    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.civil = self.civil.after(Duration::from_secs(seconds));
    }

    pub(crate) fn dial(&mut self, person: &str, dialled: &str) -> Result<ChargeKey, Reject> {
        let meant = self.meant(dialled);
        let order = Order::new(&self.plan, &meant, person, Quote::worst(&self.plan, &meant));
        self.order(order)
    }

    pub(crate) fn order(&mut self, order: Order) -> Result<ChargeKey, Reject> {
        self.next += 1;
        let key = ChargeKey(self.next);
        self.ledger.reserve(self.now, self.civil, key, order).map(|()| key)
    }

    pub(crate) fn answer(&mut self, key: ChargeKey) -> Turn {
        self.ledger.answer(self.now, self.civil, key)
    }

    pub(crate) fn close(&mut self, key: ChargeKey) -> Money {
        self.ledger.close(self.now, self.civil, key)
    }

    /// Talks until the ledger ends the call: the seconds at which it warned, and those at which it ended, with the reason.
    pub(crate) fn talk_to_the_end(&mut self, key: ChargeKey) -> (Option<u64>, u64, Reject) {
        let (answered, mut warned) = (self.now, None);
        let mut turn = self.answer(key);
        loop {
            let talked = (self.now - answered).as_secs();
            let next = match turn {
                Turn::GoesOn(at) => at,
                Turn::Warn(at) => {
                    assert_eq!(warned.replace(talked), None, "warned twice");
                    at
                }
                Turn::Over(reject) => return (warned, talked, reject),
                Turn::Settled => panic!("this call never ends"),
            };
            assert!(next > self.now, "the ledger asks for what is past");
            self.pass((next - self.now).as_secs());
            turn = self.ledger.turn(self.now, self.civil, key);
        }
    }

    /// Raises caps to the most that is possible, for ten days.
    pub(crate) fn raise(&mut self, caps: &[Cap]) {
        for cap in caps {
            let until = Civil { day: self.civil.day + 10, ..self.civil };
            let raise = Raise { cap: *cap, to: cap.amount().times(20), until, proof: Proof::SecondFactor };
            self.ledger.raise(self.now, self.civil, raise).unwrap();
        }
    }

    pub(crate) fn used(&mut self, cap: Cap) -> Money {
        let meters = self.ledger.meters(self.now, self.civil);
        meters.into_iter().find(|meter| meter.cap == cap).unwrap().used
    }

    /// The power fails: what was kept is all there is. Both clocks go on by a minute.
    pub(crate) fn reboot(&mut self, kept: &[centrale_guard::Kept]) {
        self.pass(60);
        self.ledger = Ledger::restore(self.now, kept);
    }
}
