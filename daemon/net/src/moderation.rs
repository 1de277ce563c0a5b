//! When what comes is left to gather before anybody looks again, as network cards do it (interrupt moderation): to wake up for
//! each packet, with caches that went cold meanwhile, costs more than to handle it.

use std::time::{Duration, Instant};

/// A load, and what it is worth to wait for.
#[derive(Debug, Clone, Copy)]
struct Measure {
    /// Events a second from which on there is load.
    load: f64,
    /// How many more than that come first.
    burst: f64,
    /// How long events gather: the most that one waits, and far below what SIP's timers count in (T1 is 500 ms).
    rest: Duration,
}

/// Of whatever comes. An office that dials 50 times a second has 300 events, and none of them waits; nor does what one call
/// brings within a millisecond, or a few phones at once.
const ANY: Measure = Measure { load: 2_000.0, burst: 32.0, rest: Duration::from_millis(4) };
/// Where nothing but what nobody waits for came lately: sixty phones after a power cut.
const PATIENT: Measure = Measure { load: 100.0, burst: 16.0, rest: Duration::from_millis(20) };

/// A bucket that events fill and time empties. While it is full there is load.
#[derive(Debug)]
struct Bucket {
    measure: Measure,
    level: f64,
}

impl Bucket {
    const fn new(measure: Measure) -> Self {
        Self { measure, level: 0.0 }
    }

    fn note(&mut self, passed: Duration, events: usize) {
        let Measure { load, burst, .. } = self.measure;
        let events = f64::from(u32::try_from(events).unwrap_or(u32::MAX));
        // It holds little more than a burst, so that the end of a load is known soon.
        self.level = ((self.level - load * passed.as_secs_f64()).max(0.0) + events).min(2.0 * burst);
    }

    fn rest(&self) -> Option<Duration> {
        (self.level >= self.measure.burst).then_some(self.measure.rest)
    }
}

/// Two buckets: of all events, and of those that nobody waits for since somebody waited for one.
#[derive(Debug)]
pub(crate) struct Moderation {
    any: Bucket,
    patient: Bucket,
    noted: Instant,
}

impl Moderation {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { any: Bucket::new(ANY), patient: Bucket::new(PATIENT), noted: now }
    }

    /// Notes what was found at one look. How long the next events are to gather; `None` to take them as they come.
    pub(crate) fn rest(&mut self, now: Instant, look: Look) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.noted);
        self.noted = now;
        self.any.note(passed, look.events);
        self.patient.note(passed, look.events);
        if look.urgent {
            self.patient.level = 0.0;
        }
        // Under more load the shorter rest brings enough at once, and what waits meanwhile has to lie somewhere.
        if look.all { self.any.rest().or_else(|| self.patient.rest()) } else { None }
    }
}

/// What one look brought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// How many events, what is not told of included.
    pub(crate) events: usize,
    /// Whether somebody waits for what one of them brings.
    pub(crate) urgent: bool,
    /// Whether they were all there were.
    pub(crate) all: bool,
}

impl Look {
    /// A look at nothing yet.
    pub(crate) const NONE: Self = Self { events: 0, urgent: false, all: true };
}

