//! The exchange: calls, legs, forking, trunks. One pure state machine that owns all telephony of the box.
//!
//! In: [`Input`]s with the time. Out: [`Output`]s. It knows the office ([`centrale_config::Settled`]), who is registered, which
//! calls live and how the trunks are; it may not read a clock, open a socket, start a thread or draw randomness of its own.
//! RFC 3261 (as a back-to-back user agent), RFC 3264 (media of both legs anchored here), RFC 4028 (session timers).

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

mod agenda;
mod bond;
mod call;
mod cost;
mod counters;
mod credit;
mod directory;
mod door;
mod exchange;
mod holdings;
mod incidents;
mod interfaces;
mod io;
mod live;
mod mailbox;
mod media;
mod once;
mod phone_path;
mod problem;
mod quirks;
mod record;
mod register;
mod resync;
mod sent;
mod stop;
mod subscription;
mod tried;
mod trunk;
pub mod view;

pub use call::may_send_to;
pub use centrale_guard::incident::{self, Incident};
pub use centrale_guard::knock::Reason;
pub use centrale_guard::{Cap, MOST_RAISED, Place, Pressed, Proof, Sighting, Stop};
pub use cost::Decks;
pub use counters::Counters;
pub use exchange::Exchange;
pub use holdings::Holdings;
pub use interfaces::{Interfaces, LocalAddress};
pub use io::{
    AlertCall, AlertEnd, Bound, Command, ExchangeSettings, Firewall, Input, KeptBlock, KeptServers, KeptWay, LanTable,
    Ordered, Output, PhoneOrder, Resolve, ResyncOutcome, Told, WayOut,
};
pub use mailbox::{MailboxNews, MailboxOrder, VoiceMessage, WaitingMessage};
pub use once::{ALLOWED_ONCE_FOR, is_allowable_once};
pub use record::{CallRecord, Cause, LegRecord, Outcome};
pub use tried::Tried;
