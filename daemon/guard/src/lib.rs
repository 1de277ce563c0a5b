//! Who may knock, who may call what, how many calls there may be at once, and what a call may cost; and what was tried against
//! that, as stories. Verdicts as values.
//!
//! In: what came from whom, as plain values; a normalised number with who wants to call it, what is taken already; the time.
//! Out: a [`knock::Verdict`] with a reason; nothing, or a [`Reject`] that the wire and the page say alike; and for a call that
//! costs something the moment at which it must end. It may not know a message beyond its text or a call's signalling, read
//! a clock, block or end anything itself. A call for help from the office never comes here: no question of this room is
//! asked for one, and [`may_call`] allows it all the same.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]

mod alarm_tests;
mod away;
mod bait;
mod bond;
mod caps;
mod civil;
mod flash;
mod homes;
mod hot;
pub mod incident;
pub mod knock;
mod lan;
mod ledger;
mod limits;
mod line;
mod machine;
mod order;
mod outreach;
mod pin;
mod policy;
mod presence;
mod quote;
mod reject;
mod servers;
mod stay;
mod stop;
mod transit;

pub use alarm_tests::AlarmTests;
pub use bait::Baits;
pub use bond::{Bonds, Place, Sighting, Standing};
pub use caps::{Cap, MOST_RAISED, Proof, Raise, RaiseRefused};
pub use civil::Civil;
pub use flash::Flashes;
pub use homes::Homes;
pub use hot::{Hot, Refused};
pub use lan::{LanSign, LanWatch, MOST_NEIGHBOURS, MacAddress, Neighbour, OtherMachine, Own};
pub use ledger::{ChargeKey, Kept, Ledger, Meter, Sign, Turn};
pub use limits::{KBIT_PER_CALL, admit_on_account, admit_on_line};
pub use line::LineLosses;
pub use machine::{Habit, Machines, Placed};
pub use order::Order;
pub use outreach::Outreach;
pub use pin::{Lock, Pins, Typist};
pub use policy::{is_opened, may_allow_once, may_call, may_forward, while_closed};
pub use presence::{Presence, Wire};
pub use quote::Quote;
pub use reject::Reject;
pub use servers::{Servers, Whereto};
pub use stay::Stays;
pub use stop::{Pressed, Stop, Stops};
pub use transit::Transit;
