//! Loss and jitter of what one peer sends, per source (RFC 3550 A.1, A.3, A.8), in fixed memory.
//!
//! A source that begins anew (another SSRC, or a sequence number far off twice in a row) is counted from there; what was
//! lost before stays counted. Only packets of the locked source are shown to this module.

use crate::header::{RtpHeader, Ssrc};
use std::time::{Duration, Instant};

/// Sources counted at a time: the voice, its successor after a transfer, a tone generator, one to spare.
const MAX_SOURCES: usize = 4;
/// A gap up to this many packets is loss, a larger one a restart (RFC 3550 A.1).
const MAX_DROPOUT: u16 = 3000;
/// A packet up to this many behind is late, not a restart (RFC 3550 A.1).
const MAX_MISORDER: u16 = 100;
/// A change of transit time beyond this is a new time base (a hold, another clock), not jitter.
const LARGEST_JITTER: Duration = Duration::from_secs(2);

/// One source's sequence and timing state (the `source` of RFC 3550 A.1).
#[derive(Debug, Clone, Copy)]
struct Source {
    ssrc: Ssrc,
    first: u64,
    highest: u64,
    received: u64,
    /// The sequence number that would prove a restart, when the last packet was far off.
    restart_at: Option<u16>,
    last_timestamp: u32,
    transit: Option<i64>,
}

/// What one peer's packets look like.
#[derive(Debug, Clone)]
pub struct Quality {
    clock_rate: u32,
    /// Arrival times are measured from the first packet.
    epoch: Option<Instant>,
    sources: heapless::Vec<Source, MAX_SOURCES>,
    packets: u64,
    /// Lost in sources and runs that are over.
    lost_before: u64,
    jitter: f32,
    jitter_max: f32,
}

impl Quality {
    /// Nothing heard yet. `clock_rate` in Hz; 0 is taken for 8000, the rate of every narrow-band codec (RFC 3551 6).
    #[must_use]
    pub fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate: if clock_rate == 0 { 8000 } else { clock_rate },
            epoch: None,
            sources: heapless::Vec::new(),
            packets: 0,
            lost_before: 0,
            jitter: 0.0,
            jitter_max: 0.0,
        }
    }

    /// The codec changed: what was counted stays, timing starts anew.
    pub fn set_clock_rate(&mut self, clock_rate: u32) {
        if clock_rate != 0 && clock_rate != self.clock_rate {
            self.clock_rate = clock_rate;
            self.jitter = 0.0;
            self.sources.iter_mut().for_each(|source| source.transit = None);
        }
    }

    /// Counts one packet that arrived at `now`.
    pub fn record(&mut self, now: Instant, header: &RtpHeader) {
        let elapsed = now.saturating_duration_since(*self.epoch.get_or_insert(now));
        self.packets += 1;
        let at = self.source_at(header);
        self.lost_before += self.sources[at].count(header.sequence);
        self.measure_jitter(at, elapsed, header.timestamp);
    }

    /// The number and time of the packet that was heard last, and who sent it.
    pub(crate) fn newest(&self) -> Option<(Ssrc, u16, u32)> {
        self.sources.last().map(|source| (source.ssrc, source.highest as u16, source.last_timestamp))
    }

    /// Packets counted.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Packets missing by sequence number; duplicates do not make up for losses of another source.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost_before + self.sources.iter().map(Source::lost).sum::<u64>()
    }

    /// Interarrival jitter now, milliseconds.
    #[must_use]
    pub fn jitter_ms(&self) -> f32 {
        self.in_ms(self.jitter)
    }

    /// The largest jitter so far, milliseconds.
    #[must_use]
    pub fn jitter_max_ms(&self) -> f32 {
        self.jitter_max
    }

    fn in_ms(&self, ticks: f32) -> f32 {
        ticks * 1000.0 / self.clock_rate as f32
    }

    /// The place of the packet's source; the longest silent one makes room for a new one. The last heard is kept last.
    fn source_at(&mut self, header: &RtpHeader) -> usize {
        match self.sources.iter().position(|source| source.ssrc == header.ssrc) {
            Some(at) => self.sources[at..].rotate_left(1),
            None => {
                if self.sources.is_full() {
                    self.lost_before += self.sources.remove(0).lost();
                }
                let pushed = self.sources.push(Source::new(header));
                debug_assert!(pushed.is_ok(), "room was made");
            }
        }
        self.sources.len() - 1
    }

    fn measure_jitter(&mut self, at: usize, elapsed: Duration, timestamp: u32) {
        let ticks = i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX).saturating_mul(i64::from(self.clock_rate));
        let transit = ticks / 1_000_000 - i64::from(timestamp);
        let source = &mut self.sources[at];
        // The packets of one telephone event share a timestamp (RFC 4733 2.5.1.2) and say nothing of the network.
        let repeated = source.transit.is_some() && source.last_timestamp == timestamp;
        if repeated {
            return;
        }
        source.last_timestamp = timestamp;
        let Some(before) = source.transit.replace(transit) else { return };
        // Timestamps wrap, so the difference is taken modulo 2^32.
        let difference = ((transit - before) as i32).unsigned_abs();
        if u64::from(difference) < u64::from(self.clock_rate) * LARGEST_JITTER.as_secs() {
            self.jitter += (difference as f32 - self.jitter) / 16.0;
            self.jitter_max = self.jitter_max.max(self.in_ms(self.jitter));
        }
    }
}

