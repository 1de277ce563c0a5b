//! One seat of a conference: what its peer says is kept for a moment, so that packets which come early, late or twice are
//! heard in their order or not at all.

use super::{FRAME, Mixer};
use crate::header::{FIXED_HEADER_BYTES, RtpHeader, Ssrc};
use crate::relay::Part;
use crate::sound::{Decoder, Encoding, Melody, Sound};

/// What is kept of a peer: 128 ms, six packets of 20 ms. A power of two, so that timestamps wrap around without a leap.
const KEPT: usize = 1024;
/// How long a stream that begins is kept before it is heard, in samples: 40 ms of jitter do no harm.
const LEAD: u32 = 320;
/// So many packets in a row that come too late, and the stream is taken to begin again.
const MOST_LATE: u8 = 3;

/// One end of a conference.
#[derive(Debug)]
pub(crate) struct Seat {
    part: Part,
    decoder: Decoder,
    kept: [i16; KEPT],
    /// The stream that is heard, and the timestamp of what is heard next.
    stream: Option<(Ssrc, u32)>,
    late: u8,
    /// What the peer said in this tick.
    frame: [i16; FRAME],
    /// What the box itself lets it hear beside the others.
    told: Option<Melody>,
    sequence: u16,
    timestamp: u32,
    /// Whether the packet before was sent: then the next one is not marked.
    flowing: bool,
}

impl Seat {
    /// A seat of somebody who has said nothing yet.
    pub(crate) fn new(part: Part) -> Self {
        let [high, low, ..] = part.speech.ssrc.to_be_bytes();
        Self {
            decoder: Decoder::default(),
            kept: [0; KEPT],
            stream: None,
            late: 0,
            frame: [0; FRAME],
            told: None,
            // Below 2^15, so that no receiver takes the first packets for late ones of a round before (RFC 3711 3.3.1).
            sequence: u16::from_be_bytes([high, low]) >> 1,
            timestamp: part.speech.ssrc.rotate_left(16),
            flowing: false,
            part,
        }
    }

    /// It takes part in another way. The stream that its peer is sent goes on.
    pub(crate) fn change(&mut self, part: Part) {
        let ssrc = self.part.speech.ssrc;
        self.part = part;
        self.part.speech.ssrc = ssrc;
        if !part.speaks {
            self.stream = None;
        }
    }

    /// Lets the peer hear a sound beside the others, in the place of one before it.
    pub(crate) fn play(&mut self, sound: Sound) {
        self.told = Some(Melody::new(sound));
    }

    /// Ends that sound.
    pub(crate) fn stop(&mut self) {
        self.told = None;
    }

    /// Takes a packet of the peer, in clear. What is in another codec than the one agreed is passed over.
    pub(crate) fn take(&mut self, header: &RtpHeader, payload: &[u8]) {
        if !self.part.speaks || header.payload_type != self.part.payload_type || payload.len() > KEPT {
            return;
        }
        let Some(next) = self.follow(header, payload.len()) else { return };
        for (at, byte) in payload.iter().enumerate() {
            let timestamp = header.timestamp.wrapping_add(at as u32);
            if timestamp.wrapping_sub(next) < KEPT as u32 {
                self.kept[timestamp as usize % KEPT] = self.decoder.decode(self.part.speech.encoding, *byte);
            }
        }
    }

    /// The timestamp of what is heard next, after this packet came. `None` when it came too late to be heard.
    fn follow(&mut self, header: &RtpHeader, length: usize) -> Option<u32> {
        let Some((_, next)) = self.stream.filter(|(ssrc, _)| *ssrc == header.ssrc) else {
            return Some(self.start(header));
        };
        let ahead = header.timestamp.wrapping_sub(next).cast_signed();
        let end = i64::from(ahead) + length as i64;
        if end > KEPT as i64 {
            return Some(self.start(header));
        }
        if end > 0 {
            self.late = 0;
            return Some(next);
        }
        self.late += 1;
        (self.late >= MOST_LATE).then(|| self.start(header))
    }

    fn start(&mut self, header: &RtpHeader) -> u32 {
        let next = header.timestamp.wrapping_sub(LEAD);
        self.kept.fill(0);
        self.stream = Some((header.ssrc, next));
        self.late = 0;
        next
    }

    /// What the peer says in this tick is heard: silence where nothing came in time.
    pub(crate) fn speak(&mut self, mixer: &mut Mixer) {
        self.frame.fill(0);
        if let Some((_, next)) = &mut self.stream {
            for sample in &mut self.frame {
                *sample = std::mem::take(&mut self.kept[*next as usize % KEPT]);
                *next = next.wrapping_add(1);
            }
        }
        mixer.hear(&self.frame);
    }

    /// Writes what the peer hears in this tick, as a packet in clear. Returns its length, or `None` when it wants to hear
    /// nothing. `buffer` has room for 172 bytes.
    pub(crate) fn write_packet(&mut self, mixer: &Mixer, buffer: &mut [u8]) -> Option<usize> {
        let timestamp = self.timestamp;
        self.timestamp = timestamp.wrapping_add(FRAME as u32);
        if !self.part.hears {
            (self.flowing, self.told) = (false, None);
            return None;
        }
        let speech = self.part.speech;
        let marker = if self.flowing { 0 } else { 0x80 };
        [buffer[0], buffer[1]] = [0x80, marker | speech.payload_type];
        buffer[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        buffer[4..8].copy_from_slice(&timestamp.to_be_bytes());
        buffer[8..FIXED_HEADER_BYTES].copy_from_slice(&speech.ssrc.to_be_bytes());
        let length = FIXED_HEADER_BYTES + FRAME;
        let payload = &mut buffer[FIXED_HEADER_BYTES..length];
        for (byte, sample) in payload.iter_mut().zip(mixer.others(&self.frame)) {
            let told = self.told.as_mut().map_or(0, |melody| melody.next_samples()[0]);
            *byte = Encoding::companded(speech.encoding, sample.saturating_add(told));
        }
        self.told.take_if(|melody| melody.is_over());
        self.sequence = self.sequence.wrapping_add(1);
        self.flowing = true;
        Some(length)
    }
}
