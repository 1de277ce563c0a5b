//! Keys that a peer is sent although its other end does not send them so: telephone-events (RFC 4733 2.5) in the place of the
//! sound that goes there, or in packets of our own while nothing does.
//!
//! A packet that is relayed anyway becomes one of the event and keeps its source and number: to the peer it is the same stream.
//! Where nothing comes, packets are put in behind the last one of that stream, and whatever follows of it is numbered behind
//! them: no number comes twice, which an SRTP index must not.

use crate::header::{FIXED_HEADER_BYTES, RtpHeader, parse_rtp};
use crate::keys::event_of;
use crate::relay::Press;
use std::time::{Duration, Instant};

/// Audio in a packet of our own.
const PACKET: Duration = Duration::from_millis(20);
/// Silence of the other end after which packets of our own are sent: three packets of 20 ms that did not come.
const GRACE: Duration = Duration::from_millis(60);
/// More behind than this, and packets are left out instead of being made up for at once.
const MOST_BEHIND: Duration = Duration::from_millis(200);
/// Some phones send a key both ways at once: so long the event is waited for that they send by themselves.
const HEARD_OUT: Duration = Duration::from_millis(100);
/// The pause between two keys: at least 40 ms (ITU-T Q.24), and a packet of speech.
const PAUSE: Duration = Duration::from_millis(60);
/// How often the end of an event is said (RFC 4733 2.5.1.4).
const ENDS: u8 = 3;
/// How loud the key is meant to be, in -dBm0 (RFC 4733 2.3.3).
const VOLUME: u8 = 10;
/// The end bit of an event (RFC 4733 2.3.2).
const END: u8 = 0x80;
/// The payload of an event (RFC 4733 2.3).
const EVENT_BYTES: usize = 4;
/// Keys that wait for their turn; nobody presses more ahead.
const MOST_WAITING: usize = 32;
/// A packet up to this many behind is late, not a source that begins anew (RFC 3550 A.1).
const MOST_LATE: i16 = 100;
/// Streams that are numbered anew at a time: the voice, its successor after a transfer, a sound of ours, one to spare.
const MOST_STREAMS: usize = 4;

/// The newest packet of a stream, as its source numbered it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Newest {
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) at: Instant,
}

/// The event that an end sent by itself last, and that passed on.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    payload_type: u8,
    event: u8,
    at: Instant,
}

impl Passed {
    /// What has the form of an event. Which payload type is one is said with the first key.
    pub(crate) fn of(now: Instant, header: &RtpHeader, payload: &[u8]) -> Option<Self> {
        let [event, _, _, _] = *payload else { return None };
        Some(Self { payload_type: header.payload_type, event, at: now })
    }
}

/// As of [`Presses`].
impl std::fmt::Debug for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passed(…)")
    }
}

/// A stream that the peer is sent, and how many packets of ours are in it.
#[derive(Debug, Clone, Copy)]
struct Stream {
    newest: Newest,
    /// The source's number behind which packets of ours were put in last.
    put_in_at: u16,
    /// What is added to its numbers up to there, and after.
    added: [u16; 2],
    /// What was added when it was first heard.
    ahead: u16,
}

impl Stream {
    const fn new(newest: Newest, ahead: u16) -> Self {
        Self { newest, put_in_at: newest.sequence, added: [ahead; 2], ahead }
    }

    const fn has_ours(&self) -> bool {
        self.added[1] != self.ahead
    }

    /// The number under which a packet of the source goes out, and whether it is the newest.
    fn follow(&mut self, now: Instant, header: &RtpHeader) -> (u16, bool) {
        let ahead = header.sequence.wrapping_sub(self.newest.sequence) as i16;
        let is_newest = !(-MOST_LATE..=0).contains(&ahead);
        if is_newest {
            let (sequence, timestamp) = (header.sequence, header.timestamp);
            self.newest = Newest { sequence, timestamp, at: now, ..self.newest };
        }
        let after = header.sequence.wrapping_sub(self.put_in_at) as i16;
        if after > MOST_LATE {
            // Nothing from before them will come any more, and the numbers may come round.
            self.added[0] = self.added[1];
        }
        let after = after > 0;
        (header.sequence.wrapping_add(self.added[usize::from(after)]), is_newest)
    }

    /// The number of one more packet of ours behind the newest.
    fn put_in(&mut self) -> u16 {
        if self.put_in_at != self.newest.sequence {
            self.put_in_at = self.newest.sequence;
            self.added[0] = self.added[1];
        }
        self.added[1] = self.added[1].wrapping_add(1);
        self.newest.sequence.wrapping_add(self.added[1])
    }

