//! For tests: what is to be heard in samples, by Goertzel's algorithm.

use std::f64::consts::TAU;

/// Every frequency that a sound here has.
const FREQUENCIES: [u32; 6] = [392, 425, 494, 587, 1000, 1400];

/// The level of a sine of full scale (G.711 4).
const FULL_SCALE_DBM0: f64 = 314.0 / 100.0;

/// One piece of what was heard.
pub(crate) struct Piece {
    /// The frequency that has most of its energy; 0 when it is silent; `None` for anything else.
    pub(crate) hertz: Option<u32>,
    pub(crate) dbm0: f64,
}

/// Judges pieces of `ms` milliseconds.
pub(crate) fn heard(samples: &[i16], rate: u32, ms: u32) -> Vec<Piece> {
    samples.chunks_exact((rate * ms / 1000) as usize).map(|piece| judged(piece, rate)).collect()
}

/// Frequencies and how long each was heard, to 10 ms. Pieces at the edge of a note belong to the note before.
pub(crate) fn hertz_and_ms(samples: &[i16], rate: u32) -> Vec<(u32, u32)> {
    const MS: u32 = 10;
    let mut found: Vec<(u32, u32)> = Vec::new();
    for Piece { hertz, .. } in heard(samples, rate, MS) {
        match (found.last_mut(), hertz) {
            (Some((last, ms)), Some(hertz)) if *last == hertz => *ms += MS,
            (Some((_, ms)), None) => *ms += MS,
            (_, hertz) => found.push((hertz.unwrap_or_default(), MS)),
        }
    }
    found
}

fn judged(piece: &[i16], rate: u32) -> Piece {
    let samples: Vec<f64> = piece.iter().map(|sample| f64::from(*sample) / 32_768.0).collect();
    let energy: f64 = samples.iter().map(|sample| sample * sample).sum();
    let count = samples.len() as f64;
    let dbm0 = 10.0 * (energy / count * 2.0).max(1e-12).log10() + FULL_SCALE_DBM0;
    if dbm0 < -40.0 {
        return Piece { hertz: Some(0), dbm0 };
    }
    let share = |hertz: u32| {
        let coefficient = 2.0 * (TAU * f64::from(hertz) / f64::from(rate)).cos();
        let (last, before) =
            samples.iter().fold((0.0, 0.0), |(last, before), sample| (sample + coefficient * last - before, last));
        (last * last + before * before - coefficient * last * before) / (energy * count / 2.0)
    };
    let best = FREQUENCIES.into_iter().max_by(|one, two| share(*one).total_cmp(&share(*two)));
    Piece { hertz: best.filter(|hertz| share(*hertz) > 0.5), dbm0 }
}
