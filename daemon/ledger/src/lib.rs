//! Call records on paper: civil times with their offset, CSV that no spreadsheet takes for a formula, a provider's bill
//! that is read and held against the calls that the box wrote down, and incidents as they are handed on.
//!
//! In: text and plain values. Out: the same. A bill is anybody's file: whatever cannot be read in it is named by its line and
//! costs no other line anything. It may not read a clock or a file, and knows neither the store nor a call that lives.

mod assign;
mod bill;
mod civil;
mod compare;
mod header;
pub mod incident;
mod pdf;
mod values;

pub use bill::{Bill, BillRefused, BilledCall, LineRefused, MOST_LINES, RefusedLine};
pub use centrale_numbering::csv::{Separator, write_row};
pub use centrale_numbering::{Class, Country, Money, Plan, deck};
pub use civil::{Zone, ZoneUnknown};
pub use compare::{Comparison, Different, OwnCall, TOLERANCE_MS, compare, period};
