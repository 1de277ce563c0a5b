//! The doctor's own questions, V0 to V15 (reference, section 5), against any ordinary server and without its help: the same
//! request twice on one flow, once with a foreign private address and once with ours. A server treats both alike; whoever
//! reads SIP on the way treats only ours.
//!
//! A [`Run`] is one round of them: bounded in number and time, on ports of its own, harmless. It rings nobody: every INVITE
//! has Max-Forwards 0 and a user that cannot be dialled. Randomness is a seed, time is passed in, and what is to be sent
//! comes out.

mod draft;
mod judge;
mod loop_call;
mod plan;
mod probe;
mod run;
mod target;
mod verdict;

pub use loop_call::{LoopCall, loop_call};
pub use probe::{Finding, Findings, Outcome, Probe, Trigger};
pub use run::{Input, Output, Run, Socket};
pub use target::{Account, Set, Target, canary};
