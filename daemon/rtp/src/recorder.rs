//! Keeping what one end says. Packets are decoded as they come and laid where their timestamps say, so that what was lost, or
//! not sent because nobody spoke, is silence of the right length. The room for all of it is taken once, at the begin.

use std::time::{Duration, Instant};

use crate::header::{RtpHeader, Ssrc};
use crate::relay::Recording;
use crate::sound::{Decoder, SILENT_CODE, VOICE_BYTES_A_SECOND, Voice, a_law};

/// Louder than this a sample counts as speech: -37 dBm0, between the noise of a line and a soft voice.
const SPEECH: u16 = 325;
/// What is kept behind the last that was said.
const TAIL: usize = VOICE_BYTES_A_SECOND / 2;

/// A recording that goes on.
#[derive(Debug)]
pub(crate) struct Recorder {
    what: Recording,
    decoder: Decoder,
    codes: Vec<u8>,
    most: usize,
    /// The stream, and the timestamp of the first code.
    stream: Option<(Ssrc, u32)>,
    /// Where in the codes the last speech ends.
    spoken: usize,
    begun: Instant,
    heard: Instant,
}

impl Recorder {
    pub(crate) fn new(now: Instant, what: Recording) -> Self {
        let most = bytes_of(what.longest);
        let codes = Vec::with_capacity(most);
        Self { what, decoder: Decoder::default(), codes, most, stream: None, spoken: 0, begun: now, heard: now }
    }

    /// Takes a packet of the peer, in clear. What is in another codec than the one agreed is passed over.
    pub(crate) fn take(&mut self, now: Instant, header: &RtpHeader, payload: &[u8]) {
        if header.payload_type != self.what.payload_type {
            return;
        }
        let at = self.place(header);
        if at > self.codes.len() {
            self.codes.resize(at.min(self.most), SILENT_CODE);
        }
        for (at, byte) in (at..self.most).zip(payload) {
            let sample = self.decoder.decode(self.what.encoding, *byte);
            let code = a_law(sample);
            match self.codes.get_mut(at) {
                Some(late) => *late = code,
                None => self.codes.push(code),
            }
            if sample.unsigned_abs() > SPEECH {
                self.spoken = self.spoken.max(at + 1);
                self.heard = now;
            }
        }
    }

    /// Where a packet belongs. A stream that begins, or leaps further than anybody is silent, goes on where the last one was.
    fn place(&mut self, header: &RtpHeader) -> usize {
        let leap = bytes_of(self.what.silence);
        let known = self.stream.filter(|(ssrc, _)| *ssrc == header.ssrc);
        let at = known.map(|(_, origin)| header.timestamp.wrapping_sub(origin) as usize);
        match at.filter(|at| *at <= self.codes.len() + leap) {
            Some(at) => at,
            None => {
                let at = self.codes.len();
                self.stream = Some((header.ssrc, header.timestamp.wrapping_sub(at as u32)));
                at
            }
        }
    }

    /// Whether it has become as long as it may, or nobody has spoken for long enough.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.begun) >= self.what.longest
            || now.saturating_duration_since(self.heard) >= self.what.silence
    }

    /// What was said: without the silence at its end, and nothing when nobody spoke.
    pub(crate) fn finish(mut self) -> Voice {
        let length = if self.spoken == 0 { 0 } else { self.spoken + TAIL };
        self.codes.truncate(length);
        Voice::new(self.codes)
    }
}

