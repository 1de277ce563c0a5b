//! Evidence: which fingerprint was seen, what should have come, and what came. Bounded, and without secrets.

use std::fmt;
use std::time::Instant;

use crate::active::Probe;
use crate::passive::{Fingerprint, Symptom};

/// Pieces of evidence kept for one path.
pub const KEPT: usize = 8;
/// Characters kept of what was expected and of what came.
const LONGEST: usize = 160;

/// What gave a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// An ordinary message.
    Seen(Fingerprint),
    /// A call that went wrong.
    Call(Symptom),
    /// A question of the doctor's own.
    Probe(Probe),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seen(fingerprint) => fmt::Display::fmt(fingerprint, f),
            Self::Call(symptom) => fmt::Display::fmt(symptom, f),
            Self::Probe(probe) => fmt::Display::fmt(probe, f),
        }
    }
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What gave it.
    pub source: Source,
    /// What should have come, shortened, without secrets.
    pub expected: Text,
    /// What came, shortened, without secrets; empty when nothing came.
    pub came: Text,
    /// When it was seen last.
    pub at: Instant,
}

/// A short text of a message, on one line, with whatever could be a secret masked.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Text(Box<str>);

impl Text {
    /// Of bytes that a peer sent.
    pub fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let line: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).take(LONGEST).collect();
        let cut = line.len() < text.len() && line.chars().count() == LONGEST;
        let mut masked = mask(&line);
        if cut {
            masked.push('…');
        }
        Self(masked.into())
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::of(text.as_bytes())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Words behind which a secret may stand: digest answers and their nonces, SDES keys, passwords in URIs.
const SECRET_AFTER: [&str; 8] =
    ["response=", "nonce=", "opaque=", "inline:", "password=", "digest ", "basic ", "bearer "];

/// Everything from the first word on behind which a secret may stand is left out, and the password of a URI with it.
fn mask(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let secret = SECRET_AFTER.iter().filter_map(|word| Some(lower.find(word)? + word.len())).min();
    let kept = secret.and_then(|end| line.get(..end)).map_or_else(|| line.to_owned(), |kept| format!("{kept}…"));
    mask_passwords(&kept)
}

/// `sip:user:password@host` becomes `sip:user:…@host`.
fn mask_passwords(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        let user_at = before.rfind("sip:").or_else(|| before.rfind("sips:")).map(|scheme| scheme + 4);
        let colon = user_at.and_then(|user| before.get(user..)?.find(':').map(|colon| user + colon));
        match colon.and_then(|colon| before.get(..=colon)) {
            Some(user) => out.extend([user, "…@"]),
            None => out.extend([before, "@"]),
        }
        rest = after.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Text::from(text).as_str().to_owned()
    }

    #[test]
    fn an_answer_to_a_challenge_is_never_shown() {
        let shown = shown("Authorization: Digest username=\"office\", nonce=\"abcd\", response=\"6629fae4\"");
        assert_eq!(shown, "Authorization: Digest …");
    }

    #[test]
    fn a_key_in_a_description_is_never_shown() {
        assert_eq!(
            shown("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19z"),
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:…"
        );
    }

    #[test]
    fn a_password_in_a_uri_is_never_shown() {
        assert_eq!(shown("<sip:201:geheim@192.168.1.50>"), "<sip:201:…@192.168.1.50>");
        assert_eq!(shown("<sip:201@192.168.1.50:5060>"), "<sip:201@192.168.1.50:5060>");
    }

    #[test]
    fn a_text_is_one_short_line() {
        let shown = shown(&format!("a\r\nb{}", "x".repeat(1_000)));
        assert!(shown.starts_with("a  bxxx") && shown.chars().count() <= LONGEST + 1, "{shown}");
    }
}
