//! The same attacks and the same bad morning at the box and at its peers, in one run: what each of them lets happen.
//!
//! The peers are kamailio by the rules of the configuration that Debian ships (pike, its list of scanners' names, its table of banned
//! addresses), and a kamailio that proves and nothing else, with fail2ban's filter and jail for asterisk beside it. Those read asterisk's
//! log: what that registrar refuses is written down for them in the words of its `chan_sip`, and what they ban is told and not shut out.

mod floods;
mod guesses;
mod seen;
mod storm;

pub(super) use floods::hurt;
pub(super) use guesses::{guessed_at, guessed_at_together};
pub(super) use seen::seen;
pub(super) use storm::come_back;

use crate::Subscriber;

/// Phones of an office behind one address.
const PHONES: usize = 60;
/// What is said of the second peer in a row of the table.
const IN_ITS_WORDS: &str = "fail2ban (beside a kamailio whose refusals are written down for it in asterisk's words)";

fn office() -> Vec<Subscriber> {
    (0..PHONES).map(|number| Subscriber::new(&(201 + number).to_string())).collect()
}

/// So many of a peer's, beside those of the box.
fn ratio(peer: u64, by_box: u64) -> String {
    format!("{peer} ({:.0} times as many)", peer as f64 / by_box.max(1) as f64)
}
