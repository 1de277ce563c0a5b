//! Wrong PINs of conference rooms, counted over calls. Different ones count, not failures: who has forgotten a PIN types the
//! same one again, who looks for it never does (threats B-22).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a wrong PIN counts against a room, and how long a room then lets nobody from outside try.
const OF_ROOM: Duration = Duration::from_secs(15 * 60);
/// Different wrong PINs of one room in that time, from everybody together.
const MOST_OF_ROOM: usize = 6;
/// How long one counts against who typed it.
const OF_CALLER: Duration = Duration::from_secs(24 * 3600);
/// Different wrong PINs of one caller in that time, over all rooms.
const MOST_OF_CALLER: usize = 10;
/// Most callers that are kept in mind; the one who tried longest ago makes room.
const MOST_CALLERS: usize = 1024;

/// Wrong PINs of late: when, and which.
#[derive(Debug, Default)]
struct Tally(Vec<(Instant, u64)>);

impl Tally {
    fn note(&mut self, now: Instant, print: u64, keep: Duration, most: usize) {
        self.0.retain(|(at, known)| *known != print && now.saturating_duration_since(*at) < keep);
        self.0.push((now, print));
        if self.0.len() > most {
            self.0.remove(0);
        }
    }

    fn count(&self, now: Instant, within: Duration) -> usize {
        self.0.iter().filter(|(at, _)| now.saturating_duration_since(*at) < within).count()
    }
}

/// Who types a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typist<'a> {
    /// A person of the office.
    Colleague(&'a str),
    /// Somebody outside, by the number that is shown.
    Outside(&'a str),
    /// Somebody outside who shows no number, or one that is not the own: whoever that is, others may be taken for the same.
    Unknown,
}

impl Typist<'_> {
    const fn is_outside(self) -> bool {
        !matches!(self, Self::Colleague(_))
    }

    fn key(self) -> Option<(bool, String)> {
        match self {
            Self::Colleague(number) | Self::Outside(number) => Some((self.is_outside(), number.to_owned())),
            Self::Unknown => None,
        }
    }
}

/// Who tried which rooms.
#[derive(Debug, Default)]
pub struct RoomPins {
    rooms: BTreeMap<String, Tally>,
    /// Whether they are outside, and their number.
    callers: BTreeMap<(bool, String), Tally>,
}

impl RoomPins {
    /// Whether somebody may type a PIN of a room. Colleagues are never kept out by what others tried.
    pub fn may_try(&self, now: Instant, room: &str, who: Typist<'_>) -> bool {
        let own = who.key().and_then(|key| self.callers.get(&key)).map_or(0, |tally| tally.count(now, OF_CALLER));
        let here = || self.rooms.get(room).map_or(0, |tally| tally.count(now, OF_ROOM));
        own < MOST_OF_CALLER && (!who.is_outside() || here() < MOST_OF_ROOM)
    }

    /// Somebody typed a PIN that opens nothing. It is told apart from others and not kept.
    pub fn note_wrong(&mut self, now: Instant, room: &str, who: Typist<'_>, typed: &str) {
        let print = print(room, typed);
        self.rooms.entry(room.to_owned()).or_default().note(now, print, OF_ROOM, MOST_OF_ROOM);
        let Some(key) = who.key() else { return };
        if self.callers.len() >= MOST_CALLERS && !self.callers.contains_key(&key) {
            let last = |tally: &Tally| tally.0.last().map(|(at, _)| *at);
            let oldest = self.callers.iter().min_by_key(|(_, tally)| last(tally)).map(|(name, _)| name.clone());
            oldest.and_then(|oldest| self.callers.remove(&oldest));
        }
        self.callers.entry(key).or_default().note(now, print, OF_CALLER, MOST_OF_CALLER);
    }

    /// Who typed a right one: a colleague's mistakes until now were that.
    pub fn right(&mut self, who: Typist<'_>) {
        if !who.is_outside() {
            who.key().and_then(|key| self.callers.remove(&key));
        }
    }

    /// Forgets rooms that are no more.
    pub fn retain_rooms(&mut self, stays: impl Fn(&str) -> bool) {
        self.rooms.retain(|room, _| stays(room));
    }
}

/// FNV-1a, 64 bits.
fn print(room: &str, typed: &str) -> u64 {
    let bytes = room.bytes().chain([b'/']).chain(typed.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_different_pins_close_a_room_to_the_outside_for_a_quarter_of_an_hour_and_never_to_a_colleague() {
        let (mut pins, now) = (RoomPins::default(), Instant::now());
        for typed in 0..5 {
            pins.note_wrong(now, "600", Typist::Outside(&format!("+3161234567{typed}")), &typed.to_string());
            pins.note_wrong(now, "600", Typist::Outside("+31612345670"), "0");
        }
        assert!(pins.may_try(now, "600", Typist::Outside("+31201111111")), "the same one again is no guess");
        pins.note_wrong(now, "600", Typist::Outside("+31612345679"), "9");
        assert!(!pins.may_try(now, "600", Typist::Outside("+31201111111")));
        assert!(
            pins.may_try(now, "600", Typist::Colleague("201"))
                && pins.may_try(now, "601", Typist::Outside("+31201111111"))
        );
        assert!(pins.may_try(now + OF_ROOM, "600", Typist::Outside("+31201111111")));
    }

    #[test]
    fn who_tries_ten_pins_over_all_rooms_is_not_asked_again_that_day_and_the_table_stays_small() {
        let (mut pins, now) = (RoomPins::default(), Instant::now());
        for typed in 0..10 {
            assert!(pins.may_try(now, "600", Typist::Colleague("201")));
            pins.note_wrong(now, if typed < 5 { "600" } else { "601" }, Typist::Colleague("201"), &typed.to_string());
        }
        assert!(
            !pins.may_try(now, "602", Typist::Colleague("201"))
                && pins.may_try(now + OF_CALLER, "600", Typist::Colleague("201"))
        );
        for caller in 0..3000 {
            pins.note_wrong(now + OF_ROOM, "600", Typist::Outside(&caller.to_string()), "1");
        }
        assert_eq!(pins.callers.len(), MOST_CALLERS);
        pins.retain_rooms(|room| room == "601");
        assert_eq!(pins.rooms.len(), 1);
    }

    #[test]
    fn nobody_loses_a_way_in_by_who_shows_the_same_number_or_none() {
        let (mut pins, now) = (RoomPins::default(), Instant::now());
        for typed in 0..10 {
            pins.note_wrong(now, "600", Typist::Outside("201"), &typed.to_string());
            pins.note_wrong(now, "600", Typist::Unknown, &typed.to_string());
        }
        assert!(pins.may_try(now, "600", Typist::Colleague("201")));
        assert!(pins.may_try(now + OF_ROOM, "600", Typist::Unknown));
        for typed in 0..9 {
            pins.note_wrong(now, "600", Typist::Colleague("201"), &typed.to_string());
        }
        pins.right(Typist::Colleague("201"));
        pins.note_wrong(now, "600", Typist::Colleague("201"), "9");
        assert!(pins.may_try(now, "600", Typist::Colleague("201")), "mistakes before a right one are forgiven");
    }
}
