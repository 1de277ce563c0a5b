//! G.711: a byte per sample of 8 kHz, by the segments of ITU-T G.711 tables 1a to 2b.

/// Added before the segment is looked for, so that each begins at a power of two (µ-law, G.711 table 2).
const BIAS: i32 = 33;
/// The largest value that µ-law can say, of 14 bits (G.711 table 2a).
const MOST: i32 = 8_158;

/// A-law's smallest positive value: silence.
pub(crate) const SILENT_CODE: u8 = 0xd5;

/// A-law, every other bit inverted (G.711 3.2).
pub(crate) fn a_law(sample: i16) -> u8 {
    // 13 bits; the negative half is the positive one mirrored at -1/2.
    let (sign, magnitude) = match i32::from(sample) >> 3 {
        value @ 0.. => (0x80, value),
        value => (0, -value - 1),
    };
    let code = match magnitude {
        0..32 => magnitude >> 1,
        _ => {
            let segment = (magnitude as u32).ilog2() - 4;
            ((segment as i32) << 4) | ((magnitude >> segment) & 0x0f)
        }
    };
    (code as u8 | sign) ^ 0x55
}

/// µ-law, all bits inverted (G.711 table 2a).
pub(crate) fn mu_law(sample: i16) -> u8 {
    let (sign, magnitude) = match i32::from(sample) >> 2 {
        value @ 0.. => (0, value),
        value => (0x80, -value),
    };
    let biased = magnitude.min(MOST) + BIAS;
    let segment = (biased as u32).ilog2() - 5;
    let code = ((segment as i32) << 4) | ((biased >> (segment + 1)) & 0x0f);
    !(code as u8 | sign)
}

/// The sample that a code of A-law stands for, in the middle of its interval (G.711 table 1).
pub(crate) fn from_a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 0x0f) << 4);
    let magnitude = if segment == 0 { step + 8 } else { (step + 0x108) << (segment - 1) };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

/// Likewise of µ-law (G.711 table 2).
pub(crate) fn from_mu_law(code: u8) -> i16 {
    let code = !code;
    let (segment, step) = ((code >> 4) & 7, i32::from(code & 0x0f));
    let magnitude = ((((step << 3) + 0x84) << segment) - 0x84) as i16;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a, 64 bits, of the codes of all 65,536 samples in order.
    fn print(code: impl Fn(i16) -> u8) -> u64 {
        (i16::MIN..=i16::MAX)
            .fold(0xcbf2_9ce4_8422_2325, |hash, sample| (hash ^ u64::from(code(sample))).wrapping_mul(0x100_0000_01b3))
    }

    #[test]
    fn every_sample_has_the_code_that_pythons_audioop_gives_it() {
        assert_eq!(print(a_law), 0xf030_666e_b780_cf25);
        assert_eq!(print(mu_law), 0xd5ee_23f7_d0ff_ae91);
    }

    #[test]
    fn every_code_comes_back_as_itself() {
        for code in 0..=u8::MAX {
            assert_eq!(a_law(from_a_law(code)), code);
            // Two codes of µ-law are nought.
            assert!(mu_law(from_mu_law(code)) == code || code == 0x7f);
        }
        assert_eq!((a_law(0), mu_law(0)), (SILENT_CODE, 0xff), "silence");
    }
}
