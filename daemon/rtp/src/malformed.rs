//! What can be wrong with bytes that claim to be RTP, RTCP or STUN. Always the peer's fault; never more than a count.

/// The longest media packet that is looked at, in bytes. Audio never needs more than one Ethernet frame; a longer datagram
/// is refused before it is parsed.
pub const MAX_PACKET_BYTES: usize = 1500;

/// Why a packet was not what its place in the protocol asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// The packet ends before its own length fields say it does.
    #[error("shorter than its own fields say")]
    Truncated,
    /// Longer than [`MAX_PACKET_BYTES`].
    #[error("longer than {MAX_PACKET_BYTES} bytes")]
    Oversized,
    /// The version bits are not 2 (RFC 3550 5.1).
    #[error("not version 2")]
    Version,
    /// The padding count is zero or larger than what there is to pad (RFC 3550 5.1, 6.4.1).
    #[error("padding does not fit")]
    Padding,
    /// Neither RTP nor RTCP: STUN, DTLS, a TURN channel or noise (RFC 7983).
    #[error("no RTP")]
    NotRtp,
    /// The fixed value of RFC 8489 5 is missing.
    #[error("no STUN magic cookie")]
    MagicCookie,
    /// A STUN length that is no multiple of 4, or differs from the datagram's.
    #[error("wrong STUN length")]
    StunLength,
    /// The CRC of RFC 8489 14.7 is wrong or not last.
    #[error("wrong STUN fingerprint")]
    Fingerprint,
}
