//! The keys beside the screen and on the modules: where each is, what it does, what its lamp shows, and what happens when
//! somebody presses it.

use std::fmt;
use std::time::{Duration, Instant};

use super::{DeskPhone, Maker, Profile, Wake, snom, yealink};
use crate::agent::Lamp;

/// How long a phone that holds a call waits for the word that it is held before it dials on.
const HOLDS: Duration = Duration::from_millis(500);

/// Where a key is, as a person finds it. Everything counts from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Which module beside the phone; 0 is the phone itself.
    pub module: u8,
    /// Which page of what is shown there.
    pub page: u8,
    /// Which key of the page.
    pub key: u8,
}

impl Spot {
    /// On the phone itself.
    pub const fn on_phone(page: u8, key: u8) -> Self {
        Self { module: 0, page, key }
    }

    /// On a module.
    pub const fn on_module(module: u8, page: u8, key: u8) -> Self {
        Self { module, page, key }
    }
}

impl fmt::Display for Spot {
    /// `key 2 on page 1`, `key 2 on page 1 of module 3`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, page, key } = self;
        write!(f, "key {key} on page {page}")?;
        if *module == 0 { Ok(()) } else { write!(f, " of module {module}") }
    }
}

/// A key as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where.
    pub spot: Spot,
    /// What stands beside it.
    pub label: String,
    /// Its lamp.
    pub lamp: Lamp,
}

/// A key as the settings make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) spot: Spot,
    pub(super) label: String,
    /// Whose account it belongs to, from 1.
    pub(super) account: u8,
    pub(super) does: Does,
}

/// What a key does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    /// It is the phone's own line.
    Line,
    /// It shows what a number does, and calls it; `pickup` is dialled where it rings there.
    Watches { number: String, pickup: Option<String> },
    /// It calls a number.
    Dials(String),
}

/// Every place for a key that a phone has with so many modules: the module, the key's number there over all pages, and
/// where that is.
pub(super) fn places(profile: &Profile, modules: u8) -> impl Iterator<Item = (u8, u8, Spot)> {
    let board = |module, keys: u8, pages: u8| {
        let on_page = keys.div_ceil(pages.max(1)).max(1);
        (0..keys).map(move |at| (module, at + 1, Spot { module, page: at / on_page + 1, key: at % on_page + 1 }))
    };
    let Profile { keys, pages, module_keys, module_pages, .. } = *profile;
    let plugged = modules.min(profile.modules);
    board(0, keys, pages).chain((1..=plugged).flat_map(move |module| board(module, module_keys, module_pages)))
}

impl DeskPhone {
    pub(super) fn keys(&self) -> Vec<Key> {
        let all = places(&self.profile, self.modules);
        match self.profile.maker {
            Maker::Yealink => all.filter_map(|place| yealink::key(&self.store, place)).collect(),
            Maker::Snom => all.filter_map(|place| snom::key(&self.store, &self.profile, place)).collect(),
            Maker::Linphone => Vec::new(),
        }
    }

    pub(super) fn lamp(&self, key: &Key) -> Lamp {
        let station = self.stations.iter().find(|station| station.account.index == key.account);
        station.map_or(Lamp::Off, |station| station.lamp(&key.does))
    }

    /// Somebody presses a key. Whether there is one that does something.
    pub fn press(&mut self, now: Instant, spot: Spot, patience: Duration) -> bool {
        let Some(key) = self.keys().into_iter().find(|key| key.spot == spot) else { return false };
        let rings = self.lamp(&key) == Lamp::Blinking;
        let number = match key.does {
            Does::Watches { pickup: Some(pickup), .. } if rings => pickup,
            Does::Watches { number, .. } | Does::Dials(number) => number,
            Does::Line => return true,
        };
        let Some(line) = self.stations.iter().position(|station| station.account.index == key.account) else {
            return false;
        };
        if self.stations[line].is_talking() {
            self.hold(now, line, true);
            self.wake(now + HOLDS, Wake::Dial { line, number, patience });
        } else {
            self.dial(now, line, &number, patience);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_counted_over_the_pages_of_the_phone_and_then_of_each_module() {
        let all: Vec<(u8, u8, Spot)> = places(&Profile::T54W, 2).collect();
        assert_eq!(all.len(), 27 + 2 * 60);
        assert_eq!(all[10], (0, 11, Spot::on_phone(2, 2)));
        assert_eq!(all[27 + 60], (2, 1, Spot::on_module(2, 1, 1)));
        assert_eq!(all[27 + 40], (1, 41, Spot::on_module(1, 3, 1)));
        assert_eq!(places(&Profile::T54W, 9).count(), 27 + 3 * 60, "no more than it can carry");
        assert_eq!(places(&Profile::W60B, 1).count(), 0);
    }
}
