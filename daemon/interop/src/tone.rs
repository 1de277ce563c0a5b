//! Tones by content: written into what one end plays, looked for in what the other end recorded.

use std::f32::consts::TAU;
use std::path::Path;

use crate::failure::Tried;
use crate::{Failure, Result};

/// Samples per second of what the phones here play and record (G.711).
const RATE: u32 = 8000;
/// Length of the piece that is judged at once: 40 ms tell 440 Hz from 620 Hz with room to spare.
const WINDOW_MS: u32 = 40;
/// Part of a piece's energy that must be at the tone's frequency. A clean sine through G.711 keeps over 0.99; a piece
/// with a gap in it, or another tone, stays under 0.7.
const PURE: f32 = 0.9;
/// Part of a piece's energy that each of two tones has at least that are as loud as each other, where neither is cut off by a
/// lost packet.
const A_PART: f32 = 0.3;
/// Root mean square, of a full scale of 1, below which a piece counts as silence.
const AUDIBLE: f32 = 0.02;

/// A sine of one frequency, by which the ends of a call are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tone {
    /// Frequency in Hz, 100 to 3400.
    pub hertz: u32,
}

impl Tone {
    /// The tone of whoever places the call.
    pub const CALLER: Tone = Tone { hertz: 440 };
    /// The tone of whoever is called.
    pub const CALLEE: Tone = Tone { hertz: 620 };

    /// Writes `seconds` of it as a wave file: 8000 Hz, 16 bit, mono, half of full scale.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_wav(self, path: &Path, seconds: u32) -> Result<()> {
        let pcm: Vec<u8> = self.samples(seconds * RATE).iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let length = u32::try_from(pcm.len()).expect("a few minutes of audio fit 4 GiB");
        let mut file = Vec::with_capacity(44 + pcm.len());
        file.extend_from_slice(b"RIFF");
        file.extend_from_slice(&(36 + length).to_le_bytes());
        file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        file.extend_from_slice(&RATE.to_le_bytes());
        file.extend_from_slice(&(2 * RATE).to_le_bytes());
        file.extend_from_slice(b"\x02\0\x10\0data");
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&pcm);
        std::fs::write(path, file).tried(|| format!("write {}", path.display()))
    }

    /// Writes a second of it as G.711 A-law and nothing else, to be sent again and again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_a_law(self, path: &Path) -> Result<()> {
        let coded: Vec<u8> = self.samples(RATE).into_iter().map(a_law).collect();
        std::fs::write(path, coded).tried(|| format!("write {}", path.display()))
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // a sample fits; an index is below 2^24
    fn samples(self, count: u32) -> Vec<i16> {
        let step = TAU * self.hertz as f32 / RATE as f32;
        // Wrapped at each second, where a whole number of periods has passed, so that the phase stays exact.
        (0..count).map(|index| ((step * (index % RATE) as f32).sin() * 16_384.0) as i16).collect()
    }
}

/// What one end heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    samples: Vec<f32>,
    rate: u32,
}

impl Recording {
    /// Reads a wave file of 16 bit mono that may still be growing: the lengths in its header are not believed.
    ///
    /// # Errors
    /// When there is no such file, or it is not 16 bit mono. A file whose header is not complete yet is an empty recording.
    pub fn read(path: &Path) -> Result<Recording> {
        let bytes = std::fs::read(path).tried(|| format!("read {}", path.display()))?;
        if bytes.len() < 44 {
            return Ok(Recording { samples: Vec::new(), rate: RATE });
        }
        // linphonec leaves the header blank until it closes the file; what follows is G.711's 8000 Hz all the same.
        let blank = bytes[..44].iter().all(|byte| *byte == 0);
        if blank {
            return Ok(Recording { samples: samples(&bytes[44..]), rate: RATE });
        }
        let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        if &bytes[..4] != b"RIFF" || word(22) != 1 || word(34) != 16 {
            return Err(Failure::Unexpected(format!("{}: not a wave file of 16 bit mono", path.display())));
        }
        let rate = u32::from(word(24)) | u32::from(word(26)) << 16;
        let data = bytes.windows(4).position(|tag| tag == b"data").map_or(bytes.len(), |at| (at + 8).min(bytes.len()));
        Ok(Recording { samples: samples(&bytes[data..]), rate })
    }

    /// Length in milliseconds.
    #[must_use]
    pub fn milliseconds(&self) -> u64 {
        self.samples.len() as u64 * 1000 / u64::from(self.rate)
    }

