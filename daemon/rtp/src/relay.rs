//! What the exchange asks of the media thread and what it tells back. Values only; `media` carries them out.
//!
//! A relay joins two legs. Each leg has one even local UDP port for RTP and the odd one above it for RTCP (RFC 3550 11).

use crate::sound::{Encoding, Sound, Speech, Voice};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Names a relay for as long as its call lives; never used twice in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelayId(pub u64);

/// One of the two ends of a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The leg that called.
    Caller,
    /// The leg that was called.
    Callee,
}

impl Side {
    /// The end that a packet from this one goes to.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Caller => Self::Callee,
            Self::Callee => Self::Caller,
        }
    }
}

/// SRTP keys of one direction, as carried by SDES (RFC 4568): AES_CM_128_HMAC_SHA1_80 or _32.
#[derive(Clone, PartialEq, Eq)]
pub struct SrtpKey {
    /// The negotiated suite.
    pub suite: SrtpSuite,
    /// Master key, 16 bytes.
    pub key: [u8; 16],
    /// Master salt, 14 bytes.
    pub salt: [u8; 14],
}

impl std::fmt::Debug for SrtpKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SrtpKey({:?}, …)", self.suite)
    }
}

/// The SRTP suites that desk phones offer (RFC 4568 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SrtpSuite {
    /// 80-bit tag.
    AesCm128HmacSha1_80,
    /// 32-bit tag on RTP, 80-bit on RTCP.
    AesCm128HmacSha1_32,
}

/// One leg's negotiated media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegMedia {
    /// Address and even port to bind; the RTCP port is the one above.
    pub local: SocketAddr,
    /// Where the peer's SDP says it listens; `None` until an answer came. The first packets that arrive may correct it.
    pub remote: Option<SocketAddr>,
    /// Address that signalling comes from: packets from there are believed before those of strangers.
    pub signalling_peer: IpAddr,
    /// Whether other hosts of its network may be the peer: a provider's media servers. Beside a phone there are others.
    pub neighbours: bool,
    /// Keys with which we send, when the leg is SRTP.
    pub srtp_send: Option<SrtpKey>,
    /// Keys with which the peer sends, when the leg is SRTP.
    pub srtp_receive: Option<SrtpKey>,
    /// RTP clock rate of the audio codec in Hz, for jitter (8000 for G.711 and also, by RFC 3551, for G.722).
    pub clock_rate: u32,
    /// Whether the peer is meant to send now (false on hold): silence is then no fault.
    pub expects_audio: bool,
}

/// What is kept of what a peer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recording {
    /// The codec that was agreed.
    pub encoding: Encoding,
    /// Its payload type as the peer sends it, 0 to 127.
    pub payload_type: u8,
    /// The longest it may become; the room for it is taken at once, 8000 bytes a second.
    pub longest: Duration,
    /// The silence after which it is over.
    pub silence: Duration,
}

/// Names one meeting in a conference room; never used twice in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeetingId(pub u64);

/// How an end takes part in a meeting. Its codec is one of [`Encoding::COMPANDED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// In what it hears the others.
    pub speech: Speech,
    /// The payload type under which it speaks the same codec, 0 to 127.
    pub payload_type: u8,
    /// Whether it is heard: not while it holds.
    pub speaks: bool,
    /// Whether it wants to hear.
    pub hears: bool,
}

/// A key of a telephone: a digit, `*`, `#`, or `A` to `D`. Never shown: somebody may be typing a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key(pub char);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A key as a peer is sent it (RFC 4733).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// Which.
    pub key: Key,
    /// For how long it is pressed; at most 65,535 units of the clock are said.
    pub lasts: Duration,
    /// The payload type of telephone-event as the peer takes it, 0 to 127.
    pub payload_type: u8,
    /// Its clock rate in Hz.
    pub clock_rate: u32,
    /// The source that it comes from when the peer has been sent nothing yet: random, and never used twice.
    pub ssrc: u32,
}

