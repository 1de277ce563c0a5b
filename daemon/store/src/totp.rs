//! One-time codes of a clock: RFC 6238 with six digits, half a minute and HMAC-SHA-1, which is all that every authenticator
//! app knows. Pure.

use ring::hmac;

/// How long a code is shown, in seconds.
const STEP_SECONDS: u64 = 30;

/// Digits of a code.
const DIGITS: usize = 6;

/// Letters of Base32 (RFC 4648 6), in which authenticator apps take a secret.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that a box and an authenticator app share: 160 bits, as RFC 4226 4 recommends.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; Self::LENGTH]);

/// It is a secret.
impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret")
    }
}

impl TotpSecret {
    /// Its bytes.
    pub const LENGTH: usize = 20;

    /// The secret of these bytes.
    pub const fn of(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The text to type into an app: 32 letters and digits of Base32.
    pub fn reveal(&self) -> String {
        // Five bytes are eight letters.
        let groups = self.0.chunks(5).map(|five| five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)));
        let letter = |bits: u64, place: u32| char::from(BASE32[(bits >> (35 - 5 * place) & 31) as usize]);
        groups.flat_map(|bits| (0..8).map(move |place| letter(bits, place))).collect()
    }

    /// The code of a step of the clock (RFC 4226 5.3).
    pub fn code(&self, step: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[tag.len() - 1] & 0xf);
        let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
        format!("{:0DIGITS$}", word % 10_u32.pow(DIGITS as u32))
    }

    /// The step that a code is of, if that is the one of now, one before or one after, and later than `after`, the step of
    /// the code that was taken last: no code is taken twice (RFC 6238 5.2).
    pub(crate) fn step_of(&self, code: &str, now_unix_ms: u64, after: u64) -> Option<u64> {
        let now = step_at(now_unix_ms);
        (now.saturating_sub(1)..=now + 1).find(|step| *step > after && self.code(*step) == code)
    }
}

/// The step of the clock at a moment, in milliseconds since 1970 UTC.
pub const fn step_at(unix_ms: u64) -> u64 {
    unix_ms / 1000 / STEP_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the test vectors of both RFCs.
    const SECRET: TotpSecret = TotpSecret::of(*b"12345678901234567890");

    #[test]
    fn the_codes_are_those_of_rfc_6238_appendix_b() {
        // Its codes have eight digits; those of six are their end.
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(SECRET.code(step_at(seconds * 1000)), code[2..], "{seconds}");
        }
    }

    #[test]
    fn the_codes_are_those_of_rfc_4226_appendix_d() {
        let codes: Vec<String> = (0..10).map(|step| SECRET.code(step)).collect();
        let expected =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        assert_eq!(codes, expected);
    }

    #[test]
    fn an_app_is_given_the_secret_in_base32() {
        // RFC 4648 10 has "fooba" as MZXW6YTB.
        assert_eq!(TotpSecret::of(*b"foobafoobafoobafooba").reveal(), "MZXW6YTB".repeat(4));
        assert_eq!(SECRET.reveal(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_clock_may_be_off_by_one_step_and_no_code_is_taken_twice_or_after_a_later_one() {
        let now = 1_111_111_111_000;
        let here = step_at(now);
        for (step, expected) in [
            (here - 2, None),
            (here - 1, Some(here - 1)),
            (here, Some(here)),
            (here + 1, Some(here + 1)),
            (here + 2, None),
        ] {
            assert_eq!(SECRET.step_of(&SECRET.code(step), now, 0), expected);
            assert_eq!(SECRET.step_of(&SECRET.code(step), now, here + 1), None);
        }
        assert_eq!(SECRET.step_of(&SECRET.code(here), now, here), None, "once is enough");
        for odd in ["", "12345", "1234567", "abcdef", "٣٣٣٣٣٣"] {
            assert_eq!(SECRET.step_of(odd, now, 0), None);
        }
    }
}
