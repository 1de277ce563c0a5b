//! The tally of one path: what was seen, how often, when; what follows from it; and how a suspicion is taken back.

use std::time::{Duration, Instant};

use centrale_sip::flow::Transport;

use super::Found;
use super::fingerprint::{Fingerprint, Level};
use super::symptom::{Symptom, Symptoms};
use crate::diagnosis::{Advice, Confidence, Diagnosis, Direction, Interference, Path};
use crate::evidence::{Evidence, KEPT, Source, Text};
use crate::ladder::Step;

/// A sign that has not come again for so long is forgotten.
pub const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);
/// Calls that are looked back on.
const CALLS: usize = 20;
/// Of those, so many with the same symptom are no chance.
const SAME: usize = 3;

/// How often one fingerprint was seen within [`FORGOTTEN`].
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    seen: u32,
    newest: u64,
    at: Option<Instant>,
}

/// The tallies of one path.
#[derive(Debug, Clone)]
pub struct Ledger {
    tallies: [Tally; Fingerprint::ALL.len()],
    calls: [Option<(Instant, Symptoms)>; CALLS],
    next_call: usize,
    kept: Vec<Evidence>,
    /// Something was noted or taken back that nobody has asked about yet.
    news: bool,
    /// Signs that nobody has asked about yet.
    signs: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            tallies: Default::default(),
            calls: [None; CALLS],
            next_call: 0,
            kept: Vec::new(),
            news: false,
            signs: 0,
        }
    }
}

impl Ledger {
    /// A fingerprint was seen. `name` tells the transaction or the call: the same one twice counts once.
    pub(super) fn note(&mut self, fingerprint: Fingerprint, name: u64, found: Found<'_>, now: Instant) {
        let tally = &mut self.tallies[fingerprint as usize];
        if tally.at.is_some_and(|at| now.saturating_duration_since(at) >= FORGOTTEN) {
            *tally = Tally::default();
        }
        if tally.at.is_none() || tally.newest != name {
            tally.seen = tally.seen.saturating_add(1);
        }
        (tally.newest, tally.at) = (name, Some(now));
        if fingerprint.level() > Level::Weak {
            self.news = true;
            self.signs += 1;
        }
        self.keep(Source::Seen(fingerprint), Text::of(found.expected), Text::of(found.came), now);
    }

    /// A call is over, or has a symptom while it goes on: `call` is told of once, with all of them.
    pub fn call(&mut self, symptoms: Symptoms, now: Instant) {
        // A good call says nothing new of a way on which all went well; it pushes an older one out.
        self.news |= !symptoms.is_empty() || self.calls.iter().flatten().any(|(_, of_before)| !of_before.is_empty());
        self.calls[self.next_call] = Some((now, symptoms));
        self.next_call = (self.next_call + 1) % CALLS;
        for symptom in symptoms.iter() {
            self.signs += 1;
            self.keep(Source::Call(symptom), Text::default(), symptom.text().into(), now);
        }
    }

    /// The newest of each kind is kept, and of kinds the weightiest.
    fn keep(&mut self, source: Source, expected: Text, came: Text, at: Instant) {
        let evidence = Evidence { source, expected, came, at };
        if let Some(same) = self.kept.iter_mut().find(|kept| kept.source == source) {
            *same = evidence;
        } else {
            self.kept.push(evidence);
            self.kept.sort_by_key(|kept| std::cmp::Reverse(weight(kept.source)));
            self.kept.truncate(KEPT);
        }
    }

    /// Whether something was noted or taken back since [`Ledger::take_news`].
    pub const fn has_news(&self) -> bool {
        self.news
    }

    /// Tells so once, and how many signs there were.
    pub const fn take_news(&mut self) -> u64 {
        self.news = false;
        std::mem::replace(&mut self.signs, 0)
    }

    /// The way was mended: what these showed is taken back.
    pub(super) fn take_back(&mut self, fingerprints: &[Fingerprint]) {
        for fingerprint in fingerprints {
            self.tallies[*fingerprint as usize] = Tally::default();
        }
        let is_gone = |source| matches!(source, Source::Seen(it) if fingerprints.contains(&it));
        self.kept.retain(|kept| !is_gone(kept.source));
        self.news = true;
    }

