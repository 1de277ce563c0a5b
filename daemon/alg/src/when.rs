//! When to test: at install, nightly, when the gateway, the WAN address or the router's name changes, after a symptom, and
//! when somebody asks. Bounded per day, so that a provider never takes the doctor for an attacker (reference, 5.4).

use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::active::Set;
use crate::diagnosis::{Confidence, Interference};

/// What makes a test due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Somebody pressed the button, or the router was mended.
    Asked,
    /// The trunk was set up just now.
    Installed,
    /// One probe alone hit: the same again after a minute, on new ports.
    Repeat,
    /// The gateway has another MAC address.
    Gateway,
    /// Our address on the internet is another.
    WanAddress,
    /// The router calls itself otherwise (UPnP).
    RouterName,
    /// A call went wrong, or a message had a fingerprint.
    Symptom,
    /// Once a night.
    Nightly,
}

/// A test to be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Why.
    pub reason: Reason,
    /// Which probes.
    pub set: Set,
}

/// After a change of the network, the box waits until it has registered again.
const SETTLES: Duration = Duration::from_secs(20);
/// One hit alone is repeated after this (5.2).
const REPEAT: Duration = Duration::from_secs(60);
/// Two tests after symptoms are at least so far apart.
const SYMPTOMS_APART: Duration = Duration::from_secs(15 * 60);
/// Two tests that somebody asks for are at least so far apart.
const ASKED_APART: Duration = Duration::from_secs(60);
/// Who asks is answered with INVITEs so often in a day, and without them after that.
const ASKED_INVITING_A_DAY: usize = 6;
/// The probes that send INVITEs nobody asked for run at most so often in a day (5.4).
const INVITING_A_DAY: u8 = 2;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// The night, in minutes of the office's day: 2:00 to 5:00.
const NIGHT: std::ops::Range<u16> = 120..300;

/// The timetable of one path.
#[derive(Debug, Clone)]
pub struct Timetable {
    /// Reasons that wait, each with the moment from which it may run.
    waiting: Vec<(Reason, Instant)>,
    night_minute: u16,
    last_nightly: Option<Instant>,
    last_symptom: Option<Instant>,
    last_asked: Option<Instant>,
    /// Whether the last test found something: only all that was asked then takes it back.
    found: bool,
    inviting: Vec<Instant>,
}

impl Timetable {
    /// For a path whose trunk is set up now. The seed spreads the boxes of a provider over the night.
    pub fn new(seed: u64, now: Instant) -> Self {
        let night_minute = StdRng::seed_from_u64(seed).random_range(NIGHT);
        let waiting = vec![(Reason::Installed, now)];
        Self {
            waiting,
            night_minute,
            last_nightly: None,
            last_symptom: None,
            last_asked: None,
            found: false,
            inviting: Vec::new(),
        }
    }

