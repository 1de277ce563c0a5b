//! Who may knock at SIP's door, and who is not answered any more.
//!
//! The [`Doorkeeper`] is asked three times: when a packet comes ([`Doorkeeper::packet`]), when a request proves nothing
//! ([`Doorkeeper::asked`]), and before a proof is judged ([`Doorkeeper::answered`]); it is told what came of the proof
//! ([`Doorkeeper::proved`], [`Doorkeeper::failed`]). It never learns which accounts exist, so nothing that it does can tell.
//! It counts distinct wrong secrets, never failures: a phone with an old password repeats one secret for ever.

mod accounts;
mod bucket;
mod decoys;
mod doorkeeper;
mod evidence;
mod head;
mod pace;
mod prints;
mod probes;
mod recent;
mod siege;
mod source;
mod sources;
mod tally;
pub mod thresholds;
mod verdict;

pub use doorkeeper::Doorkeeper;
pub use evidence::{Answer, Failure, Kind, Knocker, Side, Standing};
pub(crate) use sources::holding_of;
pub use tally::Tally;
pub use verdict::{Reason, Verdict};
