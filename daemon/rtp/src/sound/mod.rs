//! What the exchange itself lets an end of a call hear: tones by ITU-T E.180, made sample by sample, and voices it kept.
//!
//! In: a [`Sound`] and what the leg negotiated. Out: the payload of a packet, in place. Three codecs can be made (PCMA and PCMU
//! by ITU-T G.711, G.722 at 64 kbit/s); a byte of each is 125 µs, so that time is counted in bytes. In all others nothing is
//! heard: Opus and G.729 are more than a box of this size should carry for a beep.

mod encoding;
mod g711;
mod g722;
#[cfg(test)]
mod listening;
mod player;
mod said;
mod sine;
mod tune;
mod voice;

pub(crate) use encoding::Decoder;
pub use encoding::{Encoding, Speech};
pub(crate) use g711::{SILENT_CODE, a_law};
pub(crate) use player::Player;
pub use said::{Sentence, Tongue};
pub(crate) use tune::Melody;
pub use voice::{VOICE_BYTES_A_SECOND, Voice};
#[cfg(test)]
pub(crate) use {
    g711::{from_a_law, mu_law},
    g722::G722Encoder,
    listening::hertz_and_ms,
};

/// Whose tones they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Country {
    /// The Netherlands.
    Netherlands,
    /// Belgium.
    Belgium,
}

/// Something that is heard instead of the other end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sound {
    /// Somebody is called and it rings there. Until it is stopped.
    RingBack(Country),
    /// The call is over, and not because the other end wanted it (congestion tone). Until it is stopped.
    Refused(Country),
    /// Somebody will be there: three soft notes and a pause. Until it is stopped.
    Hold,
    /// The call is about to be ended: two short beeps, 300 ms. Over by itself.
    Warning,
    /// Whom you call is not there, speak after the beep: rising notes, twice, and the beep. Over by itself.
    Greeting,
    /// It is somebody's turn: a message is over and another one follows, or a PIN may be typed. A short beep. Over by itself.
    Next,
    /// Somebody has come into the conference: two rising notes. Over by itself.
    Joined,
    /// Somebody has left it: two falling notes. Over by itself.
    Left,
    /// A PIN is to be typed: two beeps. Over by itself.
    AskPin,
    /// It was another PIN, it is to be typed again: falling notes and two beeps. Over by itself.
    WrongPin,
    /// There are no more messages, or the PIN was not right: falling notes. Over by itself.
    NoMore,
    /// It is done: rising notes. Over by itself.
    Done,
}
