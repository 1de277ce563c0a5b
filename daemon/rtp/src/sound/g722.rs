//! G.722 at 64 kbit/s: two sub-bands, each an adaptive predictor and quantiser in 16-bit integers. The names in
//! capitals are the blocks of ITU-T G.722 (09/2012) 3 and 6.2, whose tables these are.

/// Transmit quadrature mirror filter, even taps; the odd ones are the same from behind (G.722 table 11).
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
/// Decision levels of the lower band's 6-bit quantiser (G.722 table 14).
const Q6: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
    1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/// What the lower band's 4-bit inverse quantiser gives (G.722 table 17).
const QM4: [i32; 16] =
    [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
/// What the higher band's 2-bit inverse quantiser gives (G.722 table 17).
const QM2: [i32; 4] = [-7408, -1616, 7408, 1616];
/// Logarithmic steps of the lower band by code, already spread by RL42 (G.722 tables 15 and 16).
const LOWER_STEPS: [i32; 16] = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
/// Logarithmic steps of the higher band by code, already spread by RH2.
const HIGHER_STEPS: [i32; 4] = [798, -214, 798, -214];
/// 2^(n/32), of 2048 for one (G.722 table 18).
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025,
    3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

/// What one band remembers.
#[derive(Debug, Default)]
struct Band {
    /// Logarithmic and linear scale of the quantiser (NBL, DETL).
    log_scale: i32,
    scale: i32,
    /// Pole coefficients, and the reconstructed signals they weigh (AL, RLT).
    poles: [i32; 2],
    reconstructed: [i32; 2],
    /// Partially reconstructed signals (PLT).
    partial: [i32; 2],
    /// Zero coefficients, and the quantised differences they weigh (BL, DLT).
    zeros: [i32; 6],
    differences: [i32; 6],
    /// The prediction of the zeros, and of both (SZL, SL).
    by_zeros: i32,
    prediction: i32,
}

/// An encoder and all it remembers of what it sent.
#[derive(Debug)]
pub(crate) struct G722Encoder {
    /// The newest 24 samples, newest last.
    samples: [i32; 24],
    lower: Band,
    higher: Band,
}

impl Default for G722Encoder {
    fn default() -> Self {
        let band = |scale| Band { scale, ..Band::default() };
        Self { samples: [0; 24], lower: band(32), higher: band(8) }
    }
}

fn saturated(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

impl G722Encoder {
    /// Two samples of 16 kHz, the older first, as one byte: the lower band in six bits, the higher in the two above.
    pub(crate) fn encode(&mut self, samples: [i16; 2]) -> u8 {
        self.samples.copy_within(2.., 0);
        [self.samples[22], self.samples[23]] = samples.map(i32::from);
        let pairs = || self.samples.as_chunks::<2>().0.iter();
        let even: i32 = pairs().zip(QMF).map(|(pair, weight)| pair[0] * weight).sum();
        let odd: i32 = pairs().zip(QMF.iter().rev()).map(|(pair, weight)| pair[1] * weight).sum();
        let lower = self.lower.encode_lower((odd + even) >> 14);
        let higher = self.higher.encode_higher((odd - even) >> 14);
        (higher << 6 | lower) as u8
    }
}

impl Band {
    /// SUBTRA, QUANTL, INVQAL, LOGSCL, SCALEL.
    fn encode_lower(&mut self, sample: i32) -> i32 {
        let difference = saturated(sample - self.prediction);
        let magnitude = if difference < 0 { -(difference + 1) } else { difference };
        let level = Q6.iter().position(|level| magnitude < (level * self.scale) >> 12).unwrap_or(Q6.len()) as i32;
        let code = match (difference < 0, level) {
            (true, 0 | 1) => 63 - level,
            (true, _) => 33 - level,
            (false, _) => 61 - level,
        };
        let coarse = (code >> 2) as usize;
        let quantised = (self.scale * QM4[coarse]) >> 15;
        self.rescale(LOWER_STEPS[coarse], 18_432, 8);
        self.predict(quantised);
        code
    }

    /// SUBTRA, QUANTH, INVQAH, LOGSCH, SCALEH.
    fn encode_higher(&mut self, sample: i32) -> i32 {
        let difference = saturated(sample - self.prediction);
        let magnitude = if difference < 0 { -(difference + 1) } else { difference };
        let is_large = magnitude >= (564 * self.scale) >> 12;
        let code = match (difference < 0, is_large) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        let quantised = (self.scale * QM2[code]) >> 15;
        self.rescale(HIGHER_STEPS[code], 22_528, 10);
        self.predict(quantised);
        code as i32
    }

    /// Adapts the quantiser's scale: LOGSCL or LOGSCH, then SCALEL or SCALEH.
    fn rescale(&mut self, step: i32, most: i32, shift: i32) {
        self.log_scale = (((self.log_scale * 127) >> 7) + step).clamp(0, most);
        let fraction = ILB[(self.log_scale >> 6 & 31) as usize];
        let exponent = shift - (self.log_scale >> 11);
        self.scale = if exponent < 0 { fraction << -exponent } else { fraction >> exponent } << 2;
    }

    /// Block 4: RECONS, PARREC, UPPOL2, UPPOL1, UPZERO, DELAYA, FILTEP, FILTEZ, PREDIC.
    fn predict(&mut self, quantised: i32) {
        let reconstructed = saturated(self.prediction + quantised);
        let partial = saturated(self.by_zeros + quantised);
        self.adapt_poles(partial);
        self.adapt_zeros(quantised);
        self.partial = [partial, self.partial[0]];
        self.reconstructed = [reconstructed, self.reconstructed[0]];
        self.differences.copy_within(..5, 1);
        self.differences[0] = quantised;
        let weighed = |(weight, value): (&i32, &i32)| (weight * saturated(2 * value)) >> 15;
        let by_poles: i32 = self.poles.iter().zip(&self.reconstructed).map(weighed).sum();
        self.by_zeros = saturated(self.zeros.iter().zip(&self.differences).map(weighed).sum());
        self.prediction = saturated(saturated(by_poles) + self.by_zeros);
    }

    fn adapt_poles(&mut self, partial: i32) {
        let like = |before: i32| (before < 0) == (partial < 0);
        let [first, second] = self.poles;
        let leaning = saturated(first * 4);
        let leaning = if like(self.partial[0]) { (-leaning).min(32_767) } else { leaning };
        let leaning = (leaning >> 7) + if like(self.partial[1]) { 128 } else { -128 };
        let second = (leaning + ((second * 32_512) >> 15)).clamp(-12_288, 12_288);
        let most = saturated(15_360 - second);
        let step = if like(self.partial[0]) { 192 } else { -192 };
        self.poles = [saturated(step + ((first * 32_640) >> 15)).clamp(-most, most), second];
    }

    fn adapt_zeros(&mut self, quantised: i32) {
        let step = if quantised == 0 { 0 } else { 128 };
        for (zero, difference) in self.zeros.iter_mut().zip(self.differences) {
            let step = if (difference < 0) == (quantised < 0) { step } else { -step };
            *zero = saturated(step + ((*zero * 32_640) >> 15));
        }
    }
}

/// What the lower band's 6-bit inverse quantiser gives (G.722 table 17).
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576,
    -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040,
    -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
    4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];

/// A decoder and all it remembers of what it heard. Written from the same recommendation, with the blocks it shares.
#[derive(Debug)]
pub(super) struct G722Decoder {
    lower: Band,
    higher: Band,
    mixed: [i32; 24],
}

impl Default for G722Decoder {
    fn default() -> Self {
        let G722Encoder { lower, higher, .. } = G722Encoder::default();
        Self { lower, higher, mixed: [0; 24] }
    }
}

impl G722Decoder {
    /// One byte as two samples of 16 kHz, the older first.
    pub(super) fn decode(&mut self, byte: u8) -> [i16; 2] {
        let (fine, coarse, high) = (usize::from(byte & 0x3f), usize::from(byte >> 2 & 0x0f), usize::from(byte >> 6));
        let lower = self.lower.prediction + ((self.lower.scale * QM6[fine]) >> 15);
        let lower = lower.clamp(-16_384, 16_383);
        let quantised = (self.lower.scale * QM4[coarse]) >> 15;
        self.lower.rescale(LOWER_STEPS[coarse], 18_432, 8);
        self.lower.predict(quantised);
        let quantised = (self.higher.scale * QM2[high]) >> 15;
        let higher = (self.higher.prediction + quantised).clamp(-16_384, 16_383);
        self.higher.rescale(HIGHER_STEPS[high], 22_528, 10);
        self.higher.predict(quantised);
        self.mixed.copy_within(2.., 0);
        [self.mixed[22], self.mixed[23]] = [lower + higher, lower - higher];
        let pairs = || self.mixed.as_chunks::<2>().0.iter();
        let first: i32 = pairs().zip(QMF.iter().rev()).map(|(pair, weight)| pair[1] * weight).sum();
        let second: i32 = pairs().zip(QMF).map(|(pair, weight)| pair[0] * weight).sum();
        [first, second].map(|sum| saturated(sum >> 11) as i16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(samples: &[i16]) -> Vec<u8> {
        let mut encoder = G722Encoder::default();
        samples.as_chunks::<2>().0.iter().map(|pair| encoder.encode(*pair)).collect()
    }

    /// FNV-1a, 64 bits.
    fn print(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
    }

    #[test]
    fn noise_and_a_square_wave_are_encoded_bit_for_bit_as_by_spandsp() {
        let mut state = 1u32;
        let noise: Vec<i16> = (0..4096)
            .map(|loudness| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((((state >> 16) as i32 - 32_768) * loudness) >> 12) as i16
            })
            .collect();
        let square: Vec<i16> = (0..1600).map(|at| if at / 40 % 2 == 0 { i16::MIN } else { i16::MAX }).collect();
        let [noise, square] = [noise, square].map(|samples| encoded(&samples));
        assert_eq!(noise[..16], 0x5efa_74f2_f4de_2c97_30bb_8d2f_a8a2_379a_u128.to_be_bytes());
        assert_eq!((noise.len(), print(&noise)), (2048, 0xd5f7_6089_87e3_7450));
        assert_eq!(square[..16], 0x2384_2084_2084_0484_0484_0444_c4c4_c4c5_u128.to_be_bytes());
        assert_eq!((square.len(), print(&square)), (800, 0x1c15_a21e_7fab_89c4));
    }

    #[test]
    fn what_is_decoded_is_what_was_encoded() {
        let wave = |at: i32| ((f64::from(at) * 0.15).sin() * 6000.0) as i16;
        let samples: Vec<i16> = (0..3200).map(wave).collect();
        let mut decoder = G722Decoder::default();
        let decoded: Vec<i16> = encoded(&samples).into_iter().flat_map(|byte| decoder.decode(byte)).collect();
        // The two filters together delay by 22 samples; the predictors need a moment.
        let worst = samples[400..3000].iter().zip(&decoded[422..]).map(|(one, two)| i32::from(*one) - i32::from(*two));
        assert!(worst.map(i32::abs).max().unwrap() < 300);
    }
}
