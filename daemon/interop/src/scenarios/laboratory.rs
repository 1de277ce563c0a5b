//! Cases of the laboratory, a few at a time, each with hosts of its own. One that fails keeps no other from its turn.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::{Failure, Result};

/// A case, and what came of it.
#[derive(Debug)]
pub struct Played<R> {
    /// Who stands between the office and its provider.
    pub name: &'static str,
    /// Its row of the table, or what is not as it should be.
    pub row: Result<R>,
}

/// Plays every case, so many at a time, in their order.
pub(super) fn play_all<C: Sync, R: Send>(
    cases: &'static [C],
    at_a_time: usize,
    name: impl Fn(&C) -> &'static str,
    play: impl Fn(&'static C) -> Result<R> + Sync,
) -> Vec<Played<R>> {
    let next = AtomicUsize::new(0);
    let played = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..at_a_time.min(cases.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let row = catch_unwind(AssertUnwindSafe(|| play(case)));
                    let row = row.unwrap_or_else(|_| Err(Failure::Unexpected("its thread panicked".to_owned())));
                    played.lock().expect("no holder panics").push((at, row));
                }
            });
        }
    });
    let mut played = played.into_inner().expect("no holder panics");
    played.sort_by_key(|(at, _)| *at);
    played.into_iter().map(|(at, row)| Played { name: name(&cases[at]), row }).collect()
}

/// Nothing, when every case is as it should be.
///
/// # Errors
/// All that is not.
pub(super) fn hold<R>(played: &[Played<R>]) -> Result<()> {
    let fault = |one: &Played<R>| one.row.as_ref().err().map(|fault| format!("{}: {fault}", one.name));
    let faults: Vec<String> = played.iter().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::Unexpected(faults.join("\n\n"))) }
}
