//! The meetings of one thread: who is in each, and when the next 20 ms of it are heard.

use std::time::{Duration, Instant};

use centrale_rtp::mixer::{MOST_SEATS, Mixer, TICK};
use centrale_rtp::relay::{MeetingId, Side};

/// More behind than this, and what was missed is left out instead of being made up for at once.
const MOST_BEHIND: Duration = Duration::from_millis(200);

/// A seat: the relay's place, and which end of it.
pub(crate) type Seat = (usize, Side);

/// One meeting.
pub(crate) struct Meeting {
    id: MeetingId,
    pub(crate) mixer: Mixer,
    pub(crate) seats: Vec<Seat>,
}

/// Every meeting that somebody is in.
#[derive(Default)]
pub(crate) struct Meetings {
    list: Vec<Meeting>,
    next: Option<Instant>,
}

impl Meetings {
    /// When [`Self::tick`] is wanted next. `None` while nobody meets, which then costs nothing.
    pub(crate) const fn due(&self) -> Option<Instant> {
        self.next
    }

    /// Somebody takes a seat, or has it already. False when there is none left.
    pub(crate) fn enter(&mut self, now: Instant, id: MeetingId, seat: Seat) -> bool {
        if self.list.iter().any(|meeting| meeting.id == id && meeting.seats.contains(&seat)) {
            return true;
        }
        self.leave(seat);
        let known = self.list.iter().position(|meeting| meeting.id == id);
        let at = known.unwrap_or_else(|| {
            let seats = Vec::with_capacity(MOST_SEATS);
            self.list.push(Meeting { id, mixer: Mixer::default(), seats });
            self.list.len() - 1
        });
        let meeting = &mut self.list[at];
        if meeting.seats.len() == MOST_SEATS {
            return false;
        }
        meeting.seats.push(seat);
        meeting.mixer.enter();
        self.next.get_or_insert(now);
        true
    }

    /// Somebody is in no meeting any more.
    pub(crate) fn leave(&mut self, seat: Seat) {
        for meeting in &mut self.list {
            let before = meeting.seats.len();
            meeting.seats.retain(|taken| *taken != seat);
            if meeting.seats.len() < before {
                meeting.mixer.leave();
            }
        }
        self.list.retain(|meeting| !meeting.mixer.is_empty());
        if self.list.is_empty() {
            self.next = None;
        }
    }

    /// The meetings whose next 20 ms are due, none when it is too early.
    pub(crate) fn tick(&mut self, now: Instant) -> &mut [Meeting] {
        let Some(next) = self.next.as_mut().filter(|next| **next <= now) else { return &mut [] };
        *next += TICK;
        if *next + MOST_BEHIND < now {
            *next = now + TICK;
        }
        &mut self.list
    }
}
