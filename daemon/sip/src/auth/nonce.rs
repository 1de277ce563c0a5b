//! Nonces that carry their own time and seal (RFC 7616 5.4), and the counts of those in use. The seal covers for whom it was made:
//! whoever echoes one is really there, and one that was sent elsewhere is worth nothing.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hashbrown::HashMap;
use ring::hmac;

/// How long a nonce is good. Long enough that a phone re-registers several times on one, short enough that a captured
/// answer soon is worthless.
const LIFETIME: Duration = Duration::from_secs(300);
/// How long one that repeats is good. A user agent with a wrong secret gives the same answer to it for as long.
const REPEATED: Duration = Duration::from_secs(24 * 3600);
/// Set in the serial of one that repeats.
const REPEATS: u64 = 1 << 63;
/// How many nonces' counts are remembered; beyond it the older half is forgotten and their users are asked again as stale.
const REMEMBERED: usize = 20_000;
/// Counts may come out of order over UDP by this much (a bit each).
const WINDOW: u32 = 64;

/// What a nonce turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NonceState {
    /// Ours and young.
    Fresh(u64),
    /// Ours, and the one that is repeated to that source for that user.
    Repeated(u64),
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
    /// Nonces up to this serial may have been used and forgotten.
    forgotten: u64,
    /// One that repeats was forgotten; of those that are not known nobody can say any more whether they were used.
    forgot_repeated: bool,
}

/// What the use of a count is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Its first.
    First,
    /// One more, or it lies so far back that nobody can say.
    Again,
    /// Nothing is known of its nonce any more.
    Forgotten,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    highest: u32,
    seen: u64,
}

impl Nonces {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let (counts, older) = (HashMap::new(), HashMap::new());
        Self { key, epoch: None, serial: 0, counts, older, forgotten: 0, forgot_repeated: false }
    }

    fn millis(&mut self, now: Instant) -> u64 {
        let epoch = *self.epoch.get_or_insert(now);
        u64::try_from(now.saturating_duration_since(epoch).as_millis()).unwrap_or(u64::MAX)
    }

    /// Time and serial number under a seal of 16 bytes.
    pub(super) fn issue(&mut self, now: Instant, source: IpAddr) -> String {
        self.serial += 1;
        let millis = self.millis(now);
        self.sealed(millis, self.serial & !REPEATS, source)
    }

    /// The same text for the same source and user all day long.
    pub(super) fn repeat(&mut self, now: Instant, source: IpAddr, user: &str) -> String {
        let day = u64::try_from(REPEATED.as_millis()).unwrap_or(u64::MAX);
        let began = self.millis(now) / day * day;
        let mut of = hmac::Context::with_key(&self.key);
        of.update(&began.to_be_bytes());
        of.update(&octets(source));
        of.update(user.as_bytes());
        let serial = of.sign().as_ref().iter().take(8).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        self.sealed(began, serial | REPEATS, source)
    }

    fn sealed(&self, millis: u64, serial: u64, source: IpAddr) -> String {
        let mut text = [0u8; 32];
        text[..8].copy_from_slice(&millis.to_be_bytes());
        text[8..16].copy_from_slice(&serial.to_be_bytes());
        let seal = self.seal(&text[..16], source);
        text[16..].copy_from_slice(&seal.as_ref()[..16]);
        URL_SAFE_NO_PAD.encode(text)
    }

    fn seal(&self, text: &[u8], source: IpAddr) -> hmac::Tag {
        let mut seal = hmac::Context::with_key(&self.key);
        seal.update(text);
        seal.update(&octets(source));
        seal.sign()
    }

    pub(super) fn state(&mut self, now: Instant, source: IpAddr, nonce: &str) -> NonceState {
        let mut text = [0; 33];
        if URL_SAFE_NO_PAD.decode_slice(nonce, &mut text) != Ok(32) {
            return NonceState::Foreign;
        }
        let seal = self.seal(&text[..16], source);
        let differences = seal.as_ref()[..16].iter().zip(&text[16..32]).fold(0u8, |sum, (one, two)| sum | (one ^ two));
        if differences != 0 {
            return NonceState::Foreign;
        }
        let number =
            |range: std::ops::Range<usize>| text[range].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let age = self.millis(now).saturating_sub(number(0..8));
        let serial = number(8..16);
        match serial & REPEATS {
            0 if u128::from(age) <= LIFETIME.as_millis() => NonceState::Fresh(serial),
            REPEATS if u128::from(age) <= (REPEATED + LIFETIME).as_millis() => NonceState::Repeated(serial),
            _ => NonceState::Old,
        }
    }

    /// Notes the use of a count.
    pub(super) fn note_count(&mut self, serial: u64, count: u32) -> Use {
        let known = self.counts.get(&serial).or_else(|| self.older.get(&serial)).copied();
        let next = match known {
            None if self.may_have_forgotten(serial) => return Use::Forgotten,
            None => Count { highest: count, seen: 1 },
            Some(before) if count > before.highest => {
                let seen = before.seen.checked_shl(count - before.highest).unwrap_or(0) | 1;
                Count { highest: count, seen }
            }
            Some(before) => {
                let back = before.highest - count;
                if back >= WINDOW || before.seen >> back & 1 == 1 {
                    return Use::Again;
                }
                Count { seen: before.seen | 1 << back, ..before }
            }
        };
        if self.counts.len() >= REMEMBERED / 2 {
            let newer = std::mem::take(&mut self.counts);
            let dropped = std::mem::replace(&mut self.older, newer);
            let (repeated, once): (Vec<u64>, Vec<u64>) = dropped.keys().partition(|serial| **serial & REPEATS != 0);
            self.forgotten = once.into_iter().fold(self.forgotten, u64::max);
            self.forgot_repeated |= !repeated.is_empty();
        }
        self.counts.insert(serial, next);
        Use::First
    }

    /// Whether a nonce of which nothing is known may have been used before.
    const fn may_have_forgotten(&self, serial: u64) -> bool {
        if serial & REPEATS == 0 { serial <= self.forgotten } else { self.forgot_repeated }
    }
}

