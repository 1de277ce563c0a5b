//! When the calls of one person look so much like a thief's that the dear ones are held until somebody says otherwise (threats B5, B-17).
//!
//! One refused call is a surprise, and somebody tries again; three numbers that are refused for what thieves do, within minutes, are a
//! burst. The hold itself is a [`crate::Stop`]: pressed, shown and taken back as any other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::reject::Reject;

/// In which they are counted.
const WITHIN: Duration = Duration::from_secs(600);
/// Different numbers.
const NUMBERS: usize = 3;
/// People of whom something is remembered.
const PEOPLE: usize = 1_024;

/// The numbers that each person called of late and did not get.
#[derive(Debug, Default)]
pub struct Refused(BTreeMap<String, Vec<(String, Instant)>>);

impl Refused {
    /// One more. Whether the person called several within minutes.
    pub fn note(&mut self, now: Instant, person: &str, number: &str) -> bool {
        self.0.values_mut().for_each(|numbers| numbers.retain(|(_, at)| now.saturating_duration_since(*at) < WITHIN));
        self.0.retain(|_, numbers| !numbers.is_empty());
        if self.0.len() >= PEOPLE && !self.0.contains_key(person) {
            return false;
        }
        let numbers = self.0.entry(person.to_owned()).or_default();
        if numbers.iter().all(|(known, _)| known != number) {
            if numbers.len() >= NUMBERS {
                numbers.remove(0);
            }
            numbers.push((number.to_owned(), now));
        }
        numbers.len() >= NUMBERS
    }
}

/// Who was refused what thieves call, of late.
#[derive(Debug, Default)]
pub struct Hot(Refused);

impl Hot {
    /// A call of a person to a number was refused for this. Whether the person's dear calls are to be held now: said again with each
    /// that follows, until they are ([`Hot::held`]).
    pub fn refused(&mut self, now: Instant, person: &str, number: &str, reject: Reject) -> bool {
        [Reject::IN_A_ROW, Reject::ONE_AT_A_TIME].contains(&reject) && self.0.note(now, person, number)
    }

    /// The same where the call was to be sent on by itself: there no office goes to one number after the other that costs extra, or is
    /// blocked, which a person may dial by mistake. The other reasons count as of any call.
    pub fn not_sent_on(&mut self, now: Instant, person: &str, number: &str, reject: Reject) -> bool {
        [Reject::PREMIUM, Reject::BLOCKED].contains(&reject) && self.0.note(now, person, number)
    }

    /// They are held: whoever lets go of them has the next ones counted anew.
    pub fn held(&mut self, person: &str) {
        self.0.0.remove(person);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b_17_three_numbers_within_minutes_are_a_burst_and_one_that_is_tried_again_is_none() {
        let (now, mut hot) = (Instant::now(), Hot::default());
        let minute = Duration::from_secs(60);
        for again in 0..20 {
            assert!(!hot.refused(now + again * minute, "201", "+212612345610", Reject::ONE_AT_A_TIME));
        }
        let now = now + 60 * minute;
        assert!(!hot.refused(now, "201", "+212612345610", Reject::IN_A_ROW));
        assert!(!hot.refused(now, "201", "+212612345611", Reject::IN_A_ROW));
        assert!(!hot.refused(now, "202", "+212612345612", Reject::IN_A_ROW), "somebody else");
        assert!(!hot.refused(now, "201", "+212612345612", Reject::OUT_OF_REACH), "for another reason");
        assert!(!hot.refused(now + 11 * minute, "201", "+212612345612", Reject::IN_A_ROW), "much later");
        assert!(!hot.refused(now + 12 * minute, "201", "+212612345613", Reject::ONE_AT_A_TIME));
        assert!(hot.refused(now + 13 * minute, "201", "+212612345614", Reject::ONE_AT_A_TIME));
        assert!(hot.refused(now + 13 * minute, "201", "+212612345615", Reject::ONE_AT_A_TIME), "nobody held them yet");
        hot.held("201");
        assert!(!hot.refused(now + 13 * minute, "201", "+212612345616", Reject::ONE_AT_A_TIME), "counted anew");
    }

    #[test]
    fn b_20_three_numbers_that_cost_extra_or_are_blocked_to_which_calls_are_sent_on_are_a_burst() {
        let (now, mut hot) = (Instant::now(), Hot::default());
        let dear = ["+319001234", "+319001234", "+319061234", "+319091234"];
        for (person, reject) in [("201", Reject::PREMIUM), ("202", Reject::BLOCKED)] {
            assert_eq!(dear.map(|number| hot.refused(now, person, number, reject)), [false; 4], "who dials it");
            let sent_on = dear.map(|number| hot.not_sent_on(now, person, number, reject));
            assert_eq!(sent_on, [false, false, false, true]);
        }
        assert!(!hot.not_sent_on(now, "202", "+18761234567", Reject::OUT_OF_REACH));
        assert!(hot.refused(now, "202", "+212612345610", Reject::IN_A_ROW), "both ways are counted together");
    }

    #[test]
    fn what_is_remembered_of_people_is_bounded() {
        let (now, mut hot) = (Instant::now(), Hot::default());
        for person in 0..100_000 {
            hot.refused(now, &person.to_string(), "+212612345610", Reject::IN_A_ROW);
            hot.refused(now, "0", &person.to_string(), Reject::IN_A_ROW);
        }
        assert_eq!((hot.0.0.len(), hot.0.0["0"].len()), (PEOPLE, NUMBERS));
    }
}
