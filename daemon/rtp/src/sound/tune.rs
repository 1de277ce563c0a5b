//! The tones as data: frequency, cadence and level.
//!
//! Frequencies and cadences: ITU-T E.180 supplement 2, the Netherlands and Belgium. Levels: E.180 5 (-10 dBm0 where the network
//! sends its tones); the tone of waiting is 10 dB softer, since it may last for minutes.

use std::time::Duration;

use super::sine::sine;
use super::{Country, Sound};

/// Ticks in a millisecond: the samples of the fastest codec.
const TICKS_PER_MS: u32 = 16;
/// What a note rises and falls in, so that it does not click.
const RAMP_MS: u32 = 5;

/// Amplitude of -10 dBm0, of 32,768 for full scale, which is at +3.14 dBm0 in G.711.
const TONE: i32 = 7_220;
/// Amplitude of -20 dBm0.
const SOFT: i32 = 2_283;

/// One frequency for one time. 0 Hz is silence.
struct Note {
    hertz: u16,
    ms: u16,
}

const fn note(hertz: u16, ms: u16) -> Note {
    Note { hertz, ms }
}

/// Notes, and what comes after the last.
pub(super) struct Tune {
    notes: &'static [Note],
    amplitude: i32,
    repeats: bool,
}

const fn repeated(notes: &'static [Note], amplitude: i32) -> Tune {
    Tune { notes, amplitude, repeats: true }
}

static RING_BACK_NL: Tune = repeated(&[note(425, 1000), note(0, 4000)], TONE);
static RING_BACK_BE: Tune = repeated(&[note(425, 1000), note(0, 3000)], TONE);
static CONGESTION_NL: Tune = repeated(&[note(425, 250), note(0, 250)], TONE);
static CONGESTION_BE: Tune = repeated(&[note(425, 167), note(0, 167)], TONE);
/// The notes of a triad, as a clock would strike them: nobody's melody.
static HOLD: Tune = repeated(&[note(392, 400), note(494, 400), note(587, 800), note(0, 2400)], SOFT);
/// 1400 Hz is what both countries say with that something else goes on in a call, and no voice is that pure.
static WARNING: Tune =
    Tune { notes: &[note(1400, 100), note(0, 100), note(1400, 100)], amplitude: TONE, repeats: false };

const fn once(notes: &'static [Note]) -> Tune {
    Tune { notes, amplitude: TONE, repeats: false }
}

/// The beep of an answering machine, at a frequency that no other tone here has.
const BEEP: u16 = 1000;
static GREETING: Tune = once(&[
    note(392, 200),
    note(494, 200),
    note(587, 400),
    note(0, 400),
    note(392, 200),
    note(494, 200),
    note(587, 400),
    note(0, 600),
    note(BEEP, 500),
]);
static NEXT: Tune = once(&[note(0, 300), note(BEEP, 200), note(0, 300)]);
/// As soft as who waits hears, since somebody is speaking.
const fn beneath(notes: &'static [Note]) -> Tune {
    Tune { notes, amplitude: SOFT, repeats: false }
}
static JOINED: Tune = beneath(&[note(494, 150), note(587, 150)]);
static LEFT: Tune = beneath(&[note(587, 150), note(494, 150)]);
static ASK_PIN: Tune = once(&[note(0, 300), note(BEEP, 200), note(0, 100), note(BEEP, 200)]);
static WRONG_PIN: Tune =
    once(&[note(0, 300), note(587, 200), note(392, 400), note(0, 300), note(BEEP, 200), note(0, 100), note(BEEP, 200)]);
static NO_MORE: Tune = once(&[note(0, 300), note(587, 200), note(494, 200), note(392, 600)]);

static DONE: Tune = once(&[note(0, 300), note(392, 200), note(494, 200), note(587, 600)]);

impl Sound {
    /// How long it takes to hear. `None` for one that goes on until it is stopped.
    #[must_use]
    pub fn lasts(self) -> Option<Duration> {
        let tune = self.tune();
        let ms = tune.notes.iter().map(|note| u64::from(note.ms)).sum();
        (!tune.repeats).then(|| Duration::from_millis(ms))
    }

    const fn tune(self) -> &'static Tune {
        match self {
            Self::RingBack(Country::Netherlands) => &RING_BACK_NL,
            Self::RingBack(Country::Belgium) => &RING_BACK_BE,
            Self::Refused(Country::Netherlands) => &CONGESTION_NL,
            Self::Refused(Country::Belgium) => &CONGESTION_BE,
            Self::Hold => &HOLD,
            Self::Warning => &WARNING,
            Self::Greeting => &GREETING,
            Self::Next => &NEXT,
            Self::Joined => &JOINED,
            Self::Left => &LEFT,
            Self::AskPin => &ASK_PIN,
            Self::WrongPin => &WRONG_PIN,
            Self::NoMore => &NO_MORE,
            Self::Done => &DONE,
        }
    }
}

/// A tune being played, in steps of 125 µs.
#[derive(Debug)]
pub(crate) struct Melody {
    sound: Sound,
    note: usize,
    /// Of the note, so far.
    ticks: u32,
}

impl Melody {
    pub(crate) const fn new(sound: Sound) -> Self {
        Self { sound, note: 0, ticks: 0 }
    }

