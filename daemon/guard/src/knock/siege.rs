//! Guessing from many networks at once, at whichever accounts: each alone stays below what is held against it, and all together
//! are one attack. While it lasts nobody is judged from the internet but devices that are known.

use std::time::Instant;

use super::recent::Recent;
use super::thresholds as most;

/// The networks that guess.
#[derive(Debug, Default)]
pub(super) struct Siege {
    networks: Recent,
    until: Option<Instant>,
}

impl Siege {
    /// A secret came from a network in which the account is not at home.
    pub(super) fn note(&mut self, now: Instant, network: u64) {
        self.networks.note(now, most::SIEGE, most::REMEMBERED, network);
        if self.networks.count(now, most::SIEGE) >= most::BESIEGED_BY {
            self.until = Some(now + most::SIEGE);
        }
    }

    /// Whether there are that many of them, or were within the hour.
    pub(super) fn is_on(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until > now)
    }
}