    /// A test found nothing: what it could have seen is taken back. A test cannot see what only calls show (F8, F9, F14, T3, T5).
    pub fn clear(&mut self) {
        for (fingerprint, tally) in Fingerprint::ALL.iter().zip(&mut self.tallies) {
            if !blind(*fingerprint) {
                *tally = Tally::default();
            }
        }
        for (_, symptoms) in self.calls.iter_mut().flatten() {
            *symptoms = symptoms.iter().filter(|symptom| !symptom.shows_to_tests()).collect();
        }
        self.news = true;
        self.kept.retain(|kept| match kept.source {
            Source::Seen(fingerprint) => blind(fingerprint),
            Source::Call(symptom) => !symptom.shows_to_tests(),
            Source::Probe(_) => false,
        });
    }

    fn seen(&self, fingerprint: Fingerprint, now: Instant) -> u32 {
        let tally = &self.tallies[fingerprint as usize];
        let fresh = tally.at.is_some_and(|at| now.saturating_duration_since(at) < FORGOTTEN);
        if fresh { tally.seen } else { 0 }
    }

    /// Whether it was seen lately, however seldom.
    pub(super) fn has_seen(&self, fingerprint: Fingerprint, now: Instant) -> bool {
        self.seen(fingerprint, now) > 0
    }

    /// Fingerprints that have been seen often enough to count.
    fn counting(&self, now: Instant) -> impl Iterator<Item = Fingerprint> {
        let enough = |level| match level {
            Level::Certain | Level::Strong => 2,
            Level::Medium | Level::Weak => 3,
        };
        Fingerprint::ALL.iter().copied().filter(move |it| self.seen(*it, now) >= enough(it.level()))
    }

    /// Symptoms that count: one that weighs alone, or the same in several of the newest calls.
    fn ailing(&self, now: Instant) -> impl Iterator<Item = Symptom> {
        let fresh = move |at: Instant| now.saturating_duration_since(at) < FORGOTTEN;
        Symptom::ALL.iter().copied().filter(move |symptom| {
            let calls =
                self.calls.iter().flatten().filter(|(at, symptoms)| fresh(*at) && symptoms.has(*symptom)).count();
            calls >= if symptom.weighs_alone() { 1 } else { SAME }
        })
    }

    /// Whether something was seen that a test should look into, however weak.
    pub fn wants_a_test(&self, now: Instant) -> bool {
        let fresh = |at: Instant| now.saturating_duration_since(at) < FORGOTTEN;
        let symptom = self.calls.iter().flatten().any(|(at, symptoms)| fresh(*at) && !symptoms.is_empty());
        symptom || Fingerprint::ALL.iter().any(|it| self.seen(*it, now) > 0 && *it != Fingerprint::F5)
    }

    /// What follows, all in all.
    pub fn diagnosis(&self, path: Path, transport: Transport, port: u16, now: Instant) -> Diagnosis {
        let mut diagnosis = Diagnosis::unknown(path, transport, port);
        let mut directions = Vec::new();
        for fingerprint in self.counting(now) {
            let (interference, confidence) = match fingerprint.level() {
                // The registrar's own rewriting, and other distances, ask for a test and accuse nobody.
                Level::Weak => continue,
                Level::Medium => (Interference::Suspected, Confidence::Weak),
                Level::Strong => (Interference::Suspected, Confidence::Strong),
                Level::Certain => (Interference::Proven, Confidence::Certain),
            };
            diagnosis.interference = diagnosis.interference.max(interference);
            diagnosis.confidence = diagnosis.confidence.max(confidence);
            diagnosis.deeds = diagnosis.deeds.and(fingerprint.deeds());
            directions.push(fingerprint.direction());
        }
        for symptom in self.ailing(now) {
            diagnosis.interference = diagnosis.interference.max(Interference::Suspected);
            diagnosis.confidence = diagnosis.confidence.max(Confidence::Weak);
            diagnosis.deeds = diagnosis.deeds.and(symptom.deeds());
            directions.push(Direction::Both);
        }
        diagnosis.direction = common(&directions);
        diagnosis.evidence =
            self.kept.iter().filter(|kept| now.saturating_duration_since(kept.at) < FORGOTTEN).cloned().collect();
        diagnosis.advice = advice(diagnosis.interference, path);
        diagnosis.step = Step::avoiding(&diagnosis);
        diagnosis
    }
}

/// Fingerprints that no probe can see.
const fn blind(fingerprint: Fingerprint) -> bool {
    matches!(fingerprint, Fingerprint::F8 | Fingerprint::F9 | Fingerprint::F14)
}

fn weight(source: Source) -> u8 {
    match source {
        Source::Probe(_) => 9,
        Source::Seen(fingerprint) => 2 + fingerprint.level() as u8,
        Source::Call(symptom) => 2 + u8::from(symptom.weighs_alone()),
    }
}

fn common(directions: &[Direction]) -> Direction {
    match directions {
        [first, rest @ ..] if rest.iter().all(|it| it == first) => *first,
        _ => Direction::Both,
    }
}

