//! A conference: everybody in it hears the sum of what the others say, 20 ms at a time.
//!
//! In: each seat's packets, as they come. Out: per tick and seat one packet. A mixer is handed its seats in turn, twice a
//! tick: first each one is heard, then each one is told. Nothing of it grows, and a tick takes no memory.

mod seat;

use crate::sound::{Melody, Sound};
pub(crate) use seat::Seat;
use std::time::Duration;

/// How long one tick is: the packet of most telephones.
pub const TICK: Duration = Duration::from_millis(20);
/// Samples of 8 kHz in a tick.
pub(crate) const FRAME: usize = 160;
/// Most seats of one mixer: more voices than people can keep apart.
pub const MOST_SEATS: usize = 12;

/// What a conference sounds like at this moment.
#[derive(Debug)]
pub struct Mixer {
    sum: [i32; FRAME],
    /// How many are in it.
    present: usize,
    /// That somebody came or left.
    sign: Option<Melody>,
    /// What one who is alone in it hears.
    waiting: Melody,
}

impl Default for Mixer {
    fn default() -> Self {
        Self { sum: [0; FRAME], present: 0, sign: None, waiting: Melody::new(Sound::Hold) }
    }
}

impl Mixer {
    /// Somebody takes a seat: everybody is told by a short sound, also the newcomer.
    pub fn enter(&mut self) {
        self.present += 1;
        self.ring(Sound::Joined);
    }

    /// Somebody has left: so are the others.
    pub fn leave(&mut self) {
        self.present = self.present.saturating_sub(1);
        self.ring(Sound::Left);
    }

    /// Whether nobody is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.present == 0
    }

    fn ring(&mut self, sound: Sound) {
        self.sign = Some(Melody::new(sound));
        self.waiting = Melody::new(Sound::Hold);
    }

    /// A tick begins: nobody has been heard yet.
    pub fn begin(&mut self) {
        let Self { sum, present, sign, waiting } = self;
        // Who is alone hears the sign to its end, and then that somebody will be there.
        let playing = sign.as_mut().or_else(|| (*present == 1).then_some(waiting));
        match playing {
            Some(melody) => sum.fill_with(|| i32::from(melody.next_samples()[0])),
            None => sum.fill(0),
        }
        sign.take_if(|sign| sign.is_over());
    }

    /// One seat is heard.
    pub(crate) fn hear(&mut self, frame: &[i16; FRAME]) {
        for (sum, sample) in self.sum.iter_mut().zip(frame) {
            *sum += i32::from(*sample);
        }
    }

    /// What somebody hears who said `own` in this tick.
    fn others(&self, own: &[i16; FRAME]) -> impl Iterator<Item = i16> {
        let saturated = |sample: i32| sample.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        self.sum.iter().zip(own).map(move |(sum, own)| saturated(sum - i32::from(*own)))
    }
}

#[cfg(test)]
mod tests;
