//! Keys that an end presses, out of its telephone-events (RFC 4733 2.3).

use std::time::{Duration, Instant};

use crate::header::RtpHeader;
use crate::relay::Key;

/// The keys by their event codes (RFC 4733 3.2).
const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// Nobody presses two keys in less: what a key lasts, and the pause after it, at the least (ITU-T Q.24: 40 ms each).
const BETWEEN: Duration = Duration::from_millis(50);

/// Listens to one end for keys. A key comes in many packets with one timestamp, and counts once.
#[derive(Debug)]
pub(crate) struct Keys {
    payload_type: u8,
    last: Option<(u32, Instant)>,
    /// Pressed, and not yet told.
    pressed: Option<Key>,
}

/// The event of a key; `None` for what is none.
pub(crate) fn event_of(Key(key): Key) -> Option<u8> {
    KEYS.iter().position(|known| char::from(*known) == key).and_then(|at| u8::try_from(at).ok())
}

impl Keys {
    pub(crate) const fn new(payload_type: u8) -> Self {
        Self { payload_type, last: None, pressed: None }
    }

    /// Whether a packet is one of a key, or of anything else that is no sound (RFC 4733 3.2).
    pub(crate) const fn is_event(&self, header: &RtpHeader) -> bool {
        header.payload_type == self.payload_type
    }

    pub(crate) fn take(&mut self, now: Instant, header: &RtpHeader, payload: &[u8]) {
        let key = payload.first().and_then(|event| KEYS.get(usize::from(*event)));
        let (Some(key), true) = (key, self.is_event(header) && payload.len() >= 4) else { return };
        let too_soon = |at: Instant| now.saturating_duration_since(at) < BETWEEN;
        let is_known = self.last.is_some_and(|(timestamp, at)| timestamp == header.timestamp || too_soon(at));
        if !is_known {
            self.pressed = Some(Key(char::from(*key)));
            self.last = Some((header.timestamp, now));
        }
    }

    pub(crate) const fn poll(&mut self) -> Option<Key> {
        self.pressed.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::parse_rtp;

    fn packet(timestamp: u8, payload: &[u8]) -> Vec<u8> {
        [&[0x80, 101, 0, 3, 0, 0, 0, timestamp, 0, 0, 0, 7][..], payload].concat()
    }

    #[test]
    fn a_key_counts_once_however_many_packets_it_takes_and_what_is_no_key_does_not() {
        let now = Instant::now();
        let mut keys = Keys::new(101);
        let mut press = |ms, timestamp, payload: &[u8]| {
            let packet = packet(timestamp, payload);
            keys.take(now + Duration::from_millis(ms), &parse_rtp(&packet).unwrap(), payload);
            keys.poll().map(|Key(key)| key)
        };
        assert_eq!(press(0, 1, &[7, 10, 0, 160]), Some('7'));
        assert_eq!(press(20, 1, &[7, 10, 1, 64]), None);
        assert_eq!(press(200, 1, &[7, 0x8a, 3, 32]), None, "its end, late");
        assert_eq!(press(300, 2, &[11, 10, 0, 160]), Some('#'));
        assert_eq!(press(310, 3, &[1, 10, 0, 160]), None, "faster than any finger");
        assert_eq!(press(400, 4, &[16, 10, 0, 160]), None, "flash is no key");
        assert_eq!(press(500, 5, &[1, 10]), None);
        assert_eq!(press(600, 6, &[]), None);
    }
}
