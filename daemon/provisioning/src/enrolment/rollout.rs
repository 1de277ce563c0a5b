//! New software reaches a model's phones a few at a time: a phone's settings name it once it is that phone's turn.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use centrale_config::{Mac, Sha256Pin};

use super::Enrolment;

/// Phones that fetch and install software at once. The others go on working.
const AT_ONCE: usize = 8;
/// How long a phone has to come for its software once its settings may name it.
const TIME_TO_COME: Duration = Duration::from_secs(180);
/// How long it then has to load it, restart, and read its settings again.
const TIME_TO_RETURN: Duration = Duration::from_secs(600);

/// The phones whose turn it is. Kept in memory only: a restart of the box gives their places to others.
#[derive(Debug, Default)]
pub(super) struct Turns(BTreeMap<Mac, Turn>);

#[derive(Debug)]
struct Turn {
    over_at: Instant,
    came: bool,
}

impl Turns {
    /// When the next place is free, at the latest.
    pub(super) fn next_over(&self) -> Option<Instant> {
        self.0.values().map(|turn| turn.over_at).min()
    }

    /// A phone fetches its software.
    pub(super) fn came(&mut self, now: Instant, mac: Mac) {
        if let Some(turn) = self.0.get_mut(&mac) {
            *turn = Turn { over_at: now + TIME_TO_RETURN, came: true };
        }
    }

    /// A phone reads its settings: who fetched its software before that has it now.
    fn read(&mut self, mac: Mac) {
        if self.0.get(&mac).is_some_and(|turn| turn.came) {
            self.0.remove(&mac);
        }
    }
}

impl Enrolment {
    /// A phone reads its settings, after which it may be another's turn.
    pub(super) fn roll_on(&mut self, now: Instant, mac: Mac) {
        self.turns.read(mac);
        self.take_turns(now);
    }

    /// Gives free places to phones that wait for software of the office. Who says that it has that version needs none.
    pub(super) fn take_turns(&mut self, now: Instant) {
        if self.office.firmware.is_empty() {
            return;
        }
        self.turns.0.retain(|mac, turn| turn.over_at > now && self.devices.contains_key(mac));
        for mac in self.devices.keys().copied().collect::<Vec<_>>() {
            let Some(firmware) = self.pinned(mac) else { continue };
            let (pin, version) = (pin_of(&firmware.sha256), firmware.version.clone());
            let Some(device) = self.devices.get_mut(&mac) else { continue };
            let record = &mut device.record;
            let waits = record.enrolled.is_some() && record.software.as_ref() != Some(&pin);
            let has_it = record.firmware == version;
            if !waits || !has_it && self.turns.0.len() >= AT_ONCE {
                continue;
            }
            record.software = Some(pin);
            if !has_it {
                self.turns.0.insert(mac, Turn { over_at: now + TIME_TO_COME, came: false });
            }
            self.save(mac);
            self.follow(now, mac);
            self.show(mac);
        }
    }
}

/// A pin as a record keeps it.
pub(super) fn pin_of(sha256: &Sha256Pin) -> String {
    sha256.to_string()
}
