//! When the exchange wants to be woken, in steps.
//!
//! Most of its timers forget finished transactions, half a minute after each. Woken for every one of them, an office that
//! only registers would cost as much waking as working; so what lies ahead is rounded up to a grid, and what is due is due.

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::time::Sleep;

/// The grid. Far below T1, the shortest interval of SIP (500 ms; RFC 3261 17.1.1.1).
const STEP: Duration = Duration::from_millis(50);

/// One alarm, moved rather than made anew.
pub(crate) struct Alarm {
    grid: Instant,
    at: Option<Instant>,
    sleep: Pin<Box<Sleep>>,
}

impl Alarm {
    pub(crate) fn new() -> Self {
        let grid = Instant::now();
        Self { grid, at: None, sleep: Box::pin(tokio::time::sleep_until(grid.into())) }
    }

    /// Goes off at the first step that is not before `due`, or at once when that is past; never, without one.
    pub(crate) fn set(&mut self, now: Instant, due: Option<Instant>) {
        let at = due.map(|due| if due <= now { due } else { step_from(self.grid, due) });
        if self.at != at {
            self.at = at;
            if let Some(at) = at {
                self.sleep.as_mut().reset(at.into());
            }
        }
    }

    /// Waits for it. Whoever stops waiting finds it as it was set.
    pub(crate) async fn wait(&mut self) {
        if self.at.is_none() {
            return std::future::pending().await;
        }
        self.sleep.as_mut().await;
        self.at = None;
    }
}

fn step_from(grid: Instant, due: Instant) -> Instant {
    let past = due.saturating_duration_since(grid).as_nanos();
    let steps = past.div_ceil(STEP.as_nanos());
    u32::try_from(steps).map_or(due, |steps| grid + STEP * steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_ahead_waits_for_the_next_step_and_never_longer() {
        let grid = Instant::now();
        let after = |millis| step_from(grid, grid + Duration::from_millis(millis)) - grid;
        assert_eq!(after(0), Duration::ZERO);
        assert_eq!(after(1), STEP);
        assert_eq!(after(50), STEP);
        assert_eq!(after(32_001), Duration::from_millis(32_050));
    }

    #[tokio::test]
    async fn what_is_due_is_due_at_once_and_only_once() {
        let mut alarm = Alarm::new();
        let now = Instant::now();
        alarm.set(now, Some(now));
        alarm.wait().await;
        assert_eq!(alarm.at, None);
        alarm.set(now, None);
        assert!(std::future::Future::poll(std::pin::pin!(alarm.wait()), &mut noop()).is_pending());
    }

    fn noop() -> std::task::Context<'static> {
        std::task::Context::from_waker(std::task::Waker::noop())
    }
}