/// Whether nobody waits for what such a message brings: phones do these by themselves, every few minutes.
pub(crate) fn is_patient(message: &[u8]) -> bool {
    const PATIENT: [&[u8]; 4] = [b"REGISTER ", b"OPTIONS ", b"SUBSCRIBE ", b"PUBLISH "];
    PATIENT.iter().any(|method| message.starts_with(method)) || message.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks as often as `apart` says, each of which finds `events`: how many of them are followed by a rest.
    fn rests(moderation: &mut Moderation, from: &mut Instant, looks: u32, apart: Duration, events: usize) -> u32 {
        let look = |_| {
            *from += apart;
            u32::from(moderation.rest(*from, Look { events, urgent: true, all: true }).is_some())
        };
        (0..looks).map(look).sum()
    }

    /// The same with what nobody waits for: how long the rests are together.
    fn rest_of_the_patient(moderation: &mut Moderation, from: &mut Instant, looks: u32, apart: Duration) -> Duration {
        let look = |_| {
            *from += apart;
            moderation.rest(*from, Look { events: 1, urgent: false, all: true }).unwrap_or_default()
        };
        (0..looks).map(look).sum()
    }

    fn quiet() -> (Moderation, Instant) {
        let now = Instant::now();
        (Moderation::new(now), now)
    }

    #[test]
    fn who_comes_alone_or_in_a_burst_waits_for_nothing() {
        let (mut moderation, mut now) = quiet();
        assert_eq!(
            rests(&mut moderation, &mut now, 2_000, Duration::from_micros(2_500), 1),
            0,
            "400 messages a second"
        );
        assert_eq!(rests(&mut moderation, &mut now, 1_000, Duration::from_millis(20), 6), 0, "50 calls a second");
        assert_eq!(rests(&mut moderation, &mut now, 24, Duration::from_micros(50), 1), 0, "four calls at once");
        assert_eq!(rests(&mut moderation, &mut now, 1_000, Duration::from_secs(3_600), 16), 0, "seldom");
    }

    #[test]
    fn under_load_each_look_is_followed_by_a_rest() {
        let (mut moderation, mut now) = quiet();
        let rested = rests(&mut moderation, &mut now, 1_000, Duration::from_micros(100), 1);
        assert!((955..=962).contains(&rested), "{rested}: the first of 10,000 a second are a burst");
        assert_eq!(
            rests(&mut moderation, &mut now, 500, ANY.rest, 40),
            500,
            "as many again, each time those of a rest"
        );
    }

    #[test]
    fn when_the_load_is_over_the_next_waits_for_nothing() {
        let (mut moderation, mut now) = quiet();
        assert!(rests(&mut moderation, &mut now, 500, ANY.rest, 1_000) > 0);
        assert_eq!(rests(&mut moderation, &mut now, 100, Duration::from_millis(20), 1), 0);
    }

    #[test]
    fn nobody_rests_while_more_waits_already() {
        let (mut moderation, now) = quiet();
        for look in 1..100 {
            assert_eq!(
                moderation.rest(now + ANY.rest * look, Look { events: 32, urgent: true, all: false }),
                None,
                "more was there"
            );
        }
        assert_eq!(moderation.rest(now + ANY.rest * 100, Look { events: 1, urgent: true, all: true }), Some(ANY.rest));
    }

    #[test]
    fn two_hundred_phones_that_register_are_served_at_fewer_looks_and_a_call_among_them_waits_once() {
        let (mut moderation, mut now) = quiet();
        let apart = Duration::from_micros(2_500);
        let rested = rest_of_the_patient(&mut moderation, &mut now, 100, apart);
        assert!(rested >= PATIENT.rest * 75, "{rested:?}: all but the first");
        assert_eq!(rests(&mut moderation, &mut now, 20, apart, 1), 0, "a call's messages, after the first");
        assert_eq!(rest_of_the_patient(&mut moderation, &mut now, 10, apart), Duration::ZERO, "and soon after");
    }

    #[test]
    fn an_office_whose_phones_register_now_and_then_waits_for_nothing() {
        let (mut moderation, mut now) = quiet();
        let apart = Duration::from_millis(20);
        assert_eq!(rest_of_the_patient(&mut moderation, &mut now, 1_000, apart), Duration::ZERO, "50 a second");
    }

    #[test]
    fn nobody_waits_for_what_phones_do_by_themselves() {
        for patient in
            ["REGISTER sip:box SIP/2.0", "OPTIONS sip:box SIP/2.0", "SUBSCRIBE sip:201@box SIP/2.0", "\r\n\r\n"]
        {
            assert!(is_patient(patient.as_bytes()), "{patient}");
        }
        for urgent in [
            "INVITE sip:112@box SIP/2.0",
            "BYE sip:201@box SIP/2.0",
            "SIP/2.0 200 OK",
            "REGISTERED",
            "NOTIFY sip:x SIP/2.0",
        ] {
            assert!(!is_patient(urgent.as_bytes()), "{urgent}");
        }
    }
}
