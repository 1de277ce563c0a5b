//! Machines of the office that ask the box for very many places elsewhere: a phone speaks to its exchange, and a scanner
//! asks for one address after the other. Nothing of it leaves the box, which is no proxy; but whoever tries has other ways.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Different places that one machine asks for within a minute.
const MOST_PLACES: usize = 10;
const MINUTE: Duration = Duration::from_secs(60);
/// How long it is told after the last time.
const TOLD_FOR: Duration = Duration::from_secs(30 * 60);
/// Machines that are looked at; of more, those that ask first.
const MOST_MACHINES: usize = 256;
/// The longest name of a place that is remembered.
const LONGEST: usize = 64;

#[derive(Debug)]
struct Asking {
    since: Instant,
    places: BTreeSet<String>,
    told: Option<Instant>,
}

/// Who asks for places elsewhere.
#[derive(Debug, Default)]
pub struct Outreach(BTreeMap<IpAddr, Asking>);

impl Outreach {
    /// A machine asks for a place that is not the box. Whether it has just now asked for too many.
    pub fn note(&mut self, now: Instant, machine: IpAddr, place: &str) -> bool {
        self.forget(now);
        if self.0.len() >= MOST_MACHINES && !self.0.contains_key(&machine) {
            return false;
        }
        let asking = self.0.entry(machine).or_insert(Asking { since: now, places: BTreeSet::new(), told: None });
        if now.saturating_duration_since(asking.since) >= MINUTE {
            (asking.since, asking.places) = (now, BTreeSet::new());
        }
        if asking.places.len() < MOST_PLACES {
            asking.places.insert(place.chars().take(LONGEST).collect());
        }
        let is_too_much = asking.places.len() >= MOST_PLACES;
        let is_new = is_too_much && asking.told.is_none();
        if is_too_much {
            asking.told = Some(now);
        }
        is_new
    }

    /// Who asked for too many of late. What is over is forgotten.
    pub fn told(&mut self, now: Instant) -> Vec<IpAddr> {
        self.forget(now);
        self.0.iter().filter(|(_, asking)| asking.told.is_some()).map(|(machine, _)| *machine).collect()
    }

    /// When the oldest of that is to be forgotten.
    pub fn until(&self) -> Option<Instant> {
        self.0.values().filter_map(|asking| asking.told).map(|told| told + TOLD_FOR).min()
    }

    fn forget(&mut self, now: Instant) {
        let is_over = |asking: &Asking| match asking.told {
            Some(told) => now.saturating_duration_since(told) >= TOLD_FOR,
            None => now.saturating_duration_since(asking.since) >= MINUTE,
        };
        self.0.retain(|_, asking| !is_over(asking));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 101));

    #[test]
    fn a_012_ten_places_within_a_minute_are_told_for_half_an_hour_and_one_place_for_ever_is_not() {
        let (mut outreach, mut now) = (Outreach::default(), Instant::now());
        for _ in 0..500 {
            assert!(!outreach.note(now, PHONE, "sip.example.net"));
            now += Duration::from_secs(1);
        }
        let told: Vec<bool> = (0..50).map(|host| outreach.note(now, PHONE, &format!("203.0.113.{host}"))).collect();
        assert_eq!(told.iter().filter(|told| **told).count(), 1, "one story");
        assert_eq!(outreach.told(now), [PHONE]);
        assert_eq!(outreach.until(), Some(now + TOLD_FOR));
        assert!(outreach.told(now + TOLD_FOR).is_empty());
    }

    #[test]
    fn a_012_ten_places_in_an_hour_are_not_told_and_a_crowd_of_machines_is_bounded() {
        let (mut outreach, mut now) = (Outreach::default(), Instant::now());
        for host in 0..60 {
            assert!(!outreach.note(now, PHONE, &format!("203.0.113.{host}")));
            now += Duration::from_secs(10);
        }
        for machine in 0..100_000_u32 {
            outreach.note(now, IpAddr::from(machine.to_be_bytes()), "x");
        }
        assert_eq!(outreach.0.len(), MOST_MACHINES);
    }
}
