//! What can be wrong with a message, and the limits that bound the work one message can cause.

/// Largest message taken from the wire, in bytes: what one UDP datagram can carry (RFC 3261 18.1.1).
pub const MAX_MESSAGE: usize = 65_535;
/// Largest head (start line and headers), in bytes. The longest real ones, with six Vias and Record-Routes, stay under 6 KB.
pub const MAX_HEAD: usize = 16_384;
/// Most header fields in one message.
pub const MAX_HEADERS: usize = 128;
/// Longest header value after unfolding, in bytes.
pub const MAX_VALUE: usize = 8_192;
/// Most addresses or Vias in one message's fields of one name. Real ones have at most a dozen.
pub const MAX_ITEMS: usize = 64;
/// Most parameters in one value or URI.
pub const MAX_PARAMS: usize = 64;

/// Why a message was refused. Each has a stable name for the counters; none carries text of the peer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// Longer than [`MAX_MESSAGE`], or its head longer than [`MAX_HEAD`].
    #[error("message too large")]
    TooLarge,
    /// No empty line ends the head.
    #[error("head is not ended by an empty line")]
    Truncated,
    /// Neither a request line nor a status line.
    #[error("start line malformed")]
    StartLine,
    /// More than [`MAX_HEADERS`] fields, one over [`MAX_VALUE`], or more than [`MAX_ITEMS`] addresses.
    #[error("too many or too long header fields")]
    HeaderLimit,
    /// A header line without a name or a colon, or with a bare CR or a NUL in it.
    #[error("header line malformed")]
    HeaderLine,
    /// Content-Length missing on a stream, not a number, given twice differently, or more than there is.
    #[error("content length wrong")]
    ContentLength,
    /// Not SIP/2.0.
    #[error("SIP version not supported")]
    Version,
    /// The Request-URI cannot be read.
    #[error("request URI malformed")]
    RequestUri,
    /// A header that every message needs is not there (RFC 3261 8.1.1).
    #[error("a mandatory header is missing")]
    MissingHeader,
    /// A header that may come once came twice (RFC 3261 7.3.1).
    #[error("a header that may come once came twice")]
    RepeatedHeader,
    /// Via cannot be read.
    #[error("Via malformed")]
    Via,
    /// From or To cannot be read.
    #[error("From or To malformed")]
    Party,
    /// CSeq cannot be read, is 2^31 or more, or names another method.
    #[error("CSeq malformed or of another method")]
    CSeq,
    /// Call-ID is empty or has a character it may not have.
    #[error("Call-ID malformed")]
    CallId,
    /// Contact, Route or Record-Route cannot be read.
    #[error("Contact or Route malformed")]
    Contact,
    /// Max-Forwards is not a number from 0 to 255.
    #[error("Max-Forwards malformed")]
    MaxForwards,
    /// Expires, Session-Expires, Min-SE or another number is none.
    #[error("Expires malformed")]
    Expires,
    /// Some other header has a value it may not have.
    #[error("header value malformed")]
    Value,
}

impl Fault {
    /// The status with which a request that has this fault is answered, when it can be answered at all.
    pub const fn status(self) -> u16 {
        match self {
            Self::Version => 505,
            Self::TooLarge | Self::HeaderLimit => 513,
            _ => 400,
        }
    }
}