const fn advice(interference: Interference, path: Path) -> Advice {
    match (interference, path) {
        (Interference::None, _) => Advice::NoSign,
        (Interference::Suspected, _) => Advice::TestAgain,
        (Interference::Proven, Path::PhoneBox) => Advice::MendPhonePath,
        (Interference::Proven, Path::BoxProvider) => Advice::SwitchOffInRouter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn says(ledger: &Ledger, now: Instant) -> Interference {
        ledger.diagnosis(Path::BoxProvider, Transport::Udp, 5060, now).interference
    }

    fn note(ledger: &mut Ledger, fingerprint: Fingerprint, name: u64, now: Instant) {
        ledger.note(fingerprint, name, Found::new("a", "b"), now);
    }

    fn call(symptom: Symptom) -> Symptoms {
        [symptom].into_iter().collect()
    }

    #[test]
    fn what_has_no_other_cause_is_proof_when_two_messages_show_it() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        note(&mut ledger, Fingerprint::F2, 1, now);
        note(&mut ledger, Fingerprint::F2, 1, now);
        assert_eq!(says(&ledger, now), Interference::None, "the same transaction twice");
        note(&mut ledger, Fingerprint::F2, 2, now);
        assert_eq!(says(&ledger, now), Interference::Proven);
    }

    #[test]
    fn a_suspicion_that_is_not_renewed_withdraws_itself() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        for name in 0..3 {
            note(&mut ledger, Fingerprint::F10, name, now);
        }
        assert_eq!(says(&ledger, now + 23 * HOUR), Interference::Suspected);
        assert_eq!(says(&ledger, now + 24 * HOUR), Interference::None);
    }

    #[test]
    fn a_clean_test_takes_back_what_it_could_have_seen() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        ledger.call(call(Symptom::T7), now);
        assert_eq!(says(&ledger, now), Interference::Suspected);
        assert!(ledger.wants_a_test(now));
        for name in 0..2 {
            note(&mut ledger, Fingerprint::F9, name, now);
        }
        ledger.clear();
        assert_eq!(says(&ledger, now), Interference::Suspected, "no probe sees a description within a call");
        assert_eq!(says(&ledger, now + 24 * HOUR), Interference::None);
    }

    #[test]
    fn a_hold_that_got_no_answer_is_not_taken_back_by_a_test_which_asks_nothing_within_a_call() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        ledger.call([Symptom::T1, Symptom::T5].into_iter().collect(), now);
        ledger.clear();
        assert_eq!(says(&ledger, now), Interference::Suspected);
        assert_eq!(ledger.kept.len(), 1);
        assert_eq!(says(&ledger, now + 24 * HOUR), Interference::None);
    }

    #[test]
    fn what_a_provider_does_on_purpose_accuses_nobody() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        for name in 0..1_000 {
            note(&mut ledger, Fingerprint::F5, name, now);
            note(&mut ledger, Fingerprint::F12, name, now);
        }
        assert_eq!(says(&ledger, now), Interference::None);
    }

    #[test]
    fn one_call_without_sound_is_chance_and_three_of_twenty_are_not() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        for _ in 0..2 {
            ledger.call(call(Symptom::T1), now);
            ledger.call(Symptoms::default(), now);
        }
        assert_eq!(says(&ledger, now), Interference::None);
        ledger.call(call(Symptom::T1), now);
        assert_eq!(says(&ledger, now), Interference::Suspected);
        for _ in 0..20 {
            ledger.call(Symptoms::default(), now);
        }
        assert_eq!(says(&ledger, now), Interference::None, "the last twenty calls were good");
    }

    #[test]
    fn a_good_call_is_news_only_where_a_bad_one_was_before() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        ledger.call(Symptoms::default(), now);
        assert!(!ledger.has_news());
        ledger.call(call(Symptom::T1), now);
        assert_eq!(ledger.take_news(), 1);
        for _ in 0..CALLS {
            ledger.call(Symptoms::default(), now);
            assert!(ledger.has_news(), "it pushes the bad one further out");
            ledger.take_news();
        }
        ledger.call(Symptoms::default(), now);
        assert!(!ledger.has_news(), "which is forgotten");
    }

    #[test]
    fn evidence_is_bounded_and_the_weightiest_stays() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        for fingerprint in Fingerprint::ALL {
            note(&mut ledger, *fingerprint, 1, now);
        }
        assert_eq!(ledger.kept.len(), KEPT);
        assert!(ledger.kept.iter().any(|kept| kept.source == Source::Seen(Fingerprint::F1)));
    }
}
