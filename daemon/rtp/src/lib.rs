//! RTP, RTCP, STUN and SRTP, tones, and everything a relay decides about a packet; without IO, clock or allocation per packet.
//!
//! In: datagrams with where they came from and when, and [`relay::Command`]s' descriptions of legs. Out: for each datagram
//! where it goes and its bytes in place, or a counted [`leg::Refusal`]; and [`relay::LegQuality`] for the call record.
//! This room may not open a socket, read a clock, or remember anything that grows with what a peer sends (a recording has its room from the begin).
//! RFC 3550, 3551, 3711, 4568 (keys only), 4733, 4961, 5506, 5761, 7983, 8489; ITU-T E.180, G.711, G.722.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

mod bytes_at;
pub mod demultiplex;
pub mod header;
mod keys;
pub mod leg;
pub mod leg_pair;
mod malformed;
pub mod mixer;
pub mod ports;
mod presses;
pub mod quality;
mod recorder;
pub mod relay;
mod replay;
mod reported;
pub mod rtcp;
pub mod sound;
pub mod source_lock;
pub mod srtp;
pub mod stun;

pub use malformed::{MAX_PACKET_BYTES, Malformed};
