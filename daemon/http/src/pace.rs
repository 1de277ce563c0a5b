//! How often the API may be asked: by each session, and by each source that has none.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::clock;
use crate::edge::Edge;
use crate::peer::{Peer, network_of};
use crate::problem::Refused;

/// Requests at once: a page that opens everything has asked forty times.
const AT_ONCE: u32 = 300;
/// How soon another one may be asked after those.
const EACH: Duration = Duration::from_millis(50);
/// Who is kept apart. Those beyond share one place.
const MOST: usize = 1024;

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// A session's.
    Session(u64),
    /// Those that come from a network without one.
    Source(IpAddr),
}

/// Until when what was asked so far would have taken, at the pace of [`EACH`].
#[derive(Debug, Default)]
pub(crate) struct Paces {
    until: BTreeMap<Whose, Instant>,
}

impl Paces {
    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait yet; then it counts for nothing.
    fn count(&mut self, now: Instant, whose: Whose) -> Result<(), Duration> {
        if self.until.len() >= MOST {
            self.until.retain(|_, until| *until > now);
        }
        let is_full = self.until.len() >= MOST && !self.until.contains_key(&whose);
        let whose = if is_full { Whose::Source(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) } else { whose };
        let until = self.until.get(&whose).map_or(now, |until| now.max(*until)) + EACH;
        let ahead = until.saturating_duration_since(now);
        let most = EACH * AT_ONCE;
        if ahead > most {
            return Err(ahead - most);
        }
        self.until.insert(whose, until);
        Ok(())
    }
}

impl Edge {
    /// Refuses who asks too often.
    pub(crate) fn keeps_pace(&self, whose: Whose) -> Result<(), Refused> {
        let mut paces = self.0.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = paces.count(clock::moment().now, whose);
        counted.map_err(|left| Refused::wait(left.as_secs().max(1)))
    }
}

impl Whose {
    /// A source without a session.
    pub(crate) fn source(peer: &Peer) -> Self {
        Self::Source(network_of(peer.source_ip()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_130_who_asks_without_end_waits_and_nobody_else_does() {
        let (mut paces, now) = (Paces::default(), Instant::now());
        let one = Whose::Session(1);
        assert!((0..AT_ONCE).all(|_| paces.count(now, one).is_ok()));
        assert_eq!(paces.count(now, one), Err(EACH));
        assert_eq!(paces.count(now, one), Err(EACH), "a refused one makes it no later");
        assert!(paces.count(now, Whose::Session(2)).is_ok());
        assert!(paces.count(now + EACH, one).is_ok());
        assert!((0..AT_ONCE).all(|_| paces.count(now + EACH * AT_ONCE * 2, one).is_ok()), "quiet for long enough");
    }

    #[test]
    fn sources_without_end_fill_no_memory() {
        let (mut paces, now) = (Paces::default(), Instant::now());
        for source in 0..5_000_u32 {
            let _ = paces.count(now, Whose::Source(IpAddr::V4(source.into())));
        }
        assert!(paces.until.len() <= MOST + 1);
    }
}
