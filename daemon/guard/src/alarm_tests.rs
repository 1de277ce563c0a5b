//! When the lines of lifts and alarms called last: one that calls for a test each day, and did not, may be dead.

use std::collections::BTreeMap;

use crate::Kept;
use crate::civil::Civil;

/// What the lines that are kept of it begin with.
const KEPT: &str = "alarm-line/";
/// A test may be so many minutes late.
const LATE: u64 = 60;
/// In minutes of the office's civil time.
#[derive(Debug, Clone, Copy, Default)]
struct Signs {
    /// When a call got through last.
    called: Option<u64>,
    /// Since when the line is known.
    since: u64,
}

/// The last signs of life of each line, by the number of what is no person.
#[derive(Debug, Default)]
pub struct AlarmTests(BTreeMap<String, Signs>);

impl AlarmTests {
    /// A line is known from now on, when it was not before. What is to be kept of it then.
    ///
    /// A sign that is to come was noted while the clock was wrong: it counts as one of now, or nobody would miss a test until then.
    pub fn watch(&mut self, now: Civil, line: &str) -> Option<Kept> {
        if !Civil::is_known(now.day) {
            return None;
        }
        let minutes = now.minutes();
        match self.0.get_mut(line) {
            Some(signs) => {
                let is_to_come = |at: u64| at > minutes + LATE;
                if !is_to_come(signs.since) && !signs.called.is_some_and(is_to_come) {
                    return None;
                }
                signs.since = signs.since.min(minutes);
                signs.called = signs.called.map(|called| called.min(minutes));
            }
            None => drop(self.0.insert(line.to_owned(), Signs { called: None, since: minutes })),
        }
        self.kept(line)
    }

    /// A call of it got through. What is to be kept of that.
    pub fn note(&mut self, now: Civil, line: &str) -> Option<Kept> {
        let minutes = now.minutes();
        if !Civil::is_known(now.day) {
            return None;
        }
        let signs = self.0.entry(line.to_owned()).or_insert(Signs { called: None, since: minutes });
        signs.called = Some(minutes);
        self.kept(line)
    }

    /// When a call of it got through last, in minutes of the office's civil time.
    pub fn last_call(&self, line: &str) -> Option<u64> {
        self.0.get(line).and_then(|signs| signs.called)
    }

    /// Whether no call of it got through for longer than those hours, with an hour to spare.
    pub fn is_missed(&self, now: Civil, line: &str, hours: u16) -> bool {
        let Some(signs) = self.0.get(line) else { return false };
        let last = signs.called.unwrap_or(0).max(signs.since);
        now.minutes().saturating_sub(last) > u64::from(hours) * 60 + LATE
    }

    /// Forgets lines that are gone. What is to be kept in place of each.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) -> Vec<Kept> {
        let gone: Vec<String> = self.0.keys().filter(|line| !is_there(line)).cloned().collect();
        self.0.retain(|line, _| is_there(line));
        gone.iter().map(|line| Kept { name: format!("{KEPT}{line}"), window: 0, amount: 0 }).collect()
    }

    /// Puts back what was kept.
    pub fn restore(&mut self, kept: &[Kept]) {
        for Kept { name, window, amount } in kept {
            if let Some(line) = name.strip_prefix(KEPT).filter(|_| *amount > 0) {
                self.0.insert(line.to_owned(), Signs { called: (*window > 0).then_some(*window), since: *amount });
            }
        }
    }

    fn kept(&self, line: &str) -> Option<Kept> {
        let Signs { called, since } = *self.0.get(line)?;
        Some(Kept { name: format!("{KEPT}{line}"), window: called.unwrap_or(0), amount: since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: u64) -> Civil {
        Civil::from_minutes((20_781 * 24 + hours) * 60)
    }

    #[test]
    fn a_100_a_clock_that_was_far_ahead_for_a_while_silences_no_test() {
        let mut tests = AlarmTests::default();
        tests.watch(at(0), "290");
        let ahead = tests.note(at(24 * 365 * 14), "290").unwrap();
        // The clock is right again, also after a restart.
        tests.restore(&[ahead]);
        let mended = tests.watch(at(2), "290").unwrap();
        assert_eq!(tests.last_call("290"), Some(at(2).minutes()));
        assert_eq!(tests.watch(at(3), "290"), None, "once");
        tests.restore(&[mended]);
        assert!(!tests.is_missed(at(27), "290", 24) && tests.is_missed(at(28), "290", 24));
        // A line that became known then.
        tests.watch(at(24 * 365 * 14), "291");
        tests.watch(at(2), "291");
        assert!(tests.is_missed(at(28), "291", 24));
        // When winter time begins the clock goes back an hour.
        tests.note(at(40), "290");
        assert_eq!(tests.watch(at(39), "290"), None);
    }

    #[test]
    fn a_100_a_line_that_did_not_call_for_a_day_and_an_hour_missed_its_test_also_over_a_restart() {
        let mut tests = AlarmTests::default();
        assert_eq!(tests.watch(Civil::default(), "290"), None, "nobody knows when that is");
        let begun = tests.watch(at(0), "290").unwrap();
        assert_eq!(tests.watch(at(5), "290"), None);
        assert!(!tests.is_missed(at(25), "290", 24) && tests.is_missed(at(26), "290", 24), "it never called");
        let called = tests.note(at(20), "290").unwrap();
        let mut tests = AlarmTests::default();
        tests.restore(&[begun]);
        assert_eq!((tests.last_call("290"), tests.is_missed(at(26), "290", 24)), (None, true));
        tests.restore(&[called]);
        assert!(!tests.is_missed(at(45), "290", 24) && tests.is_missed(at(46), "290", 24));
        assert!(!tests.is_missed(at(10), "290", 24), "a clock that was set back");
        assert_eq!(tests.last_call("290"), Some(at(20).minutes()));
        let gone = tests.keep(|_| false);
        assert_eq!((gone.len(), tests.last_call("290")), (1, None));
        tests.restore(&gone);
        assert!(!tests.is_missed(at(900), "290", 24), "who has the number next is another");
    }
}
