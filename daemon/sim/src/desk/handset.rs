//! The handsets of a DECT base. They have no network of their own: each hangs on the base by radio, has a line of the
//! base's accounts, and shows what the base tells it.

use std::time::{Duration, Instant};

use super::DeskPhone;
use super::keypad::EMERGENCY_FROM_THE_FACTORY;
use super::station::{Standing, Station};

/// A handset that somebody subscribed at a base (button and menu); its place is the order in which that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handset {
    pub(super) model: &'static str,
    /// Whether somebody locked its keys. It stays so without its base.
    pub(super) locked: bool,
}

impl DeskPhone {
    /// Somebody subscribes a handset at this base. Which of the base's places it has, from 1; none when it is no base or
    /// all places are taken.
    pub fn subscribe_handset(&mut self, model: &'static str) -> Option<u8> {
        let place = u8::try_from(self.handsets.len() + 1).ok();
        let place = place.filter(|place| self.profile.is_base && *place <= self.profile.accounts)?;
        self.handsets.push(Handset { model, locked: false });
        Some(place)
    }

    /// What a person sees on a handset.
    pub fn handset_shows(&self, place: u8) -> String {
        let Some(handset) = self.handset(place) else { return "not subscribed".to_owned() };
        if !self.is_on() {
            return "searching for base".to_owned();
        }
        let own = self.store.value(&format!("handset.{place}.name"));
        let name = if own.is_empty() { handset.model } else { own };
        let station = self.handset_line(place).and_then(|line| self.stations.get(line));
        match station.map(|station| station.standing) {
            None => format!("{name}: no line"),
            Some(Standing::Registered) => name.to_owned(),
            Some(Standing::Trying | Standing::Failed(_)) => format!("{name}: not registered"),
        }
    }

    /// New messages, as a handset shows them.
    pub fn handset_messages(&self, place: u8) -> u32 {
        let line = self.handset(place).and_then(|_| self.handset_line(place));
        line.and_then(|line| self.stations.get(line)).map_or(0, Station::messages)
    }

    /// A setting that the base has handed on to its handsets; it does so only where it is told to.
    pub fn handset_setting(&self, key: &str) -> &str {
        let either = ["static.auto_provision.handset_configured.enable", "auto_provision.handset_configured.enable"];
        let hands_on = either.iter().any(|key| self.store.value(key) == "1");
        if hands_on { self.store.value(&format!("custom.handset.{key}")) } else { "" }
    }

    /// Somebody dials at a handset. Whether it has a line to do so.
    pub fn dial_at_handset(&mut self, now: Instant, place: u8, number: &str, patience: Duration) -> bool {
        let line = self.handset(place).and_then(|_| self.handset_line(place));
        line.inspect(|line| self.dial(now, *line, number, patience)).is_some()
    }

    /// Somebody locks the keys of a handset, or unlocks them.
    pub fn lock_handset(&mut self, place: u8, locked: bool) {
        let at = usize::from(place).checked_sub(1);
        if let Some(handset) = at.and_then(|at| self.handsets.get_mut(at)) {
            handset.locked = locked;
        }
    }

    /// Somebody types a number at a handset and presses its green key, before which nothing is dialled. Whether it dials: a
    /// locked one has a list of numbers that it dials all the same.
    pub fn call_at_handset(&mut self, now: Instant, place: u8, number: &str, patience: Duration) -> bool {
        let passes = |handset: &Handset| !handset.locked || self.handset_dials_locked(number);
        self.handset(place).is_some_and(passes) && self.dial_at_handset(now, place, number, patience)
    }

    /// Whether a locked handset dials a number: by the base's list, or by the one that it came with.
    fn handset_dials_locked(&self, number: &str) -> bool {
        let own = self.handsets_own_list.then_some(EMERGENCY_FROM_THE_FACTORY);
        let list =
            own.unwrap_or_else(|| self.store.value_or("phone_setting.emergency.number", EMERGENCY_FROM_THE_FACTORY));
        list.split(',').any(|known| known == number)
    }

    /// Somebody opens the phone book at a handset, which is its base's. Whether there is a handset with one.
    pub fn open_book_at_handset(&mut self, now: Instant, place: u8) -> bool {
        self.handset(place).is_some() && self.open_book(now)
    }

    /// The handsets that ring when a call comes in for this account, from 1.
    pub fn ringing_handsets(&self, account: u8) -> Vec<u8> {
        let rings = |place: &u8| {
            let lines = self.store.value(&format!("handset.{place}.incoming_lines"));
            // From the factory the n-th handset has the n-th account.
            let own = lines.is_empty() && *place == account;
            own || lines.split(',').any(|line| line.trim().parse() == Ok(account))
        };
        (1..=self.profile.accounts).filter(|place| self.handset(*place).is_some()).filter(rings).collect()
    }

    fn handset(&self, place: u8) -> Option<&Handset> {
        self.handsets.get(usize::from(place.checked_sub(1)?))
    }

    /// Which of the base's lines a handset dials out on.
    fn handset_line(&self, place: u8) -> Option<usize> {
        let account = self.store.number(&format!("handset.{place}.dial_out_default_line")).unwrap_or(u64::from(place));
        self.stations.iter().position(|station| u64::from(station.account.index) == account)
    }
}
