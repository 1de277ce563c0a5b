//! What people do at the phones of a network.

use std::time::{Duration, Instant};

use super::super::{DeskPhone, Spot};
use super::{Lan, Place};

/// How long it rings at the other end before who called gives up.
const PATIENCE: Duration = Duration::from_secs(30);

impl Lan {
    /// Somebody dials at a base's handset. Whether it has a line.
    pub fn dial_at_handset(&mut self, base: Place, handset: u8, number: &str) -> bool {
        self.at(base, |phone, now| phone.dial_at_handset(now, handset, number, PATIENCE))
    }

    /// Somebody types a number at a base's handset, which may be locked, and presses the green key. Whether it dials.
    pub fn call_at_handset(&mut self, base: Place, handset: u8, number: &str) -> bool {
        self.at(base, |phone, now| phone.call_at_handset(now, handset, number, PATIENCE))
    }

    /// Somebody dials at a phone.
    pub fn dial(&mut self, place: Place, number: &str) {
        self.at(place, |phone, now| phone.dial(now, 0, number, PATIENCE));
    }

    /// Somebody does something at a phone that has power; what it says to that goes out.
    pub fn at<T>(&mut self, place: Place, acts: impl FnOnce(&mut DeskPhone, Instant) -> T) -> T {
        let now = self.now;
        let done = acts(&mut self.phones[place.0], now);
        self.drain_phone(place);
        done
    }

    /// What a phone shows of its book once it has it: names and numbers, or why there are none.
    pub fn read_book(&mut self, place: Place) -> Result<Vec<(String, String)>, String> {
        self.run_until(Duration::from_secs(60), |lan| lan.phones[place.0].book().is_some());
        let shown = self.phones[place.0].book().cloned();
        shown.unwrap_or_else(|| Err("nothing comes".to_owned())).map(|page| page.entries)
    }

    /// Somebody presses a key.
    ///
    /// # Panics
    /// When no key there does anything.
    pub fn press(&mut self, place: Place, spot: Spot) {
        assert!(self.at(place, |phone, now| phone.press(now, spot, PATIENCE)), "{spot} does nothing");
    }

    /// Somebody hangs up.
    pub fn hang_up(&mut self, place: Place) {
        self.at(place, |phone, now| phone.hang_up(now, 0));
    }
}
