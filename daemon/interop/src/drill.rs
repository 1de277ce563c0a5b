//! The drill's two lengths and its table.
//!
//! `make test` plays every attack for a moment and holds the box to what no slow machine can blur: nothing is lost, nobody gets
//! in. `make drill` plays them in full, holds it to time too, and writes down a row for each.

use std::io::Write;
use std::time::Duration;

use crate::Result;
use crate::failure::Tried;

/// Where the rows go; its being set means the full length.
const TABLE: &str = "CENTRALE_DRILL_TABLE";

/// Whether this is the drill itself.
#[must_use]
pub fn is_full() -> bool {
    std::env::var_os(TABLE).is_some()
}

/// Of two lengths the one that is wanted.
#[must_use]
pub fn lasting(short: Duration, full: Duration) -> Duration {
    if is_full() { full } else { short }
}

/// A row of the table: which attack (`T32`, `B-31`), what was done, what came of it, what was aimed at.
///
/// # Errors
/// When it cannot be written.
pub fn row(attack: &str, done: &str, came: &str, aim: &str) -> Result<()> {
    let Some(path) = std::env::var_os(TABLE) else { return Ok(()) };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    let mut file = file.tried(|| "open the drill's table".to_owned())?;
    // One write, so that scenarios that play at once do not tear each other's rows.
    file.write_all(format!("| {attack} | {done} | {came} | {aim} |\n").as_bytes())
        .tried(|| "write the drill's table".to_owned())
}
