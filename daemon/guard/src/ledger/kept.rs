//! What must survive a restart, in plain values: a name, a number that says when, an amount.

use std::time::Instant;

use centrale_numbering::Money;

use super::Ledger;
use super::books::{Acquaintance, Counter};
use crate::caps::{Cap, Proof, Raise};
use crate::civil::Civil;

/// One line of what is kept. A later one with the same name takes its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// What it is, for example `person/201`, `month`, `country/49`, `raised/day`.
    pub name: String,
    /// Which day, month or minute it is of.
    pub window: u64,
    /// Ten-thousandths of a euro; of a country, on how many days it was called.
    pub amount: u64,
}

impl Kept {
    pub(super) fn of_page(counter: &Counter, window: u64, amount: Money) -> Self {
        let name = match counter {
            Counter::Person(number) => format!("person/{number}"),
            Counter::PerCall(number) => format!("per-call/{number}"),
            Counter::NewCountry(code) => format!("new-country/{code}"),
            Counter::NewWhileClosed => "new-while-closed".to_owned(),
            Counter::Ordinary => "ordinary".to_owned(),
            Counter::OrdinaryPerson(number) => format!("ordinary-person/{number}"),
            counter => counter.cap().map_or("", Cap::word).to_owned(),
        };
        Self { name, window, amount: amount.ten_thousandths() }
    }

    pub(super) fn of_country(code: &str, known: Acquaintance) -> Self {
        Self { name: format!("country/{code}"), window: known.last.into(), amount: known.days.into() }
    }

    pub(super) fn of_newcomer(person: &str, until: Civil) -> Self {
        Self { name: format!("new-device/{person}"), window: until.minutes(), amount: 0 }
    }

    pub(super) fn of_raise(raise: &Raise) -> Self {
        let name = format!("raised/{}", raise.cap.word());
        Self { name, window: raise.until.minutes(), amount: raise.to.ten_thousandths() }
    }
}

impl Ledger {
    /// The ledger as it was before a restart. What was held back for calls of then counts as spent: nobody knows how long they
    /// lasted. Lines that cannot be read are left out.
    pub fn restore(now: Instant, kept: &[Kept]) -> Self {
        let mut ledger = Self::new(now);
        for line in kept {
            ledger.restore_line(line);
        }
        ledger
    }

    fn restore_line(&mut self, line: &Kept) {
        if self.usage.restore(line) {
            return;
        }
        let amount = Money::from_ten_thousandths(line.amount);
        let (kind, of) = line.name.split_once('/').unwrap_or((&line.name, ""));
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let counter = match (kind, of) {
            ("raised", of) => {
                let Some(cap) = Cap::of_word(of) else { return };
                let until = Civil::from_minutes(line.window);
                // It was proven when it was made.
                let raise = Raise { cap, to: amount, until, proof: Proof::PasswordAgain };
                return self.put_raise(raise);
            }
            ("new-device", of) => {
                self.newcomers.insert(of.to_owned(), Civil::from_minutes(line.window));
                return;
            }
            ("country", of) => {
                let known = Acquaintance { days: small(line.amount), last: small(line.window) };
                return self.books.restore_country(of.to_owned(), known);
            }
            ("person", of) => Counter::Person(of.to_owned()),
            ("per-call", of) => Counter::PerCall(of.to_owned()),
            ("new-country", of) => Counter::NewCountry(of.to_owned()),
            ("new-while-closed", _) => Counter::NewWhileClosed,
            ("ordinary", _) => Counter::Ordinary,
            ("ordinary-person", of) => Counter::OrdinaryPerson(of.to_owned()),
            ("ordinary-day", _) => Counter::OrdinaryDay,
            ("hour", _) => Counter::Hour,
            ("day", _) => Counter::Day,
            ("night", _) => Counter::Night,
            ("weekend", _) => Counter::Weekend,
            ("month", _) => Counter::Month,
            _ => return,
        };
        self.books.restore_page(counter, line.window, amount);
    }
}
