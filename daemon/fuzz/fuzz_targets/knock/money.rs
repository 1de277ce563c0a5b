//! The office's money: calls that begin, go on and end, while clocks are set and the power fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_config::Opening;
use centrale_guard::{ChargeKey, Civil, Kept, Ledger, Order, Quote, Turn};
use centrale_numbering::{Country, Plan};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

use crate::many;

/// Calls at once.
const MOST: usize = 8;
/// Rows of numbers that are remembered.
const ROWS: usize = 256;
const NUMBERS: [&str; 9] = [
    "0612345678",
    "09001234",
    "09061234",
    "1888",
    "004930123456",
    "00212612345678",
    "00994501234567",
    "0012125551234",
    "0842345678",
];

pub struct Purse {
    plan: Plan,
    ledger: Ledger,
    now: Instant,
    /// What the clock on the wall said, and when.
    clock: (Instant, Civil),
    /// When each call is to be asked about; nothing while it rings.
    calls: BTreeMap<ChargeKey, Option<Instant>>,
    next: u64,
    kept: BTreeMap<String, Kept>,
}

impl Purse {
    pub fn new(now: Instant) -> Self {
        let mut ledger = Ledger::new(now);
        ledger.set_hours(Arc::new(Opening::usual(Country::Netherlands)));
        Self {
            plan: Plan::of(Country::Netherlands, "020"),
            ledger,
            now,
            clock: (now, Civil { day: 20_781, minute: 600 }),
            calls: BTreeMap::new(),
            next: 0,
            kept: BTreeMap::new(),
        }
    }

    pub fn step(&mut self, from: &mut Unstructured<'_>) -> Result<()> {
        match from.int_in_range(0..=7)? {
            0 | 1 => {
                let person = ["201", "202"][from.choose_index(2)?];
                let number = NUMBERS[from.choose_index(NUMBERS.len())?];
                self.dial(person, number);
            }
            2 => {
                if let Some(key) = self.one(from)? {
                    let turn = self.ledger.answer(self.now, self.civil(), key);
                    self.obey(key, turn);
                }
            }
            3 => {
                if let Some(key) = self.one(from)? {
                    self.close(key);
                }
            }
            4 => {
                let minutes = many(from, 24 * 60)?;
                self.pass(Duration::from_secs(60) * minutes + Duration::from_secs(from.int_in_range(0..=90)?));
            }
            5 => {
                let Civil { day, minute } = self.civil();
                let day = (i64::from(day) + from.int_in_range(-3..=40_i64)?).max(0);
                self.clock = (self.now, Civil { day: u32::try_from(day).unwrap_or_default(), minute });
            }
            6 => self.restart(),
            _ => self.dial_rows(from)?,
        }
        self.is_within_caps();
        Ok(())
    }

    fn civil(&self) -> Civil {
        let (at, civil) = self.clock;
        civil.after(self.now.saturating_duration_since(at))
    }

    fn one(&self, from: &mut Unstructured<'_>) -> Result<Option<ChargeKey>> {
        if self.calls.is_empty() {
            return Ok(None);
        }
        Ok(self.calls.keys().nth(from.choose_index(self.calls.len())?).copied())
    }

    fn dial(&mut self, person: &str, dialled: &str) -> Option<ChargeKey> {
        let meant = self.plan.normalise(dialled);
        let order = Order::new(&self.plan, &meant, person, Quote::worst(&self.plan, &meant));
        if self.calls.len() >= MOST || order.is_free() {
            return None;
        }
        self.next += 1;
        let key = ChargeKey(self.next);
        self.ledger.reserve(self.now, self.civil(), key, order).ok()?;
        self.calls.insert(key, None);
        Some(key)
    }

    /// Very many ranges abroad, one call each.
    fn dial_rows(&mut self, from: &mut Unstructured<'_>) -> Result<()> {
        for range in 0..many(from, 400)? {
            if let Some(key) = self.dial("201", &format!("002126{:06}00", range * 137)) {
                self.close(key);
            }
        }
        assert!(self.ledger.remembered() <= ROWS);
        Ok(())
    }

    fn obey(&mut self, key: ChargeKey, turn: Turn) {
        match turn {
            Turn::GoesOn(at) | Turn::Warn(at) => {
                assert!(at > self.now, "what is past is asked for");
                self.calls.insert(key, Some(at));
            }
            Turn::Settled => _ = self.calls.insert(key, None),
            Turn::Over(_) => self.close(key),
        }
    }

    fn close(&mut self, key: ChargeKey) {
        self.calls.remove(&key);
        self.ledger.close(self.now, self.civil(), key);
    }

    /// Time goes by, and every call is asked about when its turn comes.
    fn pass(&mut self, long: Duration) {
        let end = self.now + long;
        while let Some((at, key)) = self.calls.iter().filter_map(|(key, at)| at.zip(Some(*key))).min() {
            if at > end {
                break;
            }
            self.now = self.now.max(at);
            let turn = self.ledger.turn(self.now, self.civil(), key);
            self.obey(key, turn);
        }
        self.now = end;
    }

    /// The power fails: what was kept is all there is.
    fn restart(&mut self) {
        self.keep();
        let kept: Vec<Kept> = self.kept.values().cloned().collect();
        self.ledger = Ledger::restore(self.now, &kept);
        self.ledger.set_hours(Arc::new(Opening::usual(Country::Netherlands)));
        self.calls.clear();
    }

    fn keep(&mut self) {
        let changed = self.ledger.take_changed();
        self.kept.extend(changed.into_iter().map(|kept| (kept.name.clone(), kept)));
    }

    fn is_within_caps(&mut self) {
        assert_eq!(self.ledger.charges(), self.calls.len());
        for meter in self.ledger.meters(self.now, self.civil()) {
            assert!(meter.used <= meter.limit, "{meter:?}");
        }
        self.keep();
    }
}
