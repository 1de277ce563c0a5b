//! SIP (RFC 3261) in layers, sans-IO: values in, values out, time passed in.
//!
//! From the wire inwards: [`message`] (bytes to messages and back), [`transaction`] (retransmission and matching),
//! [`dialog`], [`auth`] (digest), [`registrar`], [`sdp`] (offer and answer), [`event_package`] (what a NOTIFY carries), [`key_body`] (a key in an INFO), and
//! [`endpoint`], the one door through which bytes come in and events go out. Nothing here reads a clock, opens a socket or
//! draws randomness of its own.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

pub mod auth;
pub mod dialog;
pub mod endpoint;
pub mod event_package;
pub mod flow;
pub mod key_body;
pub mod message;
pub mod registrar;
pub mod sdp;
pub mod transaction;
