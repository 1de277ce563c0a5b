//! Transactions (RFC 3261 17, RFC 6026): what makes one request and its answers out of many packets.
//!
//! Four state machines as one table ([`machine`]), their timers as data ([`timer`]), and how a message finds its transaction
//! ([`matching`]). In: that a message came or is to go, that a timer fired. Out: what is to be done. The machines know no
//! messages: [`crate::endpoint`] holds the bytes, carries out what they say, and is the only user of this room.

pub(crate) mod machine;
pub(crate) mod matching;
pub(crate) mod queue;
pub(crate) mod table;
pub mod timer;

pub use timer::Timer;
