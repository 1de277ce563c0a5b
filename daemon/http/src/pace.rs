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
/// Sources without a session that are kept apart. Those beyond share one place.
const MOST: usize = 1024;

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// A session's.
    Session(u64),
    /// Those that come from a network without one.
    Source(IpAddr),
}

/// Until when what was asked so far would have taken, at the pace of [`EACH`]. Sessions are counted apart from strangers: however many
/// of those come, none of them takes a session's place, and who is logged in shares one with nobody.
#[derive(Debug, Default)]
pub(crate) struct Paces {
    /// Few: each took a log-in, of which two are judged at once, and one that asks nothing for half a minute is forgotten.
    sessions: BTreeMap<u64, Instant>,
    sources: BTreeMap<IpAddr, Instant>,
}

impl Paces {
    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait yet; then it counts for nothing.
    fn count(&mut self, now: Instant, whose: Whose) -> Result<(), Duration> {
        match whose {
            Whose::Session(number) => count(&mut self.sessions, now, number),
            Whose::Source(source) => {
                forget_idle(&mut self.sources, now);
                let is_full = self.sources.len() >= MOST && !self.sources.contains_key(&source);
                let source = if is_full { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { source };
                count(&mut self.sources, now, source)
            }
        }
    }
}

/// Whoever asked nothing for long enough has everything again.
fn forget_idle<K: Ord>(until: &mut BTreeMap<K, Instant>, now: Instant) {
    if until.len() >= MOST {
        until.retain(|_, until| *until > now);
    }
}

fn count<K: Ord>(all: &mut BTreeMap<K, Instant>, now: Instant, whose: K) -> Result<(), Duration> {
    forget_idle(all, now);
    let until = all.get(&whose).map_or(now, |until| now.max(*until)) + EACH;
    let ahead = until.saturating_duration_since(now);
    let most = EACH * AT_ONCE;
    if ahead > most {
        return Err(ahead - most);
    }
    all.insert(whose, until);
    Ok(())
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
        assert!(paces.sources.len() <= MOST + 1);
    }

    #[test]
    fn a_130_strangers_without_end_keep_no_session_waiting_and_sessions_that_went_fill_no_memory() {
        let (mut paces, now) = (Paces::default(), Instant::now());
        for source in 0..100_000_u32 {
            let _ = paces.count(now, Whose::Source(IpAddr::V4(source.into())));
        }
        assert!(paces.count(now, Whose::Source(IpAddr::V4(200_000.into()))).is_err(), "strangers share a place");
        for session in 0..2 {
            assert!((0..AT_ONCE).all(|_| paces.count(now, Whose::Session(session)).is_ok()), "session {session}");
        }
        for session in 0..100_000 {
            let later = now + EACH * AT_ONCE * 2 + EACH * u32::try_from(session).unwrap();
            assert_eq!(paces.count(later, Whose::Session(session)), Ok(()));
        }
        assert!(paces.sessions.len() <= MOST);
    }
}
