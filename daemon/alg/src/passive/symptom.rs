//! T1 to T8 (reference, section 9): what an office notices in calls, and which of it counts against the path. One rule each,
//! over the facts of one call; the ledger counts them over calls.

use std::fmt;
use std::time::{Duration, Instant};

use crate::diagnosis::{Deed, Deeds};

macro_rules! symptoms {
    ($($name:ident [$($deed:ident),*] $text:literal),* $(,)?) => {
        /// A symptom of a call that goes wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the names are those of the reference; each has its rule below")]
        #[repr(u8)]
        pub enum Symptom { $($name),* }

        impl Symptom {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What may be done on the way, when it is.
            pub fn deeds(self) -> Deeds {
                match self { $(Self::$name => Deeds::of(&[$(Deed::$deed),*])),* }
            }

            /// In a log or on the support page.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

symptoms! {
    T1 [DropsMedia] "T1: no sound came 3 s after the answer while ours went out",
    T2 [DropsMedia] "T2: the far end reports that it hears nothing",
    T3 [DropsAnswers] "T3: our answer was repeated to the end and never acknowledged",
    T4 [TimesOut, DropsMedia] "T4: sound stopped and nobody hung up",
    T5 [DropsInDialog] "T5: hold, resume or transfer got no answer or was refused",
    T6 [TimesOut] "T6: we are registered here and gone at the provider",
    T7 [DropsInvite] "T7: a call was sent and nothing at all came back",
    T8 [DropsAnswers] "T8: a phone rang on after the call was answered or given up",
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Symptom {
    /// Whether a test may see what causes it. None answers a call, and within a call none asks.
    pub const fn shows_to_tests(self) -> bool {
        !matches!(self, Self::T3 | Self::T5)
    }

    /// Whether one call is enough to suspect the path: what repeats itself for half a minute is not lost by chance.
    pub const fn weighs_alone(self) -> bool {
        matches!(self, Self::T3 | Self::T5 | Self::T7)
    }
}

/// A set of [`Symptom`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Symptoms(u8);

impl Symptoms {
    /// Those of a call as it stands at `now`.
    pub fn of(call: &CallFacts, now: Instant) -> Self {
        Symptom::ALL.iter().copied().filter(|symptom| symptom.is_in(call, now)).collect()
    }

    /// Whether it is among them.
    pub const fn has(self, symptom: Symptom) -> bool {
        self.0 & (1 << symptom as u8) != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Symptom> {
        Symptom::ALL.iter().copied().filter(move |symptom| self.has(*symptom))
    }
}

impl FromIterator<Symptom> for Symptoms {
    fn from_iter<T: IntoIterator<Item = Symptom>>(symptoms: T) -> Self {
        Self(symptoms.into_iter().fold(0, |set, symptom| set | 1 << symptom as u8))
    }
}

/// What became of a request within the call (re-INVITE, UPDATE, REFER).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// It timed out.
    Unanswered,
    /// Its final answer.
    Answered(u16),
}

/// What the far end's RTCP says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reports {
    /// How many reports about our sound came.
    pub came: u32,
    /// How many of them, the newest in a row, said that all of it was lost.
    pub all_lost: u32,
}

impl Reports {
    /// As many as count.
    pub const NOTHING_HEARD: Self = Self { came: ALL_LOST, all_lost: ALL_LOST };
}

/// The facts of one call, as the exchange and the media know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallFacts {
    /// When our INVITE left, for a call that goes out.
    pub invited_at: Option<Instant>,
    /// Whether anything at all, also 100, came back to it.
    pub invite_heard: bool,
    /// When the call was answered.
    pub answered_at: Option<Instant>,
    /// Whether either side holds: nobody needs to send then.
    pub held: bool,
    /// When our first RTP packet left.
    pub sending_since: Option<Instant>,
    /// When the far end's newest RTP packet came.
    pub heard_at: Option<Instant>,
    /// What it reports.
    pub reports: Reports,
    /// Our 200 was repeated until it was given up (32 s) and no ACK came.
    pub never_acknowledged: bool,
    /// The newest request of ours within the call that has an outcome.
    pub within: Option<Within>,
    /// A read-back or the provider's own ping said that our registration is gone while it is valid here.
    pub registration_gone: bool,
    /// A phone rang on though CANCEL or the answer elsewhere had been sent to it, and it is there.
    pub rang_on: bool,
    /// Whether the call is over.
    pub over: bool,
}

/// No sound so long after the answer (T1).
const FIRST_SOUND: Duration = Duration::from_secs(3);
/// Sound that stops for so long (T4).
const DEAD_AIR: Duration = Duration::from_secs(10);
/// Reports of complete loss in a row (T2).
const ALL_LOST: u32 = 3;
/// An INVITE is given up after this long (RFC 3261 timer B).
const GIVEN_UP: Duration = Duration::from_secs(32);

impl Symptom {
    fn is_in(self, call: &CallFacts, now: Instant) -> bool {
        let older = |at: Option<Instant>, age| at.is_some_and(|at| now.saturating_duration_since(at) >= age);
        let talking = !call.held && !call.over && older(call.answered_at, FIRST_SOUND);
        match self {
            Self::T1 => talking && call.heard_at.is_none() && older(call.sending_since, FIRST_SOUND),
            // Many phones and providers send no reports: their absence is no symptom, their word is.
            Self::T2 => !call.held && call.reports.all_lost >= ALL_LOST,
            Self::T3 => call.never_acknowledged,
            Self::T4 => talking && older(call.heard_at, DEAD_AIR),
            Self::T5 => matches!(call.within, Some(Within::Unanswered | Within::Answered(481 | 488))),
            Self::T6 => call.registration_gone,
            Self::T7 => older(call.invited_at, GIVEN_UP) && !call.invite_heard && call.answered_at.is_none(),
            Self::T8 => call.rang_on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn seen(call: &CallFacts, now: Instant) -> Vec<Symptom> {
        Symptoms::of(call, now).iter().collect()
    }

    fn answered(at: Instant) -> CallFacts {
        CallFacts { answered_at: Some(at), sending_since: Some(at), heard_at: Some(at), ..CallFacts::default() }
    }

    #[test]
    fn a_call_that_goes_well_has_no_symptom() {
        let now = Instant::now();
        assert_eq!(seen(&CallFacts::default(), now), []);
        assert_eq!(seen(&answered(now), now + 5 * S), []);
        let over = CallFacts { over: true, ..answered(now) };
        assert_eq!(seen(&over, now + 500 * S), []);
        let held = CallFacts { held: true, ..answered(now) };
        assert_eq!(seen(&held, now + 500 * S), []);
    }

    #[test]
    fn silence_after_the_answer_and_in_the_middle_are_told_apart() {
        let now = Instant::now();
        let deaf = CallFacts { heard_at: None, ..answered(now) };
        assert_eq!(seen(&deaf, now + 2 * S), []);
        assert_eq!(seen(&deaf, now + 3 * S), [Symptom::T1]);
        assert_eq!(seen(&answered(now), now + 10 * S), [Symptom::T4]);
    }

    #[test]
    fn each_of_the_others_has_its_fact() {
        let now = Instant::now();
        let base = CallFacts { over: true, ..answered(now) };
        let cases = [
            (CallFacts { reports: Reports { came: 3, all_lost: 3 }, ..base }, Symptom::T2),
            (CallFacts { never_acknowledged: true, ..base }, Symptom::T3),
            (CallFacts { within: Some(Within::Unanswered), ..base }, Symptom::T5),
            (CallFacts { within: Some(Within::Answered(481)), ..base }, Symptom::T5),
            (CallFacts { registration_gone: true, ..base }, Symptom::T6),
            (CallFacts { invited_at: Some(now), ..CallFacts::default() }, Symptom::T7),
            (CallFacts { rang_on: true, ..base }, Symptom::T8),
        ];
        for (call, symptom) in cases {
            assert_eq!(seen(&call, now + 33 * S), [symptom]);
        }
        assert_eq!(seen(&CallFacts { within: Some(Within::Answered(491)), ..base }, now), []);
    }
}
