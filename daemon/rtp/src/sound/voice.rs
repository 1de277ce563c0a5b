//! What somebody said, kept: A-law at 8 kHz, whatever codec it came in, so that a box has one form to store and to play.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::g711::{SILENT_CODE, from_a_law};

/// Bytes of a second.
pub const VOICE_BYTES_A_SECOND: usize = 8000;

/// A piece of kept speech: A-law (G.711), 8000 bytes a second. Cheap to clone. It prints its length and never its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Voice(Arc<[u8]>);

impl Voice {
    /// Of A-law codes.
    #[must_use]
    pub fn new(codes: Vec<u8>) -> Self {
        Self(codes.into())
    }

    /// Its A-law codes.
    #[must_use]
    pub fn codes(&self) -> &[u8] {
        &self.0
    }

    /// The same after a silence of that many bytes.
    #[must_use]
    pub fn after_silence(&self, bytes: usize) -> Self {
        let silence = std::iter::repeat_n(SILENT_CODE, bytes);
        Self(silence.chain(self.0.iter().copied()).collect())
    }

    /// How long it takes to hear.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        Duration::from_millis(self.0.len() as u64 * 1000 / VOICE_BYTES_A_SECOND as u64)
    }
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Voice({:?})", self.lasts())
    }
}

/// A voice being played, in steps of 125 µs.
#[derive(Debug)]
pub(crate) struct Playback {
    voice: Voice,
    at: usize,
}

impl Playback {
    pub(super) const fn new(voice: Voice) -> Self {
        Self { voice, at: 0 }
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.voice.0.len()
    }

    /// The next 125 µs: two samples at 16 kHz, of which the first is the one at 8 kHz. Silence when it is over.
    pub(super) fn next_samples(&mut self) -> [i16; 2] {
        let sample = |at: usize| self.voice.0.get(at).map_or(0, |code| from_a_law(*code));
        let (here, next) = (sample(self.at), sample(self.at + 1));
        self.at += 1;
        [here, i16::midpoint(here, next)]
    }
}
