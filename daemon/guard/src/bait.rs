//! Callers who hang up after one ring, so that somebody calls back what is dear (wangiri, threats B-23).
//!
//! Asked only of countries that the office does not call regularly. One ring may be a mistake: whoever calls back is told once, and
//! calls again when it is meant. One ring at two numbers of the office within minutes is no mistake: it is not called back, until
//! somebody spoke to them, in or out.

use std::time::{Duration, Instant};

use crate::reject::Reject;

/// Shorter than two rings of a phone (one second of five each).
const ONE_RING: Duration = Duration::from_secs(10);
/// Numbers of the office that ring within this belong to one who tries them.
const TOGETHER: Duration = Duration::from_secs(600);
/// For how long a caller is remembered: over a weekend.
const REMEMBERED: Duration = Duration::from_secs(3 * 24 * 3_600);
/// Whoever was told calls again within this, and not at the same moment.
const CONFIRMED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));
/// Callers that are remembered.
const MOST: usize = 512;
/// Callers are one when they differ in their last digits only: so many.
const LAST: usize = 2;

/// Who rang once of late.
#[derive(Debug, Default)]
pub struct Baits(Vec<Bait>);

#[derive(Debug)]
struct Bait {
    row: String,
    /// The number of the office that rang last, and when.
    rang: (String, Instant),
    /// It rang at two of them.
    is_sure: bool,
    /// When somebody who calls back was told.
    told: Option<Instant>,
}

impl Baits {
    /// A caller from abroad hung up before anybody answered, so long after the call began.
    pub fn rang(&mut self, now: Instant, caller: &str, called: &str, lasted: Duration) {
        if lasted >= ONE_RING {
            return;
        }
        self.0.retain(|bait| now.saturating_duration_since(bait.rang.1) < REMEMBERED);
        let row = row_of(caller);
        let rang = (called.to_owned(), now);
        let before = self.0.iter().position(|bait| bait.row == row).map(|at| self.0.remove(at));
        let mut bait =
            before.unwrap_or_else(|| Bait { row: row.to_owned(), rang: rang.clone(), is_sure: false, told: None });
        let is_together = now.saturating_duration_since(bait.rang.1) < TOGETHER;
        bait.is_sure |= is_together && bait.rang.0 != called;
        bait.rang = rang;
        if self.0.len() >= MOST {
            // Each is at the place of its last ring: whoever goes on is forgotten last.
            self.0.remove(0);
        }
        self.0.push(bait);
    }

    /// Somebody spoke to them: it was no bait.
    pub fn answered(&mut self, number: &str) {
        let row = row_of(number);
        self.0.retain(|bait| bait.row != row);
    }

    /// Somebody calls a number in a country that the office does not call regularly.
    ///
    /// # Errors
    /// It rang once: told the first time, or refused where it is sure.
    pub fn call(&mut self, now: Instant, number: &str) -> Result<(), Reject> {
        let row = row_of(number);
        let is_fresh = |bait: &&mut Bait| now.saturating_duration_since(bait.rang.1) < REMEMBERED;
        let Some(bait) = self.0.iter_mut().find(|bait| bait.row == row).filter(is_fresh) else { return Ok(()) };
        if bait.is_sure {
            return Err(Reject::BAIT);
        }
        let since = bait.told.map(|told| now.saturating_duration_since(told));
        if since.is_some_and(|since| since >= CONFIRMED.0 && since < CONFIRMED.1) {
            return Ok(());
        }
        bait.told = Some(now);
        Err(Reject::RANG_ONCE)
    }
}

/// The numbers that a caller goes through.
fn row_of(number: &str) -> &str {
    number.get(..number.len().saturating_sub(LAST)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const CUBA: &str = "+5352345678";

    #[test]
    fn b_23_who_rang_once_is_called_back_by_who_means_it_and_who_rang_at_two_numbers_by_nobody() {
        let (now, mut baits) = (Instant::now(), Baits::default());
        assert_eq!(baits.call(now, CUBA), Ok(()));
        baits.rang(now, CUBA, "+31201234567", 3 * SECOND);
        assert_eq!(baits.call(now, CUBA), Err(Reject::RANG_ONCE));
        assert_eq!(baits.call(now, CUBA), Err(Reject::RANG_ONCE), "the same call over another provider");
        assert_eq!(baits.call(now + 20 * SECOND, CUBA), Ok(()));
        assert_eq!(baits.call(now + 3_600 * SECOND, CUBA), Err(Reject::RANG_ONCE), "another colleague, later");
        baits.rang(now + 3_601 * SECOND, "+5352345699", "+31201234567", 3 * SECOND);
        baits.rang(now + 3_700 * SECOND, CUBA, "+31201234568", 3 * SECOND);
        for later in [3_701, 3_800, 2 * 24 * 3_600] {
            assert_eq!(baits.call(now + later * SECOND, CUBA), Err(Reject::BAIT));
        }
        assert_eq!(baits.call(now + 4 * 24 * 3_600 * SECOND, CUBA), Ok(()), "forgotten");
    }

    #[test]
    fn b_23_whoever_somebody_spoke_to_is_no_bait_and_calling_one_back_is_nobodys_attempt() {
        let (now, mut baits) = (Instant::now(), Baits::default());
        for called in ["+31201234567", "+31201234568"] {
            baits.rang(now, CUBA, called, 8 * SECOND);
        }
        baits.answered("+5352340000");
        assert_eq!(baits.call(now, CUBA), Err(Reject::BAIT), "another one");
        baits.answered(CUBA);
        assert_eq!(baits.call(now, CUBA), Ok(()));
        assert!(!Reject::BAIT.is_attempt() && !Reject::RANG_ONCE.is_attempt());
    }

    #[test]
    fn b_23_who_lets_it_ring_is_no_bait_and_what_is_remembered_is_bounded() {
        let (now, mut baits) = (Instant::now(), Baits::default());
        baits.rang(now, CUBA, "+31201234567", 12 * SECOND);
        assert_eq!(baits.call(now, CUBA), Ok(()));
        for number in 0..10_000 {
            baits.rang(now, &format!("+53{number:05}00"), "+31201234567", SECOND);
        }
        assert_eq!(baits.0.len(), MOST);
        assert_eq!(baits.call(now, "+530999977"), Err(Reject::RANG_ONCE));
        assert_eq!(baits.call(now, ""), Ok(()));
    }

    #[test]
    fn b_23_who_goes_on_ringing_is_forgotten_last() {
        let (now, mut baits) = (Instant::now(), Baits::default());
        let ring = |baits: &mut Baits, number: String| baits.rang(now, &number, "+31201234567", SECOND);
        ring(&mut baits, CUBA.into());
        (0..MOST - 1).for_each(|number| ring(&mut baits, format!("+90{number:05}00")));
        ring(&mut baits, CUBA.into());
        (0..MOST - 1).for_each(|number| ring(&mut baits, format!("+216{number:05}00")));
        assert_eq!(baits.call(now, CUBA), Err(Reject::RANG_ONCE));
        assert_eq!(baits.0.len(), MOST);
    }
}