    /// Something happened that asks for a test.
    pub fn note(&mut self, reason: Reason, now: Instant) {
        let from = match reason {
            Reason::Gateway | Reason::WanAddress | Reason::RouterName => now + SETTLES,
            Reason::Repeat => now + REPEAT,
            Reason::Symptom => self.last_symptom.map_or(now, |last| now.max(last + SYMPTOMS_APART)),
            Reason::Asked => self.last_asked.map_or(now, |last| now.max(last + ASKED_APART)),
            Reason::Installed | Reason::Nightly => now,
        };
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == reason) {
            // A network that changes again settles anew; a symptom or a wish that repeats itself waits no longer.
            Some((_, at)) if !matches!(reason, Reason::Symptom | Reason::Asked) => *at = from,
            Some(_) => {}
            None => self.waiting.push((reason, from)),
        }
    }

    /// A test was made: what it says, and whether one probe alone decided.
    pub fn tested(&mut self, interference: Interference, confidence: Confidence, repeat: bool, now: Instant) {
        self.found = interference > Interference::None;
        if repeat && confidence < Confidence::Certain && interference > Interference::None {
            self.note(Reason::Repeat, now);
        }
    }

    /// The test that is due, which is then taken as begun. `minute` is the minute of the office's day.
    pub fn due(&mut self, now: Instant, minute: u16) -> Option<Due> {
        let ready = self.waiting.iter().filter(|(_, from)| *from <= now).map(|(reason, _)| *reason).min();
        let reason = match ready {
            Some(reason) => reason,
            None if self.is_night(now, minute) => Reason::Nightly,
            None => return None,
        };
        // One full test answers every question that waits with it.
        self.waiting.retain(|(waiting, from)| *from > now || (*waiting == Reason::Repeat && reason != Reason::Repeat));
        match reason {
            Reason::Nightly => self.last_nightly = Some(now),
            Reason::Symptom => self.last_symptom = Some(now),
            Reason::Asked => self.last_asked = Some(now),
            _ => {}
        }
        Some(Due { reason, set: self.set(reason, now) })
    }

    fn is_night(&self, now: Instant, minute: u16) -> bool {
        let rested = self.last_nightly.is_none_or(|last| now.saturating_duration_since(last) >= DAY / 2);
        rested && minute >= self.night_minute && minute < NIGHT.end
    }

    fn set(&mut self, reason: Reason, now: Instant) -> Set {
        if reason == Reason::Nightly && !self.found {
            return Set::Harmless;
        }
        self.inviting.retain(|at| now.saturating_duration_since(*at) < DAY);
        // Who asks is told the truth of the moment, as long as a provider does not take the asking for an attack.
        let most = if reason == Reason::Asked { ASKED_INVITING_A_DAY } else { INVITING_A_DAY.into() };
        if self.inviting.len() >= most {
            return Set::WithoutInvites;
        }
        self.inviting.push(now);
        Set::Full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u16 = 720;

    fn installed(now: Instant) -> Timetable {
        let mut timetable = Timetable::new(1, now);
        assert_eq!(timetable.due(now, NOON), Some(Due { reason: Reason::Installed, set: Set::Full }));
        timetable
    }

    #[test]
    fn a_new_trunk_is_tested_once() {
        let now = Instant::now();
        let mut timetable = installed(now);
        assert_eq!(timetable.due(now, NOON), None);
    }

    #[test]
    fn each_night_has_one_harmless_test() {
        let now = Instant::now();
        let mut timetable = installed(now);
        let mut tests = 0;
        for minute in 0..(10 * 24 * 60) {
            let at = now + Duration::from_secs(60 * minute);
            if let Some(due) = timetable.due(at, (minute % 1440) as u16) {
                assert_eq!(due, Due { reason: Reason::Nightly, set: Set::Harmless });
                tests += 1;
            }
        }
        assert_eq!(tests, 10);
    }

    #[test]
    fn a_new_network_is_tested_when_it_has_settled() {
        let now = Instant::now();
        let mut timetable = installed(now);
        timetable.note(Reason::WanAddress, now);
        timetable.note(Reason::WanAddress, now + Duration::from_secs(10));
        assert_eq!(timetable.due(now + Duration::from_secs(20), NOON), None);
        assert_eq!(timetable.due(now + Duration::from_secs(30), NOON).map(|due| due.reason), Some(Reason::WanAddress));
    }

    #[test]
    fn many_symptoms_make_few_tests_and_few_invites() {
        let now = Instant::now();
        let mut timetable = installed(now);
        let mut sets = Vec::new();
        for second in 0..(3 * 3600) {
            let at = now + Duration::from_secs(second);
            timetable.note(Reason::Symptom, at);
            sets.extend(timetable.due(at, NOON).map(|due| due.set));
        }
        assert_eq!(sets.len(), 12, "one in a quarter of an hour");
        assert_eq!(sets.iter().filter(|set| **set == Set::Full).count(), 1, "the install was the other");
    }

    #[test]
    fn who_presses_the_button_all_day_sends_few_tests_and_fewer_invites() {
        let now = Instant::now();
        let mut timetable = installed(now);
        let mut sets = Vec::new();
        for second in 0..3600 {
            let at = now + Duration::from_secs(second);
            timetable.note(Reason::Asked, at);
            sets.extend(timetable.due(at, NOON).map(|due| due.set));
        }
        assert_eq!(sets.len(), 60, "one a minute");
        assert_eq!(sets.iter().filter(|set| **set == Set::Full).count(), 5, "the install was the sixth");
    }

    #[test]
    fn what_was_found_is_looked_for_at_night_with_all_that_found_it() {
        let now = Instant::now();
        let mut timetable = installed(now);
        timetable.tested(Interference::Proven, Confidence::Certain, false, now);
        let night = now + DAY;
        assert_eq!(timetable.due(night, 299), Some(Due { reason: Reason::Nightly, set: Set::Full }));
        timetable.tested(Interference::None, Confidence::Strong, false, night);
        assert_eq!(timetable.due(night + DAY, 299), Some(Due { reason: Reason::Nightly, set: Set::Harmless }));
    }

    #[test]
    fn one_hit_alone_is_repeated_after_a_minute() {
        let now = Instant::now();
        let mut timetable = installed(now);
        timetable.tested(Interference::Suspected, Confidence::Strong, true, now);
        assert_eq!(timetable.due(now + Duration::from_secs(59), NOON), None);
        assert_eq!(timetable.due(now + REPEAT, NOON).map(|due| due.reason), Some(Reason::Repeat));
    }
}
