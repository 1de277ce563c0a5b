//! One sound on its way to one end: in place of what the other end sends, or in packets of its own while that is silent.
//!
//! Speech that is relayed anyway has its payload exchanged and keeps its source, number and time: to the phone it is the same
//! stream, which a jitter buffer, a count of losses and an SRTP window need not get used to. Phones discard the first second of
//! a source that is new to them (oRTP does), which is more than a beep. Only where nothing comes the packets are our own,
//! 20 ms each, from a source of their own.

use super::encoding::{Encoder, Encoding, Source, Speech};
use crate::header::{FIXED_HEADER_BYTES, parse_rtp};
use std::time::{Duration, Instant};

/// Silence of the other end after which packets of our own are sent: three packets of 20 ms that did not come.
const GRACE: Duration = Duration::from_millis(60);
/// Audio in a packet of our own, and its payload: 8000 bytes a second in every codec.
const PACKET: Duration = Duration::from_millis(20);
const PACKET_BYTES: usize = 160;
/// More behind than this, and what was missed is left out instead of being made up for at once.
const MOST_BEHIND: Duration = Duration::from_millis(200);

/// A sound being played to one end.
#[derive(Debug)]
pub(crate) struct Player {
    speech: Speech,
    encoder: Encoder,
    /// When the next packet of our own leaves, unless one of the other end comes before.
    due: Instant,
    /// Whether the packet before was of our own: then the next one is not marked.
    flowing: bool,
    sequence: u16,
    timestamp: u32,
}

impl Player {
    pub(crate) fn new(now: Instant, source: impl Into<Source>, speech: Speech) -> Self {
        let [high, low, ..] = speech.ssrc.to_be_bytes();
        Self {
            speech,
            encoder: Encoder::new(source.into()),
            due: now + GRACE,
            flowing: false,
            // Below 2^15, so that no receiver takes the first packets for late ones of a round before (RFC 3711 3.3.1).
            sequence: u16::from_be_bytes([high, low]) >> 1,
            timestamp: speech.ssrc.rotate_left(16),
        }
    }

    /// When [`Self::write_packet`] is wanted next. `None` when the sound is over.
    pub(crate) fn due(&self) -> Option<Instant> {
        (!self.encoder.is_over()).then_some(self.due)
    }

    /// Puts what is heard next into a packet of the other end, in clear. What is no speech that can be made passes as it is:
    /// digits (RFC 4733) reach whom they are for.
    pub(crate) fn speak_in(&mut self, now: Instant, packet: &mut [u8]) {
        let Ok(header) = parse_rtp(packet) else { return };
        let own = (header.payload_type == self.speech.payload_type).then_some(self.speech.encoding);
        let Some(encoding) = own.or_else(|| Encoding::assigned(header.payload_type)) else { return };
        let Ok(length) = header.payload(packet).map(<[u8]>::len) else { return };
        if !self.encoder.is_over() {
            self.fill(encoding, &mut packet[header.payload_at..header.payload_at + length]);
            self.due = now + GRACE;
            self.flowing = false;
        }
    }

