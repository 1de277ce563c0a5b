//! For how long what is written down is kept, as the office decided it. Who decides that less is kept takes nothing away before
//! the decision can be taken back no more.

use centrale_config::Retention;
use rusqlite::{OptionalExtension, Transaction};

use crate::values::{signed, unsigned};
use crate::{StoreError, UNDO_MS};

/// Milliseconds of a day.
pub(crate) const DAY_MS: u64 = 24 * 3_600_000;
/// In `meta`: the days that are decided, those of before, and when it was decided.
const KEY: &str = "retention";

/// Notes what an office decided at that time.
pub(crate) fn note(tx: &Transaction<'_>, decided: Retention, at_unix_ms: u64) -> Result<(), StoreError> {
    let known = read(tx)?;
    if known.map_or(Retention::USUAL, |(known, ..)| known) == decided {
        return Ok(());
    }
    let before = kept(tx, signed(at_unix_ms))?;
    let words = |kept: Retention| kept.days().map(|days| days.to_string()).join(" ");
    let value = format!("{} {} {at_unix_ms}", words(decided), words(before));
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
    tx.execute(sql, [KEY, &value])?;
    Ok(())
}

/// For how long is kept what, now.
pub(crate) fn kept(tx: &Transaction<'_>, now_ms: i64) -> Result<Retention, StoreError> {
    let Some((decided, before, at_unix_ms)) = read(tx)? else { return Ok(Retention::USUAL) };
    let is_open = unsigned(now_ms) < at_unix_ms.saturating_add(UNDO_MS);
    Ok(if is_open { decided.longer(&before) } else { decided })
}

/// The last moment of what is older than so many days.
pub(crate) fn oldest(now_ms: i64, days: u16) -> i64 {
    now_ms.saturating_sub(signed(u64::from(days) * DAY_MS))
}

fn read(tx: &Transaction<'_>) -> Result<Option<(Retention, Retention, u64)>, StoreError> {
    let value: Option<String> =
        tx.query_row("SELECT value FROM meta WHERE key = ?1", [KEY], |row| row.get(0)).optional()?;
    let Some(value) = value else { return Ok(None) };
    let parts: Vec<u64> = value.split(' ').filter_map(|part| part.parse().ok()).collect();
    let days =
        |from: usize| -> [u16; 4] { std::array::from_fn(|at| u16::try_from(parts[from + at]).unwrap_or(u16::MAX)) };
    // Nobody but this file writes it: what cannot be read is as usual.
    Ok((parts.len() == 9).then(|| (Retention::of_days(days(0)), Retention::of_days(days(4)), parts[8])))
}
