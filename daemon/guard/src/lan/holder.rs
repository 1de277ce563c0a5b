//! Who has an address, and who had it before.

use std::collections::VecDeque;
use std::time::Instant;

use super::{DAY, MacAddress, TOGETHER, is_virtual};

/// Changes of one address that are remembered.
const MOST_CHANGES: usize = 8;

/// Who has an address.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) mac: MacAddress,
    /// Since when.
    pub(super) since: Instant,
    /// When it was last in the table.
    pub(super) seen: Instant,
    pub(super) is_phone: bool,
    /// When it last answered.
    answered: Option<Instant>,
    /// Who had it before, and when that ended.
    before: VecDeque<(MacAddress, Instant)>,
}

impl Holder {
    pub(super) const fn new(now: Instant, mac: MacAddress) -> Self {
        Self { mac, since: now, seen: now, is_phone: false, answered: None, before: VecDeque::new() }
    }

    /// It is in the table. Who had it until now, if that was another.
    pub(super) fn note(&mut self, now: Instant, mac: MacAddress, answers: bool) -> Option<MacAddress> {
        self.seen = now;
        let was = self.mac;
        if was != mac {
            (self.mac, self.since, self.answered) = (mac, now, None);
            // Routers that share an address hand it on among themselves.
            if !(is_virtual(was) && is_virtual(mac)) {
                self.before.push_back((was, now));
            }
            if self.before.len() > MOST_CHANGES {
                self.before.pop_front();
            }
        }
        if answers {
            self.answered = Some(now);
        }
        (was != mac).then_some(was)
    }

    /// Forgets what is long ago; whether that is all.
    pub(super) fn forget(&mut self, now: Instant) -> bool {
        self.before.retain(|(_, at)| now.saturating_duration_since(*at) < TOGETHER);
        now.saturating_duration_since(self.seen) >= DAY
    }

    /// How often two machines took turns with it of late.
    pub(super) fn turns(&self) -> usize {
        self.before.len()
    }

    /// From whom it was taken of late.
    pub(super) fn taken(&self, now: Instant) -> Option<MacAddress> {
        let others = self.before.iter().rev().filter(|(mac, _)| *mac != self.mac);
        others.filter(|(_, at)| now.saturating_duration_since(*at) < TOGETHER).map(|(mac, _)| *mac).next()
    }

    /// Who else had it of late.
    pub(super) fn other(&self) -> MacAddress {
        self.before.iter().rev().map(|(mac, _)| *mac).find(|mac| *mac != self.mac).unwrap_or(self.mac)
    }

    /// Whether it ever answered.
    pub(super) const fn answers(&self) -> bool {
        self.answered.is_some()
    }

    pub(super) fn answered_since(&self, then: Instant) -> bool {
        self.answered.is_some_and(|at| at >= then)
    }
}
