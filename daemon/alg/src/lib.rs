//! The SIP ALG doctor: finds the router that rewrites calls, names it, goes round it.
//!
//! Evidence goes in as values: what was sent, what came back or arrived, from where to where, when; and what never came. A
//! [`diagnosis::Diagnosis`] comes out: whether anybody on the way changes the messages, where, what is done, how sure that
//! is, the evidence for it, what to tell the office, and the step of the [`ladder`] that avoids it. Messages are compared by
//! their meaning, with `centrale-sip`'s scanner: servers reorder, fold, change case and drop ports, and that is no rewriting.
//! Nothing here opens a socket, reads a clock or draws randomness of its own. It may not decide what becomes of a message.
//!
//! "The reference" in these files is a study of routers in a laboratory, whose section numbers they name: what the Linux
//! kernel's helper and imitations of other makers' did was measured there. The obvious test, whether Via comes back as it was
//! sent, does not work against Linux, which undoes its own change on the way back.
//!
//! # The door
//!
//! One path is one trunk, or one phone ([`diagnosis::Path`]). Whoever owns the path holds, and feeds:
//!
//! - [`passive::Watch`]: told of every answer with the request it answers, of every request that comes, of what timed out, and
//!   once of every call ([`passive::CallFacts`]). It costs no allocation until it finds something. One
//!   [`passive::Neighbours`] stands beside all phones.
//! - [`when::Timetable`]: told what happened (set up, new gateway, new address, symptom, somebody asked), asked each minute
//!   for the test that is due. [`passive::Watch::wants_a_test`] is such a symptom.
//! - [`active::Run`]: that test. Its [`active::Output`]s are carried out by the edge (open on a *new* local port, send with
//!   that TTL, close), which feeds back what arrived on each socket and what ICMP quoted. On [`active::Socket::Live`], hand
//!   it those answers that match no transaction. Stream connections feed whole messages. When it is done:
//!   `findings().diagnosis(...)`, then [`passive::Watch::tested`] and [`when::Timetable::tested`].
//! - [`ladder::Ladder`]: told the joined diagnosis ([`diagnosis::Diagnosis::joined`]), how many calls go over the trunk, and
//!   the marks of each step that it orders to be tried. While a trunk stands on another step, the plain path is still tested
//!   by runs of its own; two clean ones bring it back.
//! - [`routers::recognise`]: what stands in the office, and what its page says of switching the ALG off.
//! - [`heal::message`]: what a bound phone meant by a message that was damaged on its way.
//! - [`reflector`]: both ends of a byte-exact proof, where no server answers.
//!
//! After the office says that the router was mended, the trunk takes a new local port first: a Linux router keeps an old flow
//! rewritten for an hour after its last packet.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

pub mod active;
pub mod diagnosis;
pub mod difference;
pub mod evidence;
pub mod heal;
pub mod ladder;
pub mod passive;
pub mod reflector;
pub mod routers;
pub mod view;
pub mod when;
