//! One device in two places at once (threats B-10): whoever copied its name for itself, with the password, passes for it wherever it is.
//!
//! A device that moves is heard in the new place and no more in the old one; when it comes back it speaks over another flow. So the
//! sign is a flow that goes on after the same device was heard elsewhere. A connection proves that at once, as it would not have
//! outlived the move. An address and port over UDP may be the same again after a walk: there both have to go on, this flow a second
//! time after the same other one. A telephone network gives each walk another port.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::bond::{Place, Sighting};

/// Flows of one account that are remembered.
const SPOTS: usize = 8;
/// For how long after it was heard last.
const REMEMBERED: Duration = Duration::from_secs(24 * 3_600);
/// How often a flow goes on after the same other one, before it is two devices: over a connection, and without one.
const RETURNS: (u8, u8) = (1, 2);

/// Where the devices of accounts are heard.
#[derive(Debug, Default)]
pub struct Presence(BTreeMap<String, Vec<Spot>>);

/// What a device speaks over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wire {
    /// Its address and port, as they are seen.
    pub remote: SocketAddr,
    /// The connection, by a number that no later one has; none over UDP.
    pub connection: Option<u64>,
}

#[derive(Debug)]
struct Spot {
    instance: String,
    place: Place,
    wire: Wire,
    came: Instant,
    heard: Instant,
    /// After which other one it went on last, and how often after that one.
    returns: Option<(Wire, u8)>,
}

impl Spot {
    /// It goes on after that one; how often it did.
    fn returns_after(&mut self, other: Wire) -> u8 {
        let before = self.returns.filter(|(last, _)| *last == other).map_or(0, |(_, times)| times);
        let times = before.saturating_add(1);
        self.returns = Some((other, times));
        times
    }
}

impl Presence {
    /// A known device of an account registers, or goes on being registered, over that. When its name is in use in two places at
    /// once: what the one speaks over that is to be asked about. That is where the office never said that it is at home; of two such
    /// the later one; none where it is at home in both.
    pub fn heard(
        &mut self,
        now: Instant,
        account: &str,
        seen: &Sighting,
        wire: Wire,
        is_home: impl Fn(&Place) -> bool,
    ) -> Option<Wire> {
        let instance = seen.instance.as_ref()?;
        let spots = self.0.entry(account.to_owned()).or_default();
        spots.retain(|spot| now.saturating_duration_since(spot.heard) < REMEMBERED);
        let is_it = |spot: &Spot| spot.wire == wire && spot.instance == *instance && spot.place == seen.place;
        let Some(at) = spots.iter().position(is_it) else {
            if spots.len() >= SPOTS
                && let Some(oldest) = (0..spots.len()).min_by_key(|at| spots[*at].heard)
            {
                spots.swap_remove(oldest);
            }
            let (instance, place) = (instance.clone(), seen.place.clone());
            spots.push(Spot { instance, place, wire, came: now, heard: now, returns: None });
            return None;
        };
        let before = spots[at].heard;
        let elsewhere = |spot: &&Spot| spot.instance == *instance && spot.place != seen.place && spot.heard > before;
        let other = spots.iter().filter(elsewhere).max_by_key(|spot| spot.heard);
        let other = other.map(|other| (other.came, other.wire, is_home(&other.place)));
        let spot = &mut spots[at];
        spot.heard = now;
        let (came, other, other_is_home) = other?;
        let odd = match (is_home(&spot.place), other_is_home) {
            (true, true) => {
                spot.returns = None;
                return None;
            }
            (true, false) => other,
            (false, true) => wire,
            (false, false) if came > spot.came => other,
            (false, false) => wire,
        };
        if spot.returns_after(other) < if wire.connection.is_some() { RETURNS.0 } else { RETURNS.1 } {
            return None;
        }
        spots.retain(|spot| spot.wire != odd);
        spots.iter_mut().for_each(|spot| spot.returns = None);
        Some(odd)
    }

    /// Forgets an account.
    pub fn forget(&mut self, account: &str) {
        self.0.remove(account);
    }

    /// How many flows are remembered.
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "203.0.113.0/24";
    const AWAY: &str = "198.51.100.0/24";

    struct Days(Presence, Instant);

    impl Days {
        fn new() -> Self {
            Self(Presence::default(), Instant::now())
        }

        /// Heard ten minutes later; each address and port is one connection.
        fn hear(&mut self, place: &str, remote: &str, is_connection: bool, homes: &[&str]) -> Option<String> {
            let remote: SocketAddr = remote.parse().unwrap();
            let connection = is_connection.then_some(u64::from(remote.port()));
            self.hear_over(place, Wire { remote, connection }, homes).map(|odd| odd.remote.to_string())
        }

