//! One period of a sine as a table, made when this is compiled.

use std::f64::consts::{PI, TAU};

const SAMPLES: usize = 1024;
static PERIOD: [i16; SAMPLES] = period();

/// The sine at a phase, where 2^32 is a whole period; full scale.
pub(super) fn sine(phase: u32) -> i16 {
    PERIOD[(phase >> 22) as usize]
}

const fn period() -> [i16; SAMPLES] {
    let mut table = [0; SAMPLES];
    let mut at = 0;
    while at < SAMPLES {
        table[at] = (taylor(at as f64 * TAU / SAMPLES as f64 - PI) * -32_767.0) as i16;
        at += 1;
    }
    table
}

/// The sine between -π and π; 15 terms leave less than 2^-40.
const fn taylor(x: f64) -> f64 {
    let (mut term, mut sum, mut factor) = (x, x, 2.0);
    while factor < 30.0 {
        term *= -x * x / (factor * (factor + 1.0));
        sum += term;
        factor += 2.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_a_sine() {
        for (at, sample) in PERIOD.iter().enumerate() {
            let exact = (at as f64 * TAU / SAMPLES as f64).sin() * 32_767.0;
            assert!((f64::from(*sample) - exact).abs() <= 1.0, "{at}: {sample}, not {exact}");
        }
    }
}
