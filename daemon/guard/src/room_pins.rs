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

/// Who tried which rooms.
#[derive(Debug, Default)]
pub struct RoomPins {
    rooms: BTreeMap<String, Tally>,
    callers: BTreeMap<String, Tally>,
}

impl RoomPins {
    /// Whether a caller may type a PIN of a room. Colleagues are never kept out by what others tried.
    pub fn may_try(&self, now: Instant, room: &str, caller: &str, outside: bool) -> bool {
        let of = |tallies: &BTreeMap<String, Tally>, key, within| {
            tallies.get(key).map_or(0, |tally: &Tally| tally.count(now, within))
        };
        let own = of(&self.callers, caller, OF_CALLER);
        own < MOST_OF_CALLER && (!outside || of(&self.rooms, room, OF_ROOM) < MOST_OF_ROOM)
    }

    /// A caller typed a PIN that opens nothing. It is told apart from others and not kept.
    pub fn note_wrong(&mut self, now: Instant, room: &str, caller: &str, typed: &str) {
        let print = print(room, typed);
        self.rooms.entry(room.to_owned()).or_default().note(now, print, OF_ROOM, MOST_OF_ROOM);
        if self.callers.len() >= MOST_CALLERS && !self.callers.contains_key(caller) {
            let last = |tally: &Tally| tally.0.last().map(|(at, _)| *at);
            let oldest = self.callers.iter().min_by_key(|(_, tally)| last(tally)).map(|(name, _)| name.clone());
            oldest.and_then(|oldest| self.callers.remove(&oldest));
        }
        self.callers.entry(caller.to_owned()).or_default().note(now, print, OF_CALLER, MOST_OF_CALLER);
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
            pins.note_wrong(now, "600", &format!("+3161234567{typed}"), &typed.to_string());
            pins.note_wrong(now, "600", "+31612345670", "0");
        }
        assert!(pins.may_try(now, "600", "+31201111111", true), "the same one again is no guess");
        pins.note_wrong(now, "600", "+31612345679", "9");
        assert!(!pins.may_try(now, "600", "+31201111111", true));
        assert!(pins.may_try(now, "600", "201", false) && pins.may_try(now, "601", "+31201111111", true));
        assert!(pins.may_try(now + OF_ROOM, "600", "+31201111111", true));
    }

    #[test]
    fn who_tries_ten_pins_over_all_rooms_is_not_asked_again_that_day_and_the_table_stays_small() {
        let (mut pins, now) = (RoomPins::default(), Instant::now());
        for typed in 0..10 {
            assert!(pins.may_try(now, "600", "201", false));
            pins.note_wrong(now, if typed < 5 { "600" } else { "601" }, "201", &typed.to_string());
        }
        assert!(!pins.may_try(now, "602", "201", false) && pins.may_try(now + OF_CALLER, "600", "201", false));
        for caller in 0..3000 {
            pins.note_wrong(now + OF_ROOM, "600", &caller.to_string(), "1");
        }
        assert_eq!(pins.callers.len(), MOST_CALLERS);
        pins.retain_rooms(|room| room == "601");
        assert_eq!(pins.rooms.len(), 1);
    }
}