        fn hear_over(&mut self, place: &str, wire: Wire, homes: &[&str]) -> Option<Wire> {
            self.1 += Duration::from_secs(600);
            let seen = Sighting::of("Linphone/5", Some("one"), Place::named(place));
            let is_home = |place: &Place| homes.contains(&&*place.to_string());
            self.0.heard(self.1, "201", &seen, wire, is_home)
        }
    }

    #[test]
    fn b_10_who_uses_a_devices_name_elsewhere_while_that_goes_on_is_found_at_its_next_word() {
        let mut days = Days::new();
        assert_eq!(days.hear(HOME, "203.0.113.9:40000", true, &[HOME]), None);
        assert_eq!(days.hear(AWAY, "198.51.100.9:50000", true, &[HOME]), None, "it may have moved");
        assert_eq!(days.hear(HOME, "203.0.113.9:40000", true, &[HOME]).as_deref(), Some("198.51.100.9:50000"));
        // Whoever was there first: what the office knows stays.
        let mut days = Days::new();
        days.hear(AWAY, "198.51.100.9:50000", true, &[HOME]);
        days.hear(HOME, "203.0.113.9:40000", true, &[HOME]);
        assert_eq!(days.hear(AWAY, "198.51.100.9:50000", true, &[HOME]).as_deref(), Some("198.51.100.9:50000"));
        // Of two places of which the office said nothing the later one.
        let mut days = Days::new();
        days.hear(HOME, "203.0.113.9:40000", true, &[]);
        days.hear(AWAY, "198.51.100.9:50000", true, &[]);
        assert_eq!(days.hear(HOME, "203.0.113.9:40000", true, &[]).as_deref(), Some("198.51.100.9:50000"));
    }

    #[test]
    fn b_10_without_a_connection_it_takes_one_more_time() {
        let mut days = Days::new();
        let found: Vec<bool> = [HOME, AWAY, HOME, AWAY, HOME]
            .iter()
            .map(|place| {
                let flow = if *place == HOME { "203.0.113.9:5060" } else { "198.51.100.9:5060" };
                days.hear(place, flow, false, &[HOME]).is_some()
            })
            .collect();
        assert_eq!(found, [false, false, false, false, true]);
    }

    #[test]
    fn a_device_that_goes_back_and_forth_between_networks_is_one() {
        let mut days = Days::new();
        for day in 0..300_u16 {
            for (place, host) in [(HOME, "203.0.113.9"), (AWAY, "198.51.100.9"), ("office", "192.168.1.7")] {
                for _ in 0..3 {
                    let port = 20_000 + day * 3 + u16::from(place == AWAY);
                    assert_eq!(days.hear(place, &format!("{host}:{port}"), true, &[HOME]), None);
                }
            }
        }
        assert!(days.0.len() <= SPOTS);
    }

    #[test]
    fn a_device_that_comes_home_to_the_same_port_after_each_walk_is_one() {
        let wire = |remote: &str, connection| Wire { remote: remote.parse().unwrap(), connection };
        for is_connection in [false, true] {
            let mut days = Days::new();
            for day in 0..300 {
                let connection = |at: u64| is_connection.then_some(2 * day + at);
                let walk = format!("198.51.100.9:{}", 20_000 + day);
                for (place, remote, at) in [(HOME, "203.0.113.9:5060", 0), (AWAY, &*walk, 1)] {
                    for _ in 0..3 {
                        assert_eq!(days.hear_over(place, wire(remote, connection(at)), &[HOME]), None, "day {day}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_went_on_while_both_places_were_home_says_nothing_once_one_is_not() {
        let mut days = Days::new();
        for _ in 0..3 {
            assert_eq!(days.hear(HOME, "203.0.113.9:5060", false, &[HOME, AWAY]), None);
            assert_eq!(days.hear(AWAY, "198.51.100.9:5060", false, &[HOME, AWAY]), None);
        }
        assert_eq!(days.hear(HOME, "203.0.113.9:5060", false, &[HOME]), None);
    }

    #[test]
    fn a_device_that_is_at_home_in_both_places_and_two_devices_are_nobodys_concern() {
        let mut days = Days::new();
        for _ in 0..10 {
            assert_eq!(days.hear(HOME, "203.0.113.9:40000", true, &[HOME, AWAY]), None);
            assert_eq!(days.hear(AWAY, "198.51.100.9:50000", true, &[HOME, AWAY]), None);
        }
        days.0.forget("201");
        assert!(days.0.is_empty());
    }
}