    /// The stream's clock by now.
    fn clock(&self, now: Instant, rate: u32) -> u32 {
        self.newest.timestamp.wrapping_add(units(now.saturating_duration_since(self.newest.at), rate))
    }
}

/// A key that waits for its turn.
#[derive(Clone, Copy)]
struct Waiting {
    event: u8,
    lasts: Duration,
    from: Instant,
}

/// The key that is being sent.
#[derive(Clone, Copy)]
struct Current {
    event: u8,
    ssrc: u32,
    /// The clock when it began, and how long it is pressed so far and altogether, in units of that clock.
    began: u32,
    pressed: u32,
    lasts: u32,
    is_first: bool,
    ends_said: u8,
}

/// The keys for one peer.
pub(crate) struct Presses {
    payload_type: u8,
    clock_rate: u32,
    /// The one heard last is last.
    streams: heapless::Vec<Stream, MOST_STREAMS>,
    /// What is added to the numbers of whoever is heard from now on: beyond all that was put into streams that are forgotten.
    ahead: u16,
    waiting: heapless::Deque<Waiting, MOST_WAITING>,
    current: Option<Current>,
    /// When a packet of our own is due, unless one of the other end comes before.
    due: Instant,
    /// The event that the other end sent by itself last.
    heard: Option<(u8, Instant)>,
}

/// Which keys are pressed is nobody's business: they may be a secret.
impl std::fmt::Debug for Presses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Presses(…)")
    }
}

impl Presses {
    /// For a peer that was sent that packet and that event last, if any.
    pub(crate) fn new(now: Instant, press: &Press, newest: Option<Newest>, passed: Option<Passed>) -> Self {
        let [high, low, ..] = press.ssrc.to_be_bytes();
        // Below 2^15, so that no receiver takes the first packets for late ones of a round before (RFC 3711 3.3.1).
        let sequence = u16::from_be_bytes([high, low]) >> 1;
        let none = Newest { ssrc: press.ssrc, sequence, timestamp: press.ssrc.rotate_left(16), at: now };
        let newest = newest.unwrap_or(none);
        let passed = passed.filter(|passed| passed.payload_type == press.payload_type);
        Self {
            payload_type: press.payload_type,
            clock_rate: press.clock_rate,
            streams: heapless::Vec::from_iter([Stream::new(newest, 0)]),
            ahead: 0,
            waiting: heapless::Deque::new(),
            current: None,
            due: newest.at + GRACE,
            heard: passed.map(|passed| (passed.event, passed.at)),
        }
    }

    /// One more key. What is no key, and what the other end sent by itself a moment ago, is left out.
    pub(crate) fn press(&mut self, now: Instant, press: &Press) {
        (self.payload_type, self.clock_rate) = (press.payload_type, press.clock_rate);
        let Some(event) = event_of(press.key) else { return };
        let is_twice = |(heard, at): (u8, Instant)| heard == event && now.saturating_duration_since(at) < HEARD_OUT * 2;
        if !self.heard.is_some_and(is_twice) {
            // Beyond the most nobody waits for them any more.
            let _ = self.waiting.push_back(Waiting { event, lasts: press.lasts, from: now + HEARD_OUT });
        }
    }

    /// Makes of the other end's packet in `buffer[..len]`, in clear, what the peer is sent. Returns its length. `buffer` has
    /// room for 16 bytes.
    pub(crate) fn put_into(&mut self, now: Instant, buffer: &mut [u8], len: usize) -> usize {
        let Ok(header) = parse_rtp(&buffer[..len]) else { return len };
        let (sequence, is_newest) = self.stream_of(now, &header).follow(now, &header);
        buffer[2..4].copy_from_slice(&sequence.to_be_bytes());
        self.hear(now, &header, &buffer[..len]);
        self.due = now + GRACE;
        if !is_newest || !self.is_pressed(now) {
            return len;
        }
        self.write_event(now, header.timestamp, buffer)
    }

    /// When [`Self::write_packet`] is wanted next. `None` while no key is pressed.
    pub(crate) fn due(&self) -> Option<Instant> {
        match (&self.current, self.waiting.front()) {
            (Some(_), _) => Some(self.due),
            (None, Some(next)) => Some(self.due.max(next.from)),
            (None, None) => None,
        }
    }

