//! The codecs that sounds can be made in.

use super::Sound;
use super::g711::{a_law, from_a_law, from_mu_law, mu_law};
use super::g722::{G722Decoder, G722Encoder};
use super::tune::Melody;
use super::voice::{Playback, Voice};

/// A codec that sounds can be made in: 8000 bytes a second each, at an RTP clock of 8000 Hz (RFC 3551 4.5.2 for G.722).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// G.722 at 64 kbit/s.
    G722,
}

impl Encoding {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Pcma, Self::Pcmu, Self::G722];

    /// Its name in a session description (RFC 3551 6).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
            Self::G722 => "G722",
        }
    }

    /// The codec of that name in a session description (RFC 3551 6). `None` for one that cannot be made.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| name.eq_ignore_ascii_case(encoding.name()))
    }

    /// Those of G.711, in which a conference is spoken: one sample a byte, and nothing to be remembered of the one before.
    pub const COMPANDED: [Self; 2] = [Self::Pcma, Self::Pcmu];

    /// A sample as a byte of G.711. What is no companded codec gets A-law, which nobody is sent: a conference offers none.
    pub(crate) fn companded(self, sample: i16) -> u8 {
        if self == Self::Pcmu { mu_law(sample) } else { a_law(sample) }
    }

    /// The codec of a payload type that needs no description (RFC 3551 table 4).
    pub(super) const fn assigned(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            9 => Some(Self::G722),
            _ => None,
        }
    }
}

/// How a sound is sent to one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Speech {
    /// The codec that was agreed with the end.
    pub encoding: Encoding,
    /// Its payload type on that leg, 0 to 127.
    pub payload_type: u8,
    /// The source that packets of our own come from, random. A new one for each sound: no packet of it then repeats an index
    /// under the leg's SRTP key (RFC 3711 9.1).
    pub ssrc: u32,
}

/// What is heard: a tune, or what somebody said.
#[derive(Debug)]
pub(crate) enum Source {
    Melody(Melody),
    Playback(Playback),
}

impl From<Sound> for Source {
    fn from(sound: Sound) -> Self {
        Self::Melody(Melody::new(sound))
    }
}

impl From<Voice> for Source {
    fn from(voice: Voice) -> Self {
        Self::Playback(Playback::new(voice))
    }
}

impl Source {
    fn is_over(&self) -> bool {
        match self {
            Self::Melody(melody) => melody.is_over(),
            Self::Playback(playback) => playback.is_over(),
        }
    }

    fn next_samples(&mut self) -> [i16; 2] {
        match self {
            Self::Melody(melody) => melody.next_samples(),
            Self::Playback(playback) => playback.next_samples(),
        }
    }
}

/// A source as bytes. What G.722 remembers of what it sent stays, while the packets of others come between.
#[derive(Debug)]
pub(super) struct Encoder {
    source: Source,
    wide: G722Encoder,
}

impl Encoder {
    pub(super) fn new(source: Source) -> Self {
        Self { source, wide: G722Encoder::default() }
    }

    pub(super) fn is_over(&self) -> bool {
        self.source.is_over()
    }

    /// Fills a payload with what comes next, 125 µs a byte.
    pub(super) fn fill(&mut self, encoding: Encoding, payload: &mut [u8]) {
        for byte in payload {
            let samples = self.source.next_samples();
            *byte = match encoding {
                Encoding::Pcma => a_law(samples[0]),
                Encoding::Pcmu => mu_law(samples[0]),
                Encoding::G722 => self.wide.encode(samples),
            };
        }
    }
}

/// Bytes as samples of 8 kHz, one a byte. What G.722 remembers goes on from packet to packet.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    wide: G722Decoder,
}

impl Decoder {
    pub(crate) fn decode(&mut self, encoding: Encoding, byte: u8) -> i16 {
        match encoding {
            Encoding::Pcma => from_a_law(byte),
            Encoding::Pcmu => from_mu_law(byte),
            Encoding::G722 => {
                let [one, two] = self.wide.decode(byte);
                i16::midpoint(one, two)
            }
        }
    }
}
