//! How soon somebody who gave a wrong password may try again.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use crate::peer::network_of;

/// Waits after the first, second, third and every further wrong one. Nobody is locked out: an office that is attacked
/// from its own network still gets in.
const WAITS: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];
/// The wait after a wrong one for a user at whom many guess, in the office, where nobody is refused: a minute at most.
const LONG_WAIT: Duration = Duration::from_secs(60);
/// A source is forgotten after this long without an attempt.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);
/// How many sources are kept apart. Those beyond share one place, so that many sources gain nothing.
const MAX_SOURCES: usize = 1024;

/// Where wrong attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// At whoever asks.
    Source(IpAddr),
    /// At a browser in which somebody logged in before, by a hash of what it shows: nobody else keeps it waiting.
    Browser(u64),
    /// At a user, for the second code of whoever knows the password: from however many sources, it is as one.
    User(u64),
}

impl From<IpAddr> for Place {
    fn from(source: IpAddr) -> Self {
        Self::Source(source)
    }
}

/// The wrong attempts of each source. Those on the box's own networks are counted apart, so that however many guess from
/// elsewhere, nobody in the office ever shares a place with them.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    near: Sources,
    far: Sources,
}

impl Attempts {
    /// Sources on the box's own networks, or those elsewhere.
    pub(crate) const fn of(&mut self, is_near: bool) -> &mut Sources {
        if is_near { &mut self.near } else { &mut self.far }
    }
}

/// The wrong attempts of sources of one kind.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    sources: BTreeMap<Place, Source>,
}

#[derive(Debug, Clone, Copy)]
struct Source {
    wrong: usize,
    last: Instant,
    /// Its last one was for a user at whom many guess.
    waits_long: bool,
}

impl Source {
    fn waits(&self) -> Duration {
        if self.waits_long {
            return LONG_WAIT;
        }
        let place = self.wrong.min(WAITS.len());
        place.checked_sub(1).map_or(Duration::ZERO, |place| WAITS[place])
    }
}

impl Sources {
    /// Begins an attempt, which counts as a wrong one until [`Sources::forgive`] says otherwise: so a hundred at once
    /// are no better than one after the other.
    ///
    /// # Errors
    /// How long to wait yet.
    pub(crate) fn begin(&mut self, now: Instant, place: impl Into<Place>) -> Result<(), Duration> {
        self.sources.retain(|_, known| now.saturating_duration_since(known.last) < FORGOTTEN_AFTER);
        let place = self.place(place.into());
        let known = self.sources.entry(place).or_insert(Source { wrong: 0, last: now, waits_long: false });
        let left = (known.last + known.waits()).saturating_duration_since(now);
        if !left.is_zero() {
            return Err(left);
        }
        *known = Source { wrong: known.wrong + 1, last: now, waits_long: false };
        Ok(())
    }

    /// The attempt was for a user at whom many guess: the wait after it is a long one.
    pub(crate) fn hold(&mut self, place: impl Into<Place>) {
        let place = self.place(place.into());
        if let Some(known) = self.sources.get_mut(&place) {
            known.waits_long = true;
        }
    }

    /// The attempt was not a wrong one.
    pub(crate) fn forgive(&mut self, place: impl Into<Place>) {
        let place = self.place(place.into());
        self.sources.remove(&place);
    }

    /// Where a source is counted: a network is one source, and so are all that come too late.
    fn place(&self, place: Place) -> Place {
        // Users, and browsers that are known, are few, and each is counted apart whoever else guesses.
        let Place::Source(source) = place else { return place };
        let network = network_of(source).into();
        let full = self.sources.len() >= MAX_SOURCES && !self.sources.contains_key(&network);
        if full { Place::Source(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) } else { network }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 5));

    #[test]
    fn each_wrong_one_makes_the_wait_longer_up_to_eight_seconds() {
        let mut attempts = Sources::default();
        let mut now = Instant::now();
        for seconds in [1, 2, 4, 8, 8, 8] {
            attempts.begin(now, HERE).unwrap();
            assert_eq!(attempts.begin(now, HERE), Err(Duration::from_secs(seconds)), "at once, it must wait");
            now += Duration::from_secs(seconds);
        }
    }

    #[test]
    fn asking_while_one_must_wait_does_not_make_the_wait_longer() {
        let mut attempts = Sources::default();
        let now = Instant::now();
        attempts.begin(now, HERE).unwrap();
        for _ in 0..10 {
            assert!(attempts.begin(now, HERE).is_err());
        }
        attempts.begin(now + Duration::from_secs(1), HERE).unwrap();
    }

    #[test]
    fn the_right_one_and_ten_quiet_minutes_start_anew() {
        let mut attempts = Sources::default();
        let now = Instant::now();
        attempts.begin(now, HERE).unwrap();
        attempts.forgive(HERE);
        attempts.begin(now, HERE).unwrap();
        let later = now + FORGOTTEN_AFTER;
        attempts.begin(later, HERE).unwrap();
        assert_eq!(attempts.begin(later, HERE), Err(WAITS[0]));
    }

    #[test]
    fn whoever_guesses_at_a_user_waits_as_one_and_keeps_no_other_user_waiting() {
        let mut attempts = Sources::default();
        let now = Instant::now();
        attempts.begin(now, Place::User(1)).unwrap();
        attempts.forgive(HERE);
        assert_eq!(attempts.begin(now, Place::User(1)), Err(WAITS[0]), "a right password forgives no wrong code");
        attempts.begin(now, Place::User(2)).unwrap();
        attempts.begin(now, HERE).unwrap();
        attempts.forgive(Place::User(1));
        attempts.begin(now, Place::User(1)).unwrap();
    }

    #[test]
    fn one_who_guesses_keeps_nobody_else_waiting_but_many_sources_share_one_place() {
        let mut attempts = Sources::default();
        let now = Instant::now();
        for number in 0..u32::try_from(MAX_SOURCES).unwrap() {
            attempts.begin(now, IpAddr::from(std::net::Ipv4Addr::from_bits(0x0a00_0000 + number))).unwrap();
        }
        attempts.begin(now, "10.200.0.1".parse::<IpAddr>().unwrap()).unwrap();
        assert!(attempts.begin(now, "10.200.0.2".parse::<IpAddr>().unwrap()).is_err());

        let mut attempts = Sources::default();
        attempts.begin(now, "fd00::1:2:3:4".parse::<IpAddr>().unwrap()).unwrap();
        assert!(attempts.begin(now, "fd00::9:9:9:9".parse::<IpAddr>().unwrap()).is_err(), "one network is one source");
        attempts.begin(now, HERE).unwrap();
    }
    #[test]
    fn nobody_in_the_office_waits_longer_than_the_own_mistakes_cost_however_many_guess_elsewhere() {
        let mut attempts = Attempts::default();
        let mut now = Instant::now();
        for second in 0..60_u32 {
            // Of thousands at once, most share a place, and whoever comes to it must wait.
            for far in 0..5000 {
                let _ = attempts.of(false).begin(now, IpAddr::from(std::net::Ipv4Addr::from_bits(0xcb00_0000 + far)));
            }
            let stranger = IpAddr::from([198, 51, 100, 7]);
            assert!(attempts.of(false).begin(now, stranger).is_err());
            // One who knows the password gets to try it, at every moment.
            assert_eq!(attempts.of(true).begin(now, HERE), Ok(()), "{second}");
            attempts.of(true).forgive(HERE);
            now += Duration::from_secs(1);
        }
    }
}