    /// Whether it has no more notes.
    pub(crate) const fn is_over(&self) -> bool {
        self.note >= self.sound.tune().notes.len()
    }

    /// The next 125 µs: two samples at 16 kHz, of which the first is the one at 8 kHz. Silence when it is over.
    pub(crate) fn next_samples(&mut self) -> [i16; 2] {
        let tune = self.sound.tune();
        let Some(Note { hertz, ms }) = tune.notes.get(self.note) else { return [0, 0] };
        let length = u32::from(*ms) * TICKS_PER_MS;
        let samples = [self.ticks, self.ticks + 1].map(|tick| sample(tick, length, *hertz, tune.amplitude));
        self.ticks += 2;
        if self.ticks >= length {
            self.ticks = 0;
            self.note += 1;
            if tune.repeats && self.note == tune.notes.len() {
                self.note = 0;
            }
        }
        samples
    }
}

fn sample(tick: u32, length: u32, hertz: u16, amplitude: i32) -> i16 {
    if hertz == 0 {
        return 0;
    }
    let ramp = RAMP_MS * TICKS_PER_MS;
    let loudness = tick.min(length.saturating_sub(tick)).min(ramp) as i32;
    let phase = ((u64::from(tick) * u64::from(hertz)) << 32) / u64::from(TICKS_PER_MS * 1000);
    // At most the amplitude, which is below full scale.
    (i32::from(sine(phase as u32)) * amplitude / 32_768 * loudness / ramp as i32) as i16
}

#[cfg(test)]
mod tests {
    use super::super::listening::{heard, hertz_and_ms};
    use super::*;

    fn played(sound: Sound, ms: u32) -> Vec<i16> {
        let mut melody = Melody::new(sound);
        (0..ms * 8).map(|_| melody.next_samples()[0]).collect()
    }

    #[test]
    fn every_tone_has_its_countrys_frequency_and_cadence() {
        for (sound, cadence) in [
            (Sound::RingBack(Country::Netherlands), vec![(425, 1000), (0, 4000), (425, 1000), (0, 4000)]),
            (Sound::RingBack(Country::Belgium), vec![(425, 1000), (0, 3000), (425, 1000), (0, 3000)]),
            (Sound::Refused(Country::Netherlands), vec![(425, 250), (0, 250), (425, 250), (0, 250)]),
            (Sound::Hold, vec![(392, 400), (494, 400), (587, 800), (0, 2400), (392, 400)]),
            (Sound::Warning, vec![(1400, 100), (0, 100), (1400, 100), (0, 100)]),
            (Sound::Next, vec![(0, 300), (1000, 200), (0, 300)]),
            (Sound::Joined, vec![(494, 150), (587, 150)]),
            (Sound::Left, vec![(587, 150), (494, 150)]),
            (Sound::AskPin, vec![(0, 300), (1000, 200), (0, 100), (1000, 200)]),
            (Sound::NoMore, vec![(0, 300), (587, 200), (494, 200), (392, 600)]),
            (Sound::Done, vec![(0, 300), (392, 200), (494, 200), (587, 600)]),
        ] {
            let length = cadence.iter().map(|(_, ms)| ms).sum();
            assert_eq!(hertz_and_ms(&played(sound, length), 8000), cadence, "{sound:?}");
        }
        let belgian = played(Sound::Refused(Country::Belgium), 668);
        assert_eq!(hertz_and_ms(&belgian, 8000).iter().map(|(hertz, _)| *hertz).collect::<Vec<_>>(), [425, 0, 425, 0]);
    }

    #[test]
    fn tones_are_as_loud_as_e_180_asks_and_waiting_is_softer() {
        let level =
            |sound| heard(&played(sound, 200), 8000, 20).iter().map(|piece| piece.dbm0).fold(f64::MIN, f64::max);
        assert!((level(Sound::RingBack(Country::Netherlands)) + 10.0).abs() < 0.3);
        assert!((level(Sound::Warning) + 10.0).abs() < 0.3);
        assert!((level(Sound::Hold) + 20.0).abs() < 0.3);
    }

    #[test]
    fn what_has_an_end_is_over_when_it_says() {
        for (sound, ms) in [(Sound::Warning, 300), (Sound::Greeting, 3100), (Sound::Next, 800), (Sound::NoMore, 1300)] {
            assert_eq!(sound.lasts(), Some(Duration::from_millis(ms)), "{sound:?}");
            let mut melody = Melody::new(sound);
            let mut ticks = std::iter::from_fn(|| (!melody.is_over()).then(|| melody.next_samples()));
            assert_eq!(ticks.by_ref().count() as u64, ms * 8, "{sound:?}");
        }
        assert_eq!(Sound::Hold.lasts(), None);
    }

    #[test]
    fn no_note_begins_or_ends_with_a_click() {
        for sound in [Sound::Hold, Sound::Warning, Sound::RingBack(Country::Belgium)] {
            let samples = played(sound, 4000);
            let steepest =
                samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max().unwrap();
            // A sine of 1400 Hz at 8 kHz rises by 1.1 of its amplitude in a sample.
            assert!(steepest < TONE * 6 / 5, "{sound:?}: {steepest}");
        }
        let first = &played(Sound::Warning, 1)[..4];
        assert!(first.iter().all(|sample| i32::from(*sample).abs() < TONE / 8), "{first:?}");
    }
}
