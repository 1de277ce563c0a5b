//! The codecs that sounds can be made in.

use super::g711::{a_law, mu_law};
use super::g722::G722Encoder;
use super::tune::Melody;

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
    /// The codec of that name in a session description (RFC 3551 6). `None` for one that cannot be made.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let named = [("PCMA", Self::Pcma), ("PCMU", Self::Pcmu), ("G722", Self::G722)];
        named.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, encoding)| encoding)
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

/// A melody as bytes. What G.722 remembers of what it sent stays, while the packets of others come between.
#[derive(Debug)]
pub(super) struct Encoder {
    melody: Melody,
    wide: G722Encoder,
}

impl Encoder {
    pub(super) fn new(melody: Melody) -> Self {
        Self { melody, wide: G722Encoder::default() }
    }

    pub(super) const fn is_over(&self) -> bool {
        self.melody.is_over()
    }

    /// Fills a payload with what comes next, 125 µs a byte.
    pub(super) fn fill(&mut self, encoding: Encoding, payload: &mut [u8]) {
        for byte in payload {
            let samples = self.melody.next_samples();
            *byte = match encoding {
                Encoding::Pcma => a_law(samples[0]),
                Encoding::Pcmu => mu_law(samples[0]),
                Encoding::G722 => self.wide.encode(samples),
            };
        }
    }
}