    /// What was heard from `milliseconds` on.
    #[must_use]
    pub fn since(&self, milliseconds: u64) -> Recording {
        let skip = usize::try_from(milliseconds * u64::from(self.rate) / 1000).unwrap_or(usize::MAX);
        Recording { samples: self.samples.iter().skip(skip).copied().collect(), rate: self.rate }
    }

    /// For how many milliseconds in all `tone`, and nothing but it, was heard.
    #[must_use]
    pub fn milliseconds_of(&self, tone: Tone) -> u64 {
        let window = (self.rate * WINDOW_MS / 1000) as usize;
        let pieces = self.samples.chunks_exact(window).filter(|piece| is_tone(piece, tone.hertz, self.rate)).count();
        pieces as u64 * u64::from(WINDOW_MS)
    }

    /// How alike the part of it that is most alike is to a sentence (G.711 A-law at 8000 Hz), by how loud each 10 ms of both are: 1 where
    /// it is that sentence, under 0.6 where it is another.
    #[must_use]
    pub fn likeness(&self, sentence: &[u8]) -> f32 {
        let said: Vec<f32> = sentence.iter().map(|code| of_a_law(*code)).collect();
        let (said, heard) = (loudness(&said, RATE), loudness(&self.samples, self.rate));
        heard.windows(said.len().max(1)).map(|part| correlation(part, &said)).fold(0.0, f32::max)
    }

    /// For how many milliseconds in all both tones, and nothing but them, were heard at once.
    #[must_use]
    pub fn milliseconds_of_both(&self, one: Tone, other: Tone) -> u64 {
        let window = (self.rate * WINDOW_MS / 1000) as usize;
        let both = |piece: &&[f32]| {
            let [one, other] = [one, other].map(|tone| share(piece, tone.hertz, self.rate));
            one > A_PART && other > A_PART && one + other > PURE
        };
        self.samples.chunks_exact(window).filter(both).count() as u64 * u64::from(WINDOW_MS)
    }
}

/// One sample as ITU-T G.711 codes it: sign, segment, place in the segment; every other bit inverted.
fn a_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = if sample < 0 { !sample } else { sample }.unsigned_abs();
    let segment = magnitude.max(128).ilog2() - 7;
    let place = (magnitude >> (segment.max(1) + 3)) & 0x0f;
    let code = u8::try_from(segment << 4).unwrap_or_default() | u8::try_from(place).unwrap_or_default();
    (code | sign) ^ 0x55
}

/// The sample that a code of ITU-T G.711's A-law stands for, of a full scale of 1.
fn of_a_law(code: u8) -> f32 {
    let code = code ^ 0x55;
    let (segment, place) = (code >> 4 & 7, f32::from(code & 0x0f));
    let magnitude = if segment == 0 { place + 0.5 } else { (place + 16.5) * f32::from(1_u8 << (segment - 1)) };
    if code & 0x80 == 0 { -magnitude / 2048.0 } else { magnitude / 2048.0 }
}

/// How loud each 10 ms are.
#[allow(clippy::cast_precision_loss)] // a window is far below 2^24
fn loudness(samples: &[f32], rate: u32) -> Vec<f32> {
    let window = (rate / 100) as usize;
    let loud = |piece: &[f32]| (piece.iter().map(|sample| sample * sample).sum::<f32>() / window as f32).sqrt();
    samples.chunks_exact(window).map(loud).collect()
}

/// Pearson's, of two of the same length.
#[allow(clippy::cast_precision_loss)] // a sentence is far below 2^24
fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let mean = |all: &[f32]| all.iter().sum::<f32>() / all.len().max(1) as f32;
    let (of_one, of_other) = (mean(one), mean(other));
    let pairs = || one.iter().zip(other).map(|(one, other)| (one - of_one, other - of_other));
    let together: f32 = pairs().map(|(one, other)| one * other).sum();
    let alone = pairs().fold((0.0, 0.0), |(a, b), (one, other)| (a + one * one, b + other * other));
    if alone.0 * alone.1 > 0.0 { together / (alone.0 * alone.1).sqrt() } else { 0.0 }
}

fn samples(pcm: &[u8]) -> Vec<f32> {
    pcm.chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0).collect()
}

fn is_tone(piece: &[f32], hertz: u32, rate: u32) -> bool {
    share(piece, hertz, rate) > PURE
}