fn bytes_of(time: Duration) -> usize {
    usize::try_from(time.as_millis() * VOICE_BYTES_A_SECOND as u128 / 1000).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::{Encoding, from_a_law, mu_law};
    use proptest::prelude::*;

    const WHAT: Recording = Recording {
        encoding: Encoding::Pcma,
        payload_type: 8,
        longest: Duration::from_secs(3),
        silence: Duration::from_secs(1),
    };
    /// A loud code and a faint one.
    const LOUD: u8 = 0xaa;

    fn header(timestamp: u32) -> RtpHeader {
        RtpHeader {
            marker: false,
            payload_type: 8,
            sequence: 0,
            timestamp,
            ssrc: Ssrc(7),
            csrc_count: 0,
            payload_at: 12,
            extended: false,
            padded: false,
        }
    }

    fn recorder() -> (Instant, Recorder) {
        let now = Instant::now();
        (now, Recorder::new(now, WHAT))
    }

    #[test]
    fn lost_packets_are_silence_and_late_ones_find_their_place() {
        let (now, mut recorder) = recorder();
        for timestamp in [u32::MAX - 159, 160, 0, 480] {
            recorder.take(now, &header(timestamp), &[LOUD; 160]);
        }
        let voice = recorder.finish();
        let is_loud: Vec<bool> = voice.codes().chunks(160).map(|piece| piece == [LOUD; 160]).collect();
        assert_eq!(is_loud, [true, true, true, false, true]);
        assert_eq!(voice.codes()[480..640], [SILENT_CODE; 160]);
    }

    #[test]
    fn another_stream_and_another_leap_go_on_where_the_last_one_was() {
        let (now, mut recorder) = recorder();
        recorder.take(now, &header(1000), &[LOUD; 160]);
        recorder.take(now, &RtpHeader { ssrc: Ssrc(8), ..header(9_000_000) }, &[LOUD; 160]);
        recorder.take(now, &RtpHeader { ssrc: Ssrc(8), ..header(3) }, &[LOUD; 160]);
        recorder.take(now, &RtpHeader { payload_type: 101, ..header(163) }, &[LOUD; 160]);
        assert_eq!(recorder.finish().codes(), [LOUD; 480]);
    }

    #[test]
    fn it_is_over_after_its_longest_and_after_a_silence_whether_packets_come_or_not() {
        let (now, mut recorder) = recorder();
        let at = |ms| now + Duration::from_millis(ms);
        assert!(!recorder.is_over(at(999)) && recorder.is_over(at(1000)));
        for packet in 0..200 {
            recorder.take(
                at(u64::from(packet) * 20),
                &header(packet * 160),
                &[if packet < 100 { LOUD } else { 0xd5 }; 160],
            );
        }
        assert!(!recorder.is_over(at(2900)) && recorder.is_over(at(2980)));
        let voice = recorder.finish();
        assert_eq!(voice.lasts(), Duration::from_millis(2500), "its tail is half a second");
        let (now, mut recorder) = self::recorder();
        for packet in 0..200 {
            recorder.take(now + Duration::from_millis(u64::from(packet) * 20), &header(packet * 160), &[LOUD; 160]);
        }
        assert!(recorder.is_over(now + WHAT.longest));
        assert_eq!(recorder.finish().lasts(), WHAT.longest);
    }

    #[test]
    fn who_says_nothing_leaves_nothing() {
        let (now, mut recorder) = recorder();
        recorder.take(now, &header(0), &[0xd5; 160]);
        assert_eq!(recorder.finish().codes(), []);
    }

    #[test]
    fn every_codec_is_kept_as_what_was_said() {
        let samples: Vec<i16> = (0..16_000).map(|at| ((f64::from(at) * 0.15).sin() * 8000.0) as i16).collect();
        for encoding in [Encoding::Pcma, Encoding::Pcmu, Encoding::G722] {
            let now = Instant::now();
            let mut recorder = Recorder::new(now, Recording { encoding, ..WHAT });
            let mut wide = crate::sound::G722Encoder::default();
            let bytes: Vec<u8> = samples
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| match encoding {
                    Encoding::Pcma => a_law(pair[0]),
                    Encoding::Pcmu => mu_law(pair[0]),
                    Encoding::G722 => wide.encode(*pair),
                })
                .collect();
            for (packet, payload) in bytes.chunks(160).enumerate() {
                recorder.take(now, &header(packet as u32 * 160), payload);
            }
            let heard: Vec<i32> = recorder.finish().codes().iter().map(|code| i32::from(from_a_law(*code))).collect();
            // G.722's filters delay by 11 of these samples.
            let delay = if encoding == Encoding::G722 { 11 } else { 0 };
            let worst = (2000..7000).map(|at| (heard[at + delay] - i32::from(samples[at * 2])).abs()).max().unwrap();
            assert!(worst < 1200, "{encoding:?}: {worst}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_it_is_no_longer_than_it_may(
            packets in prop::collection::vec((any::<u32>(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..400)), 0..40),
            wide in any::<bool>(),
        ) {
            let now = Instant::now();
            let encoding = if wide { Encoding::G722 } else { Encoding::Pcmu };
            let mut recorder = Recorder::new(now, Recording { encoding, ..WHAT });
            let room = recorder.codes.capacity();
            for (timestamp, ssrc, payload) in packets {
                recorder.take(now, &RtpHeader { ssrc: Ssrc(ssrc % 2), ..header(timestamp) }, &payload);
            }
            prop_assert_eq!(recorder.codes.capacity(), room);
            prop_assert!(recorder.finish().lasts() <= WHAT.longest);
        }
    }
}
