//! What is told by e-mail, and what by a call: which news makes which mail, when it leaves, and what it says in each language; who
//! is rung when ([`Ringing`]).
//!
//! In: [`News`] and the time, in milliseconds since 1970 UTC. Out: [`Order`]s to send a mail at a time or to take one back
//! ([`Teller`]), and the text of each ([`letter`]). One story is one mail, and what becomes of it one more; of more in an hour
//! than anybody reads there is a summary. It may not send, read a clock, or know the store, and no text of a stranger comes into
//! a mail but in letters and digits.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

mod digest;
mod letter;
mod news;
mod retry;
mod ringing;
mod teller;
mod words;

pub use centrale_ledger::incident::Language;
pub use digest::{Digest, Period, Spent};
pub use letter::{Letter, Office, letter};
pub use news::{Access, Code, Kind, News, Note, Touched};
pub use retry::{Fault, next_try};
pub use ringing::{Made, PAUSE_MS, Rang, Ring, Ringing, Spoken, asking_pause, asks_on, may_ask, may_repeat, may_ring};
pub use teller::{Order, Teller};
