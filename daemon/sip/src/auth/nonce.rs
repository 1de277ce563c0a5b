//! Nonces that carry their own time and seal (RFC 7616 5.4), and the counts of those in use.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hashbrown::HashMap;
use ring::hmac;

/// How long a nonce is good. Long enough that a phone re-registers several times on one, short enough that a captured
/// answer soon is worthless.
const LIFETIME: Duration = Duration::from_secs(300);
/// How many nonces' counts are remembered; beyond it the older half is forgotten and their users are asked again as stale.
const REMEMBERED: usize = 20_000;
/// Counts may come out of order over UDP by this much (a bit each).
const WINDOW: u32 = 64;

/// What a nonce turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NonceState {
    /// Ours and young.
    Fresh(u64),
    /// Ours, and too old, or its count was forgotten.
    Old,
    /// Not ours.
    Foreign,
}

/// Makes nonces and remembers the counts of those that proved a secret.
#[derive(Debug)]
pub(super) struct Nonces {
    key: hmac::Key,
    epoch: Option<Instant>,
    serial: u64,
    counts: HashMap<u64, Count>,
    older: HashMap<u64, Count>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    highest: u32,
    seen: u64,
}

impl Nonces {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        Self { key, epoch: None, serial: 0, counts: HashMap::new(), older: HashMap::new() }
    }

    fn millis(&mut self, now: Instant) -> u64 {
        let epoch = *self.epoch.get_or_insert(now);
        u64::try_from(now.saturating_duration_since(epoch).as_millis()).unwrap_or(u64::MAX)
    }

    /// Time and serial number under a seal of 16 bytes.
    pub(super) fn issue(&mut self, now: Instant) -> String {
        self.serial += 1;
        let mut text = [0u8; 32];
        text[..8].copy_from_slice(&self.millis(now).to_be_bytes());
        text[8..16].copy_from_slice(&self.serial.to_be_bytes());
        let seal = hmac::sign(&self.key, &text[..16]);
        text[16..].copy_from_slice(&seal.as_ref()[..16]);
        URL_SAFE_NO_PAD.encode(text)
    }

    pub(super) fn state(&mut self, now: Instant, nonce: &str) -> NonceState {
        let Some(text) = URL_SAFE_NO_PAD.decode(nonce).ok().filter(|text| text.len() == 32) else {
            return NonceState::Foreign;
        };
        let seal = hmac::sign(&self.key, &text[..16]);
        let differences = seal.as_ref()[..16].iter().zip(&text[16..]).fold(0u8, |sum, (one, two)| sum | (one ^ two));
        if differences != 0 {
            return NonceState::Foreign;
        }
        let number =
            |range: std::ops::Range<usize>| text[range].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let age = self.millis(now).saturating_sub(number(0..8));
        if u128::from(age) > LIFETIME.as_millis() { NonceState::Old } else { NonceState::Fresh(number(8..16)) }
    }

    /// Notes the use of a count. False when it was used before, or lies so far back that nobody can say.
    pub(super) fn note_count(&mut self, serial: u64, count: u32) -> bool {
        let known = self.counts.get(&serial).or_else(|| self.older.get(&serial)).copied();
        let next = match known {
            None => Count { highest: count, seen: 1 },
            Some(before) if count > before.highest => {
                let seen = before.seen.checked_shl(count - before.highest).unwrap_or(0) | 1;
                Count { highest: count, seen }
            }
            Some(before) => {
                let back = before.highest - count;
                if back >= WINDOW || before.seen >> back & 1 == 1 {
                    return false;
                }
                Count { seen: before.seen | 1 << back, ..before }
            }
        };
        if self.counts.len() >= REMEMBERED / 2 {
            self.older = std::mem::take(&mut self.counts);
        }
        self.counts.insert(serial, next);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_known_again_until_it_is_too_old_and_a_forged_one_never() {
        let now = Instant::now();
        let mut nonces = Nonces::new(&[7; 32]);
        let nonce = nonces.issue(now);
        assert_eq!(nonces.state(now + LIFETIME, &nonce), NonceState::Fresh(1));
        assert_eq!(nonces.state(now + LIFETIME + Duration::from_millis(1), &nonce), NonceState::Old);
        assert_eq!(Nonces::new(&[8; 32]).state(now, &nonce), NonceState::Foreign);
        for forged in ["", "x", &nonce[1..], &nonce.replace(&nonce[5..6], "!")] {
            assert_eq!(nonces.state(now, forged), NonceState::Foreign);
        }
    }

    #[test]
    fn a_count_is_good_once_also_out_of_order() {
        let mut nonces = Nonces::new(&[7; 32]);
        let used: Vec<bool> =
            [1, 2, 5, 4, 4, 3, 5, 200, 100, 199].iter().map(|&count| nonces.note_count(1, count)).collect();
        assert_eq!(used, [true, true, true, true, false, true, false, true, false, true]);
    }
}
