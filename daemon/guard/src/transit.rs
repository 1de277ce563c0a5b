//! Calls of strangers through the office: who is outside and whom somebody of the office connects with numbers outside, by
//! a forward, a transfer or in a room, and with many different ones. Who is called elsewhere has one such number, or a few; who sells the office's lines
//! on has as many as customers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use crate::reject::Reject;

/// How far back is looked.
const HOUR: Duration = Duration::from_secs(3_600);
/// Different numbers outside that one person sends outside callers to in an hour: from so many on it is told, and more than so
/// many are refused.
const TOLD: usize = 5;
const MOST: usize = 10;

/// Who sends outside callers out again, and where.
#[derive(Debug, Clone, Default)]
pub struct Transit {
    sent: BTreeMap<String, VecDeque<(String, Instant)>>,
}

impl Transit {
    /// Whether somebody of the office may connect who is outside with that number outside.
    ///
    /// # Errors
    /// There were too many different ones within the hour.
    fn may_send(&self, now: Instant, person: &str, number: &str) -> Result<(), Reject> {
        let sent = self.sent.get(person).into_iter().flatten();
        let lately = sent.filter(|(_, at)| now.saturating_duration_since(*at) < HOUR);
        let numbers: BTreeSet<&str> = lately.map(|(number, _)| number.as_str()).collect();
        if numbers.len() >= MOST && !numbers.contains(number) { Err(Reject::TRANSIT) } else { Ok(()) }
    }

    /// Somebody of the office connects who is outside with that number outside.
    ///
    /// # Errors
    /// As [`Self::may_send`].
    pub fn send(&mut self, now: Instant, person: &str, number: &str) -> Result<(), Reject> {
        self.may_send(now, person, number)?;
        let sent = self.sent.entry(person.to_owned()).or_default();
        forget(now, sent);
        // One more of what is known only makes it younger.
        sent.retain(|(known, _)| known != number);
        sent.push_back((number.to_owned(), now));
        Ok(())
    }

    /// Forgets whose number is nobody's any more: who has it next is another.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.sent.retain(|person, _| is_there(person));
    }

    /// Of whom it is told, with how many different numbers. What is over is forgotten.
    pub fn told(&mut self, now: Instant) -> impl Iterator<Item = (&str, usize)> {
        self.sent.values_mut().for_each(|sent| forget(now, sent));
        self.sent.retain(|_, sent| !sent.is_empty());
        let many = self.sent.iter().map(|(person, sent)| (person.as_str(), sent.len()));
        many.filter(|(_, numbers)| *numbers >= TOLD)
    }

    /// When the oldest of it is to be forgotten.
    pub fn until(&self) -> Option<Instant> {
        self.sent.values().filter_map(VecDeque::front).map(|(_, at)| *at + HOUR).min()
    }
}

fn forget(now: Instant, sent: &mut VecDeque<(String, Instant)>) {
    sent.retain(|(_, at)| now.saturating_duration_since(*at) < HOUR);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_082_the_fifth_number_is_told_the_eleventh_refused_and_one_mobile_all_day_is_neither() {
        let (mut transit, mut now) = (Transit::default(), Instant::now());
        for call in 0..200 {
            transit.send(now, "202", "+31612345678").unwrap();
            now += Duration::from_secs(60);
            assert_eq!(transit.told(now).count(), 0, "{call}");
        }
        for number in 1..=10 {
            transit.send(now, "201", &format!("+3161234567{number:02}")).unwrap();
            let told = (number >= TOLD).then_some(("201", number));
            assert_eq!(transit.told(now).collect::<Vec<_>>(), told.into_iter().collect::<Vec<_>>());
        }
        assert_eq!(transit.send(now, "201", "+31699999999"), Err(Reject::TRANSIT));
        assert_eq!(transit.send(now, "201", "+316123456701"), Ok(()), "where callers went already");
        assert_eq!(transit.send(now, "202", "+31699999999"), Ok(()));
        assert_eq!(transit.until(), Some(now - Duration::from_secs(60) + HOUR), "what 202 sent a minute ago");
        now += HOUR;
        assert_eq!(transit.told(now).count(), 0);
        assert_eq!(transit.send(now, "201", "+31699999999"), Ok(()));
    }
}