/// What the exchange asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Binds the ports of one side. Sent before the SDP that names them leaves.
    Open {
        /// The relay.
        relay: RelayId,
        /// Which leg.
        side: Side,
        /// What is known of it so far.
        media: LegMedia,
    },
    /// Changes a leg after an answer, a re-INVITE or a hold. The ports stay. A changed `remote` re-opens the source lock.
    Change {
        /// The relay.
        relay: RelayId,
        /// Which leg.
        side: Side,
        /// The new state of the leg.
        media: LegMedia,
    },
    /// Lets the peer of one side hear a sound instead of the other end, until it is over, another one is played, the side is
    /// closed, or [`Command::Stop`]. A side without a leg hears nothing.
    Play {
        /// The relay.
        relay: RelayId,
        /// Who hears it.
        side: Side,
        /// What.
        sound: Sound,
        /// In what.
        speech: Speech,
    },
    /// As [`Command::Play`], with something that somebody said.
    PlayBack {
        /// The relay.
        relay: RelayId,
        /// Who hears it.
        side: Side,
        /// What.
        voice: Voice,
        /// In what.
        speech: Speech,
    },
    /// Keeps what the peer of a side says from now on, until it is as long as it may be, nobody speaks, or the side is closed.
    /// Answered by one [`Event::Recorded`], before the [`Event::Closed`] of its relay. In place of one that goes on.
    Record {
        /// The relay.
        relay: RelayId,
        /// Who is recorded.
        side: Side,
        /// How.
        recording: Recording,
    },
    /// Tells the keys that the peer of a side presses from now on (RFC 4733), each by an [`Event::Key`]. The other end is no
    /// longer sent them.
    TakeKeys {
        /// The relay.
        relay: RelayId,
        /// Whose keys.
        side: Side,
        /// The payload type of telephone-event as the peer sends it, 0 to 127.
        payload_type: u8,
    },
    /// Ends [`Command::TakeKeys`].
    LeaveKeys {
        /// The relay.
        relay: RelayId,
        /// Whose keys.
        side: Side,
    },
    /// Sends the peer of a side a key, in the stream that it is sent anyway; one after the other. A side without a leg is sent
    /// nothing.
    Press {
        /// The relay.
        relay: RelayId,
        /// Who is sent it.
        side: Side,
        /// What.
        press: Press,
    },
    /// Lets an end hear everybody else in a meeting, and be heard by them; or changes how it does. The first who comes begins
    /// the meeting, the last who leaves ends it. Beyond [`MOST_SEATS`](crate::mixer::MOST_SEATS) nobody gets in.
    Meet {
        /// The relay.
        relay: RelayId,
        /// Who.
        side: Side,
        /// Which meeting.
        meeting: MeetingId,
        /// How.
        part: Part,
    },
    /// Takes an end out of its meeting, as closing its side does.
    LeaveMeeting {
        /// The relay.
        relay: RelayId,
        /// Who.
        side: Side,
    },
    /// Ends a sound: the other end is heard again.
    Stop {
        /// The relay.
        relay: RelayId,
        /// Who heard it.
        side: Side,
    },
    /// Closes one side only (a forked leg that lost).
    CloseSide {
        /// The relay.
        relay: RelayId,
        /// Which leg.
        side: Side,
    },
    /// Closes the relay. Answered by a last [`Event::Closed`] with the totals.
    Close {
        /// The relay.
        relay: RelayId,
    },
}

/// What the media thread tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A port could not be bound; the call cannot have media there.
    PortRefused {
        /// The relay.
        relay: RelayId,
        /// Which leg.
        side: Side,
        /// The port that is taken.
        port: u16,
    },
    /// Once a second per relay with traffic or a change.
    Quality {
        /// The relay.
        relay: RelayId,
        /// The calling side, so far.
        caller: LegQuality,
        /// The called side, so far.
        callee: LegQuality,
    },
    /// A recording is over.
    Recorded {
        /// The relay.
        relay: RelayId,
        /// Who was recorded.
        side: Side,
        /// What was said: without the silence at its end, and empty when nobody spoke.
        voice: Voice,
    },
    /// A peer has pressed a key.
    Key {
        /// The relay.
        relay: RelayId,
        /// Who.
        side: Side,
        /// Which.
        key: Key,
    },
    /// No packet has come from a side that should send for this long (the call is likely dead or one-way).
    Silent {
        /// The relay.
        relay: RelayId,
        /// Which leg.
        side: Side,
        /// For how long.
        duration: Duration,
    },
    /// The relay is closed; these are its totals. The ports are free again after the cool-down.
    Closed {
        /// The relay.
        relay: RelayId,
        /// The calling side.
        caller: LegQuality,
        /// The called side.
        callee: LegQuality,
    },
}

/// What was measured on what a peer sent us. Written into the call record.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LegQuality {
    /// RTP packets accepted from the peer, whether or not the other side could take them.
    pub packets: u64,
    /// Packets missing by sequence number (RFC 3550 A.3).
    pub lost: u64,
    /// Interarrival jitter in milliseconds (RFC 3550 A.8).
    pub jitter_ms: f32,
    /// The largest jitter seen, milliseconds.
    pub jitter_max_ms: f32,
    /// Packets dropped because they came from another source than the locked one.
    pub intruders: u64,
    /// Packets dropped because SRTP authentication or replay protection refused them.
    pub unauthentic: u64,
    /// Packets dropped because they were no RTP.
    pub malformed: u64,
    /// Whether the peer should have sent and nothing came at all: the other end heard nothing.
    pub one_way: bool,
    /// Whether the peer was heard, should send, and has not for ten seconds.
    pub fell_silent: bool,
    /// Whether the peer, who should hear, reports over and over that nothing of what it is sent arrives (RTCP).
    pub hears_nothing: bool,
}
