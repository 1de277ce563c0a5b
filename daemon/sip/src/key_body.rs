//! A key that somebody presses within a call, as the body of an INFO. Older than RFC 6086 and in no standard: what Cisco's
//! gateways began (`application/dtmf-relay`), and the same without a duration (`application/dtmf`).

use std::fmt;
use std::time::Duration;

/// How long a key is pressed when nothing says it, as those who began it have it.
const USUAL: Duration = Duration::from_millis(250);
/// What is shorter is no key to who hears it (ITU-T Q.24: 40 ms), and what is longer nobody presses.
const SHORTEST: Duration = Duration::from_millis(40);
const LONGEST: Duration = Duration::from_secs(5);
/// The longest body that is looked at, in bytes.
const LONGEST_BODY: usize = 128;

/// One key. Never shown: somebody may be typing a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyBody {
    /// A digit, `*`, `#`, or `A` to `D`.
    pub key: char,
    /// For how long it is pressed, 40 ms to 5 s.
    pub lasts: Duration,
}

/// A body that says it is a key and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key of a telephone")]
pub struct NoKey;

impl fmt::Debug for KeyBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyBody(…)")
    }
}

impl KeyBody {
    /// The Content-Type under which [`KeyBody::to_bytes`] goes.
    pub const CONTENT_TYPE: &'static str = "application/dtmf-relay";

    /// A key that is pressed as long as most phones say it is.
    pub const fn of(key: char) -> Self {
        Self { key, lasts: Duration::from_millis(160) }
    }

    /// Reads a body of that Content-Type. `None` when it is of another kind.
    ///
    /// # Errors
    /// [`NoKey`] when the body is not what its type says.
    pub fn parse(content_type: &str, body: &[u8]) -> Option<Result<Self, NoKey>> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let read = if kind.eq_ignore_ascii_case(Self::CONTENT_TYPE) {
            parse_relay
        } else if kind.eq_ignore_ascii_case("application/dtmf") {
            parse_plain
        } else {
            return None;
        };
        let text = if body.len() <= LONGEST_BODY { std::str::from_utf8(body).ok() } else { None };
        Some(text.and_then(read).ok_or(NoKey))
    }

    /// The body as it is sent.
    pub fn to_bytes(self) -> Vec<u8> {
        format!("Signal={}\r\nDuration={}\r\n", self.key, self.lasts.as_millis()).into_bytes()
    }
}

/// `Signal=5` and `Duration=160`, a line each, in either order; the duration may be missing.
fn parse_relay(text: &str) -> Option<KeyBody> {
    let (mut key, mut lasts) = (None, USUAL);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once('=')?;
        match name.trim() {
            name if name.eq_ignore_ascii_case("Signal") && key.is_none() => key = Some(key_named(value.trim())?),
            name if name.eq_ignore_ascii_case("Duration") => {
                let milliseconds: u32 = value.trim().parse().ok()?;
                lasts = Duration::from_millis(milliseconds.into()).clamp(SHORTEST, LONGEST);
            }
            _ => return None,
        }
    }
    Some(KeyBody { key: key?, lasts })
}

fn parse_plain(text: &str) -> Option<KeyBody> {
    Some(KeyBody { key: key_named(text.trim())?, lasts: USUAL })
}

/// A key by itself, or by the number of its event (RFC 4733 3.2), as some write `*` and `#`.
fn key_named(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let key = match (characters.next()?.to_ascii_uppercase(), characters.as_str()) {
        ('1', "0") => '*',
        ('1', "1") => '#',
        ('1', "2") => 'A',
        ('1', "3") => 'B',
        ('1', "4") => 'C',
        ('1', "5") => 'D',
        (key, "") => key,
        _ => return None,
    };
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D').then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(kind: &str, body: &str) -> Option<Result<(char, u128), NoKey>> {
        KeyBody::parse(kind, body.as_bytes()).map(|read| read.map(|body| (body.key, body.lasts.as_millis())))
    }

    #[test]
    fn a_key_is_read_in_every_way_that_phones_write_it() {
        for (kind, body, key, ms) in [
            ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5', 160),
            ("application/dtmf-relay", "Signal= 5\r\nDuration= 160", '5', 160),
            ("Application/DTMF-Relay ; charset=utf-8", "duration=100\nsignal=*\n", '*', 100),
            ("application/dtmf-relay", "Signal=11\r\n", '#', 250),
            ("application/dtmf-relay", "Signal=d\r\nDuration=0\r\n", 'D', 40),
            ("application/dtmf-relay", "Signal=0\r\nDuration=4294967295\r\n", '0', 5000),
            ("application/dtmf", "7", '7', 250),
            ("application/dtmf", "10\r\n", '*', 250),
        ] {
            assert_eq!(read(kind, body), Some(Ok((key, ms))), "{kind}: {body:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_what_is_of_another_kind_is_left_to_others() {
        for (kind, body) in [
            ("application/dtmf-relay", ""),
            ("application/dtmf-relay", "5"),
            ("application/dtmf-relay", "Duration=160\r\n"),
            ("application/dtmf-relay", "Signal=5\r\nDuration=soon\r\n"),
            ("application/dtmf-relay", "Signal=5\r\nSignal=6\r\n"),
            ("application/dtmf-relay", "Signal=16\r\nDuration=160\r\n"),
            ("application/dtmf-relay", "Signal=\u{665}\r\n"),
            ("application/dtmf", "55"),
            ("application/dtmf", "x"),
            ("application/dtmf", ""),
        ] {
            assert_eq!(read(kind, body), Some(Err(NoKey)), "{kind}: {body:?}");
        }
        assert_eq!(read("application/dtmf-relay", &"\r\n".repeat(65)), Some(Err(NoKey)));
        assert_eq!(read("application/media_control+xml", "<x/>"), None);
        assert_eq!(read("", "5"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_is_never_shown(at in 0..16_usize, ms in 40..5000_u64) {
            let key = char::from(b"0123456789*#ABCD"[at]);
            let body = KeyBody { key, lasts: Duration::from_millis(ms) };
            prop_assert_eq!(KeyBody::parse(KeyBody::CONTENT_TYPE, &body.to_bytes()), Some(Ok(body)));
            prop_assert_eq!(format!("{body:?}"), "KeyBody(…)");
        }

        #[test]
        fn any_bytes_are_a_key_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(KeyBody::parse("application/dtmf-relay", &body).is_some());
        }
    }
}
