//! What can be wrong with a session description or with an answer, and the limits that bound the work of reading one.

/// Longest description read, in bytes. Browsers' offers with video stay under 8 KB.
pub const MAX_SESSION: usize = 16_384;
/// Most lines in one description.
pub const MAX_LINES: usize = 512;
/// Most m= lines in one description.
pub const MAX_MEDIA: usize = 16;
/// Most formats on one m= line.
pub const MAX_FORMATS: usize = 64;

/// Why a description cannot be used. Each has a stable sentence for counters and logs; none carries text of the peer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum SdpFault {
    /// Longer than [`MAX_SESSION`], or more lines, media or formats than the limits allow.
    #[error("session description too large")]
    TooLarge,
    /// It does not begin with `v=0`.
    #[error("session description is not version 0")]
    Version,
    /// A line is not `letter=value`, or has a NUL or a bare CR in it.
    #[error("line malformed")]
    Line,
    /// o= is missing, stands twice or lacks one of its six fields.
    #[error("o= missing or malformed")]
    Origin,
    /// A c= line is not `IN IP4 host` or `IN IP6 host`.
    #[error("c= malformed")]
    Connection,
    /// An m= line lacks a field or has a port beyond 65535.
    #[error("m= malformed")]
    Media,
    /// There is no m=audio line to build on.
    #[error("no audio stream")]
    NoAudio,
    /// The answer has more or fewer m= lines than the offer, or another medium in one of them (RFC 3264 6).
    #[error("answer does not match the offer's media")]
    MediaMismatch,
    /// The answer takes up a stream that the offer had refused with port 0 (RFC 3264 6).
    #[error("answer takes up a refused stream")]
    RefusedTakenUp,
    /// The answer encrypts what was offered in clear, or the other way round (RFC 3264 6.1).
    #[error("answer's profile is not the offer's")]
    ProfileMismatch,
    /// Offer and answer share no audio codec (RFC 3264 6.1).
    #[error("no codec in common")]
    NoCommonCodec,
    /// The answer names no key, or a tag or suite that was not offered (RFC 4568 5.1.2).
    #[error("answer's crypto line was not offered")]
    CryptoMismatch,
    /// Its only audio is SRTP with keys (RFC 4568 7.1.2: to be carried over a protected path), and the path is in clear.
    #[error("keys over signalling in clear")]
    KeysInClear,
}
