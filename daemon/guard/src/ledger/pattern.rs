//! What the calls of thieves have in common (threats B-17): several at once to places that the office does not call, and numbers in a
//! row. Asked only of a country that the office does not call regularly, so an office's own customers are never counted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::order::Order;
use crate::reject::Reject;

/// Numbers are in a row when they differ in their last digits only: so many.
const LAST: usize = 2;
/// And far from Europe when they begin with the same digits, country code included, however they go on from there (threats B-17): thieves are
/// paid for a whole range. Nearer by, where an office calls several desks of a customer in its first days, such a range has many owners.
const FIRST: usize = 8;
/// Numbers of a row that are called within [`WITHIN`]; a third is refused. A company abroad may have two.
const MOST_IN_ROW: usize = 2;
const WITHIN: Duration = Duration::from_secs(3_600);
/// Rows that are remembered.
const ROWS: usize = 256;

/// The rows of numbers that were called of late.
#[derive(Debug, Default)]
pub(super) struct Rows(BTreeMap<String, Vec<(String, Instant)>>);

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// A call to a country that the office does not call regularly.
    ///
    /// # Errors
    /// It is one of a row.
    pub(super) fn call(&mut self, now: Instant, order: &Order) -> Result<(), Reject> {
        let number = order.meant.number().unwrap_or_default();
        let row = row_of(number, order.is_far);
        for called in self.0.values_mut() {
            called.retain(|(_, at)| now.saturating_duration_since(*at) < WITHIN);
        }
        self.0.retain(|_, called| !called.is_empty());
        if !self.0.contains_key(row) && self.0.len() >= ROWS {
            let oldest = self.0.iter().min_by_key(|(_, called)| called.first().map(|(_, at)| *at));
            oldest.map(|(row, _)| row.clone()).and_then(|row| self.0.remove(&row));
        }
        let called = self.0.entry(row.to_owned()).or_default();
        if called.iter().any(|(one, _)| one == number) {
            return Ok(());
        }
        if called.len() >= MOST_IN_ROW {
            return Err(Reject::IN_A_ROW);
        }
        called.push((number.to_owned(), now));
        Ok(())
    }
}

/// What the numbers of its row have in common.
fn row_of(number: &str, is_far: bool) -> &str {
    let near = number.len().saturating_sub(LAST);
    let length = if is_far { near.min("+".len() + FIRST) } else { near };
    number.get(..length).unwrap_or_default()
}

/// Whether a call may go beside those that go on to countries that the office does not call regularly, as its own is.
///
/// # Errors
/// The same person calls such a country already, or somebody calls the same one.
pub(super) fn beside<'a>(order: &Order, mut others: impl Iterator<Item = &'a Order>) -> Result<(), Reject> {
    let clashes = |other: &Order| other.person == order.person || other.country == order.country;
    if others.any(clashes) { Err(Reject::ONE_AT_A_TIME) } else { Ok(()) }
}
