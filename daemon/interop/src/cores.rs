//! Which core of the machine something runs on.

use std::thread::available_parallelism;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::Result;
use crate::failure::Tried;

/// The core for what makes the load: another than the first where there is one.
#[must_use]
pub fn other_core() -> usize {
    available_parallelism().map_or(0, |cores| cores.get().min(2) - 1)
}

/// Runs `work` with this thread on one core, from 0. What it starts, programs and threads, stays there.
///
/// # Errors
/// Those of `work`, and `Machine` when there is no such core.
pub fn on_core<T>(core: usize, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let what = || format!("stay on core {core}");
    let own = Pid::from_raw(0);
    let before = sched_getaffinity(own).map_err(std::io::Error::from).tried(what)?;
    let mut one = CpuSet::new();
    one.set(core).and_then(|()| sched_setaffinity(own, &one)).map_err(std::io::Error::from).tried(what)?;
    let done = work();
    sched_setaffinity(own, &before).map_err(std::io::Error::from).tried(what)?;
    done
}