    /// Writes the packet of our own that is due, if one is. Returns its length. `buffer` has room for 16 bytes.
    pub(crate) fn write_packet(&mut self, now: Instant, buffer: &mut [u8]) -> Option<usize> {
        let due = self.due().filter(|due| *due <= now)?;
        if !self.is_pressed(now) {
            return None;
        }
        let stream = self.streams.last_mut()?;
        let (sequence, timestamp) = (stream.put_in(), stream.clock(now, self.clock_rate));
        buffer[2..4].copy_from_slice(&sequence.to_be_bytes());
        buffer[8..FIXED_HEADER_BYTES].copy_from_slice(&stream.newest.ssrc.to_be_bytes());
        self.due = if due + MOST_BEHIND < now { now } else { due } + PACKET;
        Some(self.write_event(now, timestamp, buffer))
    }

    /// The stream of a packet. The longest silent one makes room for a new one: of those without packets of ours, if there is
    /// one. It may come back, and must not be sent under its old numbers then.
    fn stream_of(&mut self, now: Instant, header: &RtpHeader) -> &mut Stream {
        match self.streams.iter().position(|stream| stream.newest.ssrc == header.ssrc.0) {
            Some(at) => self.streams[at..].rotate_left(1),
            None => {
                if self.streams.is_full() {
                    let plain = self.streams.iter().position(|stream| !stream.has_ours());
                    let forgotten = self.streams.remove(plain.unwrap_or(0));
                    if forgotten.has_ours() {
                        self.ahead = self.ahead.max(forgotten.added[1].wrapping_add(MOST_LATE.unsigned_abs()));
                    }
                }
                let (sequence, timestamp) = (header.sequence.wrapping_sub(1), header.timestamp);
                let stream = Stream::new(Newest { ssrc: header.ssrc.0, sequence, timestamp, at: now }, self.ahead);
                let pushed = self.streams.push(stream);
                debug_assert!(pushed.is_ok(), "room was made");
            }
        }
        let last = self.streams.len() - 1;
        &mut self.streams[last]
    }

    /// The other end sends events by itself: one that waits to be sent for it as well is this one.
    fn hear(&mut self, now: Instant, header: &RtpHeader, packet: &[u8]) {
        let Some(event) = packet.get(header.payload_at).filter(|_| header.payload_type == self.payload_type) else {
            return;
        };
        self.heard = Some((*event, now));
        if self.current.is_none() && self.waiting.front().is_some_and(|next| next.event == *event) {
            self.waiting.pop_front();
        }
    }

    /// Whether a key is being sent, the next one by now if its turn has come.
    fn is_pressed(&mut self, now: Instant) -> bool {
        let is_due = self.current.is_none() && self.waiting.front().is_some_and(|next| next.from <= now);
        if is_due
            && let Some(Waiting { event, lasts, .. }) = self.waiting.pop_front()
            && let Some(stream) = self.streams.last()
        {
            let lasts = units(lasts, self.clock_rate).min(u16::MAX.into());
            let (ssrc, began) = (stream.newest.ssrc, stream.clock(now, self.clock_rate));
            self.current = Some(Current { event, ssrc, began, pressed: 0, lasts, is_first: true, ends_said: 0 });
        }
        self.current.is_some()
    }

    /// Writes all of an event's packet but its source and number.
    fn write_event(&mut self, now: Instant, clock: u32, buffer: &mut [u8]) -> usize {
        let (Some(current), Some(stream)) = (&mut self.current, self.streams.last()) else { return 0 };
        if current.ssrc != stream.newest.ssrc {
            // Somebody else is heard now: the same key, by another clock.
            (current.ssrc, current.began) = (stream.newest.ssrc, clock.wrapping_sub(current.pressed));
        }
        let pressed = clock.wrapping_sub(current.began).wrapping_add(units(PACKET, self.clock_rate));
        current.pressed = current.pressed.max(pressed.min(current.lasts));
        let is_over = current.pressed == current.lasts;
        let marker = if std::mem::take(&mut current.is_first) { 0x80 } else { 0 };
        [buffer[0], buffer[1]] = [0x80, marker | self.payload_type];
        buffer[4..8].copy_from_slice(&current.began.to_be_bytes());
        let [high, low] = (current.pressed as u16).to_be_bytes();
        let event = [current.event, if is_over { END } else { 0 } | VOLUME, high, low];
        buffer[FIXED_HEADER_BYTES..FIXED_HEADER_BYTES + EVENT_BYTES].copy_from_slice(&event);
        current.ends_said += u8::from(is_over);
        if current.ends_said == ENDS {
            self.current = None;
            if let Some(next) = self.waiting.front_mut() {
                next.from = next.from.max(now + PAUSE);
            }
        }
        FIXED_HEADER_BYTES + EVENT_BYTES
    }
}

/// A time in units of a clock.
fn units(time: Duration, rate: u32) -> u32 {
    (time.as_micros() * u128::from(rate) / 1_000_000) as u32
}