    /// Writes the packet of our own that is due, if one is. Returns its length. `buffer` has room for 172 bytes.
    pub(crate) fn write_packet(&mut self, now: Instant, buffer: &mut [u8]) -> Option<usize> {
        self.due().filter(|due| *due <= now)?;
        let length = FIXED_HEADER_BYTES + PACKET_BYTES;
        let marker = if self.flowing { 0 } else { 0x80 };
        [buffer[0], buffer[1]] = [0x80, marker | self.speech.payload_type];
        buffer[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        buffer[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        buffer[8..FIXED_HEADER_BYTES].copy_from_slice(&self.speech.ssrc.to_be_bytes());
        self.fill(self.speech.encoding, &mut buffer[FIXED_HEADER_BYTES..length]);
        self.sequence = self.sequence.wrapping_add(1);
        self.flowing = true;
        self.due += PACKET;
        if self.due + MOST_BEHIND < now {
            self.due = now + PACKET;
        }
        Some(length)
    }

    /// The clock of our own stream goes on with what is heard, whoever's packets carry it.
    fn fill(&mut self, encoding: Encoding, payload: &mut [u8]) {
        self.timestamp = self.timestamp.wrapping_add(payload.len() as u32);
        self.encoder.fill(encoding, payload);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sound;
    use super::super::g711::{from_a_law, from_mu_law};
    use super::super::g722::G722Decoder;
    use super::super::listening::hertz_and_ms;
    use super::super::voice::Voice;
    use super::*;
    use crate::header::RtpHeader;
    use std::f64::consts::TAU;

    const SPEECH: Speech = Speech { encoding: Encoding::Pcma, payload_type: 8, ssrc: 0xc0ff_ee00 };

    /// Every packet of our own within a time, as it would be paced.
    fn packets(player: &mut Player, start: Instant, lasts: Duration) -> Vec<(RtpHeader, Vec<u8>)> {
        let mut packets = Vec::new();
        while let Some(due) = player.due().filter(|due| *due < start + lasts) {
            let mut buffer = [0; 200];
            let length = player.write_packet(due, &mut buffer).unwrap();
            let header = parse_rtp(&buffer[..length]).unwrap();
            packets.push((header, buffer[header.payload_at..length].to_vec()));
        }
        packets
    }

    fn samples(encoding: Encoding, payload: impl Iterator<Item = u8>) -> (Vec<i16>, u32) {
        let mut wide = G722Decoder::default();
        match encoding {
            Encoding::Pcma => (payload.map(from_a_law).collect(), 8000),
            Encoding::Pcmu => (payload.map(from_mu_law).collect(), 8000),
            Encoding::G722 => (payload.flat_map(|byte| wide.decode(byte)).collect(), 16_000),
        }
    }

    #[test]
    fn in_every_codec_the_beeps_are_heard_as_they_are_meant() {
        for encoding in [Encoding::Pcma, Encoding::Pcmu, Encoding::G722] {
            let start = Instant::now();
            let mut player = Player::new(start, Sound::Warning, Speech { encoding, ..SPEECH });
            let sent = packets(&mut player, start, Duration::from_secs(9));
            assert_eq!(sent.len(), 15, "300 ms");
            let (heard, rate) = samples(encoding, sent.into_iter().flat_map(|(_, payload)| payload));
            let found = hertz_and_ms(&heard, rate);
            let tones: Vec<u32> = found.iter().map(|(hertz, _)| *hertz).filter(|hertz| *hertz > 0).collect();
            assert_eq!(tones, [1400, 1400], "{encoding:?}: {found:?}");
            let sounding: u32 = found.iter().filter(|(hertz, _)| *hertz > 0).map(|(_, ms)| ms).sum();
            assert!((190..=220).contains(&sounding), "{encoding:?}: {found:?}");
        }
    }

    #[test]
    fn a_kept_voice_is_heard_in_every_codec_and_is_over_with_its_last_word() {
        let said: Vec<u8> = (0..4000)
            .map(|at| super::super::a_law(((f64::from(at) * TAU * 494.0 / 8000.0).sin() * 9000.0) as i16))
            .collect();
        for encoding in [Encoding::Pcma, Encoding::Pcmu, Encoding::G722] {
            let start = Instant::now();
            let mut player = Player::new(start, Voice::new(said.clone()), Speech { encoding, ..SPEECH });
            let sent = packets(&mut player, start, Duration::from_secs(9));
            assert_eq!(sent.len(), 25, "500 ms");
            let (heard, rate) = samples(encoding, sent.into_iter().flat_map(|(_, payload)| payload));
            let tones: Vec<u32> =
                hertz_and_ms(&heard, rate).iter().map(|(hertz, _)| *hertz).filter(|hertz| *hertz > 0).collect();
            assert_eq!(tones, [494], "{encoding:?}");
        }
    }

    #[test]
    fn packets_of_our_own_are_one_stream_with_a_mark_at_its_begin() {
        let start = Instant::now();
        let mut player = Player::new(start, Sound::Hold, SPEECH);
        let sent = packets(&mut player, start, Duration::from_secs(2));
        assert_eq!(sent.len(), 97, "fifty a second, after 60 ms of grace");
        for (before, after) in sent.iter().zip(&sent[1..]) {
            assert_eq!(after.0.sequence, before.0.sequence + 1);
            assert_eq!(after.0.timestamp, before.0.timestamp.wrapping_add(160));
            assert_eq!((after.0.ssrc, after.0.payload_type, after.0.marker), (before.0.ssrc, 8, false));
        }
        assert!(sent[0].0.marker && sent[0].0.sequence < 0x8000);
    }

    #[test]
    fn after_a_pause_of_the_machine_nothing_is_sent_in_a_burst() {
        let start = Instant::now();
        let mut player = Player::new(start, Sound::Hold, SPEECH);
        let later = start + Duration::from_secs(5);
        let burst = std::iter::from_fn(|| player.write_packet(later, &mut [0; 200])).count();
        assert_eq!(burst, 1);
    }
}