/// An address as it is sealed: IPv4 as IPv6, so that it is the same however it was heard.
fn octets(source: IpAddr) -> [u8; 16] {
    match source.to_canonical() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_nonce_is_known_again_until_it_is_too_old_and_a_forged_one_never() {
        let now = Instant::now();
        let mut nonces = Nonces::new(&[7; 32]);
        let nonce = nonces.issue(now, HERE);
        assert_eq!(nonces.state(now + LIFETIME, HERE, &nonce), NonceState::Fresh(1));
        assert_eq!(nonces.state(now + LIFETIME + Duration::from_millis(1), HERE, &nonce), NonceState::Old);
        assert_eq!(Nonces::new(&[8; 32]).state(now, HERE, &nonce), NonceState::Foreign);
        for forged in ["", "x", &nonce[1..], &nonce.replace(&nonce[5..6], "!")] {
            assert_eq!(nonces.state(now, HERE, forged), NonceState::Foreign);
        }
    }

    #[test]
    fn a_nonce_is_worth_nothing_elsewhere() {
        let (now, mut nonces) = (Instant::now(), Nonces::new(&[7; 32]));
        for nonce in [nonces.issue(now, HERE), nonces.repeat(now, HERE, "201")] {
            assert_eq!(nonces.state(now, THERE, &nonce), NonceState::Foreign);
        }
    }

    #[test]
    fn the_repeated_one_is_the_same_for_a_source_and_user_all_day_and_another_for_others() {
        let (now, mut nonces) = (Instant::now(), Nonces::new(&[7; 32]));
        nonces.issue(now, HERE);
        let nonce = nonces.repeat(now, HERE, "201");
        assert_eq!(nonces.repeat(now + REPEATED - Duration::from_secs(1), HERE, "201"), nonce);
        assert!(matches!(nonces.state(now + REPEATED, HERE, &nonce), NonceState::Repeated(_)));
        assert_ne!(nonces.repeat(now, THERE, "201"), nonce);
        assert_ne!(nonces.repeat(now, HERE, "202"), nonce);
        assert_ne!(nonces.repeat(now + REPEATED, HERE, "201"), nonce);
        assert_eq!(nonces.state(now + REPEATED + LIFETIME + Duration::from_secs(1), HERE, &nonce), NonceState::Old);
    }

    #[test]
    fn a_count_is_good_once_also_out_of_order() {
        let mut nonces = Nonces::new(&[7; 32]);
        let mut is_first = |count| nonces.note_count(1, count) == Use::First;
        let used: Vec<bool> = [1, 2, 5, 4, 4, 3, 5, 200, 100, 199].into_iter().map(&mut is_first).collect();
        assert_eq!(used, [true, true, true, true, false, true, false, true, false, true]);
    }
}