/// Goertzel's algorithm: the share of the piece's energy that is at `hertz`. None of a piece that is silent.
#[allow(clippy::cast_precision_loss)] // both are far below 2^24
fn share(piece: &[f32], hertz: u32, rate: u32) -> f32 {
    let energy: f32 = piece.iter().map(|sample| sample * sample).sum();
    let count = piece.len() as f32;
    if (energy / count).sqrt() < AUDIBLE {
        return 0.0;
    }
    let coefficient = 2.0 * (TAU * hertz as f32 / rate as f32).cos();
    let (last, before) =
        piece.iter().fold((0.0, 0.0), |(last, before), sample| (sample + coefficient * last - before, last));
    let at_hertz = last * last + before * before - coefficient * last * before;
    at_hertz / (energy * count / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(tone: Tone, milliseconds: u32) -> Recording {
        let samples = tone.samples(milliseconds * RATE / 1000);
        Recording { samples: samples.into_iter().map(|sample| f32::from(sample) / 32_768.0).collect(), rate: RATE }
    }

    #[test]
    fn a_tone_is_found_for_as_long_as_it_sounds_and_the_other_tone_is_not() {
        let heard = recording(Tone::CALLER, 2000);
        assert_eq!(heard.milliseconds_of(Tone::CALLER), 2000);
        assert_eq!(heard.milliseconds_of(Tone::CALLEE), 0);
    }

    #[test]
    fn silence_and_noise_and_both_tones_at_once_are_no_tone() {
        let mut mixed = recording(Tone::CALLER, 1000);
        for (sample, other) in mixed.samples.iter_mut().zip(recording(Tone::CALLEE, 1000).samples) {
            *sample += other;
        }
        assert_eq!(mixed.milliseconds_of(Tone::CALLER), 0);
        assert_eq!(mixed.milliseconds_of_both(Tone::CALLER, Tone::CALLEE), 1000);
        assert_eq!(mixed.milliseconds_of_both(Tone::CALLER, Tone { hertz: 880 }), 0);
        assert_eq!(recording(Tone::CALLER, 1000).milliseconds_of_both(Tone::CALLER, Tone::CALLEE), 0);
        let silence = Recording { samples: vec![0.0; 8000], rate: RATE };
        assert_eq!(silence.milliseconds_of(Tone::CALLER), 0);
    }

    #[test]
    fn a_sentence_is_found_within_what_was_heard_and_told_from_another() {
        let sentence = |name: &str| {
            std::fs::read(format!("{}/../rtp/src/sound/said/nl/{name}.al", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        let said = sentence("inside");
        let heard = [vec![0xd5; 8000 + 37], said.clone(), vec![0xd5; 4000]].concat();
        let heard = Recording { samples: heard.iter().map(|code| of_a_law(*code)).collect(), rate: RATE };
        assert!(heard.likeness(&said) > 0.95, "{}", heard.likeness(&said));
        for other in ["money", "page", "provider", "help", "other", "accept"] {
            let likeness = heard.likeness(&sentence(other));
            assert!(likeness < 0.6, "{other}: {likeness}");
        }
        assert!((of_a_law(a_law(16_384)) - 0.5).abs() < 0.02);
    }

    #[test]
    fn a_written_file_is_read_back_also_when_its_end_is_still_missing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tone.wav");
        Tone::CALLEE.write_wav(&path, 1).unwrap();
        assert_eq!(Recording::read(&path).unwrap().milliseconds_of(Tone::CALLEE), 1000);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..44 + 8000]).unwrap();
        assert_eq!(Recording::read(&path).unwrap().milliseconds(), 500);
        std::fs::write(&path, &whole[..20]).unwrap();
        assert_eq!(Recording::read(&path).unwrap().milliseconds(), 0);
        std::fs::write(&path, [&[0; 44], &whole[44..]].concat()).unwrap();
        assert_eq!(Recording::read(&path).unwrap().milliseconds_of(Tone::CALLEE), 1000);
    }

    #[test]
    fn a_sample_is_coded_as_the_table_of_g711_says() {
        let coded = [0, -1, 255, 256, 511, 512, 32_767, -32_768].map(a_law);
        assert_eq!(coded, [0xd5, 0x55, 0xda, 0xc5, 0xca, 0xf5, 0xaa, 0x2a]);
    }

    #[test]
    fn only_what_came_after_counts_as_since() {
        let mut heard = recording(Tone::CALLER, 400);
        heard.samples.extend(recording(Tone::CALLEE, 400).samples);
        assert_eq!(heard.since(400).milliseconds_of(Tone::CALLER), 0);
        assert_eq!(heard.since(400).milliseconds_of(Tone::CALLEE), 400);
    }
}