impl Source {
    fn new(header: &RtpHeader) -> Self {
        let first = u64::from(header.sequence);
        Self {
            ssrc: header.ssrc,
            first,
            highest: first,
            received: 0,
            restart_at: None,
            last_timestamp: header.timestamp,
            transit: None,
        }
    }

    /// Counts one packet (RFC 3550 A.1). Returns what was lost before, when it proves a restart.
    fn count(&mut self, sequence: u16) -> u64 {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        if ahead < MAX_DROPOUT {
            self.highest += u64::from(ahead);
        } else if ahead <= MAX_MISORDER.wrapping_neg() {
            if self.restart_at != Some(sequence) {
                // Counted as neither received nor expected: a stray, or the first packet of a restart.
                self.restart_at = Some(sequence.wrapping_add(1));
                return 0;
            }
            let lost = self.lost();
            self.first = u64::from(sequence.wrapping_sub(1));
            self.highest = self.first + 1;
            self.received = 2;
            self.restart_at = None;
            return lost;
        }
        self.restart_at = None;
        self.received += 1;
        0
    }

    /// Expected minus received (RFC 3550 A.3); late packets before the first make it negative, which counts as none.
    fn lost(&self) -> u64 {
        (self.highest - self.first + 1).saturating_sub(self.received)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(ssrc: u32, sequence: u16, timestamp: u32) -> RtpHeader {
        let mut packet = [0u8; 12];
        packet[0] = 0x80;
        packet[2..4].copy_from_slice(&sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&timestamp.to_be_bytes());
        packet[8..].copy_from_slice(&ssrc.to_be_bytes());
        crate::header::parse_rtp(&packet).unwrap()
    }

    /// Records the given sequence numbers of one source, 20 ms apart.
    fn recorded(sequences: impl IntoIterator<Item = u16>) -> Quality {
        let start = Instant::now();
        let mut quality = Quality::new(8000);
        for (step, sequence) in (0u32..).zip(sequences) {
            quality.record(start + Duration::from_millis(20) * step, &header(1, sequence, step * 160));
        }
        quality
    }

    #[test]
    fn a_perfect_stream_through_two_wraps_loses_nothing_and_has_no_jitter() {
        let quality = recorded((0..140_000u32).map(|n| n as u16));
        assert_eq!((quality.packets(), quality.lost()), (140_000, 0));
        assert_eq!((quality.jitter_ms(), quality.jitter_max_ms()), (0.0, 0.0));
    }

    #[test]
    fn gaps_are_loss_and_late_packets_are_not() {
        assert_eq!(recorded([1, 2, 5, 6]).lost(), 2);
        assert_eq!(recorded([1, 2, 4, 3, 5]).lost(), 0);
        assert_eq!(recorded([65_534, 1, 2]).lost(), 2, "across the wrap");
    }

    #[test]
    fn duplicates_never_make_loss_negative() {
        let quality = recorded([1, 1, 1, 2]);
        assert_eq!((quality.packets(), quality.lost()), (4, 0));
    }

    #[test]
    fn a_restart_is_counted_anew_and_a_stray_packet_changes_nothing() {
        assert_eq!(recorded([10, 12, 40_000, 40_001, 40_003]).lost(), 2);
        assert_eq!(recorded([10, 11, 40_000, 12, 13]).lost(), 0);
    }

    #[test]
    fn losses_of_a_source_that_left_the_table_stay_counted() {
        let start = Instant::now();
        let mut quality = Quality::new(8000);
        for ssrc in 0..20 {
            quality.record(start, &header(ssrc, 1, 0));
            quality.record(start, &header(ssrc, 3, 320));
        }
        assert_eq!((quality.packets(), quality.lost()), (40, 20));
    }

    #[test]
    fn jitter_follows_the_formula_of_rfc_3550() {
        let start = Instant::now();
        let mut quality = Quality::new(8000);
        quality.record(start, &header(1, 1, 0));
        quality.record(start + Duration::from_millis(36), &header(1, 2, 160));
        assert_eq!(quality.jitter_ms(), 1.0, "16 ms late, divided by 16");
        quality.record(start + Duration::from_millis(40), &header(1, 3, 320));
        assert_eq!(quality.jitter_ms(), 1.0 + 15.0 / 16.0);
        assert_eq!(quality.jitter_max_ms(), quality.jitter_ms());
    }

    #[test]
    fn jitter_survives_the_wrap_of_the_timestamp() {
        let start = Instant::now();
        let mut quality = Quality::new(8000);
        for step in 0..10u32 {
            let timestamp = (u32::MAX - 500).wrapping_add(step * 160);
            quality.record(start + Duration::from_millis(20) * step, &header(1, step as u16, timestamp));
        }
        assert_eq!(quality.jitter_max_ms(), 0.0);
    }

    #[test]
    fn telephone_events_and_a_new_time_base_are_no_jitter() {
        let start = Instant::now();
        let mut quality = Quality::new(8000);
        for step in 0..5u32 {
            quality.record(start + Duration::from_millis(20) * step, &header(1, step as u16, 160));
        }
        quality.record(start + Duration::from_millis(100), &header(1, 5, 160 + 5 * 160));
        assert_eq!(quality.jitter_max_ms(), 0.0, "an event of 80 ms with one timestamp");
        quality.record(start + Duration::from_millis(120), &header(1, 6, 4_000_000));
        assert_eq!(quality.jitter_max_ms(), 0.0, "another sender behind the same SSRC");
    }

    proptest! {
        #[test]
        fn any_packets_are_counted_without_overflow(
            packets in prop::collection::vec((0u32..6, any::<u16>(), any::<u32>(), 0u64..5_000), 0..300),
        ) {
            let start = Instant::now();
            let mut quality = Quality::new(48_000);
            let mut elapsed = 0;
            for (ssrc, sequence, timestamp, gap) in &packets {
                elapsed += gap;
                quality.record(start + Duration::from_millis(elapsed), &header(*ssrc, *sequence, *timestamp));
            }
            prop_assert_eq!(quality.packets(), packets.len() as u64);
            prop_assert!(quality.jitter_ms() <= quality.jitter_max_ms());
            prop_assert!(quality.lost() <= packets.len() as u64 * u64::from(MAX_DROPOUT));
        }
    }
}
