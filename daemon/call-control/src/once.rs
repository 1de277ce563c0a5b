//! Calls that somebody allowed once beyond what their person may call. Each is good for one INVITE of that person to exactly that number and
//! gone after a quarter of an hour. Nothing that sends a call on ever looks here, and a restart forgets it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use centrale_config::Office;
use centrale_guard::{Order, Reject, may_allow_once};
use centrale_numbering::{Dialled, Plan as NumberPlan};

use crate::exchange::Exchange;

/// For how long a call is allowed at most.
pub const ALLOWED_ONCE_FOR: Duration = Duration::from_secs(15 * 60);
/// Calls that are allowed at once; beyond it the one that was allowed first is not any more.
const MOST: usize = 32;

/// Whether a refused call to that number may be allowed once in this office.
pub fn is_allowable_once(office: &Office, number: &str) -> bool {
    let plan = NumberPlan::of(office.identity.country, &office.identity.area_code);
    let meant = plan.normalise(number);
    meant.number() == Some(number) && may_allow_once(&plan, &meant)
}

#[derive(Debug)]
struct Allowed {
    person: String,
    number: String,
    until: Instant,
}

/// All that were not made yet.
#[derive(Debug, Default)]
pub(crate) struct Once(VecDeque<Allowed>);

impl Once {
    /// Allows a call of that person to exactly that number, written as the office's plan does. Allowed again, it is one call still.
    pub(crate) fn allow(&mut self, now: Instant, person: String, number: String, until: Instant) {
        self.0.retain(|one| now < one.until && !one.is(&person, &number));
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(Allowed { person, number, until: until.min(now + ALLOWED_ONCE_FOR) });
    }

    fn allows(&self, now: Instant, person: &str, number: &str) -> bool {
        self.0.iter().any(|one| one.is(person, number) && now < one.until)
    }

    /// That call is made: it is not allowed a second time.
    pub(crate) fn spend(&mut self, person: &str, number: &str) {
        self.0.retain(|one| !one.is(person, number));
    }
}

impl Allowed {
    fn is(&self, person: &str, number: &str) -> bool {
        self.person == person && self.number == number
    }
}

impl Exchange {
    /// What there is to pay for where a refused call was allowed once. Stops and whatever else holds calls are asked all the same.
    ///
    /// # Errors
    /// Why it is refused still.
    pub(crate) fn order_once(
        &mut self,
        now: Instant,
        person: &str,
        meant: &Dialled,
        refused: Reject,
    ) -> Result<Order, Reject> {
        let number = meant.number().unwrap_or_default();
        let is_overruled = refused.is_of_permit()
            && may_allow_once(self.directory.plan(), meant)
            && self.once.allows(now, person, number);
        if is_overruled { self.order_within_limits(now, person, meant) } else { Err(refused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_calls_that_are_allowed_are_few_and_none_is_allowed_for_longer_than_it_may() {
        let (now, mut once) = (Instant::now(), Once::default());
        let number = |at: usize| format!("+331402050{at:02}");
        let late = now + 2 * ALLOWED_ONCE_FOR;
        (0..=MOST).for_each(|at| once.allow(now, "201".into(), number(at), late));
        once.allow(now, "201".into(), number(MOST), late);
        assert_eq!(once.0.len(), MOST);
        assert!(!once.allows(now, "201", &number(0)) && once.allows(now, "201", &number(1)));
        let end = now + ALLOWED_ONCE_FOR;
        assert!(once.allows(end - Duration::from_secs(1), "201", &number(1)) && !once.allows(end, "201", &number(1)));
        once.allow(end, "202".into(), number(1), late);
        assert_eq!(once.0.len(), 1, "what is over is forgotten");
    }
}
